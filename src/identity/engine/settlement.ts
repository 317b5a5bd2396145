// The statement that settles an interaction: its result, with everything that becomes true with it.

import type { Interaction, InteractionResults } from 'oidc-provider';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { AuditEvent } from '../../audit/events.ts';
import type { Database, Transaction } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { OidcStore } from './oidc-store.ts';
import { type Change, type Put, type Rider, withRiders } from '../../db/riders.ts';

/**
 * `row`: the nine columns of the interaction's row, with its result. Returns as many rows as there are entries to write, and none when
 * the interaction was answered or is over, or when `progress` is among the riders and found none.
 */
function settlement(
  row: readonly unknown[],
  { riders, entries, now }: { readonly riders: readonly Rider[]; readonly entries: number; readonly now: Date },
): Change {
  const [, idDigest, payload, expiresAt, accountUuid, , , , grantDigests] = row;
  const isKept = riders.some(({ name }) => name === progressRider);
  const settled: Rider = {
    name: 'result',
    steps: (put: Put) => [
      [
        'settled',
        `UPDATE identity.oidc_model SET payload = ${put(payload)}, expires_at = ${put(expiresAt)}, account_id = ${put(accountUuid)},
          grant_digests = ${put(grantDigests)} WHERE model = 'Interaction' AND id_digest = ${put(idDigest)}
          AND expires_at > ${put(now)} ${isKept ? `AND EXISTS (SELECT 1 FROM ${progressRider})` : ''} RETURNING id_digest`,
      ],
    ],
  };
  return withRiders(
    'oidc-settle',
    [...riders, settled],
    (put) => `SELECT id_digest FROM settled, generate_series(1, ${put(entries)}::int)`,
  );
}

/** Ends what a sign-in has proven so far: of two answers that end it at once, one finds it. */
export const progressRider = 'progress';

export interface Answer {
  readonly result: InteractionResults;
  readonly principal: Principal;
  readonly events: readonly AuditEvent[];
}

/** What belongs to the end of a sign-in. */
export interface Settling {
  /** Part of the statement that settles. */
  readonly riders?: readonly Rider[];
  /** More than that: then it is a transaction, and the engine is told what this gives beside the login. */
  readonly also?: (tx: Transaction) => Promise<InteractionResults>;
}

export interface SettleOptions {
  readonly store: Pick<OidcStore, 'gathered'>;
  readonly sessions: Pick<Sessions, 'signOut'>;
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'appendManyWith' | 'recordManyWith'>;
  readonly clock: Clock;
}

export function expired(): TrustError {
  return new TrustError('interaction-expired', 'this sign-in has ended or was started in another browser');
}

/**
 * Somebody else who was signed in in this browser is signed out, with the tokens of that session, before the new one begins: the engine
 * would ask the browser to post a form for it, which needs a script.
 */
export async function settle(
  { store, sessions, database, audit, clock }: SettleOptions,
  interaction: Interaction,
  { result, principal, events }: Answer,
  { riders = [], also }: Settling = {},
): Promise<string> {
  const deeds = events.map((event) => ({ principal, event }));
  const { session } = interaction;
  const other = result.login !== undefined && session?.accountId !== result.login.accountId ? session : undefined;
  const statement = async (told: InteractionResults) => {
    if (other !== undefined) delete interaction.session;
    interaction.result = result.login === undefined ? result : { ...told, ...result };
    const [row = []] = await store.gathered(() => interaction.persist());
    return settlement(row, { riders, entries: deeds.length, now: clock.now() });
  };
  if (also === undefined && other?.accountId === undefined) {
    if (!(await audit.appendManyWith(await statement({}), deeds))) throw expired();
    return interaction.returnTo;
  }
  return database.transaction(async (tx) => {
    const told = (await also?.(tx)) ?? {};
    if (!(await audit.recordManyWith(tx, await statement(told), deeds))) throw expired();
    if (other?.accountId !== undefined)
      await sessions.signOut(tx, { uid: other.uid, accountId: other.accountId }, principal);
    return interaction.returnTo;
  });
}
