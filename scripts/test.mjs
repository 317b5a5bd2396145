// `npm test`: house, unit and integration tests, and the browser tests where a Chromium is found. Says plainly what was skipped
// and how to install it; closes with mocha's own summary and one line of counts.
// Arguments are passed as folders below test/ (e.g. `npm test -- unit/pdf`).

import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import Mocha from 'mocha';
import { build } from './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
await build({ ifNeeded: true });

const folders = process.argv.slice(2);
const suites = (folders.length > 0 ? folders : ['house', 'unit', 'integration', 'e2e']).map((name) =>
  join(root, 'dist/test', name),
);
const files = suites.flatMap(testFiles).sort((a, b) => a.localeCompare(b));
if (files.length === 0) {
  console.error('No test was found.');
  process.exit(1);
}

const tools = [
  ['pdfsig', 'poppler-utils', 'PDF signatures judged by Poppler'],
  ['mutool', 'mupdf-tools', 'PDF signatures judged by MuPDF'],
  ['qpdf', 'qpdf', 'PDF structure judged by qpdf'],
  ['openssl', 'openssl', 'certificates, CMS and time stamps judged by OpenSSL'],
  ['chromium', 'chromium', 'browser tests'],
  ['softhsm2-util', 'softhsm2', 'keys in a hardware token (and: npm rebuild pkcs11js --ignore-scripts=false)'],
];
const missing = tools.filter(([command]) => spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0);

const mocha = new Mocha({
  timeout: 60_000,
  slow: 2_000,
  forbidOnly: Boolean(process.env.CI),
  color: process.stdout.isTTY,
});
for (const file of files) mocha.addFile(file);
await mocha.loadFilesAsync();
const runner = mocha.run((failures) => void finish(failures));
const skipped = [];
runner.on('pending', (test) => skipped.push(test.fullTitle()));

async function finish(failures) {
  const { stopTestCluster } = await import('../dist/test/support/database.js').catch(() => ({}));
  await stopTestCluster?.();
  for (const [command, packageName, purpose] of missing) {
    console.log(`Skipped: ${purpose} (no ${command} on this machine; Debian: apt-get install ${packageName})`);
  }
  if (skipped.length > 0)
    console.log(`\nNot run (${skipped.length}):\n${skipped.map((title) => `  - ${title}`).join('\n')}`);
  const { passes, pending } = runner.stats;
  console.log(`\n${passes} passed, ${failures} failed, ${pending} skipped`);
  process.exit(failures === 0 && passes > 0 ? 0 : 1);
}

function testFiles(path) {
  if (existsSync(path) && statSync(path).isDirectory())
    return readdirSync(path).flatMap((name) => testFiles(join(path, name)));
  return path.endsWith('.test.js') ? [path] : existsSync(`${path}.test.js`) ? [`${path}.test.js`] : [];
}
