// The seal of our register that a signature was made with, and whether it was in use then.

import { sha256 } from '../crypto/digest.ts';
import { finding } from '../kernel/report.ts';
import type { Certificate } from '../pki/certificate.ts';
import type { SealRecord } from '../seal/seal-record.ts';
import type { SealRegister } from '../seal/seals.ts';
import { failed, open, type Point } from './points.ts';
import type { TrustedTime } from './time-judge.ts';
import type { Trust } from './trust.ts';

/** A seal out of use when it signed (挂失, 停用, 撤销, 缴销) does not bind anybody; without a proven time it may have been in use. */
export async function registerSeal(
  certificate: Certificate | undefined,
  seals: SealRegister,
  { trust, time }: { trust: Trust; time: TrustedTime },
): Promise<{ record: SealRecord | undefined; points: readonly Point[] }> {
  if (certificate === undefined) return { record: undefined, points: [] };
  const found = await seals.byCertificate(sha256(certificate.der), time.genTime ?? trust.now);
  if (found === undefined) {
    return {
      record: undefined,
      points: [{ finding: finding('seal-unknown', 'info', 'not made with a seal of this register') }],
    };
  }
  const { record, stateThen } = found;
  if (stateThen === 'active') return { record, points: [] };
  const what = finding('seal-not-in-use', 'error', `the seal was ${stateThen}`);
  // A stamp over the document proves that it existed by then; the seal may have made it long before.
  return { record, points: [time.ownStamp ? failed('REVOKED', what) : open('REVOKED_NO_POE', what)] };
}
