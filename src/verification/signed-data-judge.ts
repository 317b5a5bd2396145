// Judges a GB/T 35275 message as the signature value of an OFD signature of the type Sign, in the forms that makers write; GM/T 0099-2020.

import { readDer } from '../codec/der.ts';
import { tags } from '../codec/der-value.ts';
import { digest } from '../crypto/digest.ts';
import { equalBytes, fromBase64, fromUtf8 } from '../kernel/bytes.ts';
import { isTrustError } from '../kernel/errors.ts';
import { finding } from '../kernel/report.ts';
import { parseSignedData } from '../pki/signed-data.ts';
import { type SignedDataVerification, verifySignedData } from '../pki/verify-cms.ts';
import { certificatesOf, cmsPoints, revocationDataOf } from './cms-points.ts';
import { failed, open, type Point } from './points.ts';
import { type JudgedValue, showsNothing, type ValueToJudge } from './ses-judge.ts';
import { signerPath } from './signer-path.ts';
import { judgeTimestamps } from './time-judge.ts';

/** What a signature value is by its outermost elements; `bare`: a signature without any certificate. */
export function kindOfValue(value: Uint8Array): 'ses' | 'signed-data' | 'bare' {
  try {
    const [first, second] = readDer(value).children;
    if (first?.tag === tags.oid) return 'signed-data';
    return first?.tag === tags.integer && second?.tag === tags.integer ? 'bare' : 'ses';
  } catch (error) {
    if (!isTrustError(error)) throw error;
    return value.length === 64 ? 'bare' : 'ses';
  }
}

/** Never throws for a bad signature. */
export async function judgeSignedData({ value, signed, ground }: ValueToJudge): Promise<JudgedValue> {
  const attached = hasContent(value);
  const cms = verifySignedData({
    cms: value,
    content: attached ? 'inside' : signed,
    signingCertificate: 'optional',
    signedAttributes: 'optional',
    families: ['gbt35275', 'rfc5652'],
  });
  const trust = await ground.forSignature(certificatesOf(cms), revocationDataOf(cms));
  const time = judgeTimestamps(cms, trust);
  const path = signerPath({ signerCertificate: cms.signerCertificate, certificates: cms.certificates }, trust, time);
  const intact = cms.intact && (!attached || isDigestOf(cms.content, signed));
  const points: Point[] = [...cmsPoints(cms, trust), ...time.points, ...path.points];
  if (cms.intact && !intact) {
    points.push(failed('HASH_FAILURE', finding('digest-mismatch', 'error', 'Signature.xml is not what was signed')));
  }
  return { ...valueFacts(cms), intact, trusted: path.trusted, time, trust, points };
}

function valueFacts(cms: SignedDataVerification) {
  return {
    format: 'GB/T 35275',
    valid: cms.valid,
    certificate: cms.signerCertificate,
    sealDer: undefined,
    claimedTime: undefined,
  };
}

/** Nobody can say whose key it is. */
export async function judgeBareValue({ ground }: ValueToJudge): Promise<JudgedValue> {
  const what = finding('signer-certificate-missing', 'warning', 'the signature value has no certificate');
  return showsNothing('SM2', await ground.forSignature([]), open('NO_SIGNING_CERTIFICATE_FOUND', what));
}

function hasContent(value: Uint8Array): boolean {
  try {
    return parseSignedData(value).content !== undefined;
  } catch (error) {
    if (isTrustError(error, 'malformed-cms')) return false; // told by the verification itself
    throw error;
  }
}

/** The content is Signature.xml, its SM3 digest, or that digest in base64. */
function isDigestOf(content: Uint8Array | undefined, signed: Uint8Array): boolean {
  if (content === undefined) return false;
  const expected = digest('SM3', signed);
  const text = fromBase64(fromUtf8(content)?.trim() ?? '');
  return (
    [content, text].some((value) => value !== undefined && equalBytes(value, expected)) || equalBytes(content, signed)
  );
}
