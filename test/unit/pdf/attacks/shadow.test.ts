// Shadow attacks: the document is prepared before it is signed, and the update only brings out what was hidden; ISO 32000-2, 12.8.2.2.

import { pdfJudge, signedPdf } from '../../../support/pdf-signing.ts';
import { appendUpdate, objectText } from '../../../support/pdf-samples.ts';
import { sandboxPki } from '../../pki/sandbox-pki.ts';
import { type Attack, refused } from './attack.ts';
import { edit, stream, victim, victimObjects } from './victim.ts';

const pki = await sandboxPki();
const judge = pdfJudge(pki);
const plain = await signedPdf(pki, victim());
/** The same, with this prepared. */
const prepared = (change: Readonly<Record<number, string>>, options: Parameters<typeof victim>[1] = {}) =>
  signedPdf(pki, victim(change, options));
const bent = (number: number, from: string, to: string) => ({
  [number]: victimObjects[number]?.replace(from, to) ?? '',
});
const overlay = stream('1 g 0 0 600 900 re f', '/Type /XObject /Subtype /Form /BBox [0 0 600 900]');
const image = stream(
  'abc',
  '/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceRGB /BitsPerComponent 8',
);

const hide: readonly Attack[] = [
  [
    'hide: a covering picture is taken away',
    async () => edit(await prepared({ 8: overlay }), [], { 8: null }),
    'TOTAL-FAILED | -picture | changed-after-signing',
  ],
  [
    'hide: a covering picture is made another type',
    async () => edit(await prepared({ 8: overlay }), [[8, '/Subtype /Form', '/Subtype /PS']]),
    'TOTAL-FAILED | -picture | changed-after-signing',
  ],
  [
    'hide: a covering picture shrinks',
    async () => edit(await prepared({ 8: overlay }), [[8, '[0 0 600 900]', '[0 0 1 1]']]),
    'TOTAL-FAILED | -picture | changed-after-signing',
  ],
  [
    'hide: the covering content stream is emptied',
    async () =>
      edit(await prepared({ 6: stream('1 g 0 0 600 900 re f') }), [
        [6, '1 g 0 0 600 900 re f', '                    '],
      ]),
    'TOTAL-FAILED | -content | changed-after-signing',
  ],
  [
    'hide: a picture above the text takes the place of one below',
    async () => edit(await prepared({ 8: overlay }), [], { 8: image }),
    'TOTAL-FAILED | -picture | changed-after-signing',
  ],
];

const replace: readonly Attack[] = [
  [
    'replace: the font gets other glyphs',
    async () =>
      edit(plain, [[4, '/FontDescriptor 44 0 R', '/FontDescriptor 70 0 R']], {
        70: '<< /Type /FontDescriptor /FontName /Song /FontFile2 62 0 R >>',
      }),
    'TOTAL-FAILED | -font +unused-object | changed-after-signing',
  ],
  [
    'replace: a text field shows its value instead of its picture',
    async () => edit(await prepared(bent(21, '(100)', '(900)')), [[21, '/AP << /N 24 0 R >>', '']]),
    'TOTAL-FAILED | -field | changed-after-signing',
  ],
  [
    'replace: a reference into the void is filled',
    async () => appendUpdate(await prepared(bent(15, '/Im 7 0 R', '/Im 77 0 R')), { 77: image }),
    'TOTAL-FAILED | -picture | changed-after-signing',
  ],
  [
    'replace: a reference to a later generation is filled',
    async () => {
      const base = await prepared(bent(11, '/Contents 6 0 R', '/Contents 62 1 R'));
      const before = Buffer.from(base).toString('latin1');
      const start = /startxref\n(\d+)\n%%EOF\n$/.exec(before)?.[1] ?? '';
      const body = `62 1 obj\n${stream('(Pay 900) Tj')}\nendobj\n`;
      const table = `xref\n62 1\n${String(base.length).padStart(10, '0')} 00001 n \ntrailer\n<< /Size 200 /Root 1 0 R /Info 3 0 R /Prev ${start} >>\nstartxref\n${base.length + body.length}\n%%EOF\n`;
      return Buffer.concat([base, Buffer.from(body + table, 'latin1')]);
    },
    'TOTAL-FAILED | -content | changed-after-signing',
  ],
  [
    'replace: an object of an object stream is taken from another',
    async () =>
      edit(await prepared({}, { xref: 'packed' }), [], {
        15: victimObjects[15]?.replace('/F1 4 0 R', '/F1 77 0 R') ?? '',
        77: victimObjects[4] ?? '',
      }),
    'TOTAL-FAILED | -resource +unused-object | changed-after-signing',
  ],
  [
    'replace: a length that is an object grows',
    async () =>
      appendUpdate(await prepared({ 5: '<< /Length 77 0 R >>\nstream\nPay 100\nendstream', 77: '7' }), { 77: '3' }),
    'TOTAL-FAILED | -content | changed-after-signing',
  ],
];

const hideAndReplace: readonly Attack[] = [
  [
    'hide and replace: the second page tree comes out',
    () => edit(plain, [[1, '/Pages 2 0 R', '/Pages 60 0 R']]),
    'TOTAL-FAILED | -page-tree | changed-after-signing',
  ],
  [
    'hide and replace: the second page tree takes the number of the first',
    () => appendUpdate(plain, { 2: objectText(plain, 60) }),
    'TOTAL-FAILED | -page-tree | changed-after-signing',
  ],
  [
    'hide and replace: a cross-reference alone changes the content',
    () => pointed(plain, 5, '\n62 0 obj'),
    'TOTAL-FAILED | -structure | changed-after-signing',
  ],
  [
    'hide and replace: a second object of the same number in the signed bytes',
    async () => {
      const base = await prepared({
        62: stream('x\nendstream\nendobj\n5 0 obj\n<< /Length 12 >>\nstream\n(Pay 900) Tj\nendstream\nendobj\n'),
      });
      return pointed(base, 5, '\n5 0 obj\n<< /Length 12');
    },
    'TOTAL-FAILED | -content | changed-after-signing',
  ],
  [
    'hide and replace: optional content is switched',
    () => edit(plain, [[33, '/OFF [37 0 R]', '/OFF []']]),
    'TOTAL-FAILED | -optional-content | changed-after-signing',
  ],
  [
    'hide and replace: a page hidden in a portfolio',
    () => edit(plain, [[1, '/View /D', '/View /D /D (a.txt)']]),
    'TOTAL-FAILED | -catalog | changed-after-signing',
  ],
];

/** An update that is nothing but a cross-reference: the number is to mean other bytes of the signed file. */
function pointed(base: Uint8Array, number: number, where: string): Uint8Array {
  const before = Buffer.from(base).toString('latin1');
  const start = /startxref\n(\d+)\n%%EOF\n$/.exec(before)?.[1] ?? '';
  const at = String(before.indexOf(where) + 1).padStart(10, '0');
  const table = `xref\n${number} 1\n${at} 00000 n \ntrailer\n<< /Size 200 /Root 1 0 R /Info 3 0 R /Prev ${start} >>\nstartxref\n${base.length}\n%%EOF\n`;
  return Buffer.concat([base, Buffer.from(table, 'latin1')]);
}

describe('shadow attacks: hide', () => refused(() => judge, hide));
describe('shadow attacks: replace', () => refused(() => judge, replace));
describe('shadow attacks: hide and replace', () => refused(() => judge, hideAndReplace));
