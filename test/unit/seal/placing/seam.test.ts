// Proves the geometry of the seam (骑缝): slices that meet exactly, at every edge, over groups and facing pages; and what is told instead of guessed.

import assert from 'node:assert/strict';
import { type ErrorCode, isTrustError } from '../../../../src/kernel/errors.ts';
import type { Pages, Place, Size } from '../../../../src/seal/placing/place.ts';
import { edges, type Seam, seamPlaces } from '../../../../src/seal/placing/seam.ts';

const seal: Size = { widthMm: 42, heightMm: 30 };

function pagesOf(count: number, ...others: Size[]): Pages {
  const faces = Array.from({ length: count }, (_, at) => others[at] ?? { widthMm: 210, heightMm: 297 });
  return { pageCount: count, face: (page) => faces[page - 1] ?? { widthMm: 0, heightMm: 0 } };
}

/** What a place shows, on its page. */
function shown({ page, xMm, yMm, clip }: Place): number[] {
  assert.ok(clip !== undefined);
  const left = xMm - seal.widthMm / 2 + clip.xMm;
  const top = yMm - seal.heightMm / 2 + clip.yMm;
  return [page, left, top, clip.widthMm, clip.heightMm].map((value) => Math.round(value * 1000) / 1000);
}

function refuses(seam: Partial<Seam>, document: Pages, code: ErrorCode, details?: object): void {
  assert.throws(
    () => seamPlaces({ edge: 'right', ...seam }, document, seal),
    (error) => {
      assert.ok(isTrustError(error, code), String(error));
      assert.deepEqual(error.details, details);
      return true;
    },
  );
}

describe('a seam over pages', () => {
  it('cuts the seal from its left or its top, each slice ending where its page ends', () => {
    const slices = (edge: Seam['edge']) => seamPlaces({ edge }, pagesOf(3), seal).map(shown);
    assert.deepEqual(
      slices('right'),
      [1, 2, 3].map((page) => [page, 196, 133.5, 14, 30]),
    );
    assert.deepEqual(
      slices('left'),
      [1, 2, 3].map((page) => [page, 0, 133.5, 14, 30]),
    );
    assert.deepEqual(
      slices('top'),
      [1, 2, 3].map((page) => [page, 84, 0, 42, 10]),
    );
    assert.deepEqual(
      slices('bottom'),
      [1, 2, 3].map((page) => [page, 84, 287, 42, 10]),
    );
  });

  it('has slices that meet to the last digit and are the whole seal together, for every number of pages', () => {
    for (const edge of edges) {
      const across = edge === 'left' || edge === 'right';
      for (let count = 2; count <= (across ? 42 : 30); count++) {
        const clips = seamPlaces({ edge }, pagesOf(count), seal).map(({ clip }) => clip);
        const ends = clips.map((clip) =>
          across
            ? [clip?.xMm ?? NaN, (clip?.xMm ?? NaN) + (clip?.widthMm ?? NaN)]
            : [clip?.yMm ?? NaN, (clip?.yMm ?? NaN) + (clip?.heightMm ?? NaN)],
        );
        assert.equal(ends[0]?.[0], 0);
        ends.slice(1).forEach(([from = NaN], at) => {
          assert.ok(Math.abs(from - (ends[at]?.[1] ?? NaN)) < 1e-9, `${edge} ${count} ${at}`);
        });
        assert.ok(Math.abs((ends.at(-1)?.[1] ?? NaN) - (across ? 42 : 30)) < 1e-9);
      }
    }
  });

  it('keeps to the pages asked for, and begins a new seal every so many of them', () => {
    const seam = { edge: 'right', pages: '2-4,7,9', every: 3 } as const;
    assert.deepEqual(seamPlaces(seam, pagesOf(9), seal).map(shown), [
      [2, 196, 133.5, 14, 30],
      [3, 196, 133.5, 14, 30],
      [4, 196, 133.5, 14, 30],
      [7, 189, 133.5, 21, 30],
      [9, 189, 133.5, 21, 30],
    ]);
    const clips = seamPlaces(seam, pagesOf(9), seal).map(({ clip }) => clip?.xMm);
    assert.deepEqual(clips, [0, 14, 28, 0, 21]);
  });

  it('halves the seal over the inner edges of facing pages, the left half always on a right edge', () => {
    const facing = (edge: Seam['edge']) => seamPlaces({ edge, facing: true }, pagesOf(4), seal);
    assert.deepEqual(facing('right').map(shown), [
      [1, 189, 133.5, 21, 30],
      [2, 0, 133.5, 21, 30],
      [3, 189, 133.5, 21, 30],
      [4, 0, 133.5, 21, 30],
    ]);
    assert.deepEqual(
      facing('right').map(({ clip }) => clip?.xMm),
      [0, 21, 0, 21],
    );
    assert.deepEqual(facing('left').slice(0, 2).map(shown), [
      [1, 0, 133.5, 21, 30],
      [2, 189, 133.5, 21, 30],
    ]);
    assert.deepEqual(
      facing('left').map(({ clip }) => clip?.xMm),
      [21, 0, 21, 0],
    );
    assert.deepEqual(facing('bottom').slice(0, 2).map(shown), [
      [1, 84, 282, 42, 15],
      [2, 84, 0, 42, 15],
    ]);
    assert.deepEqual(
      facing('bottom').map(({ clip }) => clip?.yMm),
      [0, 15, 0, 15],
    );
  });

  it('stands in the middle of the edge of each page as shown, or as far along it as asked for', () => {
    const mixed = pagesOf(2, { widthMm: 297, heightMm: 210 }, { widthMm: 210, heightMm: 297 });
    assert.deepEqual(seamPlaces({ edge: 'right' }, mixed, seal).map(shown), [
      [1, 276, 90, 21, 30],
      [2, 189, 133.5, 21, 30],
    ]);
    assert.deepEqual(seamPlaces({ edge: 'right', offsetMm: 60 }, mixed, seal).map(shown), [
      [1, 276, 45, 21, 30],
      [2, 189, 45, 21, 30],
    ]);
  });

  it('tells of a page that is left over', () => {
    refuses({}, pagesOf(1), 'seam-page-left-over', { page: 1 });
    refuses({ every: 3 }, pagesOf(7), 'seam-page-left-over', { page: 7 });
    refuses({ facing: true }, pagesOf(5), 'seam-page-left-over', { page: 5 });
    refuses({ facing: true, pages: '1,3' }, pagesOf(4), 'seam-page-left-over', { page: 1 });
  });

  it('tells of too many pages, of pages that are none, and of a seal that does not fit an edge', () => {
    refuses({}, pagesOf(43), 'seam-slice-too-thin', { mostPages: 42 });
    refuses({ edge: 'top' }, pagesOf(31), 'seam-slice-too-thin', { mostPages: 30 });
    refuses({ pages: '1-9' }, pagesOf(4), 'placement-outside-page', { page: 9 });
    refuses({ pages: '3-2' }, pagesOf(4), 'placement-outside-page');
    refuses({ offsetMm: 14 }, pagesOf(2), 'placement-outside-page', { page: 1 });
    refuses({ offsetMm: 283 }, pagesOf(2), 'placement-outside-page', { page: 1 });
    refuses({}, pagesOf(2, { widthMm: 100, heightMm: 100 }, { widthMm: 100, heightMm: 29 }), 'placement-outside-page', {
      page: 2,
    });
  });
});
