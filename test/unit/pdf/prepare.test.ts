// Preparing signatures (ISO 32000-2, 12.7.5.5 and 12.8; ETSI EN 319 142-1, 5.3): append only, placed as asked, refused when locked.

import assert from 'node:assert/strict';
import { isTrustError } from '../../../src/kernel/errors.ts';
import type { ErrorCode } from '../../../src/kernel/errors.ts';
import { prepareSignature } from '../../../src/pdf/prepare.ts';
import type { SignatureRequest } from '../../../src/pdf/prepare.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { PdfArray, PdfDict, PdfRef } from '../../../src/pdf/objects.ts';
import { appendUpdate, objectText, samplePdf } from '../../support/pdf-samples.ts';
import type { SampleOptions } from '../../support/pdf-samples.ts';
import { derValue, request, signed } from './signing.ts';

const spellings: SampleOptions[] = [
  { xref: 'table' },
  { xref: 'stream', annots: 'direct', form: 'direct' },
  { xref: 'packed', annots: 'indirect', form: 'indirect' },
  { xref: 'hybrid', annots: 'shared', form: 'indirect-fields', pageCount: 2 },
  { page: '/Rotate 90 /CropBox [100 50 500 700]', nesting: 2 },
  { page: '/Rotate 180 /UserUnit 1.5' },
  { inherited: '/Rotate 270', mediaBox: '[-100 -100 600 700]', version: '2.0' },
];

function refuses(bytes: Uint8Array, more: Partial<SignatureRequest>, code: ErrorCode): void {
  assert.throws(
    () => prepareSignature(request(bytes, more)),
    (error) => isTrustError(error, code),
    JSON.stringify(more.stamps),
  );
}

function annotationCount(bytes: Uint8Array, page: number): number {
  const { file, pages } = openPdf(bytes);
  const dict = pages[page - 1]?.dict;
  assert.ok(dict instanceof PdfDict);
  return file.array(dict, 'Annots')?.items.length ?? 0;
}

describe('ISO 32000-2, 7.5.6: the update of a signature', () => {
  for (const options of spellings) {
    it(`leaves every earlier byte and signs the rest: ${JSON.stringify(options)}`, () => {
      const original = samplePdf(options);
      const prepared = prepareSignature(request(original, { reason: '同意', location: 'Testville', name: '印信' }));
      const product = prepared.embed(derValue);
      assert.equal(Buffer.compare(product.subarray(0, original.length), original), 0);
      const [signature, ...more] = openPdf(product).signatures;
      assert.ok(signature !== undefined && more.length === 0);
      assert.deepEqual(signature.findings, []);
      assert.deepEqual(
        [signature.fieldName, signature.subFilter, signature.filter],
        ['Seal1', 'ETSI.CAdES.detached', 'Adobe.PPKLite'],
      );
      assert.deepEqual([signature.reason, signature.location, signature.name], ['同意', 'Testville', '印信']);
      assert.equal(signature.signingTimeClaimed?.toISOString(), '2026-11-21T08:00:00.000Z');
      assert.equal(signature.coversWholeFile, true);
      assert.deepEqual(signature.byteRange, [...prepared.byteRange]);
      assert.deepEqual(Uint8Array.from(signature.contents), derValue);
      assert.equal(
        Buffer.compare(Buffer.concat([...signature.signedBytes()]), Buffer.concat([...prepared.signedParts])),
        0,
      );
      const [widget] = signature.widgets;
      assert.equal(widget?.page, 1);
      for (const [mm, expected] of [
        [widget.rectMm.xMm, 40],
        [widget.rectMm.yMm, 40],
        [widget.rectMm.widthMm, 40],
        [widget.rectMm.heightMm, 40],
      ] as const) {
        assert.ok(Math.abs(mm - expected) < 0.01, `${mm} is not ${expected}`);
      }
    });
  }

  it('is the same file for the same request', () => {
    assert.deepEqual(signed(samplePdf()), signed(samplePdf()));
  });

  it('keeps the annotations a page had, and adds to that page only', () => {
    for (const annots of ['direct', 'indirect', 'shared'] as const) {
      const product = signed(samplePdf({ annots, pageCount: 2 }));
      assert.deepEqual(
        [annotationCount(product, 1), annotationCount(product, 2)],
        [2, annots === 'shared' ? 1 : 0],
        annots,
      );
    }
  });

  it('adds a second signature without touching the first', () => {
    const once = signed(samplePdf({ form: 'indirect' }));
    const twice = signed(once, { stamps: [{ page: 1, xMm: 60, yMm: 120 }] });
    const { signatures } = openPdf(twice);
    assert.deepEqual(
      signatures.map((s) => [s.fieldName, s.coversWholeFile, s.findings]),
      [
        ['Seal1', false, []],
        ['Seal2', true, []],
      ],
    );
    assert.equal(Buffer.compare(twice.subarray(0, once.length), once), 0);
  });

  it('puts one widget and further stamps of one signature into one revision', () => {
    const product = signed(samplePdf({ pageCount: 3 }), {
      stamps: [1, 2, 3].map((page) => ({ page, xMm: 50, yMm: 50 })),
    });
    const { signatures, pages, file } = openPdf(product);
    assert.deepEqual(
      signatures.map((s) => s.widgets.length),
      [1],
    );
    const kinds = pages.map((page) => {
      const [annotation] = file.array(page.dict, 'Annots')?.items ?? [];
      assert.ok(annotation instanceof PdfRef);
      const dict = file.resolve(annotation);
      assert.ok(dict instanceof PdfDict);
      return [dict.get('Subtype'), dict.get('F')].map((value) =>
        typeof value === 'object' && value !== null && 'value' in value ? value.value : value,
      );
    });
    assert.deepEqual(kinds, [
      ['Widget', 132],
      ['Stamp', 196],
      ['Stamp', 196],
    ]);
  });

  it('can be invisible', () => {
    const { signatures, file } = openPdf(signed(samplePdf(), { stamps: [] }));
    assert.deepEqual(
      signatures.map((s) => s.widgets),
      [[]],
    );
    const form = file.dict(file.catalog(), 'AcroForm');
    assert.ok(form !== undefined);
    assert.equal(form.get('SigFlags'), 3);
    assert.ok(form.get('Fields') instanceof PdfArray);
  });

  it('gives a signature no more room than was reserved', () => {
    const prepared = prepareSignature(request(samplePdf()));
    assert.throws(
      () => prepared.embed(new Uint8Array(513)),
      (error) => isTrustError(error, 'product-not-verified'),
    );
  });
});

