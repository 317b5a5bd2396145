// Certificates as administrators and their systems manage them: looked up, issued from a request, renewed, suspended, resumed, revoked.

import type { Database } from '../db/database.ts';
import { TrustError } from '../kernel/errors.ts';
import { idFromUuid, uuidFromId } from '../kernel/ids.ts';
import type { Principal } from '../kernel/principal.ts';
import type { RequestKey } from '../kernel/request-key.ts';
import type { CertificateProfile } from '../pki/profiles.ts';
import type { CertificateDeed } from './authority-deed.ts';
import type { FinalReason } from './authority.ts';
import type { CertificateChanges } from './certificate-changes.ts';
import type { CsrOrder, RenewalOrder } from './certificate-orders.ts';
import { CertificateOrders } from './certificate-orders.ts';
import type { CertificateFilter, CertificateStore, StoredCertificate } from './certificate-store.ts';
import type { CrlIssuer } from './crl-issuer.ts';
import type { DeedTie } from './deed-tie.ts';
import { isIssuerName } from './hierarchy.ts';
import type { Issuance } from './issuance.ts';
import type { KeyChangeover } from './key-changeover.ts';
import { requireScope } from './permissions.ts';

export interface CertificateOfficeOptions {
  readonly database: Database;
  readonly store: CertificateStore;
  readonly issuance: Issuance;
  readonly changes: CertificateChanges;
  readonly crls: CrlIssuer;
  readonly changeover: Pick<KeyChangeover, 'check' | 'execute'>;
}

export interface CertificatePage {
  readonly items: readonly StoredCertificate[];
  readonly nextCursor: string | null;
}

/** What may be issued over a key that somebody else keeps. Responders and roots are our own. */
const profilesOverForeignKeys: ReadonlySet<CertificateProfile> = new Set([
  'seal-signer',
  'seal-maker',
  'licence-issuer',
  'time-stamp',
  'tls-client',
  'mdoc-issuer',
]);
const authorityProfiles: ReadonlySet<CertificateProfile> = new Set(['root-ca', 'issuing-ca', 'mdoc-root']);

export class CertificateOffice {
  readonly #options: CertificateOfficeOptions;
  readonly #orders: CertificateOrders;

  constructor(options: CertificateOfficeOptions) {
    this.#options = options;
    this.#orders = new CertificateOrders(options);
  }

