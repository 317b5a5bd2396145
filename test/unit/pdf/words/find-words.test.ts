// Proves where words of a PDF are found: every way of drawing them, legacy CJK encodings, forms, turned pages; what cannot be read is told; hostile files end in a refusal.

import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';
import { isTrustError } from '../../../../src/kernel/errors.ts';
import { findPdfWords } from '../../../../src/pdf/words/find-words.ts';
import { WordFinder } from '../../../../src/pdf/words/word-finder.ts';
import { assemble } from '../../../support/pdf-samples.ts';

const utf16 = (text: string) => Buffer.from(text, 'utf16le').swap16().toString('hex');
/** 甲方盖章 in GBK. */
const gbk = 'bcd7b7bdb8c7d5c2';

const type0 = (encoding: string, more = '') =>
  `<< /Type /Font /Subtype /Type0 /BaseFont /Song /Encoding /${encoding} ${more} /DescendantFonts [ << /Type /Font /Subtype /CIDFontType0 /BaseFont /Song /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000 /W [ 1 95 500 ] >> ] >>`;

interface Sample {
  readonly content: string;
  readonly page?: string;
  readonly form?: string;
  readonly filter?: (content: Buffer) => { data: Buffer; entry: string };
}

/** F1 ideographs by Unicode, F2 by GBK, F3 Helvetica, F4 by glyph number without a map, F5 the same with one, F6 downwards; X1 a form. */
function sample({ content, page = '', form = '', filter }: Sample): Uint8Array {
  const stream = (entries: string, data: Buffer) =>
    Buffer.concat([Buffer.from(`<< ${entries} /Length ${data.length} >>\nstream\n`), data, Buffer.from('\nendstream')]);
  const { data, entry } = filter?.(Buffer.from(content, 'latin1')) ?? {
    data: Buffer.from(content, 'latin1'),
    entry: '',
  };
  const map = Buffer.from(
    '1 begincodespacerange <0000> <FFFF> endcodespacerange 2 beginbfchar <0003> <76D6> <0004> <7AE0> endbfchar',
  );
  const fonts = '/F1 4 0 R /F2 5 0 R /F3 6 0 R /F4 7 0 R /F5 8 0 R /F6 9 0 R';
  return assemble(
    new Map<number, string | Buffer>([
      [1, '<< /Type /Catalog /Pages 2 0 R >>'],
      [
        2,
        `<< /Type /Pages /Kids [ 10 0 R ] /Count 1 /MediaBox [0 0 600 800] /Resources << /Font << ${fonts} >> /XObject << /X1 12 0 R >> >> >>`,
      ],
      [4, type0('UniGB-UCS2-H')],
      [5, type0('GBK-EUC-H')],
      [6, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>'],
      [7, type0('Identity-H')],
      [8, type0('Identity-H', '/ToUnicode 13 0 R')],
      [9, type0('UniGB-UCS2-V')],
      [10, `<< /Type /Page /Parent 2 0 R /Contents 11 0 R ${page} >>`],
      [11, stream(entry, data)],
      [
        12,
        stream('/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Matrix [1 0 0 1 10 0]', Buffer.from(form, 'latin1')),
      ],
      [13, stream('', map)],
    ]),
  );
}

/** In points from the top left of the page as shown. */
async function found(words: string, given: Sample): Promise<number[][]> {
  const { hits } = await findPdfWords(sample(given), [{ text: words, pages: [1] }]);
  return (hits[0] ?? []).map(({ xMm, yMm }) => [xMm, yMm].map((mm) => Math.round((mm * 72) / 2.54) / 10));
}

const at = (x: number, y: number, shown: string, font = '/F1 10 Tf') => `BT ${font} ${x} ${y} Td ${shown} ET\n`;

describe('words of a PDF', () => {
  it('stand where their glyphs do: the middle of two ideographs of 10 points', async () => {
    const one = [[90, 96.2]];
    assert.deepEqual(await found('盖章', { content: at(60, 700, `<${utf16('甲方盖章')}> Tj`) }), one);
    assert.deepEqual(await found('盖章', { content: at(60, 700, `[<${utf16('甲方盖')}> <${utf16('章')}>] TJ`) }), one);
    assert.deepEqual(await found('盖章', { content: at(60, 700, `<${gbk}> Tj`, '/F2 10 Tf') }), one);
    assert.deepEqual(await found('盖章', { content: at(85, 700, '<00030004> Tj', '/F5 10 Tf') }), one);
    const pieces = ['甲方', '盖', '章'].map((text, n) => at([60, 80, 90][n] ?? 0, 700, `<${utf16(text)}> Tj`));
    assert.deepEqual(await found('盖章', { content: pieces.reverse().join('') }), one);
    assert.deepEqual(await found('seal', { content: at(60, 700, '(The seal) Tj', '/F3 10 Tf') }), [[89.2, 96.2]]);
    assert.deepEqual(await found('甲方盖章', { content: at(60, 700, `(A) Tj`, '/F3 10 Tf') }), []);
  });

  it('follow spacing, scaling, rise, leading and the operators that show on a next line', async () => {
    const shown = `<${utf16('盖章')}> Tj`;
    assert.deepEqual(await found('盖章', { content: at(60, 700, `10 Tc ${shown}`) }), [[75, 96.2]]);
    assert.deepEqual(await found('盖章', { content: at(60, 700, `200 Tz ${shown}`) }), [[80, 96.2]]);
    assert.deepEqual(await found('盖章', { content: at(60, 700, `5 Ts ${shown}`) }), [[70, 91.2]]);
    assert.deepEqual(await found('盖章', { content: at(60, 700, `20 TL <${utf16('盖章')}> '`) }), [[70, 116.2]]);
    assert.deepEqual(await found('盖章', { content: at(60, 700, `20 TL 0 10 <${utf16('盖章')}> "`) }), [[75, 116.2]]);
    assert.deepEqual(await found('盖章', { content: at(60, 700, `0 -30 TD T* ${shown}`) }), [[70, 156.2]]);
    // What one block sets holds for the next one.
    assert.deepEqual(await found('盖章', { content: `${at(60, 700, '10 Tc')}BT 60 700 Td ${shown} ET` }), [[75, 96.2]]);
  });

  it('keep their font over a saved state, and are read in forms with the page’s fonts', async () => {
    const restored = `/F1 10 Tf q /F3 40 Tf Q BT 60 700 Td <${utf16('盖章')}> Tj ET`;
    assert.deepEqual(await found('盖章', { content: restored }), [[70, 96.2]]);
    const form = at(60, 700, `<${utf16('盖章')}> Tj`);
    assert.deepEqual(await found('盖章', { content: 'q 1 0 0 1 0 -100 cm /X1 Do Q', form }), [[80, 196.2]]);
    assert.deepEqual(
      await found('盖章', { content: '/X1 Do', form: `${form} /X1 Do` }).then((hits) => hits[0]),
      [80, 96.2],
    );
  });

  it('are found on turned and cropped pages as they are shown', async () => {
    const content = at(60, 700, `<${utf16('盖章')}> Tj`);
    assert.deepEqual(await found('盖章', { content, page: '/Rotate 180' }), [[530, 703.8]]);
    // Upright as shown on a page turned by a quarter: the text itself runs upwards.
    const upwards = `BT /F1 10 Tf 0 1 -1 0 100 60 Tm <${utf16('盖章')}> Tj ET`;
    assert.deepEqual(await found('盖章', { content: upwards, page: '/Rotate 90' }), [[70, 96.2]]);
    assert.deepEqual(await found('盖章', { content: upwards, page: '/Rotate 270' }), [[730, 503.8]]);
    assert.deepEqual(await found('盖章', { content, page: '/CropBox [50 100 550 750]' }), [[20, 46.2]]);
    assert.deepEqual(await found('盖章', { content, page: '/CropBox [100 100 550 750]' }), []);
    assert.deepEqual(await found('盖章', { content, page: '/UserUnit 2' }), [[140, 192.4]]);
  });

  it('are read through the filters that text has', async () => {
    const content = at(60, 700, `<${utf16('盖章')}> Tj`);
    const flate = (data: Buffer) => ({ data: deflateSync(data), entry: '/Filter /FlateDecode' });
    const hex = (data: Buffer) => ({
      data: Buffer.from(`${data.toString('hex')}>`),
      entry: '/Filter [/ASCIIHexDecode]',
    });
    const both = (data: Buffer) => ({
      data: Buffer.from(ascii85(deflateSync(data))),
      entry: '/Filter [ /ASCII85Decode /FlateDecode ]',
    });
    for (const filter of [flate, hex, both]) assert.deepEqual(await found('盖章', { content, filter }), [[70, 96.2]]);
    assert.deepEqual(await found('盖章', { content, filter: (data) => ({ data, entry: '/Filter /DCTDecode' }) }), []);
  });

  it('pass over images and comments, and what is no operator', async () => {
    const noise =
      '% (盖) Tj\nBI /W 1 /H 1 /BPC 8 /CS /G ID (((EIx EI\n<< /A [ 1 2 ] /B (x) >> /Tag BDC EMC )) ] 1 2 3 unknown\n';
    assert.deepEqual(await found('盖章', { content: noise + at(60, 700, `<${utf16('盖章')}> Tj`) }), [[70, 96.2]]);
    const nested = `BT /F3 10 Tf 60 700 Td (a\\(b\\)\\163eal \\\n(x)) Tj ET`;
    assert.equal((await found('(b)seal(x)', { content: nested })).length, 1);
  });

  it('are told to be unreadable where fonts do not say which characters they show', async () => {
    const mute = async (shown: string, font: string) =>
      (await findPdfWords(sample({ content: at(60, 700, shown, font) }), [{ text: '盖章', pages: [1] }])).mute;
    assert.equal(await mute(`<${utf16('盖章')}> Tj`, '/F4 10 Tf'), true);
    assert.deepEqual(await found('盖章', { content: at(60, 700, `<${utf16('盖章')}> Tj`, '/F4 10 Tf') }), []);
    assert.equal(await mute(`<${utf16('盖章')}> Tj`, '/F6 10 Tf'), true);
    assert.equal(await mute(`<${utf16('盖章')}> Tj`, '/F1 10 Tf'), false);
  });
});

function ascii85(data: Buffer): string {
  let out = '';
  for (let from = 0; from < data.length; from += 4) {
    const part = data.subarray(from, from + 4);
    let value = Buffer.concat([part, Buffer.alloc(4)]).readUInt32BE(0);
    let digits = '';
    for (let n = 0; n < 5; n++) {
      digits = String.fromCharCode(33 + (value % 85)) + digits;
      value = Math.floor(value / 85);
    }
    out += digits.slice(0, part.length + 1);
  }
  return `${out}~>`;
}

describe('the thread that reads the text', function () {
  this.timeout(60_000);
  const query = [{ text: '盖章', pages: [1] }];
  const plain = sample({ content: at(60, 700, `<${utf16('盖章')}> Tj`) });
  const refusal = (error: unknown) => isTrustError(error, 'keyword-search-refused');

  it('answers one after the other', async () => {
    const finder = new WordFinder();
    const answers = await Promise.all([1, 2, 3].map(() => finder.find(plain, query)));
    assert.deepEqual(
      answers.map(({ hits }) => hits[0]?.length),
      [1, 1, 1],
    );
  });

  it('refuses what is no PDF, too much text and pages that call themselves without end, and goes on', async () => {
    const finder = new WordFinder();
    await assert.rejects(finder.find(Buffer.from('no PDF'), query), refusal);
    const bomb = deflateSync(Buffer.from(`BT /F3 9 Tf (${'a'.repeat(4_100_000)}) Tj ET`));
    const filter = () => ({ data: bomb, entry: '/Filter /FlateDecode' });
    await assert.rejects(finder.find(sample({ content: '', filter }), query), refusal);
    await assert.rejects(finder.find(sample({ content: '/X1 Do', form: '/X1 Do '.repeat(40) }), query), refusal);
    assert.equal((await finder.find(plain, query)).hits[0]?.length, 1);
  });

  it('is ended when it takes too long, and the next one works', async () => {
    const slow = new WordFinder({ timeLimitMs: 1 });
    await assert.rejects(slow.find(plain, query), refusal);
    assert.equal((await new WordFinder().find(plain, query)).hits[0]?.length, 1);
  });
});
