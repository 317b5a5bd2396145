// `node dist/bench/sign-on.js`: client credentials and introspection per CPU-second of server and database together, beside bare Express in
// the same run. It reports, it asserts nothing. Linux only (/proc).

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readConfig } from '../src/config.ts';
import { systemClock } from '../src/kernel/clock.ts';
import { house } from '../src/kernel/principal.ts';
import { openHouse } from '../src/open-house.ts';
import { systemSecret } from '../test/support/client-token.ts';
import { basic, opaqueToken, pushingClient } from '../test/support/races-client.ts';
import { startProcess } from '../test/support/service-process.ts';
import { cpuSecondsOf, databaseCpuSeconds } from './cpu-time.ts';
import { startHello } from './house.ts';
import { HttpClient } from './http-client.ts';
import { measure, type Task } from './measure.ts';
import { machine } from './report.ts';

const rounds = 5;
const plan = { rounds: 1, roundMs: 2000, warmUpMs: 300 };
const inFlight = 8;
const form = { 'content-type': 'application/x-www-form-urlencoded' };

const directory = mkdtempSync(join(tmpdir(), 'yinxin-sign-on-'));
const folders = {
  DATA_DIR: join(directory, 'data'),
  KEYS_DIR: join(directory, 'keys'),
  CERTS_DIR: join(directory, 'certs'),
};
const service = await startProcess(directory);
const { port } = new URL(service.url);
const opened = await openHouse(readConfig({ ...folders, PORT: port, LOG_LEVEL: 'fatal' }), systemClock);
const express = await startHello('hello-express.js');
const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
try {
  const about = await machine(opened.services);
  const bare = new HttpClient({ port: express.port, agent });
  const asked = new HttpClient({ port: Number(port), agent });
  await opened.services.identity.clients.register(pushingClient, house);
  const token = await opaqueToken(service.url);
  const grant = 'grant_type=client_credentials&scope=seal.stamp';
  const post = (client: HttpClient, path: string, body: string, authorization: string) => async () =>
    void (await client.send(path, { method: 'POST', headers: { ...form, authorization }, body }));
  const system = `Basic ${btoa(`sandbox-system:${systemSecret}`)}`;
  const together = () => cpuSecondsOf(service.pid) + databaseCpuSeconds(folders.DATA_DIR);
  const tasks = [
    task('bare Express', post(bare, '/', grant, system), () => cpuSecondsOf(express.process.pid ?? 0)),
    task('client credentials', post(asked, '/oidc/token', grant, system), together),
    task(
      'introspection',
      post(asked, '/oidc/token/introspection', `token=${token}`, basic(pushingClient.clientId)['authorization'] ?? ''),
      together,
    ),
  ];
  console.log(`${about.node}, ${about.processors}, ${about.database}, load average ${loadavg()[0]?.toFixed(1)}`);
  for (let round = 0; round < rounds; round++) for (const one of tasks) await one.round();
  const results = tasks.map(({ name, perCpuSecond }) => ({ name, perCpuSecond, median: median(perCpuSecond) }));
  const limit = results[0]?.median ?? Number.NaN;
  const shares = results.map((result) => ({ ...result, share: result.median / limit }));
  for (const { name, median: rate, share } of shares)
    console.log(
      `${name.padEnd(22)}${rate.toFixed(0).padStart(8)} a CPU-second${share.toFixed(2).padStart(8)} of bare Express`,
    );
  const at = systemClock.now().toISOString();
  const file = join(import.meta.dirname, '../../bench/results', `sign-on-${at.replaceAll(':', '-')}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    `${JSON.stringify({ at, machine: about, loadavg: loadavg(), rounds, roundMs: plan.roundMs, results: shares }, null, 2)}\n`,
  );
  console.log(`\n${file}`);
} finally {
  agent.destroy();
  express.process.kill();
  await service.end('SIGTERM');
  await opened.close();
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** Rounds in turn, so that a slow minute of the machine slows them all alike. A warm-up is used CPU too, and counted as such. */
function task(name: string, run: Task['run'], cpuSeconds: () => number) {
  const perCpuSecond: number[] = [];
  return {
    name,
    perCpuSecond,
    round: async () => {
      const before = cpuSeconds();
      let count = 0;
      const counted = async () => {
        await run();
        count++;
      };
      await measure([{ name, inFlight, comparedWith: [], run: counted }], plan);
      // What a request leaves to be done (its entry's place in the tree, the rules of the alerts) is its cost too.
      await new Promise((resolve) => {
        setTimeout(resolve, 500);
      });
      perCpuSecond.push(count / (cpuSeconds() - before));
    },
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
