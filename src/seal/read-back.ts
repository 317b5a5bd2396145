// The product of a stamping is read by our own verifier before anybody gets it; what it does not find good is not released.

import { equalBytes } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';
import { isPdf } from './documents.ts';
import { keepsEntries } from './stamp-ofd.ts';
import type { StampOrder } from './stamp-request.ts';
import type { Indication, SubIndication } from '../kernel/report.ts';

/** What stamping asks of the verifier (src/verification), which stands above this room and is handed in. */
export interface ProductVerifier {
  judge(bytes: Uint8Array): Promise<{ readonly signatures: readonly ProductSignature[] }>;
}

export interface ProductSignature {
  readonly report: {
    readonly indication: Indication;
    readonly subIndication: SubIndication | null;
    readonly coverage: 'whole-file' | 'revision' | 'partial';
    readonly format: string;
    readonly level: string | null;
  };
  readonly certificateSha256: Uint8Array | null;
}

export interface Product {
  readonly source: Uint8Array;
  readonly bytes: Uint8Array;
  /** Of the certificates of the signatures that were to be made, in their order; SHA-256. */
  readonly certificates: readonly Uint8Array[];
  readonly level: StampOrder['level'];
}

/**
 * Throws product-not-verified unless the product begins with the very bytes of its source (a PDF) or holds every file of it as it
 * was packed (an OFD), the signatures that were to be made and no others were added, each TOTAL-PASSED and of the level asked for, the
 * whole file is covered by the last of them or by the archive time stamp, and no earlier signature is worse than before.
 */
export async function readBack(verifier: ProductVerifier, product: Product): Promise<void> {
  const { source, bytes, certificates, level } = product;
  const kept = isPdf(source) ? equalBytes(bytes.subarray(0, source.length), source) : keepsEntries(source, bytes);
  if (!kept) throw refused('earlier bytes were changed', {});
  const before = (await verifier.judge(source)).signatures;
  const after = (await verifier.judge(bytes)).signatures;
  const made = after.slice(before.length, before.length + certificates.length);
  const stamps = after.slice(before.length + certificates.length);
  if (made.length !== certificates.length || stamps.length !== (level === 'B-LTA' ? 1 : 0))
    throw refused('not exactly the signatures asked for were added', {});
  const isLong = level === 'B-LT' || level === 'B-LTA';
  // Validation data stands behind the last signature, which then covers its revision only.
  for (const [i, signature] of made.entries()) {
    const covers = i === made.length - 1 && !isLong ? 'whole-file' : 'revision';
    requireMade(signature, { certificate: certificates[i], covers, level });
  }
  for (const stamp of stamps) requireArchiveStamp(stamp);
  requireNoneWorse(before, after);
}

/** Throws product-not-verified unless nothing but an archive time stamp, and what it covers, came behind the source. */
export async function readBackRenewed(
  verifier: ProductVerifier,
  { source, bytes }: Pick<Product, 'source' | 'bytes'>,
): Promise<void> {
  if (!equalBytes(bytes.subarray(0, source.length), source)) throw refused('earlier bytes were changed', {});
  const before = (await verifier.judge(source)).signatures;
  const after = (await verifier.judge(bytes)).signatures;
  const [stamp, ...more] = after.slice(before.length);
  if (stamp === undefined || more.length > 0) throw refused('not exactly one time stamp was added', {});
  requireArchiveStamp(stamp);
  requireNoneWorse(before, after);
}

const ladder = ['B-B', 'B-T', 'B-LT', 'B-LTA'] as const satisfies readonly StampOrder['level'][];

/** What an earlier signature of the same seal left in the file can make this one more than was asked for, never less. */
function reaches(told: string | null, asked: StampOrder['level']): boolean {
  return ladder.findIndex((level) => level === told) >= ladder.indexOf(asked);
}

function requireMade(
  { report, certificateSha256 }: ProductSignature,
  expected: { certificate: Uint8Array | undefined; covers: 'whole-file' | 'revision'; level: StampOrder['level'] },
): void {
  const { indication, subIndication, coverage, level } = report;
  const { certificate, covers } = expected;
  const ours = certificate !== undefined && certificateSha256 !== null && equalBytes(certificateSha256, certificate);
  if (!ours || indication !== 'TOTAL-PASSED' || coverage !== covers || !reaches(level, expected.level)) {
    throw refused('the new signature is not good', { ours, indication, subIndication, coverage, level });
  }
}

function requireArchiveStamp({ report }: ProductSignature): void {
  const { indication, subIndication, coverage, format } = report;
  if (format !== 'DocTimeStamp' || indication !== 'TOTAL-PASSED' || coverage !== 'whole-file')
    throw refused('the archive time stamp is not good', { indication, subIndication, coverage, format });
}

function requireNoneWorse(before: readonly ProductSignature[], after: readonly ProductSignature[]): void {
  before.forEach(({ report }, i) => {
    const now = after[i]?.report.indication;
    if (now !== report.indication) throw refused(`earlier signature ${i + 1} suffers`, { indication: now });
  });
}

function refused(reason: string, facts: Record<string, unknown>): TrustError {
  return new TrustError('product-not-verified', `the product was not released: ${reason}`, {
    details: { reason, ...facts },
  });
}
