// Issuing a certificate in three steps: intent committed, key acts, outcome committed. A crash between them leaves an intent and no certificate.

import { sha256 } from '../crypto/digest.ts';
import type { KeyStore } from '../crypto/key-store.ts';
import type { Database, Transaction } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { addSeconds, epochSeconds, moment } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { Id, Uuid } from '../kernel/ids.ts';
import { idFromUuid, newUuid } from '../kernel/ids.ts';
import type { Principal } from '../kernel/principal.ts';
import type { RequestKey } from '../kernel/request-key.ts';
import { equalBytes } from '../kernel/bytes.ts';
import type { Certificate } from '../pki/certificate.ts';
import { parseCertificate } from '../pki/certificate.ts';
import type { IssuerUrls } from '../pki/issue.ts';
import { issueCertificate } from '../pki/issue.ts';
import type { DistinguishedName } from '../pki/name.ts';
import type { CertificateProfile } from '../pki/profiles.ts';
import { certificateProfiles } from '../pki/profiles.ts';
import { algorithmsFor, publicKeyFacts } from '../pki/public-key.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { CertificateStore, IntendedCertificate } from './certificate-store.ts';
import type { CaName, Suite } from './hierarchy.ts';
import { caPurpose, issuerOf, suiteOf, suiteOfCa } from './hierarchy.ts';
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
  /** Absent for a certificate over a key that is not in our key store. */
  readonly keyName: string | undefined;
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

export interface IssueOrder {
  /** A key of our key store by name, or the public key of somebody else's, whose possession was proven. */
  readonly key: { readonly keyName: string } | { readonly spki: Uint8Array };
  readonly profile: CertificateProfile;
  readonly subject: DistinguishedName;
  readonly validDays: number;
  /** Absent: the authority of the profile in the suite of the key. */
  readonly issuer?: CaName;
  /** The certificate that this one follows. */
  readonly renews?: Uuid;
}

export interface IssueControl {
  readonly principal: Principal;
  /** The caller's transaction for the outcome; the intent is always committed before the key acts. */
  readonly tx?: Transaction | undefined;
  /**
   * Only when the key has no certificate yet, or still the one that is renewed: of two processes at once one is bound, the other's
   * certificate is voided.
   */
  readonly onlyFirst?: boolean;
  /** Asked again under the same key, the same certificate is given again. */
  readonly requestKey?: RequestKey | undefined;
}

interface Plan {
  readonly row: IntendedCertificate;
  readonly issuer: CaName;
  readonly serial: Uint8Array;
  readonly spki: Uint8Array;
}

const secondsPerDay = 86_400;
const abandonedSeconds = 60;

export class Issuance {
  readonly #options: IssuanceOptions;
  /** Addresses of CRLs that are written down already. */
  readonly #addresses = new Set<string>();

  constructor(options: IssuanceOptions) {
    this.#options = options;
  }

  /** `undefined` only with `onlyFirst`, when the key was bound meanwhile. */
  async issue(order: IssueOrder, control: IssueControl): Promise<CertificateRecord | undefined> {
    const { requestKey } = control;
    const earlier = requestKey === undefined ? undefined : await this.#earlier(requestKey);
    if (earlier !== undefined) return earlier;
    const plan = await this.#plan(order, requestKey);
    const { row } = plan;
    await this.#commitIntent(plan, control.principal);
    let certificate: Certificate;
    try {
      certificate = await this.#sign(order, plan);
    } catch (error) {
      await this.#commitFailure(row, control.principal, error);
      throw error;
    }
    const commit = (tx: Transaction) => this.#recordOutcome(tx, row, certificate, control);
    const { database } = this.#options;
    const bound = control.tx === undefined ? await database.transaction(commit) : await commit(control.tx);
    return bound ? recordOf(row, certificate) : undefined;
  }

