// Entries are written with their deed, found again, kept free of personal data, and proved under a signed checkpoint.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { createPublicKey } from 'node:crypto';
import { dirname, join } from 'node:path';
import { sha256 } from '../../../src/crypto/digest.ts';
import { fromHex, fromUtf8, toHex } from '../../../src/kernel/bytes.ts';
import { addSeconds, frozenClock, systemClock } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { idFromUuid, newId } from '../../../src/kernel/ids.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { house, type Principal } from '../../../src/kernel/principal.ts';
import { parseCheckpoint } from '../../../src/tlog/checkpoint.ts';
import { decodeEntryBundle } from '../../../src/tlog/entry-bundle.ts';
import { leafHash } from '../../../src/tlog/merkle.ts';
import { parseNote, parseVerifierKey, verifyNote } from '../../../src/tlog/note.ts';
import { verifyInclusion } from '../../../src/tlog/proof.ts';
import { ensurePartitions } from '../../../src/audit/partitions.ts';
import { type TestLog, testLog, testOrigin, verifyEd25519 } from '../../support/audit.ts';

const accountId = newId('account', systemClock);
const clerk: Principal = {
  kind: 'person',
  accountId,
  clientId: 'sandbox-web',
  scopes: new Set(),
  roles: new Set(['clerk']),
  level: 4,
  origin: '192.0.2.0/24',
  requestId: 'req-17',
};

