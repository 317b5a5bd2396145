// Evidence of real-name levels (实名等级): established, withdrawn, expired. A level that falls takes its sessions along, in one transaction.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database, Queryable, Transaction } from '../../db/database.ts';
import { fromUtf8, utf8 } from '../../kernel/bytes.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { idFromUuid, newUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import { house, type Principal, type RealNameLevel } from '../../kernel/principal.ts';
import type { Person } from '../accounts/accounts.ts';
import {
  type EvidenceMethod,
  expiryOf,
  highestUnprovenLevel,
  isEvidenceMethod,
  levelOf,
  levelOfMethod,
} from './evidence-rules.ts';
import { readPerson, samePerson, storePerson } from './sealed-person.ts';

export interface NewEvidence {
  readonly method: EvidenceMethod;
  /** Who testified, as the deployment names it: 'sandbox-register', 'window', … Short ASCII. */
  readonly source: string;
  /** What the verifier calls this check. */
  readonly reference?: string;
  /** An end of its own, such as a certificate's notAfter. */
  readonly expiresAt?: Date;
  /** The same as a term from now, for a source whose word is believed for so long. */
  readonly lastsDays?: number;
}

/** What is established at once. */
export interface Proof {
  readonly person?: Person;
  /** Whom the evidence is about, where it does not say who the person is: nothing is stored when the account names another. */
  readonly about?: Person;
  readonly evidence: readonly NewEvidence[];
}

/** Evidence that counts at this moment. */
export interface HeldEvidence {
  readonly level: RealNameLevel;
  /** `undefined`: established under a rule that is no more. */
  readonly method: EvidenceMethod | undefined;
  readonly source: string;
  readonly reference: string | undefined;
  readonly establishedAt: Date;
  readonly expiresAt: Date | undefined;
}

/** Ends what was allowed under a level that the account no longer has. */
export type LevelLost = (tx: Transaction, lost: { accountId: string; level: RealNameLevel }) => Promise<void>;

export interface EvidenceOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
  readonly levelLost: LevelLost;
  /** The person was shown to be the holder: what they sign in with counts from now on. */
  readonly holderShown?: (tx: Transaction, accountId: string) => Promise<void>;
}

interface EvidenceRow {
  evidence_id: Uuid;
  level: RealNameLevel;
  method: string;
  source: string;
  reference_sealed: Uint8Array | null;
  established_at: Date;
  expires_at: Date | null;
}

const daySeconds = 24 * 3600;
/** From this level on evidence shows that the person is the one whose name it is (docs/levels.md). */
const holderLevel = 4;

const selectHeld = `SELECT evidence_id, level, method, source, reference_sealed, established_at, expires_at
  FROM identity.evidence WHERE account_id = $1 AND withdrawn_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
  ORDER BY level DESC, established_at DESC, evidence_id LIMIT 50`;

export class Evidence {
  readonly #options: EvidenceOptions;

  constructor(options: EvidenceOptions) {
    this.#options = options;
  }

