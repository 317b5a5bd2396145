// Verification of a signature over a document or over content of its own (PAdES, CAdES B-B and B-T, GB/T 35275); RFC 5652, 5.6, ETSI EN 319 142-1, 5 and 6.

import { cmsOids, gmCmsOids } from '../codec/oids.ts';
import type { AlgorithmName, DigestName } from '../crypto/algorithms.ts';
import { digest } from '../crypto/digest.ts';
import { isTrustError } from '../kernel/errors.ts';
import type { Finding } from '../kernel/report.ts';
import { finding } from '../kernel/report.ts';
import type { Certificate } from './certificate.ts';
import type { RevocationData } from './revocation-data.ts';
import { joinedRevocationData, noRevocationData, readRevocationArchive } from './revocation-data.ts';
import type { CmsFamily, SignedData } from './signed-data.ts';
import { parseSignedData } from './signed-data.ts';
import type { SignerCheck } from './signer-check.ts';
import { checkSigner } from './signer-check.ts';
import { readUnsignedAttributes } from './unsigned-attributes.ts';
import type { TimestampVerification } from './verify-timestamp.ts';
import { verifyTimestampToken } from './verify-timestamp.ts';

export interface SignedDataVerification {
  /** The content is the one that was signed. */
  readonly intact: boolean;
  /** The signature is cryptographically good and in the demanded form. Says nothing about trust in the certificate. */
  readonly valid: boolean;
  readonly signerCertificate?: Certificate;
  /** All certificates of the message: material for a path, trusted for nothing. */
  readonly certificates: readonly Certificate[];
  readonly algorithm?: AlgorithmName;
  readonly digestAlgorithm?: DigestName;
  readonly signatureValue?: Uint8Array;
  /** Time stamps over the signature value: it existed then. */
  readonly timestamps: readonly TimestampVerification[];
  /** Time stamps over the content, signed with it (content-time-stamp): the signature is younger. */
  readonly contentTimestamps: readonly TimestampVerification[];
  /** The encapsulated content; there only when it is intact and the signature valid, so that nobody reads what nobody signed. */
  readonly content?: Uint8Array;
  /** CRLs and OCSP responses in the message: trusted for nothing before their signatures are. */
  readonly revocationData: RevocationData;
  readonly findings: readonly Finding[];
}

export interface SignedDataClaim {
  readonly cms: Uint8Array;
  /**
   * The detached content: its digest under the algorithm that the signature names, or its octets (needed only where
   * `signedAttributes` is optional). `inside`: the message carries it.
   */
  readonly content: ((name: DigestName) => Uint8Array) | Uint8Array | 'inside';
  /** Default `required` (CAdES); `optional` only for formats that never had it. */
  readonly signingCertificate?: 'required' | 'optional';
  /** Default `required` (CAdES); `optional` only for formats that sign content directly, as GB/T 35275 lets them. */
  readonly signedAttributes?: 'required' | 'optional';
  /** Whose identifiers are accepted; default those of RFC 5652 only. */
  readonly families?: readonly CmsFamily[];
}

