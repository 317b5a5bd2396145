// `npm run bench`: rates of the main operations and their ratios to limits measured in the same run. It reports, it asserts nothing.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../src/kernel/clock.ts';
import { auditLatency, pgbenchRates } from './audit-append.ts';
import { openBenchHouse } from './house.ts';
import { limits } from './limits.ts';
import { measure } from './measure.ts';
import { operations } from './operations.ts';
import { machine, print } from './report.ts';
import { trustAgent, trustOperations } from './trust-ground.ts';
import { openTrustHouse } from './trust-house.ts';

const rounds = 5;
const roundMs = 800;
const warmUpMs = 500;
const largeCrlEntries = 1_000_000;
const latencySamples = 300;

const house = await openBenchHouse();
const trust = await openTrustHouse(house.clusterUrl);
const agent = trustAgent();
try {
  const about = await machine(house);
  console.log(
    `${about.node}, ${about.processors}, ${about.database}, fsync on, ${house.inFlight} requests in flight (trust ground: 64)`,
  );
  console.log(`median of ${rounds} interleaved rounds of ${roundMs} ms after a warm-up of ${warmUpMs} ms\n`);
  const tasks = [
    ...(await limits(house)),
    ...(await operations(house)),
    ...(await trustOperations(house, trust, agent)),
  ];
  const results = await measure(tasks, { rounds, roundMs, warmUpMs });
  print(tasks, results);
  const latencies = await auditLatency(house, latencySamples);
  console.log();
  for (const { name, p50Ms, p99Ms } of latencies)
    console.log(`${name}: p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms`);
  const pgbench = pgbenchRates(house);
  for (const [name, perSecond] of Object.entries(pgbench))
    console.log(`plain INSERT by ${name}: ${perSecond.toFixed(0)} a second`);
  const largeCrl = await trust.largeCrl(largeCrlEntries);
  const { seconds, sizeBytes } = largeCrl;
  const entries = largeCrlEntries.toLocaleString('en');
  console.log(
    `\na CRL of ${entries} entries, from the register to its committed bytes: ${seconds.toFixed(1)} s, ${sizeBytes} bytes`,
  );
  const file = join(root(), 'bench/results', `${systemClock.now().toISOString().replaceAll(':', '-')}.json`);
  mkdirSync(dirname(file), { recursive: true });
  const record = {
    at: systemClock.now().toISOString(),
    machine: about,
    rounds,
    roundMs,
    results,
    latencies,
    pgbench,
    largeCrl,
  };
  writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`);
  console.log(`\n${file}`);
} finally {
  agent.destroy();
  await trust.close();
  await house.close();
}

/** Compiled code lies one level deeper than its source. */
function root(): string {
  return join(dirname(fileURLToPath(import.meta.url)), '../..');
}
