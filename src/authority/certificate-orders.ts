// Orders of certificates from outside: the proof in the request, the subject, what a renewal takes over; RFC 2986, RFC 5280, 4.

import { askedTogether } from '../db/asked-together.ts';
import { toHex } from '../kernel/bytes.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { sha256 } from '../crypto/digest.ts';
import type { CertificateSigningRequest } from '../pki/csr.ts';
import { readCsr } from '../pki/csr.ts';
import type { DistinguishedName } from '../pki/name.ts';
import { writeName } from '../pki/name.ts';
import type { CertificateProfile } from '../pki/profiles.ts';
import { certificateProfiles } from '../pki/profiles.ts';
import { algorithmsFor } from '../pki/public-key.ts';
import type { Database } from '../db/database.ts';
import type { CertificateStore, StoredCertificate } from './certificate-store.ts';
import { caOf, isIssuerName } from './hierarchy.ts';
import type { Issuance, IssueControl, IssueOrder } from './issuance.ts';

export interface CertificateOrdersOptions {
  readonly database: Database;
  readonly store: CertificateStore;
  readonly issuance: Issuance;
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

export class CertificateOrders {
  readonly #options: CertificateOrdersOptions;
  readonly #isCompromised: (spkiSha256Hex: string) => Promise<true | undefined>;

  constructor(options: CertificateOrdersOptions) {
    this.#options = options;
    this.#isCompromised = askedTogether((keys) => options.store.compromised(options.database, keys));
  }

  /** Throws `malformed-csr`, `csr-…`, `malformed-request`, `certificate-transition-forbidden`, `idempotency-key-reused`, `key-…`. */
  async issue({ csr, profile, subject, validDays }: CsrOrder, control: IssueControl): Promise<StoredCertificate> {
    const request = await this.provenKey(csr, profile);
    const named = checkedSubject(subject ?? request.subject);
    return this.#issued({ key: { spki: request.spki }, profile, subject: named, validDays }, control);
  }

  /** Like the one before, and issued by the authority under its present key. Throws what `issue` throws. */
  async renew(
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
    const request = csr === undefined ? undefined : await this.provenKey(csr, profile);
    if (request === undefined) await this.#requireKept(certificate.spki);
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
  async provenKey(der: Uint8Array, profile: CertificateProfile): Promise<CertificateSigningRequest> {
    const request = readCsr(der);
    if (profile === 'mdoc-issuer' && algorithmsFor(request.publicKey).includes('SM2')) {
      throw new TrustError('csr-key-refused', 'readers of mobile documents know no SM2');
    }
    await this.#requireKept(request.spki);
    return request;
  }

  /** Whoever has such a key may be anybody. */
  async #requireKept(spki: Uint8Array): Promise<void> {
    if ((await this.#isCompromised(toHex(sha256(spki)))) === undefined) return;
    throw new TrustError('csr-key-refused', 'a certificate over this key was revoked because the key was compromised');
  }
}

/** The authority under its present key, but for what belongs to one of its keys: the key itself, and the responder that speaks for it. */
function issuerOfRenewal({ profile, issuerName, keyName }: StoredCertificate): Pick<IssueOrder, 'issuer' | 'under'> {
  if (!isIssuerName(issuerName)) return {};
  const isOfKey = keyName === issuerName || profile === 'ocsp-responder';
  return isOfKey ? { under: issuerName } : { issuer: caOf(issuerName) };
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

function detailsOf({ details }: TrustError): { details?: NonNullable<TrustError['details']> } {
  return details === undefined ? {} : { details };
}
