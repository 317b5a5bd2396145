// Issuing licences (发证), showing them, and changing their status: intent recorded, key acts, outcome recorded.

import type { AuditLog } from '../audit/audit-log.ts';
import type { StatusReference } from '../credential/el1-claims.ts';
import { spellEl1 } from '../credential/el1-text.ts';
import type { FieldCipher } from '../crypto/field-cipher.ts';
import type { KeyStore } from '../crypto/key-store.ts';
import type { Database } from '../db/database.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { addSeconds, type Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { idFromUuid, type Uuid, uuidFromId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { isPlainText } from '../kernel/plain-text.ts';
import { house, type Principal } from '../kernel/principal.ts';
import type { RequestKey } from '../kernel/request-key.ts';
import type { LicenceCatalogue } from './catalogue.ts';
import { type HolderDirectory, holderKey, holderSubject, openPersonalPart } from './holder.ts';
import type { LicenceIssuers } from './issuers.ts';
import { codeContext, type FaultPoint, LicenceLedger } from './licence-ledger.ts';
import { checkedOrder, type LicenceOrder } from './licence-order.ts';
import { type LicenceRecord, licenceRecord, type LicenceRow } from './licence-record.ts';
import {
  licenceById,
  licencesInDoubt,
  licencesOfHolder,
  type RegisteredStatus,
  statusOfEntry,
} from './licence-store.ts';
import { ownerOf, requireLevel, requireScope } from '../kernel/permissions.ts';

export interface LicenceServiceOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly keys: KeyStore;
  readonly cipher: FieldCipher;
  readonly catalogue: LicenceCatalogue;
  readonly issuers: LicenceIssuers;
  readonly holders: HolderDirectory;
  /** Where the links in QR codes lead; without a slash at the end. */
  readonly publicUrl: string;
  /** Longest an issue may take before it counts as abandoned. */
  readonly attemptSeconds?: number;
  /** How long an answer waits for its audit index, milliseconds. */
  readonly auditWaitMs?: number;
  readonly faults?: (point: FaultPoint) => void;
}

export interface LicenceQr {
  /** The link that is shown and printed. */
  readonly text: string;
  readonly bare: string;
  readonly form: 'EL1';
}

export interface LicencePage {
  readonly items: readonly LicenceRecord[];
  readonly nextCursor: string | null;
}

const defaultAttemptSeconds = 60;
const defaultAuditWaitMs = 2000;
const abandonedBatch = 100;
const maxPageSize = 100;
const maxReasonLength = 200;
/** A licence is shown to nobody whose real name was not checked at sign-in. */
const leastHolderLevel = 2;

export class LicenceService {
  readonly #options: LicenceServiceOptions;
  readonly #ledger: LicenceLedger;

  constructor(options: LicenceServiceOptions) {
    this.#options = options;
    this.#ledger = new LicenceLedger(options);
    options.audit.findOwnersBy('licence', (licenceId) => this.#holderSubjectOf(licenceId));
  }

  /**
   * Issues a licence. The same request key and body answer with the same licence; one that a crash left intended is
   * completed, one that was voided is tried again. Throws scope-missing, licence-type-not-found, forbidden,
   * holder-identifier-invalid, licence-claims-invalid (details.faults), idempotency-key-reused, key-…
   */
  async issue(principal: Principal, order: LicenceOrder, requestKey: RequestKey): Promise<LicenceRecord> {
    requireScope(principal, 'licence.issue');
    const { catalogue, issuers, clock } = this.#options;
    const checked = checkedOrder(order, await catalogue.current(order.typeCode), clock.now());
    const issuer = await issuers.issuerFor(order.typeCode, principal.actingFor?.uscc);
    const intended = await this.#ledger.intend(principal, { checked, issuer, requestKey });
    this.#options.faults?.('intended');
    return this.#record(
      await this.#ledger.complete(principal, intended),
      this.#options.auditWaitMs ?? defaultAuditWaitMs,
    );
  }

  /** For its issuer and its holder. Throws scope-missing, licence-not-found. */
  async get(principal: Principal, licenceId: string): Promise<LicenceRecord> {
    requireScope(principal, 'licence.read');
    return this.#record(await this.#visible(principal, licenceId));
  }

  /** The caller's own licences, newest first. Throws scope-missing, forbidden, step-up-required, cursor-invalid. */
  async ofHolder(
    principal: Principal,
    query: { limit?: number | undefined; cursor?: string | undefined } = {},
  ): Promise<LicencePage> {
    requireScope(principal, 'licence.read');
    const { database, cipher, holders } = this.#options;
    if (principal.kind !== 'person' || principal.accountId === undefined) {
      throw new TrustError('forbidden', 'only a person has a wallet');
    }
    requireLevel(principal, leastHolderLevel);
    const limit = Math.min(Math.max(query.limit ?? 20, 1), maxPageSize);
    const before = query.cursor === undefined ? lastUuid : uuidFromId('licence', query.cursor);
    if (before === undefined) throw new TrustError('cursor-invalid', 'the cursor is not one of this list');
    const number = await holders.holderOf(principal.accountId);
    if (number === undefined) return { items: [], nextCursor: null };
    const rows = await licencesOfHolder(database, holderKey(cipher, number), { limit: limit + 1, before });
    const items = await Promise.all(rows.slice(0, limit).map((row) => this.#record(row)));
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.licenceId ?? null) : null };
  }

