// Our own certification authority: hierarchy, certificates for keys, revocation and CRLs; RFC 5280, in schema `pki`.

import type { KeyStore } from '../crypto/key-store.ts';
import type { Database, Transaction } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Principal } from '../kernel/principal.ts';
import type { Certificate } from '../pki/certificate.ts';
import type { Crl } from '../pki/crl.ts';
import type { RevocationAnswer, RevocationReason, RevocationSource } from '../pki/revocation.ts';
import type { TrustAnchors } from '../pki/trust-anchor.ts';
import { noAnchors } from '../pki/trust-anchor.ts';
import { AnchorRegister } from './anchor-register.ts';
import { AuthorityMemory } from './authority-memory.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import { CertificateChanges } from './certificate-changes.ts';
import { CertificateOffice } from './certificate-office.ts';
import type { StoredCertificate } from './certificate-store.ts';
import { CertificateStore } from './certificate-store.ts';
import { type CrlInForce, CrlIssuer } from './crl-issuer.ts';
import type { CrlKind } from './crl-store.ts';
import { CrlStore } from './crl-store.ts';
import { DeedOffice } from './deed-office.ts';
import { GenerationStore } from './generation-store.ts';
import type { InternationalAlgorithm, IssuerName } from './hierarchy.ts';
import { caOf, isIssuerName, isSelfSigned } from './hierarchy.ts';
import type { CertificateRecord, CertificateRequest } from './issuance.ts';
import { IntentStore } from './intent-store.ts';
import { Issuance } from './issuance.ts';
import { HierarchyKeeper, type ServiceCertificate } from './hierarchy-keeper.ts';
import { KeyChangeover, type LinkCertificate } from './key-changeover.ts';
import { anchorsAmong } from './own-anchors.ts';
import { type Colleagues, Proposals } from './proposals.ts';
import { type RegisterRevocation, registerRevocation } from './register-revocation.ts';
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
  /** Trust anchors of others in the folder `anchors`; none when absent. */
  readonly anchorFolder?: TrustAnchors;
  /** CRLs of others that an operator keeps; none when absent. */
  readonly anchorLists?: () => Promise<readonly Crl[]>;
  readonly colleagues?: Colleagues;
}

export interface BoundCertificate {
  readonly certificate: Certificate;
  /** The certificates above it without the root, which a verifier must have from elsewhere. */
  readonly chain: readonly Certificate[];
}

export class Authority {
  readonly #options: AuthorityOptions;
  readonly #store = new CertificateStore();
  readonly #intents = new IntentStore();
  readonly #statuses = new StatusStore();
  readonly #generations = new GenerationStore();
  readonly #issuance: Issuance;
  readonly #changes: CertificateChanges;
  readonly #crls: CrlIssuer;
  readonly #changeover: KeyChangeover;
  readonly #keeper: HierarchyKeeper;
  readonly #memory: AuthorityMemory;
  /** Certificates as administrators manage them. */
  readonly office: CertificateOffice;
  /** Trust anchors of others. */
  readonly foreignAnchors: AnchorRegister;
  /** Deeds on roots, issuing CAs and trust anchors. */
  readonly proposals: Proposals;

