// Makes a database cluster: initdb under another name, then one rename, so that a crash never leaves half of one.

import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TrustError } from '../kernel/errors.ts';
import type { ServerUser } from './embedded-binaries.ts';

const initLimitMs = 120_000;

/**
 * How the server names its data directory. With `/proc/self/cwd` it reaches the directory it was started in without
 * walking the path, so uid 65534 can serve a directory below a closed one such as /root.
 */
export function ownName(dataDir: string, user: ServerUser): string {
  return user.uid !== undefined && existsSync('/proc/self/cwd') ? '/proc/self/cwd' : dataDir;
}

export function createCluster(dataDir: string, how: { native: string; user: ServerUser; durable: boolean }): void {
  if (existsSync(join(dataDir, 'PG_VERSION'))) return;
  // A crash in the middle leaves only this neighbour, never half a cluster under the real name.
  const unfinished = mkdtempSync(`${dataDir}.new-`);
  try {
    handOver(unfinished, how.user);
    const parameters = [
      '-D',
      ownName(unfinished, how.user),
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
    ];
    parameters.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions');
    if (!how.durable) parameters.push('--no-sync');
    const result = spawnSync(join(how.native, 'bin', 'initdb'), parameters, {
      ...how.user,
      cwd: unfinished,
      encoding: 'utf8',
      timeout: initLimitMs,
    });
    if (result.status !== 0) throw initFailed(result.error?.message ?? result.stderr.trim());
    renameOnto(unfinished, dataDir);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** initdb wants a name for the uid it runs as; containers are often run under a number that has none. */
function initFailed(reason: string): TrustError {
  const advice = reason.includes('look up effective user')
    ? '. Give this user an entry in /etc/passwd, or set DATABASE_URL'
    : '';
  return notStarted(`initdb failed: ${reason}${advice}`);
}

function renameOnto(unfinished: string, dataDir: string): void {
  try {
    renameSync(unfinished, dataDir);
  } catch (error) {
    // Another process finished first; anything else in the way is not ours to remove.
    if (existsSync(join(dataDir, 'PG_VERSION'))) return;
    throw notStarted(`${dataDir} is there but is no database cluster`, error);
  }
}

export function handOver(directory: string, user: ServerUser): void {
  if (user.uid !== undefined && user.gid !== undefined) chownSync(directory, user.uid, user.gid);
}

export function notStarted(message: string, cause?: unknown): TrustError {
  return new TrustError('database-unavailable', message, cause === undefined ? {} : { cause });
}
