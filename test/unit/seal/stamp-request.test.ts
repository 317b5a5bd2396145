// Proves which stampings can be asked for, and that everything else is refused by its own code before anything is stored.

import assert from 'node:assert/strict';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import { type StampRequest, stampOrder } from '../../../src/seal/stamp-request.ts';

const request: StampRequest = {
  sealId: 'seal_0',
  documentId: 'doc_0',
  placements: [{ kind: 'position', page: 1, xMm: 100, yMm: 200 }],
  purpose: '出具证明',
  policy: 'intl',
  level: 'B-T',
};

function refuses(change: Partial<StampRequest>, code: ErrorCode): void {
  assert.throws(
    () => stampOrder({ ...request, ...change }),
    (error) => isTrustError(error, code),
  );
}

const position = (page: number, xMm: number, yMm: number) => ({
  placements: [{ kind: 'position' as const, page, xMm, yMm }],
});

describe('request of a stamping', () => {
  it('takes positions, seams and keywords under every policy and level; approval without locks is the default', () => {
    const keyword = { kind: 'keyword' as const, text: '盖章', occurrence: 1, dxMm: 0, dyMm: 0 };
    const placements = [...request.placements, { kind: 'seam' as const, edge: 'right', pages: '1-3' }, keyword];
    const asked = { ...request, policy: 'dual', level: 'B-LTA', placements } as const;
    assert.deepEqual(stampOrder(asked), { ...asked, certify: 'none', lock: 'none' });
    refuses({ placements: [{ kind: 'seam', edge: 'middle' }] }, 'malformed-request');
  });

  it('takes the names of fields to lock, and refuses none, too many, and names that hide characters', () => {
    assert.deepEqual(stampOrder({ ...request, certify: 'forms', lock: { include: ['金额'] } }).lock, {
      include: ['金额'],
    });
    refuses({ lock: { include: [] } }, 'malformed-request');
    refuses({ lock: { exclude: ['a\u202Eb'] } }, 'malformed-request');
    refuses({ lock: { exclude: Array.from({ length: 201 }, (_, n) => `f${n}`) } }, 'malformed-request');
  });

  it('refuses pages that are none and distances that are no numbers', () => {
    for (const page of [0, -1, 1.5, Number.NaN]) refuses(position(page, 1, 1), 'placement-outside-page');
    refuses(position(1, Number.NaN, 1), 'placement-outside-page');
    refuses(position(1, 1, Number.POSITIVE_INFINITY), 'placement-outside-page');
  });

  it('refuses no placement, too many, and a purpose that hides characters', () => {
    refuses({ placements: [] }, 'malformed-request');
    refuses({ placements: Array.from({ length: 51 }, () => request.placements).flat() }, 'malformed-request');
    for (const purpose of ['', '  ', 'x'.repeat(201), 'a\u0000b', 'a\u202Eb'])
      refuses({ purpose }, 'malformed-request');
  });
});