/** Never throws for bad input: a malformed message is the finding `malformed-cms`. */
export function verifySignedData(claim: SignedDataClaim): SignedDataVerification {
  let data: SignedData;
  try {
    data = parseSignedData(claim.cms);
  } catch (error) {
    if (!isTrustError(error, 'malformed-cms')) throw error;
    const findings = [finding('malformed-cms', 'error', error.message)];
    return {
      intact: false,
      valid: false,
      certificates: [],
      timestamps: [],
      contentTimestamps: [],
      revocationData: noRevocationData,
      findings,
    };
  }
  const { digestOf, octets } = contentOf(claim, data);
  const { signedAttributes, unsignedAttributes, ...check } = checkSigner(data, {
    contentTypes: contentTypes[data.family],
    digest: digestOf,
    signingCertificate: claim.signingCertificate ?? 'required',
    ...(claim.signedAttributes === 'optional' && octets !== undefined ? { octets } : {}),
  });
  const unsigned = readUnsignedAttributes(unsignedAttributes);
  const contentTokens = signedAttributes
    .filter(({ type }) => type === cmsOids.contentTimestamp)
    .flatMap(({ values }) => values);
  const form = [...formFindings(data, claim), ...unsigned.findings, ...surplus(contentTokens.length)];
  const valid = check.valid && form.every(({ severity }) => severity !== 'error');
  const readable = claim.content === 'inside' && check.intact && valid && octets !== undefined;
  return {
    ...check,
    valid,
    certificates: data.certificates,
    timestamps: signatureTimestamps(check, unsigned.tokens),
    contentTimestamps: contentTokens
      .slice(0, maxContentTokens)
      .map(({ raw }) => verifyTimestampToken({ token: raw, imprint: digestOf })),
    ...(readable ? { content: octets } : {}),
    revocationData: joinedRevocationData([data.revocationData, readRevocationArchive(signedAttributes)]),
    findings: [...check.findings, ...form],
  };
}

/** Real messages under the identifiers of GB/T 35275 name their content by either. */
const contentTypes: Readonly<Record<CmsFamily, readonly string[]>> = {
  rfc5652: [cmsOids.data],
  gbt35275: [gmCmsOids.data, cmsOids.data],
};

function contentOf({ content }: SignedDataClaim, data: SignedData) {
  if (typeof content === 'function') return { digestOf: onceEach(content), octets: undefined };
  const octets = content === 'inside' ? data.content : content;
  return { digestOf: onceEach((name) => digest(name, octets ?? new Uint8Array())), octets };
}

/** The content may be a gigabyte, and every time stamp over it asks again. */
function onceEach(make: (name: DigestName) => Uint8Array): (name: DigestName) => Uint8Array {
  const made = new Map<DigestName, Uint8Array>();
  return (name) => {
    const value = made.get(name) ?? make(name);
    made.set(name, value);
    return value;
  };
}

/** Each costs several signature checks; a signer needs one. */
const maxContentTokens = 4;

function surplus(tokens: number): Finding[] {
  if (tokens <= maxContentTokens) return [];
  const detail = `only ${maxContentTokens} of ${tokens} over the content were judged`;
  return [finding('time-stamp-surplus', 'warning', detail)];
}

function signatureTimestamps({ signatureValue }: Pick<SignerCheck, 'signatureValue'>, tokens: readonly Uint8Array[]) {
  if (signatureValue === undefined) return [];
  return tokens.map((token) => verifyTimestampToken({ token, imprint: (name) => digest(name, signatureValue) }));
}

function formFindings(data: SignedData, claim: SignedDataClaim): Finding[] {
  const { content, signers, unreadableCertificates, revocationData, family } = data;
  const findings: Finding[] = [];
  if (!(claim.families ?? ['rfc5652']).includes(family)) {
    findings.push(finding('content-type-wrong', 'error', `identifiers of ${family} are not those of this format`));
  }
  // EN 319 142-1, 5.3: with content inside, that content would be what is signed, and the document would not be.
  if (content !== undefined && claim.content !== 'inside') {
    findings.push(finding('content-not-detached', 'error', 'the signature has content of its own'));
  }
  if (content === undefined && claim.content === 'inside') {
    findings.push(finding('content-missing', 'error', 'the content is not in the message'));
  }
  if (unreadableCertificates > 0) {
    const detail = `${unreadableCertificates} certificates cannot be read`;
    findings.push(finding('certificate-unreadable', 'warning', detail));
  }
  if (revocationData.others > 0) {
    findings.push(finding('revocation-data-ignored', 'info', 'revocation data of an unknown kind in the signature'));
  }
  const hasTime = signers.some(({ signedAttributes }) =>
    signedAttributes?.attributes.some(({ type }) => type === cmsOids.signingTime),
  );
  if (hasTime) {
    const detail = 'a claimed signing time stands in the CMS, where PAdES has none';
    findings.push(finding('signing-time-attribute', 'info', detail));
  }
  return findings;
}
