// `npm run test:fault`: kills the service and its database under load, 30 times each engine; prints a table; exit status 1 when anything was lost, doubled or forked.

import { parseArgs } from 'node:util';
import { randomBytes } from '../src/kernel/clock.ts';
import { type FaultRound, faultRun } from '../test/support/fault-run.ts';
import { postgresBinaries } from '../test/support/fault-postgres.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '30' },
    seed: { type: 'string' },
    engine: { type: 'string' },
    workers: { type: 'string', default: '6' },
  },
});
const kills = Number(values.kills);
const workers = Number(values.workers);
const seed = Number(values.seed ?? Buffer.from(randomBytes(4)).readUInt32BE(0));
const engines = (['embedded', 'postgres'] as const).filter((engine) => (values.engine ?? engine) === engine);
if (![kills, workers, seed].every(Number.isSafeInteger) || engines.length === 0) {
  console.error('Usage: npm run test:fault -- [--kills 30] [--seed N] [--engine embedded|postgres] [--workers 6]');
  process.exit(2);
}

let faults = 0;
for (const engine of engines) {
  if (engine === 'postgres' && postgresBinaries() === undefined) {
    console.log('Skipped: the real PostgreSQL (none below /usr/lib/postgresql; Debian: apt-get install postgresql)');
    continue;
  }
  console.log(`\n${engine}, ${kills} kills, --seed ${seed}\n`);
  console.log('kill  victim      deeds  entries  checkpoints   down s  faults');
  const { rounds, atEnd } = await faultRun({ engine, kills, seed, workers, onRound: print });
  const found = rounds.reduce((sum, round) => sum + round.faults.length, atEnd.length);
  faults += found;
  const last = rounds.at(-1);
  console.log(`\n${engine}: ${last?.deeds ?? 0} deeds acknowledged, ${last?.entries ?? 0} entries, ${found} faults`);
  for (const fault of atEnd) console.log(`      ${fault}`);
}
process.exitCode = faults === 0 ? 0 : 1;

function print({ number, victim, deeds, entries, checkpoints, downMs, faults: found }: FaultRound): void {
  const cells = [deeds, entries, checkpoints, (downMs / 1000).toFixed(1), found.length];
  const widths = [9, 9, 13, 9, 8];
  const row = cells.map((cell, place) => String(cell).padStart(widths[place] ?? 0)).join('');
  console.log(`${String(number).padStart(4)}  ${victim.padEnd(8)}${row}`);
  for (const fault of found) console.log(`      ${fault}`);
}
