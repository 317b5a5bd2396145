// Leaves are signed and cannot be rewritten: a database with leaves of an earlier build is refused in words, and left as it was.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../../src/db/migrate.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { projectRoot, type TestDatabase, testDatabase } from '../../support/database.ts';

const sql = join(projectRoot(), 'sql');
const clock = systemClock;
const log = silentLog;

describe('a database of an earlier build', () => {
  let test: TestDatabase;
  let directory: string;

  beforeEach(async () => {
    test = await testDatabase();
    const { rows } = await test.database.query<{ name: string }>({
      text: `SELECT nspname AS name FROM pg_namespace WHERE nspname IN ('db', 'audit', 'pki', 'identity', 'seal', 'licence', 'http')`,
    });
    for (const { name } of rows) await test.database.query({ text: `DROP SCHEMA ${name} CASCADE` });
    directory = mkdtempSync(join(tmpdir(), 'yinxin-earlier-'));
    for (const name of readdirSync(sql)) if (name < '0016') cpSync(join(sql, name), join(directory, name));
    await migrate(test.database, { directory, log, clock });
  });
  afterEach(async () => {
    rmSync(directory, { recursive: true, force: true });
    await test.close();
  });

  it('goes on when its log is empty', async () => {
    const applied = await migrate(test.database, { directory: sql, log, clock });
    assert.ok(applied.includes('0016-audit-sealed-parts.sql'));
  });

  it('is refused when its log has entries, which stay', async () => {
    await test.database.query({
      text: `INSERT INTO audit.entry (id, at, action, outcome, leaf)
        VALUES ('019b76da-a800-7001-8000-000000000001', now(), 'consent', 'done', '\\x7b7d')`,
    });
    await assert.rejects(
      migrate(test.database, { directory: sql, log, clock }),
      /written by an earlier build before the first release: start with an empty database/,
    );
    const { rows } = await test.database.query({ text: 'SELECT action FROM audit.entry' });
    assert.deepEqual(rows, [{ action: 'consent' }]);
  });
});
