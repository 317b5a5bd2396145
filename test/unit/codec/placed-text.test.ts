// Proves how words are found among placed glyphs: along rows and strokes, over any spelling of the same letters, each place once and in reading order.

import assert from 'node:assert/strict';
import { findWords, middleOf, type PlacedGlyph } from '../../../src/codec/placed-text.ts';

/** Glyphs of 4 mm in a row, or along any other step. */
function line(text: string, x: number, y: number, [dx, dy]: readonly [number, number] = [4, 0]): PlacedGlyph[] {
  return Array.from(text, (character, at) => ({
    text: character,
    box: { xMm: x + at * dx, yMm: y + at * dy, widthMm: 4, heightMm: 4 },
  }));
}

const places = (glyphs: readonly PlacedGlyph[], words: string) =>
  findWords(glyphs, words).map((box) => [middleOf(box).x, middleOf(box).y]);

describe('words among placed glyphs', () => {
  it('are found where their glyphs stand together, and their middle told', () => {
    assert.deepEqual(places(line('甲方（盖章）：', 20, 30), '盖章'), [[36, 32]]);
    assert.deepEqual(findWords(line('盖章', 10, 10), '盖章'), [{ xMm: 10, yMm: 10, widthMm: 8, heightMm: 4 }]);
    assert.deepEqual(places(line('盖章', 10, 10), '公章'), []);
    assert.deepEqual(places([], '公章'), []);
    assert.deepEqual(places(line('盖章', 10, 10), ' \u200b'), []);
  });

  it('come in reading order, whatever the order of drawing', () => {
    const page = [...line('盖章 盖章', 60, 50), ...line('盖章', 20, 50.5), ...line('盖章', 100, 20)];
    assert.deepEqual(places(page, '盖章'), [
      [104, 22],
      [24, 52.5],
      [64, 52],
      [76, 52],
    ]);
    const pieces = [...line('章', 24, 30), ...line('乙', 90, 90), ...line('盖', 20, 30)];
    assert.deepEqual(places(pieces, '盖章'), [[24, 32]]);
  });

  it('may be spelled with spaces, full-width forms, ligatures, radicals or marks of their own', () => {
    assert.deepEqual(places(line('甲 方 (盖 章)', 0, 0), '甲方（盖章）').length, 1);
    assert.deepEqual(places(line('ＡＢＣ１２', 0, 0), 'ABC12').length, 1);
    assert.deepEqual(
      places([{ text: 'ﬁ', box: { xMm: 0, yMm: 0, widthMm: 4, heightMm: 4 } }, ...line('nal', 4, 0)], 'final'),
      [[8, 2]],
    );
    assert.deepEqual(places(line('⻓⽤', 0, 0), '长用').length, 1);
    assert.deepEqual(places(line('cafe\u0301', 0, 0, [1, 0]), 'café').length, 1);
    assert.deepEqual(places(line('cafe\u0301', 0, 0, [1, 0]), 'cafe').length, 0);
    assert.deepEqual(places(line('ABC', 0, 0), 'abc').length, 0);
  });

  it('are found down a column, up a turned line and across a watermark', () => {
    assert.deepEqual(places(line('公司盖章', 100, 20, [0, 4]), '盖章'), [[102, 32]]);
    assert.deepEqual(places(line('公司盖章', 100, 80, [0, -4]), '盖章'), [[102, 72]]);
    assert.deepEqual(places(line('公司盖章', 50, 50, [4, 4]), '盖章'), [[62, 62]]);
    // Lines of a turned page's text that are drawn between others do not break them.
    const mixed = [...line('公司盖章', 20, 40), ...line('旁注文字', 190, 32, [0, 4])];
    assert.deepEqual(places(mixed, '盖章'), [[32, 42]]);
  });

  it('count once when they are drawn twice to look bold', () => {
    const twice = [...line('盖章', 20, 30), ...line('盖章', 20.3, 30.1)];
    assert.equal(findWords(twice, '盖章').length, 1);
    const letters = [...line('盖', 20, 30), ...line('盖', 20.3, 30), ...line('章', 24, 30), ...line('章', 24.3, 30)];
    assert.equal(findWords(letters, '盖章').length, 1);
    assert.equal(findWords(line('盖章盖章', 20, 30), '盖章').length, 2);
  });

  it('are no words over a gap between columns or the end of a line', () => {
    assert.deepEqual(places([...line('盖', 20, 30), ...line('章', 120, 30)], '盖章'), []);
    assert.deepEqual(places([...line('请盖', 150, 30), ...line('章', 20, 38)], '盖章'), []);
    assert.equal(findWords([...line('盖', 20, 30), ...line('章', 36, 30)], '盖章').length, 1);
  });

  it('stay cheap and quiet whatever the glyphs are', () => {
    const same = Array.from({ length: 20_000 }, () => line('章', 20, 30)).flat();
    assert.equal(findWords(same, '章').length, 1);
    const wild = [Number.NaN, Infinity, -1e300].map((xMm) => ({
      text: '章',
      box: { xMm, yMm: 0, widthMm: 4, heightMm: 4 },
    }));
    assert.equal(findWords(wild, '章').length, 1);
  });
});
