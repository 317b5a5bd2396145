// The trusted time of a signature: that of its earliest time stamp whose token is good and whose authority is trusted; ETSI EN 319 102-1, 5.4 and 5.5.4.

import type { Finding } from '../kernel/report.ts';
import { finding } from '../kernel/report.ts';
import { validatePath } from '../pki/path.ts';
import type { SignedDataVerification } from '../pki/verify-cms.ts';
import type { TimestampVerification } from '../pki/verify-timestamp.ts';
import { failed, open, type Point } from './points.ts';
import type { Trust } from './trust.ts';

export interface TrustedTime {
  /** Proven moment at which the signature existed. */
  readonly genTime: Date | undefined;
  readonly points: readonly Point[];
}

export function judgeTimestamps(
  cms: Pick<SignedDataVerification, 'timestamps' | 'contentTimestamps'>,
  trust: Trust,
): TrustedTime {
  const judged = cms.timestamps.map((timestamp) => judgeTimestamp(timestamp, trust));
  const content = cms.contentTimestamps.map((timestamp) => judgeContentTimestamp(timestamp, trust));
  const genTime = earliest(judged);
  const points = [...judged, ...content].flatMap((time) => time.points);
  const youngest = content.map((time) => time.genTime?.getTime() ?? 0);
  if (genTime !== undefined && Math.max(0, ...youngest) > genTime.getTime()) {
    const what = finding('time-stamps-out-of-order', 'error', 'the content was stamped after the signature over it');
    points.push(open('TIMESTAMP_ORDER_FAILURE', what));
  }
  return { genTime, points };
}

/** Made in an old way: it proves nothing here, and it says nothing against the signature. */
const outdated = new Set(['weak-algorithm', 'weak-key', 'signing-certificate-missing']);

/** Over the signature value; nothing but the token itself protects these bytes. */
function judgeTimestamp(timestamp: TimestampVerification, trust: Trust): TrustedTime {
  const faults = faultsOf(timestamp);
  const [fault] = faults;
  if (fault !== undefined && faults.every(({ code }) => outdated.has(code))) {
    return told(finding('time-stamp-not-accepted', 'warning', fault.detail));
  }
  if (fault !== undefined && faults.every(({ code }) => outdated.has(code) || code === 'algorithm-not-supported')) {
    // A damaged identifier looks like an algorithm that is not known, so whether there was a good time stamp stays open.
    const what = finding('time-stamp-not-accepted', 'warning', fault.detail);
    return { genTime: undefined, points: [open('CRYPTO_CONSTRAINTS_FAILURE_NO_POE', what)] };
  }
  if (fault !== undefined || !isComplete(timestamp)) {
    // The standard would pass over it; but the token was good when it was put in, so somebody touched it.
    const detail = fault?.detail ?? 'the time stamp is not over this signature';
    return { genTime: undefined, points: [failed('FORMAT_FAILURE', finding('time-stamp-invalid', 'error', detail))] };
  }
  return trustedTime(timestamp, trust);
}

/** Over the content and signed with it: as the signer made it, so a bad one is only told. */
function judgeContentTimestamp(timestamp: TimestampVerification, trust: Trust): TrustedTime {
  const [fault] = faultsOf(timestamp);
  if (fault === undefined && isComplete(timestamp)) return trustedTime(timestamp, trust);
  const detail = fault?.detail ?? 'the time stamp is not over this content';
  return told(finding('content-time-stamp-invalid', 'warning', detail));
}

function trustedTime(
  { genTime, signerCertificate: leaf, certificates }: TimestampVerification,
  trust: Trust,
): TrustedTime {
  const { anchors, revocation, now } = trust;
  if (genTime === undefined || leaf === undefined) return { genTime: undefined, points: [] };
  const untrusted = (detail: string) => told(finding('time-stamp-not-trusted', 'warning', detail));
  if (genTime.getTime() > now.getTime() + clockToleranceMs) return untrusted('the time stamp is from the future');
  if (genTime < leaf.notBefore) return untrusted('the time stamp is older than the certificate of its authority');
  const intermediates = [...certificates, ...trust.certificates];
  const purpose = 'time-stamp';
  const request = { leaf, intermediates, anchors: anchors[purpose], purpose, revocation } as const;
  const path = validatePath({ ...request, at: now, atIsProven: false });
  return path.trusted ? { genTime, points: [] } : untrusted(path.findings[0]?.detail ?? 'no path to a trust anchor');
}

/** Two clocks, each right within half a minute. */
export const clockToleranceMs = 60_000;

function faultsOf({ findings }: TimestampVerification): Finding[] {
  return findings.filter(({ severity, code }) => severity === 'error' || code === 'certificate-unreadable');
}

function isComplete({ intact, valid, genTime, signerCertificate }: TimestampVerification): boolean {
  return intact && valid && genTime !== undefined && signerCertificate !== undefined;
}

function told(what: Finding): TrustedTime {
  return { genTime: undefined, points: [{ finding: what }] };
}

function earliest(times: readonly TrustedTime[]): Date | undefined {
  const [first, ...rest] = times.flatMap(({ genTime }) => (genTime === undefined ? [] : [genTime]));
  return rest.reduce((best, next) => (best !== undefined && best <= next ? best : next), first);
}
