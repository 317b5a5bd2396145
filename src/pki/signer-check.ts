// The checks of one CMS signer, each a step with its own finding; RFC 5652, 5.4 and 5.6, RFC 5035, RFC 6211, ETSI EN 319 122-1.

import { readDer } from '../codec/der.ts';
import { contextTag, DerCursor, integerOf, octetsOf, oidOf, onlyChild, tags } from '../codec/der-value.ts';
import type { DerElement } from '../codec/der.ts';
import { cmsOids } from '../codec/oids.ts';
import type { AlgorithmName, DigestName } from '../crypto/algorithms.ts';
import { signatureAlgorithms } from '../crypto/algorithms.ts';
import { digest } from '../crypto/digest.ts';
import { verifySignature } from '../crypto/verify.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { isTrustError } from '../kernel/errors.ts';
import type { Finding } from '../kernel/report.ts';
import { finding } from '../kernel/report.ts';
import { isBrokenAlgorithm, readDigestAlgorithm } from './algorithm-identifier.ts';
import type { Certificate } from './certificate.ts';
import { isWeakKey } from './public-key.ts';
import type { Attribute, SignedAttributes, SignedData, SignerInfo } from './signed-data.ts';
import { serialHexOf } from './certificate.ts';

export interface SignerCheck {
  /** The signed digest is that of the content. */
  readonly intact: boolean;
  /** The signature over the attributes is good, by the certificate that the attributes name, and nothing in the form is wrong. */
  readonly valid: boolean;
  readonly algorithm?: AlgorithmName;
  readonly digestAlgorithm?: DigestName;
  readonly signerCertificate?: Certificate;
  readonly signatureValue?: Uint8Array;
  readonly unsignedAttributes: readonly Attribute[];
  readonly findings: Finding[];
}

export interface ExpectedContent {
  readonly contentType: string;
  /** `optional` for signatures made before CAdES (adbe.pkcs7.detached): the signer's certificate is then found by issuer and serial. */
  readonly signingCertificate?: 'required' | 'optional';
  readonly digest: (name: DigestName) => Uint8Array;
}

/** RFC 3370, 3.2: the signer may name only the key's algorithm and leave the digest to the other field. */
const rsaEncryption = '1.2.840.113549.1.1.1';

/** Judges the only signer of `data`. Bad input is a finding, never an exception. */
export function checkSigner(data: SignedData, expected: ExpectedContent): SignerCheck {
  const findings: Finding[] = [];
  const wrong = (code: string, detail: string): void => {
    findings.push(finding(code, 'error', detail));
  };
  const [signer, ...others] = data.signers;
  if (signer === undefined || others.length > 0) {
    wrong('signer-count', `${data.signers.length} signers, exactly one is allowed`);
    return { intact: false, valid: false, unsignedAttributes: [], findings };
  }
  if (data.contentType !== expected.contentType) wrong('content-type-wrong', `content type ${data.contentType}`);
  const { digestAlgorithm, algorithm } = checkAlgorithms(signer, wrong);
  const attributes = checkAttributeForm(signer, wrong);
  checkContentType(attributes, expected.contentType, wrong);
  const intact = checkMessageDigest({ attributes, digestAlgorithm, expected, wrong });
  checkAlgorithmProtection(attributes, signer, wrong);
  const signerCertificate = findSignerCertificate({
    attributes,
    signer,
    certificates: data.certificates,
    optional: expected.signingCertificate === 'optional',
    findings,
    wrong,
  });
  if (signerCertificate !== undefined) checkSignature({ signer, signerCertificate, algorithm, wrong });
  return {
    intact,
    // The message digest alone may fail without the signature over the attributes being any less genuine.
    valid: findings.every(({ code, severity }) => severity !== 'error' || code === 'message-digest-mismatch'),
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(digestAlgorithm === undefined ? {} : { digestAlgorithm }),
    ...(signerCertificate === undefined ? {} : { signerCertificate }),
    signatureValue: signer.signature,
    unsignedAttributes: signer.unsignedAttributes,
    findings,
  };
}

type Wrong = (code: string, detail: string) => void;

