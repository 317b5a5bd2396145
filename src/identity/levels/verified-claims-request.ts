// What a client asks for in `verified_claims`, read strictly; OpenID Connect for Identity Assurance 1.0, section 5 (requesting), OpenID Connect Core 5.5.1.

import { asObject, type JsonObject, objectAt, textAt } from '../../kernel/words/members.ts';

/** What is asked of one value: `null` in the request asks for it as it is. */
export interface ValueRequest {
  /** Values that satisfy; `undefined`: any. */
  readonly values?: readonly unknown[];
  /** Of values that are times: how old they may be. */
  readonly maxAgeSeconds?: number;
}

/** A request for an element: a value, an object with members, or a list of which one filter must match. */
export type ElementRequest =
  | { readonly kind: 'value'; readonly value: ValueRequest }
  | { readonly kind: 'members'; readonly members: ReadonlyMap<string, ElementRequest> }
  | { readonly kind: 'any-of'; readonly filters: readonly ElementRequest[] };

export interface VerifiedClaimsRequest {
  readonly verification: ReadonlyMap<string, ElementRequest>;
  readonly claims: ReadonlyMap<string, ValueRequest>;
}

/** Generous for any form that a person has to agree to; every one of them is work at each token. */
const maxRequests = 5;
const maxMembers = 40;
const maxValues = 20;
const maxDepth = 6;

/** Under this name a list of requests travels through the OIDC engine, which passes on objects only. */
const listMember = 'each';

/** The requests, or what is wrong with them in words for a developer. */
export function readVerifiedClaims(value: unknown): readonly VerifiedClaimsRequest[] | string {
  const list = Array.isArray(value) ? value : (listedIn(value) ?? [value]);
  if (list.length === 0 || list.length > maxRequests) return `verified_claims has 1 to ${maxRequests} elements`;
  const requests: VerifiedClaimsRequest[] = [];
  for (const item of list) {
    const request = readRequest(item);
    if (typeof request === 'string') return request;
    requests.push(request);
  }
  return requests;
}

/** The same request as an object, whether it was one or a list. */
export function asEngineObject(value: unknown): unknown {
  return Array.isArray(value) ? { [listMember]: value } : value;
}

function listedIn(value: unknown): readonly unknown[] | undefined {
  const object = asObject(value);
  const list = object?.[listMember];
  return Array.isArray(list) && object !== undefined && Object.keys(object).length === 1 ? list : undefined;
}

function readRequest(item: unknown): VerifiedClaimsRequest | string {
  const object = asObject(item);
  const members = object && Object.keys(object).sort().join();
  if (object === undefined || members !== 'claims,verification')
    return 'an element of verified_claims has verification and claims';
  const verification = readMembers(object['verification'], 'verification', 0);
  if (typeof verification === 'string') return verification;
  const framework = verification.get('trust_framework');
  if (framework?.kind !== 'value') return 'verification asks for trust_framework, by null or an object';
  const evidence = asObject(object['verification'])?.['evidence'];
  if (evidence !== undefined && !isEvidenceFilter(evidence))
    return 'evidence is a list of objects, each with a type that has one value';
  const asked = asObject(object['claims']);
  const names = asked === undefined ? [] : Object.keys(asked);
  if (asked === undefined || names.length === 0 || names.length > maxMembers)
    return `claims has 1 to ${maxMembers} members`;
  const claims = new Map<string, ValueRequest>();
  for (const name of names) {
    const request = readValue(asked[name], `claims.${name}`);
    if (typeof request === 'string') return request;
    claims.set(name, request);
  }
  return { verification, claims };
}

/** Section 5.4: a filter of evidence names its type by `value`, never by `values`. */
function isEvidenceFilter(evidence: unknown): boolean {
  return (
    Array.isArray(evidence) &&
    evidence.every((filter) => textAt(objectAt(asObject(filter), 'type'), 'value') !== undefined)
  );
}

function readMembers(value: unknown, path: string, depth: number): ReadonlyMap<string, ElementRequest> | string {
  const object = asObject(value);
  if (object === undefined) return `${shown(path)} is an object`;
  const names = Object.keys(object);
  if (names.length > maxMembers || depth > maxDepth) return `${shown(path)} is too large`;
  const members = new Map<string, ElementRequest>();
  for (const name of names) {
    const request = readElement(object[name], `${path}.${name}`, depth + 1);
    if (typeof request === 'string') return request;
    members.set(name, request);
  }
  return members;
}

const valueMembers = ['value', 'values', 'max_age', 'essential', 'purpose'];

function readElement(value: unknown, path: string, depth: number): ElementRequest | string {
  if (Array.isArray(value)) {
    if (value.length === 0 || value.length > maxValues) return `${shown(path)} has 1 to ${maxValues} entries`;
    const filters: ElementRequest[] = [];
    for (const item of value) {
      const members = readMembers(item, path, depth);
      if (typeof members === 'string') return members;
      filters.push({ kind: 'members', members });
    }
    return { kind: 'any-of', filters };
  }
  const object = asObject(value);
  const isLeaf =
    value === null || (object !== undefined && Object.keys(object).every((name) => valueMembers.includes(name)));
  if (!isLeaf) {
    const members = readMembers(value, path, depth);
    return typeof members === 'string' ? members : { kind: 'members', members };
  }
  const request = readValue(value, path);
  return typeof request === 'string' ? request : { kind: 'value', value: request };
}

/** OpenID Connect Core 5.5.1. `essential` changes nothing here: section 5.7 gives the same answer either way. */
function readValue(value: unknown, path: string): ValueRequest | string {
  if (value === null) return {};
  const object = asObject(value);
  if (object === undefined) return `${shown(path)} is null or an object`;
  const { value: one, values, max_age: maxAge, essential, purpose } = object;
  if (one !== undefined && values !== undefined) return `${shown(path)} has value or values`;
  if (values !== undefined && (!Array.isArray(values) || values.length === 0 || values.length > maxValues))
    return `${shown(path)}.values is a list of 1 to ${maxValues}`;
  if (maxAge !== undefined && (typeof maxAge !== 'number' || !Number.isFinite(maxAge) || maxAge < 0))
    return `${shown(path)}.max_age is a number of seconds`;
  if (essential !== undefined && typeof essential !== 'boolean') return `${shown(path)}.essential is true or false`;
  if (purpose !== undefined && !isPurpose(purpose)) return `${shown(path)}.purpose has 3 to 300 characters`;
  const wanted: readonly unknown[] | undefined = Array.isArray(values) ? values : one === undefined ? undefined : [one];
  return {
    ...(wanted === undefined ? {} : { values: wanted }),
    ...(typeof maxAge === 'number' ? { maxAgeSeconds: maxAge } : {}),
  };
}

function isPurpose(value: JsonObject[string]): boolean {
  return typeof value === 'string' && value.length >= 3 && value.length <= 300;
}

/** Names come from the request: what goes into an error is short and plain. */
function shown(path: string): string {
  return path.replaceAll(/[^A-Za-z0-9_.]/g, '?').slice(0, 80);
}
