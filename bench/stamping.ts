// `node dist/bench/stamping.js [--cpu-prof]`: stampings a second over HTTP of two processes (policy of use, audit, read-back), beside raw signatures and
// plain INSERT in the same run, and the CPU time of one by process and by part. It reports, it asserts nothing. Linux only (/proc).

import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readConfig } from '../src/config.ts';
import { monotonicMs, randomBytes, systemClock } from '../src/kernel/clock.ts';
import { house } from '../src/kernel/principal.ts';
import { openHouse } from '../src/open-house.ts';
import { clientToken } from '../test/support/client-token.ts';
import { ofdFiles, zip } from '../test/support/ofd-samples.ts';
import { samplePdf } from '../test/support/pdf-samples.ts';
import { startProcess } from '../test/support/service-process.ts';
import { cpuSecondsOf, databaseCpuSeconds } from './cpu-time.ts';
import { HttpClient } from './http-client.ts';
import { partsOfProfile } from './profile-parts.ts';
import { machine } from './report.ts';

const rounds = 3;
const roundMs = 4000;
const warmUpMs = 3000;
const inFlightEach = 8;
/** Stampings of a round may leave work behind: the log's, the vacuum's. It is theirs. */
const settleMs = 500;
/** The second process starts while the first is up. */
const startMs = 15_000;
const profiled = process.argv.includes('--cpu-prof');