  /**
   * The certificate of an earlier request under the same key. An intent without outcome belongs to a process that is at it, or was
   * ended: after a minute it is given up. Throws `idempotency-key-reused`, `certificate-transition-forbidden` (being issued).
   */
  async #earlier(requestKey: RequestKey): Promise<CertificateRecord | undefined> {
    const { database, store, clock } = this.#options;
    const found = await store.byRequest(database, requestKey);
    if (found === undefined) return undefined;
    if (!equalBytes(found.sha256, requestKey.bodySha256)) {
      throw new TrustError('idempotency-key-reused', 'the same key stood before another request');
    }
    const stored = found.state === 'issued' ? await store.bySerial(database, found.serialHex) : undefined;
    if (stored !== undefined)
      return { ...stored, certificateId: idFromUuid('certificate', stored.certificateId), serialHex: found.serialHex };
    if (clock.now() < addSeconds(found.intendedAt, abandonedSeconds)) throw beingIssued();
    await database.transaction((tx) => store.markVoided(tx, found.certificateId));
    return undefined;
  }

  async #plan(order: IssueOrder, requestKey: RequestKey | undefined): Promise<Plan> {
    const { clock } = this.#options;
    const { profile, validDays, renews } = order;
    const { spki, keyName, suite } = await this.#subjectKey(order);
    const issuer = order.issuer ?? issuerOf(profile, suite);
    if (suiteOfCa(issuer) !== suite) {
      throw new TrustError('key-purpose-wrong', `${issuer} certifies no keys of the other suite`);
    }
    const serial = newSerial();
    const now = clock.now();
    const notBefore = moment(epochSeconds(now) * 1000); // certificates know whole seconds
    const row = {
      certificateId: newUuid(clock),
      serialHex: serial.hex,
      issuerName: issuer,
      profile,
      keyName,
      spkiSha256: sha256(spki),
      renews,
      notBefore,
      notAfter: addSeconds(notBefore, validDays * secondsPerDay),
      intendedAt: now,
      requestKey,
    };
    return { row, issuer, serial: serial.octets, spki };
  }

  async #subjectKey({
    key,
    profile,
  }: IssueOrder): Promise<{ spki: Uint8Array; keyName: string | undefined; suite: Suite }> {
    if ('spki' in key) {
      const sm2 = algorithmsFor(publicKeyFacts(key.spki)).includes('SM2');
      return { spki: key.spki, keyName: undefined, suite: sm2 ? 'gm' : 'intl' };
    }
    const { keyName } = key;
    const found = await this.#options.keys.find(keyName);
    if (found === undefined) throw new TrustError('key-not-found', `no key ${keyName}`);
    if (found.purpose !== certificateProfiles[profile].keyPurpose) {
      throw new TrustError('key-purpose-wrong', `a ${found.purpose} key gets no ${profile} certificate`);
    }
    return { spki: found.spki, keyName, suite: suiteOf(found.algorithm) };
  }

  async #commitIntent({ row, issuer }: Plan, principal: Principal): Promise<void> {
    const { database, audit, store, publicUrl } = this.#options;
    const { crl } = urlsOf(publicUrl, issuer, row.profile);
    const isNewAddress = crl !== undefined && !this.#addresses.has(crl);
    await database.transaction(async (tx) => {
      if (!(await store.insertIntended(tx, row))) throw beingIssued();
      if (isNewAddress) await store.rememberAddress(tx, issuer, crl, row.intendedAt);
      await audit.record(tx, principal, { ...eventOf(row), outcome: 'intended' });
    });
    if (isNewAddress) this.#addresses.add(crl);
  }

  async #sign({ profile, subject }: IssueOrder, { row, issuer, serial, spki }: Plan): Promise<Certificate> {
    const { database, keys, store, publicUrl } = this.#options;
    const signer = await keys.signer(issuer, caPurpose(issuer));
    const isRoot = issuer === row.keyName;
    const certificate = isRoot ? undefined : (await store.boundTo(database, issuer))?.certificate;
    if (!isRoot && certificate === undefined)
      throw new TrustError('certificate-not-found', `${issuer} has no certificate`);
    const der = await issueCertificate({
      profile,
      subject,
      spki,
      issuer: certificate === undefined ? { signer } : { certificate, signer },
      serial,
      notBefore: row.notBefore,
      notAfter: row.notAfter,
      urls: urlsOf(publicUrl, issuer, profile),
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
    if (!(await store.markIssued(tx, row.certificateId, certificate.der, now))) throw beingIssued();
    const bound = await this.#bind(tx, row, { onlyFirst, at: now });
    if (!bound) await store.markVoided(tx, row.certificateId);
    const outcome = bound ? 'done' : 'voided';
    await audit.record(tx, principal, { ...eventOf(row), outcome, objectSha256: sha256(certificate.der) });
    return bound;
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

/** What a certificate says of its issuer's addresses; a root points to nobody, the root of mobile documents to its CRL (ISO/IEC 18013-5, B.1.2). */
function urlsOf(publicUrl: string, issuer: CaName, profile: CertificateProfile): IssuerUrls {
  if (profile === 'root-ca') return {};
  const crl = `${publicUrl}/crl/${issuer}.crl`;
  if (profile === 'mdoc-root') return { crl, contact: publicUrl };
  return {
    crl,
    caIssuers: `${publicUrl}/ca/${issuer}.cer`,
    ocsp: `${publicUrl}/ocsp/${issuer}`,
    contact: publicUrl,
  };
}

function beingIssued(): TrustError {
  return new TrustError('certificate-transition-forbidden', 'this request is being served; ask again in a moment');
}

function eventOf({ certificateId, profile, keyName, issuerName, serialHex }: IntendedCertificate) {
  return {
    action: 'certificate.issued',
    objectId: idFromUuid('certificate', certificateId),
    facts: { profile, issuer: issuerName, serial: serialHex, ...(keyName === undefined ? {} : { keyName }) },
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
