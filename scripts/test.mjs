// `npm test`: house, unit and integration tests, and the browser tests where a Chromium is found. Says plainly what was skipped
// and how to install it; closes with the failures once more, mocha's summary over all of it, and one line of counts.
// Arguments are passed as folders below test/ (e.g. `npm test -- unit/pdf`). Rooms run beside each other, one process each, one more at
// once than there are processors, since each waits for browsers and databases (at most four; TEST_JOBS says otherwise); what one prints
// is shown when it ends. A file of integration or e2e that failed is run once more, alone, after all others: what passes then is told
// as unsteady (it waits for other processes, and machines are shared), and is to be mended like a failure. Unit tests have one run.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fork, spawnSync } from 'node:child_process';
import { build } from './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
await build({ ifNeeded: true });

const testRoot = join(root, 'dist/test');
const folders = process.argv.slice(2);
const suites = (folders.length > 0 ? folders : ['house', 'unit', 'integration', 'e2e']).map((name) =>
  join(testRoot, name),
);
const files = suites.flatMap(testFiles);
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

const startedMs = Date.now();
const parts = partsOf(files);
const jobs = Math.max(1, Number(process.env.TEST_JOBS ?? Math.min(4, availableParallelism() + 1)) || 1);
const results = [];
const waiting = [...parts];
await Promise.all(
  Array.from({ length: Math.min(jobs, parts.length) }, async () => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) results.push(await run(part));
  }),
);
const outcomes = [];
const unsteady = [];
const firstRuns = results.flatMap((result) => result.files);
const fewFailed = firstRuns.filter(mayBeUnsteady).length <= 3;
for (const first of firstRuns) {
  const second =
    fewFailed && mayBeUnsteady(first)
      ? await run({ name: `once more: ${relative(testRoot, first.path)}`, paths: [first.path] })
      : undefined;
  const passed = second?.files.find(({ failed, passes }) => failed.length === 0 && passes > 0);
  if (passed !== undefined) unsteady.push(...first.failed);
  outcomes.push(passed ?? first);
}
const failed = [...results.flatMap((result) => result.broken), ...outcomes.flatMap((outcome) => outcome.failed)];
const skipped = outcomes.flatMap((outcome) => outcome.skipped);
const passes = outcomes.reduce((sum, outcome) => sum + outcome.passes, 0);

for (const [command, packageName, purpose] of missing)
  console.log(`Skipped: ${purpose} (no ${command} on this machine; Debian: apt-get install ${packageName})`);
list('Not run', skipped);
list('Unsteady: failed, then passed alone; mend these', unsteady);
list('Failed', failed);
const minutes = ((Date.now() - startedMs) / 60_000).toFixed(1);
console.log(`\n  ${passes} passing (${minutes}m)\n  ${skipped.length} pending\n  ${failed.length} failing`);
console.log(`\n${passes} passed, ${failed.length} failed, ${skipped.length} skipped`);
process.exitCode = failed.length === 0 && passes > 0 ? 0 : 1;

/** Runs one part; what it printed is shown at its end. A process that ends without a result is a failure of the part. */
async function run({ name, paths }) {
  const began = Date.now();
  const child = fork(join(root, 'scripts/test-part.mjs'), paths, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, TEST_COLOR: process.stdout.isTTY ? '1' : '0' },
  });
  const output = [];
  // One part alone is shown as it goes on.
  const show = (chunk) => (parts.length === 1 ? process.stdout.write(chunk) : output.push(chunk));
  child.stdout.on('data', show);
  child.stderr.on('data', show);
  let result;
  child.once('message', (message) => {
    result = message;
  });
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...ending) => resolve(ending));
  });
  const seconds = ((Date.now() - began) / 1000).toFixed(0);
  process.stdout.write(`\n== ${name} (${seconds} s)\n`);
  process.stdout.write(Buffer.concat(output));
  return result ?? { files: [], broken: [`${name}: the process ended with ${signal ?? code} and no result`] };
}

/** Integration and browser tests wait for other processes on a machine that others use too; a few that failed deserve a second look. */
function mayBeUnsteady({ path, failed }) {
  return failed.length > 0 && /^(integration|e2e)\//.test(relative(testRoot, path));
}

/** One part a room, or a kind that has no rooms; browsers two. The heaviest come first, so that no processor waits at the end. */
function partsOf(paths) {
  const byName = new Map();
  for (const [place, path] of [...paths].sort((a, b) => a.localeCompare(b)).entries()) {
    const [kind, room = ''] = relative(testRoot, path).split(sep);
    const name =
      kind === 'e2e'
        ? `e2e, ${place % 2 === 0 ? 'one half' : 'the other half'}`
        : room.endsWith('.js')
          ? kind
          : `${kind}/${room}`;
    byName.set(name, [...(byName.get(name) ?? []), path]);
  }
  const weight = ({ name, paths: all }) =>
    all.reduce((sum, path) => sum + statSync(path).size, 0) * (name.startsWith('e2e') ? 10 : 1);
  return [...byName].map(([name, all]) => ({ name, paths: all })).sort((a, b) => weight(b) - weight(a));
}

function list(title, titles) {
  if (titles.length > 0)
    console.log(`\n${title} (${titles.length}):\n${titles.map((text) => `  - ${text}`).join('\n')}`);
}

function testFiles(path) {
  if (existsSync(path) && statSync(path).isDirectory())
    return readdirSync(path).flatMap((name) => testFiles(join(path, name)));
  return path.endsWith('.test.js') ? [path] : existsSync(`${path}.test.js`) ? [`${path}.test.js`] : [];
}
