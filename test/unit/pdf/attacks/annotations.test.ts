// Attacks by annotations, forms and further signatures, on plain and on certified documents: EAA, SSA, shadows of forms; ISO 32000-2, 12.5, 12.7 and 12.8.2.2.

import { openPdf } from '../../../../src/pdf/reader.ts';
import { signedPdf, pdfJudge } from '../../../support/pdf-signing.ts';
import { objectText } from '../../../support/pdf-samples.ts';
import { stamp } from '../../pki/cms-samples.ts';
import { sandboxPki } from '../../pki/sandbox-pki.ts';
import { type Attack, allowed, refused } from './attack.ts';
import { edit, type HandMade, signedByHand, stream, victim } from './victim.ts';

const pki = await sandboxPki();
const stranger = await sandboxPki();
const judge = pdfJudge(pki);
const signed = await signedPdf(pki, victim(), { stamps: [{ page: 1, xMm: 150, yMm: 200 }] });
const ours = { signer: pki.seal, chain: [pki.ca] };
const theirs = { signer: stranger.seal, chain: [stranger.ca] };
const white = stream(
  '1 g 0 0 200 40 re f 0 g BT /F1 24 Tf (Pay 900) Tj ET',
  '/Type /XObject /Subtype /Form /BBox [0 0 200 40] /Resources << /Font << /F1 4 0 R >> >>',
);

const onPage = (annotation: string, base = signed, more: Readonly<Record<number, string>> = {}) =>
  edit(base, [[10, /\/Annots ?\[([^\]]*)\]/, '/Annots [$1 70 0 R]']], { 70: annotation, ...more });
const annotation = (type: string, entries = '') =>
  `<< /Type /Annot /Subtype /${type} /Rect [72 690 272 730] /F 4 ${entries} >>`;
const pictured = (type: string, base = signed) => onPage(annotation(type, '/AP << /N 71 0 R >>'), base, { 71: white });

