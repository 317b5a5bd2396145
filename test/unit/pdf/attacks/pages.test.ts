// Attacks on what the pages of a signed PDF show: each later change is told by its kind and none passes; ISO 32000-2, 12.8.2.2.

import { signedPdf, pdfJudge } from '../../../support/pdf-signing.ts';
import { objectText } from '../../../support/pdf-samples.ts';
import { sandboxPki } from '../../pki/sandbox-pki.ts';
import { type Attack, refused } from './attack.ts';
import { edit, stream, victim } from './victim.ts';

const pki = await sandboxPki();
const judge = pdfJudge(pki);
const signed = await signedPdf(pki, victim());
const blank = '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>';
const overlay = stream('1 1 1 rg 0 0 600 900 re f');

const pageTree: readonly Attack[] = [
  [
    'a page added at the end',
    () => edit(signed, [[2, '11 0 R] /Count 2', '11 0 R 70 0 R] /Count 3']], { 70: blank }),
    'TOTAL-FAILED | -page-tree +unused-object | changed-after-signing',
  ],
  [
    'a page added in front',
    () => edit(signed, [[2, '[10 0 R 11 0 R] /Count 2', '[70 0 R 10 0 R 11 0 R] /Count 3']], { 70: blank }),
    'TOTAL-FAILED | -page-tree +unused-object | changed-after-signing',
  ],
  [
    'a page added below a new node of the tree',
    () =>
      edit(signed, [[2, '11 0 R] /Count 2', '11 0 R 70 0 R] /Count 3']], {
        70: '<< /Type /Pages /Parent 2 0 R /Kids [71 0 R] /Count 1 >>',
        71: blank,
      }),
    'TOTAL-FAILED | -page-tree +unused-object | changed-after-signing',
  ],
  [
    'a page removed',
    () => edit(signed, [[2, '10 0 R 11 0 R] /Count 2', '10 0 R] /Count 1']]),
    'TOTAL-FAILED | -page-tree | changed-after-signing',
  ],
  [
    'a page replaced by another object',
    () => edit(signed, [[2, '[10 0 R', '[70 0 R']], { 70: blank }),
    'TOTAL-FAILED | -page-tree +unused-object | changed-after-signing',
  ],
  [
    'a page replaced under its own number',
    () => edit(signed, [], { 11: blank }),
    'TOTAL-FAILED | -resource -content -page | changed-after-signing',
  ],
  [
    'pages put in another order',
    () => edit(signed, [[2, '10 0 R 11 0 R', '11 0 R 10 0 R']]),
    'TOTAL-FAILED | -page-tree | changed-after-signing',
  ],
  [
    'one page shown twice',
    () => edit(signed, [[2, '10 0 R 11 0 R', '10 0 R 10 0 R']]),
    'TOTAL-FAILED | | malformed-pdf',
  ],
  [
    'a count that hides the last page',
    () => edit(signed, [[2, '/Count 2', '/Count 1']]),
    'TOTAL-FAILED | | malformed-pdf',
  ],
  [
    'an inherited media box made smaller',
    () => edit(signed, [[2, '842', '421']]),
    'TOTAL-FAILED | -page-tree | changed-after-signing',
  ],
  [
    'the page tree made a page (type change)',
    () => edit(signed, [[2, '/Type /Pages', '/Type /Page']]),
    'TOTAL-FAILED | | malformed-pdf',
  ],
  [
    'a page made something else (type change)',
    () => edit(signed, [[11, '/Type /Page', '/Type /Template']]),
    'TOTAL-FAILED | | malformed-pdf',
  ],
];

const page: readonly Attack[] = [
  [
    'a page overlaid: a content stream appended to the array',
    () => edit(signed, [[10, '[5 0 R 6 0 R]', '[5 0 R 6 0 R 70 0 R]']], { 70: overlay }),
    'TOTAL-FAILED | -content +unused-object | changed-after-signing',
  ],
  [
    'a page underlaid: a content stream in front',
    () => edit(signed, [[11, '/Contents 6 0 R', '/Contents [70 0 R 6 0 R]']], { 70: overlay }),
    'TOTAL-FAILED | -content +unused-object | changed-after-signing',
  ],
  [
    'the contents of a page pointed elsewhere',
    () => edit(signed, [[11, '/Contents 6 0 R', '/Contents 62 0 R']]),
    'TOTAL-FAILED | -content | changed-after-signing',
  ],
  [
    'the contents of a page taken away',
    () => edit(signed, [[11, '/Contents 6 0 R', '']]),
    'TOTAL-FAILED | -content | changed-after-signing',
  ],
  [
    'a content stream rewritten',
    () => edit(signed, [[5, 'Pay 100', 'Pay 900']]),
    'TOTAL-FAILED | -content | changed-after-signing',
  ],
  [
    'a content stream that other pages share rewritten',
    () => edit(signed, [[6, 'Signed', 'Copied']]),
    'TOTAL-FAILED | -content | changed-after-signing',
  ],
  [
    'a filter put on a content stream',
    () => edit(signed, [[5, '/Length', '/Filter /ASCIIHexDecode /Length']]),
    'TOTAL-FAILED | -content | changed-after-signing',
  ],
  ['a content stream freed', () => edit(signed, [], { 5: null }), 'TOTAL-FAILED | -content | changed-after-signing'],
  [
    'a page with a media box of its own',
    () => edit(signed, [[10, '/Contents', '/MediaBox [0 0 595 100] /Contents']]),
    'TOTAL-FAILED | -page | changed-after-signing',
  ],
  [
    'a crop box that cuts the page',
    () => edit(signed, [[10, '/Contents', '/CropBox [0 0 595 650] /Contents']]),
    'TOTAL-FAILED | -page | changed-after-signing',
  ],
  [
    'a page turned',
    () => edit(signed, [[10, '/Contents', '/Rotate 180 /Contents']]),
    'TOTAL-FAILED | -page | changed-after-signing',
  ],
  [
    'a user unit',
    () => edit(signed, [[10, '/Contents', '/UserUnit 2 /Contents']]),
    'TOTAL-FAILED | -page | changed-after-signing',
  ],
  [
    'an action when the page opens',
    () => edit(signed, [[10, '/Contents', '/AA << /O << /S /JavaScript /JS (x) >> >> /Contents']]),
    'TOTAL-FAILED | -action | changed-after-signing',
  ],
  [
    'a transition and a duration',
    () => edit(signed, [[10, '/Contents', '/Dur 1 /Contents']]),
    'TOTAL-FAILED | -page | changed-after-signing',
  ],
  [
    'a page-piece dictionary of a program',
    () => edit(signed, [[10, '/Contents', '/PieceInfo << /X << /Private 62 0 R >> >> /Contents']]),
    'TOTAL-FAILED | -page | changed-after-signing',
  ],
];

