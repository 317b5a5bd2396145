// Proves that a product is only released when our own verifier finds exactly the signature that was asked for.

import assert from 'node:assert/strict';
import { concatBytes, utf8 } from '../../../src/kernel/bytes.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { type ProductSignature, type ProductVerifier, readBack } from '../../../src/seal/read-back.ts';

const source = utf8('%PDF-1.7 source');
const bytes = concatBytes(source, utf8(' and update'));
const certificateSha256 = new Uint8Array(32).fill(7);
const good: ProductSignature = {
  report: { indication: 'TOTAL-PASSED', subIndication: null, coverage: 'whole-file', format: 'PAdES', level: 'B-T' },
  certificateSha256,
};
const earlier: ProductSignature = {
  report: { indication: 'TOTAL-PASSED', subIndication: null, coverage: 'revision', format: 'PAdES', level: 'B-B' },
  certificateSha256: null,
};

function verifier(before: readonly ProductSignature[], after: readonly ProductSignature[]): ProductVerifier {
  return { judge: async (file) => ({ signatures: file.length === source.length ? before : after }) };
}

async function released(
  before: readonly ProductSignature[],
  after: readonly ProductSignature[],
  product = bytes,
): Promise<boolean> {
  try {
    await readBack(verifier(before, after), {
      source,
      bytes: product,
      certificates: [certificateSha256],
      level: 'B-T',
    });
    return true;
  } catch (error) {
    assert.ok(isTrustError(error, 'product-not-verified'));
    return false;
  }
}

function changed(change: Partial<ProductSignature['report']>): ProductSignature {
  return { ...good, report: { ...good.report, ...change } };
}

describe('reading the product back', () => {
  it('releases a file with one more signature: ours, whole, of the level asked for, passed', async () => {
    assert.equal(await released([], [good]), true);
    assert.equal(await released([earlier], [earlier, good]), true);
  });

  it('holds back what is not that', async () => {
    assert.equal(await released([], []), false);
    assert.equal(await released([], [good, good]), false);
    assert.equal(await released([], [changed({ indication: 'INDETERMINATE', subIndication: 'NO_POE' })]), false);
    assert.equal(await released([], [changed({ coverage: 'revision' })]), false);
    assert.equal(await released([], [changed({ level: 'B-B' })]), false);
    assert.equal(await released([], [{ ...good, certificateSha256: new Uint8Array(32) }]), false);
  });

  it('holds back a file whose earlier bytes changed or whose earlier signature suffers', async () => {
    const touched = Uint8Array.from(bytes);
    touched[9] = 0;
    assert.equal(await released([], [good], touched), false);
    const worse = { ...earlier, report: { ...earlier.report, indication: 'TOTAL-FAILED' as const } };
    assert.equal(await released([earlier], [worse, good]), false);
  });
});
