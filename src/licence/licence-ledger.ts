// From a checked order to an issued licence, and every later change of its status: each step guarded, with its history and audit entry in one transaction.

import type { AuditLog } from '../audit/audit-log.ts';
import { dayInChina, isoDay } from '../credential/calendar-day.ts';
import { sha256 } from '../crypto/digest.ts';
import type { FieldCipher } from '../crypto/field-cipher.ts';
import type { KeyStore } from '../crypto/key-store.ts';
import type { Database, Transaction } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { idFromUuid, newUuid, type Uuid } from '../kernel/ids.ts';
import type { Principal } from '../kernel/principal.ts';
import type { RequestKey } from '../kernel/request-key.ts';
import type { LicenceCatalogue } from './catalogue.ts';
import { holderKey, holderSubject, openPersonalPart, sealPersonalPart } from './holder.ts';
import type { LicenceIssuers, SigningIssuer } from './issuers.ts';
import { makeLicenceCode } from './licence-code.ts';
import type { CheckedOrder } from './licence-order.ts';
import type { LicenceRow } from './licence-record.ts';
import {
  claimRequest,
  holdStep,
  insertIntended,
  licenceById,
  reserveIdentifier,
  reserveStatusEntry,
  type StatusAct,
  takeStep,
} from './licence-store.ts';
import { ownerOf } from '../kernel/permissions.ts';

/** Where a process can die, by what has happened before. Tests let a hook at these points fail. */
export type FaultPoint = 'intended' | 'signed' | 'issued';

export interface LicenceLedgerOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly keys: KeyStore;
  readonly cipher: FieldCipher;
  readonly catalogue: LicenceCatalogue;
  readonly issuers: LicenceIssuers;
  readonly faults?: (point: FaultPoint) => void;
}

/** A checked order on its way to becoming a licence. */
export interface Intent {
  readonly checked: CheckedOrder;
  readonly issuer: SigningIssuer;
  readonly requestKey: RequestKey;
}

/** An intended licence, and the key that its intent names; absent when the intent was written by an earlier call. */
export interface Intended {
  readonly uuid: Uuid;
  readonly keyName?: string;
}

/** One act on a licence, with what it brings along. */
export interface Step {
  readonly uuid: Uuid;
  readonly act: StatusAct;
  readonly issuedAt?: Date;
  readonly sealedCode?: Uint8Array;
  readonly objectSha256?: Uint8Array;
  readonly reason?: string;
  /** The key that will act. */
  readonly keyName?: string;
}

export class LicenceLedger {
  readonly #options: LicenceLedgerOptions;

  constructor(options: LicenceLedgerOptions) {
    this.#options = options;
  }

  /** Transaction 1: numbers reserved, licence intended, both in the audit log. A crash after it leaves an intended licence. */
  async intend(principal: Principal, { checked, issuer, requestKey }: Intent): Promise<Intended> {
    const { database, clock, cipher, audit, keys } = this.#options;
    const { type, holder, claims, validFrom, validUntil } = checked;
    const owner = ownerOf(principal);
    const { bucket, index } = holderKey(cipher, holder);
    const { keyName } = await keys.signer(issuer.keyName, 'licence-issuer');
    return database.transaction(async (tx) => {
      const fresh = newUuid(clock, bucket);
      const uuid = await claimRequest(tx, owner, requestKey, fresh);
      if (uuid !== fresh) {
        await this.step(tx, principal, { uuid, act: 'intend', keyName }); // only where it was voided
        return { uuid };
      }
      const now = clock.now();
      const version = 1;
      const parts = {
        typeCode: type.typeCode,
        issuerCode: issuer.issuerCode,
        version,
        year: isoDay(dayInChina(now)).slice(0, 4),
      };
      const { serial, identifier } = await reserveIdentifier(tx, uuid, parts);
      const entry = await reserveStatusEntry(tx, uuid);
      const entryId = await audit.record(tx, principal, {
        action: 'licence.issued',
        outcome: 'intended',
        objectId: idFromUuid('licence', uuid),
        subjectId: holderSubject(index),
        facts: { typeCode: type.typeCode, issuerCode: issuer.issuerCode, keyName },
      });
      await insertIntended(tx, {
        bucket,
        licence_id: uuid,
        owner,
        type_code: type.typeCode,
        type_version: type.version,
        issuer_code: issuer.issuerCode,
        identifier,
        serial_number: serial,
        version,
        holder_kind: holder.kind,
        holder_index: index,
        sealed: sealPersonalPart(cipher, uuid, { holder, claims }),
        valid_from: validFrom,
        valid_until: validUntil,
        status_list: entry.list,
        status_index: entry.index,
        intended_at: now,
        entry_id: entryId,
      });
      return { uuid, keyName };
    });
  }