const directory = mkdtempSync(join(tmpdir(), 'yinxin-stamping-'));
const folders = {
  DATA_DIR: join(directory, 'data'),
  KEYS_DIR: join(directory, 'keys'),
  CERTS_DIR: join(directory, 'certs'),
};
const profiles = join(directory, 'profiles');
const nodeArguments = profiled ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`, '--cpu-prof-interval=500'] : [];
const first = await startProcess(directory, undefined, {}, nodeArguments);
const publicUrl = first.url;
const second = await startProcess(directory, undefined, { PUBLIC_URL: publicUrl }, nodeArguments);
const nodes = [first, second];
const opened = await openHouse(
  readConfig({ ...folders, PORT: new URL(publicUrl).port, LOG_LEVEL: 'fatal' }),
  systemClock,
);
const agent = new Agent({ keepAlive: true, maxSockets: inFlightEach * 2 });
const clients = nodes.map(({ url }) => new HttpClient({ port: Number(new URL(url).port), agent }));
try {
  const about = await machine(opened.services);
  console.log(
    `${about.node}, ${about.processors}, ${about.database}, load average ${loadavg()[0]?.toFixed(1)}; two processes, ${inFlightEach} in flight at each`,
  );
  const { seals, keys, database } = opened.services;
  const { items } = await seals.list(house, { status: 'active', limit: 100 });
  const sealOf = (policy: 'intl' | 'gm') => items.find(({ policies }) => policies.includes(policy));
  const [intl, gm] = [sealOf('intl'), sealOf('gm')];
  const signers = {
    ES256: await keys.signer(intl?.keyName ?? '', 'seal'),
    SM2: await keys.signer(gm?.keyName ?? '', 'seal'),
  };
  await database.query({ text: 'CREATE TABLE IF NOT EXISTS public.bench (id uuid PRIMARY KEY, body bytea NOT NULL)' });
  const insert = { name: 'bench-insert', text: 'INSERT INTO public.bench (id, body) VALUES ($1, $2)' };
  const tasks = [
    stampingTask('stamp a PDF (intl, B-B)', { policy: 'intl', sealId: intl?.sealId ?? '', bytes: samplePdf() }),
    stampingTask('stamp an OFD (gm, B-B)', { policy: 'gm', sealId: gm?.sealId ?? '', bytes: zip(ofdFiles()) }),
    ownTask('raw ES256 signature', async () => void (await signers.ES256.sign(randomBytes(300), 'der'))),
    ownTask('raw SM2 signature', async () => void (await signers.SM2.sign(randomBytes(300), 'der'))),
    ownTask(
      'plain INSERT',
      async () => void (await database.query({ ...insert, values: [randomUUID(), randomBytes(1000)] })),
      2 * inFlightEach,
    ),
  ];
  const measured = [];
  for (const { prepare, round, name } of tasks) {
    const run = await prepare();
    await round(run, warmUpMs);
    const samples = [];
    for (let i = 0; i < rounds; i++) samples.push(await round(run, roundMs));
    const middle = samples.toSorted((one, other) => one.perSecond - other.perSecond)[Math.floor(rounds / 2)];
    if (middle === undefined) continue;
    measured.push({ name, ...middle });
    console.log(
      `${name.padEnd(26)}${middle.perSecond.toFixed(0).padStart(8)} a second   CPU ${middle.serviceMs.toFixed(2)} ms of the service, ${middle.databaseMs.toFixed(2)} ms of the database each`,
    );
  }
  const at = systemClock.now().toISOString();
  await opened.close();
  await Promise.all(nodes.map((node) => node.end('SIGTERM')));
  const skipMs = Math.max(...nodes.map(({ readyMs }) => readyMs)) + startMs;
  const profilesOf = () => readdirSync(profiles).map((name) => readFileSync(join(profiles, name), 'utf8'));
  const parts = profiled ? partsOfProfile(profilesOf(), skipMs) : [];
  for (const { part, share } of parts) console.log(`${(share * 100).toFixed(1).padStart(6)} %  ${part}`);
  const file = join(import.meta.dirname, '../../bench/results', `stamping-${at.replaceAll(':', '-')}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ at, machine: about, loadavg: loadavg(), measured, parts }, null, 2)}\n`);
  console.log(`\n${file}`);
} finally {
  agent.destroy();
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

interface Sample {
  readonly perSecond: number;
  /** Milliseconds of CPU each. */
  readonly serviceMs: number;
  readonly databaseMs: number;
}

/** At both nodes at once, each with its own documents. */
function stampingTask(name: string, given: { policy: 'intl' | 'gm'; sealId: string; bytes: Uint8Array }) {
  return {
    name,
    prepare: async () => {
      const token = await clientToken(publicUrl);
      const send = async (client: HttpClient, path: string, type: string, body: Uint8Array | string) => {
        const { host } = new URL(publicUrl);
        const headers = {
          host,
          authorization: `Bearer ${token}`,
          'content-type': type,
          'idempotency-key': randomUUID(),
        };
        const answer: Record<string, unknown> = JSON.parse(
          (await client.send(path, { method: 'POST', headers, body })).toString(),
        );
        return answer;
      };
      const type = given.policy === 'intl' ? 'application/pdf' : 'application/ofd';
      return Promise.all(
        clients.map(async (client) => {
          const { documentId } = await send(client, '/api/v1/documents', type, given.bytes);
          const { policy, sealId } = given;
          const placements = [{ kind: 'position', page: 1, xMm: 100, yMm: 100 }];
          const order = JSON.stringify({ sealId, documentId, placements, purpose: '测速', policy, level: 'B-B' });
          return async () => void (await send(client, '/api/v1/stampings', 'application/json', order));
        }),
      );
    },
    round: (work: readonly (() => Promise<void>)[], forMs: number) => sample(work, forMs, inFlightEach),
  };
}

function ownTask(name: string, work: () => Promise<void>, inFlight = 1) {
  return {
    name,
    prepare: async () => [work],
    round: (works: readonly (() => Promise<void>)[], forMs: number) => sample(works, Math.min(forMs, 1000), inFlight),
  };
}

async function sample(works: readonly (() => Promise<void>)[], forMs: number, inFlight: number): Promise<Sample> {
  const serviceSeconds = () => nodes.reduce((sum, { pid }) => sum + cpuSecondsOf(pid), 0);
  const before = { service: serviceSeconds(), database: databaseCpuSeconds(folders.DATA_DIR) };
  const beganMs = monotonicMs();
  let count = 0;
  const worker = async (work: () => Promise<void>) => {
    while (monotonicMs() - beganMs < forMs) {
      await work();
      count++;
    }
  };
  await Promise.all(works.flatMap((work) => Array.from({ length: inFlight }, () => worker(work))));
  const tookMs = monotonicMs() - beganMs;
  await new Promise((resolve) => {
    setTimeout(resolve, settleMs);
  });
  return {
    perSecond: (count * 1000) / tookMs,
    serviceMs: ((serviceSeconds() - before.service) * 1000) / count,
    databaseMs: ((databaseCpuSeconds(folders.DATA_DIR) - before.database) * 1000) / count,
  };
}
