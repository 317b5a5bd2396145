// Attacks on a package that two seals protect: pages, templates, resources, annotations, attachments, versions, the list of signatures, seals and values exchanged; GB/T 33190-2016, 18.

import assert from 'node:assert/strict';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { fromUtf8, utf8 } from '../../../src/kernel/bytes.ts';
import { OfdPackage } from '../../../src/ofd/package.ts';
import { type Files, ofdFiles, ofdJudge, zip, type ZipPart, parts } from '../../support/ofd-samples.ts';
import { signedOfd } from '../../support/ofd-signing.ts';
import { sandboxPki } from '../pki/sandbox-pki.ts';

const pki = await sandboxPki('SM2');
const stranger = await sandboxPki('SM2');
const judge = ofdJudge(pki);
const namespace = 'xmlns:ofd="http://www.ofdspec.org/2016"';
const source = zip({
  ...ofdFiles({ pageCount: 2 }),
  'Doc_0/PublicRes.xml': `<ofd:Res ${namespace} BaseLoc="Res"/>`,
  'Doc_0/Res/logo.png': utf8('picture'),
  'Doc_0/Res/song.ttf': utf8('glyphs'),
  'Doc_0/Tpls/Tpl_0/Content.xml': `<ofd:Page ${namespace}/>`,
  'Doc_0/Annots/Annotations.xml': `<ofd:Annotations ${namespace}/>`,
  'Doc_0/Attachs/Attachments.xml': `<ofd:Attachments ${namespace}/>`,
});
const once = await signedOfd(pki, source);
const twice = await signedOfd(pki, once, {
  stamps: [{ pageId: '2', boundary: { xMm: 20, yMm: 20, widthMm: 42, heightMm: 42 } }],
});
const locked = await signedOfd(pki, source, { mode: 'lock' });

function filesOf(bytes: Uint8Array): Files {
  const opened = OfdPackage.open(bytes);
  return Object.fromEntries(opened.names.map((name) => [name, opened.content(name)]));
}

const list = 'Doc_0/Signs/Signatures.xml';
const sign = (n: number, name: string) => `Doc_0/Signs/Sign_${n}/${name}`;
const page = (n: number) => `Doc_0/Pages/Page_${n}/Content.xml`;

const without =
  (...names: string[]) =>
  (files: Files) =>
    Object.fromEntries(Object.entries(files).filter(([name]) => !names.includes(name)));
const added = (more: Files) => (files: Files) => ({ ...files, ...more });
const replaced = (name: string, from: string | RegExp, to: string) => (files: Files) => {
  const text = fromUtf8(files[name] as Uint8Array) ?? '';
  assert.notEqual(text.replace(from, to), text, `${name} holds ${String(from)}`);
  return { ...files, [name]: text.replace(from, to) };
};
const exchanged =
  (one: string, other: string) =>
  (files: Files): Files => ({
    ...files,
    [one]: files[other] ?? '',
    [other]: files[one] ?? '',
  });
const all =
  (...changes: readonly ((files: Files) => Files)[]) =>
  (files: Files) =>
    changes.reduce((held, change) => change(held), files);

/** The verdict, that of each signature with what it covers, and the codes of errors and warnings. */
async function told(bytes: Uint8Array): Promise<string> {
  try {
    const { verdict, signatures, findings } = await judge.judge(bytes);
    const each = signatures.map(
      ({ report }) => `${report.indication === 'TOTAL-PASSED' ? '+' : '-'}${report.coverage}`,
    );
    const codes = [...findings, ...signatures.flatMap(({ report }) => report.findings)]
      .filter(({ severity }) => severity !== 'info')
      .map(({ code }) => code);
    return [verdict.indication, each.join(' '), [...new Set(codes)].join(' ')].join(' | ');
  } catch (error) {
    if (!isTrustError(error)) throw error;
    return `refused | | ${error.code}`;
  }
}

type Attack = readonly [name: string, make: () => Uint8Array | Promise<Uint8Array>, told: string];
const changed =
  (change: (files: Files) => Files, of = twice) =>
  () =>
    zip(change(filesOf(of)));
