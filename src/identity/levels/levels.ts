// Real-name levels as `acr` values and what a login's strength allows; OpenID Connect Core 5.5.1.1, RFC 8176, RFC 9470.

import { acrPrefix, type RealNameLevel } from '../../kernel/principal.ts';

const provenLevels = [1, 2, 3, 4, 5] as const;

/** `acr` values in ascending order. */
export const acrValues: readonly string[] = provenLevels.map((level) => `${acrPrefix}${level}`);

/** The `acr` of a level; `undefined` for level 0, which is no authentication. */
export function acrOf(level: RealNameLevel): string | undefined {
  return level === 0 ? undefined : `${acrPrefix}${level}`;
}

/** 0 when the text is none of our values. */
export function levelOfAcr(acr: unknown): RealNameLevel {
  return provenLevels.find((level) => acr === `${acrPrefix}${level}`) ?? 0;
}

/** `fed`: another platform's login, one factor that nobody here has seen. */
const known = ['pwd', 'pin', 'fed'];
const held = ['otp', 'sms', 'swk', 'hwk', 'sc'];
const inherent = ['face', 'fpt'];

/** `mfa` stands in for a second one where the names cannot tell: a passkey that checked its holder (RFC 8176 section 2). */
export function factorsIn(amr: readonly string[]): number {
  const factors = [known, held, inherent].filter((names) => names.some((name) => amr.includes(name))).length;
  return amr.includes('mfa') ? Math.max(2, factors) : factors;
}

/** Keys that sign for one site only: nobody can be talked into giving their answer to another. */
const phishingResistant = ['swk', 'hwk', 'sc'];

/**
 * The highest level that a login with these methods (RFC 8176 names) can stand for, whoever the account belongs to: one factor
 * 3, two factors 4, two of which one is a key that resists phishing 5 (NIST SP 800-63B AAL1, AAL2, AAL2 resistant to phishing).
 */
export function strengthOf(amr: readonly string[]): RealNameLevel {
  if (amr.length === 0) return 0;
  if (factorsIn(amr) < 2) return 3;
  return phishingResistant.some((name) => amr.includes(name)) ? 5 : 4;
}

export function lowerLevel(a: RealNameLevel, b: RealNameLevel): RealNameLevel {
  return a < b ? a : b;
}

/** What a client asked about `acr`, as it stands in the parameters of its authorization request. */
export interface AcrWish {
  /** The lowest level that satisfies the request; Infinity when it names no level of ours as essential. 0: nothing asked. */
  readonly floor: number;
  /** The levels that the ID token may name, when the claim is essential with values. */
  readonly essential: readonly RealNameLevel[] | undefined;
}

/**
 * Reads `acr_values` and the essential `acr` of the `claims` parameter. Values that are not ours are no wish. `clientFloor` is the
 * client's own, as registered: no request lowers it.
 */
export function acrWish(
  params: { readonly acr_values?: unknown; readonly claims?: unknown },
  clientFloor: RealNameLevel,
): AcrWish {
  const voluntary = typeof params.acr_values === 'string' ? levelsIn(params.acr_values.split(' ')) : [];
  // A duty that lies below the client's own floor cannot be met: the ID token may name neither.
  const essential = essentialLevels(params.claims)?.filter((level) => level >= clientFloor);
  const floors: number[] = [
    clientFloor,
    voluntary.length > 0 ? Math.min(...voluntary) : 0,
    essential === undefined ? 0 : Math.min(...essential), // Infinity when it names none of ours
  ];
  return { floor: Math.max(...floors), essential };
}

/**
 * Whether a login may still be used for a client: not when it claims more than the account has now, and not when it is below a floor
 * that the client may have got meanwhile.
 */
export function stillStands(login: RealNameLevel, account: RealNameLevel, clientFloor: RealNameLevel): boolean {
  return login <= account && login >= clientFloor;
}

/** The level of a token that is made from a token: never above either, `undefined` below the floor of a client on its way. */
export function exchangedLevel(
  token: RealNameLevel,
  account: RealNameLevel,
  clientFloors: readonly RealNameLevel[],
): RealNameLevel | undefined {
  const level = lowerLevel(token, account);
  return clientFloors.some((floor) => level < floor) ? undefined : level;
}

/** The floor in a client's registration; 0 when it has none. */
export function floorOfClient(metadata: { readonly [name: string]: unknown } | undefined): RealNameLevel {
  return provenLevels.find((level) => level === metadata?.['level_floor']) ?? 0;
}

/** The level that the ID token may name for a login of `level`: one that was asked for, if the claim is essential. */
export function answeredLevel(level: RealNameLevel, wish: AcrWish): RealNameLevel {
  if (wish.essential === undefined) return level;
  return wish.essential.filter((asked) => asked <= level).reduce(higherLevel, 0);
}

function higherLevel(a: RealNameLevel, b: RealNameLevel): RealNameLevel {
  return a > b ? a : b;
}

function levelsIn(values: readonly unknown[]): RealNameLevel[] {
  return values.map(levelOfAcr).filter((level) => level > 0);
}

function essentialLevels(claims: unknown): RealNameLevel[] | undefined {
  if (typeof claims !== 'string') return undefined;
  const acr = member(member(parsed(claims), 'id_token'), 'acr');
  if (member(acr, 'essential') !== true) return undefined;
  const value = member(acr, 'value');
  const values = member(acr, 'values');
  if (value === undefined && values === undefined) return undefined;
  return levelsIn([...(value === undefined ? [] : [value]), ...(Array.isArray(values) ? values : [])]);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(name);
}
