// How often a person may ask who is whose representative, and who has a user name: counted before anybody is asked.

import type { Database } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { countedAgainst } from '../sign-in/counters.ts';

export interface MandateLimitsOptions {
  readonly database: Database;
  readonly clock: Clock;
}

const daySeconds = 86_400;
const hourSeconds = 3600;
/** A register costs money at every question, and tells by its answers who represents whom. */
const claimsOfPerson = { max: 10, windowSeconds: daySeconds };
const claimsOnOrganisation = { max: 20, windowSeconds: daySeconds };
/** A whole department in an hour, and no list of user names. */
const lookUpsOfPerson = { max: 30, windowSeconds: hourSeconds };

/** Throws `too-many-requests`. The organisation is counted whoever asks, so that many accounts ask no more than one. */
export async function countClaim(
  options: MandateLimitsOptions,
  { accountId, uscc }: { readonly accountId: string; readonly uscc: string },
): Promise<void> {
  await counted(options, [
    { subject: `claim-of:${accountId}`, ...claimsOfPerson },
    { subject: `claim-on:${uscc}`, ...claimsOnOrganisation },
  ]);
}

/** Throws `too-many-requests`. */
export async function countLookUp(options: MandateLimitsOptions, accountId: string): Promise<void> {
  await counted(options, [{ subject: `agent-look-up:${accountId}`, ...lookUpsOfPerson }]);
}

async function counted(options: MandateLimitsOptions, limits: Parameters<typeof countedAgainst>[1]): Promise<void> {
  const passed = await countedAgainst(options, limits);
  if (passed.length === 0) return;
  const retryAfterSeconds = Math.max(...passed.map((limit) => limit.retryAfterSeconds));
  throw new TrustError('too-many-requests', 'asked too often', { details: { retryAfterSeconds } });
}
