// Faults of the log: each crash point of a step, twice (nothing stored; stored but not told), rivals, lost servers and old backups.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { LogRunner, type LogRunnerOptions } from '../../../src/audit/log-runner.ts';
import { fileMemory, type NoteMemory } from '../../../src/audit/note-memory.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { Database } from '../../../src/db/database.ts';
import { type EmbeddedServer, startEmbedded } from '../../../src/db/embedded.ts';
import { migrate } from '../../../src/db/migrate.ts';
import { frozenClock, systemClock } from '../../../src/kernel/clock.ts';
import type { Uuid } from '../../../src/kernel/ids.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { house } from '../../../src/kernel/principal.ts';
import { checkpointText } from '../../../src/tlog/checkpoint.ts';
import { noteKey, signNote } from '../../../src/tlog/note.ts';
import { logSigner, type TestLog, testCipher, testLog, testOrigin } from '../../support/audit.ts';
import { projectRoot, testTimeouts } from '../../support/database.ts';
import { assertWhole, checkpoints } from '../../support/whole-log.ts';

type Store = LogRunnerOptions['database'];
const deed = { action: 'stamping', outcome: 'done' } as const;

describe('audit log under faults', () => {
  let log: TestLog;

  beforeEach(async () => {
    log = await testLog({ maxConnections: 24 });
  });
  afterEach(async () => {
    await log.runner.stop();
    await log.test.close();
  });

  const runnerOver = (database: Store, memory?: NoteMemory): LogRunner => {
    const options = { database, signer: log.signer, origin: testOrigin, clock: systemClock, log: silentLog };
    return new LogRunner(memory === undefined ? options : { ...options, memory });
  };

  it('loses no acknowledged entry and leaves no gap: 12 writers, rollbacks, slow transactions, two rival sequencers', async () => {
    const { audit, test } = log;
    const rivals = [log.runner, runnerOver(test.database)];
    const acknowledged: Uuid[] = [];
    const writing = { on: true };
    const writer = async (w: number): Promise<void> => {
      for (let i = 0; i < 40; i++) {
        const fails = i % 7 === 0;
        const work = test.database.transaction(async (tx) => {
          const id = await audit.record(tx, house, { ...deed, facts: { attempt: 1000 * w + i } });
          if (i % 11 === 0) await pause(30);
          if (fails) throw new Error('rolled back');
          return id;
        });
        if (fails) await assert.rejects(work, /rolled back/);
        else acknowledged.push(await work);
      }
    };
    const sequence = async (runner: LogRunner): Promise<void> => {
      while (writing.on) {
        await runner.step();
        await pause(5);
      }
    };
    const sequencing = rivals.map(sequence);
    await Promise.all(Array.from({ length: 12 }, (_, w) => writer(w)));
    writing.on = false;
    await Promise.all(sequencing);
    await runnerOver(test.database).step();
    await assertWhole(test.database, acknowledged);
  });

  it('repeats a step that failed before its commit: nothing was stored, nothing was signed', async () => {
    const { audit, test } = log;
    const ids = [await audit.append(house, deed), await audit.append(house, deed)];
    const runner = runnerOver(failing(test.database, 'before'));
    await assert.rejects(runner.step(), /cut/);
    assert.equal(await audit.queueDepth(), 2);
    assert.equal(await checkpoints(test.database), 0);
    await runner.step();
    await assertWhole(test.database, ids);
  });

  it('goes on after a step that was committed although its sequencer was told it failed', async () => {
    const { audit, test } = log;
    const ids = [await audit.append(house, deed)];
    const runner = runnerOver(failing(test.database, 'after'));
    await assert.rejects(runner.step(), /cut/);
    assert.equal(await audit.queueDepth(), 0);
    assert.equal(await checkpoints(test.database), 0, 'the head is ahead of the checkpoint');
    ids.push(await audit.append(house, deed));
    const { checkpoint } = await runner.step();
    assert.equal(checkpoint?.size, 2);
    await assertWhole(test.database, ids);
  });

  it('signs the same root again when a signature was not stored, and when it was stored but not told', async () => {
    const { audit, test, tiles } = log;
    const ids = [await audit.append(house, deed)];
    const notStored = runnerOver(failing(test.database, 'before', 1));
    await assert.rejects(notStored.step(), /cut/);
    assert.equal(await checkpoints(test.database), 0);
    const notTold = runnerOver(failing(test.database, 'after'));
    await assert.rejects(notTold.step(), /cut/);
    assert.equal(await checkpoints(test.database), 1);
    const stored = await tiles.checkpoint();
    await notTold.step();
    await log.runner.step();
    assert.equal(await tiles.checkpoint(), stored);
    assert.equal(await checkpoints(test.database), 1);
    await assertWhole(test.database, ids);
  });

  it('takes an entry that was committed long after its time, from a process that starts', async () => {
    const { test, runner } = log;
    await log.audit.append(house, deed);
    await runner.step();
    const clock = frozenClock('2025-01-01T00:00:00Z');
    const late = new AuditLog({ database: test.database, clock, cipher: testCipher, log: silentLog });
    const id = await late.append(house, deed);
    await runnerOver(test.database).step();
    assert.equal(await late.indexOf(id, { waitMs: 0 }), 1);
  });

  it('refuses to sign when the database was restored from an old backup, seen by its own checkpoints', async () => {
    const { audit, test, runner } = log;
    await audit.append(house, deed);
    await runner.step();
    const old = await test.database.query<{ frontier: Uint8Array; tail_ids: string[] }>({
      text: 'SELECT frontier, tail_ids FROM audit.log_head',
    });
    await audit.append(house, deed);
    await runner.step();
    await test.database.query({
      text: 'UPDATE audit.log_head SET size = 1, frontier = $1, tail_ids = $2::uuid[]',
      values: [old.rows[0]?.frontier, old.rows[0]?.tail_ids],
    });
    await assert.rejects(runnerOver(test.database).step(), { code: 'audit-fork' });
    await audit.append(house, { ...deed, facts: { attempt: 2 } });
    await assert.rejects(runnerOver(test.database).step(), { code: 'audit-fork' });
    assert.equal(await checkpoints(test.database), 2);
  });

  it('refuses to sign when a note outside remembers a larger tree, another root, or is not of this log', async () => {
    const { audit, test, signer, runner } = log;
    for (let i = 0; i < 3; i++) await audit.append(house, deed);
    const root = (await runner.step()).checkpoint?.root ?? new Uint8Array();
    const key = noteKey(sha256, testOrigin, signer.spki);
    assert.ok(key !== undefined);
    const remembering = async (size: number, remembered: Uint8Array, origin = testOrigin): Promise<LogRunner> => {
      const text = checkpointText({ origin, size, root: remembered });
      const note = await signNote(text, key, (data) => signer.sign(data, 'raw'));
      return runnerOver(test.database, memoryOf(note));
    };
    await assert.rejects((await remembering(4, root)).step(), { code: 'audit-fork' });
    await assert.rejects((await remembering(3, sha256(root))).step(), { code: 'audit-fork' });
    await assert.rejects((await remembering(2, root)).step(), { code: 'audit-fork' });
    const damaged = runnerOver(test.database, memoryOf('trust.example.cn'));
    await assert.rejects(damaged.step(), { code: 'configuration-invalid' });
    const forged = await signNote(checkpointText({ origin: testOrigin, size: 3, root }), key, async () => root);
    await assert.rejects(runnerOver(test.database, memoryOf(forged)).step(), { code: 'configuration-invalid' });
    assert.equal((await (await remembering(9, root, 'old.example.cn/log')).step()).checkpoint?.size, 3, 'another log');
    await audit.append(house, deed);
    assert.equal((await (await remembering(3, root)).step()).checkpoint?.size, 4);
  });

  it('keeps the note of its last checkpoint in a file, and by it refuses an older database after a restart', async () => {
    const { audit, test } = log;
    const folder = mkdtempSync(join(tmpdir(), 'yinxin-note-'));
    try {
      const memory = fileMemory(join(folder, 'last-checkpoint'));
      assert.equal(await memory.read(), undefined);
      for (const size of [1, 2]) {
        await audit.append(house, deed);
        assert.equal((await runnerOver(test.database, memory).step()).checkpoint?.size, size);
        assert.equal(await memory.read(), await log.tiles.checkpoint());
      }
      assert.deepEqual(readdirSync(folder), ['last-checkpoint']);
      const restored = await testLog();
      try {
        await restored.audit.append(house, deed);
        await assert.rejects(runnerOver(restored.test.database, memory).step(), { code: 'audit-fork' });
        assert.equal(await checkpoints(restored.test.database), 0);
      } finally {
        await restored.test.close();
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses a lagging standby that takes the place of the database while the process goes on', async () => {
    const { audit, test, runner } = log;
    const standby = await testLog();
    try {
      let lost = false;
      const failingOver: Store = {
        query: (query) => (lost ? standby.test.database : test.database).query(query),
        transaction: (work) => (lost ? standby.test.database : test.database).transaction(work),
      };
      const own = runnerOver(failingOver);
      for (let i = 0; i < 3; i++) await audit.append(house, deed);
      assert.equal((await own.step()).checkpoint?.size, 3);
      lost = true;
      for (let i = 0; i < 4; i++) {
        await assert.rejects(own.step(), { code: 'audit-fork' });
        await standby.audit.append(house, deed); // it even grows past what was signed
      }
      await assert.rejects(own.step(), { code: 'audit-fork' });
      assert.equal(await checkpoints(standby.test.database), 0);
      assert.equal((await runner.step()).checkpoint?.size, 3);
    } finally {
      await standby.test.close();
    }
  });

  it('stops the running log and raises the alarm on a fork', async () => {
    const { audit, test, runner } = log;
    await audit.append(house, deed);
    await runner.start();
    await test.database.query({ text: `UPDATE audit.log_head SET size = 0, frontier = '', tail_ids = '{}'` });
    const victim = runnerOver(test.database);
    await assert.rejects(victim.start(), { code: 'audit-fork' });
    await audit.append(house, { ...deed, facts: { attempt: 3 } });
    while (runner.forked === undefined) await pause(50);
    assert.equal(runner.forked instanceof Error, true);
    assert.equal(await checkpoints(test.database), 1);
  });

  it('begins a new row of checkpoints under a new name or key, over the same tree', async () => {
    const { audit, test, tiles, runner } = log;
    await audit.append(house, deed);
    await runner.step();
    const renamed = new LogRunner({
      database: test.database,
      signer: log.signer,
      origin: 'new.example.cn/log',
      clock: systemClock,
      log: silentLog,
    });
    assert.equal((await renamed.step()).checkpoint?.size, 1);
    assert.match(await tiles.checkpoint(), /^trust\.example\.cn\/log\n1\n/);
    assert.equal(await checkpoints(test.database), 2);
  });

  it('refuses a key of another purpose or kind', () => {
    const { test, signer } = log;
    const options = { database: test.database, origin: testOrigin, clock: systemClock, log: silentLog };
    const wrong = { ...signer, purpose: 'seal' } as const;
    assert.throws(() => new LogRunner({ ...options, signer: wrong }), { code: 'key-purpose-wrong' });
    const other = { ...signer, algorithm: 'ES256' } as const;
    assert.throws(() => new LogRunner({ ...options, signer: other }), { code: 'algorithm-not-supported' });
    assert.throws(() => new LogRunner({ ...options, signer, origin: 'a b' }), { code: 'configuration-invalid' });
  });
});

describe('audit log on the embedded server, killed with signal 9', () => {
  it('keeps every acknowledged entry, and its checkpoints stay one history', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'yinxin-kill-'));
    const dataDir = join(directory, 'pg');
    const signer = logSigner();
    const acknowledged: Uuid[] = [];
    let server: EmbeddedServer | undefined;
    let database: Database | undefined;
    try {
      for (let round = 0; round < 4; round++) {
        server = await startEmbedded({ dataDir, log: silentLog });
        database = await Database.connect({ url: server.url, log: silentLog, timeouts: testTimeouts });
        await migrate(database, { directory: join(projectRoot(), 'sql'), log: silentLog, clock: systemClock });
        const audit = new AuditLog({ database, clock: systemClock, cipher: testCipher, log: silentLog });
        const clock = systemClock;
        const runner = new LogRunner({
          database,
          signer,
          origin: testOrigin,
          clock,
          log: silentLog,
          publishEveryMs: 20,
        });
        await runner.start();
        const writers = Array.from({ length: 6 }, async () => {
          try {
            for (;;) acknowledged.push(await audit.append(house, deed));
          } catch {
            // The server is gone: what was answered before this moment must still be there afterwards.
          }
        });
        // In the midst of the work, however slow the machine is.
        const before = acknowledged.length;
        const busy = async () => {
          while (acknowledged.length < before + 10) await pause(20);
        };
        await Promise.race([busy(), Promise.all(writers)]);
        process.kill(server.pid, 'SIGKILL');
        await Promise.all(writers);
        await runner.stop().catch(() => undefined);
        await database.close();
      }
      server = await startEmbedded({ dataDir, log: silentLog });
      database = await Database.connect({ url: server.url, log: silentLog, timeouts: testTimeouts });
      const clock = systemClock;
      await new LogRunner({ database, signer, origin: testOrigin, clock, log: silentLog }).step();
      assert.ok(acknowledged.length > 20, `${acknowledged.length} acknowledged`);
      await assertWhole(database, acknowledged);
    } finally {
      await database?.close();
      await server?.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

/** Remembers one note, whatever it is told. */
function memoryOf(note: string): NoteMemory {
  return { read: async () => note, write: async () => undefined };
}

/** A database whose transactions are cut off once: at the end of the work, or after the commit. `skip` lets that many pass first. */
function failing(database: Database, when: 'before' | 'after', skip = 0): Store {
  let left = skip;
  let cut = false;
  return {
    query: (query) => database.query(query),
    transaction: async (work) => {
      if (cut || left-- > 0) return database.transaction(work);
      cut = true;
      if (when === 'after') {
        await database.transaction(work);
        throw new Error('cut after the commit');
      }
      return database.transaction(async (tx) => {
        await work(tx);
        throw new Error('cut before the commit');
      });
    },
  };
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
