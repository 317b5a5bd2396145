// Finding words among glyphs that stand anywhere on a page, as a reader would; Unicode Standard Annex 15 (NFKD) and the radicals of Annex 44's equivalent ideographs.

/** Millimetres from the top left of the page as shown. */
export interface TextBox {
  readonly xMm: number;
  readonly yMm: number;
  readonly widthMm: number;
  readonly heightMm: number;
}

export interface PlacedGlyph {
  /** One character, or several where a ligature stands for them. */
  readonly text: string;
  readonly box: TextBox;
}

/** Words further apart than so many heights of their line are not read as one. */
const maxGap = 5;
/** Glyphs drawn one after the other go on as a line, in whatever direction, when no further apart than so many heights. */
const maxStep = 2.5;
/** The same glyph again so near is one drawn twice to look bold. */
const sameGlyph = 0.3;

/**
 * Where the words stand, in reading order: from the top, then from the left. White space, invisible characters, the width of
 * characters, ligatures and radicals in place of ideographs do not count; case does. Lines are read along rows of the page, and in the
 * order of drawing, which finds turned and vertical text. Words broken over two lines are not found.
 */
export function findWords(glyphs: readonly PlacedGlyph[], words: string): TextBox[] {
  const wanted = letters(words);
  if (wanted === '') return [];
  const read = glyphs
    .map((glyph) => ({ ...glyph, text: letters(glyph.text) }))
    .filter(({ text, box }) => text !== '' && [box.xMm, box.yMm, box.widthMm, box.heightMm].every(Number.isFinite));
  const found = [...rowsOf(read), ...strokesOf(read)].flatMap((line) => findIn(line, wanted));
  return inReadingOrder(withoutDoubles(found));
}

/** Of CJK Radicals Supplement, which compatibility decomposition leaves as they are and which programs write for ideographs. */
const radicals = new Map(
  [
    '⺁厂⺇几⺌小⺎兀⺒巳⺓幺⺛旡⺝月⺟母⺠民⺥爪⺦丬⺧牛⺨犭⺪疋⺫目⺬示⺭礻⺮竹⺯糸⺰纟⺱网⺲罒⺶羊⺹老⺼肉⺽臼⺾艹',
    '⻁虎⻂衤⻄西⻅见⻆角⻈讠⻉贝⻊足⻋车⻌辶⻍辶⻎辶⻏阝⻐钅⻑長⻓长⻔门⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻠饣',
    '⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻲亀⻳龟',
  ].flatMap((pairs) =>
    Array.from(pairs.matchAll(/(.)(.)/gu), ([, radical = '', ideograph = '']) => [radical, ideograph] as const),
  ),
);

function letters(text: string): string {
  return text
    .replace(/[\u2e80-\u2eff]/g, (radical) => radicals.get(radical) ?? radical)
    .normalize('NFKD')
    .replace(/[\s\p{Cf}\p{Cc}]/gu, '');
}

/** Glyphs side by side, from the left. */
function rowsOf(glyphs: readonly PlacedGlyph[]): PlacedGlyph[][] {
  const rows: { middle: number; height: number; glyphs: PlacedGlyph[] }[] = [];
  for (const glyph of [...glyphs].sort((a, b) => middleOf(a.box).y - middleOf(b.box).y)) {
    const { y } = middleOf(glyph.box);
    const height = glyph.box.heightMm;
    // Turned text between two lines opens rows of its own; the line goes on behind them.
    const row = rows.slice(-4).findLast((one) => Math.abs(y - one.middle) <= Math.min(height, one.height) / 2);
    if (row === undefined) rows.push({ middle: y, height, glyphs: [glyph] });
    else row.glyphs.push(glyph);
  }
  return rows.flatMap((row) => {
    const sorted = row.glyphs.sort((a, b) => middleOf(a.box).x - middleOf(b.box).x);
    const single = sorted.filter(
      (glyph, at) => !sorted.slice(Math.max(0, at - 3), at).some((one) => isSame(one, glyph)),
    );
    return split(single, (left, right) => {
      const gap = right.box.xMm - (left.box.xMm + left.box.widthMm);
      return gap <= maxGap * Math.max(left.box.heightMm, right.box.heightMm);
    });
  });
}