const resources: readonly Attack[] = [
  [
    'another font under the same name',
    () =>
      edit(signed, [[15, '/F1 4 0 R', '/F1 70 0 R']], { 70: '<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>' }),
    'TOTAL-FAILED | -resource +unused-object | changed-after-signing',
  ],
  [
    'a font rewritten',
    () => edit(signed, [[4, '/Song', '/Wingdings']]),
    'TOTAL-FAILED | -font | changed-after-signing',
  ],
  [
    'a font freed, so that readers take another',
    () => edit(signed, [], { 4: null }),
    'TOTAL-FAILED | -font | changed-after-signing',
  ],
  [
    'the encoding of a font changed: 1 is shown as 9',
    () => edit(signed, [[41, '/BaseEncoding', '/Differences [49 /nine] /BaseEncoding']]),
    'TOTAL-FAILED | -font | changed-after-signing',
  ],
  [
    'glyph widths changed',
    () => edit(signed, [[42, '500 500', '0 500']]),
    'TOTAL-FAILED | -font | changed-after-signing',
  ],
  [
    'ToUnicode changed: copies say other than the page',
    () => edit(signed, [[43, '<0031>', '<0039>']]),
    'TOTAL-FAILED | -font | changed-after-signing',
  ],
  [
    'the font program replaced',
    () => edit(signed, [[47, 'glyphs', 'glyphz']]),
    'TOTAL-FAILED | -font | changed-after-signing',
  ],
  [
    'the font descriptor replaced',
    () => edit(signed, [[44, '47 0 R', '70 0 R']], { 70: '<< /Length 0 >>\nstream\n\nendstream' }),
    'TOTAL-FAILED | -font +unused-object | changed-after-signing',
  ],
  [
    'a form XObject replaced',
    () => edit(signed, [[8, '(Annex)', '(Other)']]),
    'TOTAL-FAILED | -picture | changed-after-signing',
  ],
  ['an image replaced', () => edit(signed, [[7, 'abc', 'xyz']]), 'TOTAL-FAILED | -picture | changed-after-signing'],
  [
    'an image given an alternate',
    () => edit(signed, [[7, '/Width', '/Alternates [<< /Image 8 0 R >>] /Width']]),
    'TOTAL-FAILED | -picture | changed-after-signing',
  ],
  [
    'an XObject added to the resources',
    () => edit(signed, [[15, '/X1 8 0 R', '/X1 8 0 R /X2 7 0 R']]),
    'TOTAL-FAILED | -resource | changed-after-signing',
  ],
  [
    'a graphics state made transparent',
    () => edit(signed, [[17, '/ca 1', '/ca 0']]),
    'TOTAL-FAILED | -resource | changed-after-signing',
  ],
  [
    'an object of other pages reused: an image becomes the annex',
    () => edit(signed, [], { 8: objectText(signed, 7) }),
    'TOTAL-FAILED | -picture | changed-after-signing',
  ],
  [
    'optional content switched on by default',
    () => edit(signed, [[33, '/ON [] /OFF [37 0 R]', '/ON [37 0 R] /OFF []']]),
    'TOTAL-FAILED | -optional-content | changed-after-signing',
  ],
  [
    'optional content: the group of a page exchanged',
    () => edit(signed, [[15, '/Hidden 37 0 R', '/Hidden 70 0 R']], { 70: '<< /Type /OCG /Name (Shown) >>' }),
    'TOTAL-FAILED | -resource +unused-object | changed-after-signing',
  ],
  [
    'optional content: usage of a group changed',
    () => edit(signed, [[37, '/Name', '/Usage << /Print << /PrintState /ON >> >> /Name']]),
    'TOTAL-FAILED | -optional-content | changed-after-signing',
  ],
];

describe('attacks on the page tree', () => refused(() => judge, pageTree));
describe('attacks on a page and its content', () => refused(() => judge, page));
describe('attacks on fonts, pictures and layers', () => refused(() => judge, resources));
