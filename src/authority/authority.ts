// Our own certification authority: hierarchy, certificates for keys, revocation and CRLs; RFC 5280, in schema `pki`.

import type { KeyStore } from '../crypto/key-store.ts';
import type { Database, Transaction } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Principal } from '../kernel/principal.ts';
import { house } from '../kernel/principal.ts';
import type { Certificate } from '../pki/certificate.ts';
import { CrlRevocationSource } from '../pki/crl-revocation.ts';
import { certificateProfiles } from '../pki/profiles.ts';
import type { RevocationAnswer, RevocationReason, RevocationSource } from '../pki/revocation.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import { CertificateStore } from './certificate-store.ts';
import { CrlIssuer } from './crl-issuer.ts';
import type { HierarchyMember } from './hierarchy.ts';
import { caNames, hierarchy, hierarchyAlgorithm, isCaName, issuerOfProfile, rootName } from './hierarchy.ts';
import type { CertificateRecord, CertificateRequest } from './issuance.ts';
import { Issuance } from './issuance.ts';

export interface AuthorityOptions {
  readonly database: Database;
  readonly audit: AuditRecorder;
  readonly keys: KeyStore;
  readonly clock: Clock;
  /** Without a slash at the end; certificates point to `/crl/{ca}.crl` and `/ca/{ca}.cer` under it. */
  readonly publicUrl: string;
  readonly log: Log;
}

export interface BoundCertificate {
  readonly certificate: Certificate;
  /** The certificates above it without the root, which a verifier must have from elsewhere. */
  readonly chain: readonly Certificate[];
}

export class Authority {
  readonly #options: AuthorityOptions;
  readonly #store = new CertificateStore();
  readonly #issuance: Issuance;
  readonly #crls: CrlIssuer;

  constructor(options: AuthorityOptions) {
    this.#options = options;
    this.#issuance = new Issuance({ ...options, store: this.#store });
    this.#crls = new CrlIssuer({ ...options, store: this.#store });
  }

  /** Keys and certificates of root, issuing CAs, time stamps, seal maker and licence issuer, each made once. Idempotent. */
  async ensureHierarchy(): Promise<void> {
    for (const member of hierarchy) await this.#ensureMember(member);
  }

  /**
   * Issues a certificate for a key of the key store and binds it to the key. The intent is committed before the authority's key
   * acts; the outcome goes into `tx` when one is given. Throws `key-not-found`, `key-purpose-wrong`, `certificate-lint-failed`, `key-…`.
   */
  async issueFor(request: CertificateRequest, principal: Principal, tx?: Transaction): Promise<CertificateRecord> {
    const record = await this.#issuance.issue(request, { principal, tx });
    if (record === undefined) throw new TrustError('internal', `key ${request.keyName} was not bound`);
    return record;
  }

  /** The certificate a key acts under. Throws `certificate-not-found`. */
  async certificateOf(keyName: string): Promise<BoundCertificate> {
    const certificate = await this.#store.boundTo(this.#options.database, keyName);
    if (certificate === undefined) throw new TrustError('certificate-not-found', `key ${keyName} has no certificate`);
    const intermediates = await this.intermediates();
    const issuer = intermediates.find(({ subjectDer }) => Buffer.compare(subjectDer, certificate.issuerDer) === 0);
    return { certificate, chain: issuer === undefined ? [] : [issuer] };
  }

  /** What verifiers of our own documents start from. */
  async anchors(): Promise<Certificate[]> {
    const root = await this.#store.boundTo(this.#options.database, rootName);
    return root === undefined ? [] : [root];
  }

  async intermediates(): Promise<Certificate[]> {
    const names = caNames.filter((name) => name !== rootName);
    const found = await Promise.all(names.map((name) => this.#store.boundTo(this.#options.database, name)));
    return found.filter((certificate) => certificate !== undefined);
  }

  /** DER of an authority's certificate, for `/ca/{ca}.cer`. Throws `certificate-not-found`. */
  async caCertificate(caName: string): Promise<Uint8Array> {
    return (await this.#caBound(caName)).der;
  }

  /** DER of the CRL in force, for `/crl/{ca}.crl`; every committed revocation is in it. Throws `certificate-not-found`, `key-…`. */
  async crl(caName: string): Promise<Uint8Array> {
    if (!isCaName(caName)) throw new TrustError('certificate-not-found', 'no such authority');
    return (await this.#crls.current(caName)).der;
  }

  /**
   * Revokes a certificate of ours with its audit entry in one transaction; a certificate already revoked keeps its first revocation.
   * Throws `certificate-not-found`.
   */
  async revoke(serialHex: string, reason: RevocationReason, principal: Principal): Promise<void> {
    const { database, audit, clock } = this.#options;
    const now = clock.now();
    const revoked = await database.transaction(async (tx) => {
      const changed = await this.#store.revoke(tx, serialHex, reason, now);
      const event = { action: 'certificate.revoked', outcome: 'done', facts: { serial: serialHex, reason } } as const;
      if (changed) await audit.record(tx, principal, event);
      return changed;
    });
    if (revoked) return;
    const status = await this.statusAt(serialHex, now);
    if (status.status === 'unknown')
      throw new TrustError('certificate-not-found', 'no certificate of ours has this serial');
  }

  /** From the register itself, not from a CRL. A serial we never issued is `unknown`. */
  statusAt(serialHex: string, at: Date): Promise<RevocationAnswer> {
    return this.#store.statusAt(this.#options.database, serialHex, at);
  }

  /** Our CRLs as a source for path validation: complete up to this call. */
  async revocation(): Promise<RevocationSource> {
    const crls = await Promise.all(caNames.map((ca) => this.#crls.current(ca)));
    return new CrlRevocationSource({ crls, now: this.#options.clock.now() });
  }

  async #caBound(caName: string): Promise<Certificate> {
    const bound = isCaName(caName) ? await this.#store.boundTo(this.#options.database, caName) : undefined;
    if (bound === undefined) throw new TrustError('certificate-not-found', 'no such authority');
    return bound;
  }

  /** A crash at any point leaves a key without a certificate, or an intent without an outcome; the next start goes on from there. */
  async #ensureMember({ keyName, profile, subject, validDays }: HierarchyMember): Promise<void> {
    const { database, audit, keys, log } = this.#options;
    if ((await keys.find(keyName)) === undefined) {
      const purpose = certificateProfiles[profile].keyPurpose;
      const key = { action: 'key.created', facts: { keyName, purpose, algorithm: hierarchyAlgorithm } } as const;
      await audit.append(house, { ...key, outcome: 'intended' });
      await keys.create({ name: keyName, purpose, algorithm: hierarchyAlgorithm });
      await audit.append(house, { ...key, outcome: 'done' });
    }
    if ((await this.#store.boundTo(database, keyName)) !== undefined) return;
    await this.#issuance.issue({ keyName, profile, subject, validDays }, { principal: house, onlyFirst: true });
    log.info({ keyName, issuer: issuerOfProfile[profile] }, 'certificate issued');
  }
}
