// Proves the verification of documents: one changed byte, later changes, foreign and stopped signers, and what is no document at all.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sha256 } from '../../../src/crypto/digest.ts';
import { concatBytes, toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { type frozenClock as FrozenClock, frozenClock, systemClock } from '../../../src/kernel/clock.ts';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { anonymous, house } from '../../../src/kernel/principal.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { ofdFiles, zip } from '../../support/ofd-samples.ts';
import { appendUpdate, objectText, samplePdf } from '../../support/pdf-samples.ts';
import { needSharedData } from '../../support/shared-data.ts';
import {
  requestKey,
  type SealHouse,
  sealHouse,
  sealOrder,
  stampRequest,
  system,
  uploaded,
} from '../seal/seal-house.ts';

const caller = system('client-one');
let count = 0;

async function stamped(of: SealHouse, change = {}, source = samplePdf({ pageCount: 2 })): Promise<Uint8Array> {
  const stamps = of.stamps();
  const request = stampRequest(of, await uploaded(of, caller, source), change);
  const { stampingId } = await stamps.stamp(caller, request, requestKey(`verify-${count++}`));
  return stamps.document(caller, stampingId);
}

function refusal(code: ErrorCode): (error: unknown) => boolean {
  return (error) => isTrustError(error, code);
}

async function codesOf(of: SealHouse, bytes: Uint8Array): Promise<{ verdict: string; codes: string[] }> {
  const { indication, subIndication, signatures, findings } = await of.verifier.verify(anonymous, bytes);
  const codes = [...findings, ...signatures.flatMap((signature) => signature.findings)].map(({ code }) => code);
  return { verdict: `${indication} ${subIndication}`, codes };
}

describe('EN 319 102-1: verification of a stamped document', () => {
  let of: SealHouse;
  let product: Uint8Array;
  let gap: readonly [number, number];

  before(async () => {
    of = await sealHouse();
    product = await stamped(of);
    const [, a = 0, b = 0] = openPdf(product).signatures[0]?.byteRange ?? [];
    gap = [a, b];
  });
  after(async () => of.close());

  const flipped = (at: number, mask: number): Uint8Array => {
    const copy = Uint8Array.from(product);
    copy[at] = (copy[at] ?? 0) ^ mask;
    return copy;
  };

  it('answers TOTAL-FAILED for any one changed byte of the signed range', async () => {
    // The five bytes that make a file a PDF at all are left out: without them it is another kind of file.
    const position = fc.integer({ min: 5, max: product.length - 1 }).filter((at) => at < gap[0] || at >= gap[1]);
    await fc.assert(
      fc.asyncProperty(position, fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const { verdict } = await of.judge.judge(flipped(at, mask));
        assert.equal(verdict.indication, 'TOTAL-FAILED');
      }),
      { numRuns: 400 },
    );
  });

  it('answers TOTAL-FAILED for any changed byte of the structure that the update added', async () => {
    const { length } = samplePdf({ pageCount: 2 });
    const start = Buffer.from(product).indexOf('/Type /Sig', length, 'latin1');
    assert.ok(start > 0);
    const ends = [
      [start - 20, gap[0]],
      [gap[1], product.length],
    ] as const;
    for (const [from, to] of ends) {
      for (let at = from; at < to; at++) {
        const { verdict } = await of.judge.judge(flipped(at, 1));
        assert.equal(verdict.indication, 'TOTAL-FAILED', `byte ${at}`);
      }
    }
  });

  it('lets no changed byte of Contents pass as the same signature', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: gap[0], max: gap[1] - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, mask) => {
          const { verdict, signatures } = await of.judge.judge(flipped(at, mask));
          if (verdict.indication !== 'TOTAL-PASSED') return;
          // Nothing protects unsigned attributes. A name changed in the authority's chain makes it a strange authority, as others are.
          const told = signatures[0]?.report.findings.map(({ code }) => code);
          assert.deepEqual([told, signatures[0]?.report.level], [['time-stamp-not-trusted'], 'B-B'], `byte ${at}`);
        },
      ),
      { numRuns: 400 },
    );
    const time = Buffer.from(product.subarray(...gap)).indexOf('2a864886f70d010910020e', 0, 'latin1');
    const renamed = await codesOf(of, flipped(gap[0] + time + 21, 1));
    assert.equal(renamed.verdict, 'INDETERMINATE SIG_CONSTRAINTS_FAILURE');
    assert.ok(renamed.codes.includes('time-stamp-damaged'));
    const padding = flipped(gap[1] - 2, 1);
    assert.equal((await codesOf(of, padding)).verdict, 'TOTAL-FAILED FORMAT_FAILURE');
    const respelled = Uint8Array.from(product);
    const letter = respelled.findIndex((byte, at) => at > gap[0] && byte >= 0x61 && byte <= 0x66);
    respelled[letter] = (respelled[letter] ?? 0) & 0xdf;
    assert.ok((await codesOf(of, respelled)).codes.includes('signature-contents-respelled'));
  });

  it('tells an OFD by its content, and what is a ZIP and no OFD', async () => {
    const report = await of.verifier.verify(anonymous, zip(ofdFiles({ pageCount: 3 })));
    assert.deepEqual([report.mediaType, report.pageCount, report.indication], ['application/ofd', 3, 'INDETERMINATE']);
    assert.deepEqual(
      report.findings.map(({ code }) => code),
      ['no-signature'],
    );
    await assert.rejects(of.verifier.verify(anonymous, zip({ 'word/document.xml': '<x/>' })), refusal('malformed-ofd'));
    await assert.rejects(of.verifier.verify(anonymous, utf8('no document')), refusal('unsupported-media-type'));
  });

  it('finds later changes, and says that the signed bytes are intact all the same', async () => {
    const content = Buffer.from(objectText(product, 10)).toString('latin1');
    const attacked = appendUpdate(product, { 10: content.replace('/Type /Page', '/Type /Page /Rotate 90') });
    const report = await of.verifier.verify(anonymous, attacked);
    const [signature] = report.signatures;
    assert.equal(report.indication, 'TOTAL-FAILED');
    assert.deepEqual([signature?.intact, signature?.valid, signature?.coverage], [true, true, 'revision']);
    assert.ok(signature?.findings.some(({ code }) => code === 'changed-after-signing'));
    assert.ok((signature?.changes.length ?? 0) > 0);
  });

  it('does not take a file whose signature was hidden, or that was damaged, for an unsigned one', async () => {
    const catalog = objectText(product, 1).replace(/\/AcroForm (<<[\s\S]*?>>|\d+ 0 R)/, '');
    const hidden = await codesOf(of, appendUpdate(product, { 1: catalog }));
    assert.deepEqual([hidden.verdict, hidden.codes], ['TOTAL-FAILED FORMAT_FAILURE', ['signature-hidden']]);
    const damaged = await codesOf(of, product.subarray(0, product.length - 40));
    assert.deepEqual([damaged.verdict, damaged.codes], ['TOTAL-FAILED FORMAT_FAILURE', ['malformed-pdf']]);
    const longer = await codesOf(of, concatBytes(product, utf8('\n% more\n')));
    assert.notEqual(longer.verdict, 'TOTAL-PASSED null');
  });

  it('cannot judge an unsigned document, and says so', async () => {
    const { verdict, codes } = await codesOf(of, samplePdf());
    assert.deepEqual([verdict, codes], ['INDETERMINATE SIGNED_DATA_NOT_FOUND', ['no-signature']]);
  });

  it('refuses only what cannot be read and claims no signature', async () => {
    const verify = async (bytes: Uint8Array) => of.verifier.verify(anonymous, bytes);
    await assert.rejects(verify(utf8('PK\u0003\u0004')), refusal('malformed-ofd'));
    await assert.rejects(verify(new Uint8Array()), refusal('unsupported-media-type'));
    await assert.rejects(verify(utf8('%PDF-1.7\nnothing')), refusal('malformed-pdf'));
    const encrypted = samplePdf({ trailer: '/Encrypt << /Filter /Standard /V 1 /R 2 /O () /U () /P 0 >>' });
    await assert.rejects(verify(encrypted), refusal('encrypted-pdf'));
  });

  it('leaves a receipt: digest and verdict are in the audit log, the content is not', async () => {
    const report = await of.verifier.verify(anonymous, product);
    const { items } = await of.audit.entries({ objectId: report.verificationId, limit: 2 });
    const [entry, ...others] = items;
    assert.equal(others.length, 0);
    assert.deepEqual(
      [entry?.entryId, entry?.action, entry?.facts['indication']],
      [report.receipt.entryId, 'document.verified', 'TOTAL-PASSED'],
    );
    assert.equal(report.sha256, toHex(sha256(product)));
  });

  it('finds a stamp of another house intact and valid, but not trusted', async () => {
    const other = await sealHouse();
    try {
      const report = await of.verifier.verify(anonymous, await stamped(other));
      const [signature] = report.signatures;
      assert.deepEqual([report.indication, report.subIndication], ['INDETERMINATE', 'NO_CERTIFICATE_CHAIN_FOUND']);
      assert.deepEqual([signature?.intact, signature?.valid, signature?.trusted], [true, true, false]);
      assert.equal(signature?.seal, null);
      assert.equal(signature?.timeSource, 'claimed');
    } finally {
      await other.close();
    }
  });
});