const entity = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>';
const body = `<ofd:DocBody><ofd:DocInfo><ofd:DocID>2</ofd:DocID></ofd:DocInfo><ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot></ofd:DocBody>`;
const documentOf = (files: Files, folder: string): Files => ({
  [`${folder}/Document.xml`]: files['Doc_0/Document.xml'] ?? '',
  [`${folder}/Pages/Page_0/Content.xml`]: files[page(0)] ?? '',
  [`${folder}/Pages/Page_1/Content.xml`]: files[page(1)] ?? '',
});

const content: readonly Attack[] = [
  [
    'a page changed',
    changed(replaced(page(1), '印信', '信印')),
    'TOTAL-FAILED | -revision -whole-file | digest-mismatch',
  ],
  ['a page removed', changed(without(page(1))), 'TOTAL-FAILED |  | malformed-ofd'],
  [
    'two pages exchanged in the list',
    changed(replaced('Doc_0/Document.xml', /Page_0(.*)Page_1/, 'Page_1$1Page_0')),
    'TOTAL-FAILED | -revision -whole-file | digest-mismatch',
  ],
  [
    'the files of two pages exchanged',
    changed(all(replaced(page(0), '印信', '信印'), exchanged(page(0), page(1)))),
    'TOTAL-FAILED | -revision -whole-file | digest-mismatch',
  ],
  [
    'a page added to the list',
    changed(
      replaced(
        'Doc_0/Document.xml',
        '</ofd:Pages>',
        '<ofd:Page ID="9" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages>',
      ),
    ),
    'TOTAL-FAILED | -revision -whole-file | digest-mismatch',
  ],
  [
    'the list of pages led to another folder',
    changed((files) => ({
      ...replaced('Doc_0/Document.xml', 'Pages/Page_1/', 'Pages/Page_9/')(files),
      [page(9)]: files[page(1)] ?? '',
    })),
    'TOTAL-FAILED | -partial -partial | digest-mismatch package-not-covered',
  ],
  [
    'a page beside, where a relative path is looked for first',
    changed((files) => ({ ...files, 'Doc_0/Doc_0/Pages/Page_0/Content.xml': files[page(0)] ?? '' })),
    'INDETERMINATE | -partial -partial | package-not-covered',
  ],
  [
    'a template changed',
    changed(replaced('Doc_0/Tpls/Tpl_0/Content.xml', '/>', '><ofd:Content/></ofd:Page>')),
    'TOTAL-FAILED | -revision -whole-file | digest-mismatch',
  ],
  [
    'a template added',
    changed(added({ 'Doc_0/Tpls/Tpl_1/Content.xml': `<ofd:Page ${namespace}/>` })),
    'INDETERMINATE | -partial -partial | package-not-covered',
  ],
  [
    'a font replaced',
    changed(added({ 'Doc_0/Res/song.ttf': utf8('glyphz') })),
    'TOTAL-FAILED | -revision -whole-file | digest-mismatch',
  ],
  [
    'a picture replaced',
    changed(added({ 'Doc_0/Res/logo.png': utf8('pictures') })),
    'TOTAL-FAILED | -revision -whole-file | digest-mismatch',
  ],
  [
    'the base of resources changed',
    changed(replaced('Doc_0/PublicRes.xml', 'BaseLoc="Res"', 'BaseLoc="Other"')),
    'TOTAL-FAILED | -revision -whole-file | digest-mismatch',
  ],
  [
    'resources added',
    changed(added({ 'Doc_0/DocumentRes.xml': `<ofd:Res ${namespace}/>` })),
    'INDETERMINATE | -partial -partial | package-not-covered',
  ],
  [
    'an annotation written',
    changed(replaced('Doc_0/Annots/Annotations.xml', '/>', '><ofd:Page PageID="1"/></ofd:Annotations>')),
    'TOTAL-FAILED | -revision -whole-file | digest-mismatch',
  ],
  [
    'an annotation of a page added',
    changed(added({ 'Doc_0/Annots/Page_0/Annotation.xml': `<ofd:PageAnnot ${namespace}/>` })),
    'INDETERMINATE | -partial -partial | package-not-covered',
  ],
  [
    'an attachment added',
    changed(added({ 'Doc_0/Attachs/a.bin': utf8('x') })),
    'INDETERMINATE | -partial -partial | package-not-covered',
  ],
  [
    'attachments relisted',
    changed(replaced('Doc_0/Attachs/Attachments.xml', '/>', '><ofd:Attachment ID="1"/></ofd:Attachments>')),
    'TOTAL-FAILED | -revision -whole-file | digest-mismatch',
  ],
  [
    'a tree of versions',
    changed(
      all(
        replaced(
          'OFD.xml',
          '</ofd:DocBody>',
          '<ofd:Versions><ofd:Version ID="1" Index="0" Current="true" BaseLoc="Doc_0/V.xml"/></ofd:Versions></ofd:DocBody>',
        ),
        added({ 'Doc_0/V.xml': `<ofd:DocVersion ${namespace}/>` }),
      ),
    ),
    'TOTAL-FAILED | -partial -partial | digest-mismatch package-not-covered',
  ],
  [
    'a second document',
    changed((files) => ({
      ...replaced('OFD.xml', '</ofd:OFD>', `${body}</ofd:OFD>`)(files),
      ...documentOf(files, 'Doc_1'),
    })),
    'TOTAL-FAILED | -partial -partial | digest-mismatch package-not-covered',
  ],
  [
    'another document in place of the first',
    changed((files) => ({
      ...replaced('OFD.xml', 'Doc_0/Document.xml', 'Doc_1/Document.xml')(files),
      ...documentOf(files, 'Doc_1'),
    })),
    'TOTAL-FAILED | -partial -partial | digest-mismatch package-not-covered',
  ],
  [
    'the particulars of the document',
    changed(replaced('OFD.xml', '0001</ofd:DocID>', '0002</ofd:DocID>')),
    'TOTAL-FAILED | -revision -whole-file | digest-mismatch',
  ],
  [
    'tags of its own',
    changed(added({ 'Doc_0/Tags/CustomTags.xml': `<ofd:CustomTags ${namespace}/>` })),
    'INDETERMINATE | -partial -partial | package-not-covered',
  ],
];

