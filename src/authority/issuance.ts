// Issuing a certificate in three steps: intent committed, key acts, outcome committed. A crash between them leaves an intent and no certificate.

import { sha256 } from '../crypto/digest.ts';
import type { KeyStore } from '../crypto/key-store.ts';
import type { Database, Transaction } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { addSeconds, epochSeconds, moment } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { Id } from '../kernel/ids.ts';
import { idFromUuid, newUuid } from '../kernel/ids.ts';
import type { Principal } from '../kernel/principal.ts';
import type { Certificate } from '../pki/certificate.ts';
import { parseCertificate } from '../pki/certificate.ts';
import { issueCertificate } from '../pki/issue.ts';
import type { DistinguishedName } from '../pki/name.ts';
import type { CertificateProfile } from '../pki/profiles.ts';
import { certificateProfiles } from '../pki/profiles.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { CertificateStore, IntendedCertificate } from './certificate-store.ts';
import { issuerOfProfile } from './hierarchy.ts';
import { newSerial } from './serial.ts';

export interface CertificateRequest {
  readonly keyName: string;
  readonly profile: CertificateProfile;
  readonly subject: DistinguishedName;
  readonly validDays: number;
}

export interface CertificateRecord {
  readonly certificateId: Id<'certificate'>;
  readonly serialHex: string;
  readonly keyName: string;
  readonly profile: CertificateProfile;
  /** Name of the authority that issued it. */
  readonly issuerName: string;
  readonly certificate: Certificate;
  readonly issuedAt: Date;
}

export interface IssuanceOptions {
  readonly database: Database;
  readonly audit: AuditRecorder;
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly publicUrl: string;
  readonly store: CertificateStore;
}

interface IssueControl {
  readonly principal: Principal;
  /** The caller's transaction for the outcome; the intent is always committed before the key acts. */
  readonly tx?: Transaction | undefined;
  /** Only when the key has no certificate yet: of two processes at once one is bound, the other's is voided. */
  readonly onlyFirst?: boolean;
}

const secondsPerDay = 86_400;

export class Issuance {
  readonly #options: IssuanceOptions;

  constructor(options: IssuanceOptions) {
    this.#options = options;
  }

  /** `undefined` only with `onlyFirst`, when the key was bound meanwhile. */
  async issue(request: CertificateRequest, control: IssueControl): Promise<CertificateRecord | undefined> {
    const spki = await this.#subjectKey(request);
    const { row, serial } = this.#plan(request);
    await this.#commitIntent(row, control.principal);
    let certificate: Certificate;
    try {
      certificate = await this.#sign(request, row, { spki, serial });
    } catch (error) {
      await this.#commitFailure(row, control.principal, error);
      throw error;
    }
    const commit = (tx: Transaction) => this.#recordOutcome(tx, row, certificate, control);
    const { database } = this.#options;
    const bound = control.tx === undefined ? await database.transaction(commit) : await commit(control.tx);
    return bound ? recordOf(row, certificate) : undefined;
  }

  async #subjectKey({ keyName, profile }: CertificateRequest): Promise<Uint8Array> {
    const key = await this.#options.keys.find(keyName);
    if (key === undefined) throw new TrustError('key-not-found', `no key ${keyName}`);
    if (key.purpose !== certificateProfiles[profile].keyPurpose) {
      throw new TrustError('key-purpose-wrong', `a ${key.purpose} key gets no ${profile} certificate`);
    }
    return key.spki;
  }

  #plan({ keyName, profile, validDays }: CertificateRequest): { row: IntendedCertificate; serial: Uint8Array } {
    const { clock } = this.#options;
    const serial = newSerial();
    const now = clock.now();
    const notBefore = moment(epochSeconds(now) * 1000); // certificates know whole seconds
    const row = {
      certificateId: newUuid(clock),
      serialHex: serial.hex,
      issuerName: issuerOfProfile[profile],
      profile,
      keyName,
      notBefore,
      notAfter: addSeconds(notBefore, validDays * secondsPerDay),
      intendedAt: now,
    };
    return { row, serial: serial.octets };
  }

  async #commitIntent(row: IntendedCertificate, principal: Principal): Promise<void> {
    const { database, audit, store } = this.#options;
    await database.transaction(async (tx) => {
      await store.insertIntended(tx, row);
      await audit.record(tx, principal, { ...eventOf(row), outcome: 'intended' });
    });
  }

  async #sign(
    request: CertificateRequest,
    row: IntendedCertificate,
    { spki, serial }: { spki: Uint8Array; serial: Uint8Array },
  ): Promise<Certificate> {
    const { database, keys, store, publicUrl } = this.#options;
    const { profile, subject } = request;
    const signer = await keys.signer(row.issuerName, certificateProfiles[profile].issuerPurpose);
    const isRoot = row.issuerName === row.keyName;
    const certificate = isRoot ? undefined : await store.boundTo(database, row.issuerName);
    if (!isRoot && certificate === undefined)
      throw new TrustError('certificate-not-found', `${row.issuerName} has no certificate`);
    const urls = {
      crl: `${publicUrl}/crl/${row.issuerName}.crl`,
      caIssuers: `${publicUrl}/ca/${row.issuerName}.cer`,
    };
    const der = await issueCertificate({
      profile,
      subject,
      spki,
      issuer: certificate === undefined ? { signer } : { certificate, signer },
      serial,
      notBefore: row.notBefore,
      notAfter: row.notAfter,
      urls: isRoot ? {} : urls,
    });
    return parseCertificate(der);
  }

  async #commitFailure(row: IntendedCertificate, principal: Principal, error: unknown): Promise<void> {
    const { database, audit, store } = this.#options;
    const code = isTrustError(error) ? error.code : 'internal';
    await database.transaction(async (tx) => {
      await store.markVoided(tx, row.certificateId);
      await audit.record(tx, principal, { ...eventOf(row), outcome: 'failed', code });
    });
  }

  async #recordOutcome(
    tx: Transaction,
    row: IntendedCertificate,
    certificate: Certificate,
    { principal, onlyFirst = false }: IssueControl,
  ): Promise<boolean> {
    const { audit, store, clock } = this.#options;
    const now = clock.now();
    await store.markIssued(tx, row.certificateId, certificate.der, now);
    const bound = onlyFirst ? await store.bindFirst(tx, row.keyName, row.certificateId, now) : true;
    if (bound && !onlyFirst) await store.bind(tx, row.keyName, row.certificateId, now);
    if (!bound) await store.markVoided(tx, row.certificateId);
    const outcome = bound ? 'done' : 'voided';
    await audit.record(tx, principal, { ...eventOf(row), outcome, objectSha256: sha256(certificate.der) });
    return bound;
  }
}

function eventOf({ certificateId, profile, keyName, issuerName, serialHex }: IntendedCertificate) {
  return {
    action: 'certificate.issued',
    objectId: idFromUuid('certificate', certificateId),
    facts: { profile, keyName, issuer: issuerName, serial: serialHex },
  } as const;
}

function recordOf(row: IntendedCertificate, certificate: Certificate): CertificateRecord {
  const { certificateId, serialHex, keyName, profile, issuerName, intendedAt } = row;
  return {
    certificateId: idFromUuid('certificate', certificateId),
    serialHex,
    keyName,
    profile,
    issuerName,
    certificate,
    issuedAt: intendedAt,
  };
}
