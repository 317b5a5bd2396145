// Proves what places and fields become in the file: slices that meet, one picture for all, an existing field filled in and its demands kept (ISO 32000-2, 12.5.5, 12.7.5.5).

import assert from 'node:assert/strict';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import { changesAfter } from '../../../src/pdf/changes.ts';
import { PdfArray, PdfDict, PdfRef, PdfStream } from '../../../src/pdf/objects.ts';
import { prepareSignature, type SignatureRequest } from '../../../src/pdf/prepare.ts';
import { openPdf, type PdfDocument } from '../../../src/pdf/reader.ts';
import { signatureFields } from '../../../src/pdf/signable-field.ts';
import { appendUpdate, objectText, samplePdf } from '../../support/pdf-samples.ts';
import { request, signed } from './signing.ts';

/** The last annotation of a page: its rectangle, and the box of its appearance. */
function stampOf({ file, pages }: PdfDocument, page: number): { rect: number[]; box: number[]; face: string } {
  const dict = pages[page - 1]?.dict;
  assert.ok(dict !== undefined);
  const annotation = file.resolve(file.array(dict, 'Annots')?.items.at(-1) ?? null);
  assert.ok(annotation instanceof PdfDict);
  const form = file.get(file.dict(annotation, 'AP') ?? new PdfDict([]), 'N');
  assert.ok(form instanceof PdfStream);
  const resources = form.dict.get('Resources');
  assert.ok(resources instanceof PdfDict);
  const face = (resources.get('XObject') as PdfDict).get('Face');
  assert.ok(face instanceof PdfRef);
  return { rect: numbers(annotation.get('Rect')), box: numbers(form.dict.get('BBox')), face: face.toString() };
}

function numbers(object: unknown): number[] {
  assert.ok(object instanceof PdfArray);
  return object.items.map(Number);
}

function refuses(bytes: Uint8Array, more: Partial<SignatureRequest>, code: ErrorCode, details?: object): void {
  assert.throws(
    () => prepareSignature(request(bytes, more)),
    (error) => {
      assert.ok(isTrustError(error, code), String(error));
      if (details !== undefined) assert.deepEqual(error.details, details);
      return true;
    },
  );
}

describe('slices of one seal on several pages', () => {
  const third = 40 / 3;
  const stamps = [0, 1, 2].map((n) => ({
    page: n + 1,
    xMm: 210 - (n + 1) * third + 20,
    yMm: 100,
    clip: { xMm: n * third, yMm: 0, widthMm: third, heightMm: 40 },
  }));

  it('show the same picture through windows that meet, and end where the page ends', () => {
    const document = openPdf(signed(samplePdf({ pageCount: 3, mediaBox: '[0 0 595.276 841.89]' }), { stamps }));
    const shown = [1, 2, 3].map((page) => stampOf(document, page));
    assert.deepEqual(
      shown.map(({ box: [left, , right] }) => [left, right]),
      [
        [0, 37.795],
        [37.795, 75.591],
        [75.591, 113.386],
      ],
    );
    for (const {
      rect: [left = 0, , right = 0],
      box,
    } of shown) {
      assert.ok(Math.abs(right - 595.276) < 0.002, `${right}`);
      assert.ok(Math.abs(right - left - ((box[2] ?? 0) - (box[0] ?? 0))) < 0.002);
    }
    assert.equal(new Set(shown.map(({ face }) => face)).size, 1);
    const [signature] = document.signatures;
    assert.deepEqual([document.signatures.length, signature?.widgets.length, signature?.findings], [1, 1, []]);
  });

  it('count for what they show when another seal is near', () => {
    const seam = signed(samplePdf({ pageCount: 3, mediaBox: '[0 0 595.276 841.89]' }), { stamps });
    assert.ok(signed(seam, { stamps: [{ page: 1, xMm: 176, yMm: 100 }] }).length > 0);
    refuses(seam, { stamps: [{ page: 1, xMm: 178, yMm: 100 }] }, 'placement-occupied', { page: 1 });
    refuses(samplePdf(), { stamps: stamps.slice(1, 2) }, 'placement-outside-page', { page: 2 });
  });
});

