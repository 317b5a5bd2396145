// The checks of one CMS signer, each a step with its own finding; RFC 5652, 5.4 and 5.6, RFC 8933, RFC 5035, ETSI EN 319 122-1, GB/T 35275-2017.

import { readDer } from '../codec/der.ts';
import { DerCursor, oidOf, tags } from '../codec/der-value.ts';
import { cmsOids, gmCmsOids } from '../codec/oids.ts';
import type { AlgorithmName, DigestName } from '../crypto/algorithms.ts';
import { signatureAlgorithms } from '../crypto/algorithms.ts';
import { verifySignature } from '../crypto/verify.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { isTrustError } from '../kernel/errors.ts';
import type { Finding } from '../kernel/report.ts';
import { finding } from '../kernel/report.ts';
import { isBrokenAlgorithm } from './algorithm-identifier.ts';
import type { Certificate } from './certificate.ts';
import { algorithmsFor, isWeakKey } from './public-key.ts';
import type { Wrong } from './signed-attribute.ts';
import { checkAlgorithmProtection, checkAttributeForm, checkContentType, signedDigest } from './signed-attribute.ts';
import type { Attribute, SignedData, SignerInfo } from './signed-data.ts';
import { findSigningCertificate } from './signing-certificate.ts';

export interface SignerCheck {
  /** The signed digest is that of the content. */
  readonly intact: boolean;
  /** The signature over the attributes is good, by the certificate that the attributes name, and nothing in the form is wrong. */
  readonly valid: boolean;
  readonly algorithm?: AlgorithmName;
  readonly digestAlgorithm?: DigestName;
  readonly signerCertificate?: Certificate;
  readonly signatureValue?: Uint8Array;
  readonly signedAttributes: readonly Attribute[];
  readonly unsignedAttributes: readonly Attribute[];
  readonly findings: Finding[];
}

export interface ExpectedContent {
  readonly contentTypes: readonly string[];
  /** `optional` for signatures made before CAdES (adbe.pkcs7.detached): the signer's certificate is then found by issuer and serial. */
  readonly signingCertificate?: 'required' | 'optional';
  readonly digest: (name: DigestName) => Uint8Array;
  /** The content itself; given only where a signature without signed attributes, over the content directly, is allowed. */
  readonly octets?: Uint8Array;
}

/** Judges the only signer of `data`. Bad input is a finding, never an exception. */
export function checkSigner(data: SignedData, expected: ExpectedContent): SignerCheck {
  const findings: Finding[] = [];
  const wrong: Wrong = (code, detail) => {
    findings.push(finding(code, 'error', detail));
  };
  const [signer, ...others] = data.signers;
  if (signer === undefined || others.length > 0) {
    wrong('signer-count', `${data.signers.length} signers, exactly one is allowed`);
    return { intact: false, valid: false, signedAttributes: [], unsignedAttributes: [], findings };
  }
  if (!expected.contentTypes.includes(data.contentType))
    wrong('content-type-wrong', `content type ${data.contentType}`);
  const { digestAlgorithm, algorithm } = checkAlgorithms(signer, wrong);
  const digestGood = checkContent({ signer, data, digestAlgorithm, expected, wrong });
  const { certificate, findings: ofCertificate } = findSigningCertificate({
    signer,
    certificates: data.certificates,
    optional: expected.signingCertificate === 'optional',
  });
  findings.push(...ofCertificate);
  const signed = signer.signedAttributes?.signedBytes ?? expected.octets;
  const genuine =
    certificate !== undefined &&
    signed !== undefined &&
    checkSignature({ signer, certificate, algorithm, signed, findings, wrong });
  return {
    intact: signer.signedAttributes === undefined ? genuine : digestGood,
    // The message digest alone may fail without the signature over the attributes being any less genuine.
    valid: findings.every(({ code, severity }) => severity !== 'error' || code === 'message-digest-mismatch'),
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(digestAlgorithm === undefined ? {} : { digestAlgorithm }),
    ...(certificate === undefined ? {} : { signerCertificate: certificate }),
    signatureValue: signer.signature,
    signedAttributes: signer.signedAttributes?.attributes ?? [],
    unsignedAttributes: signer.unsignedAttributes,
    findings,
  };
}

