// The document time stamps of a file, the newest first: good now, or at the time that a newer one proves; each that is accepted proves all
// it covers; ETSI EN 319 102-1, 5.6.3.4, steps 4 and 5.

import { setImmediate as othersFirst } from 'node:timers/promises';
import { digestOf } from '../../crypto/digest.ts';
import { finding } from '../../kernel/report.ts';
import type { PdfSignature } from '../../pdf/signatures.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { verifyTimestampToken, type TimestampVerification } from '../../pki/verify-timestamp.ts';
import { failed, open, type Point, verdictOf } from '../points.ts';
import { formPoints, type SignatureInput } from '../signature-place.ts';
import { clockToleranceMs } from '../time-judge.ts';
import { judgePath } from './past-signature.ts';

export interface ArchiveStamp {
  readonly signature: PdfSignature;
  readonly token: TimestampVerification;
  /** Over these bytes, and signed by an authority's key, whoever trusts it. */
  readonly intact: boolean;
  readonly valid: boolean;
  readonly trusted: boolean;
  /** When another time stamp proves it to have existed. */
  readonly provenAt: Date | undefined;
  readonly points: readonly Point[];
  /** Leaf first, the anchor last; there when the time stamp proves something. */
  readonly chain: readonly Certificate[] | undefined;
}

/** The newest first. `inputs`: of the signatures of one file, in any order. */
export async function judgeArchiveStamps(inputs: readonly SignatureInput[]): Promise<readonly ArchiveStamp[]> {
  const stamps = inputs.filter(({ signature }) => signature.type === 'DocTimeStamp');
  const newestFirst = stamps.sort((a, b) => b.signature.revisionEnd - a.signature.revisionEnd);
  const judged: ArchiveStamp[] = [];
  for (const input of newestFirst) {
    await othersFirst();
    const stamp = await judgeArchiveStamp(input);
    const { genTime } = stamp.token;
    if (stamp.chain !== undefined && genTime !== undefined) input.ground.proofs.add(input.signature, genTime);
    judged.push(stamp);
  }
  return judged;
}

async function judgeArchiveStamp(input: SignatureInput): Promise<ArchiveStamp> {
  const { signature, ground } = input;
  const token = verifyTimestampToken({
    token: signature.contents,
    imprint: (name) => digestOf(name, signature.signedBytes()),
  });
  const { genTime, signerCertificate: leaf, certificates } = token;
  const ranged = signature.revisionEnd > 0;
  const [intact, valid] = [ranged && token.intact, ranged && token.valid];
  const points: Point[] = [...formPoints(input), ...formatPoints(signature), ...tokenPoints(intact, token)];
  if (leaf === undefined)
    return { signature, token, intact, valid, trusted: false, provenAt: undefined, points, chain: undefined };
  const trust = await ground.forSignature(certificates, token.revocationData, signature);
  const { provenAt } = trust;
  const path = judgePath({ leaf, certificates, purpose: 'time-stamp', provenAt }, trust);
  points.push(...path.points, ...timePoints(genTime, { notBefore: leaf.notBefore, now: trust.now, provenAt }));
  const accepted = intact && valid && path.trusted && verdictOf(points).indication === 'TOTAL-PASSED';
  return {
    signature,
    token,
    intact,
    valid,
    trusted: path.trusted,
    provenAt,
    points,
    chain: accepted ? path.chain : undefined,
  };
}

function formatPoints({ subFilter = 'missing' }: PdfSignature): Point[] {
  if (subFilter === 'ETSI.RFC3161') return [];
  const what = finding('signature-format-not-supported', 'warning', `SubFilter ${subFilter} is not judged here`);
  return [open('FORMAT_FAILURE', what)];
}

function tokenPoints(intact: boolean, { valid, findings }: TimestampVerification): Point[] {
  const points: Point[] = [];
  if (!intact)
    points.push(failed('HASH_FAILURE', finding('imprint-mismatch', 'error', 'the file is not what was stamped')));
  if (!valid) {
    const detail = findings[0]?.detail ?? 'the token does not verify';
    points.push(failed('SIG_CRYPTO_FAILURE', finding('time-stamp-invalid', 'error', detail)));
  }
  return points;
}

/** What it says of the time must be possible beside what is known: newer time stamps, the certificate, the clock. */
function timePoints(
  genTime: Date | undefined,
  { notBefore, now, provenAt }: { notBefore: Date; now: Date; provenAt: Date | undefined },
): Point[] {
  if (genTime === undefined) return [];
  const untrusted = (detail: string) => finding('time-stamp-not-trusted', 'warning', detail);
  if (genTime.getTime() > now.getTime() + clockToleranceMs) {
    return [open('SIG_CONSTRAINTS_FAILURE', untrusted('the time stamp is from the future'))];
  }
  if (genTime < notBefore) {
    return [failed('NOT_YET_VALID', untrusted('the time stamp is older than the certificate of its authority'))];
  }
  if (provenAt !== undefined && genTime.getTime() > provenAt.getTime() + clockToleranceMs) {
    const detail = 'it tells a later time than a document time stamp that covers it';
    return [open('TIMESTAMP_ORDER_FAILURE', finding('time-stamps-out-of-order', 'error', detail))];
  }
  return [];
}
