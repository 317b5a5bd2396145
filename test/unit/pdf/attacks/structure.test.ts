// Attacks on how a signed PDF is put together: incremental saving (ISA), signature wrapping (SWA), universal forgery (USF), cross-references, polyglots; ISO 32000-2, 7.5 and 12.8.1.

import { openPdf } from '../../../../src/pdf/reader.ts';
import { signedPdf, pdfJudge } from '../../../support/pdf-signing.ts';
import { appendUpdate, objectText } from '../../../support/pdf-samples.ts';
import { sandboxPki } from '../../pki/sandbox-pki.ts';
import { type Attack, allowed, refused } from './attack.ts';
import { edit, stream, victim } from './victim.ts';

const pki = await sandboxPki();
const judge = pdfJudge(pki);
const signed = await signedPdf(pki, victim());
const text = Buffer.from(signed).toString('latin1');
const [signature] = openPdf(signed).signatures;
const [, gapStart = 0, gapEnd = 0] = signature?.byteRange ?? [];
const value = signature?.objectNumber ?? 0;
const lastXref = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
const firstXref = Number(/startxref\n(\d+)\n%%EOF/.exec(text)?.[1]);
const bytes = (latin1: string): Uint8Array => Uint8Array.from(Buffer.from(latin1, 'latin1'));
const joined = (...parts: readonly (Uint8Array | string)[]) =>
  Uint8Array.from(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part))));

const evil = `5 0 obj\n${stream('BT /F1 24 Tf 72 700 Td (Pay 900) Tj ET')}\nendobj\n`;
const row = (offset: number, generation = 0, kind = 'n') =>
  `${String(offset).padStart(10, '0')} ${String(generation).padStart(5, '0')} ${kind} \n`;
const trailer = (entries: string, at: number) => `trailer\n<< /Size 200 ${entries} >>\nstartxref\n${at}\n%%EOF\n`;
const tableAt = (at: number, rows: string, entries = `/Root 1 0 R /Info 3 0 R /Prev ${lastXref}`) =>
  `xref\n${rows}${trailer(entries, at)}`;

const incremental: readonly Attack[] = [
  [
    'ISA 1: new body, cross-reference and trailer',
    () => appendUpdate(signed, { 5: stream('(Pay 900) Tj') }),
    'TOTAL-FAILED | -content | changed-after-signing',
  ],
  ['ISA 2: a new body and nothing else', () => joined(signed, evil), 'TOTAL-FAILED | | malformed-pdf'],
  [
    'ISA 3: a new body and a trailer, no cross-reference',
    () => joined(signed, evil, trailer('/Root 1 0 R', 0)),
    'TOTAL-FAILED | | malformed-pdf',
  ],
  [
    'ISA 4: a new body and a startxref to the signed cross-reference',
    () => joined(signed, evil, `startxref\n${lastXref}\n%%EOF\n`),
    'TOTAL-FAILED | -structure | changed-after-signing',
  ],
  [
    'ISA: the signature copied under a new number',
    () => appendUpdate(signed, { 5: stream('(Pay 900) Tj'), 90: objectText(signed, value) }),
    'TOTAL-FAILED | -content +unused-object | signature-hidden changed-after-signing',
  ],
  [
    'ISA: the signature copied under its own number',
    () => appendUpdate(signed, { 5: stream('(Pay 900) Tj'), [value]: objectText(signed, value) }),
    'TOTAL-FAILED | -byte-range | signature-hidden byte-range-gap message-digest-mismatch changed-after-signing',
  ],
  [
    'ISA: the whole catalog replaced',
    () => appendUpdate(signed, { 90: objectText(signed, 1) }, `/Size 200 /Root 90 0 R /Prev ${lastXref}`),
    'TOTAL-FAILED | -catalog +unused-object | changed-after-signing',
  ],
  [
    'ISA: a comment between the update and the end',
    () => joined(signed, '% harmless\n', `startxref\n${lastXref}\n%%EOF\n`),
    'TOTAL-FAILED | -structure | changed-after-signing',
  ],
  ['ISA: a second %%EOF', () => joined(signed, '%%EOF\n'), 'TOTAL-FAILED | | malformed-pdf'],
  [
    'ISA: the update does not build on the signed revision',
    () => appendUpdate(signed, { 5: stream('(Pay 900) Tj') }, `/Size 200 /Root 1 0 R /Prev ${firstXref}`),
    'TOTAL-FAILED | | signature-hidden',
  ],
  [
    'ISA: an update that says it has no predecessor',
    () => appendUpdate(signed, { 5: stream('(Pay 900) Tj') }, '/Size 200 /Root 1 0 R'),
    'TOTAL-FAILED | | malformed-pdf',
  ],
];

