// Test data of other people that is not part of the project: found beside it or where YINXIN_SHARED_DATA says.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The nearest folder above this file that has a package.json: compiled tests lie one level deeper than their source. */
function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

export const sharedDataRoot = resolve(projectRoot(), process.env['YINXIN_SHARED_DATA'] ?? '../shared/data');

/** The file's bytes, or undefined when the collection is not there: then the test says so and is skipped. */
export function sharedData(path: string): Uint8Array | undefined {
  const file = join(sharedDataRoot, path);
  return existsSync(file) ? Uint8Array.from(readFileSync(file)) : undefined;
}

/** Skips the running test, saying plainly which file was missing and how to give it. */
export function needSharedData(test: Mocha.Context, path: string): Uint8Array {
  const bytes = sharedData(path);
  if (bytes === undefined) {
    console.log(`      skipped: ${path} is not in ${sharedDataRoot} (set YINXIN_SHARED_DATA)`);
    test.skip();
  }
  return bytes;
}
