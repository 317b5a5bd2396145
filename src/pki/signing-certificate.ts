// Which certificate signed: the one that the signature names by its hash, else by issuer and serial; RFC 5035, 5, RFC 5652, 5.3, ETSI EN 319 102-1, 5.2.3.

import { createHash } from 'node:crypto';
import type { DerElement } from '../codec/der.ts';
import { malformed } from '../codec/der.ts';
import { contextTag, DerCursor, expectTag, octetsOf, onlyChild, tags } from '../codec/der-value.ts';
import { cmsOids } from '../codec/oids.ts';
import { digest } from '../crypto/digest.ts';
import { equalBytes } from '../kernel/bytes.ts';
import type { Finding } from '../kernel/report.ts';
import { finding } from '../kernel/report.ts';
import { readDigestAlgorithm } from './algorithm-identifier.ts';
import type { Certificate } from './certificate.ts';
import { isSameCertificate, serialHexOf } from './certificate.ts';
import { readValue } from './signed-attribute.ts';
import type { SignerInfo } from './signed-data.ts';

export interface SigningCertificateSearch {
  readonly signer: SignerInfo;
  readonly certificates: readonly Certificate[];
  /** Whether a signature that names no certificate by hash may be judged by issuer and serial. */
  readonly optional: boolean;
}

export interface FoundCertificate {
  readonly certificate?: Certificate;
  readonly findings: readonly Finding[];
}

/**
 * The certificate to verify with. Issuer and serial stand outside the signature and can be copied into another certificate, so
 * without a hash the caller learns by a warning that only the path of exactly this certificate says whose signature it is.
 */
export function findSigningCertificate(search: SigningCertificateSearch): FoundCertificate {
  const found = findNamed(search);
  return hasAttribute(search.signer, cmsOids.signingCertificate) ? agreeing(found, search.signer) : found;
}

function findNamed({ signer, certificates, optional }: SigningCertificateSearch): FoundCertificate {
  if (hasAttribute(signer, cmsOids.signingCertificateV2)) return byHash(signer, certificates);
  const onlyOld = hasAttribute(signer, cmsOids.signingCertificate);
  const detail = onlyOld ? 'only a SHA-1 signing-certificate' : 'no signing-certificate-v2';
  if (!optional) return { findings: [finding('signing-certificate-missing', 'error', detail)] };
  return byIdentifier(signer, certificates, detail);
}

function hasAttribute({ signedAttributes }: SignerInfo, oid: string): boolean {
  return signedAttributes?.attributes.some(({ type }) => type === oid) === true;
}

/**
 * RFC 5035, 5.4: the older attribute, where it stands too, is judged for itself. SHA-1 does not say which certificate signed, but it
 * can say that it was another one.
 */
function agreeing(found: FoundCertificate, { signedAttributes }: SignerInfo): FoundCertificate {
  const { certificate } = found;
  if (certificate === undefined) return found;
  const reference = readValue(signedAttributes, cmsOids.signingCertificate, readSigningCertificate);
  if (reference === undefined) return mismatch('signing-certificate cannot be read');
  return isReferenced(reference, certificate)
    ? found
    : mismatch('signing-certificate names another certificate than the one that signed');
}

function byHash(signer: SignerInfo, certificates: readonly Certificate[]): FoundCertificate {
  const reference = readValue(signer.signedAttributes, cmsOids.signingCertificateV2, readSigningCertificateV2);
  // One that is there and cannot be read is never passed over.
  if (reference === undefined) return mismatch('signing-certificate-v2 cannot be read');
  const certificate = certificates.find(({ der }) => equalBytes(reference.hashOf(der), reference.hash));
  if (certificate === undefined) return mismatch('the certificate named by the signature is not in it');
  if (isReferenced(reference, certificate) && isIdentified(signer, certificate)) return { certificate, findings: [] };
  return mismatch('signer identifier and signing certificate name different certificates');
}

