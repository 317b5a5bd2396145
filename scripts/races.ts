// `npm run races`: everything that may be used once is used by 50 at the same time, at two server processes over one database; exit status 1 unless each has one winner.

import { parseArgs } from 'node:util';
import { monotonicMs } from '../src/kernel/clock.ts';
import { type Race, races } from '../test/support/races.ts';
import { registerRacers } from '../test/support/races-client.ts';
import { openRacesHouse, type RacesHouse } from '../test/support/races-house.ts';

const rivals = 50;
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '100' }, only: { type: 'string', default: '' } },
});
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  console.error('Usage: npm run races -- [--rounds 100] [--only part of a name]');
  process.exit(2);
}

const house = await openRacesHouse(process.env['TEST_DATABASE_URL']);
try {
  await registerRacers(house.services);
  console.log(`${rivals} rivals over two processes\n`);
  console.log(row('used once', ['rounds', 'one winner', 'none', 'several', 'exceptions', 'seconds']));
  for (const race of await races(house)) {
    if (race.name.includes(values.only)) await run(race, house);
  }
} catch (error) {
  console.error(house.output());
  throw error;
} finally {
  await house.close();
}

async function run(race: Race, { urls, services, output }: RacesHouse): Promise<void> {
  const beganMs = monotonicMs();
  const winners: number[] = [];
  const exceptions: string[] = [];
  for (let round = 0; round < rounds; round++) {
    // The limits on tries are for people and shops, not for 50 rivals in each of a hundred rounds.
    await services.database.query({ text: 'DELETE FROM identity.sign_in_attempt' });
    const rival = await race.prepare();
    const answers = await Promise.allSettled(
      Array.from({ length: rivals }, (_, number) => rival(urls[number % 2 === 0 ? 0 : 1], number)),
    );
    let won = 0;
    for (const answer of answers) {
      if (answer.status === 'rejected') exceptions.push(String(answer.reason));
      else if (answer.value.status >= 500) exceptions.push(`status ${answer.value.status}`);
      else if (answer.value.won) won++;
    }
    winners.push(won);
  }
  const count = (wanted: (won: number) => boolean) => winners.filter(wanted).length;
  const [one, none, several] = [count((won) => won === 1), count((won) => won === 0), count((won) => won > 1)];
  const seconds = ((monotonicMs() - beganMs) / 1000).toFixed(1);
  console.log(row(race.name, [rounds, one, none, several, exceptions.length, seconds]));
  for (const exception of new Set(exceptions)) console.log(`      ${exception}`);
  if (exceptions.length > 0)
    for (const line of output().split('\n').filter(isWarning).slice(-3)) console.log(`      ${line}`);
  if (one !== rounds || exceptions.length > 0) process.exitCode = 1;
}

/** Of the processes' JSON log, which begins at `warn`. */
function isWarning(line: string): boolean {
  return line.startsWith('{');
}

function row(name: string, cells: readonly (string | number)[]): string {
  return name.padEnd(28) + cells.map((cell) => String(cell).padStart(12)).join('');
}
