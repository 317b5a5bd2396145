// Proves how placements become places: in the order of the request, words by their occurrence, within the limit of one signature.

import assert from 'node:assert/strict';
import { type ErrorCode, isTrustError } from '../../../../src/kernel/errors.ts';
import { type PlacingDocument, resolvePlacements, type WordQuery } from '../../../../src/seal/placing/resolve.ts';
import type { KeywordPlacement, Placement } from '../../../../src/seal/stamp-request.ts';

const size = { widthMm: 40, heightMm: 40 };
const asked: (readonly WordQuery[])[] = [];
const document: PlacingDocument = {
  pageCount: 3,
  face: () => ({ widthMm: 210, heightMm: 297 }),
  findWords: async (queries) => {
    asked.push(queries);
    const hits = queries.map(({ text, pages }) =>
      text === '公章' ? pages.map((page) => ({ page, xMm: 100, yMm: 10 * page })) : [],
    );
    return { hits, mute: queries.some(({ text }) => text === '哑字') };
  },
};
const keyword = (change: Partial<KeywordPlacement> = {}): KeywordPlacement => ({
  kind: 'keyword',
  text: '公章',
  occurrence: 1,
  dxMm: 0,
  dyMm: 0,
  ...change,
});
const resolve = (...placements: Placement[]) => resolvePlacements(placements, { document, size });
const refused = (work: Promise<unknown>, code: ErrorCode, details?: object) =>
  assert.rejects(work, (error) => {
    assert.ok(isTrustError(error, code), String(error));
    assert.deepEqual(error.details, details);
    return true;
  });

describe('placements resolved', () => {
  it('keep the order of the request, and name the field', async () => {
    const { places, field } = await resolve(
      { kind: 'position', page: 2, xMm: 50, yMm: 60 },
      { kind: 'field', name: 'form.Seal' },
      keyword({ occurrence: 2, dxMm: 5, dyMm: -3 }),
      { kind: 'seam', edge: 'right', pages: '1-2' },
    );
    assert.deepEqual(
      places.map(({ page, xMm, yMm, clip }) => [page, xMm, yMm, clip?.widthMm]),
      [
        [2, 50, 60, undefined],
        [2, 105, 17, undefined],
        [1, 210, 148.5, 20],
        [2, 190, 148.5, 20],
      ],
    );
    assert.equal(field, 'form.Seal');
  });

  it('asks for all words at once, and for none when there are none', async () => {
    asked.length = 0;
    await resolve(keyword({ pages: '2-3' }), keyword({ occurrence: 3 }));
    await resolve({ kind: 'position', page: 1, xMm: 1, yMm: 1 });
    assert.deepEqual(asked, [
      [
        { text: '公章', pages: [2, 3] },
        { text: '公章', pages: [1, 2, 3] },
      ],
    ]);
  });

  it('give every occurrence, or say how many there are', async () => {
    const { places } = await resolve(keyword({ occurrence: 'all' }));
    assert.deepEqual(
      places.map(({ page, yMm }) => [page, yMm]),
      [
        [1, 10],
        [2, 20],
        [3, 30],
      ],
    );
    await refused(resolve(keyword({ occurrence: 4 })), 'keyword-not-found', { found: 3 });
    await refused(resolve(keyword({ text: '私章', occurrence: 'all' })), 'keyword-not-found', { found: 0 });
    await refused(resolve(keyword({ text: '哑字' })), 'keyword-not-found', {
      found: 0,
      hint: 'text-without-characters',
    });
    await refused(resolve(keyword({ pages: '4' })), 'placement-outside-page', { page: 4 });
  });

  it('are no more than one signature may show', async () => {
    const many = {
      ...document,
      findWords: async () => ({
        hits: [Array.from({ length: 1001 }, () => ({ page: 1, xMm: 1, yMm: 1 }))],
        mute: false,
      }),
    };
    await refused(
      resolvePlacements([keyword({ occurrence: 'all' })], { document: many, size }),
      'placement-not-supported',
    );
  });
});