const spliced = (inGap: string): Uint8Array => {
  const value = text.slice(gapStart, gapEnd - 1).replace(/0+$/, '');
  const even = value.length % 2 === 0 ? `${value}0` : value;
  return bytes(text.slice(0, gapStart) + `${even}>${inGap}`.padEnd(gapEnd - gapStart, ' ') + text.slice(gapEnd));
};
const patched = (from: string | RegExp, to: string) => {
  const found = text.slice(0, gapStart).lastIndexOf('/ByteRange');
  const [head, dict, tail] = [text.slice(0, found), text.slice(found, gapStart), text.slice(gapStart)];
  return bytes(head + dict.replace(from, to) + tail);
};
const range = /\[\d+ \d+ \d+ \d+\]/;
const inRange = (numbers: string): Uint8Array =>
  patched(range, `[${numbers}]`.padEnd('[0000000000 0000000000 0000000000 0000000000]'.length));

const wrapping: readonly Attack[] = [
  [
    'SWA 1: objects in the gap, the padding shortened',
    () => spliced(evil.replaceAll('\n', ' ')),
    'TOTAL-FAILED | | malformed-pdf',
  ],
  ['SWA 1: a cross-reference in the gap', () => spliced(`xref 0 1 ${row(0)}`), 'TOTAL-FAILED | | malformed-pdf'],
  ['SWA 1: a second Contents in the gap', () => spliced(' /Contents <00>'), 'TOTAL-FAILED | | malformed-pdf'],
  ['SWA 1: a comment in the gap', () => spliced('% x'), 'TOTAL-FAILED | | malformed-pdf'],
  [
    'SWA 2: the second part moved behind new objects, and the range with it',
    () => {
      const moved = `${evil}${text.slice(gapEnd)}`;
      const end = gapEnd + evil.length;
      const next = `[0000000000 ${[gapStart, end, text.length - gapEnd].map((n) => String(n).padStart(10, '0')).join(' ')}]`;
      return bytes(
        text.slice(0, gapStart).replace(/\/ByteRange \[[\d ]+\](?=[^]*$)/, `/ByteRange ${next}`) +
          text.slice(gapStart, gapEnd) +
          moved,
      );
    },
    'TOTAL-FAILED | | malformed-pdf',
  ],
  [
    'SWA: a gap that is not the Contents',
    () => inRange(`0 ${gapStart - 40} ${gapEnd} ${text.length - gapEnd}`),
    'TOTAL-FAILED | -byte-range | byte-range-gap signature-contents-respelled message-digest-mismatch changed-after-signing',
  ],
  [
    'SWA: a gap that is wider than the Contents',
    () => inRange(`0 ${gapStart} ${gapEnd + 20} ${text.length - gapEnd - 20}`),
    'TOTAL-FAILED | -byte-range | byte-range-gap signature-contents-respelled message-digest-mismatch changed-after-signing',
  ],
];

const inUpdate = (from: string | RegExp, to: string) =>
  appendUpdate(signed, { [value]: objectText(signed, value).replace(from, to) });
const contents = /\/Contents <[0-9a-f]*>/;