/** Glyphs in the order of drawing, as long as each is near the one before. */
function strokesOf(glyphs: readonly PlacedGlyph[]): PlacedGlyph[][] {
  return split(glyphs, (one, next) => {
    const [a, b] = [middleOf(one.box), middleOf(next.box)];
    const size = Math.max(one.box.heightMm, one.box.widthMm, next.box.heightMm, next.box.widthMm);
    return Math.hypot(a.x - b.x, a.y - b.y) <= maxStep * size;
  });
}

function split(
  glyphs: readonly PlacedGlyph[],
  together: (one: PlacedGlyph, next: PlacedGlyph) => boolean,
): PlacedGlyph[][] {
  const lines: PlacedGlyph[][] = [];
  let before: PlacedGlyph | undefined;
  for (const glyph of glyphs) {
    if (before !== undefined && together(before, glyph)) lines.at(-1)?.push(glyph);
    else lines.push([glyph]);
    before = glyph;
  }
  return lines;
}

function findIn(line: readonly PlacedGlyph[], wanted: string): TextBox[] {
  const text = line.map((glyph) => glyph.text).join('');
  if (!text.includes(wanted)) return [];
  const glyphAt = line.flatMap((glyph) => Array.from({ length: glyph.text.length }, () => glyph));
  const found: TextBox[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    const end = at + wanted.length;
    // A mark behind the last letter makes it another letter.
    if (!/^\p{M}/u.test(text.slice(end, end + 2))) found.push(around(glyphAt.slice(at, end)));
  }
  return found;
}

function around(glyphs: readonly PlacedGlyph[]): TextBox {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { box } of glyphs) {
    left = Math.min(left, box.xMm);
    top = Math.min(top, box.yMm);
    right = Math.max(right, box.xMm + box.widthMm);
    bottom = Math.max(bottom, box.yMm + box.heightMm);
  }
  return { xMm: left, yMm: top, widthMm: right - left, heightMm: bottom - top };
}

export function middleOf({ xMm, yMm, widthMm, heightMm }: TextBox): { x: number; y: number } {
  return { x: xMm + widthMm / 2, y: yMm + heightMm / 2 };
}

function isSame(a: PlacedGlyph, b: PlacedGlyph): boolean {
  return a.text === b.text && isNear(a.box, b.box, sameGlyph * Math.max(a.box.widthMm, a.box.heightMm));
}

function isNear(a: TextBox, b: TextBox, distanceMm: number): boolean {
  const [from, to] = [middleOf(a), middleOf(b)];
  return Math.hypot(from.x - to.x, from.y - to.y) <= distanceMm;
}

/** The same words found in both ways of reading, or drawn twice. */
function withoutDoubles(found: readonly TextBox[]): TextBox[] {
  const kept: TextBox[] = [];
  for (const box of [...found].sort((a, b) => middleOf(a).y - middleOf(b).y)) {
    const reach = sameGlyph * Math.min(box.widthMm, box.heightMm);
    let double = false;
    // Sorted from the top: what is further up than the reach ends the look back.
    for (let at = kept.length - 1; at >= 0 && !double; at--) {
      const other = kept[at];
      if (other === undefined || middleOf(box).y - middleOf(other).y > reach) break;
      double = isNear(other, box, reach);
    }
    if (!double) kept.push(box);
  }
  return kept;
}

function inReadingOrder(found: readonly TextBox[]): TextBox[] {
  const rows: TextBox[][] = [];
  for (const box of [...found].sort((a, b) => middleOf(a).y - middleOf(b).y)) {
    const [first] = rows.at(-1) ?? [];
    if (first !== undefined && middleOf(box).y - middleOf(first).y <= Math.min(first.heightMm, box.heightMm) / 2)
      rows.at(-1)?.push(box);
    else rows.push([box]);
  }
  return rows.flatMap((row) => row.sort((a, b) => middleOf(a).x - middleOf(b).x));
}
