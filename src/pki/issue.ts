// Issuing a certificate in any suite: composed, linted as the very bytes to be signed, signed by a Signer, read back; RFC 5280, 4.1.

import { bitString, certificateTime, context, integer, sequence, unsignedInteger } from '../codec/der-write.ts';
import type { Signer } from '../crypto/signer.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';
import { writeSignatureAlgorithm } from './algorithm-identifier.ts';
import type { Certificate } from './certificate.ts';
import { isSignedBy, parseCertificate, parseTbsCertificate } from './certificate.ts';
import type { IssuerUrls } from './extension-frame.ts';
import { writeExtensions } from './extension-frame.ts';
import { lintCertificate } from './lint.ts';
import type { DistinguishedName } from './name.ts';
import { writeName } from './name.ts';
import type { CertificateProfile } from './profiles.ts';
import { certificateProfiles } from './profiles.ts';

export interface CertificateOrder {
  readonly profile: CertificateProfile;
  readonly subject: DistinguishedName;
  /** SubjectPublicKeyInfo of the subject, DER. */
  readonly spki: Uint8Array;
  /** `certificate` is absent for a self-signed root. */
  readonly issuer: { readonly certificate?: Certificate; readonly signer: Signer };
  /** Unsigned big-endian number, at most 20 octets, unguessable. */
  readonly serial: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Where the issuer's CRL, status and certificate are found; of a root only what its profile asks for. */
  readonly urls: IssuerUrls;
}

/**
 * The certificate, read back from its DER. Throws `certificate-lint-failed` (details.rules: what and by which clause) before anything is
 * signed, `key-purpose-wrong`, `key-unavailable` when the signing key is not that of the issuer's certificate.
 */
export async function issueCertificate(order: CertificateOrder): Promise<Certificate> {
  const { profile, issuer } = order;
  const { signer, certificate } = issuer;
  if (!certificateProfiles[profile].issuerPurposes.includes(signer.purpose)) {
    throw new TrustError('key-purpose-wrong', `a ${signer.purpose} key issues no ${profile} certificate`);
  }
  if (certificate !== undefined && !equalBytes(certificate.spki, signer.spki)) {
    throw new TrustError('key-unavailable', 'the signing key is not that of the issuing certificate');
  }
  const tbs = compose(order);
  const broken = lintCertificate(parseTbsCertificate(tbs), {
    profile,
    issuerSpki: signer.spki,
    ...(certificate === undefined ? {} : { issuer: certificate }),
  });
  if (broken.length > 0) {
    const message = `certificate would break: ${broken.map(({ rule, clause }) => `${rule} (${clause})`).join('; ')}`;
    throw new TrustError('certificate-lint-failed', message, { details: { rules: broken } });
  }
  const signature = await signer.sign(tbs, 'der');
  const issued = parseCertificate(sequence(tbs, writeSignatureAlgorithm(signer.algorithm), bitString(signature)));
  // A faulty device or a mixed-up key must not put a certificate into the world that nobody can verify.
  if (!isSignedBy(issued, signer)) {
    throw new TrustError('key-unavailable', 'the issuing key made a signature that does not verify');
  }
  return issued;
}

/** TBSCertificate ::= SEQUENCE { version [0] v3, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo, extensions [3] }. */
function compose(order: CertificateOrder): Uint8Array {
  const { profile, subject, spki, issuer, serial, notBefore, notAfter, urls } = order;
  const subjectDer = writeName(subject);
  return sequence(
    context(0, integer(2)),
    unsignedInteger(serial),
    writeSignatureAlgorithm(issuer.signer.algorithm),
    issuer.certificate?.subjectDer ?? subjectDer,
    sequence(certificateTime(notBefore), certificateTime(notAfter)),
    subjectDer,
    spki,
    context(3, writeExtensions({ profile, spki, issuer, urls })),
  );
}