/** MD5 and SHA-1 are named as what they are; a digest other than that of the signature algorithm is refused (RFC 8933, 2). */
function checkAlgorithms(
  { digestAlgorithm, signatureAlgorithm }: SignerInfo,
  wrong: Wrong,
): { digestAlgorithm?: DigestName; algorithm?: AlgorithmName } {
  for (const { oid, name } of [digestAlgorithm, signatureAlgorithm]) {
    if (name !== undefined) continue;
    const code = isBrokenAlgorithm(oid) ? 'weak-algorithm' : 'algorithm-not-supported';
    wrong(code, `algorithm ${oid} is not accepted`);
  }
  const [digestName, algorithm] = [digestAlgorithm.name, signatureAlgorithm.name];
  if (digestName === undefined) return {};
  if (algorithm === undefined) return { digestAlgorithm: digestName };
  if (signatureAlgorithms[algorithm].digest !== digestName) {
    wrong('algorithm-inconsistent', `digest ${digestName} does not go with signature algorithm ${algorithm}`);
  }
  return { digestAlgorithm: digestName, algorithm };
}

/** The content is the one that the signed attributes speak of; without attributes, that the signature may be over it directly. */
function checkContent(input: {
  signer: SignerInfo;
  data: SignedData;
  digestAlgorithm: DigestName | undefined;
  expected: ExpectedContent;
  wrong: Wrong;
}): boolean {
  const { signer, data, digestAlgorithm, expected, wrong } = input;
  const { signedAttributes } = signer;
  if (signedAttributes === undefined) {
    checkUnattributed(data.contentType, expected.octets, wrong);
    return false;
  }
  checkAttributeForm(signedAttributes, wrong);
  checkContentType(signedAttributes, data.contentType, wrong);
  checkAlgorithmProtection(signedAttributes, signer, wrong);
  const signed = signedDigest(signedAttributes);
  if (signed === undefined) wrong('message-digest-missing', 'there is no signed message digest');
  if (signed === undefined || digestAlgorithm === undefined) return false;
  const intact = equalBytes(signed, expected.digest(digestAlgorithm));
  if (!intact) wrong('message-digest-mismatch', 'the content is not what was signed');
  return intact;
}

/** RFC 5652, 5.3: attributes may only be missing when the content is plain data. */
function checkUnattributed(contentType: string, octets: Uint8Array | undefined, wrong: Wrong): void {
  const plain = contentType === cmsOids.data || contentType === gmCmsOids.data;
  if (octets === undefined || !plain) {
    wrong('signed-attributes-missing', 'there are no signed attributes');
  } else if (isSignedAttributes(octets)) {
    wrong('signed-attributes-as-content', 'the content is the signed attributes of another signature');
  }
}

/** Anybody can strip the attributes off a signature and show them as content: signature over SET OF is the same octets. */
function isSignedAttributes(octets: Uint8Array): boolean {
  if (octets[0] !== tags.set) return false;
  try {
    const types = readDer(octets).children.map((child) => oidOf(new DerCursor(child, 'Attribute').take(tags.oid)));
    return types.includes(cmsOids.messageDigest);
  } catch (error) {
    if (isTrustError(error, 'malformed-der')) return false;
    throw error;
  }
}

function checkSignature(input: {
  signer: SignerInfo;
  certificate: Certificate;
  algorithm: AlgorithmName | undefined;
  signed: Uint8Array;
  findings: Finding[];
  wrong: Wrong;
}): boolean {
  const { signer, certificate, algorithm, signed: data, findings, wrong } = input;
  const { spki, publicKey } = certificate;
  if (isWeakKey(publicKey)) wrong('weak-key', 'the RSA key of the signer has under 2048 bits');
  if (algorithm === undefined) return false;
  if (!algorithmsFor(publicKey).includes(algorithm)) {
    wrong('algorithm-inconsistent', `the key of the signer is not one for ${algorithm}`);
    return false;
  }
  const { signature } = signer;
  if (verifySignature({ algorithm, spki, data, signature, form: 'der' })) return true;
  // GB/T 35275 says DER, but makers of seals write r‖s of 64 octets.
  const raw = algorithm === 'SM2' && verifySignature({ algorithm, spki, data, signature, form: 'raw' });
  if (raw) findings.push(finding('signature-not-der', 'info', 'the SM2 signature is written as r‖s, not as DER'));
  else wrong('signature-invalid', 'the signature value is wrong');
  return raw;
}