const forgery: readonly Attack[] = [
  [
    'USF: no ByteRange',
    () => inUpdate(/\/ByteRange \[[^\]]*\]/, ''),
    'TOTAL-FAILED | -byte-range | signature-hidden byte-range-invalid signature-contents-respelled message-digest-mismatch changed-after-signing',
  ],
  [
    'USF: ByteRange null',
    () => inUpdate(range, 'null'),
    'TOTAL-FAILED | -byte-range | signature-hidden byte-range-invalid signature-contents-respelled message-digest-mismatch changed-after-signing',
  ],
  [
    'USF: ByteRange empty',
    () => inUpdate(range, '[]'),
    'TOTAL-FAILED | -byte-range | signature-hidden byte-range-invalid signature-contents-respelled message-digest-mismatch changed-after-signing',
  ],
  [
    'USF: ByteRange of zeros',
    () => inRange('0 0 0 0'),
    'TOTAL-FAILED | -byte-range | byte-range-invalid signature-contents-respelled message-digest-mismatch changed-after-signing',
  ],
  [
    'USF: a negative ByteRange',
    () => inRange(`0 ${gapStart} -${gapEnd} ${text.length}`),
    'TOTAL-FAILED | -byte-range | byte-range-invalid signature-contents-respelled message-digest-mismatch changed-after-signing',
  ],
  [
    'USF: ByteRange of two numbers',
    () => inRange(`0 ${text.length}`),
    'TOTAL-FAILED | -byte-range | byte-range-invalid signature-contents-respelled message-digest-mismatch changed-after-signing',
  ],
  [
    'USF: ByteRange of six numbers',
    () => inUpdate(range, `[0 ${gapStart} ${gapEnd} 10 ${gapEnd + 20} 10]`),
    'TOTAL-FAILED | -byte-range | signature-hidden byte-range-invalid message-digest-mismatch changed-after-signing',
  ],
  [
    'USF: ByteRange that starts late',
    () => inRange(`9 ${gapStart - 9} ${gapEnd} ${text.length - gapEnd}`),
    'TOTAL-FAILED | -byte-range | byte-range-invalid signature-contents-respelled message-digest-mismatch changed-after-signing',
  ],
  [
    'USF: ByteRange that ends early',
    () => inRange(`0 ${gapStart} ${gapEnd} 100`),
    'TOTAL-FAILED | -byte-range | byte-range-end message-digest-mismatch changed-after-signing',
  ],
  [
    'USF: ByteRange beyond the file',
    () => inRange(`0 ${gapStart} ${gapEnd} 9999999999`),
    'TOTAL-FAILED | -byte-range | byte-range-invalid message-digest-mismatch changed-after-signing',
  ],
  [
    'USF: ByteRange whose parts overlap',
    () => inRange(`0 ${gapEnd} ${gapStart} ${text.length - gapStart}`),
    'TOTAL-FAILED | -byte-range | byte-range-invalid signature-contents-respelled message-digest-mismatch changed-after-signing',
  ],
  [
    'USF: ByteRange of fractions',
    () => inRange(`0 ${gapStart}.5 ${gapEnd} 9`),
    'TOTAL-FAILED | -byte-range | byte-range-invalid message-digest-mismatch changed-after-signing',
  ],
  [
    'USF: ByteRange of references',
    () => inUpdate(range, '[0 91 0 R 92 0 R 93 0 R]'),
    'TOTAL-FAILED | -byte-range | signature-hidden byte-range-invalid signature-contents-respelled message-digest-mismatch changed-after-signing',
  ],
  [
    'USF: no Contents',
    () => inUpdate(contents, ''),
    'TOTAL-FAILED | -byte-range | signature-hidden signature-contents-invalid malformed-cms changed-after-signing',
  ],
  [
    'USF: Contents null',
    () => inUpdate(contents, '/Contents null'),
    'TOTAL-FAILED | -byte-range | signature-hidden signature-contents-invalid malformed-cms changed-after-signing',
  ],
  [
    'USF: Contents empty',
    () => inUpdate(contents, '/Contents <>'),
    'TOTAL-FAILED | -byte-range | signature-hidden byte-range-gap signature-contents-invalid malformed-cms changed-after-signing',
  ],
  [
    'USF: Contents 00',
    () => inUpdate(contents, '/Contents <00>'),
    'TOTAL-FAILED | -byte-range | signature-hidden byte-range-gap signature-contents-invalid malformed-cms changed-after-signing',
  ],
  [
    'USF: Contents a literal string',
    () => inUpdate(contents, '/Contents (x)'),
    'TOTAL-FAILED | -byte-range | signature-hidden signature-contents-invalid malformed-cms changed-after-signing',
  ],
  [
    'USF: Contents a reference',
    () => inUpdate(contents, '/Contents 90 0 R'),
    'TOTAL-FAILED | -byte-range | signature-hidden signature-contents-invalid malformed-cms changed-after-signing',
  ],
  [
    'USF: Contents all zeros',
    () => bytes(text.slice(0, gapStart + 1) + '0'.repeat(gapEnd - gapStart - 2) + text.slice(gapEnd - 1)),
    'TOTAL-FAILED | -byte-range | signature-contents-invalid malformed-cms changed-after-signing',
  ],
  [
    'USF: data in the padding',
    () => bytes(`${text.slice(0, gapEnd - 5)}dead${text.slice(gapEnd - 1)}`),
    'TOTAL-FAILED | -byte-range | signature-contents-invalid malformed-cms changed-after-signing',
  ],
  [
    'USF: digits of both cases',
    () =>
      bytes(text.slice(0, gapStart) + text.slice(gapStart, gapStart + 400).toUpperCase() + text.slice(gapStart + 400)),
    'TOTAL-FAILED | | signature-contents-respelled',
  ],
  [
    'USF: another SubFilter',
    () => inUpdate('/ETSI.CAdES.detached', '/adbe.x509.rsa_sha1'),
    'TOTAL-FAILED | -byte-range | signature-hidden byte-range-gap signature-format-not-supported message-digest-mismatch changed-after-signing',
  ],
  [
    'USF: no Filter',
    () => inUpdate('/Filter /Adobe.PPKLite', ''),
    'TOTAL-FAILED | -byte-range | signature-hidden byte-range-gap message-digest-mismatch changed-after-signing',
  ],
  [
    'USF: the signature made a reference to nothing',
    () => edit(signed, [[openPdf(signed).fields.at(-1)?.ref.number ?? 0, `/V ${value} 0 R`, '/V 99 0 R']]),
    'TOTAL-FAILED | | signature-hidden',
  ],
  [
    'spoofed dictionary: another reason',
    () => inUpdate('/M (D:2026', '/Reason (agreed) /M (D:2026'),
    'TOTAL-FAILED | -byte-range | signature-hidden byte-range-gap message-digest-mismatch changed-after-signing',
  ],
  [
    'spoofed dictionary: another name and time',
    () => inUpdate('/M (D:2026', '/Name (Minister) /M (D:2020'),
    'TOTAL-FAILED | -byte-range | signature-hidden byte-range-gap message-digest-mismatch changed-after-signing',
  ],
  [
    'spoofed dictionary: an orphan copy that the field does not name',
    () => appendUpdate(signed, { 90: objectText(signed, value).replace('/M (D:2026', '/Name (Minister) /M (D:2026') }),
    'TOTAL-FAILED | +unused-object | signature-hidden',
  ],
  [
    'one value in two fields',
    () => edit(signed, [[20, /\/Fields \[/, '/Fields [90 0 R ']], { 90: `<< /FT /Sig /T (Copy) /V ${value} 0 R >>` }),
    'TOTAL-FAILED | -byte-range | signature-dictionary-shared changed-after-signing',
  ],
];