describe('audit log', () => {
  let log: TestLog;

  beforeEach(async () => {
    log = await testLog();
  });
  afterEach(async () => {
    await log.runner.stop();
    await log.test.close();
  });

  it('leaves nothing of an entry whose deed is rolled back, and both of one that is committed', async () => {
    const { audit, test, runner } = log;
    await assert.rejects(
      test.database.transaction(async (tx) => {
        await audit.record(tx, house, { action: 'key.created', outcome: 'done', objectId: 'log' });
        throw new Error('the deed failed');
      }),
      /the deed failed/,
    );
    assert.equal(await audit.queueDepth(), 0);
    assert.deepEqual((await audit.entries({ limit: 10 })).items, []);
    const entryId = await test.database.transaction((tx) =>
      audit.record(tx, house, { action: 'key.created', outcome: 'done', objectId: 'log' }),
    );
    assert.equal(await audit.queueDepth(), 1);
    assert.equal(await audit.indexOf(entryId, { waitMs: 0 }), null);
    await runner.step();
    assert.equal(await audit.indexOf(entryId, { waitMs: 0 }), 0);
    assert.equal(await audit.queueDepth(), 0);
  });

  it('puts no personal data into the public leaf, and shows auditors what was sealed', async () => {
    const { audit, runner, tiles, test } = log;
    await audit.append(clerk, {
      action: 'account.created',
      outcome: 'done',
      objectId: accountId,
      subjectId: accountId,
      purpose: '为张三开户',
      facts: { level: 4 },
      personal: { name: '张三', loginName: '990101199001011234' },
    });
    await runner.step();
    const bundle = (await tiles.entryBundle(0, 1)) ?? new Uint8Array();
    const text = fromUtf8(decodeEntryBundle(bundle, 1)?.[0] ?? new Uint8Array()) ?? '';
    assert.match(text, /"action":"account.created"/);
    for (const secret of [accountId, '张三', '990101', '192.0.2', 'req-17', '开户'])
      assert.ok(!text.includes(secret), secret);
    const entry = await audit.entry(0);
    assert.equal(entry.purpose, '为张三开户');
    assert.equal(entry.accountId, accountId);
    assert.equal(entry.subjectId, accountId);
    assert.equal(entry.objectId, accountId);
    assert.deepEqual(entry.facts, { level: 4 });
    const { rows } = await test.database.query<{ row: string }>({ text: 'SELECT e::text AS row FROM audit.entry e' });
    assert.ok(!(rows[0]?.row ?? '').includes(Buffer.from('张三').toString('hex')));
  });

  it('refuses to change or remove an entry', async () => {
    const { audit, runner, test } = log;
    await audit.append(clerk, { action: 'sign-in', outcome: 'done', subjectId: accountId });
    await runner.step();
    for (const text of [
      'UPDATE audit.entry SET action = 1',
      'UPDATE audit.entry SET actor_part = NULL, subject_part = NULL',
      'DELETE FROM audit.entry',
      'DELETE FROM audit.log_checkpoint',
    ])
      await assert.rejects(test.database.query({ text }), { code: '42501' }, text);
  });

  it('finds entries by action, object, subject, client and time, newest first, page by page', async () => {
    const clock = frozenClock('2026-03-01T00:00:00Z');
    const own = await testLog({ clock });
    try {
      for (let i = 0; i < 25; i++) {
        clock.advance(1000);
        await own.audit.append(i % 2 === 0 ? clerk : house, {
          action: i % 5 === 0 ? 'seal.made' : 'stamping',
          outcome: 'done',
          objectId: `seal_${i % 3}`,
          ...(i % 2 === 0 ? { subjectId: accountId } : {}),
        });
      }
      await own.runner.step();
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await own.audit.entries({ limit: 10, ...(cursor === undefined ? {} : { cursor }) });
        seen.push(...page.items.map(({ entryId }) => entryId));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      assert.equal(seen.length, 25);
      assert.deepEqual(seen, [...new Set(seen)].sort().reverse());
      const count = async (filter: object): Promise<number> =>
        (await own.audit.entries({ limit: 200, ...filter })).items.length;
      assert.equal(await count({ action: 'seal.made' }), 5);
      assert.equal(await count({ objectId: 'seal_1' }), 8);
      assert.equal(await count({ subjectId: accountId }), 13);
      assert.equal(await count({ clientId: 'sandbox-web', action: 'seal.made' }), 3);
      const start = clock.now();
      assert.equal(await count({ from: addSeconds(start, -4), until: start }), 4);
      await assert.rejects(own.audit.entries({ limit: 10, cursor: 'ent_!' }), { code: 'cursor-invalid' });
      await assert.rejects(own.audit.entries({ limit: 0 }), { code: 'malformed-request' });
    } finally {
      await own.test.close();
    }
  });

  it('proves every entry under the checkpoint, which the verifier key opens', async () => {
    const { audit, runner, tiles } = log;
    for (let i = 0; i < 20; i++)
      await audit.append(house, { action: 'stamping', outcome: 'done', facts: { attempt: i } });
    await runner.step();
    for (let i = 0; i < 13; i++)
      await audit.append(house, { action: 'stamping', outcome: 'done', facts: { attempt: i } });
    await runner.step();
    const key = parseVerifierKey(sha256, tiles.verifierKey());
    const note = parseNote(await tiles.checkpoint());
    assert.ok(key !== undefined && note !== undefined);
    assert.equal(key.name, testOrigin);
    assert.equal(verifyNote(note, key, verifyEd25519), true);
    const checkpoint = parseCheckpoint(note.text);
    assert.equal(checkpoint?.origin, testOrigin);
    assert.equal(checkpoint.size, 33);
    for (let index = 0; index < 33; index++) {
      const proof = await log.proofs.inclusion(index);
      const entry = await audit.entry(index);
      assert.equal(toHex(proof.leafHash), toHex(leafHash(sha256, entry.leaf)));
      assert.ok(verifyInclusion(sha256, { ...proof, size: 33, root: checkpoint.root }));
    }
    await assert.rejects(log.proofs.inclusion(33), { code: 'audit-entry-not-found' });
    await assert.rejects(audit.entry(33), { code: 'audit-entry-not-found' });
  });

  it('is accepted by a foreign judge: proofs and notes by @sigstore/verify', async () => {
    const { audit, runner, signer, tiles } = log;
    for (let i = 0; i < 300; i++)
      await audit.append(house, { action: 'stamping', outcome: 'done', facts: { attempt: i } });
    await runner.step();
    const judge = sigstore();
    const envelope = await tiles.checkpoint();
    const root = parseCheckpoint(parseNote(envelope)?.text ?? '')?.root ?? new Uint8Array();
    const keyId = fromHex(tiles.verifierKey().split('+')[1] ?? '') ?? new Uint8Array();
    const authority = {
      logID: Buffer.concat([keyId, new Uint8Array(28)]),
      publicKey: createPublicKey({ key: Buffer.from(signer.spki), format: 'der', type: 'spki' }),
      validFor: { start: addSeconds(systemClock.now(), -3600), end: addSeconds(systemClock.now(), 3600) },
    };
    for (let index = 0; index < 300; index += 7) {
      const proof = await log.proofs.inclusion(index);
      const entry = {
        canonicalizedBody: Buffer.from((await audit.entry(index)).leaf),
        integratedTime: String(Math.floor(systemClock.now().getTime() / 1000)),
        inclusionProof: {
          logIndex: String(index),
          treeSize: '300',
          hashes: proof.path.map((hash) => Buffer.from(hash)),
          rootHash: Buffer.from(root),
          checkpoint: { envelope },
        },
      };
      judge.verifyMerkleInclusion(entry);
      judge.verifyCheckpoint(entry, [authority]);
      entry.canonicalizedBody[20] = (entry.canonicalizedBody[20] ?? 0) ^ 1;
      assert.throws(() => judge.verifyMerkleInclusion(entry), /does not match/);
    }
  });

  it('serves tiles and bundles of the published tree only, also partial ones of an older size', async () => {
    const { audit, runner, tiles } = log;
    for (let i = 0; i < 260; i++)
      await audit.append(house, { action: 'stamping', outcome: 'done', facts: { attempt: i } });
    assert.equal(await tiles.resource('tile/0/000.p/1'), undefined);
    await runner.step();
    const whole = await tiles.resource('tile/0/000');
    assert.equal(whole?.length, 8192);
    assert.deepEqual(await tiles.resource('tile/0/000.p/100'), whole.subarray(0, 3200));
    assert.equal((await tiles.resource('tile/0/001.p/4'))?.length, 128);
    assert.equal((await tiles.resource('tile/1/000.p/1'))?.length, 32);
    for (const absent of ['tile/0/001', 'tile/0/001.p/5', 'tile/1/000.p/2', 'tile/2/000.p/1', 'tile/0/002.p/1'])
      assert.equal(await tiles.resource(absent), undefined, absent);
    const bundle = decodeEntryBundle((await tiles.resource('tile/entries/000')) ?? new Uint8Array(), 256);
    assert.equal(bundle?.length, 256);
    bundle.forEach((leaf, i) => {
      assert.equal(toHex(leafHash(sha256, leaf)), toHex(whole.subarray(32 * i, 32 * i + 32)));
    });
    const tail = decodeEntryBundle((await tiles.resource('tile/entries/001.p/4')) ?? new Uint8Array(), 4);
    assert.equal(tail?.length, 4);
    const unknown = '019b0000-0000-7000-8000-000000000000';
    assert.equal(await audit.indexOf(unknown, { waitMs: 0 }), null);
  });

  it('waits for the place of an entry, and soon has it while a runner runs', async () => {
    const { audit, runner } = log;
    await runner.start();
    const entryId = await audit.append(house, { action: 'consent', outcome: 'done' });
    assert.equal(await audit.indexOf(entryId, { waitMs: 10_000 }), 0);
    const { items } = await audit.entries({ limit: 1 });
    assert.equal(items[0]?.entryId, idFromUuid('entry', entryId));
    assert.equal(items[0].index, 0);
  });

  it('refuses a sealed part over 65,535 bytes before anything is written', async () => {
    const { audit } = log;
    const event = { action: 'stamping', outcome: 'done', purpose: 'x'.repeat(70_000) } as const;
    await assert.rejects(audit.append(house, event), (error) => isTrustError(error, 'request-too-large'));
    assert.equal(await audit.queueDepth(), 0);
  });

  it('keeps an entry of a month without partition, and makes partitions three months ahead', async () => {
    const clock = frozenClock('2031-05-15T00:00:00Z');
    const { audit, test } = await testLog({ clock });
    try {
      await audit.append(house, { action: 'consent', outcome: 'done' });
      clock.advance(40 * 86_400_000);
      await ensurePartitions({ database: test.database, clock, log: silentLog });
      await audit.append(house, { action: 'consent', outcome: 'done' });
      const { rows } = await test.database.query<{ place: string; n: number }>({
        text: 'SELECT tableoid::regclass::text AS place, count(*)::int AS n FROM audit.entry GROUP BY 1 ORDER BY 1',
      });
      assert.deepEqual(rows, [
        { place: 'audit.entry_2031_06', n: 1 },
        { place: 'audit.entry_default', n: 1 },
      ]);
      const made = await test.database.query<{ n: number }>({
        text: `SELECT count(*)::int AS n FROM pg_inherits WHERE inhparent = 'audit.entry'::regclass AND inhrelid::regclass::text LIKE 'audit.entry_2031%'`,
      });
      assert.deepEqual(made.rows, [{ n: 4 }]);
      await ensurePartitions({ database: test.database, clock: frozenClock('2031-05-15T00:00:00Z'), log: silentLog });
      assert.equal((await audit.entries({ limit: 5 })).items.length, 2);
    } finally {
      await test.close();
    }
  });
});

interface Judge {
  verifyMerkleInclusion(entry: object): void;
  verifyCheckpoint(entry: object, authorities: readonly object[]): void;
}

/** The package closes its inner files to imports by name, so they are reached by path. */
function sigstore(): Judge {
  const require = createRequire(import.meta.url);
  const directory = join(dirname(require.resolve('@sigstore/verify')), 'timestamp');
  const { verifyMerkleInclusion } = require(join(directory, 'merkle.js'));
  const { verifyCheckpoint } = require(join(directory, 'checkpoint.js'));
  return { verifyMerkleInclusion, verifyCheckpoint };
}
