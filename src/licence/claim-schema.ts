// The claims a licence type asks for, declared as data, and the checker that names every fault by its JSON Pointer (RFC 6901).

import { dayNumber } from '../credential/calendar-day.ts';
import { TrustError } from '../kernel/errors.ts';

export interface Title {
  readonly zh: string;
  readonly en: string;
}

/** One information item (照面信息项) of a licence type. */
export interface ClaimDefinition {
  readonly name: string;
  readonly title: Title;
  readonly kind: 'string' | 'date' | 'integer' | 'enum';
  readonly required: boolean;
  /** Of a string: its whole value must match; ECMA-262 with the `u` flag. */
  readonly pattern?: string;
  /** Of a string, in characters. */
  readonly maxLength?: number;
  /** Of an enum. */
  readonly values?: readonly string[];
}

export type Claims = Readonly<Record<string, string | number>>;

export interface ClaimFault {
  readonly pointer: string;
  readonly reason:
    | 'required'
    | 'unknown'
    | 'wrong-type'
    | 'too-long'
    | 'wrong-form'
    | 'not-a-day'
    | 'not-in-list'
    | 'too-early';
}

const defaultMaxLength = 200;
const maxClaims = 64;

/** Every fault of `claims`; empty when they fit. Pointers begin at `base`. */
export function claimFaults(claims: Claims, definitions: readonly ClaimDefinition[], base: string): ClaimFault[] {
  const known = new Set(definitions.map(({ name }) => name));
  const unknown = Object.keys(claims)
    .filter((name) => !known.has(name))
    .slice(0, maxClaims) // a hostile body must not make a longer answer
    .map((name): ClaimFault => ({ pointer: `${base}/${escaped(name)}`, reason: 'unknown' }));
  const wrong = definitions.flatMap((definition): ClaimFault[] => {
    const value = Object.hasOwn(claims, definition.name) ? claims[definition.name] : undefined;
    const reason = faultOf(value, definition);
    return reason === undefined ? [] : [{ pointer: `${base}/${escaped(definition.name)}`, reason }];
  });
  return [...wrong, ...unknown];
}

function faultOf(value: string | number | undefined, definition: ClaimDefinition): ClaimFault['reason'] | undefined {
  if (value === undefined) return definition.required ? 'required' : undefined;
  if (definition.kind === 'integer') return Number.isSafeInteger(value) ? undefined : 'wrong-type';
  if (typeof value !== 'string') return 'wrong-type';
  if (definition.kind === 'date') return dayNumber(value) === undefined ? 'not-a-day' : undefined;
  if (definition.kind === 'enum') return definition.values?.includes(value) === true ? undefined : 'not-in-list';
  return textFault(value, definition);
}

function textFault(value: string, definition: ClaimDefinition): ClaimFault['reason'] | undefined {
  // The length comes first: it bounds what the pattern has to read.
  if (Array.from(value).length > (definition.maxLength ?? defaultMaxLength)) return 'too-long';
  if (definition.required && value === '') return 'required';
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/u.test(value)) return 'wrong-form'; // nothing invisible, no half characters
  if (definition.pattern === undefined) return undefined;
  return new RegExp(`^(?:${definition.pattern})$`, 'u').test(value) ? undefined : 'wrong-form';
}

/** RFC 6901 section 3. */
function escaped(name: string): string {
  return name.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1');
}

/** `malformed-request` when a catalogue entry declares claims that could not be checked. */
export function requireSoundDefinitions(definitions: readonly ClaimDefinition[]): void {
  const names = definitions.map(({ name }) => name);
  if (new Set(names).size !== names.length || names.length > maxClaims) throw unsound('names repeated or too many');
  for (const { name, kind, pattern, values } of definitions) {
    if (!/^[a-z][A-Za-z0-9]{0,63}$/.test(name)) throw unsound(`name ${name}`);
    if ((kind === 'enum') !== (values !== undefined && values.length > 0)) throw unsound(`values of ${name}`);
    if (pattern !== undefined && (kind !== 'string' || !isPattern(pattern))) throw unsound(`pattern of ${name}`);
  }
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

function unsound(what: string): TrustError {
  return new TrustError('malformed-request', `claim definitions: ${what}`);
}