const generation = `5 1 obj\n${stream('BT (Pay 900) Tj ET')}\nendobj\n`;
const references: readonly Attack[] = [
  [
    'a cross-reference that points a number at other signed bytes',
    () => joined(signed, tableAt(signed.length, `5 1\n${row(text.indexOf('\n62 0 obj') + 1)}`)),
    'TOTAL-FAILED | -structure | changed-after-signing',
  ],
  [
    'a cross-reference alone that frees the content',
    () => joined(signed, tableAt(signed.length, `5 1\n${row(0, 1, 'f')}`)),
    'TOTAL-FAILED | -content | changed-after-signing',
  ],
  [
    'a freed form: the signature is to vanish',
    () => appendUpdate(signed, { 20: null }),
    'TOTAL-FAILED | | signature-hidden',
  ],
  ['a freed signature', () => appendUpdate(signed, { [value]: null }), 'TOTAL-FAILED | | signature-hidden'],
  [
    'a higher generation of the content',
    () => joined(signed, generation, tableAt(signed.length + generation.length, `5 1\n${row(signed.length, 1)}`)),
    'TOTAL-FAILED | -content | changed-after-signing',
  ],
  [
    'a higher generation, and a page that names it',
    () => {
      const page = `11 0 obj\n${objectText(signed, 11).replace('6 0 R', '5 1 R')}\nendobj\n`;
      const at = signed.length + generation.length;
      return joined(
        signed,
        generation,
        page,
        tableAt(at + page.length, `5 1\n${row(signed.length, 1)}11 1\n${row(at)}`),
      );
    },
    'TOTAL-FAILED | -content | changed-after-signing',
  ],
  [
    'an object twice in one table',
    () =>
      joined(
        signed,
        evil,
        tableAt(signed.length + evil.length, `5 1\n${row(signed.length)}5 1\n${row(signed.length)}`),
      ),
    'TOTAL-FAILED | | malformed-pdf',
  ],
  [
    'an object twice in the update: readers that repair see the second',
    () => appendUpdate(signed, { 90: `${stream('x')}\nendobj\n${evil.slice(0, -8)}` }),
    'TOTAL-FAILED | -structure | changed-after-signing',
  ],
  [
    'a table with a chain that runs in a circle',
    () => joined(signed, tableAt(signed.length, `0 1\n${row(0, 65535, 'f')}`, `/Root 1 0 R /Prev ${signed.length}`)),
    'TOTAL-FAILED | | malformed-pdf',
  ],
  [
    'a chain that leaves the signed revision out',
    () => joined(signed, tableAt(signed.length, `0 1\n${row(0, 65535, 'f')}`, `/Root 1 0 R /Prev ${firstXref}`)),
    'TOTAL-FAILED | | signature-hidden',
  ],
  [
    'a later cross-reference inside the signed bytes',
    () => joined(signed, `startxref\n${firstXref}\n%%EOF\n`),
    'TOTAL-FAILED | | signature-hidden',
  ],
  [
    'a hybrid update: the stream hides what the table shows',
    () => {
      const data = Buffer.from([1, 0, 0, 0, 0]);
      data.writeUInt32BE(signed.length, 1);
      const hidden = joined(
        `91 0 obj\n<< /Type /XRef /W [1 4 0] /Index [5 1] /Size 200 /Length 5 >>\nstream\n`,
        data,
        '\nendstream\nendobj\n',
      );
      const at = signed.length + evil.length + hidden.length;
      return joined(
        signed,
        evil,
        hidden,
        tableAt(
          at,
          `0 1\n${row(0, 65535, 'f')}`,
          `/Root 1 0 R /XRefStm ${signed.length + evil.length} /Prev ${lastXref}`,
        ),
      );
    },
    'TOTAL-FAILED | -metadata -content | changed-after-signing',
  ],
  [
    'a hybrid update that points into the signed bytes',
    () =>
      joined(
        signed,
        tableAt(signed.length, `0 1\n${row(0, 65535, 'f')}`, `/Root 1 0 R /XRefStm ${firstXref} /Prev ${lastXref}`),
      ),
    'TOTAL-FAILED | | malformed-pdf',
  ],
  [
    'an object stream that overrides the content of a page',
    () => {
      const packed = '10 0 << /Type /Page /Parent 2 0 R /Contents 62 0 R >>';
      const container = `92 0 obj\n<< /Type /ObjStm /N 1 /First 5 /Length ${packed.length} >>\nstream\n${packed}\nendstream\nendobj\n`;
      const rows = Buffer.alloc(15);
      rows.set([2, 0, 0, 0, 92], 0);
      rows[5] = 1;
      rows.writeUInt32BE(signed.length + container.length, 6);
      rows[10] = 1;
      rows.writeUInt32BE(signed.length, 11);
      const xref = joined(
        `91 0 obj\n<< /Type /XRef /W [1 4 0] /Index [10 1 91 2] /Size 200 /Root 1 0 R /Prev ${lastXref} /Length 15 >>\nstream\n`,
        rows,
        '\nendstream\nendobj\n',
      );
      return joined(signed, container, xref, `startxref\n${signed.length + container.length}\n%%EOF\n`);
    },
    'TOTAL-FAILED | -metadata -resource -content -page -annotation | changed-after-signing',
  ],
  [
    'a size that makes objects missing',
    () => appendUpdate(signed, { 5: stream('x') }, `/Size 4 /Root 1 0 R /Prev ${lastXref}`),
    'TOTAL-FAILED | | malformed-pdf',
  ],
  [
    'encryption switched on by the update',
    () => appendUpdate(signed, {}, `/Size 200 /Root 1 0 R /Encrypt << /Filter /Standard >> /Prev ${lastXref}`),
    'refused | | encrypted-pdf',
  ],
  [
    'a linearisation dictionary that lies, in front',
    () => joined('%PDF-1.7\n1 0 obj\n<< /Linearized 1 /L 9 >>\nendobj\n', signed),
    'TOTAL-FAILED | | malformed-pdf',
  ],
  [
    'a linearisation dictionary that lies, behind',
    () => appendUpdate(signed, { 90: '<< /Linearized 1 /L 9 /H [0 9] /O 61 /E 9 /N 1 /T 9 >>', 5: stream('x') }),
    'TOTAL-FAILED | -content +unused-object | changed-after-signing',
  ],
];