  constructor(options: AuthorityOptions) {
    this.#options = options;
    const stores = { store: this.#store, generations: this.#generations, statuses: this.#statuses };
    this.#issuance = new Issuance({ ...options, ...stores, intents: this.#intents });
    this.#changes = new CertificateChanges({ ...options, store: this.#store, statuses: this.#statuses });
    this.#crls = new CrlIssuer({
      ...options,
      certificates: this.#store,
      statuses: this.#statuses,
      lists: new CrlStore(options.database),
      generations: this.#generations,
    });
    const { sandbox = true, algorithm = 'ES256' } = options;
    this.#keeper = new HierarchyKeeper({
      ...options,
      ...stores,
      issuance: this.#issuance,
      order: { sandbox, algorithm },
      ensureLinks: () => this.#changeover.ensureLinks(),
    });
    const complete = () => this.#keeper.ensureSuccessors();
    this.#changeover = new KeyChangeover({ ...options, ...stores, issuance: this.#issuance, complete });
    this.#memory = new AuthorityMemory({
      database: options.database,
      load: async () => ({ authorities: await this.#boundAll(await this.issuers()), links: await this.links() }),
    });
    const rooms = { issuance: this.#issuance, changes: this.#changes, crls: this.#crls, changeover: this.#changeover };
    this.office = new CertificateOffice({ database: options.database, store: this.#store, ...rooms });
    const { anchorFolder: folder = noAnchors, anchorLists: lists = async () => [] } = options;
    this.foreignAnchors = new AnchorRegister({ ...options, store: this.#store, folder, lists });
    const deeds = new DeedOffice({ certificates: this.office, anchors: this.foreignAnchors });
    this.proposals = new Proposals({ ...options, office: deeds, intents: this.#intents });
  }

  /**
   * Keys and certificates of roots, issuing CAs, time stamps, seal makers, licence issuers and OCSP responders in both suites, each
   * made once, and what later keys of authorities need; those that renew themselves are renewed when it is time. Idempotent.
   */
  ensureHierarchy(): Promise<void> {
    return this.#keeper.ensureAll();
  }

  /** Ends intents of certificates that ended processes have left behind, and answers how many. Any number of processes at once. */
  voidAbandoned(): Promise<number> {
    return this.#issuance.voidAbandoned();
  }

  /** Looks once an hour, and when an authority has a new key, what must be renewed; for the rounds that a process makes anyway. */
  renewDue(): Promise<void> {
    return this.#keeper.renewDue();
  }

  /** Of the authorities and of who acts under them, with those that near their end marked. */
  serviceCertificates(): Promise<ServiceCertificate[]> {
    return this.#keeper.certificates();
  }

  /** Every key of every authority; each has its certificate, CRLs and OCSP responder under this name. */
  issuers(): Promise<IssuerName[]> {
    return this.#generations.all(this.#options.database);
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
    const issuer = existing(issuerName);
    // A responder speaks for one key of its authority; everybody else goes on under the present one.
    const above = profile === 'ocsp-responder' ? { under: issuer } : { issuer: caOf(issuer) };
    const order = { key: { keyName: successor }, profile, subject, validDays, ...above };
    await this.#issuance.issue(order, { principal, onlyFirst: true });
  }

  /** The certificate a key acts under. Throws `certificate-not-found`. */
  async certificateOf(keyName: string): Promise<BoundCertificate> {
    const [bound, { authorities }] = await Promise.all([this.#bound(keyName), this.#memory.view()]);
    if (bound === undefined) throw new TrustError('certificate-not-found', `key ${keyName} has no certificate`);
    const { certificate, issuerName } = bound;
    if (!isIssuerName(issuerName) || isSelfSigned(issuerName)) return { certificate, chain: [] };
    const issuer = authorities.find((authority) => authority.keyName === issuerName);
    return { certificate, chain: issuer === undefined ? [] : [issuer.certificate] };
  }

  /** What verifiers of our own documents start from: the roots of each suite but those that are revoked or suspended. */
  async anchors(): Promise<Certificate[]> {
    return anchorsAmong(await this.authorities());
  }

  /** Every key of every authority with its certificate, true to the last committed deed. */
  async authorities(): Promise<readonly StoredCertificate[]> {
    return (await this.#memory.view()).authorities;
  }

  /** Issuing authorities, and the links between the keys of a root. */
  async intermediates(): Promise<Certificate[]> {
    const { authorities, links } = await this.#memory.view();
    const now = this.#options.clock.now();
    const issuing = authorities.filter(({ keyName = '' }) => isIssuerName(keyName) && !isSelfSigned(keyName));
    const living = links.filter(({ certificate }) => certificate.notAfter >= now);
    return [...issuing, ...living].map(({ certificate }) => certificate);
  }

  /** Between the keys of each root; RFC 4210, 4.4. */
  links(): Promise<LinkCertificate[]> {
    return this.#changeover.links();
  }

  /** DER of an authority's certificate, or of a link, for `/ca/{ca}.cer`. Throws `certificate-not-found`. */
  async caCertificate(name: string): Promise<Uint8Array> {
    const found = isIssuerName(name)
      ? await this.#bound(name)
      : (await this.links()).find((link) => link.name === name);
    if (found === undefined) throw new TrustError('certificate-not-found', 'no such authority');
    return found.certificate.der;
  }

  /** Refuses while others rely on the key of an authority. Throws `key-state-wrong`. */
  requireRetirable(keyName: string): Promise<void> {
    return this.#keeper.requireRetirable(keyName);
  }

  /**
   * DER of the CRL in force, for `/crl/{ca}.crl` and `/crl/{ca}.delta.crl`. Every committed change of status is in the delta, and in
   * the full list unless that has more than 50,000 entries. Throws `certificate-not-found`, `key-…`.
   */
  async crl(caName: string, kind: CrlKind = 'full'): Promise<Uint8Array> {
    return (await this.publishedCrl(caName, kind)).der;
  }

  /** The same with its date. */
  publishedCrl(caName: string, kind: CrlKind): Promise<CrlInForce> {
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

  /** The same in the transaction of a deed that it is part of, such as the revocation of a seal. */
  revokeWithin(tx: Transaction, serialHex: string, reason: FinalReason, principal: Principal): Promise<void> {
    return this.#changes.revokeWithin(tx, serialHex, reason, principal);
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

  /** Of the certificate that each key acts under; keys without one are left out. */
  async statusOfKeys(keyNames: readonly string[]): Promise<ReadonlyMap<string, CertificateState>> {
    const now = this.#options.clock.now();
    const bound = await this.#store.boundToAll(this.#options.database, keyNames);
    return new Map(bound.map((stored) => [stored.keyName ?? '', stateOf(stored, now)]));
  }

  /**
   * The register as a source for path validation, true to the last committed deed. `certificates`: every one whose status may be
   * asked; `elsewhere` is asked about those that are not ours, of which nothing is known when it is absent. `authorities`: as
   * `authorities()` told them; the status is then that of the same moment, and what was asked before is not asked again.
   */
  async revocation(
    certificates: readonly Certificate[],
    elsewhere = nothingKnown,
    authorities?: readonly StoredCertificate[],
  ): Promise<RegisterRevocation> {
    const { database: db } = this.#options;
    const own = authorities ?? (await this.authorities());
    const known = this.#memory.viewOf(own)?.registered;
    return registerRevocation({ statuses: this.#statuses, db, elsewhere, own, ...(known && { known }) }, certificates);
  }

  #bound(keyName: string): Promise<StoredCertificate | undefined> {
    return this.#store.boundTo(this.#options.database, keyName);
  }

  #boundAll(names: readonly IssuerName[]): Promise<StoredCertificate[]> {
    return this.#store.boundToAll(this.#options.database, names);
  }
}

const nothingKnown: RevocationSource = {
  check: () => ({ status: 'unknown', detail: 'nothing tells the status of this certificate' }),
};

/** On hold: suspended, and it may be resumed. */
export type CertificateState = 'good' | 'on-hold' | 'revoked' | 'expired';

function stateOf({ certificate, revocation }: StoredCertificate, now: Date): CertificateState {
  if (revocation !== undefined) return revocation.reason === 'certificateHold' ? 'on-hold' : 'revoked';
  return certificate.notAfter < now ? 'expired' : 'good';
}

/** A suspension is undone or made final; it is not a revocation of its own (RFC 5280, 5.3.1). */
export type FinalReason = Exclude<RevocationReason, 'certificateHold'>;

function existing(caName: string): IssuerName {
  if (!isIssuerName(caName)) throw new TrustError('certificate-not-found', 'no such authority');
  return caName;
}
