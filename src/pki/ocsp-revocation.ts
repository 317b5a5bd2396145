// A revocation source over OCSP responses, each signed by the issuer or by somebody whom it has authorised; RFC 6960, 3.2 and 4.2.2.2.

import { ocspOids } from '../codec/oids.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { signatureCounts } from './algorithm-policy.ts';
import type { BasicOcspResponse, SingleResponse } from './basic-ocsp-response.ts';
import type { Certificate } from './certificate.ts';
import { holdsUnder } from './certificate-signature.ts';
import { sameName } from './name-match.ts';
import { certIdHash } from './ocsp.ts';
import { validatePath } from './path.ts';
import type { RevocationAnswer, RevocationDoubt, RevocationPath, RevocationSource } from './revocation.ts';

export interface OcspRevocationOptions {
  readonly responses: readonly BasicOcspResponse[];
  /** The moment at which a response must be in force. */
  readonly now: Date;
  /** Asked too, and for responders whose certificate is not excepted from being asked about: CRLs. */
  readonly otherwise: RevocationSource;
}

/** Responses about one certificate whose signature is looked at: they may come from whoever sent the document. */
const maxTried = 8;
/** Signatures of one source that are checked: a response brings certificates along, and all may bear the responder's name. */
const maxSignatures = 64;

interface Doubt {
  readonly code: RevocationDoubt;
  readonly detail: string;
}

export class OcspRevocationSource implements RevocationSource {
  readonly #responses: readonly BasicOcspResponse[];
  readonly #now: Date;
  readonly #otherwise: RevocationSource;
  #signaturesLeft = maxSignatures;

  constructor({ responses, now, otherwise }: OcspRevocationOptions) {
    this.#responses = responses;
    this.#now = now;
    this.#otherwise = otherwise;
  }

  /** A revocation counts whoever tells it; a doubt about a response is no doubt about what a CRL says. */
  check(certificate: Certificate, issuer: Certificate, path?: RevocationPath): RevocationAnswer {
    const other = this.#otherwise.check(certificate, issuer, path);
    if (other.status === 'revoked') return other;
    const own = this.#answer(certificate, issuer, path ?? { above: [issuer], others: [], algorithms: 'current' });
    if (own === undefined) return other;
    return own.status === 'unknown' && other.status === 'good' ? other : own;
  }

  /** The newest response about the certificate that may be relied on; `undefined` when there is none about it. */
  #answer(certificate: Certificate, issuer: Certificate, path: RevocationPath): RevocationAnswer | undefined {
    const about = this.#responses
      .flatMap((response) => response.responses.map((single) => ({ response, single })))
      .filter(({ single }) => isAbout(single, certificate, issuer))
      .sort((a, b) => b.single.thisUpdate.getTime() - a.single.thisUpdate.getTime());
    let first: RevocationAnswer | undefined;
    for (const { response, single } of about.slice(0, maxTried)) {
      const doubt = this.#doubt(response, single, issuer, path);
      if (doubt === undefined && single.status.status !== 'unknown') return single.status;
      first ??= { status: 'unknown', ...(doubt ?? notKnown) };
    }
    return first;
  }

  /** 3.2, 1 to 6. A response without nextUpdate tells of its own moment only: it says that there is always a newer one (4.2.2.1). */
  #doubt(response: BasicOcspResponse, single: SingleResponse, issuer: Certificate, path: RevocationPath) {
    const { thisUpdate, nextUpdate } = single;
    if (response.criticalExtensions.length > 0) {
      return doubtOf('ocsp-extension-unknown', `critical extension ${response.criticalExtensions.join(', ')}`);
    }
    if (thisUpdate > this.#now) return doubtOf('ocsp-from-future', 'the OCSP response is from the future');
    if ((nextUpdate ?? thisUpdate) < this.#now) {
      return doubtOf('ocsp-out-of-date', 'the OCSP response is out of date');
    }
    return this.#responderDoubt(response, issuer, path);
  }

  /** 4.2.2.2: the issuer's own key, or a certificate for this purpose that the very issuer has signed. */
  #responderDoubt(response: BasicOcspResponse, issuer: Certificate, path: RevocationPath): Doubt | undefined {
    if (!signatureCounts(response, path.algorithms)) {
      return doubtOf('ocsp-responder-not-trusted', 'the OCSP response is signed with an algorithm that does not count');
    }
    const named = [issuer, ...response.certificates].filter((signer) => isNamed(signer, response));
    const signers = named.filter(({ spki }) => --this.#signaturesLeft >= 0 && holdsUnder(response, spki));
    if (signers.length === 0) {
      return named.length === 0
        ? doubtOf('ocsp-responder-not-trusted', 'the certificate of the OCSP responder is not at hand')
        : doubtOf('ocsp-signature-wrong', 'the signature of the OCSP response is bad');
    }
    const authorised = signers.some(
      (signer) => equalBytes(signer.spki, issuer.spki) || this.#isDelegate(signer, issuer, path),
    );
    return authorised
      ? undefined
      : doubtOf('ocsp-responder-not-trusted', 'the issuer has not authorised the OCSP responder');
  }

  /** 4.2.2.2.1: with id-pkix-ocsp-nocheck nobody asks for the status of the responder itself. */
  #isDelegate(signer: Certificate, issuer: Certificate, path: RevocationPath): boolean {
    const excepted = signer.extensions.has(ocspOids.noCheck);
    return validatePath({
      leaf: signer,
      intermediates: [],
      anchors: [issuer],
      at: this.#now,
      purpose: 'ocsp-responder',
      revocation: excepted
        ? { check: () => ({ status: 'good' }) }
        : { check: (certificate) => this.#otherwise.check(certificate, issuer, path) },
      algorithms: path.algorithms,
    }).trusted;
  }
}

const notKnown = doubtOf('ocsp-status-unknown', 'the OCSP responder does not know the certificate');

function doubtOf(code: RevocationDoubt, detail: string): Doubt {
  return { code, detail };
}

/** 4.1.1: the name as the certificate writes it, the key as the issuer's certificate has it. */
function isAbout({ certId }: SingleResponse, certificate: Certificate, issuer: Certificate): boolean {
  const { digest, issuerNameHash, issuerKeyHash, serialHex } = certId;
  return (
    digest !== undefined &&
    serialHex === certificate.serialHex &&
    equalBytes(issuerNameHash, certIdHash(digest, certificate.issuerDer)) &&
    equalBytes(issuerKeyHash, certIdHash(digest, issuer.publicKey.keyOctets))
  );
}

function isNamed({ subjectDer, publicKey }: Certificate, { responderId }: BasicOcspResponse): boolean {
  return responderId.kind === 'name'
    ? sameName(subjectDer, responderId.name)
    : equalBytes(responderId.hash, certIdHash('SHA-1', publicKey.keyOctets));
}
