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
  it('takes positions under the international policy at the levels B-B and B-T', () => {
    const { placements: _asked, ...rest } = request;
    assert.deepEqual(stampOrder(request), { ...rest, positions: [{ page: 1, xMm: 100, yMm: 200 }] });
    assert.equal(stampOrder({ ...request, level: 'B-B' }).level, 'B-B');
  });

  it('takes positions and seams under the policy for OFD', () => {
    const placements = [...request.placements, { kind: 'seam' as const, edge: 'right', pages: '1-3' }];
    const { placements: taken, policy } = { placements: [], ...stampOrder({ ...request, policy: 'gm', placements }) };
    assert.deepEqual([taken, policy], [placements, 'gm']);
    refuses({ policy: 'gm', placements: [{ kind: 'seam', edge: 'middle' }] }, 'malformed-request');
    refuses({ policy: 'gm', placements: position(0, 1, 1).placements }, 'placement-outside-page');
  });

  it('says what is not available yet', () => {
    refuses({ policy: 'dual' }, 'policy-not-supported');
    refuses({ level: 'B-LT' }, 'level-not-supported');
    refuses({ placements: [{ kind: 'seam', edge: 'right' }] }, 'placement-not-supported');
    const keyword = { kind: 'keyword' as const, text: '盖章', occurrence: 1, dxMm: 0, dyMm: 0 };
    refuses({ placements: [keyword] }, 'placement-not-supported');
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
