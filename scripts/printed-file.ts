// Writes a printed file, or with --check compares it with what would be written and fails on drift.

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

export function printFile(path: string, content: string): void {
  const target = join(root, path);
  if (!process.argv.includes('--check')) {
    writeFileSync(target, content);
    console.log(`${path} printed`);
  } else if (readFileSync(target, 'utf8') !== content) {
    console.error(`${path} is not what its source prints; run the printing script and commit the result`);
    process.exitCode = 1;
  }
}