const lists: readonly Attack[] = [
  [
    'a row hidden under another name',
    changed(replaced(list, '<ofd:Signature ', '<ofd:Other ')),
    'TOTAL-FAILED | +whole-file | signature-hidden',
  ],
  [
    'a row in another namespace',
    changed(replaced(list, '<ofd:Signature ', '<x:Signature xmlns:x="urn:x" ')),
    'TOTAL-FAILED | +whole-file | signature-hidden',
  ],
  [
    'a row in a comment',
    changed(replaced(list, /(<ofd:Signature [^>]*\/>)/, '<!-- $1 -->')),
    'TOTAL-FAILED | +whole-file | signature-hidden',
  ],
  ['a row twice', changed(replaced(list, /(<ofd:Signature [^>]*\/>)/, '$1$1')), 'TOTAL-FAILED |  | malformed-ofd'],
  ['a row led to the other signature', changed(replaced(list, 'Sign_0', 'Sign_1')), 'TOTAL-FAILED |  | malformed-ofd'],
  [
    'a row that leads nowhere',
    changed(replaced(list, 'Sign_0/Signature.xml', 'Sign_7/Signature.xml')),
    'TOTAL-FAILED | -partial +whole-file | signature-hidden malformed-ofd',
  ],
  [
    'the list taken out of OFD.xml',
    changed(replaced('OFD.xml', /<ofd:Signatures>.*<\/ofd:Signatures>/, '')),
    'TOTAL-FAILED |  | signature-hidden',
  ],
  [
    'another list, empty',
    changed(
      all(
        replaced('OFD.xml', 'Signatures.xml', 'Other.xml'),
        added({ 'Doc_0/Signs/Other.xml': `<ofd:Signatures ${namespace}/>` }),
      ),
    ),
    'TOTAL-FAILED |  | signature-hidden',
  ],
  [
    'the first signature taken out whole',
    changed(
      all(
        replaced(list, /<ofd:Signature [^>]*Sign_0[^>]*\/>/, ''),
        without(sign(0, 'Signature.xml'), sign(0, 'SignedValue.dat'), sign(0, 'Seal.esl')),
      ),
    ),
    'TOTAL-FAILED | -whole-file | reference-missing',
  ],
  [
    'a row added to a list that is locked',
    changed(
      replaced(
        list,
        '</ofd:Signatures>',
        '<ofd:Signature ID="9" BaseLoc="/Doc_0/Signs/Sign_9/Signature.xml"/></ofd:Signatures>',
      ),
      locked,
    ),
    'TOTAL-FAILED | -whole-file -partial | digest-mismatch malformed-ofd',
  ],
  [
    'an entity in the list',
    changed(replaced(list, '<ofd:Signatures', `${entity}<ofd:Signatures`)),
    'TOTAL-FAILED |  | malformed-ofd',
  ],
];

