// Issuing a certificate in any suite: extensions by @peculiar/x509, linted as the very bytes to be signed, signed by a Signer; RFC 5280, 4.1.

import 'reflect-metadata'; // @peculiar/x509 needs it loaded before itself
import * as x509 from '@peculiar/x509';
import {
  bitString,
  certificateTime,
  context,
  integer,
  namedBits,
  nullValue,
  primitiveContext,
  sequence,
  unsignedInteger,
} from '../codec/der-write.ts';
import { extensionOids, ocspOids } from '../codec/oids.ts';
import type { Signer } from '../crypto/signer.ts';
import { equalBytes, toHex, utf8 } from '../kernel/bytes.ts';
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
  /** Where the issuer's CRL, status and certificate are found; of a root only what its profile asks for. */
  readonly urls: IssuerUrls;
}

export interface IssuerUrls {
  readonly crl?: string;
  readonly caIssuers?: string;
  readonly ocsp?: string;
  /** How to reach the issuer, for profiles that say it. */
  readonly contact?: string;
}

/**
 * DER of the certificate. Throws `certificate-lint-failed` (details.rules: what and by which clause) before anything is
 * signed, `key-purpose-wrong`, `key-unavailable` when the signing key is not that of the issuer's certificate.
 */
export async function issueCertificate(order: CertificateOrder): Promise<Uint8Array> {
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
  const der = sequence(tbs, writeSignatureAlgorithm(signer.algorithm), bitString(signature));
  // A faulty device or a mixed-up key must not put a certificate into the world that nobody can verify.
  if (!isSignedBy(parseCertificate(der), signer)) {
    throw new TrustError('key-unavailable', 'the issuing key made a signature that does not verify');
  }
  return der;
}

/** TBSCertificate ::= SEQUENCE { version [0] v3, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo, extensions [3] }. */
function compose(order: CertificateOrder): Uint8Array {
  const { subject, spki, issuer, serial, notBefore, notAfter } = order;
  const subjectDer = writeName(subject);
  return sequence(
    context(0, integer(2)),
    unsignedInteger(serial),
    writeSignatureAlgorithm(issuer.signer.algorithm),
    issuer.certificate?.subjectDer ?? subjectDer,
    sequence(certificateTime(notBefore), certificateTime(notAfter)),
    subjectDer,
    spki,
    context(3, sequence(...extensionsOf(order).map(({ rawData }) => new Uint8Array(rawData)))),
  );
}

function extensionsOf({ profile, spki, issuer, urls }: CertificateOrder): x509.Extension[] {
  const rules = certificateProfiles[profile];
  const authorityKeyId = issuer.certificate?.subjectKeyId ?? keyIdentifierOf(issuer.signer.spki);
  const extensions: x509.Extension[] = [
    new x509.Extension(extensionOids.keyUsage, true, arrayBuffer(keyUsageBits(rules.keyUsage))),
    new x509.SubjectKeyIdentifierExtension(toHex(keyIdentifierOf(spki))),
    new x509.AuthorityKeyIdentifierExtension(toHex(authorityKeyId)),
  ];
  if (rules.basicConstraints) {
    extensions.unshift(new x509.BasicConstraintsExtension(rules.ca, rules.pathLength, true));
  }
  if (rules.extendedKeyUsage.length > 0) {
    extensions.push(new x509.ExtendedKeyUsageExtension([...rules.extendedKeyUsage], rules.extendedKeyUsageCritical));
  }
  if (rules.noCheck) extensions.push(new x509.Extension(ocspOids.noCheck, false, arrayBuffer(nullValue())));
  if (rules.issuerAltName && urls.contact !== undefined) {
    const names = sequence(primitiveContext(6, utf8(urls.contact)));
    extensions.push(new x509.Extension(extensionOids.issuerAltName, false, arrayBuffer(names)));
  }
  if (urls.crl !== undefined) extensions.push(new x509.CRLDistributionPointsExtension([urls.crl]));
  const access = {
    ...(urls.ocsp === undefined || rules.noCheck ? {} : { ocsp: urls.ocsp }),
    ...(urls.caIssuers === undefined ? {} : { caIssuers: urls.caIssuers }),
  };
  if (Object.keys(access).length > 0) extensions.push(new x509.AuthorityInfoAccessExtension(access));
  return extensions;
}

function keyUsageBits(usages: readonly KeyUsage[]): Uint8Array {
  return namedBits(usages.map((usage) => keyUsages.indexOf(usage)));
}

function arrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
