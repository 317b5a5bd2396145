// Our own certification authority: hierarchy, certificates for keys, revocation and CRLs; RFC 5280, in schema `pki`.

import type { KeyStore } from '../crypto/key-store.ts';
import type { Database, Transaction } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { addSeconds } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Principal } from '../kernel/principal.ts';
import { house } from '../kernel/principal.ts';
import type { Certificate } from '../pki/certificate.ts';
import { CrlRevocationSource } from '../pki/crl-revocation.ts';
import { certificateProfiles } from '../pki/profiles.ts';
import type { RevocationAnswer, RevocationReason, RevocationSource } from '../pki/revocation.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import { CertificateChanges } from './certificate-changes.ts';
import { CertificateOffice } from './certificate-office.ts';
import type { StoredCertificate } from './certificate-store.ts';
import { CertificateStore } from './certificate-store.ts';
import { CrlIssuer } from './crl-issuer.ts';
import type { CrlKind } from './crl-store.ts';
import { CrlStore } from './crl-store.ts';
import type { CaName, HierarchyMember, InternationalAlgorithm } from './hierarchy.ts';
import { anchorNames, caNames, hierarchyMembers, isCaName, isSelfSigned } from './hierarchy.ts';
import type { CertificateRecord, CertificateRequest } from './issuance.ts';
import { Issuance } from './issuance.ts';
import { Proposals } from './proposals.ts';
import { StatusStore } from './status-store.ts';

export interface AuthorityOptions {
  readonly database: Database;
  readonly audit: AuditRecorder;
  readonly keys: KeyStore;
  readonly clock: Clock;
  /** Without a slash at the end; certificates point to `/crl/{ca}.crl`, `/ocsp/{ca}` and `/ca/{ca}.cer` under it. */
  readonly publicUrl: string;
  readonly log: Log;
  /** Names of authorities say Sandbox unless this is false. */
  readonly sandbox?: boolean;
  /** Algorithm of the international suite where its keys are still to be made; ES256 when absent. */
  readonly algorithm?: InternationalAlgorithm;
}

export interface BoundCertificate {
  readonly certificate: Certificate;
  /** The certificates above it without the root, which a verifier must have from elsewhere. */
  readonly chain: readonly Certificate[];
}

const renewalSeconds = 3600;
const intermediateNames = caNames.filter((name) => !isSelfSigned(name));

export class Authority {
  readonly #options: AuthorityOptions;
  readonly #store = new CertificateStore();
  readonly #statuses = new StatusStore();
  readonly #issuance: Issuance;
  readonly #changes: CertificateChanges;
  readonly #crls: CrlIssuer;
  /** Certificates as administrators manage them. */
  readonly office: CertificateOffice;
  /** Deeds on roots and issuing CAs. */
  readonly proposals: Proposals;
  #nextRenewal: Date | undefined;