  /** What counts now, highest level first. */
  async of(accountId: string): Promise<HeldEvidence[]> {
    return (await this.#held(this.#options.database, accountUuid(accountId))).map((row) => this.#heldFrom(row));
  }

  /** `establishWithin` in a transaction of its own. */
  async establish(principal: Principal, accountId: string, proof: Proof): Promise<RealNameLevel> {
    return this.#options.database.transaction((tx) => this.establishWithin(tx, principal, accountId, proof));
  }

  /**
   * Stores who the person is and what shows it; together with their audit entries. Evidence of the same method is replaced. Another
   * name or number than before takes all evidence above level 2 first. Returns the level that the account has then.
   * Throws `malformed-request` (no such account; evidence that the rules refuse).
   */
  async establishWithin(
    tx: Transaction,
    principal: Principal,
    accountId: string,
    { person, about, evidence }: Proof,
  ): Promise<RealNameLevel> {
    return this.#changed(tx, accountId, async (uuid) => {
      if (about !== undefined && !samePerson(about, await readPerson(tx, this.#options.cipher, uuid))) return;
      if (person !== undefined) await this.#setPerson(tx, principal, uuid, person);
      for (const piece of evidence) await this.#add(tx, principal, uuid, piece);
      if (evidence.some(({ method }) => levelOfMethod(method) >= holderLevel))
        await this.#options.holderShown?.(tx, accountId);
    });
  }

  /** `withdrawWithin` in a transaction of its own. Returns the level that is left. */
  async withdraw(principal: Principal, accountId: string, method: EvidenceMethod): Promise<RealNameLevel> {
    const { level } = await this.#options.database.transaction((tx) =>
      this.withdrawWithin(tx, principal, accountId, method),
    );
    return level;
  }

  /**
   * Takes away everything established by this method. Returns how many pieces counted until now, and the level that is left. Throws
   * `malformed-request` (no such account).
   */
  async withdrawWithin(
    tx: Transaction,
    principal: Principal,
    accountId: string,
    method: EvidenceMethod,
  ): Promise<{ readonly taken: number; readonly level: RealNameLevel }> {
    let taken = 0;
    const level = await this.#changed(tx, accountId, async (uuid) => {
      taken = await this.#take(tx, principal, uuid, { reason: 'revoked', which: 'method = $3', value: method });
    });
    return { taken, level };
  }

  /**
   * Records what has expired, at most `limit` pieces, and ends the sessions that rested on it. The level itself fell the moment the
   * evidence ended, whether or not this has run. Returns how many pieces were recorded.
   */
  async expire(limit: number): Promise<number> {
    const { database, audit, clock } = this.#options;
    return database.transaction(async (tx) => {
      const { rows } = await tx.query<EvidenceRow & { account_id: Uuid }>({
        name: 'evidence-expire',
        text: `UPDATE identity.evidence SET expiry_recorded_at = $1 WHERE evidence_id IN (
            SELECT evidence_id FROM identity.evidence
            WHERE expires_at <= $1 AND withdrawn_at IS NULL AND expiry_recorded_at IS NULL
            ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
          RETURNING evidence_id, account_id, level, method, source`,
        values: [clock.now(), limit],
      });
      for (const row of rows) {
        const accountId = idFromUuid('account', row.account_id);
        const to = await this.#level(tx, row.account_id);
        await audit.record(tx, house, {
          action: 'evidence.expired',
          outcome: 'done',
          objectId: accountId,
          subjectId: accountId,
          facts: { level: row.level, method: row.method, source: row.source, to },
        });
        if (to < row.level) await this.#options.levelLost(tx, { accountId, level: to });
      }
      return rows.length;
    });
  }

  /** Runs a change of an account's evidence and compares the levels before and after it. */
  async #changed(tx: Transaction, accountId: string, change: (uuid: Uuid) => Promise<void>): Promise<RealNameLevel> {
    const uuid = accountUuid(accountId);
    // One change of an account at a time: two at once could each leave the other's evidence standing.
    const { rowCount } = await tx.query({
      name: 'account-for-evidence',
      text: 'SELECT 1 FROM identity.account WHERE account_id = $1 FOR UPDATE',
      values: [uuid],
    });
    if (rowCount === 0) throw new TrustError('malformed-request', 'there is no such account');
    const before = await this.#level(tx, uuid);
    await change(uuid);
    const level = await this.#level(tx, uuid);
    if (level < before) await this.#options.levelLost(tx, { accountId, level });
    return level;
  }

  async #setPerson(tx: Transaction, principal: Principal, uuid: Uuid, person: Person): Promise<void> {
    const { audit, cipher } = this.#options;
    if (samePerson(person, await readPerson(tx, cipher, uuid))) return;
    const from = await this.#level(tx, uuid);
    await this.#take(tx, principal, uuid, {
      reason: 'person-changed',
      which: 'level > $3',
      value: highestUnprovenLevel,
    });
    await storePerson(tx, cipher, uuid, person);
    const accountId = idFromUuid('account', uuid);
    await audit.record(tx, principal, {
      action: 'person.changed',
      outcome: 'done',
      objectId: accountId,
      subjectId: accountId,
      facts: { from, to: await this.#level(tx, uuid) },
      personal: { name: person.name },
    });
  }

  async #add(tx: Transaction, principal: Principal, uuid: Uuid, piece: NewEvidence): Promise<void> {
    const { audit, cipher, clock } = this.#options;
    const now = clock.now();
    const held = await this.#held(tx, uuid);
    const registered = held.some(({ method }) => method === 'population-register');
    const end = piece.lastsDays === undefined ? piece.expiresAt : addSeconds(now, piece.lastsDays * daySeconds);
    const expiresAt = expiryOf(piece.method, { now, expiresAt: end, registered });
    if (expiresAt === 'refused')
      throw new TrustError('malformed-request', `evidence by ${piece.method} is not accepted so`);
    await this.#take(tx, principal, uuid, { reason: 'replaced', which: 'method = $3', value: piece.method });
    const evidenceUuid = newUuid(clock);
    const level = levelOfMethod(piece.method);
    await tx.query({
      name: 'evidence-insert',
      text: `INSERT INTO identity.evidence
          (evidence_id, account_id, level, method, source, reference_sealed, established_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      values: [
        evidenceUuid,
        uuid,
        level,
        piece.method,
        piece.source,
        piece.reference === undefined ? null : cipher.seal(utf8(piece.reference), referenceContext(evidenceUuid)),
        now,
        expiresAt ?? null,
      ],
    });
    const accountId = idFromUuid('account', uuid);
    await audit.record(tx, principal, {
      action: 'evidence.established',
      outcome: 'done',
      objectId: accountId,
      subjectId: accountId,
      facts: { level, method: piece.method, source: piece.source, to: await this.#level(tx, uuid) },
      ...(piece.reference === undefined ? {} : { personal: { reference: piece.reference } }),
    });
  }

  async #take(
    tx: Transaction,
    principal: Principal,
    uuid: Uuid,
    {
      reason,
      which,
      value,
    }: {
      reason: 'replaced' | 'person-changed' | 'revoked';
      which: 'method = $3' | 'level > $3';
      value: string | number;
    },
  ): Promise<number> {
    const { rows } = await tx.query<EvidenceRow>({
      text: `UPDATE identity.evidence SET withdrawn_at = $2 WHERE account_id = $1 AND ${which} AND withdrawn_at IS NULL
          AND (expires_at IS NULL OR expires_at > $2) RETURNING level, method, source`,
      values: [uuid, this.#options.clock.now(), value],
    });
    const accountId = idFromUuid('account', uuid);
    for (const { level, method, source } of rows) {
      await this.#options.audit.record(tx, principal, {
        action: 'evidence.withdrawn',
        outcome: 'done',
        objectId: accountId,
        subjectId: accountId,
        facts: { level, method, source, reason, to: await this.#level(tx, uuid) },
      });
    }
    return rows.length;
  }

  async #held(at: Queryable, uuid: Uuid): Promise<EvidenceRow[]> {
    const { rows } = await at.query<EvidenceRow>({
      name: 'evidence-held',
      text: selectHeld,
      values: [uuid, this.#options.clock.now()],
    });
    return rows;
  }

  async #level(at: Queryable, uuid: Uuid): Promise<RealNameLevel> {
    const rows = await this.#held(at, uuid);
    return levelOf(
      rows.map(({ level }) => ({ level })),
      this.#options.clock.now(),
    );
  }

  #heldFrom(row: EvidenceRow): HeldEvidence {
    const { reference_sealed: sealed } = row;
    return {
      level: row.level,
      method: isEvidenceMethod(row.method) ? row.method : undefined,
      source: row.source,
      reference:
        sealed === null ? undefined : fromUtf8(this.#options.cipher.open(sealed, referenceContext(row.evidence_id))),
      establishedAt: row.established_at,
      expiresAt: row.expires_at ?? undefined,
    };
  }
}

const referenceContext = (uuid: Uuid): string => `identity.evidence.reference:${uuid}`;

/** An id that is none finds no account. */
function accountUuid(accountId: string): Uuid {
  return uuidFromId('account', accountId) ?? '00000000-0000-0000-0000-000000000000';
}
