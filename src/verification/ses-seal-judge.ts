// Judges the seal inside a signature: its maker, its validity, its time stamp; GM/T 0031-2014, 6.1.2, GM/T 0031-2025.

import { digest } from '../crypto/digest.ts';
import { type Finding, finding } from '../kernel/report.ts';
import type { Certificate } from '../pki/certificate.ts';
import { type PathResult, validatePath } from '../pki/path.ts';
import type { RevocationSource } from '../pki/revocation.ts';
import { isListedMaker } from '../pki/trust-anchor.ts';
import { type TimestampVerification, verifyTimestampToken } from '../pki/verify-timestamp.ts';
import type { SesSeal } from '../seal/ses/ses-seal.ts';
import type { SesSignature } from '../seal/ses/ses-signature.ts';
import { failed, open, type Point } from './points.ts';
import { type TrustedTime, trustedTime } from './time-judge.ts';
import type { Trust } from './trust.ts';

interface SealToJudge {
  readonly ses: SesSignature;
  readonly maker: Certificate;
  readonly trust: Trust;
  readonly time: TrustedTime;
  /** Of the seal, if it has one. */
  readonly stamp: TimestampVerification | undefined;
}

/** The maker's signature value is judged elsewhere. */
export function sealPoints(input: SealToJudge): { trusted: boolean; points: readonly Point[] } {
  const path = makerPath(input);
  const points = [...makerPoints(input, path), ...validityPoints(input), ...timeStampPoints(input)];
  return { trusted: path.trusted, points };
}

/**
 * Since version 5 the maker is judged at createDate: a certificate of his that ended later does not end the seals he made. Before, any
 * fault now is one. The date is the maker's own word: that he was not revoked yet takes a time stamp, of the seal or of a signature.
 */
function makerPath(input: SealToJudge): PathResult {
  const { ses, maker, trust, time } = input;
  const atCreation = ses.version === 5;
  const at = atCreation ? ses.seal.info.createdAt : (time.genTime ?? trust.now);
  if (isListedMaker(maker, trust.anchors)) return listedMaker(maker, at);
  const request = {
    leaf: maker,
    intermediates: trust.certificates,
    anchors: trust.anchors['seal-maker'],
    at,
    purpose: 'seal-maker',
  } as const;
  const { revocation } = trust;
  const path = validatePath({ ...request, atIsProven: atCreation || time.genTime !== undefined, revocation });
  if (!atCreation || !path.trusted) return path;
  return validatePath({ ...request, atIsProven: false, revocation: revokedBy(provenTime(input), revocation) });
}

/** The earliest moment at which a time stamp proves the seal to have existed. */
function provenTime({ stamp, trust, time }: SealToJudge): Date | undefined {
  const ofSeal = stamp?.intact && stamp.valid ? trustedTime(stamp, trust).accepted?.genTime : undefined;
  if (ofSeal === undefined || time.genTime === undefined) return ofSeal ?? time.genTime;
  return ofSeal < time.genTime ? ofSeal : time.genTime;
}

/** What was revoked later is good for what is proven to be older. */
function revokedBy(proven: Date | undefined, source: RevocationSource): RevocationSource {
  return {
    check: (certificate, issuer, path) => {
      const answer = source.check(certificate, issuer, path);
      const later = answer.status === 'revoked' && proven !== undefined && answer.revokedAt > proven;
      return later ? { status: 'good' } : answer;
    },
  };
}

/** Nobody tells the status of an anchor: who put the maker there takes it away again. */
function listedMaker(maker: Certificate, at: Date): PathResult {
  const within = maker.notBefore <= at && at <= maker.notAfter;
  const expired = finding('expired', 'error', 'the certificate of the seal maker was not valid then');
  return {
    trusted: within,
    verdict: within
      ? { indication: 'TOTAL-PASSED', subIndication: null }
      : { indication: 'INDETERMINATE', subIndication: 'OUT_OF_BOUNDS_NO_POE' },
    chain: [maker],
    findings: within ? [] : [expired],
    policies: [],
  };
}

function makerPoints({ ses, maker, trust }: SealToJudge, path: PathResult): Point[] {
  if (!path.trusted) {
    const detail = path.findings[0]?.detail ?? 'no path to a trust anchor';
    return [{ finding: finding('seal-maker-not-trusted', 'error', detail), verdict: path.verdict }];
  }
  if (ses.version !== 5) return [];
  const [issuer, ...above] = path.chain.slice(1);
  const context = {
    above: issuer === undefined ? [] : [issuer, ...above],
    others: trust.certificates,
    algorithms: 'current',
  } as const;
  const revoked = issuer !== undefined && trust.revocation.check(maker, issuer, context).status === 'revoked';
  const since = (code: string, detail: string): Point => ({
    finding: finding(code, 'info', `the certificate of the seal maker ${detail}`),
  });
  return [
    ...(revoked ? [since('seal-maker-revoked-since', 'was revoked since')] : []),
    ...(maker.notAfter < trust.now ? [since('seal-maker-expired-since', 'has expired since')] : []),
  ];
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

/** Version 5, f: the token is over the maker's signature value, the seal was made before, and its authority is trusted for that moment. */
function timeStampPoints({ ses: { seal }, stamp: token, trust }: SealToJudge): Point[] {
  if (token === undefined) return [];
  const { genTime, signerCertificate: leaf, certificates } = token;
  if (!token.intact || !token.valid || genTime === undefined || leaf === undefined)
    return [failed('FORMAT_FAILURE', wrong(token.findings[0]?.detail ?? 'the time stamp of the seal is not over it'))];
  if (seal.info.createdAt > genTime)
    return [failed('TIMESTAMP_ORDER_FAILURE', wrong('the seal was time-stamped before it was made'))];
  const path = validatePath({
    leaf,
    intermediates: [...certificates, ...trust.certificates],
    anchors: trust.anchors['time-stamp'],
    at: genTime,
    purpose: 'time-stamp',
    revocation: trust.revocation,
  });
  if (path.trusted) return [];
  const detail = path.findings[0]?.detail ?? 'no path to a trust anchor';
  return [{ finding: finding('seal-time-stamp-not-trusted', 'error', detail), verdict: path.verdict }];
}

function wrong(detail: string): Finding {
  return finding('seal-time-stamp-wrong', 'error', detail);
}

/** Over the maker's signature value; `undefined` when the seal has none. */
export function sealTimestamp({ timeStamp, signature }: SesSeal): TimestampVerification | undefined {
  if (timeStamp === undefined) return undefined;
  return verifyTimestampToken({ token: timeStamp, imprint: (name) => digest(name, signature) });
}
