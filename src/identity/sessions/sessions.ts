// Sessions of people: the list that their owner sees, and what ends them, each ending in one transaction with its audit entry and the
// notices that relying parties get; OpenID Connect Back-Channel Logout 1.0, section 2.7.

import type { AdapterPayload } from 'oidc-provider';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database, Transaction } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type Id, idFromUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import type { Principal, RealNameLevel } from '../../kernel/principal.ts';
import { endGrants, endGrantsOf, takeSessions } from '../engine/engine-endings.ts';
import { digestOf, type EngineRow, openedPayload } from '../engine/engine-row.ts';
import type { LogoutOutbox } from './logout-outbox.ts';
import { sessionUuidOf } from './session-id.ts';

export interface PersonSession {
  readonly sessionId: Id<'session'>;
  readonly beganAt: Date;
  /** When a system was last entered through it. */
  readonly usedAt: Date;
  readonly expiresAt: Date;
  /** /24 of IPv4, /48 of IPv6. */
  readonly origin: string | undefined;
  /** For `browserWords` (src/kernel/words/browser.ts). */
  readonly browser: string;
  /** The systems that were entered through it, by client id, with the names that people are shown. */
  readonly systems: readonly { readonly clientId: string; readonly name: string; readonly nameEn: string }[];
}

export interface SessionPage {
  readonly items: readonly PersonSession[];
  readonly nextCursor: string | null;
}

export interface SessionsOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly outbox: LogoutOutbox;
  readonly clock: Clock;
}

/** Which of an account's sessions end at once. */
export interface EndAll {
  readonly principal: Principal;
  /** This one stays, with the grants that it uses. */
  readonly except?: string | undefined;
  /** Only those whose level is above this one; without it, grants that outlive sessions end too. */
  readonly aboveLevel?: RealNameLevel;
}

interface ListRow extends EngineRow {
  readonly session_id: Uuid;
  readonly began_at: Date;
  readonly used_at: Date;
  readonly expires_at: Date;
  readonly origin: string | null;
  readonly browser: string;
}

interface EndedRow {
  readonly session_id: Uuid;
  readonly uid_digest: Uint8Array;
  readonly account_id: Uuid;
}

const maxPageSize = 100;

export class Sessions {
  readonly #options: SessionsOptions;
  #nudge: () => void = () => undefined;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Whoever delivers notices in this process hears at once that there are some. */
  onNotices(nudge: () => void): void {
    this.#nudge = nudge;
  }

  /** Living ones, newest first. Throws `cursor-invalid`, and `malformed-request` for a limit out of range. */
  async listOf(accountId: string, { limit, cursor }: { limit: number; cursor?: string }): Promise<SessionPage> {
    if (!Number.isInteger(limit) || limit < 1 || limit > maxPageSize)
      throw new TrustError('malformed-request', `limit is 1 to ${maxPageSize}`);
    const after = cursor === undefined ? undefined : uuidFromId('session', cursor);
    if (cursor !== undefined && after === undefined)
      throw new TrustError('cursor-invalid', 'not a cursor of this list');
    const { database, clock } = this.#options;
    const { rows } = await database.query<ListRow>({
      name: after === undefined ? 'sessions-first' : 'sessions-next',
      text: `SELECT s.session_id, s.began_at, s.used_at, s.expires_at, s.origin, s.browser, m.model, m.id_digest, m.payload
        FROM identity.session s JOIN identity.oidc_model m ON m.model = 'Session' AND m.uid_digest = s.uid_digest
        WHERE s.account_id = $1 AND s.ended_at IS NULL AND s.expires_at > $2 ${
          after === undefined
            ? ''
            : `AND (s.began_at, s.session_id) < (SELECT c.began_at, c.session_id FROM identity.session c
          WHERE c.session_id = $4 AND c.account_id = $1)`
        }
        ORDER BY s.began_at DESC, s.session_id DESC LIMIT $3`,
      values: [accountUuid(accountId), clock.now(), limit + 1, ...(after === undefined ? [] : [after])],
    });
    const items = await this.#items(rows.slice(0, limit));
    const last = rows.length > limit ? items.at(-1) : undefined;
    return { items, nextCursor: last?.sessionId ?? null };
  }

