// The database of a machine that has none: a real PostgreSQL beside the service, reached by a Unix socket only, surviving kill -9 of either.

import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { monotonicMs } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { createCluster, handOver, notStarted, ownName } from './cluster.ts';
import { findBinaries, type ServerUser, serverUser } from './embedded-binaries.ts';
import { failureCode } from './failures.ts';
import { findPostmaster, isAlive } from './postmaster.ts';

export interface EmbeddedOptions {
  /** The cluster's own directory; made when it is missing. */
  readonly dataDir: string;
  readonly log: Log;
  /** Default true. False (tests only): no fsync, so a crash of the machine loses the cluster. */
  readonly durable?: boolean;
}

export interface EmbeddedServer {
  /** Of the database `yinxin`. */
  readonly url: string;
  readonly pid: number;
  /** It was running already, left by a process that was killed or started by one that still lives. */
  readonly adopted: boolean;
  /** Clean shutdown. An adopted server is left running while others still use it. */
  stop(): Promise<void>;
}

interface Cluster {
  readonly dataDir: string;
  readonly native: string;
  readonly user: ServerUser;
  readonly durable: boolean;
  readonly log: Log;
}

const databaseName = 'yinxin';
const socketName = '.s.PGSQL.5432';
const socketPathLimitBytes = 103; // sun_path holds 108 with its NUL on Linux, 104 on macOS
const startLimitMs = 60_000;
const recoveryLimitMs = 600_000; // replaying WAL after a crash answers "starting up" all the while
const stopLimitMs = 60_000;
const pauseMs = 20;
const logLimitBytes = 10_000_000;

/**
 * Starts the cluster of `dataDir`, or adopts it when it runs; makes it first when there is none.
 * `configuration-invalid`: no binaries for this platform. `database-unavailable`: it did not start; the text names its log.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const user = serverUser();
  const native = findBinaries(user);
  mkdirSync(dirname(options.dataDir), { recursive: true });
  createCluster(options.dataDir, { native, user, durable: options.durable ?? true });
  const dataDir = realpathSync(options.dataDir);
  const cluster: Cluster = { dataDir, native, user, durable: options.durable ?? true, log: options.log };
  const running = await runServer(cluster);
  try {
    await createDatabase(running.socketDirectory);
  } catch (error) {
    if (running.child !== undefined) await stopServer(running.pid);
    throw error;
  }
  options.log.info({ pid: running.pid, adopted: running.child === undefined }, 'embedded PostgreSQL is up');
  return {
    url: urlOf(running.socketDirectory, databaseName),
    pid: running.pid,
    adopted: running.child === undefined,
    stop: async () => {
      if (running.child === undefined && (await othersConnected(running.socketDirectory))) return;
      await stopServer(running.pid);
      if (running.socketDirectory !== dataDir) rmSync(running.socketDirectory, { recursive: true, force: true });
    },
  };
}

interface Running {
  readonly pid: number;
  readonly socketDirectory: string;
  /** Present when this call started it. */
  readonly child?: ChildProcess;
}

async function runServer(cluster: Cluster): Promise<Running> {
  const began = monotonicMs();
  let child: ChildProcess | undefined;
  let ownSocketDirectory: string | undefined;
  for (;;) {
    const found = findPostmaster(cluster.dataDir);
    if (found?.socketDirectory !== undefined) {
      const socketDirectory = found.socketDirectory.startsWith('/proc/') ? cluster.dataDir : found.socketDirectory;
      const state = await probe(socketDirectory);
      if (state === 'ready') {
        const mine = child !== undefined && child.pid === found.pid;
        if (!mine) removeQuietly(ownSocketDirectory);
        return mine && child !== undefined
          ? { pid: found.pid, socketDirectory, child }
          : { pid: found.pid, socketDirectory };
      }
      if (monotonicMs() - began > (state === 'starting' ? recoveryLimitMs : startLimitMs)) break;
    }
    if (monotonicMs() - began > recoveryLimitMs) break;
    if (found === undefined && (child === undefined || child.exitCode !== null || child.signalCode !== null)) {
      // The first start, or the last one ended: old backends of a killed postmaster may hold the shared memory for a moment.
      if (monotonicMs() - began > startLimitMs) break;
      if (child !== undefined) await pause(10 * pauseMs);
      ownSocketDirectory ??= chooseSocketDirectory(cluster);
      child = spawnServer(cluster, ownSocketDirectory);
    }
    await pause(pauseMs);
  }
  child?.kill('SIGQUIT');
  removeQuietly(ownSocketDirectory);
  throw notStarted(`the embedded PostgreSQL did not start, see ${join(cluster.dataDir, 'server.log')}`);
}