  /** The key acts, then transaction 2. Of two that complete the same licence one wins; the other's code is never released. */
  async complete(principal: Principal, { uuid, keyName }: Intended): Promise<LicenceRow> {
    const { database, clock, cipher, catalogue, issuers, keys, audit } = this.#options;
    const row = await this.#row(uuid);
    if (row.status !== 'intended') return row;
    const { holder } = openPersonalPart(cipher, uuid, row.sealed);
    const type = await catalogue.version(row.type_code, row.type_version);
    const registered = await issuers.issuer(row.issuer_code);
    const signer = await keys.signer(registered.keyName, 'licence-issuer');
    const issuer = await issuers.actingWith(registered, signer);
    if (signer.keyName !== (keyName ?? (await audit.byId(row.entry_id))?.facts?.['keyName'])) {
      // A rotation since the intent: which key acts is said before it acts.
      await audit.append(principal, {
        action: 'licence.issued',
        outcome: 'intended',
        objectId: idFromUuid('licence', uuid),
        subjectId: holderSubject(row.holder_index),
        facts: { keyName: signer.keyName },
      });
    }
    const issuedAt = clock.now();
    const code = await makeLicenceCode({ row, type, holder, issuer, signer, issuedAt });
    this.#options.faults?.('signed');
    const sealedCode = cipher.seal(code, codeContext(uuid));
    await database.transaction((tx) =>
      this.step(tx, principal, { uuid, act: 'issue', issuedAt, sealedCode, objectSha256: sha256(code) }),
    );
    this.#options.faults?.('issued');
    const issued = await this.#row(uuid);
    if (issued.issued_at === null)
      throw new TrustError('key-unavailable', 'signing took longer than an issue may take');
    return issued;
  }

  /** One guarded act with its history and audit entry; false when the licence's status does not allow it. */
  async step(tx: Transaction, principal: Principal, step: Step): Promise<boolean> {
    const { clock, audit } = this.#options;
    const { uuid, act, issuedAt, sealedCode, objectSha256, reason, keyName } = step;
    const at = clock.now();
    const held = await holdStep(tx, uuid, act);
    if (held === undefined) return false;
    const outcome = outcomeOf[act];
    const event = {
      objectId: idFromUuid('licence', uuid),
      subjectId: holderSubject(held.holderIndex),
      ...(objectSha256 !== undefined && { objectSha256 }),
      ...(reason !== undefined && { purpose: reason }),
      facts: { from: held.from, to: held.to, ...(keyName !== undefined && { keyName }) },
    } as const;
    const entryId = await audit.record(
      tx,
      principal,
      outcome === undefined
        ? { ...event, action: 'licence.status-changed', outcome: 'done' }
        : { ...event, action: 'licence.issued', outcome, facts: { ...event.facts, typeCode: held.typeCode } },
    );
    await takeStep(tx, uuid, {
      ...held,
      act,
      at,
      entryId,
      ...(issuedAt !== undefined && { issuedAt }),
      ...(sealedCode !== undefined && { sealedCode }),
    });
    return true;
  }

  async #row(uuid: Uuid): Promise<LicenceRow> {
    const row = await licenceById(this.#options.database, uuid);
    if (row === undefined) throw new TrustError('licence-not-found', 'no such licence');
    return row;
  }
}

/** Acts that belong to the issuing of a licence, as the audit log calls their outcome. */
const outcomeOf: Readonly<Partial<Record<StatusAct, 'intended' | 'done' | 'voided'>>> = {
  intend: 'intended',
  issue: 'done',
  void: 'voided',
};

/** Under which a code is sealed in its row. */
export function codeContext(uuid: Uuid): string {
  return `licence.licence.sealed_code ${uuid}`;
}
