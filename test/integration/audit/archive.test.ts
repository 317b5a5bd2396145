// 网络安全法 art. 21 (3): entries stay for six months at least; afterwards a month goes to files, stays provable, and nothing is lost on the way.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ArchiveFolder, type Draft } from '../../../src/audit/archive/archive-folder.ts';
import { ArchiveReader } from '../../../src/audit/archive/archive-reader.ts';
import { LogArchiver } from '../../../src/audit/archive/log-archiver.ts';
import type { AuditEntry } from '../../../src/audit/audit-entry.ts';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { LogTiles } from '../../../src/audit/log-tiles.ts';
import { ensurePartitions } from '../../../src/audit/partitions.ts';
import { encodeReceipt } from '../../../src/audit/receipt.ts';
import { Sequencer } from '../../../src/audit/sequencer.ts';
import { directorySource } from '../../../src/cli/audit-log-source.ts';
import { verifyLog } from '../../../src/cli/audit-verify.ts';
import { verifyProof } from '../../../src/cli/audit-verify-proof.ts';
import { entryNamed, leafNamed } from '../../../src/http/audit-entry-place.ts';
import { toBase64, toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { frozenClock, moment, systemClock } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { idFromUuid, newId, type Uuid, uuidFromId } from '../../../src/kernel/ids.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { house, type Principal } from '../../../src/kernel/principal.ts';
import { parseTilePath } from '../../../src/tlog/tile-path.ts';
import { type TestLog, testCipher, testLog } from '../../support/audit.ts';
import { Faults } from '../../support/fault-points.ts';

const citizen = newId('account', systemClock);
const now = '2025-11-20T10:00:00Z';
type Moving = ReturnType<typeof frozenClock>;

function person(accountId: string): Principal {
  return {
    ...house,
    kind: 'person',
    accountId,
    clientId: 'web',
    roles: new Set(),
    level: 4,
    origin: '198.51.100.0/24',
  };
}

function goTo(clock: Moving, at: string): void {
  clock.advance(moment(at).getTime() - clock.now().getTime());
}

describe('archive of the audit log: whole months go to files and stay provable', () => {
  let clock: Moving;
  let log: TestLog;
  let directory: string;

  beforeEach(async () => {
    clock = frozenClock('2024-03-10T08:00:00Z');
    log = await testLog({ clock });
    directory = mkdtempSync(join(tmpdir(), 'yinxin-archive-'));
    await ensurePartitions({ database: log.test.database, clock, log: silentLog });
    await fill('2024-03-10T08:00:00Z', 300);
    await fill('2024-04-02T08:00:00Z', 300);
    goTo(clock, now);
    await ensurePartitions({ database: log.test.database, clock, log: silentLog });
    await fill(now, 300);
    await fill(now, 300);
  });
  afterEach(async () => {
    await log.runner.stop();
    await log.test.close();
    rmSync(directory, { recursive: true });
  });

  /** Deeds of that time, by a citizen and by the house, in the tree and signed. */
  async function fill(at: string, count: number): Promise<void> {
    goTo(clock, at);
    await log.audit.append(person(citizen), {
      action: 'sign-in',
      outcome: 'done',
      subjectId: citizen,
      purpose: '办事',
    });
    const event = { action: 'stamping', outcome: 'done' } as const;
    await log.audit.appendMany(Array.from({ length: count - 1 }, () => ({ principal: house, event })));
    await log.runner.step();
  }

  function archiver(options: { folder?: ArchiveFolder; retentionMonths?: number } = {}): LogArchiver {
    return new LogArchiver({
      database: log.test.database,
      audit: log.audit,
      clock,
      verifierKey: log.runner.verifierKey,
      folder: options.folder ?? new ArchiveFolder(directory),
      retentionMonths: options.retentionMonths ?? 13,
    });
  }

  /** The log as a node serves that has the files. */
  function withFiles(): { audit: AuditLog; tiles: LogTiles } {
    const { database } = log.test;
    const archive = new ArchiveReader({ directory });
    const audit = new AuditLog({ database, clock, cipher: testCipher, log: silentLog, archive });
    return { audit, tiles: new LogTiles({ database, verifierKey: log.runner.verifierKey, archive }) };
  }

  async function partitions(): Promise<string[]> {
    const { rows } = await log.test.database.query<{ name: string }>({
      text: `SELECT relname AS name FROM pg_class WHERE relname ~ '^entry_(2024_|default$|rest$)' AND relkind = 'r' ORDER BY 1`,
    });
    return rows.map(({ name }) => name);
  }

  async function countIn(partition: string): Promise<number> {
    const { rows } = await log.test.database.query<{ n: number }>({
      text: `SELECT count(*)::int AS n FROM audit.${partition}`,
    });
    return rows[0]?.n ?? 0;
  }

  async function deeds(): Promise<string[]> {
    const { items } = await log.audit.entries({ action: 'log.archived', limit: 100 });
    return items.map(({ objectId, outcome }) => `${objectId} ${outcome}`).reverse();
  }

  const verifyFiles = () =>
    verifyLog({ source: directorySource(join(directory, 'log')), verifierKey: log.runner.verifierKey });

  it('moves the months in order, and the files are a log that verifies by itself up to a signed root', async () => {
    const report = await archiver().run(house);
    const months = ['2024-03', '2024-04', '2024-05', '2024-06'];
    assert.deepEqual(
      report.archived.map(({ month, entries }) => [month, entries]),
      months.map((month, i) => [month, i < 2 ? 300 : 0]),
    );
    assert.equal(report.waiting, undefined);
    assert.deepEqual(await partitions(), ['entry_default']);
    const verified = await verifyFiles();
    assert.equal(verified.exitStatus, 0, JSON.stringify(verified.findings));
    assert.ok((verified.size ?? 0) >= 600, `${verified.size}`);
    assert.deepEqual(
      readdirSync(join(directory, 'inside')).sort(),
      months.flatMap((m) => [`${m}.json`, `${m}.rows`]),
    );
    assert.deepEqual(
      await deeds(),
      months.flatMap((month) => [`${month} intended`, `${month} done`]),
    );
    assert.deepEqual((await archiver().run(house)).archived, [], 'nothing is done twice');
  });

  it('serves archived bundles and entries as before where the files are, and the whole log verifies', async () => {
    const { audit, tiles } = withFiles();
    const before = await Promise.all([0, 1, 299, 300, 599].map((index) => audit.entry(index)));
    const bundles = await Promise.all([0, 1, 2].map((index) => tiles.entryBundle(index)));
    const proof = await log.proofs.inclusion(5);
    const receipt = encodeReceipt({ proof, leaf: (await audit.entry(5)).leaf, opened: {} });
    await archiver().run(house);
    await log.runner.step();

    const after = await Promise.all([0, 1, 299, 300, 599].map((index) => audit.entry(index)));
    assert.deepEqual(after.map(spelled), before.map(spelled));
    assert.equal(before[0]?.purpose, '办事');
    assert.deepEqual((await audit.byId(uuidFromId('entry', before[3]?.entryId ?? '') ?? ''))?.index, 300);
    const hex = (bytes: Uint8Array | undefined) => bytes && toHex(bytes);
    const served = await Promise.all([0, 1, 2].map((index) => tiles.entryBundle(index)));
    assert.deepEqual(served.map(hex), bundles.map(hex));
    assert.equal((await tiles.entryBundle(1, 7))?.length, sizeOfLeading(bundles[1], 7));
    assert.equal(await tiles.minimumIndex(), 0);

    const verifierKey = log.runner.verifierKey;
    const judged = verifyProof({ file: utf8(receipt), verifierKey });
    assert.equal(judged.exitStatus, 0, JSON.stringify(judged));
    assert.deepEqual((await log.proofs.inclusion(5)).leafHash, proof.leafHash);
    const source = {
      read: async (path: string) =>
        path === 'checkpoint' ? utf8(await tiles.checkpoint()) : await tiles.resource(path),
    };
    const whole = await verifyLog({ source, verifierKey });
    assert.equal(whole.exitStatus, 0, JSON.stringify(whole.findings));
    assert.equal(whole.size, 1208);
  });

  it('says what is archived where the files are not, from which index all is there, and still proves every entry', async () => {
    await archiver().run(house);
    await assert.rejects(log.audit.entry(7), { code: 'audit-entry-archived', details: { month: '2024-03', index: 7 } });
    const { items } = await log.audit.entries({ limit: 1 });
    const named = await entryNamed(log.audit, items[0]?.entryId ?? '');
    assert.equal(named.action, 'log.archived');
    const archived = idFromUuid('entry', await entryIdAt(7));
    assert.equal(await log.audit.byId(await entryIdAt(7)), undefined);
    await assert.rejects(entryNamed(log.audit, archived), { code: 'audit-entry-archived' });
    assert.deepEqual(await leafNamed(log.audit, archived, { waitMs: 0 }), { index: 7, leaf: null });
    const end = await log.tiles.minimumIndex();
    assert.equal(end, 768);
    await assert.rejects(log.tiles.entryBundle(0), { code: 'audit-entry-archived', details: { minimumIndex: 768 } });
    assert.equal((await log.tiles.tile(0, 0))?.length, 8192);
    assert.equal((await log.proofs.inclusion(7)).index, 7);
    await assert.rejects(log.audit.entry(5000), { code: 'audit-entry-not-found' });
  });

  it('shows no file that is not what the tree says', async () => {
    await archiver().run(house);
    const file = join(directory, 'log/tile/entries/000');
    const bytes = readFileSync(file);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    await assert.rejects(withFiles().tiles.entryBundle(0), { code: 'audit-entry-archived' });
    const verified = await verifyFiles();
    assert.deepEqual([verified.exitStatus, verified.firstBadEntry], [1, 0]);
  });

  it('erases a person from archived months too: the sealed parts in the files open no more', async () => {
    await archiver().run(house);
    const { audit } = withFiles();
    assert.equal((await audit.entry(0)).accountId, citizen);
    await audit.erase(house, citizen);
    const entry = await audit.entry(0);
    assert.deepEqual(
      [entry.accountId, entry.purpose, entry.parts, entry.faults],
      [null, null, { actor: 'none', subject: 'erased' }, []],
    );
    const rows = readFileSync(join(directory, 'inside/2024-03.rows'), 'utf8');
    const traces = [citizen, uuidFromId('account', citizen) ?? '', toBase64(utf8(citizen)), '办事'];
    for (const trace of traces) assert.ok(!rows.includes(trace), trace);
    for (const name of readdirSync(join(directory, 'log/tile/entries')))
      assert.ok(!readFileSync(join(directory, 'log/tile/entries', name), 'latin1').includes(citizen));
  });

  it('keeps what is younger than the retention, whoever asks, and refuses a retention below six months', async () => {
    assert.throws(
      () => archiver({ retentionMonths: 5 }),
      (error) => isTrustError(error, 'configuration-invalid'),
    );
    assert.throws(
      () => archiver({ retentionMonths: Number.NaN }),
      (error) => isTrustError(error, 'configuration-invalid'),
    );
    await assert.rejects(archiver().run(house, { before: '2024-11' }), { code: 'malformed-request' });
    await assert.rejects(archiver().run(house, { before: '2024-13' }), { code: 'malformed-request' });
    await assert.rejects(archiver().run(person(citizen)), { code: 'forbidden' });
    goTo(clock, '2025-04-30T23:59:59Z');
    assert.deepEqual(
      (await archiver({ retentionMonths: 13 }).run(house)).archived.length,
      0,
      '2024-03 is not 13 months old',
    );
    goTo(clock, '2025-05-01T00:00:00Z');
    const { archived } = await archiver().run(house);
    assert.deepEqual(archived, [{ month: '2024-03', entries: 300 }]);
    assert.equal(await countIn('entry_2024_04'), 300);
  });

  it('goes no further than it was told', async () => {
    const { archived } = await archiver().run(house, { before: '2024-04' });
    assert.deepEqual(archived, [{ month: '2024-03', entries: 300 }]);
    assert.equal(await countIn('entry_2024_04'), 300);
    assert.deepEqual((await archiver().run(house)).archived[0], { month: '2024-04', entries: 300 });
    assert.equal((await verifyFiles()).exitStatus, 0);
  });

  it('keeps a month open for a transaction that may still write into it, then for its entry, and takes it along at last', async () => {
    const old = writerAt('2024-03-31T23:59:59Z');
    let late: Uuid = '';
    let report: Awaited<ReturnType<LogArchiver['run']>> | undefined;
    await log.test.database.transaction(async (tx) => {
      late = await old.record(tx, house, { action: 'consent', outcome: 'done' });
      const began = clock.now();
      const writer = log.audit.append(house, { action: 'consent', outcome: 'done' });
      report = await archiver().run(house);
      await writer; // nobody waited for the archiver for ever
      assert.deepEqual(clock.now(), began);
    });
    const open = 'a transaction that may still write into it is open';
    assert.deepEqual([report?.archived, report?.waiting], [[], { month: '2024-03', reason: open }]);
    assert.equal(await countIn('entry_2024_03'), 301);
    for (const reason of ['in the queue', 'in the tail']) {
      const again = await archiver().run(house);
      assert.match(again.waiting?.reason ?? '', /not full yet/, reason);
      await sequenceAll();
    }
    await fill(now, 300);
    await fill(now, 300);
    const last = await archiver().run(house);
    assert.deepEqual(last.archived[0], { month: '2024-03', entries: 301 }, JSON.stringify(last));
    const { audit } = withFiles();
    assert.equal((await audit.byId(late))?.action, 'consent');
    assert.equal((await verifyFiles()).exitStatus, 0);
    assert.deepEqual((await deeds()).slice(0, 4), [
      '2024-03 intended',
      '2024-03 voided',
      '2024-03 intended',
      '2024-03 done',
    ]);
  });

  it('waits for a checkpoint that may be shown', async () => {
    const { database } = log.test;
    await database.query({ text: 'ALTER TABLE audit.log_published DISABLE TRIGGER USER' });
    await database.query({ text: 'CREATE TABLE public.kept AS SELECT * FROM audit.log_published WHERE size > 300' });
    await database.query({ text: 'DELETE FROM audit.log_published WHERE size > 300' });
    const { archived, waiting } = await archiver().run(house);
    assert.deepEqual(
      [archived.length, waiting?.reason],
      [0, 'no checkpoint that may be shown covers all of its entries yet'],
    );
    await database.query({ text: 'INSERT INTO audit.log_published SELECT * FROM public.kept' });
    assert.equal((await archiver().run(house)).archived[0]?.entries, 300);
  });

  it('leaves a month with a row that was tampered with, or that is no leaf, where it is', async () => {
    const { database } = log.test;
    await database.query({ text: 'ALTER TABLE audit.entry_2024_03 DISABLE TRIGGER USER' });
    const set = (leaf: string) =>
      database.query({
        text: `UPDATE audit.entry_2024_03 SET leaf = ${leaf} WHERE id = (SELECT entry_ids[10] FROM audit.log_tile WHERE level = 0 AND idx = 0)`,
      });
    await database.query({ text: 'CREATE TABLE public.kept AS SELECT * FROM audit.entry_2024_03' });
    await set(`'\\x7b7d'`);
    await assert.rejects(archiver().run(house), {
      code: 'audit-archive-refused',
      message: 'entry 9 is not what was logged',
    });
    await set('(SELECT k.leaf FROM public.kept k WHERE k.id = audit.entry_2024_03.id)');
    await database.query({
      text: `INSERT INTO audit.entry (id, action, outcome, leaf) VALUES ('018e5000-0000-7000-8000-000000000001', 1, 1, '\\x7b7d')`,
    });
    await assert.rejects(archiver().run(house), { message: '2024-03 has rows that are no leaves of the tree' });
    assert.equal(await countIn('entry_2024_03'), 301);
    assert.deepEqual(await deeds(), ['2024-03 intended', '2024-03 failed', '2024-03 intended', '2024-03 failed']);
  });

  it('is done by one of two processes', async () => {
    const both = await Promise.allSettled([archiver().run(house), archiver().run(house)]);
    const done = both.flatMap((each) => (each.status === 'fulfilled' ? [each.value.archived.length] : []));
    const refused = both.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    assert.deepEqual(done, [4]);
    assert.ok(isTrustError(refused[0], 'audit-archive-refused'));
    assert.equal((await verifyFiles()).exitStatus, 0);
  });

  it('refuses a folder that lacks the months before, and one of another log', async () => {
    await archiver().run(house, { before: '2024-04' });
    const other = mkdtempSync(join(tmpdir(), 'yinxin-archive-'));
    const run = () => archiver({ folder: new ArchiveFolder(other) }).run(house);
    await assert.rejects(run(), { code: 'audit-archive-refused', message: /the folder has 0 leaves/ });
    const note = readFileSync(join(directory, 'log/checkpoint'), 'utf8').split('\n');
    await new ArchiveFolder(other).write(
      'log/checkpoint',
      utf8([...note.slice(0, 2), toBase64(new Uint8Array(32)), ...note.slice(3)].join('\n')),
    );
    await assert.rejects(run(), { code: 'audit-archive-refused', message: 'the folder is the archive of another log' });
    assert.equal(await countIn('entry_2024_04'), 300);
    rmSync(other, { recursive: true });
  });

  it('leaves everything as it was when the disk is full, at whatever file, and does it when there is room again', async () => {
    let files = 0;
    const folder = (fullAt: number) => {
      files = 0;
      return new (class extends ArchiveFolder {
        override async append(...given: Parameters<ArchiveFolder['append']>): Promise<void> {
          if (++files >= fullAt) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
          if (given[0].path === 'log/tile/entries/000') await setTimeout(200); // the one beside it fails long before
          return super.append(...given);
        }
      })(directory);
    };
    for (let fullAt = 1; fullAt <= 9; fullAt++) {
      await assert.rejects(archiver({ folder: folder(fullAt) }).run(house), { code: 'ENOSPC' }, `at file ${fullAt}`);
      assert.equal(await countIn('entry_2024_03'), 300);
      assert.equal((await log.tiles.entryBundle(0))?.length, (await withFiles().tiles.entryBundle(0))?.length);
      assert.deepEqual(drafts(), [], 'a full disk is not kept full by drafts');
    }
    assert.equal((await archiver({ folder: folder(10_000) }).run(house)).archived.length, 4);
    assert.ok(files > 9);
    assert.equal((await verifyFiles()).exitStatus, 0);
  });

  it('refuses what does not read back as it was written', async () => {
    const folder = new (class extends ArchiveFolder {
      override async read(path: string): Promise<Uint8Array | undefined> {
        const bytes = await super.read(path);
        return path === 'log/tile/entries/001' ? bytes?.map((byte, i) => (i === 50 ? byte ^ 1 : byte)) : bytes;
      }
    })(directory);
    await assert.rejects(archiver({ folder }).run(house), { code: 'audit-archive-refused' });
    assert.equal(await countIn('entry_2024_03'), 300);
    assert.equal(await new ArchiveReader({ directory }).size(), 0, 'no checkpoint says that the files are good');
  });

  it('moves entries that came without a partition to one of their month, and reports what came after its month was archived', async () => {
    await archiver().run(house, { before: '2024-04' });
    const consent = { action: 'consent', outcome: 'done' } as const;
    for (let i = 0; i < 10; i++) await writerAt('2024-09-05T00:00:00Z').append(house, consent);
    const late = await writerAt('2024-03-20T00:00:00Z').append(house, consent);
    assert.equal(await countIn('entry_default'), 11);
    await sequenceAll();
    await fill(now, 300);
    await fill(now, 300);
    const { archived, defaultPartition, waiting } = await archiver().run(house);
    assert.equal(waiting, undefined);
    assert.deepEqual(defaultPartition, { moved: 10, left: 1 });
    assert.deepEqual(archived.map(({ month, entries }) => [month, entries]).at(-1), ['2024-09', 10]);
    assert.deepEqual(await partitions(), ['entry_default']);
    assert.equal(await countIn('entry_default'), 1);
    assert.equal((await log.audit.byId(late))?.action, 'consent');
    await assert.rejects(
      log.test.database.query({ text: 'DELETE FROM audit.entry_default' }),
      { code: '42501' },
      'the new default partition is final too',
    );
  });

  /** From the very start of the queue, as the sequencer does every ten seconds: late entries are below its mark. */
  async function sequenceAll(): Promise<void> {
    await new Sequencer({ database: log.test.database, clock }).step();
    await log.runner.step();
  }

  async function entryIdAt(index: number): Promise<Uuid> {
    const { rows } = await log.test.database.query<{ id: Uuid }>({
      text: 'SELECT entry_ids[$1] AS id FROM audit.log_tile WHERE level = 0 AND idx = 0',
      values: [index + 1],
    });
    return rows[0]?.id ?? '';
  }

  /** A process with another clock. */
  function writerAt(at: string): AuditLog {
    const { database } = log.test;
    return new AuditLog({ database, clock: frozenClock(at), cipher: testCipher, log: silentLog });
  }

  /** Bytes as hexadecimal, wherever they came from. */
  function spelled(entry: AuditEntry): object {
    const opened = Object.entries(entry.openings).map(([role, { salt, text }]) => [role, toHex(salt), toHex(text)]);
    return { ...entry, leaf: toHex(entry.leaf), leafHash: toHex(entry.leafHash), openings: opened };
  }

  function drafts(): string[] {
    return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.new'));
  }

  function sizeOfLeading(bundle: Uint8Array | undefined, count: number): number {
    let at = 0;
    for (let i = 0; i < count; i++) at += 2 + (((bundle?.[at] ?? 0) << 8) | (bundle?.[at + 1] ?? 0));
    return at;
  }
});

/** What a run does for one month, in order; a step that is new in the code has its rows here too. */
const points = [
  'audit-archive-lease',
  'audit-archive-leftover',
  'audit-archive-default',
  'audit-archive-months',
  'audit-head',
  'audit-archive-late',
  'audit-archive-tiles',
  'audit-archive-size',
  'file read log/checkpoint',
  'audit-archive-checkpoint',
  'entry intended',
  'file begin inside/2024-03.rows',
];

describe('archive of the audit log: fault table', () => {
  /** One month of 300 entries that is ready to go. */
  async function readyLog(): Promise<{ log: TestLog; clock: Moving; directory: string }> {
    const clock = frozenClock('2024-03-10T08:00:00Z');
    const log = await testLog({ clock });
    await ensurePartitions({ database: log.test.database, clock, log: silentLog });
    const event = { action: 'stamping', outcome: 'done' } as const;
    await log.audit.appendMany(Array.from({ length: 300 }, () => ({ principal: house, event })));
    goTo(clock, now);
    await ensurePartitions({ database: log.test.database, clock, log: silentLog });
    for (let i = 0; i < 2; i++) {
      await log.audit.appendMany(Array.from({ length: 300 }, () => ({ principal: house, event })));
      await log.runner.step();
    }
    return { log, clock, directory: mkdtempSync(join(tmpdir(), 'yinxin-archive-')) };
  }

  function faulty(log: TestLog, clock: Moving, directory: string, faults: Faults): LogArchiver {
    const folder = new (class extends ArchiveFolder {
      override read = (path: string) => faults.at(`file read ${path}`, () => super.read(path));
      override begin = async (path: string) => {
        const begun: Draft[] = [];
        const work = async (): Promise<Draft> => {
          const draft = await super.begin(path);
          begun.push(draft);
          return draft;
        };
        return faults.at(`file begin ${path}`, work, async () => {
          for (const { file } of begun) await file.close();
        });
      };
      override append = (...given: Parameters<ArchiveFolder['append']>) =>
        faults.at(`file append ${given[0].path}`, () => super.append(...given));
      override finish = (draft: Parameters<ArchiveFolder['finish']>[0]) =>
        faults.at(`file finish ${draft.path}`, () => super.finish(draft));
      override sync = () => faults.at('files sync', () => super.sync());
      override digest = (path: string) => faults.at(`file digest ${path}`, () => super.digest(path));
      override remove = (path: string) => faults.at(`file remove ${path}`, () => super.remove(path));
    })(directory);
    const audit: Pick<AuditLog, 'append' | 'record'> = {
      append: (principal, event) => faults.at(`entry ${event.outcome}`, () => log.audit.append(principal, event)),
      record: (tx, principal, event) => log.audit.record(tx, principal, event),
    };
    const verifierKey = log.runner.verifierKey;
    return new LogArchiver({ database: faults, audit, clock, folder, verifierKey, retentionMonths: 19 });
  }

  it('fails at every step twice, once not done and once done; then nothing is lost, and the next run ends it', async () => {
    const first = await readyLog();
    const faults = new Faults(first.log.test.database);
    const { archived } = await faulty(first.log, first.clock, first.directory, faults).run(house);
    assert.deepEqual(archived, [{ month: '2024-03', entries: 300 }]);
    const visited = [...faults.visited];
    assert.deepEqual(visited.slice(0, points.length), points);
    assert.ok(visited.includes('commit of audit-record') && visited.length > 50, `${visited.length} steps`);
    await first.log.test.close();
    rmSync(first.directory, { recursive: true });

    let { log, clock, directory } = await readyLog();
    for (const point of visited) {
      for (const when of ['not stored', 'stored'] as const) {
        const cut = new Faults(log.test.database, { point, when });
        const failure = await faulty(log, clock, directory, cut)
          .run(house)
          .then(() => undefined, String);
        assert.equal(cut.cutDone, true, `${point} was reached`);
        const place = `${point}, ${when}`;
        assert.notEqual(failure, undefined, `${place} is told`);
        await assertNothingLost(log, clock, directory, place);
        await log.test.database.query({ text: `UPDATE audit.archive_lease SET until = '-infinity'` }); // its minute is over
        if (!(await isInDatabase(log))) {
          // It went through: the next run tidies up, and the table is filled anew.
          await faulty(log, clock, directory, new Faults(log.test.database)).run(house);
          const { rows } = await log.test.database.query({
            text: `SELECT 1 FROM pg_class WHERE relname = 'entry_2024_03'`,
          });
          assert.deepEqual(rows, [], place);
          await log.test.close();
          rmSync(directory, { recursive: true });
          ({ log, clock, directory } = await readyLog());
        }
      }
    }
    await faulty(log, clock, directory, new Faults(log.test.database)).run(house);
    assert.equal(await isInDatabase(log), false);
    await assertNothingLost(log, clock, directory, 'the end');
    const source = directorySource(join(directory, 'log'));
    assert.equal((await verifyLog({ source, verifierKey: log.runner.verifierKey })).exitStatus, 0);
    const { items } = await log.audit.entries({ action: 'log.archived', outcome: 'done', limit: 10 });
    assert.equal(items.length, 1, 'one deed, one entry of it');
    await log.test.close();
    rmSync(directory, { recursive: true });
  });

  async function isInDatabase(log: TestLog): Promise<boolean> {
    return (
      (
        await log.test.database.query({
          text: `SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass('audit.entry_2024_03')`,
        })
      ).rowCount > 0
    );
  }

  /** Every entry can be read, by a node that has the files; each bundle is what the tree says. */
  async function assertNothingLost(log: TestLog, clock: Moving, directory: string, place: string): Promise<void> {
    const { database } = log.test;
    const archive = new ArchiveReader({ directory });
    const audit = new AuditLog({ database, clock, cipher: testCipher, log: silentLog, archive });
    const tiles = new LogTiles({ database, verifierKey: log.runner.verifierKey, archive });
    for (const index of [0, 255, 256, 299]) {
      const entry = await audit.entry(index);
      assert.deepEqual([entry.action, entry.faults], ['stamping', []], place);
    }
    for (const path of ['tile/entries/000', 'tile/entries/001', 'tile/0/000']) {
      assert.ok(parseTilePath(path));
      assert.ok((await tiles.resource(path)) !== undefined, `${place}: ${path}`);
    }
  }
});