const annotations: readonly Attack[] = [
  [
    'FreeText over the page',
    () => onPage(annotation('FreeText', '/Contents (900) /DA (/F1 9 Tf)')),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
  [
    'Redact over the page',
    () => onPage(annotation('Redact', '/OverlayText (900) /IC [1 1 1]')),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
  [
    'Stamp: a picture over the text',
    () => pictured('Stamp'),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
  [
    'Square filled with white',
    () => onPage(annotation('Square', '/IC [1 1 1]')),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
  [
    'Ink that paints a digit',
    () => onPage(annotation('Ink', '/InkList [[1 1 9 9]]')),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
  [
    'Highlight with a picture of its own',
    () => pictured('Highlight'),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
  ['Watermark', () => pictured('Watermark'), 'TOTAL-FAILED | -annotation +unused-object | changed-after-signing'],
  [
    'FileAttachment',
    () => onPage(annotation('FileAttachment', '/FS 39 0 R')),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
  [
    'Link to elsewhere',
    () => onPage(annotation('Link', '/A << /S /URI /URI (https://evil.invalid) >>')),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
  ['Widget of no field', () => pictured('Widget'), 'TOTAL-FAILED | -annotation +unused-object | changed-after-signing'],
  [
    'Screen with an action',
    () => onPage(annotation('Screen', '/AA << /PO << /S /Launch /F (x) >> >>')),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
  [
    'RichMedia',
    () => onPage(annotation('RichMedia', '/RichMediaContent << >>')),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
  [
    'a remark on a document that was not certified',
    () => onPage(annotation('Text', '/Contents (Hm)')),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
  [
    'an annotation that is no object of its own',
    () => edit(signed, [[10, /\/Annots ?\[/, '/Annots [ << /Type /Annot /Subtype /Text /Rect [0 0 9 9] >> ']]),
    'TOTAL-FAILED | -annotation | changed-after-signing',
  ],
  [
    'an annotation removed',
    () => edit(signed, [[10, '9 0 R ', '']]),
    'TOTAL-FAILED | -annotation | changed-after-signing',
  ],
  [
    'the target of a link exchanged',
    () => edit(signed, [[9, 'good.invalid', 'evil.invalid']]),
    'TOTAL-FAILED | -annotation | changed-after-signing',
  ],
  [
    'a link moved over other text',
    () => edit(signed, [[9, '[10 10 50 20]', '[10 10 500 800]']]),
    'TOTAL-FAILED | -annotation | changed-after-signing',
  ],
  [
    'a list of annotations shared with another page',
    () => edit(signed, [[11, '/Annots 16 0 R', '/Annots [9 0 R]']]),
    'TOTAL-FAILED | -annotation | changed-after-signing',
  ],
  [
    'an annotation through the list that was empty',
    () => edit(signed, [[16, /\[\s*\]/, '[70 0 R]']], { 70: annotation('FreeText') }),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
];

const forms: readonly Attack[] = [
  ['a value changed', () => edit(signed, [[21, '(100)', '(900)']]), 'TOTAL-FAILED | -field | changed-after-signing'],
  [
    'a value and its appearance changed',
    () =>
      edit(signed, [
        [21, '(100)', '(900)'],
        [24, '(100)', '(900)'],
      ]),
    'TOTAL-FAILED | -field -appearance | changed-after-signing',
  ],
  [
    'an appearance stream swapped under the same value',
    () => edit(signed, [[24, '(100)', '(900)']]),
    'TOTAL-FAILED | -appearance | changed-after-signing',
  ],
  [
    'an appearance pointed elsewhere',
    () => edit(signed, [[21, '/N 24 0 R', '/N 8 0 R']]),
    'TOTAL-FAILED | -field | changed-after-signing',
  ],
  [
    'an appearance taken away, so that the value shows (shadow form)',
    () => edit(signed, [[21, '/AP << /N 24 0 R >>', '']]),
    'TOTAL-FAILED | -field | changed-after-signing',
  ],
  [
    'a rollover appearance',
    () => edit(signed, [[21, '/N 24 0 R', '/N 24 0 R /R 8 0 R']]),
    'TOTAL-FAILED | -field | changed-after-signing',
  ],
  [
    'a box ticked',
    () => edit(signed, [[22, '/V /Off /AS /Off', '/V /Yes /AS /Yes']]),
    'TOTAL-FAILED | -field | changed-after-signing',
  ],
  [
    'a box shown ticked while its value says no',
    () => edit(signed, [[22, '/AS /Off', '/AS /Yes']]),
    'TOTAL-FAILED | -field | changed-after-signing',
  ],
  [
    'the picture of a state exchanged',
    () => edit(signed, [[22, '/Off 23 0 R', '/Off 8 0 R']]),
    'TOTAL-FAILED | -field | changed-after-signing',
  ],
  [
    'a choice changed',
    () => edit(signed, [[25, '(North) /Opt', '(South) /Opt']]),
    'TOTAL-FAILED | -field | changed-after-signing',
  ],
  ['a field renamed', () => edit(signed, [[21, '(Sum)', '(Tax)']]), 'TOTAL-FAILED | -field | changed-after-signing'],
  [
    'a field made another type',
    () => edit(signed, [[21, '/FT /Tx', '/FT /Btn']]),
    'TOTAL-FAILED | -field | changed-after-signing',
  ],
  [
    'a field with an action of calculation',
    () => edit(signed, [[21, '/FT', '/AA << /C << /S /JavaScript /JS (x) >> >> /FT']]),
    'TOTAL-FAILED | -field | changed-after-signing',
  ],
  ['a field moved', () => edit(signed, [[21, '[72 500', '[72 700']]), 'TOTAL-FAILED | -field | changed-after-signing'],
  ['a field hidden', () => edit(signed, [[21, '/FT', '/F 2 /FT']]), 'TOTAL-FAILED | -field | changed-after-signing'],
  ['a field removed', () => edit(signed, [[20, '21 0 R ', '']]), 'TOTAL-FAILED | -form | changed-after-signing'],
  [
    'a text field added',
    () =>
      edit(signed, [[20, /\/Fields ?\[([^\]]*)\]/, '/Fields [$1 70 0 R]']], { 70: '<< /FT /Tx /T (New) /V (x) >>' }),
    'TOTAL-FAILED | -field +unused-object | changed-after-signing',
  ],
  [
    'an empty signature field added',
    () => edit(signed, [[20, /\/Fields ?\[([^\]]*)\]/, '/Fields [$1 70 0 R]']], { 70: '<< /FT /Sig /T (New) >>' }),
    'TOTAL-FAILED | -field +unused-object | changed-after-signing',
  ],
];

const widget = openPdf(signed).fields.at(-1)?.ref.number ?? 0;
const ofSignature: readonly Attack[] = [
  [
    'the picture of the seal exchanged',
    () => edit(signed, [[widget, /\/N \d+ 0 R/, '/N 70 0 R']], { 70: white }),
    'TOTAL-FAILED | -field +unused-object | changed-after-signing',
  ],
  [
    'a second state of the seal',
    () => edit(signed, [[widget, /\/N (\d+ 0 R)/, '/N $1 /D 70 0 R']], { 70: white }),
    'TOTAL-FAILED | -field +unused-object | changed-after-signing',
  ],
  [
    'the seal hidden',
    () => edit(signed, [[widget, '/F 132', '/F 2']]),
    'TOTAL-FAILED | -field | changed-after-signing',
  ],
  [
    'the seal moved',
    () => edit(signed, [[widget, /\/Rect \[[^\]]*\]/, '/Rect [0 0 113.386 113.386]']]),
    'TOTAL-FAILED | -field | changed-after-signing',
  ],
  [
    'the field of the signature renamed',
    () => edit(signed, [[widget, '(Seal1)', '(Minister)']]),
    'TOTAL-FAILED | -field | changed-after-signing',
  ],
];

const certified = (level: 1 | 2 | 3, more: Partial<HandMade> = {}) =>
  signedByHand(victim(), {
    ...ours,
    name: 'Certificate',
    number: 90,
    entries: `/Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /Type /TransformParams /P ${level} /V /1.2 >> >>]`,
    catalog: '/Perms << /DocMDP 91 0 R >>',
    ...more,
  });
const certifiedAt = { 1: await certified(1), 2: await certified(2), 3: await certified(3) };
const locked = await certified(2, { field: '/Lock << /Type /SigFieldLock /Action /Include /Fields [(Sum)] >>' });
const fieldMdp = await signedByHand(victim(), {
  ...ours,
  name: 'First',
  number: 90,
  entries:
    '/Reference [<< /Type /SigRef /TransformMethod /FieldMDP /TransformParams << /Type /TransformParams /Action /Exclude /Fields [(Town)] /V /1.2 >> >>]',
});
const filled = (base: Uint8Array) =>
  edit(base, [
    [21, '(100)', '(900)'],
    [24, '(100)', '(900)'],
  ]);
const again = (base: Uint8Array, more: Partial<HandMade> = {}) =>
  signedByHand(base, { ...ours, name: 'Second', number: 100, ...more });
const over = { rect: '[72 690 272 730]', appearance: white };

const timeStamped = (base: Uint8Array, more: Partial<HandMade> = {}) =>
  again(base, {
    name: 'Time',
    other: { head: '/Type /DocTimeStamp /SubFilter /ETSI.RFC3161', value: (sha256) => stamp(pki, sha256) },
    ...more,
  });

const certification: readonly Attack[] = [
  ['P 1: a form filled in', () => filled(certifiedAt[1]), 'TOTAL-FAILED | -field -appearance | changed-after-signing'],
  ['P 1: a further signature', () => again(certifiedAt[1]), 'TOTAL-FAILED | -signature | changed-after-signing'],
  [
    'P 1: a remark',
    () => onPage(annotation('Text'), certifiedAt[1]),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
  [
    'P 1: a document time stamp that shows a picture',
    () => timeStamped(certifiedAt[1], over),
    'TOTAL-FAILED | -document-time-stamp -overlay | changed-after-signing',
  ],
  [
    'P 2: a document time stamp that shows a picture',
    () => timeStamped(certifiedAt[2], over),
    'TOTAL-FAILED | -document-time-stamp -overlay | changed-after-signing',
  ],
  [
    'P 2: a remark',
    () => onPage(annotation('Text'), certifiedAt[2]),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
  [
    'P 2: a page',
    () => edit(certifiedAt[2], [[5, 'Pay 100', 'Pay 900']]),
    'TOTAL-FAILED | -content | changed-after-signing',
  ],
  [
    'P 2: an appearance that says other than the value',
    () => edit(certifiedAt[2], [[24, '(100)', '(900)']]),
    'TOTAL-FAILED | -appearance | changed-after-signing',
  ],
  [
    'P 2: a value that is an object elsewhere',
    () => edit(certifiedAt[2], [[21, '(100)', '62 0 R']]),
    'TOTAL-FAILED | -field | changed-after-signing',
  ],
  [
    'P 2: a filled field whose appearance is the content of a page',
    () =>
      edit(certifiedAt[2], [
        [21, '(100)', '(900)'],
        [21, '/N 24 0 R', '/N 6 0 R'],
        [6, 'Signed', 'Copied'],
      ]),
    'TOTAL-FAILED | +form-fill -content | changed-after-signing',
  ],
  [
    'P 2: a filled field that moves too',
    () =>
      edit(certifiedAt[2], [
        [21, '(100)', '(900)'],
        [21, '[72 500', '[72 700'],
      ]),
    'TOTAL-FAILED | -field | changed-after-signing',
  ],
  [
    'P 2: a field that the certifier locked',
    () => filled(locked),
    'TOTAL-FAILED | -field -appearance | changed-after-signing',
  ],
  [
    'P 2: a signature field over the text (SSA)',
    () => again(certifiedAt[2], over),
    'TOTAL-FAILED | +signature -overlay | changed-after-signing',
  ],
  [
    'P 2: the same by a stranger (SSA)',
    () => again(certifiedAt[2], { ...over, ...theirs }),
    'TOTAL-FAILED | +signature -overlay | changed-after-signing no-path',
  ],
  [
    'P 3: FreeText (EAA)',
    () => onPage(annotation('FreeText', '/Contents (900)'), certifiedAt[3]),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
  [
    'P 3: Redact (EAA)',
    () => onPage(annotation('Redact'), certifiedAt[3]),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
  [
    'P 3: Stamp (EAA)',
    () => pictured('Stamp', certifiedAt[3]),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
  [
    'P 3: a highlight with a picture of its own (EAA)',
    () => pictured('Highlight', certifiedAt[3]),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
  [
    'P 3: a remark with an action (EAA)',
    () => onPage(annotation('Text', '/A << /S /URI /URI (x) >>'), certifiedAt[3]),
    'TOTAL-FAILED | -annotation +unused-object | changed-after-signing',
  ],
  [
    'P 3: an annotation that was there changed',
    () => edit(certifiedAt[3], [[9, 'good.invalid', 'evil.invalid']]),
    'TOTAL-FAILED | -annotation | changed-after-signing',
  ],
  [
    'FieldMDP: a field that the signer locked',
    () => filled(fieldMdp),
    'TOTAL-FAILED | -field -appearance | changed-after-signing',
  ],
  [
    'a certification after a signature',
    () => again(signed, { entries: '/Reference [<< /TransformMethod /DocMDP /TransformParams << /P 2 >> >>]' }),
    'TOTAL-FAILED | +signature -signature | changed-after-signing',
  ],
  [
    'the permissions of the certification widened',
    () => edit(certifiedAt[1], [[91, '/P 1', '/P 3']]),
    'TOTAL-FAILED | -byte-range | signature-hidden byte-range-gap message-digest-mismatch changed-after-signing',
  ],
  [
    'the certification taken out of the catalog',
    () => edit(certifiedAt[1], [[1, '/Perms << /DocMDP 91 0 R >>', '']]),
    'TOTAL-FAILED | -catalog | changed-after-signing',
  ],
];

const further: readonly Attack[] = [
  [
    'a further signature with another page under it',
    () => again(signed, { more: { 5: stream('(Pay 900) Tj') } }),
    'TOTAL-FAILED | +signature -content | changed-after-signing',
  ],
  [
    'a further signature by a stranger, its picture over the text',
    () => again(signed, { ...over, ...theirs }),
    'INDETERMINATE | +signature +overlay | no-path',
  ],
  [
    'a further signature over the seal',
    () => again(signed, { ...over, rect: '[380 180 480 300]' }),
    'TOTAL-FAILED | +signature -overlap +overlay | changed-after-signing',
  ],
  [
    'a further signature whose picture is not held to its place',
    () => again(signed, { ...over, flags: 132 + 16 }),
    'TOTAL-FAILED | +signature -overlap +overlay | changed-after-signing',
  ],
  [
    'a further signature with an action',
    () => again(signed, { field: '/AA << /E << /S /JavaScript /JS (x) >> >>' }),
    'TOTAL-FAILED | -field -annotation +unused-object | changed-after-signing',
  ],
  [
    'a further signature of the same name',
    () => again(signed, { name: 'Seal1' }),
    'TOTAL-FAILED | -field -annotation +unused-object | changed-after-signing',
  ],
  [
    'a further signature that brings a filled form along',
    () => again(signed, { more: { 21: objectText(signed, 21).replace('(100)', '(900)') } }),
    'TOTAL-FAILED | +signature -field | changed-after-signing',
  ],
  [
    'a document time stamp, which anybody gets, with a picture over the text',
    () => timeStamped(signed, over),
    'TOTAL-FAILED | -document-time-stamp +overlay | changed-after-signing',
  ],
];

const benign: readonly Attack[] = [
  ['a further signature', () => again(signed), 'TOTAL-PASSED | +signature |'],
  [
    'a further signature whose picture may hide the page is told',
    () => again(signed, over),
    'TOTAL-PASSED | +signature +overlay |',
  ],
  [
    'a further seal of ours',
    () =>
      signedPdf(pki, signed, {
        stamps: [
          { page: 1, xMm: 60, yMm: 60 },
          { page: 2, xMm: 60, yMm: 60 },
        ],
      }),
    'TOTAL-PASSED | +signature +stamp |',
  ],
  ['a document time stamp', () => timeStamped(signed), 'TOTAL-PASSED | +document-time-stamp |'],
  ['P 1: a document time stamp', () => timeStamped(certifiedAt[1]), 'TOTAL-PASSED | +document-time-stamp |'],
  ['P 2: a form filled in', () => filled(certifiedAt[2]), 'TOTAL-PASSED | +form-fill |'],
  [
    'P 2: a box ticked',
    () => edit(certifiedAt[2], [[22, '/V /Off /AS /Off', '/V /Yes /AS /Yes']]),
    'TOTAL-PASSED | +form-fill |',
  ],
  [
    'P 2: a field filled in that the lock does not name',
    () => edit(locked, [[25, '(North) /Opt', '(South) /Opt']]),
    'TOTAL-PASSED | +form-fill |',
  ],
  ['P 2: a further signature that shows nothing', () => again(certifiedAt[2]), 'TOTAL-PASSED | +signature |'],
  [
    'P 2: a further seal of ours, whose ink hides nothing',
    () => signedPdf(pki, certifiedAt[2]),
    'TOTAL-PASSED | +signature |',
  ],
  ['P 3: a remark', () => onPage(annotation('Text', '/Contents (Hm)'), certifiedAt[3]), 'TOTAL-PASSED | +annotation |'],
  [
    'P 3: a highlight that the reader draws',
    () => onPage(annotation('Highlight', '/QuadPoints [72 690 90 690 72 730 90 730] /C [1 1 0]'), certifiedAt[3]),
    'TOTAL-PASSED | +annotation |',
  ],
  ['P 3: a form filled in', () => filled(certifiedAt[3]), 'TOTAL-PASSED | +form-fill |'],
];

describe('attacks by annotations', () => refused(() => judge, annotations));
describe('attacks on form fields', () => refused(() => judge, forms));
describe('attacks on what a signature shows', () => refused(() => judge, ofSignature));
describe('attacks on certified documents and locks', () => refused(() => judge, certification));
describe('attacks by further signatures', () => refused(() => judge, further));
describe('changes that were allowed', () => allowed(() => judge, benign));
