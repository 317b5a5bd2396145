// Proves countersigning of a PDF: seals of five organisations one after the other, each leaving all before it TOTAL-PASSED, and files that must not be signed again.

import assert from 'node:assert/strict';
import { systemClock } from '../../../src/kernel/clock.ts';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { house } from '../../../src/kernel/principal.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { judged } from '../../support/foreign-judges.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { requestKey, type SealHouse, sealHouse, sealOrder, stampRequest, system, uploaded } from './seal-house.ts';

const caller = system('client-one');

describe('countersigning', () => {
  let of: SealHouse;
  let count = 0;
  const stamp = async (documentId: string, change: object) => {
    const request = stampRequest(of, documentId, change);
    return of.stamps().stamp(caller, request, requestKey(`counter-${count++}`));
  };

  before(async () => {
    of = await sealHouse();
  });
  after(async () => of.close());

  it('by five organisations, at mixed levels, keeps every earlier signature and foreign readers content', async () => {
    let documentId = await uploaded(of, caller, samplePdf({ pageCount: 3 }));
    const levels = ['B-T', 'B-LTA', 'B-B', 'B-LT', 'B-LTA'] as const;
    for (const [place, level] of levels.entries()) {
      const organisation = newId('organisation', systemClock);
      const { sealId } = await of.maker.make(house, sealOrder(`9901000000010${place}`, organisation));
      const page = 1 + (place % 3);
      const placements = [{ kind: 'position', page, xMm: 60, yMm: 60 + 60 * Math.floor(place / 3) }];
      const record = await stamp(documentId, { sealId, level, placements });
      documentId = record.productDocumentId ?? '';
      const report = await of.verifier.verify(house, await of.documents.get(caller, documentId));
      assert.equal(report.indication, 'TOTAL-PASSED');
      assert.equal(report.signatures.filter(({ format }) => format === 'PAdES').length, place + 1);
    }
    const product = await of.documents.get(caller, documentId);
    const pdfsig = judged(product, 'pdfsig', '-nocert');
    const mutool = judged(product, 'mutool', 'sign', '-v');
    const qpdf = judged(product, 'qpdf', '--check');
    if (pdfsig !== undefined)
      assert.equal(pdfsig.text.match(/Signature is Valid/g)?.length, levels.length, pdfsig.text);
    if (mutool !== undefined) assert.doesNotMatch(mutool.text, /Digest error|invalid/i);
    if (qpdf !== undefined) assert.deepEqual([qpdf.status, /WARNING/.test(qpdf.text)], [0, false], qpdf.text);
    assert.equal(openPdf(product).signatures.length, levels.length + 2);
  });

  it('by the same seal at a lower level takes what the higher one has left in the file', async () => {
    const first = await stamp(await uploaded(of, caller), { level: 'B-LTA' });
    const placements = [{ kind: 'position', page: 1, xMm: 60, yMm: 100 }];
    const second = await stamp(first.productDocumentId ?? '', { level: 'B-T', placements });
    assert.equal(second.status, 'done');
  });

  it('refuses a signed file whose cross-reference is broken, before anything is stored', async () => {
    const { productDocumentId } = await stamp(await uploaded(of, caller), {});
    const signed = await of.documents.get(caller, productDocumentId ?? '');
    const broken = Buffer.from(signed);
    broken.write('0', broken.lastIndexOf('startxref') + 'startxref\n'.length, 'latin1');
    for (const bytes of [broken, signed.subarray(0, -20)]) {
      const upload = of.documents.put(
        caller,
        { bytes, mediaType: 'application/pdf' },
        requestKey(`broken-${count++}`, `${count}`),
      );
      const code: ErrorCode = 'malformed-pdf';
      await assert.rejects(upload, (error) => isTrustError(error, code));
    }
  });
});
