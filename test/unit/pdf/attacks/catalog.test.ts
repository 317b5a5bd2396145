// Attacks on what a signed PDF says and does besides its pages: catalog, actions, names, structure, metadata, validation data; ISO 32000-2, 7.7.2 and 12.8.

import { signedPdf, pdfJudge } from '../../../support/pdf-signing.ts';
import { appendUpdate, objectText } from '../../../support/pdf-samples.ts';
import { sandboxPki } from '../../pki/sandbox-pki.ts';
import { type Attack, allowed, refused } from './attack.ts';
import { edit, stream, victim } from './victim.ts';

const pki = await sandboxPki();
const judge = pdfJudge(pki);
const signed = await signedPdf(pki, victim());
const javascript = '<< /S /JavaScript /JS (app.alert) >>';
const inCatalog = (entry: string, more: Record<number, string | Buffer> = {}) =>
  edit(signed, [[1, '/Type /Catalog', `/Type /Catalog ${entry}`]], more);
const data = stream('abc');
const authority = pki.ca.certificate.der;
const certificate = Buffer.concat([
  Buffer.from(`<< /Length ${authority.length} >>\nstream\n`),
  authority,
  Buffer.from('\nendstream'),
]);
const xmp = objectText(signed, 35);

const catalog: readonly Attack[] = [
  [
    'an action when the document opens',
    () => inCatalog(`/OpenAction ${javascript}`),
    'TOTAL-FAILED | -action | changed-after-signing',
  ],
  [
    'a view of another page when it opens',
    () => inCatalog('/OpenAction [11 0 R /Fit]'),
    'TOTAL-FAILED | -action | changed-after-signing',
  ],
  [
    'actions of events',
    () => inCatalog(`/AA << /WS ${javascript} >>`),
    'TOTAL-FAILED | -action | changed-after-signing',
  ],
  [
    'JavaScript among the names',
    () => edit(signed, [[31, '<< /Dests', `<< /JavaScript << /Names [(a) ${javascript}] >> /Dests`]]),
    'TOTAL-FAILED | -catalog | changed-after-signing',
  ],
  [
    'an attached file added',
    () => edit(signed, [[31, '(a.txt) 39 0 R', '(a.txt) 39 0 R (b.exe) 39 0 R']]),
    'TOTAL-FAILED | -catalog | changed-after-signing',
  ],
  [
    'an attached file exchanged',
    () => edit(signed, [[40, 'harmless', 'harmful!']]),
    'TOTAL-FAILED | -attachment | changed-after-signing',
  ],
  [
    'the specification of an attached file exchanged',
    () => edit(signed, [[39, '/F (a.txt)', '/F (b.txt)']]),
    'TOTAL-FAILED | -attachment | changed-after-signing',
  ],
  ['an associated file', () => inCatalog('/AF [39 0 R]'), 'TOTAL-FAILED | -attachment | changed-after-signing'],
  [
    'a named destination led elsewhere',
    () => edit(signed, [[31, '[10 0 R /Fit]', '[11 0 R /Fit]']]),
    'TOTAL-FAILED | -catalog | changed-after-signing',
  ],
  [
    'page labels changed',
    () => edit(signed, [[1, '<< /S /D >>', '<< /S /r >>']]),
    'TOTAL-FAILED | -navigation | changed-after-signing',
  ],
  [
    'an outline led elsewhere',
    () => edit(signed, [[38, '/Dest [10', '/Dest [11']]),
    'TOTAL-FAILED | -navigation | changed-after-signing',
  ],
  [
    'an outline renamed',
    () => edit(signed, [[38, '(Chapter)', '(Another)']]),
    'TOTAL-FAILED | -navigation | changed-after-signing',
  ],
  [
    'an XFA form',
    () => edit(signed, [[20, '/Fields', '/XFA 70 0 R /Fields']], { 70: data }),
    'TOTAL-FAILED | -form +unused-object | changed-after-signing',
  ],
  [
    'appearances to be made anew by the reader (NeedAppearances)',
    () => edit(signed, [[20, '/Fields', '/NeedAppearances true /Fields']]),
    'TOTAL-FAILED | -form | changed-after-signing',
  ],
  [
    'the fonts of the form exchanged (DR)',
    () => edit(signed, [[20, '/F1 4 0 R', '/F1 70 0 R']], { 70: objectText(signed, 4) }),
    'TOTAL-FAILED | -form +unused-object | changed-after-signing',
  ],
  [
    'the default appearance of fields (DA)',
    () => edit(signed, [[20, '/DA (/F1 9 Tf)', '/DA (/F1 0.1 Tf)']]),
    'TOTAL-FAILED | -form | changed-after-signing',
  ],
  [
    'the order of calculation',
    () => edit(signed, [[20, '/Fields', '/CO [21 0 R] /Fields']]),
    'TOTAL-FAILED | -form | changed-after-signing',
  ],
  [
    'signature flags taken back',
    () => edit(signed, [[20, '/SigFlags 3', '/SigFlags 0']]),
    'TOTAL-FAILED | -form | changed-after-signing',
  ],
  [
    'the structure tree: what a reading voice says (ActualText)',
    () => edit(signed, [[45, 'Pay 100', 'Pay 900']]),
    'TOTAL-FAILED | -structure-tree | changed-after-signing',
  ],
  [
    'the structure tree replaced',
    () =>
      edit(signed, [[1, '/StructTreeRoot 34 0 R', '/StructTreeRoot 70 0 R']], { 70: '<< /Type /StructTreeRoot >>' }),
    'TOTAL-FAILED | -structure-tree +unused-object | changed-after-signing',
  ],
  [
    'the language',
    () => edit(signed, [[1, '/Lang (zh)', '/Lang (en)']]),
    'TOTAL-FAILED | -catalog | changed-after-signing',
  ],
  [
    'viewer preferences',
    () => edit(signed, [[1, '/DisplayDocTitle true', '/HideWindowUI true']]),
    'TOTAL-FAILED | -catalog | changed-after-signing',
  ],
  [
    'the mode of the first view',
    () => edit(signed, [[1, '/UseNone', '/UseAttachments']]),
    'TOTAL-FAILED | -catalog | changed-after-signing',
  ],
  [
    'a portfolio opened with another file (Collection)',
    () => edit(signed, [[1, '/View /D', '/View /H /D (a.txt)']]),
    'TOTAL-FAILED | -catalog | changed-after-signing',
  ],
  [
    'article threads',
    () => edit(signed, [[46, '[0 0 100 100]', '[0 0 200 200]']]),
    'TOTAL-FAILED | -navigation | changed-after-signing',
  ],
  [
    'permissions of a certification claimed (Perms)',
    () => inCatalog('/Perms << /DocMDP 70 0 R >>', { 70: '<< /Type /Sig >>' }),
    'TOTAL-FAILED | -catalog +unused-object | changed-after-signing',
  ],
  [
    'usage rights claimed (Perms UR3)',
    () => inCatalog('/Perms << /UR3 70 0 R >>', { 70: '<< /Type /Sig >>' }),
    'TOTAL-FAILED | -catalog +unused-object | changed-after-signing',
  ],
  [
    'requirements for readers',
    () => inCatalog('/Requirements [<< /S /EnableJavaScripts >>]'),
    'TOTAL-FAILED | -catalog | changed-after-signing',
  ],
  [
    'a base for addresses (URI)',
    () => inCatalog('/URI << /Base (https://evil.invalid/) >>'),
    'TOTAL-FAILED | -catalog | changed-after-signing',
  ],
  [
    'another page tree in the catalog (hide and replace)',
    () => edit(signed, [[1, '/Pages 2 0 R', '/Pages 60 0 R']]),
    'TOTAL-FAILED | -page-tree | changed-after-signing',
  ],
  [
    'the form taken out of the catalog',
    () => edit(signed, [[1, '/AcroForm 20 0 R', '']]),
    'TOTAL-FAILED | | signature-hidden',
  ],
  [
    'metadata made the content of a page',
    () =>
      edit(signed, [
        [1, '/Metadata 35 0 R', '/Metadata 5 0 R'],
        [5, 'Pay 100', 'Pay 900'],
      ]),
    'TOTAL-FAILED | -metadata -content | changed-after-signing',
  ],
  [
    'the information dictionary made a page',
    () => appendUpdate(signed, { 11: '<< /Title (x) >>' }, trailerOf(signed, '/Info 11 0 R')),
    'TOTAL-FAILED | | malformed-pdf',
  ],
  [
    'validation data that is the content of a page',
    () => inCatalog('/DSS << /Certs [5 0 R] >>', { 5: data }),
    'TOTAL-FAILED | +validation-data -content | revocation-data-ignored changed-after-signing',
  ],
  [
    'validation data that carries a page',
    () =>
      inCatalog('/DSS << /Certs [70 0 R] >>', {
        70: '<< /Type /Page /Parent 2 0 R /Contents 62 0 R >>',
        11: '<< /Type /Page /Parent 2 0 R /Contents 62 0 R >>',
      }),
    'TOTAL-FAILED | +validation-data -resource -content +unused-object | revocation-data-ignored changed-after-signing',
  ],
  [
    'an extension that is a list of pages',
    () => inCatalog('/Extensions 2 0 R', { 2: objectText(signed, 60) }),
    'TOTAL-FAILED | -catalog -page-tree | changed-after-signing',
  ],
  [
    'a version that is an action',
    () => inCatalog(`/Version ${javascript} /OpenAction ${javascript}`),
    'TOTAL-FAILED | -catalog -action | changed-after-signing',
  ],
];

