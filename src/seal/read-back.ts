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
    readonly level: string | null;
  };
  readonly certificateSha256: Uint8Array | null;
}

export interface Product {
  readonly source: Uint8Array;
  readonly bytes: Uint8Array;
  readonly certificateSha256: Uint8Array;
  readonly level: StampOrder['level'];
}

/**
 * Throws product-not-verified unless the product begins with the very bytes of its source (a PDF) or holds every file of it as it
 * was packed (an OFD), its last signature is ours, of
 * the level asked for, over the whole file and TOTAL-PASSED, and no earlier signature is worse than before.
 */
export async function readBack(verifier: ProductVerifier, product: Product): Promise<void> {
  const { source, bytes } = product;
  const kept = isPdf(source) ? equalBytes(bytes.subarray(0, source.length), source) : keepsEntries(source, bytes);
  if (!kept) throw refused('earlier bytes were changed', {});
  const before = (await verifier.judge(source)).signatures;
  const after = (await verifier.judge(bytes)).signatures;
  const made = after.at(-1);
  if (made === undefined || after.length !== before.length + 1)
    throw refused('not exactly one signature was added', {});
  const { indication, subIndication, coverage, level } = made.report;
  const ours = made.certificateSha256 !== null && equalBytes(made.certificateSha256, product.certificateSha256);
  if (!ours || indication !== 'TOTAL-PASSED' || coverage !== 'whole-file' || level !== product.level) {
    throw refused('the new signature is not good', { ours, indication, subIndication, coverage, level });
  }
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