const spelling: readonly Attack[] = [
  [
    'a key twice in the catalog',
    () => edit(signed, [[1, '/Pages 2 0 R', '/Pages 2 0 R /Pages 60 0 R']]),
    'TOTAL-FAILED | | malformed-pdf',
  ],
  [
    'a key twice, once escaped',
    () => edit(signed, [[1, '/Pages 2 0 R', '/Pages 2 0 R /P#61ges 60 0 R']]),
    'TOTAL-FAILED | | malformed-pdf',
  ],
  [
    'a key behind a comment',
    () => edit(signed, [[1, '/Pages 2 0 R', '/Pages % 2 0 R\n60 0 R']]),
    'TOTAL-FAILED | -page-tree | changed-after-signing',
  ],
  [
    'a key with a NUL in it',
    () => edit(signed, [[1, '/Pages 2 0 R', '/Pages#00 2 0 R /Pages 60 0 R']]),
    'TOTAL-FAILED | | malformed-pdf',
  ],
  [
    'an object that is nothing but a reference',
    () => appendUpdate(signed, { 5: '62 0 R' }),
    'TOTAL-FAILED | -content | changed-after-signing',
  ],
  [
    'a stream shorter than it says',
    () => appendUpdate(signed, { 5: stream('x').replace('/Length 1', '/Length 0') }),
    'TOTAL-FAILED | -structure | changed-after-signing',
  ],
];