/** Two different certificates that answer to the name leave open who signed; whoever added one must not choose. */
function byIdentifier(signer: SignerInfo, certificates: readonly Certificate[], detail: string): FoundCertificate {
  const [certificate, ...others] = certificates.filter((candidate) => isIdentified(signer, candidate));
  if (certificate === undefined) {
    return { findings: [finding('signing-certificate-missing', 'error', `${detail}, and none has that serial`)] };
  }
  if (!others.every((other) => isSameCertificate(other, certificate))) {
    return mismatch('several certificates have the issuer and serial of the signer');
  }
  return { certificate, findings: [finding('signing-certificate-missing', 'warning', detail)] };
}

function mismatch(detail: string): FoundCertificate {
  return { findings: [finding('signing-certificate-mismatch', 'error', detail)] };
}

function isIdentified({ identifier }: SignerInfo, { issuerDer, serialHex, subjectKeyId }: Certificate): boolean {
  return identifier.kind === 'issuer-and-serial'
    ? equalBytes(identifier.issuerDer, issuerDer) && identifier.serialHex === serialHex
    : subjectKeyId !== undefined && equalBytes(identifier.keyId, subjectKeyId);
}

interface CertificateReference {
  readonly hashOf: (der: Uint8Array) => Uint8Array;
  readonly hash: Uint8Array;
  readonly issuerSerial?: { readonly issuerDer: Uint8Array; readonly serialHex: string };
}

function isReferenced({ hashOf, hash, issuerSerial }: CertificateReference, certificate: Certificate): boolean {
  if (!equalBytes(hashOf(certificate.der), hash)) return false;
  return (
    issuerSerial === undefined ||
    (equalBytes(issuerSerial.issuerDer, certificate.issuerDer) && issuerSerial.serialHex === certificate.serialHex)
  );
}

/** ESSCertIDv2 ::= SEQUENCE { hashAlgorithm DEFAULT SHA-256, certHash, issuerSerial OPTIONAL }. `undefined`: a hash we have not. */
function readSigningCertificateV2(element: DerElement): CertificateReference | undefined {
  const cursor = firstReference(element);
  const algorithm = cursor.optional(tags.sequence);
  const name = algorithm === undefined ? 'SHA-256' : readDigestAlgorithm(algorithm).name;
  const rest = readReference(cursor);
  return name === undefined ? undefined : { hashOf: (der) => digest(name, der), ...rest };
}

/** ESSCertID ::= SEQUENCE { certHash, issuerSerial OPTIONAL }, the hash being SHA-1 (RFC 2634, 5.4.1). */
function readSigningCertificate(element: DerElement): CertificateReference {
  const hashOf = (der: Uint8Array) => new Uint8Array(createHash('sha1').update(der).digest());
  return { hashOf, ...readReference(firstReference(element)) };
}

/** The first one is the signer's (RFC 5035, 5.4.1); later ones and policies restrict nothing here. */
function firstReference(element: DerElement): DerCursor {
  const outer = new DerCursor(element, 'SigningCertificate');
  const [first] = outer.take(tags.sequence).children;
  outer.optional(tags.sequence);
  outer.end();
  if (first === undefined) throw malformed('SigningCertificate names no certificate');
  return new DerCursor(first, 'ESSCertID');
}

function readReference(cursor: DerCursor): Omit<CertificateReference, 'hashOf'> {
  const hash = octetsOf(cursor.take(tags.octetString));
  const issuerSerialElement = cursor.optional(tags.sequence);
  cursor.end();
  if (issuerSerialElement === undefined) return { hash };
  const issuerSerial = new DerCursor(issuerSerialElement, 'IssuerSerial');
  const generalName = onlyChild(issuerSerial.take(tags.sequence), 'GeneralNames');
  const serialHex = serialHexOf(issuerSerial.take(tags.integer).content);
  issuerSerial.end();
  const directoryName = onlyChild(expectTag(generalName, contextTag(4), 'directoryName'), 'directoryName');
  return { hash, issuerSerial: { issuerDer: directoryName.raw, serialHex } };
}
