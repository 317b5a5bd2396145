// Certification and field locks (ISO 32000-2, 12.8.2.2 and 12.8.2.4): written as asked for, and respected by every later deed of ours and by our judgement of changes.

import assert from 'node:assert/strict';
import { isTrustError } from '../../../src/kernel/errors.ts';
import type { ErrorCode } from '../../../src/kernel/errors.ts';
import { changesAfter } from '../../../src/pdf/changes.ts';
import { prepareDocumentTimestamp } from '../../../src/pdf/document-timestamp.ts';
import { PdfRef } from '../../../src/pdf/objects.ts';
import type { FieldLock, MdpLevel } from '../../../src/pdf/permissions.ts';
import { prepareSignature } from '../../../src/pdf/prepare.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { addValidationData } from '../../../src/pdf/validation-store.ts';
import { appendUpdate, samplePdf } from '../../support/pdf-samples.ts';
import { derValue, request, signed } from './signing.ts';

const spellings = [
  { xref: 'table' },
  { xref: 'stream', form: 'direct' },
  { xref: 'packed', form: 'indirect' },
  { xref: 'hybrid', form: 'indirect-fields' },
] as const;

const one = [{ page: 1, xMm: 60, yMm: 120 }];
const two = [...one, { page: 1, xMm: 60, yMm: 180 }];

/** What may come behind a signature, by a name; each from the bytes before to the bytes after. */
const deeds = {
  'another signature': (bytes: Uint8Array) => signed(bytes, { stamps: one }),
  'a signature that shows nothing': (bytes: Uint8Array) => signed(bytes, { stamps: [] }),
  'a signature with a further stamp': (bytes: Uint8Array) => signed(bytes, { stamps: two }),
  'validation data': (bytes: Uint8Array) => {
    const document = openPdf(bytes);
    const paddedContents = document.signatures[0]?.paddedContents ?? new Uint8Array();
    const material = { paddedContents, certificates: [derValue], ocspResponses: [derValue], crls: [] };
    const update = addValidationData(document, [material]);
    assert.ok(update !== undefined);
    return Buffer.concat([bytes, update.tail]);
  },
  'a document time stamp': (bytes: Uint8Array) => prepareDocumentTimestamp(openPdf(bytes), 512).embed(derValue),
} satisfies Record<string, (bytes: Uint8Array) => Uint8Array>;

const allowed: Readonly<Record<MdpLevel, readonly (keyof typeof deeds)[]>> = {
  1: ['validation data', 'a document time stamp'],
  2: ['another signature', 'a signature that shows nothing', 'validation data', 'a document time stamp'],
  3: [
    'another signature',
    'a signature that shows nothing',
    'a signature with a further stamp',
    'validation data',
    'a document time stamp',
  ],
};

function refused(does: () => unknown, code: ErrorCode): void {
  assert.throws(does, (error) => isTrustError(error, code));
}

function verdict(bytes: Uint8Array): string {
  const document = openPdf(bytes);
  const [first] = document.signatures;
  assert.ok(first !== undefined);
  return changesAfter(document, first).verdict;
}

describe('ISO 32000-2, 12.8.2.2: certification', () => {
  for (const spelling of spellings) {
    it(`stands in the signature and in the catalog: ${JSON.stringify(spelling)}`, () => {
      for (const level of [1, 2, 3] as const) {
        const { permissions, signatures, file } = openPdf(signed(samplePdf(spelling), { certify: level }));
        assert.deepEqual([permissions.docMdp, permissions.certified], [level, true]);
        const named = file.dict(file.catalog(), 'Perms')?.get('DocMDP');
        assert.ok(named instanceof PdfRef);
        assert.equal(named.number, signatures[0]?.objectNumber);
        assert.deepEqual(signatures[0]?.findings, []);
      }
    });
  }

  for (const level of [1, 2, 3] as const) {
    for (const [name, deed] of Object.entries(deeds)) {
      const may = allowed[level].some((each) => each === name);
      it(`with P ${level} ${may ? 'takes' : 'refuses'} ${name}`, () => {
        const certified = signed(samplePdf(), { certify: level });
        if (may) assert.equal(verdict(deed(certified)), 'permitted');
        else refused(() => deed(certified), 'locked-pdf');
      });
    }
  }

  it('can be made by the first signature only, whatever came before it', () => {
    for (const before of [signed(samplePdf()), deeds['a document time stamp'](samplePdf())]) {
      refused(() => prepareSignature(request(before, { stamps: [], certify: 2 })), 'certification-not-first');
    }
  });

  it('makes a further stamp of somebody else suspicious with P 2, and not with P 3', () => {
    const later = (level: MdpLevel) => {
      const certified = signed(samplePdf(), { certify: level });
      // As a program would that does not ask what it may: the document is told that nothing forbids it.
      const document = { ...openPdf(certified), permissions: { docMdp: undefined, fieldLocks: [], certified: false } };
      return prepareSignature({ ...request(certified, { stamps: two }), document }).embed(derValue);
    };
    assert.deepEqual([verdict(later(2)), verdict(later(3))], ['suspicious', 'permitted']);
  });
});

describe('ISO 32000-2, 12.8.2.4: field locks', () => {
  const name = 'Amount';
  const form = appendUpdate(samplePdf({ form: 'indirect' }), {
    6: '<< /Fields [50 0 R] /SigFlags 0 >>',
    50: `<< /FT /Tx /T (${name}) /V (100) >>`,
  });
  const withLock = (lock: FieldLock) => signed(form, { lock });

  it('stand in the signature and in its field, and are read back as one lock each', () => {
    for (const lock of [
      { action: 'All', fields: [] },
      { action: 'Include', fields: [name] },
      { action: 'Exclude', fields: [name] },
    ] as const) {
      const { permissions, fields, file } = openPdf(withLock(lock));
      assert.deepEqual(permissions.fieldLocks, [lock, lock]);
      const own = fields.find(({ type }) => type === 'Sig');
      assert.ok(own?.dict.get('Lock') instanceof PdfRef, 'table 235: an indirect reference');
      assert.equal(file.get(own.dict, 'Lock') === null, false);
    }
  });

  it('keep later seals away unless they leave their fields alone; validation data and time stamps may always come', () => {
    for (const lock of [
      { action: 'All', fields: [] },
      { action: 'Exclude', fields: [name] },
    ] as const) {
      const locked = withLock(lock);
      refused(() => deeds['another signature'](locked), 'locked-pdf');
      assert.equal(verdict(deeds['validation data'](locked)), 'permitted');
      assert.equal(verdict(deeds['a document time stamp'](locked)), 'permitted');
    }
    assert.equal(
      verdict(deeds['a signature with a further stamp'](withLock({ action: 'Include', fields: [name] }))),
      'permitted',
    );
  });

  it('name fields that are there', () => {
    refused(() => withLock({ action: 'Include', fields: ['no such field'] }), 'field-not-found');
  });
});
