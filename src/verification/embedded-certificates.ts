// The certificates of a CMS stand outside the signature: those whose issuer is at hand must be as the issuer signed them (RFC 5652, 5.1).

import { equalBytes } from '../kernel/bytes.ts';
import { type Certificate, isSignedBy } from '../pki/certificate.ts';

/** Each certificate costs a signature check; no honest signature carries more. */
const maxCertificates = 40;
/** Certificates that all bear one name would have every one of them tried as the issuer of every other. */
const maxChecks = 100;

/**
 * False when a certificate has an issuer among the others or the anchors, by key identifier or else by name, and none of these
 * signed it, or when finding that out takes more than 100 checks. Altered bytes in a certificate that the path does not need would go unnoticed otherwise.
 */
export function embeddedCertificatesHold(embedded: readonly Certificate[], anchors: readonly Certificate[]): boolean {
  if (embedded.length > maxCertificates) return false;
  const pool = [...embedded, ...anchors];
  let checks = 0;
  return embedded.every((certificate) => {
    const issuers = pool.filter((candidate) => isIssuer(candidate, certificate));
    return issuers.length === 0 || issuers.some((issuer) => ++checks <= maxChecks && isSignedBy(certificate, issuer));
  });
}

/** A name alone tells only when key identifiers cannot: two houses may give their authorities the same names. */
function isIssuer(candidate: Certificate, certificate: Certificate): boolean {
  const { authorityKeyId } = certificate;
  const { subjectKeyId } = candidate;
  if (authorityKeyId !== undefined && subjectKeyId !== undefined) return equalBytes(subjectKeyId, authorityKeyId);
  return equalBytes(candidate.subjectDer, certificate.issuerDer);
}
