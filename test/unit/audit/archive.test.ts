// Months, files and settings of the archive of the audit log, without a database.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ArchiveFolder } from '../../../src/audit/archive/archive-folder.ts';
import {
  decodeRow,
  encodeManifest,
  encodeRow,
  parseManifest,
  type RowWithoutLeaf,
} from '../../../src/audit/archive/manifest.ts';
import { firstKeptMonth, isWithin, monthNamed, monthOfEntry } from '../../../src/audit/archive/month.ts';
import { readConfig } from '../../../src/config.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { moment } from '../../../src/kernel/clock.ts';
import { newUuid } from '../../../src/kernel/ids.ts';

describe('months of the audit log (UUID version 7: a month is a span of ids)', () => {
  it('are spans without a gap, and every id is in the month of its time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 10, 30) }), (ms) => {
        const id = newUuid({ now: () => moment(ms) });
        const month = monthOfEntry(id);
        assert.ok(month !== undefined && isWithin(id, month));
        assert.equal(month.name, moment(ms).toISOString().slice(0, 7));
        assert.equal(monthOfEntry(month.to)?.from, month.to);
        assert.ok(!isWithin(month.to, month) && isWithin(month.from, month));
      }),
    );
  });

  it('are written in one way, and an id beyond the year 9999 has none', () => {
    for (const name of ['2024-13', '2024-00', '2024-1', '24-01', '2024-01 ', '1969-12', '2024-01;DROP'])
      assert.equal(monthNamed(name), undefined, name);
    assert.equal(monthNamed('2024-12')?.partition, 'entry_2024_12');
    assert.equal(monthOfEntry('ffffffff-ffff-7000-8000-000000000000'), undefined);
  });

  it('may go when their last moment is as old as the retention', () => {
    assert.equal(firstKeptMonth(moment('2025-05-01T00:00:00Z'), 13), '2024-04');
    assert.equal(firstKeptMonth(moment('2025-04-30T23:59:59Z'), 13), '2024-03');
    assert.equal(firstKeptMonth(moment('2025-03-31T00:00:00Z'), 6), '2024-09');
  });
});

describe('AUDIT_RETENTION_MONTHS (网络安全法, art. 21)', () => {
  const environment = { KEY_ENCRYPTION_KEY: Buffer.from(sha256(utf8('key'))).toString('hex') };

  it('is 13 by default and not less than 6', () => {
    assert.equal(readConfig(environment).auditRetentionMonths, 13);
    assert.equal(readConfig({ ...environment, AUDIT_RETENTION_MONTHS: '6' }).auditRetentionMonths, 6);
    for (const value of ['5', '0', '-7', '6.5', 'ever'])
      assert.throws(() => readConfig({ ...environment, AUDIT_RETENTION_MONTHS: value }), {
        code: 'configuration-invalid',
      });
    assert.throws(() => readConfig({ ...environment, AUDIT_RETENTION_MONTHS: '5' }), {
      message: 'AUDIT_RETENTION_MONTHS: audit entries stay in the database for at least 6 months',
    });
  });
});

describe('rows and manifest of an archived month', () => {
  const bytes = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null });

  it('come back as they were written', () => {
    const rows = fc.record({
      id: fc.uuid(),
      action: fc.integer({ min: -1, max: 32_767 }),
      outcome: fc.integer({ min: -1, max: 3 }),
      client_id: fc.option(fc.string(), { nil: null }),
      actor_tag: bytes,
      subject_tag: bytes,
      object_tag: bytes,
      actor_part: bytes,
      subject_part: bytes,
    });
    fc.assert(
      fc.property(fc.nat(), rows, (index, row: RowWithoutLeaf) => {
        const line = encodeRow(index, row);
        assert.equal(line.indexOf('\n'), line.length - 1);
        assert.deepEqual(decodeRow(line), { index, row: { ...row } });
      }),
    );
  });

  it('are refused when they are anything else', () => {
    for (const line of [
      '',
      '{}',
      '[1]',
      '[1,"a",1,1,null,null,null,null,null,7]',
      '[1,"a",1,1,null,null,null,null,null,"%"]',
      '["1","a",1,1,null,null,null,null,null,null]',
    ])
      assert.equal(decodeRow(line), undefined, line);
    for (const text of [
      '',
      '{"v":2,"blocks":[]}',
      '{"v":1}',
      '{"v":1,"blocks":[[1]]}',
      '{"v":1,"blocks":["ab"]}',
      'null',
    ])
      assert.equal(parseManifest(utf8(text)), undefined, text);
    const manifest = {
      month: '2024-03',
      entries: 3,
      endIndex: 256,
      checkpointSize: 300,
      rootHex: 'ab',
      rowsSha256Hex: 'cd',
      blocks: [
        [0, 0],
        [1, 77],
      ] as const,
    };
    assert.deepEqual(parseManifest(encodeManifest(manifest)), manifest);
  });
});

describe('files of the archive', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'yinxin-files-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it('are for the service alone, whole or not there, and replaced at once', async () => {
    const folder = new ArchiveFolder(root);
    await folder.write('a/b/c', utf8('one'));
    await folder.sync();
    assert.deepEqual(
      [statSync(join(root, 'a/b/c')).mode & 0o777, statSync(join(root, 'a')).mode & 0o777],
      [0o600, 0o700],
    );
    const draft = await folder.begin('a/b/c');
    await folder.append(draft, utf8('t'));
    await folder.append(draft, utf8('wo'));
    assert.equal(readFileSync(join(root, 'a/b/c'), 'utf8'), 'one');
    assert.deepEqual(await folder.finish(draft), Buffer.from(sha256(utf8('two'))));
    assert.equal(readFileSync(join(root, 'a/b/c'), 'utf8'), 'two');
    assert.deepEqual(await folder.digest('a/b/c'), Buffer.from(sha256(utf8('two'))));
    assert.equal(Buffer.from(await folder.readPart('a/b/c', 1, 100)).toString(), 'wo');
    assert.equal(await folder.read('a/b/d'), undefined);
    assert.equal(await folder.read('a/b/c/d'), undefined);
  });
});