describe('placements that cannot be', () => {
  it('are refused outside the page as shown', () => {
    const pdf = samplePdf({ page: '/Rotate 90', mediaBox: '[0 0 595 842]' }); // shown 297 x 210
    for (const [page, xMm, yMm] of [
      [0, 50, 50],
      [-1, 50, 50],
      [2, 50, 50],
      [1e9, 50, 50],
      [1.5, 50, 50],
      [Number.NaN, 50, 50],
      [1, Number.NaN, 50],
      [1, 19, 50],
      [1, 50, 191],
      [1, 50, 250],
      [1, Infinity, 50],
    ] as const) {
      refuses(pdf, { stamps: [{ page, xMm, yMm }] }, 'placement-outside-page');
    }
    assert.ok(signed(pdf, { stamps: [{ page: 1, xMm: 270, yMm: 20 }] }).length > 0);
  });

  it('are refused over another seal', () => {
    const once = signed(samplePdf());
    refuses(once, { stamps: [{ page: 1, xMm: 80, yMm: 80 }] }, 'placement-occupied');
    refuses(
      samplePdf(),
      {
        stamps: [
          { page: 1, xMm: 50, yMm: 50 },
          { page: 1, xMm: 60, yMm: 60 },
        ],
      },
      'placement-occupied',
    );
    refuses(
      samplePdf(),
      { stamps: Array.from({ length: 1001 }, () => ({ page: 1, xMm: 50, yMm: 50 })) },
      'placement-not-supported',
    );
  });

  it('and field names that are taken or impossible too', () => {
    refuses(signed(samplePdf()), { fieldName: 'Seal1', stamps: [] }, 'malformed-request');
    refuses(samplePdf(), { fieldName: 'a.b' }, 'malformed-request');
    assert.equal(prepareSignature(request(samplePdf(), { fieldName: '公章' })).fieldName, '公章');
  });
});

describe('ISO 32000-2, 12.8.2: documents that signatures have locked', () => {
  /** The sample signed once, its signature dictionary given further entries by an update in front of which nobody signed. */
  const locked = (entries: string): Uint8Array => {
    const once = signed(samplePdf(), { stamps: [] });
    const number = openPdf(once).signatures[0]?.objectNumber ?? 0;
    return appendUpdate(once, { [number]: objectText(once, number).replace('/Type /Sig', `/Type /Sig ${entries}`) });
  };
  const docMdp = (p: number) =>
    locked(`/Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /P ${p} /V /1.2 >> >>]`);

  it('are refused when certified with P 1, and signed when with P 2', () => {
    refuses(docMdp(1), { stamps: [] }, 'locked-pdf');
    assert.equal(openPdf(docMdp(2)).permissions.docMdp, 2);
    assert.equal(openPdf(signed(docMdp(2), { stamps: [] })).signatures.length, 2);
  });

  it('are refused when the field is locked', () => {
    const fieldMdp = (rest: string) =>
      locked(`/Reference [<< /Type /SigRef /TransformMethod /FieldMDP /TransformParams << ${rest} >> >>]`);
    refuses(fieldMdp('/Action /All'), { stamps: [] }, 'locked-pdf');
    refuses(fieldMdp('/Action /Exclude /Fields [(Name)]'), { stamps: [] }, 'locked-pdf');
    refuses(fieldMdp('/Action /Include /Fields [(Seal2)]'), { stamps: [] }, 'locked-pdf');
    assert.ok(signed(fieldMdp('/Action /Include /Fields [(Name)]'), { stamps: [] }).length > 0);
  });

  it('are refused when a reader would have to repair any part of them', () => {
    const text = Buffer.from(samplePdf({ content: 'BT ET' })).toString('latin1');
    for (const length of [4, 9]) {
      refuses(Buffer.from(text.replace('/Length 5 ', `/Length ${length} `), 'latin1'), {}, 'malformed-pdf');
    }
  });

  it('are refused with an XFA form', () => {
    refuses(samplePdf({ catalog: '/AcroForm << /Fields [] /XFA [] >>' }), {}, 'unsupported-pdf');
  });
});
