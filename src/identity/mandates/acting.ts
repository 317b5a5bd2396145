// For whom a person acts in a session: chosen at sign-in, or later for one system, and read together with the mandates at every use.

import { digest } from '../../crypto/digest.ts';
import type { Database, Transaction } from '../../db/database.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { idFromUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import type { RepresentedParty } from '../../kernel/principal.ts';
import { holdingOf, holdingWithChoice, partyOf } from './mandate-store.ts';

/** A mandate, or null for nobody but oneself. */
export type PartyChoice = string | null;

/** The engine's name of the prompt, and of the answer in the result of an interaction. */
export const selectParty = 'select_party';

export function partyResult(choice: PartyChoice): { [selectParty]: { mandate: PartyChoice } } {
  return { [selectParty]: { mandate: choice } };
}

export interface ActingOptions {
  readonly database: Database;
  readonly clock: Clock;
}

/** As many as a page of choices shows. */
const maxParties = 50;
/** As long as a refresh token can outlive its session. */
const rememberedSeconds = 31 * 86_400;
/** As long as an interaction of the engine. */
const proposedSeconds = 15 * 60;

export class Acting {
  readonly #options: ActingOptions;

  constructor(options: ActingOptions) {
    this.#options = options;
  }

  /** Whom an account can act for at this moment, oldest mandate first. */
  async partiesOf(accountId: string): Promise<RepresentedParty[]> {
    const { database, clock } = this.#options;
    const rows = await holdingOf(database, clock.now(), uuidFromId('account', accountId) ?? null, maxParties);
    return rows.map(partyOf);
  }

  /**
   * Whom the tokens of a session for a client speak for: who was chosen there, else who was chosen at sign-in, else the only one there
   * is. A choice whose mandate ended is nobody: never another in its place.
   */
  async partyOf(login: {
    accountId: string;
    sessionUid: string | undefined;
    clientId: string | undefined;
  }): Promise<RepresentedParty | undefined> {
    const { database, clock } = this.#options;
    const rows = await holdingWithChoice(database, clock.now(), {
      account: uuidFromId('account', login.accountId) ?? null,
      session: sessionDigest(login.sessionUid ?? ''),
      clientId: login.clientId ?? '',
      limit: 2,
    });
    const [first, second] = rows;
    if (first === undefined) return undefined;
    if (first.chosen) return first.is_choice === true ? partyOf(first) : undefined;
    return second === undefined ? partyOf(first) : undefined;
  }