  constructor(options: AuthorityOptions) {
    this.#options = options;
    this.#issuance = new Issuance({ ...options, store: this.#store });
    this.#changes = new CertificateChanges({ ...options, store: this.#store, statuses: this.#statuses });
    this.#crls = new CrlIssuer({
      ...options,
      certificates: this.#store,
      statuses: this.#statuses,
      lists: new CrlStore(options.database),
    });
    const rooms = { store: this.#store, issuance: this.#issuance, changes: this.#changes, crls: this.#crls };
    this.office = new CertificateOffice({ database: options.database, ...rooms });
    this.proposals = new Proposals({ ...options, office: this.office });
  }

  /**
   * Keys and certificates of roots, issuing CAs, time stamps, seal makers, licence issuers and OCSP responders in both suites, each
   * made once; those that renew themselves are renewed when it is time. Idempotent.
   */
  async ensureHierarchy(): Promise<void> {
    const { sandbox = true, algorithm = 'ES256' } = this.#options;
    for (const member of hierarchyMembers({ sandbox, algorithm })) await this.#ensureMember(member);
  }

  /** Looks once an hour whether something must be renewed; for the rounds that a process makes anyway. */
  async renewDue(): Promise<void> {
    const now = this.#options.clock.now();
    if (this.#nextRenewal !== undefined && now < this.#nextRenewal) return;
    this.#nextRenewal = addSeconds(now, renewalSeconds);
    await this.ensureHierarchy();
  }

  /**
   * Issues a certificate for a key of the key store and binds it to the key. The intent is committed before the authority's key
   * acts; the outcome goes into `tx` when one is given. Throws `key-not-found`, `key-purpose-wrong`, `certificate-lint-failed`, `key-…`.
   */
  async issueFor(request: CertificateRequest, principal: Principal, tx?: Transaction): Promise<CertificateRecord> {
    const { keyName, ...order } = request;
    const record = await this.#issuance.issue({ ...order, key: { keyName } }, { principal, tx });
    if (record === undefined) throw new TrustError('internal', `key ${keyName} was not bound`);
    return record;
  }

  /**
   * A key that is to take another's place gets a certificate like the other's: profile, subject, issuer and length of life. Nothing
   * happens when it has one. Throws `certificate-not-found`, `key-purpose-wrong`, `certificate-lint-failed`, `key-…`.
   */
  async certifySuccessor(keyName: string, successor: string, principal: Principal): Promise<void> {
    const present = await this.#bound(keyName);
    if (present === undefined) throw new TrustError('certificate-not-found', `key ${keyName} has no certificate`);
    if ((await this.#bound(successor)) !== undefined) return;
    const { profile, certificate, issuerName } = present;
    const { subject, notBefore, notAfter } = certificate;
    const validDays = Math.round((notAfter.getTime() - notBefore.getTime()) / 86_400_000);
    const order = { key: { keyName: successor }, profile, subject, validDays, issuer: existing(issuerName) };
    await this.#issuance.issue(order, { principal, onlyFirst: true });
  }

  /** The certificate a key acts under. Throws `certificate-not-found`. */
  async certificateOf(keyName: string): Promise<BoundCertificate> {
    const bound = await this.#bound(keyName);
    if (bound === undefined) throw new TrustError('certificate-not-found', `key ${keyName} has no certificate`);
    const { certificate, issuerName } = bound;
    if (!isCaName(issuerName) || isSelfSigned(issuerName)) return { certificate, chain: [] };
    const issuer = await this.#bound(issuerName);
    return { certificate, chain: issuer === undefined ? [] : [issuer.certificate] };
  }

  /** What verifiers of our own documents start from: the root of each suite. */
  anchors(): Promise<Certificate[]> {
    return this.#boundAll(anchorNames);
  }

  intermediates(): Promise<Certificate[]> {
    return this.#boundAll(intermediateNames);
  }

  /** DER of an authority's certificate, for `/ca/{ca}.cer`. Throws `certificate-not-found`. */
  async caCertificate(caName: string): Promise<Uint8Array> {
    const bound = isCaName(caName) ? await this.#bound(caName) : undefined;
    if (bound === undefined) throw new TrustError('certificate-not-found', 'no such authority');
    return bound.certificate.der;
  }

  /**
   * DER of the CRL in force, for `/crl/{ca}.crl` and `/crl/{ca}.delta.crl`. Every committed change of status is in the delta, and in
   * the full list unless that has more than 50,000 entries. Throws `certificate-not-found`, `key-…`.
   */
  async crl(caName: string, kind: CrlKind = 'full'): Promise<Uint8Array> {
    return this.#crls.current(existing(caName), kind);
  }

  /** Makes a new CRL now. Returns its number. Throws `certificate-not-found`, `key-…`. */
  regenerateCrl(caName: string): Promise<number> {
    return this.#crls.regenerate(existing(caName));
  }

  /** Revokes a certificate of ours; one already revoked keeps its first revocation. Throws `certificate-not-found`. */
  revoke(serialHex: string, reason: FinalReason, principal: Principal): Promise<void> {
    return this.#changes.revoke(serialHex, reason, principal);
  }

  /** Suspending twice changes nothing. Throws `certificate-not-found`, `certificate-transition-forbidden` when it is revoked. */
  suspend(serialHex: string, principal: Principal): Promise<void> {
    return this.#changes.suspend(serialHex, principal);
  }

  /** Throws `certificate-not-found`, `certificate-transition-forbidden` when it is not suspended. */
  resume(serialHex: string, principal: Principal): Promise<void> {
    return this.#changes.resume(serialHex, principal);
  }

  /** From the register itself, not from a CRL. A serial we never issued is `unknown`. */
  statusAt(serialHex: string, at: Date): Promise<RevocationAnswer> {
    return this.#statuses.statusAt(this.#options.database, serialHex, at);
  }

  /** Our CRLs as a source for path validation: complete up to this call. */
  async revocation(): Promise<RevocationSource> {
    return new CrlRevocationSource({ crls: await this.#crls.parsed(caNames), now: this.#options.clock.now() });
  }

  #bound(keyName: string): Promise<StoredCertificate | undefined> {
    return this.#store.boundTo(this.#options.database, keyName);
  }

  async #boundAll(names: readonly CaName[]): Promise<Certificate[]> {
    const found = await Promise.all(names.map((name) => this.#bound(name)));
    return found.flatMap((bound) => (bound === undefined ? [] : [bound.certificate]));
  }

  /** A crash at any point leaves a key without a certificate, or an intent without an outcome; the next start goes on from there. */
  async #ensureMember(member: HierarchyMember): Promise<void> {
    const { profile, subject, validDays, issuer } = member;
    await this.#ensureKey(member);
    const family = await this.#options.keys.family(member.keyName);
    const keyName = family.find(({ state }) => state === 'active')?.name ?? member.keyName;
    const bound = await this.#bound(keyName);
    if (bound !== undefined && !this.#isDue(member, bound)) return;
    const renews = bound === undefined ? {} : { renews: bound.certificateId };
    const order = { key: { keyName }, profile, subject, validDays, issuer, ...renews };
    await this.#issuance.issue(order, { principal: house, onlyFirst: true });
    this.#options.log.info({ keyName, issuer }, 'certificate issued');
  }

  async #ensureKey({ keyName, profile, algorithm }: HierarchyMember): Promise<void> {
    const { audit, keys } = this.#options;
    const bound = await this.#bound(keyName); // first, because whoever binds a certificate has made the key before
    if ((await keys.find(keyName)) !== undefined) return;
    // A new key under the old certificate would sign what nobody can verify.
    if (bound !== undefined)
      throw new TrustError('key-not-found', `KEYS_DIR lacks the key ${keyName} of this database`);
    const purpose = certificateProfiles[profile].keyPurpose;
    const key = { action: 'key.created', facts: { keyName, purpose, algorithm } } as const;
    await audit.append(house, { ...key, outcome: 'intended' });
    await keys.create({ name: keyName, purpose, algorithm });
    await audit.append(house, { ...key, outcome: 'done' });
  }

  #isDue({ renewed, validDays }: HierarchyMember, { certificate }: StoredCertificate): boolean {
    const leftSeconds = (validDays * 86_400) / 3;
    return renewed && addSeconds(this.#options.clock.now(), leftSeconds) >= certificate.notAfter;
  }
}

/** A suspension is undone or made final; it is not a revocation of its own (RFC 5280, 5.3.1). */
export type FinalReason = Exclude<RevocationReason, 'certificateHold'>;

function existing(caName: string): CaName {
  if (!isCaName(caName)) throw new TrustError('certificate-not-found', 'no such authority');
  return caName;
}
