// The trusted time of a signature: that of its earliest time stamp whose token is good and whose authority is trusted; ETSI EN 319 102-1, 5.4, 5.5.4 and 5.6.

import type { Finding } from '../kernel/report.ts';
import { finding } from '../kernel/report.ts';
import type { Certificate } from '../pki/certificate.ts';
import type { SignedDataVerification } from '../pki/verify-cms.ts';
import type { TimestampVerification } from '../pki/verify-timestamp.ts';
import { judgePath } from './past/past-signature.ts';
import { failed, open, type Point } from './points.ts';
import type { Trust } from './trust.ts';

export interface TrustedTime {
  /** The earliest proven moment at which the signature existed (best-signature-time). */
  readonly genTime: Date | undefined;
  /** Whether that moment is the signature's own time stamp, else one over the document that came later. */
  readonly ownStamp: boolean;
  /** By a time stamp over the content that was signed with it: the signature is younger. */
  readonly madeAfter: Date | undefined;
  /** The paths of the authorities whose time stamps of the signature were accepted, leaf first, each with the time it told. */
  readonly stamps: readonly AcceptedStamp[];
  readonly points: readonly Point[];
}

export const noTime: TrustedTime = {
  genTime: undefined,
  ownStamp: false,
  madeAfter: undefined,
  stamps: [],
  points: [],
};

export interface AcceptedStamp {
  readonly genTime: Date;
  readonly chain: readonly Certificate[];
}

interface JudgedStamp {
  readonly accepted: AcceptedStamp | undefined;
  readonly points: readonly Point[];
}

export function judgeTimestamps(
  cms: Pick<SignedDataVerification, 'timestamps' | 'contentTimestamps'>,
  trust: Trust,
): TrustedTime {
  const judged = cms.timestamps.map((timestamp) => judgeTimestamp(timestamp, trust));
  const content = cms.contentTimestamps.map((timestamp) => judgeContentTimestamp(timestamp, trust));
  const stamps = judged.flatMap(({ accepted }) => accepted ?? []);
  const own = earliest(stamps);
  const points = [...judged, ...content].flatMap((time) => time.points);
  const madeAfter = latest(content.flatMap(({ accepted }) => accepted ?? []));
  if (own !== undefined && madeAfter !== undefined && madeAfter > own) {
    points.push(outOfOrder('the content was stamped after the signature over it'));
  }
  const { provenAt } = trust;
  if (own !== undefined && provenAt !== undefined && own.getTime() > provenAt.getTime() + clockToleranceMs) {
    points.push(outOfOrder('its time stamp is younger than a document time stamp over it'));
  }
  const ownStamp = own !== undefined && (provenAt === undefined || own <= provenAt);
  return { genTime: ownStamp ? own : provenAt, ownStamp, madeAfter, stamps, points };
}

function outOfOrder(detail: string): Point {
  return open('TIMESTAMP_ORDER_FAILURE', finding('time-stamps-out-of-order', 'error', detail));
}

/** Made in an old way: it proves nothing here, and it says nothing against the signature. */
const outdated = new Set(['weak-algorithm', 'weak-key', 'signing-certificate-missing']);

/** Over the signature value; nothing but the token itself protects these bytes. */
function judgeTimestamp(timestamp: TimestampVerification, trust: Trust): JudgedStamp {
  const faults = faultsOf(timestamp);
  const [fault] = faults;
  if (fault !== undefined && faults.every(({ code }) => outdated.has(code))) {
    return told(finding('time-stamp-not-accepted', 'warning', fault.detail));
  }
  if (fault !== undefined && faults.every(({ code }) => outdated.has(code) || code === 'algorithm-not-supported')) {
    // A damaged identifier looks like an algorithm that is not known, so whether there was a good time stamp stays open.
    const what = finding('time-stamp-not-accepted', 'warning', fault.detail);
    return { accepted: undefined, points: [open('CRYPTO_CONSTRAINTS_FAILURE_NO_POE', what)] };
  }
  if (fault !== undefined || !isComplete(timestamp)) {
    // The standard would pass over it; but the token was good when it was put in, so somebody touched it.
    const detail = fault?.detail ?? 'the time stamp is not over this signature';
    return { accepted: undefined, points: [failed('FORMAT_FAILURE', finding('time-stamp-invalid', 'error', detail))] };
  }
  return trustedTime(timestamp, trust);
}

/** Over the content and signed with it: as the signer made it, so a bad one is only told. */
function judgeContentTimestamp(timestamp: TimestampVerification, trust: Trust): JudgedStamp {
  const [fault] = faultsOf(timestamp);
  if (fault === undefined && isComplete(timestamp)) return trustedTime(timestamp, trust);
  const detail = fault?.detail ?? 'the time stamp is not over this content';
  return told(finding('content-time-stamp-invalid', 'warning', detail));
}

/** Of a token that is good in itself: whether its authority is trusted, now or when the token is proven to have existed. */
export function trustedTime(
  { genTime, signerCertificate: leaf, certificates }: TimestampVerification,
  trust: Trust,
): JudgedStamp {
  if (genTime === undefined || leaf === undefined) return { accepted: undefined, points: [] };
  const { now, provenAt } = trust;
  const untrusted = (detail: string) => told(finding('time-stamp-not-trusted', 'warning', detail));
  if (genTime.getTime() > now.getTime() + clockToleranceMs) return untrusted('the time stamp is from the future');
  if (genTime < leaf.notBefore) return untrusted('the time stamp is older than the certificate of its authority');
  const path = judgePath({ leaf, certificates, purpose: 'time-stamp', provenAt }, trust);
  if (path.trusted) return { accepted: { genTime, chain: path.chain }, points: [] };
  return untrusted(path.points[0]?.finding.detail ?? 'no path to a trust anchor');
}

/** Two clocks, each right within half a minute. */
export const clockToleranceMs = 60_000;

function faultsOf({ findings }: TimestampVerification): Finding[] {
  return findings.filter(({ severity, code }) => severity === 'error' || code === 'certificate-unreadable');
}

function isComplete({ intact, valid, genTime, signerCertificate }: TimestampVerification): boolean {
  return intact && valid && genTime !== undefined && signerCertificate !== undefined;
}

function told(what: Finding): JudgedStamp {
  return { accepted: undefined, points: [{ finding: what }] };
}

function earliest(stamps: readonly AcceptedStamp[]): Date | undefined {
  return stamps.map(({ genTime }) => genTime).sort((a, b) => a.getTime() - b.getTime())[0];
}

function latest(stamps: readonly AcceptedStamp[]): Date | undefined {
  return stamps.map(({ genTime }) => genTime).sort((a, b) => b.getTime() - a.getTime())[0];
}
