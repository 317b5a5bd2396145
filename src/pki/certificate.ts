// An X.509 certificate, read strictly and kept with the bytes it came in; RFC 5280, 4.1.

import type { DerElement } from '../codec/der.ts';
import { malformed, readDer } from '../codec/der.ts';
import {
  contextTag,
  DerCursor,
  onlyChild,
  primitiveContextTag,
  smallIntegerOf,
  tags,
  timeOf,
} from '../codec/der-value.ts';
import type { AlgorithmName } from '../crypto/algorithms.ts';
import { digest } from '../crypto/digest.ts';
import type { ForeignAlgorithm } from '../crypto/foreign-signature.ts';
import { equalBytes, toHex } from '../kernel/bytes.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { holdsUnder, readCertificateAlgorithm, signatureOctetsOf } from './certificate-signature.ts';
import type { Extension, ExtensionValues } from './extensions.ts';
import { readExtensions, readExtensionValues } from './extensions.ts';
import type { DistinguishedName } from './name.ts';
import { readName } from './name.ts';
import type { PublicKeyFacts } from './public-key.ts';
import { publicKeyFacts } from './public-key.ts';

/** What stands in TBSCertificate: what an authority is about to sign, or has signed. */
export interface CertificateContent extends ExtensionValues {
  /** DER of TBSCertificate as received. */
  readonly tbs: Uint8Array;
  readonly version: 1 | 2 | 3;
  /** Content octets of the INTEGER. */
  readonly serial: Uint8Array;
  /** Lower-case hex without a sign octet; a negative serial begins with `-`. */
  readonly serialHex: string;
  readonly issuerDer: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly subjectDer: Uint8Array;
  readonly subject: DistinguishedName;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly publicKey: PublicKeyFacts;
  readonly extensions: ReadonlyMap<string, Extension>;
  readonly signatureAlgorithmOid: string;
  /** Absent when the registry has it not. */
  readonly signatureAlgorithm?: AlgorithmName;
  /** An algorithm that we verify and never use; with neither, nothing verifies the certificate. */
  readonly foreignAlgorithm?: ForeignAlgorithm;
}

export interface Certificate extends CertificateContent {
  readonly der: Uint8Array;
  readonly signature: Uint8Array;
}

/** A certificate with a photograph in it is not one we want to hold. */
const maxCertificateBytes = 64 * 1024;
/** RFC 5280, 4.1.2.2 allows 20 octets; longer ones exist and are read, but not without end. */
const maxSerialBytes = 64;

/** Throws `malformed-certificate`. */
export function parseCertificate(der: Uint8Array): Certificate {
  return readingCertificate(() => {
    const cursor = new DerCursor(readDer(der, { maxBytes: maxCertificateBytes }), 'Certificate');
    const tbs = cursor.take(tags.sequence);
    const algorithm = cursor.take(tags.sequence);
    const signature = signatureOctetsOf(cursor.take(tags.bitString));
    cursor.end();
    const content = readTbs(tbs, algorithm.raw);
    return { ...content, der, signature };
  });
}

/** TBSCertificate alone, for the check before it is signed. Throws `malformed-certificate`. */
export function parseTbsCertificate(tbs: Uint8Array): CertificateContent {
  return readingCertificate(() => readTbs(readDer(tbs, { maxBytes: maxCertificateBytes }), undefined));
}

/** What was signed, by which key, and the signature: whether that holds never changes, and the same few chains come again and again. */
const knownSignatures = new Map<string, boolean>();
/** Some 150 bytes each; strangers can fill it, and all they gain is that it is emptied. */
const maxKnownSignatures = 10_000;

/** Whether `issuer`'s key made the signature; over the bytes as received. */
export function isSignedBy(certificate: Certificate, issuer: { readonly spki: Uint8Array }): boolean {
  // The first two are DER, which says where it ends: no other three parts give the same octets.
  const key = toHex(digest('SHA-256', certificate.tbs, issuer.spki, certificate.signature));
  const known = knownSignatures.get(key);
  if (known !== undefined) return known;
  const holds = holdsUnder(certificate, issuer.spki);
  if (knownSignatures.size >= maxKnownSignatures) knownSignatures.clear();
  knownSignatures.set(key, holds);
  return holds;
}

export function isSameCertificate(a: { readonly der: Uint8Array }, b: { readonly der: Uint8Array }): boolean {
  return equalBytes(a.der, b.der);
}

/** The spelling of `CertificateContent.serialHex` for the content octets of an INTEGER. */
export function serialHexOf(serial: Uint8Array): string {
  if ((serial[0] ?? 0) & 0x80) return `-${toHex(serial)}`;
  return toHex(serial.length > 1 && serial[0] === 0 ? serial.subarray(1) : serial);
}

function readTbs(tbs: DerElement, outerAlgorithm: Uint8Array | undefined): CertificateContent {
  const cursor = new DerCursor(tbs, 'TBSCertificate');
  const version = readVersion(cursor.optional(contextTag(0)));
  const serial = cursor.take(tags.integer).content;
  if (serial.length > maxSerialBytes) throw malformed('serial number too long');
  const algorithmElement = cursor.take(tags.sequence);
  // RFC 5280, 4.1.1.2: otherwise an attacker could have the signature read by another algorithm than the signed one.
  if (outerAlgorithm !== undefined && !equalBytes(algorithmElement.raw, outerAlgorithm)) {
    throw malformed('the two signature algorithms differ');
  }
  const { oid, name, foreign } = readCertificateAlgorithm(algorithmElement);
  const issuer = cursor.take(tags.sequence);
  const validity = new DerCursor(cursor.take(tags.sequence), 'Validity');
  const [notBefore, notAfter] = [timeOf(validity.any()), timeOf(validity.any())];
  validity.end();
  const subject = cursor.take(tags.sequence);
  const spki = cursor.take(tags.sequence).raw;
  for (const unique of [1, 2]) {
    if (cursor.optional(primitiveContextTag(unique)) !== undefined && version === 1)
      throw malformed('unique identifier in version 1');
  }
  const extensionsElement = cursor.optional(contextTag(3));
  cursor.end();
  if (extensionsElement !== undefined && version !== 3) throw malformed('extensions before version 3');
  const extensions =
    extensionsElement === undefined
      ? new Map<string, Extension>()
      : readExtensions(onlyChild(extensionsElement, 'extensions'));
  return {
    tbs: tbs.raw,
    version,
    serial,
    serialHex: serialHexOf(serial),
    issuerDer: issuer.raw,
    issuer: readName(issuer),
    notBefore,
    notAfter,
    subjectDer: subject.raw,
    subject: readName(subject),
    spki,
    publicKey: publicKeyFacts(spki),
    extensions,
    ...readExtensionValues(extensions),
    signatureAlgorithmOid: oid,
    ...(name === undefined ? {} : { signatureAlgorithm: name }),
    ...(foreign === undefined ? {} : { foreignAlgorithm: foreign }),
  };
}

function readVersion(element: DerElement | undefined): 1 | 2 | 3 {
  if (element === undefined) return 1;
  const version = smallIntegerOf(onlyChild(element, 'version'));
  if (version !== 1 && version !== 2) throw malformed('version is not 2 or 3'); // DEFAULT v1 is not written in DER
  return version === 1 ? 2 : 3;
}

function readingCertificate<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isTrustError(error, 'malformed-der')) throw error;
    throw new TrustError('malformed-certificate', error.message, { cause: error });
  }
}
