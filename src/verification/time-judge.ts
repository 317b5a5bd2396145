// The trusted time of a signature: that of its time stamp when the token is good and its authority trusted; ETSI EN 319 102-1, 5.4.

import { finding } from '../kernel/report.ts';
import { validatePath } from '../pki/path.ts';
import type { SignedDataVerification } from '../pki/verify-cms.ts';
import { failed, type Point } from './points.ts';
import type { Trust } from './trust.ts';

export interface TrustedTime {
  /** Proven moment at which the signature existed. */
  readonly genTime: Date | undefined;
  readonly points: readonly Point[];
}

/** Old or unknown ways of making a token: it proves nothing here, and it says nothing against the signature. */
const notAccepted = new Set(['weak-algorithm', 'algorithm-not-supported', 'weak-key', 'signing-certificate-missing']);

export function judgeTimestamp({ timestamp }: SignedDataVerification, trust: Trust): TrustedTime {
  if (timestamp === undefined) return { genTime: undefined, points: [] };
  const { genTime, signerCertificate: leaf, certificates } = timestamp;
  const faults = timestamp.findings.filter(
    ({ severity, code }) => severity === 'error' || code === 'certificate-unreadable',
  );
  const [fault] = faults;
  if (fault !== undefined && faults.every(({ code }) => notAccepted.has(code))) {
    const what = finding('time-stamp-not-accepted', 'warning', fault.detail);
    return { genTime: undefined, points: [{ finding: what }] };
  }
  if (!timestamp.intact || !timestamp.valid || fault !== undefined || genTime === undefined || leaf === undefined) {
    // The standard would pass over it; but the token was good when it was put in, so somebody touched it.
    const detail = fault?.detail ?? 'the time stamp is not over this signature';
    return { genTime: undefined, points: [failed('FORMAT_FAILURE', finding('time-stamp-invalid', 'error', detail))] };
  }
  const { anchors, revocation, now } = trust;
  const request = { leaf, intermediates: certificates, anchors, purpose: 'time-stamp' as const, revocation };
  const path = validatePath({ ...request, at: now, atIsProven: false });
  if (path.trusted) return { genTime, points: [] };
  const detail = path.findings[0]?.detail ?? 'no path to a trust anchor';
  return { genTime: undefined, points: [{ finding: finding('time-stamp-not-trusted', 'warning', detail) }] };
}