/** MD5 and SHA-1 are named as what they are; a digest other than that of the signature algorithm is refused. */
function checkAlgorithms(
  { digestAlgorithm, signatureAlgorithm }: SignerInfo,
  wrong: Wrong,
): { digestAlgorithm?: DigestName; algorithm?: AlgorithmName } {
  const rsaByKey = signatureAlgorithm.oid === rsaEncryption && digestAlgorithm.name === 'SHA-256';
  const algorithm = rsaByKey ? 'RS256' : signatureAlgorithm.name;
  for (const { oid, name } of [digestAlgorithm, { oid: signatureAlgorithm.oid, name: algorithm }]) {
    if (name !== undefined) continue;
    const code = isBrokenAlgorithm(oid) ? 'weak-algorithm' : 'algorithm-not-supported';
    wrong(code, `algorithm ${oid} is not accepted`);
  }
  if (algorithm === undefined || digestAlgorithm.name === undefined) {
    return digestAlgorithm.name === undefined ? {} : { digestAlgorithm: digestAlgorithm.name };
  }
  if (signatureAlgorithms[algorithm].digest !== digestAlgorithm.name) {
    wrong('algorithm-inconsistent', `digest ${digestAlgorithm.name} does not go with signature algorithm ${algorithm}`);
  }
  return { digestAlgorithm: digestAlgorithm.name, algorithm };
}

/** RFC 5652, 5.3 and 11: signed attributes there, in DER, none twice, each with one value. */
function checkAttributeForm({ signedAttributes }: SignerInfo, wrong: Wrong): SignedAttributes | undefined {
  if (signedAttributes === undefined) {
    wrong('signed-attributes-missing', 'there are no signed attributes');
    return undefined;
  }
  const { attributes, inOrder } = signedAttributes;
  if (!inOrder) wrong('signed-attributes-not-der', 'the signed attributes are not in DER order');
  if (new Set(attributes.map(({ type }) => type)).size !== attributes.length) {
    wrong('attribute-duplicated', 'a signed attribute stands twice');
  }
  for (const { type, values } of attributes) {
    if (values.length !== 1) wrong('attribute-values-not-one', `signed attribute ${type} has ${values.length} values`);
  }
  return signedAttributes;
}

/** RFC 5652, 11.1. */
function checkContentType(attributes: SignedAttributes | undefined, contentType: string, wrong: Wrong): void {
  const signed = readValue(attributes, cmsOids.contentType, oidOf);
  if (signed !== contentType) wrong('content-type-attribute-wrong', 'the signed content type is missing or another');
}

/** RFC 5652, 11.2. */
function checkMessageDigest(input: {
  attributes: SignedAttributes | undefined;
  digestAlgorithm: DigestName | undefined;
  expected: ExpectedContent;
  wrong: Wrong;
}): boolean {
  const { attributes, digestAlgorithm, expected, wrong } = input;
  const signed = readValue(attributes, cmsOids.messageDigest, octetsOf);
  if (signed === undefined) {
    wrong('message-digest-missing', 'there is no signed message digest');
    return false;
  }
  if (digestAlgorithm === undefined) return false;
  const intact = equalBytes(signed, expected.digest(digestAlgorithm));
  if (!intact) wrong('message-digest-mismatch', 'the content is not what was signed');
  return intact;
}

/** RFC 6211, 2: when the signer protected the algorithm identifiers, they must be the ones outside. */
function checkAlgorithmProtection(attributes: SignedAttributes | undefined, signer: SignerInfo, wrong: Wrong): void {
  const [element] = attributes?.attributes.find(({ type }) => type === cmsOids.algorithmProtection)?.values ?? [];
  if (element === undefined) return;
  const [digestElement, signatureElement] = element.children;
  const same =
    digestElement !== undefined &&
    signatureElement?.tag === contextTag(1) &&
    equalBytes(digestElement.raw, signer.digestAlgorithm.raw) &&
    equalBytes(signatureElement.raw.with(0, tags.sequence), signer.signatureAlgorithm.raw);
  if (!same) wrong('algorithm-protection-mismatch', 'the protected algorithms are not those of the signer');
}

