// What a login at another platform said, kept sealed between the platform's answer and the page that decides what follows from it.

import type { FieldCipher } from '../../crypto/field-cipher.ts';
import { fromBase64url, fromUtf8, toBase64url, utf8 } from '../../kernel/bytes.ts';
import { parseResidentId } from '../../kernel/chinese-identifiers.ts';
import { type Clock, epochSeconds } from '../../kernel/clock.ts';
import { isPlainText } from '../../kernel/plain-text.ts';
import type { RealNameLevel } from '../../kernel/principal.ts';
import { asObject, numberAt, textAt } from '../../kernel/words/members.ts';
import type { Person } from '../accounts/accounts.ts';
import { levelOfLogin, type UpstreamSource } from './upstream-source.ts';

export interface UpstreamArrival {
  readonly upstream: string;
  readonly sub: string;
  /** The level that the login there stands for. */
  readonly level: RealNameLevel;
  /** Where the platform gives one with all of its parts in order. */
  readonly person?: Person;
  /** The person said that the account they sign in to is theirs too. */
  readonly linking?: true;
}

/** Time enough to sign in here too, on a page that somebody was called away from. */
const lifetimeSeconds = 15 * 60;
const maxNameLength = 60;

/** Of the claims of a verified ID token. `undefined` when the platform names nobody. */
export function arrivalOf(
  source: UpstreamSource,
  claims: Readonly<Record<string, unknown>>,
): UpstreamArrival | undefined {
  const { sub } = claims;
  if (typeof sub !== 'string' || sub === '' || sub.length > 255) return undefined;
  const person = personOf(source, claims);
  return { upstream: source.id, sub, level: levelOfLogin(source, claims['acr']), ...(person && { person }) };
}

/** The session of the browser keeps it; it opens for the same sign-in only, and for a quarter of an hour. */
export class ArrivalSeal {
  readonly #cipher: FieldCipher;
  readonly #clock: Clock;

  constructor(options: { cipher: FieldCipher; clock: Clock }) {
    this.#cipher = options.cipher;
    this.#clock = options.clock;
  }

  seal(arrival: UpstreamArrival, uid: string): string {
    const untilSeconds = epochSeconds(this.#clock.now()) + lifetimeSeconds;
    return toBase64url(this.#cipher.seal(utf8(JSON.stringify({ ...arrival, untilSeconds })), contextOf(uid)));
  }

  open(text: unknown, uid: string): UpstreamArrival | undefined {
    const sealed = typeof text === 'string' ? fromBase64url(text) : undefined;
    if (sealed === undefined) return undefined;
    let kept: unknown;
    try {
      kept = JSON.parse(fromUtf8(this.#cipher.open(sealed, contextOf(uid))) ?? '');
    } catch {
      return undefined; // of another sign-in, or altered
    }
    const members = asObject(kept);
    const upstream = textAt(members, 'upstream');
    const sub = textAt(members, 'sub');
    const level = levelFrom(numberAt(members, 'level'));
    if (upstream === undefined || sub === undefined || level === undefined) return undefined;
    if ((numberAt(members, 'untilSeconds') ?? 0) < epochSeconds(this.#clock.now())) return undefined;
    const person = asObject(members?.['person']);
    const name = textAt(person, 'name');
    const idNumber = textAt(person, 'idNumber');
    return {
      upstream,
      sub,
      level,
      ...(members?.['linking'] === true && { linking: true }),
      ...(name !== undefined && idNumber !== undefined && { person: { name, idType: 'resident-id', idNumber } }),
    };
  }
}

/** Both or nothing, and only what could be a name and a number: a platform's mistake must not become an identity. */
function personOf({ person }: UpstreamSource, claims: Readonly<Record<string, unknown>>): Person | undefined {
  if (person === undefined) return undefined;
  const name = claims[person.name];
  const number = claims[person.idNumber];
  if (typeof name !== 'string' || typeof number !== 'string') return undefined;
  const id = parseResidentId(number);
  if (id === undefined || !isPlainText(name, maxNameLength)) return undefined;
  return { name: name.trim(), idType: 'resident-id', idNumber: id.number };
}

function levelFrom(value: number | undefined): RealNameLevel | undefined {
  return ([1, 2, 3, 4, 5] as const).find((level) => level === value);
}

const contextOf = (uid: string): string => `identity.upstream.arrival:${uid}`;
