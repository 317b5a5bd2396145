// Migrations: forward only, whole or not at all, the same for any number of processes, and no file may change after it was applied.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../../src/db/migrate.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { projectRoot, type TestDatabase, testDatabase } from '../../support/database.ts';

describe('migrate', () => {
  let test: TestDatabase;
  let directory: string;

  beforeEach(async () => {
    test = await testDatabase();
    await test.database.query({ text: 'DROP SCHEMA db CASCADE' });
    directory = mkdtempSync(join(tmpdir(), 'yinxin-migrate-'));
    cpSync(join(projectRoot(), 'sql', '0001-db-ledger.sql'), join(directory, '0001-db-ledger.sql'));
    writeFileSync(join(directory, '0002-try-table.sql'), 'CREATE SCHEMA try; CREATE TABLE try.row (n int);');
  });
  afterEach(async () => {
    rmSync(directory, { recursive: true, force: true });
    await test.close();
  });

  const run = (): Promise<string[]> => migrate(test.database, { directory, log: silentLog, clock: systemClock });

  it('applies what is missing once, also when five processes start together', async () => {
    const results = await Promise.all([run(), run(), run(), run(), run()]);
    assert.deepEqual(results.flat().sort(), ['0001-db-ledger.sql', '0002-try-table.sql']);
    assert.deepEqual(await run(), []);
    writeFileSync(join(directory, '0003-try-more.sql'), 'ALTER TABLE try.row ADD m int;');
    assert.deepEqual(await run(), ['0003-try-more.sql']);
  });

  it('refuses a file that differs from what was applied', async () => {
    await run();
    writeFileSync(join(directory, '0002-try-table.sql'), 'CREATE SCHEMA try;');
    await assert.rejects(run(), { code: 'migration-mismatch' });
  });

  it('takes a checkout with other line ends for the same file', async () => {
    writeFileSync(join(directory, '0002-try-table.sql'), 'CREATE SCHEMA try;\nCREATE TABLE try.row (n int);\n');
    await run();
    writeFileSync(join(directory, '0002-try-table.sql'), 'CREATE SCHEMA try;\r\nCREATE TABLE try.row (n int);\r\n');
    assert.deepEqual(await run(), []);
  });

  it('refuses a new file that comes before an applied one', async () => {
    writeFileSync(join(directory, '0004-try-last.sql'), 'SELECT 1;');
    await run();
    writeFileSync(join(directory, '0003-try-late.sql'), 'SELECT 1;');
    await assert.rejects(run(), { code: 'migration-mismatch' });
  });

  it('leaves nothing of a file that fails in the middle', async () => {
    await run();
    writeFileSync(join(directory, '0003-try-broken.sql'), 'CREATE TABLE try.half (n int); SELECT 1 / 0;');
    await assert.rejects(run(), { code: '22012' });
    const { rows } = await test.database.query({ text: `SELECT to_regclass('try.half') AS half` });
    assert.deepEqual(rows, [{ half: null }]);
  });

  it('accepts a database that is ahead of the code, as during a rolling update', async () => {
    writeFileSync(join(directory, '0003-try-future.sql'), 'SELECT 1;');
    await run();
    rmSync(join(directory, '0003-try-future.sql'));
    assert.deepEqual(await run(), []);
  });

  it('refuses a number that occurs twice and a name of another form', async () => {
    writeFileSync(join(directory, '0002-try-twin.sql'), 'SELECT 1;');
    await assert.rejects(run(), { code: 'migration-mismatch' });
    rmSync(join(directory, '0002-try-twin.sql'));
    writeFileSync(join(directory, '3-wrong.sql'), 'SELECT 1;');
    await assert.rejects(run(), { code: 'migration-mismatch' });
  });
});
