// Certificates as administrators and their systems manage them: looked up, issued from a request, renewed, suspended, resumed, revoked.

import { askedTogether } from '../db/asked-together.ts';
import type { Database } from '../db/database.ts';
import { toHex } from '../kernel/bytes.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { idFromUuid, uuidFromId } from '../kernel/ids.ts';
import type { Principal } from '../kernel/principal.ts';
import type { RequestKey } from '../kernel/request-key.ts';
import { sha256 } from '../crypto/digest.ts';
import type { CertificateSigningRequest } from '../pki/csr.ts';
import { readCsr } from '../pki/csr.ts';
import type { DistinguishedName } from '../pki/name.ts';
import { writeName } from '../pki/name.ts';
import type { CertificateProfile } from '../pki/profiles.ts';
import { certificateProfiles } from '../pki/profiles.ts';
import { algorithmsFor } from '../pki/public-key.ts';
import type { CertificateDeed } from './authority-deed.ts';
import type { FinalReason } from './authority.ts';
import type { CertificateChanges } from './certificate-changes.ts';
import type { CertificateFilter, CertificateStore, StoredCertificate } from './certificate-store.ts';
import type { CrlIssuer } from './crl-issuer.ts';
import type { DeedTie } from './deed-tie.ts';
import { caOf, isIssuerName } from './hierarchy.ts';
import type { Issuance, IssueControl, IssueOrder } from './issuance.ts';
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

export interface CsrOrder {
  /** DER of the PKCS #10 request. */
  readonly csr: Uint8Array;
  readonly profile: CertificateProfile;
  /** Absent: the subject of the request. */
  readonly subject?: DistinguishedName | undefined;
  readonly validDays: number;
}

export interface RenewalOrder {
  /** A request with the new key; absent: the key stays. */
  readonly csr?: Uint8Array | undefined;
  /** Absent: as long as before. */
  readonly validDays?: number | undefined;
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
  readonly #isCompromised: (spkiSha256Hex: string) => Promise<true | undefined>;

  constructor(options: CertificateOfficeOptions) {
    this.#options = options;
    this.#isCompromised = askedTogether((keys) => options.store.compromised(options.database, keys));
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
    return this.#issueFor(order, { principal, requestKey });
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
    return this.#renewed(former, order, { principal, requestKey });
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
      await this.#provenKey(csrBytes(deed.csr), 'issuing-ca');
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
        return (await this.#issueFor(order, { principal, tie })).certificate.serialHex;
      }
      case 'renew': {
        const former = await this.#existing(deed.serial);
        return (await this.#renewed(former, {}, { principal, tie })).certificate.serialHex;
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

  async #issueFor({ csr, profile, subject, validDays }: CsrOrder, control: IssueControl): Promise<StoredCertificate> {
    const request = await this.#provenKey(csr, profile);
    const named = checkedSubject(subject ?? request.subject);
    return this.#issued({ key: { spki: request.spki }, profile, subject: named, validDays }, control);
  }

  async #renewed(
    former: StoredCertificate,
    { csr, validDays }: RenewalOrder,
    control: IssueControl,
  ): Promise<StoredCertificate> {
    const { profile, certificate, keyName, revocation, certificateId } = former;
    if (revocation !== undefined) {
      throw new TrustError('certificate-transition-forbidden', 'a revoked or suspended certificate is not renewed');
    }
    if (csr !== undefined && keyName !== undefined) {
      throw new TrustError(
        'certificate-transition-forbidden',
        'the key of this certificate is ours: it is rotated, not replaced',
      );
    }
    const lifeMs = certificate.notAfter.getTime() - certificate.notBefore.getTime();
    const request = csr === undefined ? undefined : await this.#provenKey(csr, profile);
    const key = keyName === undefined ? { spki: request?.spki ?? certificate.spki } : { keyName };
    const order: IssueOrder = {
      key,
      profile,
      subject: certificate.subject,
      validDays: validDays ?? Math.round(lifeMs / 86_400_000),
      renews: certificateId,
      ...(request === undefined ? issuerOfRenewal(former) : {}),
    };
    return this.#issued(order, control);
  }

  async #issued(order: IssueOrder, control: IssueControl): Promise<StoredCertificate> {
    const { issuance } = this.#options;
    const { maxDays } = certificateProfiles[order.profile];
    if (order.validDays > maxDays) {
      throw new TrustError('malformed-request', `${order.profile} certificates live ${maxDays} days at most`);
    }
    try {
      const record = await issuance.issue(order, control);
      if (record === undefined) throw new TrustError('internal', 'a certificate over a key of its own was not bound');
      return record;
    } catch (error) {
      // Here the order comes from the caller: what breaks a rule is their wish, not our fault.
      if (!isTrustError(error, 'certificate-lint-failed')) throw error;
      throw new TrustError('malformed-request', error.message, { cause: error, ...detailsOf(error) });
    }
  }

  /** The request, when its key is proven, sound, of a suite that may have such a certificate, and was never lost to somebody else. */
  async #provenKey(der: Uint8Array, profile: CertificateProfile): Promise<CertificateSigningRequest> {
    const request = readCsr(der);
    if (profile === 'mdoc-issuer' && algorithmsFor(request.publicKey).includes('SM2')) {
      throw new TrustError('csr-key-refused', 'readers of mobile documents know no SM2');
    }
    if (await this.#isCompromised(toHex(sha256(request.spki)))) {
      throw new TrustError(
        'csr-key-refused',
        'a certificate over this key was revoked because the key was compromised',
      );
    }
    return request;
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

/** The authority under its present key, but for what belongs to one of its keys: the key itself, and the responder that speaks for it. */
function issuerOfRenewal({ profile, issuerName, keyName }: StoredCertificate): Pick<IssueOrder, 'issuer' | 'under'> {
  if (!isIssuerName(issuerName)) return {};
  const isOfKey = keyName === issuerName || profile === 'ocsp-responder';
  return isOfKey ? { under: issuerName } : { issuer: caOf(issuerName) };
}

function approvalRequired(): TrustError {
  return new TrustError('approval-required', 'a deed on a root or an issuing CA takes two administrators: propose it');
}

/** A subject that can be written as it stands; the lint judges what is in it. */
function checkedSubject(subject: DistinguishedName): DistinguishedName {
  try {
    writeName(subject);
    return subject;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TrustError('malformed-csr', `subject: ${error.message}`, { cause: error });
  }
}

function csrBytes(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

function detailsOf({ details }: TrustError): { details?: NonNullable<TrustError['details']> } {
  return details === undefined ? {} : { details };
}
