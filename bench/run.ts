// `npm run bench`: rates of the main operations and their ratios to limits measured in the same run. It reports, it asserts nothing.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../src/kernel/clock.ts';
import { openBenchHouse } from './house.ts';
import { limits } from './limits.ts';
import { measure } from './measure.ts';
import { operations } from './operations.ts';
import { machine, print } from './report.ts';

const rounds = 5;
const roundMs = 1000;
const warmUpMs = 700;

const house = await openBenchHouse();
try {
  const about = await machine(house);
  console.log(`${about.node}, ${about.processors}, ${about.database}, fsync on, ${house.inFlight} requests in flight`);
  console.log(`median of ${rounds} interleaved rounds of ${roundMs} ms after a warm-up of ${warmUpMs} ms\n`);
  const tasks = [...(await limits(house)), ...(await operations(house))];
  const results = await measure(tasks, { rounds, roundMs, warmUpMs });
  print(tasks, results);
  const file = join(root(), 'bench/results', `${systemClock.now().toISOString().replaceAll(':', '-')}.json`);
  mkdirSync(dirname(file), { recursive: true });
  const record = { at: systemClock.now().toISOString(), machine: about, rounds, roundMs, results };
  writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`);
  console.log(`\n${file}`);
} finally {
  await house.close();
}

/** Compiled code lies one level deeper than its source. */
function root(): string {
  return join(dirname(fileURLToPath(import.meta.url)), '../..');
}
