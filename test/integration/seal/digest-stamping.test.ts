// Stamping by digest (摘要用印): the same document as by upload, one use and soon, nothing released that is not in the audit log or of a stopped seal.

import assert from 'node:assert/strict';
import { digest, sha256 } from '../../../src/crypto/digest.ts';
import { equalBytes, toBase64url, toHex } from '../../../src/kernel/bytes.ts';
import { addSeconds, frozenClock, moment, systemClock } from '../../../src/kernel/clock.ts';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { anonymous, house } from '../../../src/kernel/principal.ts';
import { OfdPackage } from '../../../src/ofd/package.ts';
import { KeptBytes } from '../../../src/pdf/byte-source.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import type { DigestRequest } from '../../../src/seal/digest/digest-order.ts';
import { signWithinSeconds } from '../../../src/seal/digest/digest-stamping.ts';
import { prepareLocally } from '../../../src/seal/digest/prepare-locally.ts';
import type { SealRecord } from '../../../src/seal/seal-record.ts';
import type { Placement } from '../../../src/seal/stamp-request.ts';
import { openPolicy } from '../../../src/seal/use/use-policy.ts';
import { ofdFiles, zip } from '../../support/ofd-samples.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { requestKey, type SealHouse, sealHouse, sealOrder, stampRequest, system, uploaded } from './seal-house.ts';

const caller = system('client-one');
const noon = moment('2026-11-20T04:00:00.400Z');
const at: Placement[] = [{ kind: 'position', page: 1, xMm: 140, yMm: 220 }];

function refusal(code: ErrorCode, status?: string): (error: unknown) => boolean {
  return (error) => isTrustError(error, code) && (status === undefined || error.details?.['status'] === status);
}