/** RFC 5035, 5: by the hash of the whole certificate. Issuer and serial alone can be copied into another certificate. */
function findSignerCertificate(input: {
  attributes: SignedAttributes | undefined;
  signer: SignerInfo;
  certificates: readonly Certificate[];
  optional: boolean;
  findings: Finding[];
  wrong: Wrong;
}): Certificate | undefined {
  const { attributes, signer, certificates, optional, findings, wrong } = input;
  const reference = readValue(attributes, cmsOids.signingCertificateV2, readSigningCertificate);
  if (reference === undefined) {
    const has = (oid: string) => attributes?.attributes.some(({ type }) => type === oid) === true;
    const old = has(cmsOids.signingCertificate);
    const detail = old ? 'only a SHA-1 signing-certificate' : 'no usable signing-certificate-v2';
    // One that is there and cannot be read is never passed over.
    const named = optional && !has(cmsOids.signingCertificateV2);
    const found = named ? certificates.find((candidate) => isIdentified(signer, candidate)) : undefined;
    if (found === undefined) wrong('signing-certificate-missing', detail);
    else findings.push(finding('signing-certificate-missing', 'warning', detail));
    return found;
  }
  const { name, hash } = reference;
  const found = certificates.find(({ der }) => equalBytes(digest(name, der), hash));
  if (found === undefined) {
    wrong('signing-certificate-mismatch', 'the certificate named by the signature is not in it');
    return undefined;
  }
  const identified = isIdentified(signer, found);
  const referenced =
    reference.issuerSerial === undefined ||
    (equalBytes(reference.issuerSerial.issuerDer, found.issuerDer) &&
      reference.issuerSerial.serialHex === found.serialHex);
  if (identified && referenced) return found;
  wrong('signing-certificate-mismatch', 'signer identifier and signing certificate name different certificates');
  return undefined;
}

function isIdentified({ identifier }: SignerInfo, certificate: Certificate): boolean {
  return identifier.kind === 'issuer-and-serial'
    ? equalBytes(identifier.issuerDer, certificate.issuerDer) && identifier.serialHex === certificate.serialHex
    : equalBytes(identifier.keyId, certificate.subjectKeyId ?? new Uint8Array());
}

function checkSignature(input: {
  signer: SignerInfo;
  signerCertificate: Certificate;
  algorithm: AlgorithmName | undefined;
  wrong: Wrong;
}): void {
  const { signer, signerCertificate, algorithm, wrong } = input;
  const { signedAttributes, signature } = signer;
  if (isWeakKey(signerCertificate.publicKey)) wrong('weak-key', 'the RSA key of the signer has under 2048 bits');
  if (algorithm === undefined || signedAttributes === undefined) return;
  const { spki } = signerCertificate;
  const good = verifySignature({ algorithm, spki, data: signedAttributes.signedBytes, signature, form: 'der' });
  if (!good) wrong('signature-invalid', 'the signature value is wrong');
}

/** The single value of a signed attribute; `undefined` when it is missing, not single or malformed. */
function readValue<T>(
  attributes: SignedAttributes | undefined,
  type: string,
  read: (element: DerElement) => T,
): T | undefined {
  const matching = attributes?.attributes.filter((attribute) => attribute.type === type) ?? [];
  const [value, ...rest] = matching.flatMap(({ values }) => values);
  if (value === undefined || rest.length > 0) return undefined;
  try {
    return read(value);
  } catch (error) {
    if (isTrustError(error, 'malformed-der')) return undefined;
    throw error;
  }
}

interface SigningCertificate {
  readonly name: DigestName;
  readonly hash: Uint8Array;
  readonly issuerSerial?: { readonly issuerDer: Uint8Array; readonly serialHex: string };
}

/** The first ESSCertIDv2 is the signer's (RFC 5035, 5.4.1); later ones and policies restrict nothing here. */
function readSigningCertificate(element: DerElement): SigningCertificate | undefined {
  const outer = new DerCursor(element, 'SigningCertificateV2');
  const [first] = outer.take(tags.sequence).children;
  outer.optional(tags.sequence);
  outer.end();
  if (first === undefined) return undefined;
  const cursor = new DerCursor(first, 'ESSCertIDv2');
  const algorithm = cursor.optional(tags.sequence);
  const hash = octetsOf(cursor.take(tags.octetString));
  const issuerSerialElement = cursor.optional(tags.sequence);
  cursor.end();
  const name = algorithm === undefined ? 'SHA-256' : readDigestAlgorithm(algorithm).name;
  if (name === undefined) return undefined;
  if (issuerSerialElement === undefined) return { name, hash };
  const issuerSerial = new DerCursor(issuerSerialElement, 'IssuerSerial');
  const generalName = onlyChild(issuerSerial.take(tags.sequence), 'GeneralNames');
  const serialElement = issuerSerial.take(tags.integer);
  issuerSerial.end();
  integerOf(serialElement);
  const issuerDer = readDer(onlyChild(generalName, 'directoryName').raw).raw;
  return { name, hash, issuerSerial: { issuerDer, serialHex: serialHexOf(serialElement.content) } };
}
