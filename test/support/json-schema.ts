// A small checker of JSON Schema (2020-12), as much of it as openapi.yaml uses; a keyword it does not know is an error, never ignored.

import { isDeepStrictEqual } from 'node:util';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of member names, `undefined` when it is not there. */
export function memberOf(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) => (isObject(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined),
    value,
  );
}

/** A JSON Pointer in fragment form (RFC 6901, 6) within `root`; throws when it leads nowhere. */
export function resolveReference(root: unknown, reference: string): unknown {
  const names = reference.split('/').slice(1);
  const found = memberOf(root, ...names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~')));
  if (!reference.startsWith('#/') || found === undefined) throw new Error(`${reference} leads nowhere`);
  return found;
}

/** Annotations say something to people only. */
const annotations = new Set(['description', 'title', 'example', 'examples', 'default', '$comment']);

/** Every place of `value` that is not as `schema` says, as `pointer: reason`. Throws for a schema that is none. */
export function schemaFaults(root: unknown, schema: unknown, value: unknown, at = ''): string[] {
  if (schema === true) return [];
  if (!isObject(schema)) throw new Error(`no schema for ${at}`);
  return Object.entries(schema).flatMap(([keyword, rule]) => {
    if (annotations.has(keyword)) return [];
    const check = keywords[keyword];
    if (check === undefined) throw new Error(`the checker does not know the keyword ${keyword}`);
    const told = check({ root, schema, rule, value, at });
    return typeof told === 'string' ? [`${at || '/'}: ${told}`] : told;
  });
}

interface Place {
  readonly root: unknown;
  readonly schema: JsonObject;
  readonly rule: unknown;
  readonly value: unknown;
  readonly at: string;
}

type Check = (place: Place) => string | string[];

const fine: string[] = [];

const keywords: Readonly<Record<string, Check>> = {
  $ref: ({ root, rule, value, at }) => schemaFaults(root, resolveReference(root, String(rule)), value, at),
  type: ({ rule, value }) =>
    listOf(rule).some((name) => types[String(name)]?.(value)) ? fine : `is not ${String(rule)}`,
  const: ({ rule, value }) => (isDeepStrictEqual(rule, value) ? fine : `is not ${JSON.stringify(rule)}`),
  enum: ({ rule, value }) =>
    listOf(rule).some((one) => isDeepStrictEqual(one, value)) ? fine : `${JSON.stringify(value)} is not in the list`,
  properties: ({ root, rule, value, at }) =>
    entriesOf(rule).flatMap(([name, inner]) =>
      isObject(value) && Object.hasOwn(value, name) ? schemaFaults(root, inner, value[name], `${at}/${name}`) : [],
    ),
  required: ({ rule, value }) => {
    const missing = listOf(rule).filter((name) => isObject(value) && !Object.hasOwn(value, String(name)));
    return missing.length === 0 ? fine : `lacks ${missing.join(', ')}`;
  },
  additionalProperties: ({ root, schema, rule, value, at }) => {
    const known = new Set(entriesOf(schema['properties']).map(([name]) => name));
    const more = entriesOf(value).filter(([name]) => !known.has(name));
    if (rule === false) return more.length === 0 ? fine : `has ${more.map(([name]) => name).join(', ')} besides`;
    return more.flatMap(([name, inner]) => schemaFaults(root, isEmpty(rule) ? true : rule, inner, `${at}/${name}`));
  },
  propertyNames: ({ root, rule, value, at }) =>
    entriesOf(value).flatMap(([name]) => schemaFaults(root, rule, name, `${at}/${name}`)),
  items: ({ root, rule, value, at }) =>
    Array.isArray(value) ? value.flatMap((item, index) => schemaFaults(root, rule, item, `${at}/${index}`)) : fine,
  minItems: ({ rule, value }) => (Array.isArray(value) && value.length < Number(rule) ? 'has too few items' : fine),
  maxItems: ({ rule, value }) => (Array.isArray(value) && value.length > Number(rule) ? 'has too many items' : fine),
  anyOf: ({ root, rule, value, at }) =>
    listOf(rule).some((one) => schemaFaults(root, one, value, at).length === 0) ? fine : 'is none of the alternatives',
  oneOf: ({ root, rule, value, at }) =>
    listOf(rule).filter((one) => schemaFaults(root, one, value, at).length === 0).length === 1
      ? fine
      : 'is not exactly one of the alternatives',
  pattern: ({ rule, value }) =>
    typeof value !== 'string' || new RegExp(String(rule), 'u').test(value) ? fine : `does not match ${String(rule)}`,
  minLength: ({ rule, value }) =>
    typeof value === 'string' && Array.from(value).length < Number(rule) ? 'is too short' : fine,
  maxLength: ({ rule, value }) =>
    typeof value === 'string' && Array.from(value).length > Number(rule) ? 'is too long' : fine,
  minimum: ({ rule, value }) => (typeof value === 'number' && value < Number(rule) ? 'is too small' : fine),
  maximum: ({ rule, value }) => (typeof value === 'number' && value > Number(rule) ? 'is too large' : fine),
  exclusiveMinimum: ({ rule, value }) => (typeof value === 'number' && value <= Number(rule) ? 'is too small' : fine),
  format: ({ rule, value }) => {
    const form = formats[String(rule)];
    if (form === undefined) throw new Error(`the checker does not know the format ${String(rule)}`);
    return typeof value !== 'string' || form.test(value) ? fine : `is no ${String(rule)}`;
  },
};

const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  integer: (value) => Number.isSafeInteger(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

const formats: Readonly<Record<string, RegExp>> = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
  binary: /^/,
};

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function entriesOf(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}

function isEmpty(rule: unknown): boolean {
  return isObject(rule) && Object.keys(rule).length === 0;
}
