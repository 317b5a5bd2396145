// One part of `npm test`: runs the test files named as arguments in this process and tells its parent what came of it.

import Mocha from 'mocha';

const mocha = new Mocha({
  timeout: 60_000,
  slow: 2_000,
  forbidOnly: Boolean(process.env.CI),
  color: process.env.TEST_COLOR === '1',
});
for (const file of process.argv.slice(2)) mocha.addFile(file);
await mocha.loadFilesAsync();
const skipped = [];
const failed = [];
const runner = mocha.run(() => {
  const { passes } = runner.stats;
  process.send({ passes, skipped, failed }, () => process.exit(failed.length === 0 ? 0 : 1));
});
runner.on('pending', (test) => skipped.push(test.fullTitle()));
runner.on('fail', (test, error) => failed.push(`${test.fullTitle()}\n      ${error?.stack ?? error}`));