describe('EN 319 102-1, 5.5 and 5.6: the verdict over time', () => {
  let of: SealHouse;
  let clock: ReturnType<typeof FrozenClock>;
  let sealNumber = 5000;
  const day = 86_400_000;

  before(async () => {
    clock = frozenClock('2026-11-21T08:00:00Z');
    of = await sealHouse(clock);
  });
  after(async () => of.close());

  const pair = async () => {
    const code = `990100${String(sealNumber++).padStart(8, '0')}`;
    const seal = await of.maker.make(house, sealOrder(code, newId('organisation', systemClock)));
    const stampedPdf = {
      bb: await stamped(of, { sealId: seal.sealId, level: 'B-B' }),
      bt: await stamped(of, { sealId: seal.sealId }),
    };
    clock.advance(60_000);
    return { seal, ...stampedPdf };
  };
  const verdict = async (bytes: Uint8Array): Promise<string> => (await codesOf(of, bytes)).verdict;

  it('keeps what was proven to be signed before a seal was stopped, and cannot judge what was not', async () => {
    const { seal, bb, bt } = await pair();
    await of.seals.changeStatus(house, seal.sealId, 'lost', 'test');
    assert.equal(await verdict(bt), 'TOTAL-PASSED null');
    assert.equal(await verdict(bb), 'INDETERMINATE REVOKED_NO_POE');
    await of.seals.changeStatus(house, seal.sealId, 'active', 'found');
    assert.equal(await verdict(bb), 'TOTAL-PASSED null');
  });

  it('does the same when the certificate is revoked', async () => {
    const { seal, bb, bt } = await pair();
    const { certificate } = await of.authority.certificateOf(`seal-${seal.sealCode}`);
    await of.authority.revoke(certificate.serialHex, 'cessationOfOperation', house);
    assert.equal(await verdict(bt), 'TOTAL-PASSED null');
    assert.equal(await verdict(bb), 'INDETERMINATE REVOKED_NO_POE');
  });

  it('does the same when the certificate has expired, and the seal stamps no more', async () => {
    const { seal, bb, bt } = await pair();
    clock.advance(400 * day);
    assert.equal(await verdict(bt), 'TOTAL-PASSED null');
    assert.equal(await verdict(bb), 'INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED');
    await assert.rejects(stamped(of, { sealId: seal.sealId }), refusal('seal-expired'));
    assert.equal((await of.seals.get(caller, seal.sealId)).status, 'expired');
  });
});

describe('documents of other people', () => {
  let of: SealHouse;
  before(async () => {
    of = await sealHouse();
  });
  after(async () => of.close());

  it('finds two good signatures of unknown signers in a PDF signed twice (pyHanko, MIT)', async function () {
    const report = await of.verifier.verify(
      anonymous,
      needSharedData(this, 'seal/minimal-two-fields-signed-twice.pdf'),
    );
    assert.deepEqual(
      report.signatures.map(({ intact, valid, trusted, coverage }) => [intact, valid, trusted, coverage]),
      [
        [true, true, false, 'revision'],
        [true, true, false, 'whole-file'],
      ],
    );
    assert.equal(report.indication, 'INDETERMINATE');
  });

  it('flags a PDF whose end no signature covers (pyHanko, MIT)', async function () {
    const report = await of.verifier.verify(anonymous, needSharedData(this, 'seal/tail-uncovered.pdf'));
    assert.equal(report.indication, 'TOTAL-FAILED');
    assert.notEqual(report.signatures.at(-1)?.coverage, 'whole-file');
  });
});
