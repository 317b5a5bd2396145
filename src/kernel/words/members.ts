// Reads members of JSON that came over the wire: a member that is absent or of another type is `undefined`, never a guess.

export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectAt(parent: JsonObject | undefined, name: string): JsonObject | undefined {
  return asObject(parent?.[name]);
}

/** A text that is not empty. */
export function textAt(parent: JsonObject | undefined, name: string): string | undefined {
  const value = parent?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function numberAt(parent: JsonObject | undefined, name: string): number | undefined {
  const value = parent?.[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function booleanAt(parent: JsonObject | undefined, name: string): boolean | undefined {
  const value = parent?.[name];
  return typeof value === 'boolean' ? value : undefined;
}

/** The objects of a list; `undefined` when it is no list or one of its items is no object. */
export function objectsAt(parent: JsonObject | undefined, name: string): readonly JsonObject[] | undefined {
  const value = parent?.[name];
  if (!Array.isArray(value)) return undefined;
  const objects = value.map(asObject);
  return objects.every((item) => item !== undefined) ? objects : undefined;
}