  /** What the account chose last for this client, in whatever session; `undefined` when it never did. */
  async lastChoice(accountId: string, clientId: string): Promise<PartyChoice | undefined> {
    const { rows } = await this.#options.database.query<{ mandate_id: Uuid | null }>({
      name: 'acting-last',
      text: `SELECT mandate_id FROM identity.acting WHERE account_id = $1 AND client_id = $2
        ORDER BY chosen_at DESC LIMIT 1`,
      values: [uuidFromId('account', accountId) ?? null, clientId],
    });
    const [row] = rows;
    if (row === undefined) return undefined;
    return row.mandate_id === null ? null : idFromUuid('mandate', row.mandate_id);
  }

  /** Whether it is this mandate that the person chose last when a system asked for whom they act there, in whatever session. */
  async isChosenAt(
    clientId: string,
    { accountId, mandateId }: { accountId: string; mandateId: string },
  ): Promise<boolean> {
    const { database, clock } = this.#options;
    const { rows } = await database.query<{ mandate_id: Uuid | null }>({
      name: 'acting-chosen-at',
      text: `SELECT mandate_id FROM identity.acting WHERE account_id = $1 AND client_id = $2 AND expires_at > $3
        ORDER BY chosen_at DESC LIMIT 1`,
      values: [uuidFromId('account', accountId) ?? null, clientId, clock.now()],
    });
    const chosen = rows[0]?.mandate_id ?? undefined;
    return chosen !== undefined && chosen === uuidFromId('mandate', mandateId);
  }

  /** The party of a choice, or null for oneself. Throws `mandate-not-found` when the account cannot act under it now. */
  async chosen(accountId: string, choice: PartyChoice): Promise<RepresentedParty | null> {
    if (choice === null) return null;
    const party = (await this.partiesOf(accountId)).find(({ mandateId }) => mandateId === choice);
    if (party === undefined) throw new TrustError('mandate-not-found', 'there is no such mandate');
    return party;
  }

  /** Notes a choice for a session and a client; with `isSignIn` also for the session's other clients, unless they have their own. */
  async remember(
    tx: Transaction,
    login: { accountId: string; sessionUid: string; clientId: string },
    { mandateId, isSignIn }: { mandateId: PartyChoice; isSignIn: boolean },
  ): Promise<void> {
    const now = this.#options.clock.now();
    const clients = isSignIn ? [login.clientId, ''] : [login.clientId];
    await tx.query({
      name: 'acting-remember',
      text: `INSERT INTO identity.acting (session_digest, client_id, account_id, mandate_id, chosen_at, expires_at)
        SELECT $1, client_id, $3, $4, $5, $6 FROM unnest($2::text[]) client_id
        ON CONFLICT (session_digest, client_id) DO UPDATE SET account_id = excluded.account_id,
          mandate_id = excluded.mandate_id, chosen_at = excluded.chosen_at, expires_at = excluded.expires_at`,
      values: [
        sessionDigest(login.sessionUid),
        clients,
        uuidFromId('account', login.accountId),
        mandateId === null ? null : uuidFromId('mandate', mandateId),
        now,
        addSeconds(now, rememberedSeconds),
      ],
    });
  }

  /** A choice of a sign-in that is not at its end: it lies under the interaction until the session is known. */
  async propose(uid: string, accountId: string, mandateId: PartyChoice): Promise<void> {
    const now = this.#options.clock.now();
    await this.#options.database.query({
      name: 'acting-propose',
      text: `INSERT INTO identity.acting (session_digest, client_id, account_id, mandate_id, chosen_at, expires_at)
        VALUES ($1, '', $2, $3, $4, $5) ON CONFLICT (session_digest, client_id) DO UPDATE
        SET account_id = excluded.account_id, mandate_id = excluded.mandate_id, chosen_at = excluded.chosen_at`,
      values: [
        interactionDigest(uid),
        uuidFromId('account', accountId),
        mandateId === null ? null : uuidFromId('mandate', mandateId),
        now,
        addSeconds(now, proposedSeconds),
      ],
    });
  }

  /** Takes it away; `undefined` when there is none of this account. */
  async takeProposed(tx: Transaction, uid: string, accountId: string): Promise<PartyChoice | undefined> {
    const { rows } = await tx.query<{ mandate_id: Uuid | null }>({
      name: 'acting-take',
      text: 'DELETE FROM identity.acting WHERE session_digest = $1 AND account_id = $2 RETURNING mandate_id',
      values: [interactionDigest(uid), uuidFromId('account', accountId)],
    });
    const [row] = rows;
    if (row === undefined) return undefined;
    return row.mandate_id === null ? null : idFromUuid('mandate', row.mandate_id);
  }

  /** Removes rows that are over; returns how many. */
  async purge(limit: number): Promise<number> {
    const { rowCount } = await this.#options.database.query({
      text: `DELETE FROM identity.acting WHERE (session_digest, client_id) IN (SELECT session_digest, client_id
        FROM identity.acting WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
      values: [this.#options.clock.now(), limit],
    });
    return rowCount;
  }
}

function interactionDigest(uid: string): Uint8Array {
  return digest('SHA-256', utf8(`interaction:${uid}`));
}

function sessionDigest(uid: string): Uint8Array {
  return digest('SHA-256', utf8(`acting:${uid}`));
}
