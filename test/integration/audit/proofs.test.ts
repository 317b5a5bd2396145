// Proofs from the database: inclusion and consistency at every kind of place of a tree of three levels; RFC 9162, 2.1.3 and 2.1.4.

import assert from 'node:assert/strict';
import { AuditProofs } from '../../../src/audit/proofs.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { toHex } from '../../../src/kernel/bytes.ts';
import { house } from '../../../src/kernel/principal.ts';
import { parseCheckpoint } from '../../../src/tlog/checkpoint.ts';
import { parseNote } from '../../../src/tlog/note.ts';
import { verifyConsistency, verifyInclusion } from '../../../src/tlog/proof.ts';
import { type TestLog, testLog } from '../../support/audit.ts';
import { loadSyntheticLog, syntheticHash } from '../../support/synthetic-log.ts';

const size = 140_000;
const sizes = [0, 1, 2, 255, 256, 257, 300, 65_535, 65_536, 65_537, 65_792, 131_072, 139_776, 139_777, size - 1, size];

describe('RFC 9162, 2.1.3 and 2.1.4: proofs from the database', () => {
  let log: TestLog;
  let proofs: AuditProofs;
  before(async () => {
    log = await testLog();
    await loadSyntheticLog(log.test.database, size);
    await log.runner.step();
    proofs = new AuditProofs({ database: log.test.database, verifierKey: log.runner.verifierKey });
  });
  after(() => log.test.close());

  const rootIn = (checkpoint: string) => {
    const opened = parseCheckpoint(parseNote(checkpoint)?.text ?? '');
    assert.ok(opened !== undefined);
    return opened;
  };

  it('of inclusion hold at the edges of tiles, in the partial tiles and at random places, singly and together', async () => {
    const random = Array.from({ length: 600 }, (_, i) => (i * 104_729) % size);
    const indexes = [...sizes.filter((index) => index < size), ...random];
    for (const index of indexes) {
      const proof = await proofs.inclusion(index);
      const { root } = rootIn(proof.checkpoint);
      assert.equal(toHex(proof.leafHash), toHex(syntheticHash(index)));
      assert.equal(verifyInclusion(sha256, { ...proof, size, root }), true, `leaf ${index}`);
    }
    const together = await proofs.inclusions(indexes);
    assert.deepEqual(together[7], await proofs.inclusion(indexes[7] ?? -1));
    assert.deepEqual(
      together.map(({ index }) => index),
      indexes,
    );
  });

  it('of consistency hold between all sizes about the edges of tiles, with the roots that they had', async () => {
    for (const to of sizes)
      for (const from of sizes.filter((first) => first <= to)) {
        const proof = await proofs.consistency(from, to);
        const { fromRoot: firstRoot, toRoot: secondRoot, path } = proof;
        assert.equal(
          verifyConsistency(sha256, { first: from, second: to, firstRoot, secondRoot, path }),
          true,
          `${from} in ${to}`,
        );
      }
    const whole = await proofs.consistency(256);
    assert.equal(whole.to, size);
    assert.deepEqual(whole.toRoot, rootIn(whole.checkpoint).root);
  });

  it('are refused beyond the published tree, and backwards', async () => {
    await assert.rejects(proofs.inclusion(size), { code: 'audit-entry-not-found' });
    await assert.rejects(proofs.inclusion(-1), { code: 'audit-entry-not-found' });
    await assert.rejects(proofs.inclusion(0.5), { code: 'audit-entry-not-found' });
    await assert.rejects(proofs.consistency(3, 2), { code: 'malformed-request' });
    await assert.rejects(proofs.consistency(0, size + 1), { code: 'malformed-request' });
    await assert.rejects(proofs.consistency(-1), { code: 'malformed-request' });
  });

  it('follow the newest checkpoint, and wait a little for one that covers the entry', async () => {
    const own = await testLog();
    try {
      const waiting = new AuditProofs({ database: own.test.database });
      await assert.rejects(waiting.consistency(0), { code: 'audit-entry-not-sequenced' });
      const append = () => own.audit.append(house, { action: 'key.created', outcome: 'done' });
      await append();
      await own.runner.step();
      assert.equal(rootIn((await waiting.inclusion(0)).checkpoint).size, 1);
      await append();
      const later = waiting.inclusion(1, { waitMs: 10_000 });
      await own.runner.step();
      assert.equal(rootIn((await later).checkpoint).size, 2);
    } finally {
      await own.test.close();
    }
  });

  it('of a leaf that no checkpoint covers yet ask to come again in a second', async () => {
    const own = await testLog();
    try {
      await own.audit.append(house, { action: 'key.created', outcome: 'done' });
      await own.runner.step();
      await own.test.database.query({ text: `UPDATE audit.log_head SET size = 2, frontier = frontier || frontier` });
      const waiting = new AuditProofs({ database: own.test.database });
      await assert.rejects(waiting.inclusion(1), {
        code: 'audit-entry-not-sequenced',
        details: { retryAfterSeconds: 1 },
      });
    } finally {
      await own.test.close();
    }
  });
});
