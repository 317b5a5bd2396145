// What issuing leaves in the register and in the audit log: intents and outcomes, those of the same moment in one transaction.

import { sha256 } from '../crypto/digest.ts';
import type { Database, Transaction } from '../db/database.ts';
import { GroupCommit } from '../db/group-commit.ts';
import type { Clock } from '../kernel/clock.ts';
import { isTrustError } from '../kernel/errors.ts';
import { idFromUuid } from '../kernel/ids.ts';
import type { Principal } from '../kernel/principal.ts';
import { house } from '../kernel/principal.ts';
import type { Certificate } from '../pki/certificate.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { CertificateStore } from './certificate-store.ts';
import type { DeedTie } from './deed-tie.ts';
import type { AbandonedIntent, IntendedCertificate, IntentStore } from './intent-store.ts';

export interface IssuanceRegisterOptions {
  readonly database: Database;
  readonly audit: AuditRecorder;
  readonly clock: Clock;
  readonly store: Pick<CertificateStore, 'bind' | 'bindFirst'>;
  readonly intents: IntentStore;
}

export interface IssuanceIntent {
  readonly row: IntendedCertificate;
  readonly principal: Principal;
  /** Where the certificate will say that the CRL of its issuer is. */
  readonly crlAddress: string | undefined;
  /** Of a deed that two people have approved. */
  readonly tie: DeedTie | undefined;
}

export interface IssuanceOutcome {
  readonly row: IntendedCertificate;
  readonly principal: Principal;
  readonly certificate: Certificate;
}

/** `bound-meanwhile`: the key got another certificate first; `given-up`: so was the intent, by somebody who waited for it. */
export type IssuanceEnding = { readonly issuedAt: Date } | 'bound-meanwhile' | 'given-up';

const abandonedBatch = 100;

export class IssuanceRegister {
  readonly #options: IssuanceRegisterOptions;
  /** Addresses of CRLs that are written down already. */
  readonly #addresses = new Set<string>();
  readonly #intended: GroupCommit<IssuanceIntent, boolean>;
  readonly #outcomes: GroupCommit<IssuanceOutcome, IssuanceEnding>;

