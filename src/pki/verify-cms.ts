// Verification of a detached document signature (PAdES, CAdES B-B and B-T); RFC 5652, 5.6, ETSI EN 319 142-1, 5 and 6.

import { cmsOids } from '../codec/oids.ts';
import type { AlgorithmName, DigestName } from '../crypto/algorithms.ts';
import { digest } from '../crypto/digest.ts';
import { isTrustError } from '../kernel/errors.ts';
import type { Finding } from '../kernel/report.ts';
import { finding } from '../kernel/report.ts';
import type { Certificate } from './certificate.ts';
import type { SignedData } from './signed-data.ts';
import { parseSignedData } from './signed-data.ts';
import { checkSigner } from './signer-check.ts';
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
  /** The signature time stamp over the signature value, when there is one. */
  readonly timestamp?: TimestampVerification;
  readonly findings: readonly Finding[];
}

export interface SignedDataClaim {
  readonly cms: Uint8Array;
  /** The digest of the content under the algorithm that the signature names. */
  readonly contentDigest: (name: DigestName) => Uint8Array;
  /** Default `required` (CAdES); `optional` only for formats that never had it. */
  readonly signingCertificate?: 'required' | 'optional';
}

/** Never throws for bad input: a malformed message is the finding `malformed-cms`. */
export function verifySignedData({
  cms,
  contentDigest,
  signingCertificate = 'required',
}: SignedDataClaim): SignedDataVerification {
  let data: SignedData;
  try {
    data = parseSignedData(cms);
  } catch (error) {
    if (!isTrustError(error, 'malformed-cms')) throw error;
    return {
      intact: false,
      valid: false,
      certificates: [],
      findings: [finding('malformed-cms', 'error', error.message)],
    };
  }
  const { unsignedAttributes, ...check } = checkSigner(data, {
    contentType: cmsOids.data,
    digest: contentDigest,
    signingCertificate,
  });
  const findings = [...check.findings, ...formFindings(data)];
  const tokens = unsignedAttributes.filter(({ type }) => type === cmsOids.signatureTimeStampToken);
  const [token, ...surplus] = tokens.flatMap(({ values }) => values);
  const { signatureValue } = check;
  if (surplus.length > 0)
    findings.push(finding('time-stamp-surplus', 'warning', 'only the first time stamp was judged'));
  const timestamp =
    token === undefined || signatureValue === undefined
      ? undefined
      : verifyTimestampToken({ token: token.raw, imprint: (name) => digest(name, signatureValue) });
  const detached = data.content === undefined;
  return {
    ...check,
    valid: check.valid && detached,
    certificates: data.certificates,
    ...(timestamp === undefined ? {} : { timestamp }),
    findings,
  };
}

function formFindings({ content, signers, unreadableCertificates }: SignedData): Finding[] {
  const findings: Finding[] = [];
  // EN 319 142-1, 5.3: with content inside, that content would be what is signed, and the document would not be.
  if (content !== undefined)
    findings.push(finding('content-not-detached', 'error', 'the signature has content of its own'));
  if (unreadableCertificates > 0) {
    findings.push(
      finding('certificate-unreadable', 'warning', `${unreadableCertificates} certificates cannot be read`),
    );
  }
  const hasTime = signers.some(({ signedAttributes }) =>
    signedAttributes?.attributes.some(({ type }) => type === cmsOids.signingTime),
  );
  if (hasTime)
    findings.push(
      finding('signing-time-attribute', 'info', 'a claimed signing time stands in the CMS, where PAdES has none'),
    );
  return findings;
}
