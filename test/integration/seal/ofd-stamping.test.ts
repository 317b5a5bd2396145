// Proves the stamping of OFD with a seal of the SM suite: position and seam, a second seal, what is refused, and that no file of the package is touched.

import assert from 'node:assert/strict';
import { concatBytes, equalBytes, utf8 } from '../../../src/kernel/bytes.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { anonymous, house } from '../../../src/kernel/principal.ts';
import { readOfd } from '../../../src/ofd/document.ts';
import { OfdPackage } from '../../../src/ofd/package.ts';
import { listSignatures, readSignature } from '../../../src/ofd/signatures.ts';
import type { SealRecord } from '../../../src/seal/seal-record.ts';
import type { StampRequest } from '../../../src/seal/stamp-request.ts';
import { ofdFiles, zip } from '../../support/ofd-samples.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { prepared } from '../../support/ofd-signing.ts';
import { sandboxPki } from '../../unit/pki/sandbox-pki.ts';
import { requestKey, type SealHouse, sealHouse, sealOrder, stampRequest, system } from './seal-house.ts';

const caller = system('client-one');
const source = zip(ofdFiles({ pageCount: 4 }));
let count = 0;

describe('GB/T 33190 clause 18: stamping an OFD', function () {
  this.timeout(60_000);
  let of: SealHouse;
  let seal: SealRecord;

  before(async () => {
    of = await sealHouse();
    const order = sealOrder('99010000000777', newId('organisation', systemClock));
    seal = await of.maker.make(house, { ...order, suite: 'gm' });
  });
  after(async () => of?.close());

  async function put(bytes: Uint8Array, mediaType = 'application/octet-stream'): Promise<string> {
    return (await of.documents.put(caller, { bytes, mediaType }, requestKey(`put-${count++}`))).documentId;
  }
  async function stamped(bytes: Uint8Array, change: Partial<StampRequest> = {}): Promise<Uint8Array> {
    const order = { sealId: seal.sealId, policy: 'gm' as const, ...change };
    const request = stampRequest(of, await put(bytes), order);
    const { stampingId } = await of.stamps().stamp(caller, request, requestKey(`ofd-${count++}`));
    return of.stamps().document(caller, stampingId);
  }
  const refused = (work: Promise<unknown>, code: ErrorCode) =>
    assert.rejects(work, (error) => isTrustError(error, code));
  const signaturesOf = (bytes: Uint8Array) => {
    const file = readOfd(OfdPackage.open(bytes));
    return listSignatures(file).map((listed) => readSignature(file.package, listed));
  };

  it('makes a signature that our verifier passes, with the seal of the register and a time stamp in SM2', async () => {
    const product = await stamped(source);
    const report = await of.verifier.verify(anonymous, product);
    const [signature] = report.signatures;
    assert.deepEqual([report.indication, report.mediaType, report.pageCount], ['TOTAL-PASSED', 'application/ofd', 4]);
    assert.deepEqual(
      [signature?.format, signature?.level, signature?.timeSource, signature?.coverage, signature?.seal?.sealId],
      ['SES V5', 'B-T', 'time-stamp', 'whole-file', seal.sealId],
    );
    assert.deepEqual([seal.policies, signature?.findings], [['gm'], []]);
    const [before, after] = [OfdPackage.open(source), OfdPackage.open(product)];
    for (const name of before.names.filter((name) => name !== 'OFD.xml')) {
      assert.ok(equalBytes(before.entry(name).whole, after.entry(name).whole), name);
    }
    const [stamp] = signaturesOf(product)[0]?.stamps ?? [];
    assert.deepEqual(stamp?.boundary, { xMm: 119, yMm: 199, widthMm: 42, heightMm: 42 });
  });

  it('GB/T 38540: stamps with seals of version 4, where the deployment makes those', async () => {
    const order = sealOrder('99010000000778', newId('organisation', systemClock));
    const older = await of.makerOfVersion4.make(house, { ...order, suite: 'gm' });
    const { signatures, indication } = await of.verifier.verify(
      anonymous,
      await stamped(source, { sealId: older.sealId }),
    );
    assert.deepEqual([indication, signatures[0]?.format, signatures[0]?.findings], ['TOTAL-PASSED', 'SES V4', []]);
  });

  it('GB/T 35275: makes a digital signature that shows no seal, and the last signature of a package', async () => {
    const signature = await stamped(source, { form: 'signature', placements: [] });
    const after = await stamped(signature, { certify: 'no-changes' });
    const { indication, signatures } = await of.verifier.verify(anonymous, after);
    assert.equal(indication, 'TOTAL-PASSED');
    assert.deepEqual(
      signatures.map(({ format, level, coverage, seal: shown }) => [format, level, coverage, shown?.sealId]),
      [
        ['GB/T 35275', 'B-T', 'revision', seal.sealId],
        ['SES V5', 'B-T', 'whole-file', seal.sealId],
      ],
    );
    assert.deepEqual(
      signaturesOf(after).map(({ stamps }) => stamps.length),
      [0, 1],
    );
    await refused(stamped(after), 'locked-ofd');
    await refused(stamped(source, { form: 'signature' }), 'malformed-request');
    await refused(stamped(source, { placements: [] }), 'malformed-request');
    await refused(stamped(source, { certify: 'forms' }), 'malformed-request');
    await refused(
      stamped(samplePdf(), { policy: 'intl', sealId: of.seal.sealId, form: 'signature', placements: [] }),
      'malformed-request',
    );
  });

  it('cuts a seam into slices that are the whole seal when put together, at each edge', async () => {
    for (const [edge, expected] of [
      ['right', (place: number) => [210 - 14 * (place + 1), 127.5, 14 * place, 0, 14, 42]],
      ['left', (place: number) => [0 - 14 * place, 127.5, 14 * place, 0, 14, 42]],
      ['top', (place: number) => [84, 0 - 14 * place, 0, 14 * place, 42, 14]],
      ['bottom', (place: number) => [84, 297 - 14 * (place + 1), 0, 14 * place, 42, 14]],
    ] as const) {
      const product = await stamped(source, { placements: [{ kind: 'seam', edge, pages: '1-2,4' }], level: 'B-B' });
      const stamps = signaturesOf(product)[0]?.stamps ?? [];
      assert.deepEqual(
        stamps.map(({ pageId }) => pageId),
        ['1', '2', '4'],
      );
      stamps.forEach(({ boundary, clip }, place) => {
        const shown = [boundary.xMm, boundary.yMm, clip?.xMm, clip?.yMm, clip?.widthMm, clip?.heightMm];
        assert.deepEqual(shown, expected(place), `${edge} ${place}`);
      });
    }
  });

  it('puts the seal on words of every page, halves it over facing pages, and renews it every two', async () => {
    const keyword = { kind: 'keyword' as const, text: '测试', occurrence: 'all' as const, dxMm: 40, dyMm: 60 };
    const seams = [
      { kind: 'seam' as const, edge: 'right' as const, facing: true, offsetMm: 200 },
      { kind: 'seam' as const, edge: 'bottom' as const, every: 2 },
    ];
    const product = await stamped(source, { placements: [keyword, ...seams], level: 'B-B' });
    const stamps = signaturesOf(product)[0]?.stamps ?? [];
    assert.deepEqual(
      stamps.map(({ pageId, boundary: { xMm, yMm }, clip }) => [pageId, xMm, yMm, clip?.xMm, clip?.yMm]),
      [
        ...['1', '2', '3', '4'].map((page) => [page, 54, 72.1, undefined, undefined]),
        ...['1', '3'].flatMap((page) => [
          [page, 189, 179, 0, 0],
          [String(Number(page) + 1), -21, 179, 21, 0],
        ]),
        ...['1', '3'].flatMap((page) => [
          [page, 84, 276, 0, 0],
          [String(Number(page) + 1), 84, 255, 0, 21],
        ]),
      ],
    );
    assert.equal((await of.verifier.verify(anonymous, product)).indication, 'TOTAL-PASSED');
  });

  it('lets a second seal sign, under numbers that go on, and both stand', async () => {
    const twice = await stamped(await stamped(source), {
      placements: [{ kind: 'position', page: 4, xMm: 60, yMm: 60 }],
    });
    const { indication, signatures } = await of.verifier.verify(anonymous, twice);
    assert.deepEqual(
      [indication, signatures.map(({ coverage }) => coverage)],
      ['TOTAL-PASSED', ['revision', 'whole-file']],
    );
    assert.deepEqual(
      signaturesOf(twice).map(({ id, stamps }) => [id, ...stamps.map((stamp) => stamp.id)]),
      [
        ['s001', 's002'],
        ['s003', 's004'],
      ],
    );
  });

  it('refuses what is outside the pages, of another suite, locked, or no document', async () => {
    const at = (page: number, xMm: number) => ({ placements: [{ kind: 'position' as const, page, xMm, yMm: 100 }] });
    await refused(stamped(source, at(5, 100)), 'placement-outside-page');
    await refused(stamped(source, at(1, 200)), 'placement-outside-page');
    await refused(
      stamped(source, { placements: [{ kind: 'seam', edge: 'left', pages: '3-9' }] }),
      'placement-outside-page',
    );
    await refused(stamped(source, { placements: [{ kind: 'seam', edge: 'left', pages: '3' }] }), 'seam-page-left-over');
    const keyword = { kind: 'keyword' as const, text: '不在其中', occurrence: 1, dxMm: 0, dyMm: 0 };
    await refused(stamped(source, { placements: [keyword] }), 'keyword-not-found');
    await refused(stamped(source, { placements: [{ kind: 'field', name: 'Seal1' }] }), 'placement-not-supported');
    await refused(stamped(samplePdf(), { policy: 'dual' }), 'policy-not-supported');
    await refused(stamped(source, { policy: 'intl' }), 'policy-not-supported');
    await refused(stamped(source, { sealId: of.seal.sealId }), 'policy-not-supported');
    await refused(stamped(concatBytes(utf8('front'), source)), 'unsupported-ofd');
    const pki = await sandboxPki('SM2');
    const locked = prepared(pki, source, { mode: 'lock' }).embed(utf8('value'));
    await refused(stamped(locked), 'locked-ofd');
    await refused(put(zip({ 'a.xml': '<a/>' })), 'malformed-ofd');
    await refused(put(source, 'application/pdf'), 'unsupported-media-type');
    assert.ok((await put(source, 'application/ofd')).startsWith('doc'));
  });

  it('leaves a broken signature as broken as it was', async () => {
    const product = await stamped(source);
    const opened = OfdPackage.open(product);
    const files = Object.fromEntries(opened.names.map((name) => [name, opened.content(name)]));
    const broken = zip({ ...files, 'Doc_0/Signs/Sign_0/SignedValue.dat': utf8('no value') });
    await refused(stamped(broken), 'placement-occupied');
    const elsewhere = [{ kind: 'position' as const, page: 2, xMm: 140, yMm: 220 }];
    const twice = await stamped(broken, { placements: elsewhere });
    const { indication, signatures } = await of.verifier.verify(anonymous, twice);
    assert.deepEqual(
      [indication, signatures.map((one) => one.indication)],
      ['TOTAL-FAILED', ['TOTAL-FAILED', 'TOTAL-PASSED']],
    );
  });
});