const around: readonly Attack[] = [
  ['bytes before %PDF', () => joined('GIF89a', signed), 'TOTAL-FAILED | | malformed-pdf'],
  ['a script before %PDF', () => joined('#!/bin/sh\nexit\n', signed), 'TOTAL-FAILED | | malformed-pdf'],
  ['a ZIP behind the end', () => joined(signed, 'PK\x03\x04archive'), 'TOTAL-FAILED | | malformed-pdf'],
  ['a page of HTML behind the end', () => joined(signed, '<html><script>x</script>'), 'TOTAL-FAILED | | malformed-pdf'],
  ['another PDF in front', () => joined(victim(), signed), 'TOTAL-FAILED | | malformed-pdf'],
  ['another PDF behind', () => joined(signed, victim()), 'TOTAL-FAILED | | signature-hidden'],
  [
    'the signed file inside another as an attachment',
    () => victim({ 40: `<< /Type /EmbeddedFile /Length ${signed.length} >>\nstream\n${text}\nendstream` }),
    'INDETERMINATE | | no-signature',
  ],
];

const untouched: readonly Attack[] = [
  ['the signed file', () => signed, 'TOTAL-PASSED | |'],
  ['the signed file with a line end behind it', () => joined(signed, '\r\n'), 'TOTAL-PASSED | |'],
  [
    'objects rewritten as they were',
    () => appendUpdate(signed, { 5: objectText(signed, 5), 10: objectText(signed, 10) }),
    'TOTAL-PASSED | |',
  ],
  ['objects that nobody uses', () => appendUpdate(signed, { 90: stream('x') }), 'TOTAL-PASSED | +unused-object |'],
];

describe('incremental saving attacks', () => refused(() => judge, incremental));
describe('signature wrapping attacks', () => refused(() => judge, wrapping));
describe('universal signature forgery', () => refused(() => judge, forgery));
describe('attacks on cross-references, generations and object streams', () => refused(() => judge, references));
describe('attacks by spelling', () => refused(() => judge, spelling));
describe('bytes around the document', () => refused(() => judge, around));
describe('updates that change nothing', () => allowed(() => judge, untouched));
