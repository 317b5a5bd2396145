// Receipts: what is opened is what the entry committed to, and no byte of a receipt can be changed; C2SP tlog-proof.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { isLeaf } from '../../../src/audit/leaf-shape.ts';
import { encodeLeaf, parseLeaf } from '../../../src/audit/leaf.ts';
import { encodeReceipt, parseReceipt } from '../../../src/audit/receipt.ts';
import { SealingKey } from '../../../src/audit/sealing-key.ts';
import { verifyProof } from '../../../src/cli/audit-verify-proof.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { frozenClock } from '../../../src/kernel/clock.ts';
import { idFromUuid, newUuid } from '../../../src/kernel/ids.ts';
import { house } from '../../../src/kernel/principal.ts';
import { checkpointText } from '../../../src/tlog/checkpoint.ts';
import { cosign } from '../../../src/tlog/cosignature.ts';
import { leafHash, nodeHash, rootOf } from '../../../src/tlog/merkle.ts';
import { encodeVerifierKey, noteKey, signatureTypes, signNote } from '../../../src/tlog/note.ts';
import { freshLogSigner, logKey, syntheticLeaf } from '../../support/mirror-files.ts';

const origin = 'trust.example.cn/log';
const document = utf8('the document');
const clock = frozenClock('2026-03-01T08:00:00.123Z');

/** An entry that is the fifth of a log of seven, cosigned by one witness. */
async function given() {
  const entryId = newUuid(clock);
  const key = new SealingKey(new Uint8Array(32).fill(3));
  const actor = key.seal(entryId, 'actor', { account: 'acc_1', purpose: '合同用印' });
  const about = key.seal(entryId, 'subject', { object: 'lic_1', subject: 'acc_2' });
  const leaf = encodeLeaf(
    entryId,
    { ...house, kind: 'system', clientId: 'sandbox-system' },
    { action: 'stamping', outcome: 'done', facts: { policy: 'intl', level: 'B-T' } },
    {
      object: 'stp_1',
      objectSha256: sha256(document),
      subject: undefined,
      actorCommitment: actor.commitment,
      subjectCommitment: about.commitment,
    },
  );
  const hashes = [0, 1, 2, 3, 4, 5, 6].map((i) => leafHash(sha256, i === 4 ? leaf : syntheticLeaf(i)));
  const [h0, h1, h2, h3, , h5, h6] = hashes;
  assert.ok(h0 && h1 && h2 && h3 && h5 && h6);
  const left = nodeHash(sha256, nodeHash(sha256, h0, h1), nodeHash(sha256, h2, h3));
  const [signer, witness] = [freshLogSigner(), freshLogSigner()];
  const text = checkpointText({ origin, size: 7, root: rootOf(sha256, hashes) });
  const witnessKey = noteKey(sha256, 'witness.example/w1', witness.spki, signatureTypes.cosignature);
  assert.ok(witnessKey !== undefined);
  const seenAt = 1_772_352_001;
  const checkpoint =
    (await signNote(text, logKey(signer, origin), (data) => signer.sign(data, 'raw'))) +
    (await cosign(text, witnessKey, seenAt, (data) => witness.sign(data, 'raw')));
  const opened = (role: 'actor' | 'subject', sealed: Uint8Array) => {
    const part = key.open(entryId, role, sealed);
    assert.ok(part !== undefined);
    return { salt: part.salt, text: part.text };
  };
  const receipt = {
    proof: { index: 4, path: [h5, h6, left], checkpoint },
    leaf,
    opened: { actor: opened('actor', actor.sealed), about: opened('subject', about.sealed) },
  };
  return {
    entryId,
    receipt,
    verifierKey: encodeVerifierKey(logKey(signer, origin)),
    witnesses: [encodeVerifierKey(witnessKey)],
  };
}

