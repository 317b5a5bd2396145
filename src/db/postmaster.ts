// The running server of a data directory, as its `postmaster.pid` tells it (PostgreSQL 18, chapter 66.1: pid, directory, start, port, socket directory).

import { existsSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface Postmaster {
  readonly pid: number;
  /** Where the server put its socket; `undefined` while it is still starting. */
  readonly socketDirectory: string | undefined;
}

/** The live server of this data directory, if there is one. A file left by a dead server is no server. */
export function findPostmaster(dataDir: string): Postmaster | undefined {
  const file = join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const lines = readText(file).split('\n');
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0 || !exists(pid)) return undefined;
  if (isZombie(pid) || worksElsewhere(pid, dataDir)) {
    // After a restart of a container pids repeat, and an init that does not reap keeps dead ones: PostgreSQL would take
    // the number for a live server and refuse to start.
    rmSync(file, { force: true });
    return undefined;
  }
  const socketDirectory = lines[4]?.trim();
  return { pid, socketDirectory: socketDirectory === '' ? undefined : socketDirectory };
}

export function isAlive(pid: number): boolean {
  return exists(pid) && !isZombie(pid);
}

/** Ended, but its parent has not asked for its exit status. */
function isZombie(pid: number): boolean {
  return /^State:\s+Z/m.test(readText(`/proc/${pid}/status`));
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** A server's working directory is its data directory. Only certainty counts: without /proc, or unreadable, the answer is no. */
function worksElsewhere(pid: number, dataDir: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) !== realpathSync(dataDir);
  } catch {
    return false;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