describe('stamping by digest (摘要用印)', function () {
  this.timeout(60_000);
  let of: SealHouse;
  let clock: ReturnType<typeof frozenClock>;
  let ofdSeal: SealRecord;
  let count = 0;
  const key = () => requestKey(`digest-${count++}`);

  before(async () => {
    clock = frozenClock(noon);
    of = await sealHouse(clock);
    const order = sealOrder('99010000000888', newId('organisation', systemClock));
    ofdSeal = await of.maker.make(house, { ...order, suite: 'gm' });
  });
  after(async () => of?.close());

  function request(source: Uint8Array, change: Partial<DigestRequest> = {}): DigestRequest {
    return {
      sealId: of.seal.sealId,
      mediaType: 'application/pdf',
      documentSha256: toHex(sha256(source)),
      documentSizeBytes: source.length,
      purpose: '出具证明',
      policy: 'intl',
      level: 'B-T',
      placements: ['page 1 at 140,220 mm', 'beside Li Lei, manager', '第一页'],
      ...change,
    };
  }
  const ofOfd = (): Partial<DigestRequest> => ({
    sealId: ofdSeal.sealId,
    mediaType: 'application/ofd',
    policy: 'gm',
  });

  /** All of it, as `yinxin stamp` does it. */
  async function stamped(source: Uint8Array, change: Partial<DigestRequest> = {}, placements = at) {
    const service = of.digestStamps();
    const preparation = await service.prepare(caller, request(source, change), key());
    const { order } = preparation;
    const local = await prepareLocally({ source: new KeptBytes(source), placements, order, preparation });
    const record = await service.sign(caller, preparation.digestStampingId, local.signed);
    const { keptBytes, behind } = local.finish(record.value ?? new Uint8Array());
    return { record, preparation, local, product: Buffer.concat([source.subarray(0, keptBytes), behind]) };
  }

  /** Prepared, and what is to be signed, without signing. */
  async function ready(source = samplePdf(), service = of.digestStamps()) {
    const preparation = await service.prepare(caller, request(source), key());
    const { order, digestStampingId } = preparation;
    const local = await prepareLocally({ source: new KeptBytes(source), placements: at, order, preparation });
    return { service, id: digestStampingId, signed: local.signed, preparation };
  }

  it('makes the very PDF that an upload becomes at the same moment: all but the value itself', async () => {
    const source = samplePdf({ pageCount: 2, xref: 'packed' });
    const { product, record } = await stamped(source);
    const stamps = of.stamps();
    const { stampingId } = await stamps.stamp(caller, stampRequest(of, await uploaded(of, caller, source)), key());
    const other = await stamps.document(caller, stampingId);
    const [mine, theirs] = [product, other].map((bytes) => openPdf(bytes).signatures[0]);
    assert.ok(mine !== undefined && theirs !== undefined);
    assert.deepEqual(mine.byteRange, theirs.byteRange);
    assert.deepEqual(
      [...mine.signedBytes()].map((part) => toHex(sha256(part))),
      [...theirs.signedBytes()].map((part) => toHex(sha256(part))),
    );
    const report = await of.verifier.verify(anonymous, product);
    const [signature] = report.signatures;
    assert.deepEqual(
      [report.indication, signature?.level, signature?.coverage, signature?.seal?.sealId, signature?.findings],
      ['TOTAL-PASSED', 'B-T', 'whole-file', of.seal.sealId, []],
    );
    assert.deepEqual([record.status, record.signingTime], ['done', moment('2026-11-20T04:00:00Z')]);
  });

  it('makes the very OFD that an upload becomes: Signature.xml is the same', async () => {
    const source = zip(ofdFiles({ pageCount: 2 }));
    const seam: Placement[] = [{ kind: 'seam', edge: 'right' }];
    const { product, local } = await stamped(source, ofOfd(), seam);
    const document = (await of.documents.put(caller, { bytes: source, mediaType: 'application/ofd' }, key()))
      .documentId;
    const order = { sealId: ofdSeal.sealId, policy: 'gm' as const, placements: seam };
    const { stampingId } = await of.stamps().stamp(caller, stampRequest(of, document, order), key());
    const other = await of.stamps().document(caller, stampingId);
    const path = local.signed.path?.slice(1) ?? '';
    const contents = [product, other].map((bytes) => OfdPackage.open(bytes).content(path));
    assert.equal(toHex(digest('SM3', contents[0] ?? new Uint8Array())), toHex(local.signed.digest));
    assert.ok(equalBytes(contents[0] ?? new Uint8Array(), contents[1] ?? new Uint8Array()));
    const { indication, signatures } = await of.verifier.verify(anonymous, product);
    assert.deepEqual([indication, signatures[0]?.level, signatures[0]?.findings], ['TOTAL-PASSED', 'B-T', []]);
  });

  it('makes a PDF of the SM suite too', async () => {
    const { product } = await stamped(samplePdf(), { sealId: ofdSeal.sealId, policy: 'gm' });
    const { indication, signatures } = await of.verifier.verify(anonymous, product);
    assert.deepEqual(
      [indication, signatures[0]?.level, signatures[0]?.seal?.sealId],
      ['TOTAL-PASSED', 'B-T', ofdSeal.sealId],
    );
  });

  it('leaves intent and outcome in the audit log: what was signed, of which document, and the digest of the value', async () => {
    const source = samplePdf();
    const { record, local } = await stamped(source, { level: 'B-B' });
    const { items } = await of.audit.entries({ objectId: record.digestStampingId, limit: 10 });
    assert.deepEqual(
      items.map(({ action, outcome }) => `${action} ${outcome}`),
      ['digest-stamping done', 'digest-stamping intended'],
    );
    const [done, intended] = items;
    assert.equal(intended?.objectSha256, toBase64url(sha256(source)));
    assert.deepEqual(
      [intended?.facts['signedDigest'], intended?.facts['sizeBytes']],
      [toHex(local.signed.digest), source.length],
    );
    assert.ok(!JSON.stringify(intended?.facts).includes('Li Lei'), 'people write names where the seal goes');
    assert.equal(done?.objectSha256, toBase64url(sha256(record.value ?? new Uint8Array())));
  });

  it('signs once: the same digest is answered with the same value, another one is refused', async () => {
    const { service, id, signed, preparation } = await ready();
    assert.equal(preparation.value, null);
    const first = await service.sign(caller, id, signed);
    assert.deepEqual((await service.sign(caller, id, signed)).value, first.value);
    assert.deepEqual((await service.get(caller, id)).value, first.value);
    const other = { ...signed, digest: sha256(signed.digest) };
    await assert.rejects(service.sign(caller, id, other), refusal('digest-stamping-ended', 'done'));
  });

  it('signs once of twenty callers at the same time, and of two digests one', async () => {
    const { service, id, signed } = await ready();
    const other = { ...signed, digest: sha256(signed.digest) };
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => service.sign(caller, id, i % 2 === 0 ? signed : other)),
    );
    const values = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.value] : []));
    assert.ok(values.length >= 1);
    assert.equal(new Set(values.map((value) => toHex(value ?? new Uint8Array()))).size, 1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        assert.ok(
          isTrustError(outcome.reason, 'digest-stamping-ended') || isTrustError(outcome.reason, 'stamping-not-ready'),
        );
    const { items } = await of.audit.entries({ objectId: id, limit: 50 });
    assert.equal(items.filter(({ outcome }) => outcome === 'intended').length, 1);
  });

  it('signs nothing when its time is over', async () => {
    const { service, id, signed, preparation } = await ready();
    assert.deepEqual(preparation.signUntil, addSeconds(preparation.signingTime, signWithinSeconds));
    clock.advance(signWithinSeconds * 1000);
    await assert.rejects(service.sign(caller, id, signed), refusal('digest-stamping-ended', 'expired'));
    assert.equal((await service.get(caller, id)).status, 'prepared');
  });

  it('releases nothing of a seal that was stopped in between, not even while its key acted', async () => {
    const { sealId } = await of.maker.make(house, sealOrder('99010000000889', newId('organisation', clock)));
    const prepare = async (service = of.digestStamps()) => {
      const preparation = await service.prepare(caller, request(samplePdf(), { sealId }), key());
      const { order } = preparation;
      const source = new KeptBytes(samplePdf());
      const { signed } = await prepareLocally({ source, placements: at, order, preparation });
      return { service, id: preparation.digestStampingId, signed };
    };
    const early = await prepare();
    const stops = of.digestStamps({
      faults: async (point) => {
        if (point === 'signed') await of.seals.changeStatus(house, sealId, 'suspended', 'test');
      },
    });
    const late = await prepare(stops);
    await assert.rejects(stops.sign(caller, late.id, late.signed), refusal('seal-not-active'));
    const voided = await stops.get(caller, late.id);
    assert.deepEqual([voided.status, voided.voidCode, voided.value], ['voided', 'seal-not-active', null]);
    await assert.rejects(stops.sign(caller, late.id, late.signed), refusal('digest-stamping-ended', 'voided'));
    await assert.rejects(early.service.sign(caller, early.id, early.signed), refusal('seal-not-active'));
    const { items } = await of.audit.entries({ objectId: sealId, limit: 5 });
    assert.ok(items.some(({ action, outcome }) => action === 'digest-stamping' && outcome === 'failed'));
  });

  it('releases no value that our own verifier does not find good', async () => {
    const bad = of.digestStamps({ timestamps: { stamp: async () => Uint8Array.from([0x30, 0]) } });
    const { id, signed } = await ready(samplePdf(), bad);
    await assert.rejects(bad.sign(caller, id, signed), refusal('product-not-verified'));
    const { status, voidCode, value } = await bad.get(caller, id);
    assert.deepEqual([status, voidCode, value], ['voided', 'product-not-verified', null]);
    const { items } = await of.audit.entries({ objectId: id, limit: 5 });
    assert.deepEqual(
      items.map(({ outcome }) => outcome),
      ['voided', 'intended'],
    );
  });

  it('leaves an intent when its process dies, and voids it once', async () => {
    const dies = of.digestStamps({ faults: () => new Promise(() => undefined), attemptSeconds: 10 });
    const { id, signed } = await ready(samplePdf(), dies);
    void dies.sign(caller, id, signed);
    while ((await dies.get(caller, id)).status !== 'intended') await new Promise(setImmediate);
    const service = of.digestStamps({ attemptSeconds: 10 });
    await assert.rejects(service.sign(caller, id, signed), refusal('stamping-not-ready'));
    assert.equal(await service.voidAbandoned(), 0);
    clock.advance(10_001);
    assert.equal(await service.voidAbandoned(), 1);
    assert.equal(await service.voidAbandoned(), 0);
    assert.deepEqual((await service.get(caller, id)).voidCode, 'stamping-in-doubt');
  });

  it('goes by the same rules as an upload: whose seal it is, its policy of use and its quota', async () => {
    const strangers = of.digestStamps();
    const { sealId, organisation } = await of.maker.make(house, {
      ...sealOrder('99010000000890', newId('organisation', clock)),
      systems: ['somebody-else'],
    });
    await assert.rejects(strangers.prepare(caller, request(samplePdf(), { sealId }), key()), refusal('forbidden'));
    assert.ok(organisation.organisationId.startsWith('org_'));
    const person = { ...caller, clientId: 'client-two' };
    const { id, signed } = await ready();
    await assert.rejects(strangers.sign(person, id, signed), refusal('stamping-not-found'));
    await assert.rejects(strangers.get(person, id), refusal('stamping-not-found'));
    const ruled = await of.maker.make(house, sealOrder('99010000000891', newId('organisation', clock)));
    const quota = { sealPerDay: 1, sealPerMonth: null, userPerDay: null, userPerMonth: null };
    await of.office.usePolicies.set(
      house,
      ruled.sealId,
      { rules: { ...openPolicy, documentClasses: ['contract'], quota }, reason: 'test', basedOn: 0 },
      key(),
    );
    const order = { sealId: ruled.sealId, documentClass: 'contract' as const };
    await assert.rejects(stamped(samplePdf(), { sealId: ruled.sealId }), refusal('document-class-required'));
    assert.equal((await stamped(samplePdf(), order)).record.status, 'done');
    await assert.rejects(stamped(samplePdf(), order), refusal('quota-exhausted'));
  });

  it('answers the same request with the same stamping, and refuses what is not made from a digest', async () => {
    const service = of.digestStamps();
    const source = samplePdf();
    const same = requestKey('digest-same');
    const [one, two] = [
      await service.prepare(caller, request(source), same),
      await service.prepare(caller, request(source), same),
    ];
    assert.equal(one.digestStampingId, two.digestStampingId);
    const refused: [ErrorCode, Partial<DigestRequest>][] = [
      ['policy-not-supported', { policy: 'dual' }],
      ['policy-not-supported', { policy: 'gm' }],
      ['policy-not-supported', { ...ofOfd(), policy: 'intl' }],
      ['policy-not-supported', { ...ofOfd(), sealId: of.seal.sealId }],
      ['level-not-supported', { level: 'B-LT' }],
      ['malformed-request', { purpose: ' ' }],
      ['malformed-request', { placements: ['a\nb'] }],
    ];
    for (const [code, change] of refused)
      await assert.rejects(service.prepare(caller, request(source, change), key()), refusal(code));
    const hash = sha256(source);
    for (const signed of [
      { digest: hash.subarray(1), path: undefined },
      { digest: hash, path: '/Doc_0/Signs/Sign_0/Signature.xml' },
    ])
      await assert.rejects(service.sign(caller, one.digestStampingId, signed), refusal('malformed-request'));
    const ofd = await service.prepare(caller, request(zip(ofdFiles()), ofOfd()), key());
    for (const path of [undefined, 'Signature.xml', '/Doc_0/图/Signature.xml', '/a b/Signature.xml', '/x'])
      await assert.rejects(
        service.sign(caller, ofd.digestStampingId, { digest: hash, path }),
        refusal('malformed-request'),
      );
  });
});