const values: readonly Attack[] = [
  [
    'the values of two signatures exchanged',
    changed(exchanged(sign(0, 'SignedValue.dat'), sign(1, 'SignedValue.dat'))),
    'TOTAL-FAILED | -revision -whole-file | digest-mismatch ses-property-wrong seal-file-differs',
  ],
  [
    'the descriptions of two signatures exchanged',
    changed(exchanged(sign(0, 'Signature.xml'), sign(1, 'Signature.xml'))),
    'TOTAL-FAILED | -revision -revision | digest-mismatch ses-property-wrong',
  ],
  [
    'the seal of a stranger in a signature',
    async () => {
      const other = filesOf(await signedOfd(stranger, source));
      return changed(added({ [sign(0, 'Seal.esl')]: other[sign(0, 'Seal.esl')] ?? '' }))();
    },
    'TOTAL-FAILED | -revision -whole-file | digest-mismatch seal-file-differs',
  ],
  [
    'value and seal of a stranger in a signature',
    async () => {
      const other = filesOf(await signedOfd(stranger, source));
      const names = [sign(0, 'Seal.esl'), sign(0, 'SignedValue.dat')];
      return changed(added(Object.fromEntries(names.map((name) => [name, other[name] ?? '']))))();
    },
    'TOTAL-FAILED | -revision -whole-file | digest-mismatch seal-maker-not-trusted no-path',
  ],
  [
    'an empty value',
    changed(added({ [sign(1, 'SignedValue.dat')]: new Uint8Array() })),
    'TOTAL-FAILED | -partial -whole-file | package-not-covered malformed-ses',
  ],
  [
    'no value',
    changed(without(sign(1, 'SignedValue.dat'))),
    'TOTAL-FAILED | +revision -partial | signature-value-missing',
  ],
  ['no seal', changed(without(sign(1, 'Seal.esl'))), 'TOTAL-FAILED | +revision -whole-file | reference-missing'],
  [
    'the case of a reference changed',
    changed(replaced(sign(1, 'Signature.xml'), '/Doc_0/Document.xml', '/DOC_0/Document.xml')),
    'TOTAL-FAILED | +revision -whole-file | digest-mismatch',
  ],
  [
    'a reference taken out',
    changed(
      replaced(sign(1, 'Signature.xml'), /<ofd:Reference FileRef="\/Doc_0\/Res\/logo.png">.*?<\/ofd:Reference>/, ''),
    ),
    'TOTAL-FAILED | +revision -partial | digest-mismatch package-not-covered',
  ],
  [
    'a reference twice',
    changed(replaced(sign(1, 'Signature.xml'), /(<ofd:Reference FileRef="\/OFD.xml">.*?<\/ofd:Reference>)/, '$1$1')),
    'TOTAL-FAILED | +revision -whole-file | digest-mismatch',
  ],
  [
    'references out of the package',
    changed(replaced(sign(1, 'Signature.xml'), 'FileRef="/OFD.xml"', 'FileRef="/../../etc/passwd"')),
    'TOTAL-FAILED | +revision -partial | reference-missing digest-mismatch package-not-covered',
  ],
  [
    'MD5 in place of SM3',
    changed(replaced(sign(1, 'Signature.xml'), /CheckMethod="[^"]*"/, 'CheckMethod="MD5"')),
    'TOTAL-FAILED | +revision -whole-file | weak-algorithm digest-mismatch',
  ],
  [
    'a stamp moved',
    changed(replaced(sign(1, 'Signature.xml'), 'Boundary="20 20', 'Boundary="120 20')),
    'TOTAL-FAILED | +revision -whole-file | digest-mismatch',
  ],
  [
    'a stamp put on another page',
    changed(replaced(sign(1, 'Signature.xml'), 'PageRef="2"', 'PageRef="1"')),
    'TOTAL-FAILED | +revision -whole-file | digest-mismatch',
  ],
  [
    'the value read from the other signature',
    changed(replaced(sign(1, 'Signature.xml'), 'Sign_1/SignedValue.dat', 'Sign_0/SignedValue.dat')),
    'TOTAL-FAILED | -partial -partial | signature-hidden package-not-covered digest-mismatch ses-property-wrong seal-file-differs',
  ],
];

const packed = (more: readonly ZipPart[]) => () => zip([...parts(filesOf(twice)), ...more]);
const shown = utf8('<x/>');
const packages: readonly Attack[] = [
  [
    'a name that differs in case only',
    packed([{ name: page(0).toLowerCase(), content: shown }]),
    'TOTAL-FAILED |  | malformed-ofd',
  ],
  ['a name twice', packed([{ name: page(0), content: shown }]), 'TOTAL-FAILED |  | malformed-ofd'],
  [
    'a name with backslashes',
    packed([{ name: page(0).replaceAll('/', '\\'), content: shown }]),
    'TOTAL-FAILED |  | malformed-ofd',
  ],
  [
    'a name that leads out of the package',
    packed([{ name: '../OFD.xml', content: shown }]),
    'TOTAL-FAILED |  | malformed-ofd',
  ],
  ['a name with a drive', packed([{ name: 'C:/OFD.xml', content: shown }]), 'TOTAL-FAILED |  | malformed-ofd'],
  [
    'a name with a control character',
    packed([{ name: 'a\u0000b.xml', content: shown }]),
    'TOTAL-FAILED |  | malformed-ofd',
  ],
  [
    'a header that names another file than the directory',
    packed([{ name: 'Doc_0/a.xml', content: shown, local: (header) => header.setUint8(4, 9) }]),
    'TOTAL-FAILED |  | malformed-ofd',
  ],
  [
    'a size that the data does not have',
    packed([{ name: 'Doc_0/a.xml', content: shown, central: (header) => header.setUint32(24, 9, true) }]),
    'TOTAL-FAILED |  | malformed-ofd',
  ],
  [
    'an encrypted entry',
    packed([
      {
        name: 'Doc_0/a.xml',
        content: shown,
        local: (header) => header.setUint16(6, 1, true),
        central: (header) => header.setUint16(8, 1, true),
      },
    ]),
    'TOTAL-FAILED |  | unsupported-ofd',
  ],
  [
    'a bomb',
    packed([{ name: 'Doc_0/a.xml', content: new Uint8Array(4 * 1024 * 1024) }]),
    'TOTAL-FAILED |  | unsupported-ofd',
  ],
  [
    'two packages behind one another',
    () => Uint8Array.from(Buffer.concat([source, twice])),
    'TOTAL-FAILED |  | malformed-ofd',
  ],
  [
    'an unsigned package behind the signed one',
    () => Uint8Array.from(Buffer.concat([twice, source])),
    'TOTAL-FAILED |  | malformed-ofd',
  ],
];

const harmless: readonly Attack[] = [
  ['the package as it was signed', () => twice, 'TOTAL-PASSED | +revision +whole-file | '],
  [
    'every entry packed anew, its content the same',
    changed((files) => files),
    'TOTAL-PASSED | +revision +whole-file | ',
  ],
  ['a third signature', () => signedOfd(pki, twice), 'TOTAL-PASSED | +revision +revision +whole-file | '],
  [
    'the last signature taken out whole: what is left is what was there before it',
    changed(() => filesOf(once)),
    'TOTAL-PASSED | +whole-file | ',
  ],
];

function refused(attacks: readonly Attack[]): void {
  for (const [name, make, expected] of attacks) {
    it(name, async () => {
      const said = await told(await make());
      assert.equal(said, expected);
      assert.ok(!said.startsWith('TOTAL-PASSED'));
    });
  }
}

describe('attacks on what a signed OFD holds', () => refused(content));
describe('attacks on the list of signatures', () => refused(lists));
describe('attacks on signatures, values and seals', () => refused(values));
describe('attacks on the package', () => refused(packages));
describe('what does not change a signed OFD', () => {
  for (const [name, make, expected] of harmless) {
    it(name, async () => {
      assert.equal(await told(await make()), expected);
      assert.ok(expected.startsWith('TOTAL-PASSED'));
    });
  }
});
