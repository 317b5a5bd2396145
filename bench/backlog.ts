// `node dist/bench/backlog.js [leaves]`: how fast one sequencer works off a backlog. In a temporary folder, fsync on; it reports, it asserts nothing.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Sequencer } from '../src/audit/sequencer.ts';
import { Database } from '../src/db/database.ts';
import { startEmbedded } from '../src/db/embedded.ts';
import { migrate } from '../src/db/migrate.ts';
import { monotonicMs, systemClock } from '../src/kernel/clock.ts';
import { silentLog } from '../src/kernel/log.ts';

const leaves = Number(process.argv[2] ?? 500_000);
const slow = { connectMs: 60_000, statementMs: 600_000, answerMs: 600_000, idleInTransactionMs: 60_000 };
const folder = mkdtempSync(join(tmpdir(), 'yinxin-backlog-'));
const server = await startEmbedded({ dataDir: join(folder, 'postgres'), log: silentLog });
const database = await Database.connect({ url: server.url, log: silentLog, timeouts: slow });
try {
  const directory = join(dirname(fileURLToPath(import.meta.url)), '../../sql');
  await migrate(database, { directory, log: silentLog, clock: systemClock });
  await database.query({
    text: `INSERT INTO audit.queue (log_id, entry_id, leaf_hash)
           SELECT 1, ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, sha256(int4send(i))
           FROM generate_series(1, $1::int) AS i`,
    values: [leaves],
  });
  await database.query({ text: 'VACUUM ANALYZE audit.queue' });
  const sequencer = new Sequencer({ database, clock: systemClock });
  const beganMs = monotonicMs();
  const before = process.cpuUsage();
  const stepsMs: number[] = [];
  for (;;) {
    const stepMs = monotonicMs();
    if ((await sequencer.step()) === undefined) break;
    stepsMs.push(monotonicMs() - stepMs);
  }
  const seconds = (monotonicMs() - beganMs) / 1000;
  const { user, system } = process.cpuUsage(before);
  const slowest = Math.max(...stepsMs).toFixed(0);
  const cpu = ((user + system) / leaves).toFixed(2);
  console.log(
    `${leaves} leaves in ${seconds.toFixed(1)} s: ${Math.round(leaves / seconds)} leaves/s, ${cpu} us of our CPU each`,
  );
  console.log(`${stepsMs.length} steps, the slowest ${slowest} ms`);
} finally {
  await database.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