  /** Newest first. Throws `scope-missing`, `cursor-invalid`. */
  async list(
    principal: Principal,
    { cursor, limit, ...filter }: Omit<CertificateFilter, 'before'> & { readonly cursor?: string | undefined },
  ): Promise<CertificatePage> {
    requireScope(principal, 'pki.read');
    const before = cursor === undefined ? undefined : uuidFromId('certificate', cursor);
    if (cursor !== undefined && before === undefined)
      throw new TrustError('cursor-invalid', 'not a cursor of this list');
    const { database, store } = this.#options;
    const rows = await store.page(database, { ...filter, before, limit: limit + 1 });
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      items: rows.slice(0, limit),
      nextCursor: last === undefined ? null : idFromUuid('certificate', last.certificateId),
    };
  }

  /** Throws `scope-missing`, `certificate-not-found`. */
  async get(principal: Principal, serialHex: string): Promise<StoredCertificate> {
    requireScope(principal, 'pki.read');
    return this.#existing(serialHex);
  }

  /**
   * Issues a certificate over the key of a request whose maker has proven to possess it. Throws `malformed-csr`, `csr-not-proven`,
   * `csr-key-refused`, `approval-required` for an authority, `forbidden`, `malformed-request`, `idempotency-key-reused`, `key-…`.
   */
  async issue(principal: Principal, order: CsrOrder, requestKey?: RequestKey): Promise<StoredCertificate> {
    requireScope(principal, 'pki.manage');
    if (authorityProfiles.has(order.profile)) throw approvalRequired();
    if (!profilesOverForeignKeys.has(order.profile)) {
      throw new TrustError('forbidden', `${order.profile} certificates are made for our own keys only`);
    }
    return this.#orders.issue(order, { principal, requestKey });
  }

  /**
   * A new certificate like the one before, over the same key or over that of a request. Throws `certificate-not-found`,
   * `certificate-transition-forbidden` for one that is not good, `approval-required`, and what `issue` throws.
   */
  async renew(
    principal: Principal,
    serialHex: string,
    order: RenewalOrder,
    requestKey?: RequestKey,
  ): Promise<StoredCertificate> {
    requireScope(principal, 'pki.manage');
    const former = await this.#ordinary(serialHex);
    if (former.profile === 'seal-signer' && former.keyName !== undefined) {
      throw new TrustError(
        'certificate-transition-forbidden',
        'the seal lists its certificate: it is the seal that must be made anew',
      );
    }
    return this.#orders.renew(former, order, { principal, requestKey });
  }

  /** Throws `certificate-not-found`, `certificate-transition-forbidden`, `approval-required`, `scope-missing`. */
  async change(
    principal: Principal,
    serialHex: string,
    change: { kind: 'revoke'; reason: FinalReason } | { kind: 'suspend' | 'resume' },
  ): Promise<StoredCertificate> {
    requireScope(principal, 'pki.manage');
    await this.#ordinary(serialHex);
    await this.#apply(principal, serialHex, change);
    return this.#existing(serialHex);
  }

  /** Makes a new CRL now; returns its number. Throws `certificate-not-found`, `key-…`, `scope-missing`. */
  async regenerateCrl(principal: Principal, caName: string): Promise<number> {
    requireScope(principal, 'pki.manage');
    if (!isIssuerName(caName)) throw new TrustError('certificate-not-found', 'no such authority');
    return this.#options.crls.regenerate(caName);
  }

  /** Throws when the deed could not be done now, so that nobody is asked to approve what must fail. */
  async checkDeed(deed: CertificateDeed): Promise<void> {
    if (deed.kind === 'issue') {
      await this.#orders.provenKey(csrBytes(deed.csr), 'issuing-ca');
      return;
    }
    if (deed.kind === 'rekey') return this.#options.changeover.check(deed.authority);
    const { profile } = await this.#existing(deed.serial);
    if (!authorityProfiles.has(profile)) {
      throw new TrustError('malformed-request', 'this certificate takes no approval: it is not that of an authority');
    }
  }

  /** Does a deed that was approved; nobody else calls this. Returns what came of it, for the record. */
  async execute(principal: Principal, deed: CertificateDeed, tie: DeedTie): Promise<string> {
    switch (deed.kind) {
      case 'issue': {
        const { csr, subject, validDays } = deed;
        const order = { csr: csrBytes(csr), profile: 'issuing-ca', subject, validDays } as const;
        return (await this.#orders.issue(order, { principal, tie })).certificate.serialHex;
      }
      case 'renew': {
        const former = await this.#existing(deed.serial);
        return (await this.#orders.renew(former, {}, { principal, tie })).certificate.serialHex;
      }
      case 'rekey':
        return this.#options.changeover.execute(principal, deed.authority, tie);
      default:
        await this.#apply(principal, deed.serial, deed, tie);
        return deed.serial;
    }
  }

  async #apply(
    principal: Principal,
    serialHex: string,
    change: { kind: 'revoke'; reason: FinalReason } | { kind: 'suspend' | 'resume' },
    tie?: DeedTie,
  ): Promise<void> {
    const { changes } = this.#options;
    switch (change.kind) {
      case 'revoke':
        return changes.revoke(serialHex, change.reason, principal, tie);
      case 'suspend':
        return changes.suspend(serialHex, principal, tie);
      case 'resume':
        return changes.resume(serialHex, principal, tie);
    }
  }

  async #existing(serialHex: string): Promise<StoredCertificate> {
    const found = await this.#options.store.bySerial(this.#options.database, serialHex);
    if (found === undefined) throw new TrustError('certificate-not-found', 'no certificate of ours has this serial');
    return found;
  }

  async #ordinary(serialHex: string): Promise<StoredCertificate> {
    const found = await this.#existing(serialHex);
    if (authorityProfiles.has(found.profile)) throw approvalRequired();
    return found;
  }
}

function approvalRequired(): TrustError {
  return new TrustError('approval-required', 'a deed on a root or an issuing CA takes two administrators: propose it');
}

function csrBytes(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}