  constructor(options: IssuanceRegisterOptions) {
    this.#options = options;
    this.#intended = new GroupCommit({ work: (lot) => this.#commitIntents(lot) });
    this.#outcomes = new GroupCommit({
      work: (lot) => this.#options.database.transaction((tx) => this.#recordOutcomes(tx, lot)),
    });
  }

  /** Commits the intent: after this the key may act. False when the same request is already being served. */
  intend(intent: IssuanceIntent): Promise<boolean> {
    return this.#intended.add(intent);
  }

  /** Commits the outcome for a key that is not ours. */
  conclude(outcome: IssuanceOutcome): Promise<IssuanceEnding> {
    return this.#outcomes.add(outcome);
  }

  /** The outcome in a transaction of the caller's; a key of ours is bound to it, with `onlyFirst` unless it was bound to another meanwhile. */
  async concludeWithin(
    tx: Transaction,
    { row, principal, certificate }: IssuanceOutcome,
    { onlyFirst, tie }: { onlyFirst: boolean; tie: DeedTie | undefined },
  ): Promise<IssuanceEnding> {
    const { audit, intents, clock } = this.#options;
    const { certificateId } = row;
    const at = clock.now();
    const issued = await intents.markIssued(tx, [{ certificateId, der: certificate.der }], at);
    if (!issued.has(certificateId)) return 'given-up';
    const bound = await this.#bind(tx, row, { onlyFirst, at });
    if (!bound) await intents.markVoided(tx, certificateId);
    else await tie?.done(tx, row.serialHex);
    await audit.record(tx, principal, outcomeEvent(row, certificate, bound ? 'done' : 'voided'));
    return bound ? { issuedAt: at } : 'bound-meanwhile';
  }

  /** The key did not act, or not well: there is no certificate, and the request may be made again. */
  async fail(row: IntendedCertificate, principal: Principal, error: unknown): Promise<void> {
    const { database, audit, intents } = this.#options;
    const code = isTrustError(error) ? error.code : 'internal';
    await database.transaction(async (tx) => {
      await intents.markVoided(tx, row.certificateId);
      await audit.record(tx, principal, { ...eventOf(row), outcome: 'failed', code });
    });
  }

  /** Ends the oldest intents from before a moment, of which no certificate came; answers how many. */
  async voidAbandoned(before: Date): Promise<number> {
    const { database, audit, intents } = this.#options;
    return database.transaction(async (tx) => {
      const abandoned = await intents.voidAbandoned(tx, before, abandonedBatch);
      const deeds = abandoned.map((row) => ({
        principal: house,
        event: { ...eventOf(row), outcome: 'voided' } as const,
      }));
      if (deeds.length > 0) await audit.recordMany(tx, deeds);
      return deeds.length;
    });
  }

  async #commitIntents(lot: readonly IssuanceIntent[]): Promise<boolean[]> {
    const { database, audit, intents } = this.#options;
    const addresses = new Map<string, IntendedCertificate>();
    for (const { row, crlAddress } of lot) {
      if (crlAddress !== undefined && !this.#addresses.has(crlAddress)) addresses.set(crlAddress, row);
    }
    const inserted = await database.transaction(async (tx) => {
      for (const [url, { issuerName, intendedAt }] of addresses) {
        await intents.rememberAddress(tx, issuerName, url, intendedAt);
      }
      const rows = lot.map(({ row }) => row);
      const ids = await intents.insertIntended(tx, rows);
      const deeds = lot
        .filter(({ row }) => ids.has(row.certificateId))
        .map(({ row, principal }) => ({ principal, event: { ...eventOf(row), outcome: 'intended' } as const }));
      for (const { row, tie } of lot) if (ids.has(row.certificateId)) await tie?.intended(tx, row.certificateId);
      await audit.recordMany(tx, deeds);
      return ids;
    });
    for (const url of addresses.keys()) this.#addresses.add(url);
    return lot.map(({ row }) => inserted.has(row.certificateId));
  }

  async #recordOutcomes(tx: Transaction, lot: readonly IssuanceOutcome[]): Promise<IssuanceEnding[]> {
    const { audit, intents, clock } = this.#options;
    const signed = lot.map(({ row, certificate }) => ({ certificateId: row.certificateId, der: certificate.der }));
    const issuedAt = clock.now();
    const issued = await intents.markIssued(tx, signed, issuedAt);
    const deeds = lot
      .filter(({ row }) => issued.has(row.certificateId))
      .map(({ row, principal, certificate }) => ({ principal, event: outcomeEvent(row, certificate, 'done') }));
    await audit.recordMany(tx, deeds);
    return lot.map(({ row }) => (issued.has(row.certificateId) ? { issuedAt } : 'given-up'));
  }

  async #bind(
    tx: Transaction,
    { keyName, certificateId, renews }: IntendedCertificate,
    { onlyFirst, at }: { onlyFirst: boolean; at: Date },
  ): Promise<boolean> {
    const { store } = this.#options;
    if (keyName === undefined) return true;
    if (onlyFirst) return store.bindFirst(tx, keyName, certificateId, { at, replaces: renews });
    await store.bind(tx, keyName, certificateId, at);
    return true;
  }
}

function outcomeEvent(row: IntendedCertificate, { der }: Certificate, outcome: 'done' | 'voided') {
  return { ...eventOf(row), outcome, objectSha256: sha256(der) } as const;
}

function eventOf({ certificateId, profile, keyName, issuerName, serialHex }: AbandonedIntent) {
  return {
    action: 'certificate.issued',
    objectId: idFromUuid('certificate', certificateId),
    facts: { profile, issuer: issuerName, serial: serialHex, ...(keyName === undefined ? {} : { keyName }) },
  } as const;
}
