// A real PostgreSQL of the machine for the fault run: a cluster of its own with fsync on, and how to kill and start it.

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { serverUser } from '../../src/db/embedded-binaries.ts';
import { findPostmaster } from '../../src/db/postmaster.ts';
import { freePort } from './free-port.ts';

export interface FaultPostgres {
  readonly url: string;
  readonly dataDir: string;
  /** Starts what is not running, and waits until it has recovered. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const root = '/usr/lib/postgresql';
const patienceMs = 240_000;

/** `undefined` when the machine has no PostgreSQL. */
export function postgresBinaries(): string | undefined {
  const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(a) - Number(b)) : [];
  const binaries = versions
    .map((version) => join(root, version, 'bin'))
    .filter((path) => existsSync(join(path, 'postgres')));
  return binaries.at(-1);
}

/** Makes the cluster below `directory`; it runs when this returns. */
export async function faultPostgres(binaries: string, directory: string): Promise<FaultPostgres> {
  const user = serverUser();
  const dataDir = join(directory, 'postgres');
  chmodSync(directory, 0o755);
  mkdirSync(dataDir, { mode: 0o700 });
  if (user.uid !== undefined && user.gid !== undefined) chownSync(dataDir, user.uid, user.gid);
  const options = { ...user, cwd: '/' };
  const make = ['-D', dataDir, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '-N'];
  execFileSync(join(binaries, 'initdb'), make, { ...options, stdio: 'ignore' });
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const log = openSync(join(directory, 'postgres.log'), 'a');
  const parameters = [
    '-D',
    dataDir,
    '-p',
    String(port),
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'unix_socket_directories=',
  ];
  const postgres: FaultPostgres = {
    url,
    dataDir,
    start: async () => {
      const began = performance.now();
      for (;;) {
        // Old backends of a killed postmaster may hold its memory for a moment: then it ends at once, and is started again.
        if (findPostmaster(dataDir) === undefined)
          spawn(join(binaries, 'postgres'), parameters, { ...options, stdio: ['ignore', log, log] }).unref();
        await pause(200);
        if (await answers(url)) return;
        if (performance.now() - began > patienceMs)
          throw new Error(`PostgreSQL does not start, see ${directory}/postgres.log`);
      }
    },
    stop: async () => {
      const pid = findPostmaster(dataDir)?.pid;
      if (pid === undefined) return;
      process.kill(pid, 'SIGINT');
      while (findPostmaster(dataDir) !== undefined) await pause(50);
    },
  };
  await postgres.start();
  return postgres;
}

/** The postmaster of a data directory, and its children. */
export function processesOf(dataDir: string): { postmaster: number; backends: number[] } | undefined {
  const postmaster = findPostmaster(dataDir)?.pid;
  if (postmaster === undefined) return undefined;
  const backends = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === postmaster);
  return { postmaster, backends };
}

function parentOf(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
