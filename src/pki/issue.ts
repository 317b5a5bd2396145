// Issuing a certificate: composed by @peculiar/x509, linted as the very bytes to be signed, signed by a Signer; RFC 5280, 4.1.

import 'reflect-metadata'; // @peculiar/x509 needs it loaded before itself
import * as x509 from '@peculiar/x509';
import { readDer } from '../codec/der.ts';
import { bitString, namedBits, sequence } from '../codec/der-write.ts';
import { extensionOids } from '../codec/oids.ts';
import type { AlgorithmName } from '../crypto/algorithms.ts';
import type { Signer } from '../crypto/signer.ts';
import { toHex } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';
import { writeSignatureAlgorithm } from './algorithm-identifier.ts';
import type { Certificate } from './certificate.ts';
import { isSignedBy, parseCertificate, parseTbsCertificate } from './certificate.ts';
import type { KeyUsage } from './extensions.ts';
import { keyUsages } from './extensions.ts';
import { lintCertificate } from './lint.ts';
import type { DistinguishedName } from './name.ts';
import { writeName } from './name.ts';
import type { CertificateProfile } from './profiles.ts';
import { certificateProfiles } from './profiles.ts';
import { keyIdentifierOf } from './public-key.ts';

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
  /** Where the issuer's CRL and certificate are found; empty for a root. */
  readonly urls: { readonly crl?: string; readonly caIssuers?: string; readonly ocsp?: string };
}

/**
 * DER of the certificate. Throws `certificate-lint-failed` (details.rules: what and by which clause) before anything is
 * signed, `key-purpose-wrong`, `algorithm-not-supported`.
 */
export async function issueCertificate(order: CertificateOrder): Promise<Uint8Array> {
  const { profile, issuer } = order;
  if (issuer.signer.purpose !== certificateProfiles[profile].issuerPurpose) {
    throw new TrustError('key-purpose-wrong', `a ${issuer.signer.purpose} key issues no ${profile} certificate`);
  }
  const tbs = await compose(order);
  const broken = lintCertificate(parseTbsCertificate(tbs), {
    profile,
    issuerSpki: issuer.signer.spki,
    ...(issuer.certificate === undefined ? {} : { issuer: issuer.certificate }),
  });
  if (broken.length > 0) {
    const message = `certificate would break: ${broken.map(({ rule, clause }) => `${rule} (${clause})`).join('; ')}`;
    throw new TrustError('certificate-lint-failed', message, { details: { rules: broken } });
  }
  const signature = await issuer.signer.sign(tbs, 'der');
  const der = sequence(tbs, writeSignatureAlgorithm(issuer.signer.algorithm), bitString(signature));
  // A faulty device or a mixed-up key must not put a certificate into the world that nobody can verify.
  if (!isSignedBy(parseCertificate(der), issuer.signer)) {
    throw new TrustError('key-unavailable', 'the issuing key made a signature that does not verify');
  }
  return der;
}

/** TBSCertificate as @peculiar/x509 writes it; it wants a signature along, so it gets one of the right shape to throw away. */
async function compose({
  profile,
  subject,
  spki,
  issuer,
  serial,
  notBefore,
  notAfter,
  urls,
}: CertificateOrder): Promise<Uint8Array> {
  const rules = certificateProfiles[profile];
  const authorityKeyId = issuer.certificate?.subjectKeyId ?? keyIdentifierOf(issuer.signer.spki);
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(rules.ca, rules.pathLength, true),
    new x509.Extension(extensionOids.keyUsage, true, arrayBuffer(keyUsageBits(rules.keyUsage))),
    new x509.SubjectKeyIdentifierExtension(toHex(keyIdentifierOf(spki))),
    new x509.AuthorityKeyIdentifierExtension(toHex(authorityKeyId)),
  ];
  if (rules.extendedKeyUsage.length > 0) {
    extensions.push(new x509.ExtendedKeyUsageExtension([...rules.extendedKeyUsage], rules.extendedKeyUsageCritical));
  }
  if (urls.crl !== undefined) extensions.push(new x509.CRLDistributionPointsExtension([urls.crl]));
  if (urls.caIssuers !== undefined) {
    const access =
      urls.ocsp === undefined ? { caIssuers: urls.caIssuers } : { caIssuers: urls.caIssuers, ocsp: urls.ocsp };
    extensions.push(new x509.AuthorityInfoAccessExtension(access));
  }
  const draft = await x509.X509CertificateGenerator.create({
    serialNumber: toHex(serial),
    subject: new x509.Name(arrayBuffer(writeName(subject))),
    issuer: new x509.Name(arrayBuffer(issuer.certificate?.subjectDer ?? writeName(subject))),
    notBefore,
    notAfter,
    publicKey: arrayBuffer(spki),
    signingAlgorithm: webAlgorithm(issuer.signer.algorithm),
    signature: new Uint8Array(64).fill(1).buffer,
    extensions,
  });
  const [tbs] = readDer(new Uint8Array(draft.rawData)).children;
  if (tbs === undefined) throw new TrustError('internal', 'composed certificate has no TBSCertificate');
  return tbs.raw;
}

function keyUsageBits(usages: readonly KeyUsage[]): Uint8Array {
  return namedBits(usages.map((usage) => keyUsages.indexOf(usage)));
}

function webAlgorithm(algorithm: AlgorithmName) {
  switch (algorithm) {
    case 'ES256':
      return { name: 'ECDSA', hash: 'SHA-256', namedCurve: 'P-256' };
    case 'ES384':
      return { name: 'ECDSA', hash: 'SHA-384', namedCurve: 'P-384' };
    case 'EdDSA':
      return { name: 'Ed25519' };
    case 'RS256':
      return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    case 'PS256':
    case 'SM2':
      throw new TrustError('algorithm-not-supported', `certificates are not issued under ${algorithm}`);
  }
}

function arrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
