// Judges the seal inside a signature: its maker, its validity, its time stamp; GM/T 0031-2014, 6.1.2, GM/T 0031-2025.

import { digest } from '../crypto/digest.ts';
import { finding } from '../kernel/report.ts';
import type { Certificate } from '../pki/certificate.ts';
import { type PathResult, validatePath } from '../pki/path.ts';
import { verifyTimestampToken } from '../pki/verify-timestamp.ts';
import type { SesSeal } from '../seal/ses/ses-seal.ts';
import type { SesSignature } from '../seal/ses/ses-signature.ts';
import { failed, open, type Point } from './points.ts';
import type { TrustedTime } from './time-judge.ts';
import type { Trust } from './trust.ts';

interface SealToJudge {
  readonly ses: SesSignature;
  readonly maker: Certificate;
  readonly trust: Trust;
  readonly time: TrustedTime;
}

/** The maker's signature value is judged elsewhere. */
export function sealPoints(input: SealToJudge): { trusted: boolean; points: readonly Point[] } {
  const path = makerPath(input);
  const points = [...makerPoints(input, path), ...validityPoints(input), ...timeStampPoints(input.ses.seal)];
  return { trusted: path.trusted, points };
}

/**
 * Since version 5 the maker is judged at createDate: a certificate of his that ended later does not end the seals he made. Before, any
 * fault now is one.
 */
function makerPath({ ses, maker, trust, time }: SealToJudge): PathResult {
  const atCreation = ses.version === 5;
  return validatePath({
    leaf: maker,
    intermediates: trust.certificates,
    anchors: trust.anchors['seal-maker'],
    at: atCreation ? ses.seal.info.createdAt : (time.genTime ?? trust.now),
    atIsProven: atCreation || time.genTime !== undefined,
    purpose: 'seal-maker',
    revocation: trust.revocation,
  });
}

function makerPoints({ ses, maker, trust }: SealToJudge, path: PathResult): Point[] {
  if (!path.trusted) {
    const detail = path.findings[0]?.detail ?? 'no path to a trust anchor';
    return [{ finding: finding('seal-maker-not-trusted', 'error', detail), verdict: path.verdict }];
  }
  if (ses.version !== 5 || maker.notAfter >= trust.now) return [];
  const detail = 'the certificate of the seal maker has expired since';
  return [{ finding: finding('seal-maker-expired-since', 'info', detail) }];
}

/** At the proven time, else at the claimed one; and then it must not be over now, because claims can be dated back. */
function validityPoints({ ses, trust, time }: SealToJudge): Point[] {
  const { validFrom, validUntil } = ses.seal.info;
  const at = time.genTime ?? ses.signedAt ?? trust.now;
  if (at < validFrom) {
    return [failed('NOT_YET_VALID', finding('seal-not-yet-valid', 'error', 'the validity of the seal had not begun'))];
  }
  if (at > validUntil)
    return [failed('EXPIRED', finding('seal-expired', 'error', 'the validity of the seal was over'))];
  if (time.genTime !== undefined || trust.now <= validUntil) return [];
  const detail = 'the seal has expired, and nothing proves that it signed before';
  return [open('OUT_OF_BOUNDS_NO_POE', finding('seal-expired-since', 'warning', detail))];
}

/** Version 5, f: the token is over the maker's signature value, and the seal was made before. */
function timeStampPoints({ timeStamp, signature, info }: SesSeal): Point[] {
  if (timeStamp === undefined) return [];
  const token = verifyTimestampToken({ token: timeStamp, imprint: (name) => digest(name, signature) });
  const good = token.intact && token.valid && token.genTime !== undefined && info.createdAt <= token.genTime;
  if (good) return [];
  return [failed('FORMAT_FAILURE', finding('seal-time-stamp-wrong', 'error', 'the time stamp of the seal is wrong'))];
}
