// One part of `npm test`: runs the test files named as arguments in this process and tells its parent what came of it.

import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import Mocha from 'mocha';

// The same samples of a property at every run, so that none fails by luck; FUZZ_SEED=<number> tries others.
fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 20_261_122) });

// The limit for what hangs, with or without this runner.
const limits = JSON.parse(readFileSync(new URL('../.mocharc.json', import.meta.url), 'utf8'));
const mocha = new Mocha({
  ...limits,
  forbidOnly: Boolean(process.env.CI),
  color: process.env.TEST_COLOR === '1',
});
for (const file of process.argv.slice(2)) mocha.addFile(file);
await mocha.loadFilesAsync();
raiseLimits(mocha.suite);
const files = new Map();
const broken = [];
const runner = mocha.run(() => {
  process.send({ files: [...files.values()], broken }, () => process.exit(runner.stats.failures === 0 ? 0 : 1));
});
runner.on('pass', (test) => fileOf(test).passes++);
runner.on('pending', (test) => fileOf(test).skipped.push(test.fullTitle()));
runner.on('fail', (test, error) => {
  const text = `${test.fullTitle()}\n      ${error?.stack ?? error}`;
  (fileOf(test)?.failed ?? broken).push(text);
});

function fileOf({ file, parent }) {
  const path = file ?? parent?.file;
  if (path === undefined) return undefined;
  if (!files.has(path)) files.set(path, { path, passes: 0, skipped: [], failed: [] });
  return files.get(path);
}

/** No test and no hook has less time than that, whatever its file says: a slow machine is no failure. */
function raiseLimits(suite) {
  const hooks = ['beforeAll', 'beforeEach', 'afterEach', 'afterAll'].flatMap((name) => suite.getHooks(name));
  for (const one of [...hooks, ...suite.tests]) one.timeout(Math.max(one.timeout(), limits.timeout));
  for (const inner of suite.suites) raiseLimits(inner);
}
