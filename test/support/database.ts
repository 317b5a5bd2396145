// A fresh migrated database for each test file: one embedded cluster a run (fsync off), or the server of TEST_DATABASE_URL.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'mocha';
import { Client } from 'pg';
import { Database, type DatabaseTimeouts } from '../../src/db/database.ts';
import { startEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { isAlive } from '../../src/db/postmaster.ts';
import { randomBytes, systemClock } from '../../src/kernel/clock.ts';
import { toHex } from '../../src/kernel/bytes.ts';
import { silentLog } from '../../src/kernel/log.ts';

export interface TestDatabase {
  readonly database: Database;
  readonly url: string;
  close(): Promise<void>;
}

/** A busy test machine is slow, not broken: the service's own limits would make good tests fail there. */
export const testTimeouts: DatabaseTimeouts = {
  connectMs: 30_000,
  statementMs: 30_000,
  answerMs: 35_000,
  idleInTransactionMs: 30_000,
};

interface Cluster {
  readonly adminUrl: string;
  readonly template: string;
  remove(): Promise<void>;
}

const directoryPrefix = 'yinxin-test-';
let cluster: Promise<Cluster> | undefined;

/** The repository, wherever the compiled test lies. */
export function projectRoot(): string {
  for (let directory = import.meta.dirname; ; directory = dirname(directory)) {
    if (existsSync(join(directory, 'package.json'))) return directory;
    if (dirname(directory) === directory) throw new Error('no package.json above the tests');
  }
}

/** A copy of the migrated template; `close` drops it. `maxConnections` is for tests with many writers at once. */
export async function testDatabase(options: { maxConnections?: number } = {}): Promise<TestDatabase> {
  cluster ??= startCluster();
  const { adminUrl, template } = await cluster;
  const name = `test_${toHex(randomBytes(6))}`;
  await administer(adminUrl, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
  const url = urlOf(adminUrl, name);
  const database = await connect(url, options.maxConnections);
  return {
    database,
    url,
    close: async () => {
      await database.close();
      await administer(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

async function startCluster(): Promise<Cluster> {
  const given = process.env['TEST_DATABASE_URL'];
  const server = given === undefined ? await ownServer() : { url: given, stop: async () => undefined };
  const template = `template_${toHex(randomBytes(6))}`;
  await administer(server.url, `CREATE DATABASE ${template}`);
  const database = await connect(urlOf(server.url, template));
  try {
    await migrate(database, { directory: join(projectRoot(), 'sql'), log: silentLog, clock: systemClock });
  } finally {
    await database.close(); // a template must have no connections when it is copied
  }
  return {
    adminUrl: server.url,
    template,
    remove: async () => {
      await administer(server.url, `DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
      await server.stop();
    },
  };
}

async function ownServer(): Promise<{ url: string; stop(): Promise<void> }> {
  removeLeftovers();
  const directory = mkdtempSync(join(tmpdir(), `${directoryPrefix}${process.pid}-`));
  const server = await startEmbedded({ dataDir: join(directory, 'pg'), log: silentLog, durable: false });
  // A run that ends without its hooks (an exception while files are loaded) must not leave a server behind.
  const last = (): void => {
    if (isAlive(server.pid)) process.kill(server.pid, 'SIGQUIT');
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  process.on('exit', last);
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      last();
      process.off('exit', last);
    },
  };
}

/** Runs that were killed: their directory carries the pid of a test process that is no more. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(directoryPrefix)) continue;
    const owner = Number(name.slice(directoryPrefix.length).split('-')[0]);
    if (!Number.isSafeInteger(owner) || owner <= 0 || isAlive(owner)) continue;
    const directory = join(tmpdir(), name);
    try {
      const pid = Number(readFileSync(join(directory, 'pg', 'postmaster.pid'), 'utf8').split('\n')[0]);
      if (pid > 0 && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres')) process.kill(pid, 'SIGQUIT');
    } catch {
      // No server is left, or it is not ours to stop: only the directory remains.
    }
    try {
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    } catch {
      // Somebody else's: leave it.
    }
  }
}

async function connect(url: string, maxConnections?: number): Promise<Database> {
  const options = { url, log: silentLog, timeouts: testTimeouts };
  return Database.connect(maxConnections === undefined ? options : { ...options, maxConnections });
}

async function administer(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

/** The same server, another database. A socket URL has no host, which the URL class refuses, so the text is edited. */
function urlOf(url: string, database: string): string {
  return url.replace(/^(postgres(?:ql)?:\/\/[^/]*)\/[^?]*/, `$1/${database}`);
}

// Registered on mocha's root suite, because this file is loaded while no suite is open.
after(async function stopCluster() {
  const running = cluster;
  cluster = undefined;
  await (await running)?.remove();
});
