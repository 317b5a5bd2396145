// Proves the policies gm and dual on PDF with a seal of both suites: SM2 signatures that BouncyCastle accepts, a P-256 one on top that pdfsig accepts, and both or none.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/kernel/clock.ts';
import { type ErrorCode, isTrustError, TrustError } from '../../../src/kernel/errors.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { house } from '../../../src/kernel/principal.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { parseSeal } from '../../../src/seal/ses/ses-seal.ts';
import type { SealRecord } from '../../../src/seal/seal-record.ts';
import { needBouncyCastle } from '../../support/bouncy-castle.ts';
import { judged } from '../../support/foreign-judges.ts';
import { ofdFiles, zip } from '../../support/ofd-samples.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { requestKey, type SealHouse, sealHouse, sealOrder, stampRequest, system, uploaded } from './seal-house.ts';

const caller = system('client-one');

describe('policies gm and dual on PDF', () => {
  let of: SealHouse;
  let seal: SealRecord;
  let count = 0;
  const stamp = async (change: object, source = samplePdf({ pageCount: 2 }), stamps = of.stamps()) => {
    const request = stampRequest(of, await uploaded(of, caller, source), { sealId: seal.sealId, ...change });
    const record = await stamps.stamp(caller, request, requestKey(`dual-${count++}`));
    return { record, product: await stamps.document(caller, record.stampingId) };
  };
  const refused = (change: object, code: ErrorCode, stamps = of.stamps()) =>
    assert.rejects(stamp(change, samplePdf(), stamps), (error) => isTrustError(error, code));

  before(async () => {
    of = await sealHouse();
    const order = sealOrder('99010000000055', newId('organisation', systemClock));
    seal = await of.maker.make(house, { ...order, suite: 'both' });
  });
  after(async () => of.close());

  it('come with one seal whose SES seal lists both certificates', async () => {
    assert.deepEqual(seal.policies, ['gm', 'intl', 'dual']);
    const { sesSeal, certificateSha256, further } = await of.seals.forUse(seal.sealId);
    assert.equal(parseSeal(sesSeal).info.certificates.length, 2);
    for (const sha256 of [certificateSha256, further?.certificateSha256 ?? new Uint8Array()]) {
      assert.equal((await of.seals.byCertificate(sha256, systemClock.now()))?.record.sealId, seal.sealId);
    }
  });

  it('gm: an SM2 signature over SM3 with an SM2 time stamp, at every level', async () => {
    for (const level of ['B-B', 'B-T', 'B-LT', 'B-LTA'] as const) {
      const { record, product } = await stamp({ policy: 'gm', level });
      assert.deepEqual([record.policy, record.level], ['gm', level]);
      const report = await of.verifier.verify(house, product);
      assert.equal(report.indication, 'TOTAL-PASSED', level);
      assert.equal(report.signatures[0]?.seal?.sealCode, seal.sealCode);
      assert.match(report.signatures[0]?.certificate?.issuer ?? '', /SM2/);
    }
  });

  it('intl: the P-256 key of the same seal', async () => {
    const { product } = await stamp({ policy: 'intl' });
    const [signature] = (await of.verifier.verify(house, product)).signatures;
    assert.deepEqual([signature?.indication, signature?.seal?.sealCode], ['TOTAL-PASSED', seal.sealCode]);
    assert.doesNotMatch(signature?.certificate?.issuer ?? '', /SM2/);
  });

  it('dual: SM2 first and unseen, then P-256 with the picture; both pass, and the audit entry names both keys', async () => {
    for (const level of ['B-B', 'B-T', 'B-LT', 'B-LTA'] as const) {
      const { record, product } = await stamp({ policy: 'dual', level });
      const report = await of.verifier.verify(house, product);
      const signatures = report.signatures.filter(({ format }) => format === 'PAdES');
      assert.deepEqual(
        signatures.map(({ indication, seal: shown, certificate }) => [
          indication,
          shown?.sealCode,
          /SM2/.test(certificate?.issuer ?? ''),
        ]),
        [
          ['TOTAL-PASSED', seal.sealCode, true],
          ['TOTAL-PASSED', seal.sealCode, false],
        ],
        level,
      );
      const widths = openPdf(product).signatures.map(({ widgets }) => widgets[0]?.rectMm.widthMm ?? 0);
      assert.deepEqual([widths[0], Math.round(widths[1] ?? 0)], [0, seal.widthMm]);
      const { items } = await of.audit.entries({ objectId: record.stampingId, limit: 10 });
      const intended = items.find(({ outcome }) => outcome === 'intended');
      assert.equal(intended?.facts?.['keyName'], `seal-${seal.sealCode},seal-${seal.sealCode}-intl`);
    }
  });

  it('gives pdfsig, mutool and qpdf a last signature that is good, and BouncyCastle two', async function () {
    const { product } = await stamp({ policy: 'dual' });
    const [pdfsig, qpdf] = [judged(product, 'pdfsig', '-nocert'), judged(product, 'qpdf', '--check')];
    const mutool = judged(product, 'mutool', 'sign', '-v');
    if (pdfsig !== undefined) assert.match(pdfsig.text, /Signature #2:[^]*Total document signed[^]*Signature is Valid/);
    if (mutool !== undefined) assert.match(mutool.text, /unchanged since signing/);
    if (qpdf !== undefined) assert.deepEqual([qpdf.status, /WARNING/.test(qpdf.text)], [0, false], qpdf.text);
    const java = needBouncyCastle(this);
    const directory = mkdtempSync(join(tmpdir(), 'yinxin-dual-'));
    try {
      const put = (name: string, content: Uint8Array) => {
        writeFileSync(join(directory, name), content);
        return join(directory, name);
      };
      const commands = openPdf(product).signatures.map((signature, place) => [
        'verify',
        put(`cms-${place}`, signature.contents),
        put(`content-${place}`, Buffer.concat([...signature.signedBytes()])),
      ]);
      assert.deepEqual(
        java.judge(commands).map((answer) => answer.startsWith('good')),
        [true, true],
      );
    } finally {
      rmSync(directory, { recursive: true });
      java.remove();
    }
  });

  it('releases neither signature when the second cannot be made', async () => {
    const { timestamps } = of;
    let asked = 0;
    const failing = of.stamps({
      timestamps: {
        stamp: async (imprint, suite) => {
          asked += 1;
          if (suite === 'intl') throw new TrustError('timestamp-refused', 'not now');
          return timestamps.stamp(imprint, suite);
        },
      },
    });
    await refused({ policy: 'dual' }, 'timestamp-refused', failing);
    assert.equal(asked, 2);
    const { rows } = await of.database.query<{ status: string; product_document_id: string | null }>({
      text: `SELECT status, product_document_id FROM seal.stamping WHERE void_code = 'timestamp-refused'`,
    });
    assert.deepEqual(rows, [{ status: 'voided', product_document_id: null }]);
  });

  it('refuses what two signatures cannot do, before any key acts', async () => {
    await refused({ policy: 'dual', certify: 'no-changes' }, 'locked-pdf');
    const placements = [1, 2].map((n) => ({ kind: 'position', page: 1, xMm: 60, yMm: n * 80 }));
    await refused({ policy: 'dual', certify: 'forms', placements }, 'locked-pdf');
    await refused({ policy: 'dual', sealId: of.seal.sealId }, 'policy-not-supported');
    await refused({ policy: 'gm', sealId: of.seal.sealId }, 'policy-not-supported');
    const { product } = await stamp({ policy: 'dual', certify: 'annotations', placements });
    assert.equal((await of.verifier.verify(house, product)).indication, 'TOTAL-PASSED');
    const bytes = zip(ofdFiles());
    const upload = await of.documents.put(caller, { bytes, mediaType: 'application/ofd' }, requestKey('dual-ofd'));
    const request = { ...stampRequest(of, upload.documentId), sealId: seal.sealId, policy: 'dual' } as const;
    await assert.rejects(of.stamps().stamp(caller, request, requestKey('dual-on-ofd')), (error) =>
      isTrustError(error, 'policy-not-supported'),
    );
    const onOfd = await of.stamps().stamp(caller, { ...request, policy: 'gm' }, requestKey('gm-on-ofd'));
    assert.equal(onOfd.status, 'done');
  });

  it('goes on with both keys after a renewal, and what was signed before stays of this seal', async () => {
    const before = await stamp({ policy: 'dual' });
    const renewed = await of.office.life.renew(house, seal.sealId, { reason: '续期', validDays: 365 });
    assert.deepEqual([renewed.edition, renewed.policies], [2, ['gm', 'intl', 'dual']]);
    const after = await stamp({ policy: 'dual' });
    for (const { product } of [before, after]) {
      const report = await of.verifier.verify(house, product);
      assert.deepEqual(
        report.signatures.map(({ indication, seal: shown }) => [indication, shown?.sealCode]),
        [
          ['TOTAL-PASSED', seal.sealCode],
          ['TOTAL-PASSED', seal.sealCode],
        ],
      );
    }
  });
});
