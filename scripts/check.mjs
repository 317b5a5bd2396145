// `npm run check`: types, lint, format, unused code and drift of printed files. Every step runs; the first bad one decides the exit status.

import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
await build({ ifNeeded: true });

const node = process.execPath;
const bin = (name) => join(root, 'node_modules/.bin', name);
const steps = [
  ['types', bin('tsc'), ['-p', 'tsconfig.json', '--noEmit']],
  ['types of the pages', bin('tsc'), ['-p', 'tsconfig.web.json']],
  ['lint', bin('oxlint'), ['--type-aware', '--deny-warnings']],
  ['format', bin('biome'), ['format', '.']],
  ['unused code', bin('knip'), []],
  ['openapi.yaml is what the contract prints', node, ['dist/scripts/print-openapi.js', '--check']],
  ['docs/config.md is what the settings print', node, ['dist/scripts/print-config.js', '--check']],
];

let failed = 0;
for (const [label, command, args] of steps) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  const good = status === 0 && error === undefined;
  if (!good) failed++;
  console.log(good ? 'good' : 'BAD ', label);
}
process.exit(failed === 0 ? 0 : 1);
