// Proves where the text of an OFD page stands: boundaries, matrices, distances with repeats, several runs and objects, templates (GB/T 33190-2016, 8.5, 11.3).

import assert from 'node:assert/strict';
import { findWords, middleOf } from '../../../src/codec/placed-text.ts';
import { readOfd } from '../../../src/ofd/document.ts';
import { OfdPackage } from '../../../src/ofd/package.ts';
import { pageGlyphs } from '../../../src/ofd/page-text.ts';
import { ofdFiles, zip } from '../../support/ofd-samples.ts';

const content = 'Doc_0/Pages/Page_0/Content.xml';

/** The middle of each hit on a page whose layer holds these objects. */
function found(words: string, objects: string, { template = '' } = {}): number[][] {
  const files = ofdFiles();
  const page = (inner: string, use = '') =>
    `<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016">${use}<ofd:Content><ofd:Layer ID="2000">${inner}</ofd:Layer></ofd:Content></ofd:Page>`;
  files[content] = page(objects, template === '' ? '' : '<ofd:Template TemplateID="7" ZOrder="Background"/>');
  if (template !== '') {
    files['Doc_0/Tpls/Tpl_0/Content.xml'] = page(template);
    files['Doc_0/Document.xml'] = String(files['Doc_0/Document.xml']).replace(
      '</ofd:PageArea>',
      '</ofd:PageArea><ofd:TemplatePage ID="7" BaseLoc="Tpls/Tpl_0/Content.xml"/>',
    );
  }
  const glyphs = pageGlyphs(readOfd(OfdPackage.open(zip(files))), 1);
  return findWords(glyphs, words).map((box) =>
    [middleOf(box).x, middleOf(box).y].map((mm) => Math.round(mm * 100) / 100),
  );
}

const text = (attributes: string, codes: string) =>
  `<ofd:TextObject ID="1" Font="3" ${attributes}>${codes}</ofd:TextObject>`;
const code = (attributes: string, characters: string) => `<ofd:TextCode ${attributes}>${characters}</ofd:TextCode>`;

describe('GB/T 33190, 11.3: text with its places', () => {
  it('stands on its baseline inside the boundary, glyph by glyph', () => {
    // Baseline at 30 + 5, letters of 5 mm: their middle is 1.9 mm above it.
    assert.deepEqual(
      found('测试', text('Boundary="20 30 80 8" Size="5"', code('X="0" Y="5" DeltaX="5 5 5"', '印信测试'))),
      [[35, 33.1]],
    );
    const repeated = code('X="2" Y="5" DeltaX="g 2 6 g 1 10"', '印信测试');
    assert.deepEqual(found('测试', text('Boundary="20 30 80 8" Size="5"', repeated)), [[41.5, 33.1]]);
    assert.deepEqual(found('测试', text('Boundary="20 30 80 8" Size="5"', code('X="0" Y="5"', '印信测试'))), [
      [35, 33.1],
    ]);
  });

  it('goes on over several runs, and over several objects of a line', () => {
    const runs = code('X="0" Y="5" DeltaX="5"', '甲方') + code('X="10" Y="5" DeltaX="5"', '盖章');
    assert.deepEqual(found('方盖', text('Boundary="20 30 80 8" Size="5"', runs)), [[30, 33.1]]);
    const pieces = ['加', '盖', '公', '章'].map((character, at) =>
      text(`Boundary="${20 + 5 * at} 30 5 8" Size="5"`, code('X="0" Y="5"', character)),
    );
    assert.deepEqual(found('盖公章', pieces.join('')), [[32.5, 33.1]]);
    const lines = code('X="0" Y="5" DeltaX="5"', '甲乙') + code('Y="15" DeltaX="5"', '盖章');
    assert.deepEqual(found('盖章', text('Boundary="20 30 80 20" Size="5"', lines)), [[25, 43.1]]);
  });

  it('is scaled, turned and run downwards as it says', () => {
    const doubled = text('Boundary="20 30 80 20" Size="5" CTM="2 0 0 2 1 1"', code('X="0" Y="5" DeltaX="5"', '盖章'));
    assert.deepEqual(found('盖章', doubled), [[31, 37.2]]);
    // A quarter turn clockwise: x runs down the page, the letters lie on their left.
    const turned = text('Boundary="100 50 20 40" Size="5" CTM="0 1 -1 0 10 0"', code('X="0" Y="5" DeltaX="5"', '盖章'));
    assert.deepEqual(found('盖章', turned), [[106.9, 55]]);
    const down = text('Boundary="20 30 10 80" Size="5"', code('X="0" Y="5" DeltaY="g 3 6"', '单位盖章'));
    assert.deepEqual(found('盖章', down), [[22.5, 48.1]]);
    const narrow = text('Boundary="20 30 80 8" Size="5" HScale="0.5"', code('X="0" Y="5"', 'abcd'));
    assert.deepEqual(found('cd', narrow), [[23.75, 33.1]]);
  });

  it('is read in blocks and templates, and not where it is not shown', () => {
    const plain = text('Boundary="20 30 80 8" Size="5"', code('X="0" Y="5" DeltaX="5"', '盖章'));
    assert.deepEqual(
      found('盖章', `<ofd:PageBlock ID="9"><ofd:PageBlock ID="8">${plain}</ofd:PageBlock></ofd:PageBlock>`),
      [[25, 33.1]],
    );
    assert.deepEqual(found('盖章', '', { template: plain }), [[25, 33.1]]);
    assert.deepEqual(found('盖章', plain.replace('Font=', 'Visible="false" Font=')), []);
  });

  it('leaves out what is damaged, and takes no more distances than glyphs', () => {
    const one = (attributes: string, more = 'X="0" Y="5"') => text(attributes, code(more, '盖章'));
    assert.deepEqual(found('盖章', one('Boundary="20 30" Size="5"')), []);
    assert.deepEqual(found('盖章', one('Boundary="20 30 80 8" Size="none"')), []);
    assert.deepEqual(found('盖章', one('Boundary="20 30 80 8" Size="5"', 'X="0" Y="5" DeltaX="g 999999999 5"')), [
      [25, 33.1],
    ]);
    assert.deepEqual(found('盖章', one('Boundary="20 30 80 8" Size="5" CTM="1 0"')), [[25, 33.1]]);
  });
});