describe('Receipt of a deed', () => {
  it('says deed, time, object, digest, what was opened, and which witnesses saw it', async () => {
    const { entryId, receipt, verifierKey, witnesses } = await given();
    const file = utf8(encodeReceipt(receipt));
    const report = verifyProof({ file, verifierKey, witnesses, object: document });
    assert.deepEqual(
      report.findings.map(({ code }) => code),
      ['included', 'cosigned', 'object-matches'],
    );
    assert.deepEqual([report.exitStatus, report.index, report.size, report.origin], [0, 4, 7, origin]);
    const { deed } = report;
    assert.ok(deed !== undefined);
    const { entry, ...said } = deed;
    assert.deepEqual(said, {
      entryId: idFromUuid('entry', entryId),
      at: '2026-03-01T08:00:00.123Z',
      action: 'stamping',
      outcome: 'done',
      object: 'stp_1',
      sha256: toHex(sha256(document)),
      opened: {
        actor: { account: 'acc_1', purpose: '合同用印' },
        about: { object: 'lic_1', subject: 'acc_2' },
      },
      cosignedBy: [{ witness: 'witness.example/w1', at: '2026-03-01T08:00:01.000Z' }],
    });
    assert.deepEqual(parseReceipt(file), { ...receipt, proof: { ...parseReceipt(file)?.proof } });
    assert.ok(typeof entry === 'object');
  });

  it('proves the same without the opened parts, and then does not say them', async () => {
    const { receipt, verifierKey } = await given();
    const text = encodeReceipt({ ...receipt, opened: {} });
    const { exitStatus, deed } = verifyProof({ file: utf8(text), verifierKey });
    assert.deepEqual([exitStatus, deed?.opened], [0, {}]);
    for (const secret of ['acc_1', '合同', 'lic_1']) assert.ok(!text.includes(secret));
  });

  it('is not good any more when any bit of any byte is changed', async () => {
    const { receipt, verifierKey, witnesses } = await given();
    const file = utf8(encodeReceipt(receipt));
    assert.equal(verifyProof({ file, verifierKey, witnesses }).exitStatus, 0);
    for (let at = 0; at < file.length; at++) {
      const bit = at % 8;
      const bent = file.slice();
      bent[at] = (bent[at] ?? 0) ^ (1 << bit);
      assert.notEqual(verifyProof({ file: bent, verifierKey, witnesses }).exitStatus, 0, `byte ${at} bit ${bit}`);
    }
  });

  it('is refused with an opened part that the entry did not commit to, a missing witness, or another key', async () => {
    const { receipt, verifierKey, witnesses } = await given();
    const judged = (changed: Partial<typeof receipt>, more: object = {}) =>
      verifyProof({ file: utf8(encodeReceipt({ ...receipt, ...changed })), verifierKey, witnesses, ...more });
    const { actor, about } = receipt.opened;
    const lie = { salt: actor.salt, text: utf8('{"account":"acc_9","purpose":"合同用印"}') };
    for (const opened of [
      { actor: lie, about },
      { actor: about, about: actor },
      { actor: { ...actor, salt: about.salt }, about },
    ])
      assert.equal(judged({ opened }).findings[0]?.code, 'opening-differs');
    const note = receipt.proof.checkpoint.split('\n').slice(0, -2).join('\n');
    const unseen = { proof: { ...receipt.proof, checkpoint: `${note}\n` } };
    assert.equal(judged(unseen).findings[0]?.code, 'cosignatures-missing');
    assert.equal(judged(unseen, { need: 0 }).exitStatus, 0);
    assert.equal(judged({}, { need: 2 }).findings[0]?.code, 'witness-policy-impossible');
    const absent = noteKey(sha256, 'witness.example/w2', freshLogSigner().spki, signatureTypes.cosignature);
    const other2 = absent === undefined ? '' : encodeVerifierKey(absent);
    const twice = { witnesses: [...witnesses, ...witnesses, other2], need: 2 };
    assert.equal(judged({}, twice).findings[0]?.code, 'cosignatures-missing', 'one witness named twice is one');
    assert.equal(judged({}, { ...twice, need: 1 }).exitStatus, 0);
    const other = encodeVerifierKey(logKey(freshLogSigner(), origin));
    assert.equal(judged({}, { verifierKey: other }).findings[0]?.code, 'checkpoint-signature-bad');
    // A log that changed its key: an old receipt is checked with the old one.
    assert.equal(judged({}, { verifierKey: [other, verifierKey] }).exitStatus, 0);
    assert.equal(judged({}, { object: utf8('another') }).findings[0]?.code, 'object-differs');
  });
});

describe('The quick look at a leaf', () => {
  it('never takes what the parser refuses, and knows the spelling of the service', async () => {
    const { receipt } = await given();
    const samples = [receipt.leaf, syntheticLeaf(0), syntheticLeaf(123_456)];
    for (const leaf of samples) assert.equal(isLeaf(leaf), true);
    const bends = fc.record({
      leaf: fc.constantFrom(...samples),
      at: fc.nat(400),
      byte: fc.oneof(fc.constantFrom(...utf8('",:{}0-\\ a')), fc.nat(255)),
      kind: fc.nat(2),
    });
    fc.assert(
      fc.property(bends, ({ leaf, at, byte, kind }) => {
        const bent = Array.from(leaf);
        if (kind === 0) bent[at % leaf.length] = byte;
        else if (kind === 1) bent.splice(at % leaf.length, 0, byte);
        else bent.splice(at % leaf.length, 1);
        const bytes = Uint8Array.from(bent);
        assert.equal(isLeaf(bytes), parseLeaf(bytes) !== undefined);
      }),
      { numRuns: 5000 },
    );
    const text = new TextDecoder().decode(receipt.leaf);
    const turned = text.replace('{"level":"B-T","policy":"intl"}', '{"policy":"intl","level":"B-T"}');
    assert.notEqual(turned, text);
    assert.equal(isLeaf(utf8(turned)), false);
  });
});
