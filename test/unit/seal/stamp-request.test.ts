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
  it('takes every kind of placement under every policy and level; approval without locks is the default', () => {
    const keyword = { kind: 'keyword', text: '盖章', occurrence: 'all', dxMm: 0, dyMm: -5 } as const;
    const seam = { kind: 'seam', edge: 'right', pages: '1-3', every: 2, offsetMm: 100 } as const;
    const field = { kind: 'field', name: 'form.Seal' } as const;
    const placements = [...request.placements, keyword, seam, field];
    const asked = { ...request, policy: 'dual', level: 'B-LTA', placements } as const;
    assert.deepEqual(stampOrder(asked), { ...asked, form: 'seal', certify: 'none', lock: 'none' });
    refuses({ placements: [field, { ...field, name: 'other' }] }, 'malformed-request');
  });

  it('takes the names of fields to lock, and refuses none, too many, and names that hide characters', () => {
    assert.deepEqual(stampOrder({ ...request, certify: 'forms', lock: { include: ['金额'] } }).lock, {
      include: ['金额'],
    });
    refuses({ lock: { include: [] } }, 'malformed-request');
    refuses({ lock: { exclude: ['a\u202Eb'] } }, 'malformed-request');
    refuses({ lock: { exclude: Array.from({ length: 201 }, (_, n) => `f${n}`) } }, 'malformed-request');
  });

  it('refuses placements that mean nothing', () => {
    const keyword = { kind: 'keyword', text: '盖章', occurrence: 1, dxMm: 0, dyMm: 0 } as const;
    for (const wrong of [
      { text: ' ' },
      { text: 'a\u202Eb' },
      { occurrence: 0 },
      { occurrence: 1.5 },
      { dyMm: Infinity },
    ])
      refuses({ placements: [{ ...keyword, ...wrong }] }, 'malformed-request');
    const seam = { kind: 'seam', edge: 'right' } as const;
    for (const wrong of [{ every: 1 }, { every: 2.5 }, { every: 2, facing: true }, { offsetMm: Number.NaN }])
      refuses({ placements: [{ ...seam, ...wrong }] }, 'malformed-request');
    for (const name of ['', 'x'.repeat(501)]) refuses({ placements: [{ kind: 'field', name }] }, 'malformed-request');
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