const benign: readonly Attack[] = [
  [
    'the information dictionary of another program',
    () => appendUpdate(signed, { 3: '<< /Producer (other) /ModDate (D:20260602) >>' }),
    'TOTAL-PASSED | +metadata |',
  ],
  [
    'metadata of another program',
    () => edit(signed, [], { 35: xmp.replace('<x:xmpmeta/>', '<x:xmpmet />') }),
    'TOTAL-PASSED | +metadata |',
  ],
  [
    'the extension that PAdES states',
    () => inCatalog('/Extensions << /ADBE << /BaseVersion /1.7 /ExtensionLevel 8 >> >>'),
    'TOTAL-PASSED | +metadata |',
  ],
  ['a later version in the catalog', () => inCatalog('/Version /2.0'), 'TOTAL-PASSED | +metadata |'],
  [
    'validation data (DSS)',
    () =>
      inCatalog('/DSS 70 0 R', {
        70: '<< /Type /DSS /Certs [71 0 R] /VRI << /AB << /Type /VRI /Cert [71 0 R] >> >> >>',
        71: certificate,
      }),
    'TOTAL-PASSED | +validation-data |',
  ],
];

function trailerOf(bytes: Uint8Array, entries: string): string {
  const text = Buffer.from(bytes).toString('latin1');
  const previous = /startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1] ?? '';
  return `/Size 200 /Root 1 0 R ${entries} /Prev ${previous}`;
}

describe('attacks on the catalog and what hangs on it', () => refused(() => judge, catalog));
describe('changes beside the pages that show nothing', () => allowed(() => judge, benign));
