// What the audit log costs its writers: entries of many writers at once, a whole use in one statement, and how long until an entry is in the tree and under a checkpoint.

import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLog } from '../src/audit/audit-log.ts';
import { FieldCipher } from '../src/crypto/field-cipher.ts';
import { GroupCommit } from '../src/db/group-commit.ts';
import { monotonicMs, randomBytes, systemClock } from '../src/kernel/clock.ts';
import { idFromUuid, newId } from '../src/kernel/ids.ts';
import { silentLog } from '../src/kernel/log.ts';
import { anonymous, type Principal } from '../src/kernel/principal.ts';
import type { BenchHouse } from './house.ts';
import { limitNames } from './limits.ts';
import type { Task } from './measure.ts';

const licences = 100_000;
const caller: Principal = {
  ...anonymous,
  kind: 'system',
  clientId: 'sandbox-system',
  origin: '192.0.2.0/24',
  requestId: '01kdvdna00e00r00000000000z',
};

/** In this process, through the same class as every room, into the service's own log, whose runner is at work meanwhile. */
export async function auditOperations(house: BenchHouse): Promise<Task[]> {
  const { inFlight } = house;
  const audit = auditOf(house);
  const { insert, insert16, insert64 } = limitNames;
  const append = async () => void (await audit.append(caller, stamping()));
  const use = await wholeUse(house, audit);
  return [
    { name: 'audit append', inFlight, comparedWith: [insert], run: append },
    { name: 'audit append, 16 writers', inFlight: 16, comparedWith: [insert16], run: append },
    { name: 'audit append, 64 writers', inFlight: 64, comparedWith: [insert64], run: append },
    { name: 'whole use, 64 at once', inFlight: 64, comparedWith: [insert64], run: use },
  ];
}

function auditOf({ wide }: BenchHouse): AuditLog {
  const cipher = new FieldCipher({ keyEncryptionKey: randomBytes(32) });
  return new AuditLog({ database: wide, clock: systemClock, cipher, log: silentLog });
}

function stamping() {
  return {
    action: 'stamping',
    outcome: 'done',
    objectId: newId('stamping', systemClock),
    objectSha256: randomBytes(32),
    subjectId: 'org_01kdvdna00e00r000000000001',
    facts: { policy: 'intl', level: 'B-T' },
  } as const;
}

/** The status of a licence looked up, the entry of its being shown, and the queue row: what arrives in one turn, as one statement. */
async function wholeUse({ database }: BenchHouse, audit: AuditLog): Promise<() => Promise<void>> {
  await database.query({ text: 'CREATE TABLE public.bench_licence (id int PRIMARY KEY, status text NOT NULL)' });
  await database.query({
    text: `INSERT INTO public.bench_licence SELECT i, 'active' FROM generate_series(0, ${licences - 1}) AS i`,
  });
  const uses = new GroupCommit<number, undefined>({
    work: async (ids) => {
      const check = {
        name: 'bench-use',
        text: `SELECT 1 FROM unnest($1::int[]) AS wanted (id) JOIN public.bench_licence l ON l.id = wanted.id AND l.status = 'active'`,
        values: [ids],
      };
      const deeds = ids.map(() => ({ principal: caller, event: shown() }));
      if (!(await audit.appendManyWith(check, deeds))) throw new RangeError('a licence was not active');
      return ids.map(() => undefined);
    },
  });
  let next = 0;
  return async () => {
    next = (next + 7919) % licences;
    await uses.add(next);
  };
}

function shown() {
  return {
    action: 'licence.shown',
    outcome: 'done',
    objectId: idFromUuid('licence', '019b76da-a800-7001-8000-000000000001'),
    facts: { form: 'EL1' },
  } as const;
}

export interface Latency {
  readonly name: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Of single entries at some 50 a second, from the answer of `append` on; the service's runner does the work. */
export async function auditLatency(house: BenchHouse, count: number): Promise<Latency[]> {
  const { database } = house;
  const audit = auditOf(house);
  const integrated: number[] = [];
  const published: number[] = [];
  const one = async (): Promise<void> => {
    const entryId = await audit.append(caller, stamping());
    const beganMs = monotonicMs();
    const index = await until(() => audit.indexOf(entryId, { waitMs: 0 }));
    integrated.push(monotonicMs() - beganMs);
    await until(async () => {
      const text = 'SELECT 1 FROM audit.log_checkpoint WHERE size > $1 LIMIT 1';
      return (await database.query({ name: 'bench-covered', text, values: [index] })).rowCount > 0 || null;
    });
    published.push(monotonicMs() - beganMs);
  };
  const all: Promise<void>[] = [];
  for (let i = 0; i < count; i++) {
    all.push(one());
    await pause(20);
  }
  await Promise.all(all);
  return [latency('entry to integrated', integrated), latency('entry to signed checkpoint', published)];
}

/** What PostgreSQL's own tool does with the same INSERT; nothing when it is not installed. */
export function pgbenchRates({ clusterUrl }: BenchHouse): Record<string, number> {
  const program = ['/usr/bin/pgbench', '/usr/lib/postgresql/15/bin/pgbench'].find(existsSync);
  if (program === undefined) return {};
  const file = join(tmpdir(), `yinxin-bench-${process.pid}.sql`);
  const random = (bytes: number) =>
    `substring(decode(repeat(md5(random()::text), ${Math.ceil(bytes / 16)}), 'hex'), 1, ${bytes})`;
  writeFileSync(
    file,
    `INSERT INTO public.bench (id, action, outcome, client_id, subject_tag, object_tag, leaf, actor_part)
      VALUES (gen_random_uuid(), 27, 1, 'sandbox-system', ${random(15)}, ${random(15)}, ${random(330)}, ${random(110)});\n`,
  );
  const rate = (clients: number): number => {
    const args = ['-n', '-M', 'prepared', '-c', String(clients), '-j', '2', '-T', '3', '-f', file, clusterUrl];
    return Number(
      /tps = ([0-9.]+)/.exec(
        execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
      )?.[1],
    );
  };
  return { 'pgbench, 16 clients': rate(16), 'pgbench, 32 clients': rate(32) };
}

async function until<T>(ask: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    await pause(5);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

function latency(name: string, valuesMs: readonly number[]): Latency {
  const sorted = Float64Array.from(valuesMs).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { name, p50Ms: at(0.5), p99Ms: at(0.99) };
}