/** A page of A4 with a field of 60 by 50 mm whose lower left corner is at 72 72. */
function withField(
  field = '',
  {
    widget = '',
    form = '',
    page = '',
    annots,
  }: { widget?: string; form?: string; page?: string; annots?: string } = {},
): Uint8Array {
  const shows = annots ?? (widget === '' ? '20 0 R' : '21 0 R');
  const sample = samplePdf({
    catalog: `/AcroForm << /Fields [ 20 0 R ] ${form} >>`,
    page: `/Annots [ ${shows} ] ${page}`,
  });
  const shown = '/Type /Annot /Subtype /Widget /Rect [72 72 242.08 213.73] /F 4';
  return appendUpdate(sample, {
    20: `<< /FT /Sig /T (Approval) ${widget === '' ? shown : '/Kids [ 21 0 R ]'} ${field} >>`,
    ...(widget === '' ? {} : { 21: `<< /Parent 20 0 R ${shown} ${widget} >>` }),
  });
}

const intoField = { existingField: 'Approval', stamps: [] };

describe('ISO 32000-2, 12.7.5.5: a signature field that was there', () => {
  for (const [what, bytes] of [
    ['that is its own widget', withField()],
    ['with a widget of its own', withField('', { widget: '/MK << >>' })],
    ['of a form that has been signed', withField('', { form: '/SigFlags 3' })],
    ['on a turned page', withField('', { page: '/Rotate 90' })],
  ] as const) {
    it(`is filled in, ${what}, and shows the seal in its true size in its middle`, () => {
      const product = signed(bytes, intoField);
      const document = openPdf(product);
      assert.deepEqual(
        document.signatures.map(({ fieldName, findings }) => [fieldName, findings]),
        [['Approval', []]],
      );
      assert.equal(document.fields.length, 1);
      const form = document.file.dict(document.file.catalog(), 'AcroForm');
      assert.equal(form?.get('SigFlags'), 3);
      const { rect, box } = stampOf(document, 1);
      assert.deepEqual(rect, [72, 72, 242.08, 213.73]);
      const [left = 0, bottom = 0, right = 0, top = 0] = box;
      const turned = what === 'on a turned page';
      const [width, height] = turned ? [141.73, 170.08] : [170.08, 141.73];
      assert.ok(Math.abs(right - left - width) < 0.01 && Math.abs(top - bottom - height) < 0.01, box.join(' '));
      // The picture reaches from 0 to 113.386 both ways.
      assert.ok(Math.abs(left + right - 113.386) < 0.01 && Math.abs(bottom + top - 113.386) < 0.01, box.join(' '));
    });
  }

  it('may be signed in a document that was signed before, without harm to that signature', () => {
    const once = signed(withField(), { stamps: [{ page: 1, xMm: 100, yMm: 60 }] });
    const document = openPdf(signed(once, intoField));
    const [first, second] = document.signatures;
    assert.ok(first !== undefined && second !== undefined);
    assert.equal(changesAfter(document, first).verdict, 'permitted');
    assert.deepEqual([first.fieldName, second.fieldName, second.findings], ['Seal1', 'Approval', []]);
  });

  it('goes together with further places in one signature', () => {
    const { signatures, pages, file } = openPdf(
      signed(withField(), { ...intoField, stamps: [{ page: 1, xMm: 100, yMm: 60 }] }),
    );
    assert.equal(signatures.length, 1);
    assert.equal(file.array(pages[0]?.dict ?? new PdfDict([]), 'Annots')?.items.length, 2);
    refuses(withField(), { ...intoField, stamps: [{ page: 1, xMm: 60, yMm: 240 }] }, 'placement-occupied', { page: 1 });
  });

  it('is refused when it is missing, filled, read-only, shown nowhere or too small', () => {
    refuses(withField(), { ...intoField, existingField: 'approval' }, 'field-not-found');
    refuses(samplePdf(), intoField, 'field-not-found');
    refuses(signed(withField(), intoField), intoField, 'field-filled');
    refuses(withField('/Ff 1'), intoField, 'locked-pdf');
    refuses(withField('', { annots: '' }), intoField, 'field-not-usable');
    const small = Buffer.from(withField()).toString('latin1').replace('242.08 213.73', '171.08 213.73');
    refuses(Buffer.from(small, 'latin1'), intoField, 'field-too-small');
  });

  it('is refused when an earlier signature has locked it', () => {
    const once = signed(withField(), { stamps: [] });
    const number = openPdf(once).signatures[0]?.objectNumber ?? 0;
    const rest = '/TransformMethod /FieldMDP /TransformParams << /Action /Include /Fields [(Approval)] >>';
    const dictionary = objectText(once, number).replace('/Type /Sig', `/Type /Sig /Reference [<< ${rest} >>]`);
    const locked = appendUpdate(once, { [number]: dictionary });
    refuses(locked, intoField, 'locked-pdf');
    assert.deepEqual(
      signatureFields(openPdf(locked)).map(({ state }) => state),
      ['locked', 'signed'],
    );
  });

  it('says of itself where it is and whether it can be signed', () => {
    const [empty] = signatureFields(openPdf(withField()));
    assert.deepEqual([empty?.name, empty?.state, empty?.page], ['Approval', 'empty', 1]);
    const box = [empty?.box?.xMm, empty?.box?.yMm, empty?.box?.widthMm, empty?.box?.heightMm];
    box.forEach((mm = Number.NaN, i) => assert.ok(Math.abs(mm - ([25.4, 221.64, 60, 50][i] ?? 0)) < 0.01, `${mm}`));
    const states = (bytes: Uint8Array) => signatureFields(openPdf(bytes)).map(({ state }) => state);
    assert.deepEqual(states(signed(withField(), intoField)), ['signed']);
    assert.deepEqual(states(withField('/Ff 1')), ['locked']);
    assert.deepEqual(states(samplePdf()), []);
  });
});

