// The embedded server: made once, adopted after kill -9 of the service, recovered after kill -9 of itself, also under a closed directory.

import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type EmbeddedServer, startEmbedded } from '../../../src/db/embedded.ts';
import { silentLog } from '../../../src/kernel/log.ts';

describe('embedded PostgreSQL', () => {
  let directory: string;
  let server: EmbeddedServer | undefined;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'yinxin-embedded-'));
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
    rmSync(directory, { recursive: true, force: true });
  });

  const start = (dataDir = join(directory, 'pg')): Promise<EmbeddedServer> =>
    startEmbedded({ dataDir, log: silentLog });

  it('makes the database yinxin at the first start and finds its rows at the second', async () => {
    server = await start();
    await ask(server.url, 'CREATE TABLE kept (n int)');
    await ask(server.url, 'INSERT INTO kept VALUES (7)');
    await server.stop();
    server = await start();
    assert.equal(server.adopted, false);
    assert.deepEqual(await ask(server.url, 'SELECT n, current_database() AS d FROM kept'), [{ n: 7, d: 'yinxin' }]);
    assert.deepEqual(await ask(server.url, `SELECT current_setting('fsync') AS f`), [{ f: 'on' }]);
  });

  it('adopts a server that runs already, and an adopter does not stop it under the others', async () => {
    server = await start();
    const client = new Client({ connectionString: server.url });
    await client.connect();
    const second = await start();
    assert.equal(second.adopted, true);
    assert.equal(second.pid, server.pid);
    await second.stop();
    assert.equal((await client.query('SELECT 1 AS one')).rowCount, 1);
    await client.end();
  });

  it('gives two that start at once the same server', async () => {
    const [a, b] = await Promise.all([start(), start()]);
    server = a.adopted ? b : a;
    assert.equal(a.pid, b.pid);
    assert.notEqual(a.adopted, b.adopted);
  });

  it('keeps what was committed when the postmaster is killed with signal 9', async () => {
    server = await start();
    await ask(server.url, 'CREATE TABLE kept (n int)');
    await ask(server.url, 'INSERT INTO kept SELECT generate_series(1, 1000)');
    process.kill(server.pid, 'SIGKILL');
    server = await start();
    assert.equal(server.adopted, false);
    assert.deepEqual(await ask(server.url, 'SELECT count(*)::int AS n FROM kept'), [{ n: 1000 }]);
  });

  it('starts although postmaster.pid names a stranger, as after the restart of a container', async () => {
    server = await start();
    await server.stop();
    const dataDir = join(directory, 'pg');
    writeFileSync(join(dataDir, 'postmaster.pid'), `${process.pid}\n${dataDir}\n1\n5432\n${dataDir}\n\n`);
    server = await start();
    assert.equal(server.adopted, false);
  });

  it('runs below a directory that only its owner may enter', async () => {
    chmodSync(directory, 0o700);
    mkdirSync(join(directory, 'inner'), { mode: 0o700 });
    server = await start(join(directory, 'inner', 'pg'));
    assert.equal((await ask(server.url, 'SELECT 1')).length, 1);
  });

  it('takes a short directory for the socket when the path is over 107 bytes', async () => {
    const long = join(directory, 'x'.repeat(100), 'pg');
    server = await start(long);
    assert.ok(!decodeURIComponent(server.url).includes('xxx'));
    assert.equal((await ask(server.url, 'SELECT 1')).length, 1);
  });

  it('leaves nothing half-made under the real name, and refuses a directory that is something else', async () => {
    const dataDir = join(directory, 'pg');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'letter.txt'), 'not a cluster');
    await assert.rejects(start(), { code: 'database-unavailable' });
    assert.deepEqual(readdirSync(directory), ['pg']);
    assert.equal(readFileSync(join(dataDir, 'letter.txt'), 'utf8'), 'not a cluster');
  });

  it('listens on no port and keeps the socket to its owner', async () => {
    server = await start();
    assert.deepEqual(await ask(server.url, 'SHOW listen_addresses'), [{ listen_addresses: '' }]);
    assert.ok(existsSync(join(directory, 'pg', '.s.PGSQL.5432')));
  });
});

async function ask(url: string, text: string): Promise<object[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<object>(text)).rows;
  } finally {
    await client.end();
  }
}