/** `undefined`: the data directory itself, whose 0700 mode is the access control; else a short 0700 directory of its own. */
function chooseSocketDirectory(cluster: Cluster): string | undefined {
  if (Buffer.byteLength(join(cluster.dataDir, socketName)) <= socketPathLimitBytes) return undefined;
  const directory = mkdtempSync('/tmp/yinxin-pg-'); // mkdtemp makes it 0700 under a name nobody could prepare
  handOver(directory, cluster.user);
  return directory;
}

function spawnServer(cluster: Cluster, socketDirectory: string | undefined): ChildProcess {
  const own = ownName(cluster.dataDir, cluster.user);
  const settings: Record<string, string> = {
    listen_addresses: '',
    unix_socket_directories: socketDirectory ?? own,
    unix_socket_permissions: '0700',
    max_connections: '100',
    shared_buffers: '128MB',
    wal_compression: 'pglz',
    log_checkpoints: 'off',
    timezone: 'UTC',
  };
  if (!cluster.durable) Object.assign(settings, { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' });
  const parameters = ['-D', own, '-p', '5432'];
  for (const [name, value] of Object.entries(settings)) parameters.push('-c', `${name}=${value}`);
  const logFile = openLogFile(join(cluster.dataDir, 'server.log'), cluster.user);
  // Detached: Ctrl-C reaches the whole group of the terminal, and the server must outlive our own orderly shutdown.
  const child = spawn(join(cluster.native, 'bin', 'postgres'), parameters, {
    ...cluster.user,
    cwd: cluster.dataDir,
    detached: true,
    stdio: ['ignore', logFile, logFile],
  });
  closeSync(logFile);
  child.on('error', (error) => {
    cluster.log.error({ reason: error.message }, 'embedded PostgreSQL cannot be run');
  });
  child.unref();
  return child;
}

function openLogFile(path: string, user: ServerUser): number {
  if (existsSync(path) && statSync(path).size > logLimitBytes) renameSync(path, `${path}.1`);
  const file = openSync(path, 'a', 0o600);
  handOver(path, user); // after a crash the server opens every file of its directory to fsync it
  return file;
}

async function probe(socketDirectory: string): Promise<'ready' | 'starting' | 'silent'> {
  const client = new Client({ connectionString: urlOf(socketDirectory, 'postgres'), connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return 'ready';
  } catch (error) {
    return failureCode(error) === '57P03' ? 'starting' : 'silent';
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function createDatabase(socketDirectory: string): Promise<void> {
  await ask(socketDirectory, async (client) => {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [databaseName]);
    if (found.rowCount !== 0) return;
    try {
      await client.query(`CREATE DATABASE ${databaseName}`);
    } catch (error) {
      if (!['42P04', '23505'].includes(failureCode(error) ?? '')) throw error; // a second process made it just now
    }
  });
}

async function othersConnected(socketDirectory: string): Promise<boolean> {
  return ask(socketDirectory, async (client) => {
    const others = await client.query(
      `SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1`,
    );
    return others.rowCount !== 0;
  }).catch(() => false);
}

async function ask<T>(socketDirectory: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: urlOf(socketDirectory, 'postgres'), connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** SIGINT is PostgreSQL's fast shutdown. If it hangs, SIGQUIT: the next start recovers from the log, nothing is lost. */
async function stopServer(pid: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    const began = monotonicMs();
    if (!isAlive(pid)) return;
    process.kill(pid, signal);
    while (monotonicMs() - began < stopLimitMs) {
      if (!isAlive(pid)) return;
      await pause(pauseMs);
    }
  }
}

function urlOf(socketDirectory: string, database: string): string {
  return `postgres://postgres@/${database}?host=${encodeURIComponent(socketDirectory)}`;
}

function removeQuietly(directory: string | undefined): void {
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
