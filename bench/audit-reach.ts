// `node dist/bench/audit-reach.js [entries]`: the audit log at ten million entries: an offline check of a mirror, and proofs from the database beside
// reads by primary key in the same run. It makes its data itself, in a temporary folder (4 GB), and reports; it asserts nothing.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LogRunner } from '../src/audit/log-runner.ts';
import { AuditProofs } from '../src/audit/proofs.ts';
import { directorySource } from '../src/cli/audit-log-source.ts';
import { verifyLog } from '../src/cli/audit-verify.ts';
import { Database } from '../src/db/database.ts';
import { startEmbedded } from '../src/db/embedded.ts';
import { migrate } from '../src/db/migrate.ts';
import { monotonicMs, systemClock } from '../src/kernel/clock.ts';
import { silentLog } from '../src/kernel/log.ts';
import { freshLogSigner, writeMirror } from '../test/support/mirror-files.ts';
import { loadSyntheticLog } from '../test/support/synthetic-log.ts';
import { measure, type Result, type Task } from './measure.ts';

const defaultEntries = 10_000_000;
const recentEntries = 50_000;
const plan = { rounds: 5, roundMs: 2000, warmUpMs: 2000 };
const log = silentLog;
const clock = systemClock;
const origin = 'bench.example/log';

const entries = Number(process.argv[2] ?? defaultEntries);
const folder = mkdtempSync(join(tmpdir(), 'yinxin-audit-reach-'));
try {
  console.log(`Node ${process.versions.node}, ${entries} entries\n`);
  for (const line of await mirrorLines()) console.log(line);
  for (const { name, ratePerSecond, p50Ms, p99Ms, ratios } of await proofResults()) {
    const shares = Object.entries(ratios).map(([limit, ratio]) => `${ratio.toFixed(2)} of ${limit}`);
    const columns = [ratePerSecond.toFixed(0), p50Ms.toFixed(2), p99Ms.toFixed(2)].map((text) => text.padStart(9));
    console.log(`${name.padEnd(44)}${columns.join('')}   ${shares.join(', ')}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function mirrorLines(): Promise<string[]> {
  const directory = join(folder, 'mirror');
  const signer = freshLogSigner();
  const verifierKey = await writeMirror({ directory, size: entries, signer, origin });
  const beganMs = monotonicMs();
  const before = process.cpuUsage();
  const { exitStatus } = await verifyLog({ source: directorySource(directory), verifierKey });
  const { user, system } = process.cpuUsage(before);
  const [seconds, cpuSeconds] = [(monotonicMs() - beganMs) / 1000, (user + system) / 1_000_000];
  rmSync(directory, { recursive: true });
  const each = ((cpuSeconds / entries) * 1e6).toFixed(2);
  return [
    `audit verify of the mirror, one core: ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of it CPU (${each} us an entry), exit status ${exitStatus}\n`,
  ];
}

async function proofResults(): Promise<Result[]> {
  const server = await startEmbedded({ dataDir: join(folder, 'postgres'), log });
  const database = await Database.connect({ url: server.url, log });
  try {
    await migrate(database, { directory: join(root(), 'sql'), log, clock });
    await loadSyntheticLog(database, entries);
    await database.query({ text: 'VACUUM ANALYZE audit.log_tile' });
    const runner = new LogRunner({ database, signer: freshLogSigner(), origin, clock, log });
    await runner.step();
    return await measure(tasks(database, runner.verifierKey), plan);
  } finally {
    await database.close();
    await server.stop();
  }
}

function tasks(database: Database, verifierKey: string): Task[] {
  const kept = new AuditProofs({ database, verifierKey });
  const next = places();
  const limit = 'primary key read of a tile';
  const task = (name: string, run: () => Promise<unknown>): Task => ({
    name,
    inFlight: 1,
    comparedWith: [limit],
    run: async () => void (await run()),
  });
  return [
    {
      name: limit,
      inFlight: 1,
      comparedWith: [],
      run: async () => {
        await database.query({
          name: 'bench-tile',
          text: 'SELECT data FROM audit.log_tile WHERE log_id = 1 AND level = 0 AND idx = $1',
          values: [Math.floor(next(entries) / 256)],
        });
      },
    },
    task('inclusion, any entry', () => kept.inclusion(next(entries))),
    task(`inclusion, the last ${recentEntries}`, () =>
      kept.inclusion(entries - 1 - next(Math.min(entries, recentEntries))),
    ),
    task('inclusion, any entry, nothing kept', () =>
      new AuditProofs({ database, verifierKey }).inclusion(next(entries)),
    ),
    task('consistency, any two sizes', () => {
      const [from = 0, to = 0] = [next(entries), next(entries)].sort((a, b) => a - b);
      return kept.consistency(from, to);
    }),
  ];
}

/** Scattered over the log, the same in every run. */
function places(): (below: number) => number {
  let state = 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** Compiled code lies one level deeper than its source. */
function root(): string {
  const up = join(dirname(fileURLToPath(import.meta.url)), '..');
  return existsSync(join(up, 'sql')) ? up : join(up, '..');
}