  /** Asked by our own pages before each answer: they live as long as the session through which somebody came. */
  async isAlive(accountId: string, sessionId: string): Promise<boolean> {
    const { database, clock } = this.#options;
    const { rowCount } = await database.query({
      name: 'session-alive',
      text: `SELECT 1 FROM identity.session
        WHERE session_id = $1 AND account_id = $2 AND ended_at IS NULL AND expires_at > $3`,
      values: [uuidFromId('session', sessionId) ?? null, accountUuid(accountId), clock.now()],
    });
    return rowCount === 1;
  }

  /** Throws `session-not-found` when it is not a living one of this account. */
  async end(accountId: string, sessionId: string, principal: Principal): Promise<void> {
    await this.#options.database.transaction(async (tx) => {
      const ended = await this.#mark(tx, 'session_id = $2 AND account_id = $3', [
        uuidFromId('session', sessionId) ?? null,
        accountUuid(accountId),
      ]);
      if (ended.length === 0) throw new TrustError('session-not-found', 'this account has no such session');
      await this.#finish(tx, ended);
      await this.#record(tx, principal, { accountId, sessions: 1 });
    });
    this.#nudge();
  }

  /** How many sessions ended. */
  async endAll(accountId: string, which: EndAll): Promise<number> {
    const count = await this.#options.database.transaction((tx) => this.endAllWithin(tx, accountId, which));
    this.#nudge();
    return count;
  }

  /** The same as part of the transaction that suspends an account or lowers its level; the notices go out within a second. */
  async endAllWithin(tx: Transaction, accountId: string, { principal, except, aboveLevel }: EndAll): Promise<number> {
    const account = accountUuid(accountId);
    const kept = except === undefined ? null : (uuidFromId('session', except) ?? null);
    const ended = await this.#mark(tx, 'account_id = $2 AND session_id IS DISTINCT FROM $3 AND level > $4', [
      account,
      kept,
      aboveLevel ?? -1,
    ]);
    await this.#finish(tx, ended, { lasting: true });
    if (aboveLevel === undefined && account !== null) await endGrantsOf(tx, account, await grantsOf(tx, kept));
    if (ended.length > 0 || aboveLevel === undefined)
      await this.#record(tx, principal, { accountId, sessions: ended.length, everywhere: true });
    return ended.length;
  }

  /** The session of the engine that somebody signs out of, or that another person takes over in this browser. */
  async signOut(tx: Transaction, session: { uid: string; accountId: string }, principal: Principal): Promise<void> {
    const account = accountUuid(session.accountId);
    await this.#mark(tx, 'session_id = $2', [sessionUuidOf(session.uid)]);
    if (account !== null) await this.#finish(tx, [{ uid_digest: digestOf(session.uid), account_id: account }]);
    await this.#options.audit.record(tx, principal, {
      action: 'sign-out',
      outcome: 'done',
      subjectId: session.accountId,
    });
  }

  /** Removes sessions that are over; returns how many. */
  async purge(limit: number): Promise<number> {
    const { rowCount } = await this.#options.database.query({
      text: `DELETE FROM identity.session WHERE session_id IN (SELECT session_id FROM identity.session
        WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
      values: [this.#options.clock.now(), limit],
    });
    return rowCount;
  }

  /** From here on nobody saves these sessions again: whoever tries waits for this transaction and finds them ended. */
  async #mark(tx: Transaction, condition: string, values: readonly unknown[]): Promise<EndedRow[]> {
    const { rows } = await tx.query<EndedRow>({
      text: `UPDATE identity.session SET ended_at = $1 WHERE session_id IN (SELECT session_id FROM identity.session
          WHERE ended_at IS NULL AND expires_at > $1 AND ${condition} ORDER BY session_id FOR UPDATE)
        RETURNING session_id, uid_digest, account_id`,
      values: [this.#options.clock.now(), ...values],
    });
    return rows;
  }

  /**
   * Takes the engine's sessions away, with the grants that hang on them, and writes a notice for each relying party. A grant for which a
   * person agreed on a page that it may be used while they are away stays, unless `lasting` ones end too; our own pages ask nobody.
   */
  async #finish(
    tx: Transaction,
    ended: readonly Pick<EndedRow, 'uid_digest' | 'account_id'>[],
    { lasting = false } = {},
  ): Promise<void> {
    if (ended.length === 0) return;
    const { cipher, outbox } = this.#options;
    const account = ended[0]?.account_id ?? '';
    const sessions = await takeSessions(
      tx,
      cipher,
      ended.map((row) => row.uid_digest),
    );
    const entered = sessions.flatMap(enteredThrough);
    const unasked = lasting ? new Set<string>() : await this.#unasked(tx, entered);
    await endGrants(
      tx,
      entered.flatMap(({ clientId, grantId, persistsLogout }) =>
        grantId !== undefined && (lasting || persistsLogout !== true || unasked.has(clientId))
          ? [digestOf(grantId)]
          : [],
      ),
    );
    await outbox.add(
      tx,
      entered.flatMap(({ clientId, sid }) => (sid === undefined ? [] : [{ clientId, account, sid }])),
    );
  }

  /** Those of the clients for which nobody is asked to agree. */
  async #unasked(tx: Transaction, entered: readonly Entered[]): Promise<Set<string>> {
    const lasting = entered.filter(({ persistsLogout }) => persistsLogout === true);
    if (lasting.length === 0) return new Set();
    const { rows } = await tx.query<{ client_id: string }>({
      name: 'clients-unasked',
      text: 'SELECT client_id FROM identity.client WHERE client_id = ANY ($1) AND first_party',
      values: [lasting.map(({ clientId }) => clientId)],
    });
    return new Set(rows.map((row) => row.client_id));
  }

  async #record(
    tx: Transaction,
    principal: Principal,
    { accountId, sessions, everywhere = false }: { accountId: string; sessions: number; everywhere?: boolean },
  ): Promise<void> {
    const own = principal.kind === 'person' && principal.accountId === accountId;
    const how = own ? (everywhere ? 'everywhere' : 'one') : 'service';
    await this.#options.audit.record(tx, principal, {
      action: 'session.ended',
      outcome: 'done',
      subjectId: accountId,
      facts: { how, sessions },
    });
  }

  async #items(rows: readonly ListRow[]): Promise<PersonSession[]> {
    const { database, cipher } = this.#options;
    const opened = rows.map((row) => ({ row, entered: enteredThrough(openedPayload(cipher, row)) }));
    const clientIds = [...new Set(opened.flatMap(({ entered }) => entered.map(({ clientId }) => clientId)))];
    const { rows: named } = await database.query<{ client_id: string; name: string; name_en: string }>({
      name: 'clients-named',
      text: 'SELECT client_id, name, name_en FROM identity.client WHERE client_id = ANY ($1) ORDER BY client_id',
      values: [clientIds],
    });
    return opened.map(({ row, entered }) => ({
      sessionId: idFromUuid('session', row.session_id),
      beganAt: row.began_at,
      usedAt: row.used_at,
      expiresAt: row.expires_at,
      origin: row.origin ?? undefined,
      browser: row.browser,
      systems: named
        .filter((client) => entered.some(({ clientId }) => clientId === client.client_id))
        .map((client) => ({ clientId: client.client_id, name: client.name, nameEn: client.name_en })),
    }));
  }
}

interface Entered {
  readonly clientId: string;
  readonly sid?: string | undefined;
  readonly grantId?: string | undefined;
  readonly persistsLogout?: boolean | undefined;
}

function enteredThrough({ authorizations = {} }: AdapterPayload): Entered[] {
  return Object.entries(authorizations).map(([clientId, state]) => ({ clientId, ...state }));
}

function accountUuid(accountId: string): Uuid | null {
  return uuidFromId('account', accountId) ?? null;
}

/** Of the session that stays. */
async function grantsOf(tx: Transaction, session: Uuid | null): Promise<Uint8Array[]> {
  const { rows } = await tx.query<{ grant_digests: Uint8Array[] | null }>({
    name: 'session-grants',
    text: `SELECT m.grant_digests FROM identity.session s
      JOIN identity.oidc_model m ON m.model = 'Session' AND m.uid_digest = s.uid_digest WHERE s.session_id = $1`,
    values: [session],
  });
  return rows.flatMap((row) => row.grant_digests ?? []);
}
