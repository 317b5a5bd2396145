// Test data of other people that lies outside the repository (YINXIN_SHARED_DATA, default ../shared/data): used where it is, reported as skipped where it is not.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Context } from 'mocha';

/** The bytes of one file; skips the running test when it is not on this machine. */
export function sharedData(test: Context, path: string): Uint8Array {
  const folder = process.env['YINXIN_SHARED_DATA'] ?? resolve(repository(), '../shared/data');
  const file = join(folder, path);
  if (!existsSync(file)) test.skip();
  return readFileSync(file);
}

function repository(): string {
  for (let directory = import.meta.dirname; ; directory = dirname(directory)) {
    if (existsSync(join(directory, 'package.json')) || dirname(directory) === directory) return directory;
  }
}