  /** The static code in both spellings, for issuer and holder. Throws scope-missing, licence-not-found, licence-transition-forbidden. */
  async qr(principal: Principal, licenceId: string): Promise<LicenceQr> {
    requireScope(principal, 'licence.read');
    const { audit, cipher, publicUrl } = this.#options;
    const row = await this.#visible(principal, licenceId);
    if (row.sealed_code === null) {
      throw new TrustError('licence-transition-forbidden', `the licence is ${row.status}`, {
        details: { status: row.status },
      });
    }
    const { link, bare } = spellEl1(cipher.open(row.sealed_code, codeContext(row.licence_id)), publicUrl);
    await audit.append(principal, {
      action: 'licence.shown',
      outcome: 'done',
      objectId: idFromUuid('licence', row.licence_id),
      subjectId: holderSubject(row.holder_index),
      facts: { form: 'EL1', typeCode: row.type_code },
    });
    return { text: link, bare, form: 'EL1' };
  }

  /**
   * 暂扣, 恢复, 吊销, for the issuer. Throws scope-missing, malformed-request, licence-not-found,
   * licence-transition-forbidden (details.status).
   */
  async changeStatus(
    principal: Principal,
    licenceId: string,
    act: 'suspend' | 'resume' | 'revoke',
    reason: string,
  ): Promise<LicenceRecord> {
    requireScope(principal, 'licence.manage');
    if (!isPlainText(reason, maxReasonLength)) {
      throw new TrustError('malformed-request', `a reason has 1 to ${maxReasonLength} visible characters`);
    }
    const { database } = this.#options;
    const row = await this.#row(licenceId);
    if (row.owner !== ownerOf(principal)) throw notFound();
    await database.transaction(async (tx) => {
      if (await this.#ledger.step(tx, principal, { uuid: row.licence_id, act, reason })) return;
      const present = await licenceById(tx, row.licence_id);
      throw new TrustError('licence-transition-forbidden', `cannot ${act} a licence that is ${present?.status}`, {
        details: { status: present?.status, act },
      });
    });
    return this.#record(await this.#row(licenceId), this.#options.auditWaitMs ?? defaultAuditWaitMs);
  }

  /** What the audit log calls the caller as a holder of licences; `undefined` when the caller is not known to be anybody's. */
  async subjectOf(principal: Principal): Promise<string | undefined> {
    const { holders, cipher } = this.#options;
    if (principal.kind !== 'person' || principal.accountId === undefined) return undefined;
    if (principal.level < leastHolderLevel) return undefined;
    const number = await holders.holderOf(principal.accountId);
    return number === undefined ? undefined : holderSubject(holderKey(cipher, number).index);
  }

  /** What the register says of a place in a status list, for verification. */
  async registeredStatus(reference: StatusReference): Promise<RegisteredStatus | undefined> {
    return statusOfEntry(this.#options.database, reference);
  }

  /** Ends issues that had their time and no outcome. For the start and from time to time; any number of processes at once. */
  async voidAbandoned(): Promise<number> {
    const { database, clock, log, attemptSeconds = defaultAttemptSeconds } = this.#options;
    const uuids = await licencesInDoubt(database, addSeconds(clock.now(), -attemptSeconds), abandonedBatch);
    let count = 0;
    for (const uuid of uuids) {
      if (await database.transaction((tx) => this.#ledger.step(tx, house, { uuid, act: 'void' }))) count += 1;
    }
    if (count > 0) log.warn({ count }, 'abandoned licences were voided');
    return count;
  }

  /** How the audit log calls a person as a holder of licences; `undefined` when no number of the account is proven. */
  async subjectOfAccount(accountId: string): Promise<string | undefined> {
    const number = await this.#options.holders.holderOf(accountId);
    return number === undefined ? undefined : holderSubject(holderKey(this.#options.cipher, number).index);
  }

  /** How the audit log calls the holder of a licence; `undefined` when there is no such licence. */
  async #holderSubjectOf(licenceId: string): Promise<string | undefined> {
    const uuid = uuidFromId('licence', licenceId);
    const row = uuid === undefined ? undefined : await licenceById(this.#options.database, uuid);
    return row === undefined ? undefined : holderSubject(row.holder_index);
  }

  async #row(licenceId: string): Promise<LicenceRow> {
    const uuid = uuidFromId('licence', licenceId);
    const row = uuid === undefined ? undefined : await licenceById(this.#options.database, uuid);
    if (row === undefined) throw notFound();
    return row;
  }

  /** A licence of others is not found: that it exists is nobody else's business. */
  async #visible(principal: Principal, licenceId: string): Promise<LicenceRow> {
    const row = await this.#row(licenceId);
    if (row.owner === ownerOf(principal) || (await this.#isHolder(principal, row))) return row;
    throw notFound();
  }

  async #isHolder(principal: Principal, row: LicenceRow): Promise<boolean> {
    const { holders, cipher } = this.#options;
    if (principal.kind !== 'person' || principal.accountId === undefined) return false;
    if (principal.level < leastHolderLevel || row.issued_at === null) return false;
    const number = await holders.holderOf(principal.accountId);
    return number !== undefined && equalBytes(holderKey(cipher, number).index, row.holder_index);
  }

  async #record(row: LicenceRow, waitMs = 0): Promise<LicenceRecord> {
    const { audit, cipher } = this.#options;
    const part = openPersonalPart(cipher, row.licence_id, row.sealed);
    return licenceRecord(row, part, await audit.indexOf(row.entry_id, { waitMs }));
  }
}

const lastUuid: Uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

function notFound(): TrustError {
  return new TrustError('licence-not-found', 'no such licence');
}