describe('ISO 32000-2, table 237: what a field demands of its signer', () => {
  const met = (sv: string, more: Partial<SignatureRequest> = {}) =>
    assert.equal(
      openPdf(signed(withField(`/SV << ${sv} >>`), { ...intoField, reason: '同意', ...more })).signatures.length,
      1,
      sv,
    );
  const unmet = (sv: string, demand: string, more: Partial<SignatureRequest> = {}) =>
    refuses(withField(`/SV << ${sv} >>`), { ...intoField, reason: '同意', ...more }, 'field-not-usable', { demand });

  it('is kept where it is required', () => {
    met('/Ff 2 /SubFilter [/adbe.pkcs7.detached /ETSI.CAdES.detached]');
    unmet('/Ff 2 /SubFilter [/adbe.pkcs7.detached]', 'SubFilter');
    met('/SubFilter [/adbe.pkcs7.detached]');
    met('/Ff 1 /Filter /Adobe.PPKLite');
    unmet('/Ff 1 /Filter /Adobe.PPKMS', 'Filter');
    met('/Ff 64 /DigestMethod [(SHA256) (SHA512)]');
    unmet('/Ff 64 /DigestMethod [(SHA512)]', 'DigestMethod');
    met('/Ff 8 /Reasons [<FEFF540C610F> (Seen)]');
    unmet('/Ff 8 /Reasons [(Seen)]', 'Reasons');
    unmet('/Ff 8 /Reasons [(.)]', 'Reasons');
    unmet('/Ff 8', 'Reasons');
    met('/Ff 4 /V 2');
    unmet('/Ff 4 /V 4', 'V');
    met('/TimeStamp << /URL (http://tsa.example) /Ff 1 >>', { timestamped: true });
    unmet('/TimeStamp << /URL (http://tsa.example) /Ff 1 >>', 'TimeStamp');
    met('/MDP << /P 0 >>');
    unmet('/MDP << /P 2 >>', 'MDP');
    met('/Cert << /Ff 0 /Subject [(x)] >>');
    unmet('/Cert << /Ff 1 /Subject [(x)] >>', 'Cert');
    unmet('/Ff 16 /LegalAttestation [(x)]', 'LegalAttestation');
    unmet('/Ff 32 /AddRevInfo true', 'AddRevInfo');
    met('/Ff 128 /LockDocument /false');
    unmet('/Ff 128 /LockDocument /true', 'LockDocument');
    unmet('/Ff 256 /AppearanceFilter (Formal)', 'AppearanceFilter');
    unmet('/Ff 1024', 'Ff');
  });
});
