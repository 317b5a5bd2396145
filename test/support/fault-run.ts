// The fault run: a mixed load on the real service, kill -9 of it and of its database, and after each what must hold of every acknowledged deed.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningWitness, startWitness } from '../../scripts/witness-server.ts';
import { monotonicMs, systemClock } from '../../src/kernel/clock.ts';
import { freePort } from './free-port.ts';
import { FaultChecks } from './fault-checks.ts';
import { FaultLoad } from './fault-load.ts';
import { FaultObserver } from './fault-observer.ts';
import { type FaultPostgres, faultPostgres, postgresBinaries, processesOf } from './fault-postgres.ts';
import { type ServiceProcess, startProcess } from './service-process.ts';

export interface FaultRunOptions {
  readonly engine: 'embedded' | 'postgres';
  readonly kills: number;
  /** The same seed kills the same things after the same times. */
  readonly seed: number;
  readonly workers?: number;
  /** Longest time of load before a kill. */
  readonly loadMs?: number;
  readonly onRound?: (round: FaultRound) => void;
}

export const victims = ['service', 'database', 'backend', 'both'] as const;

export interface FaultRound {
  readonly number: number;
  readonly victim: (typeof victims)[number];
  /** Acknowledged since the beginning. */
  readonly deeds: number;
  readonly entries: number;
  readonly checkpoints: number;
  /** From the kill to the first answer of /readyz. */
  readonly downMs: number;
  readonly faults: readonly string[];
}

const readyPatienceMs = 240_000;
const settlePatienceMs = 240_000;

/** `atEnd`: what is wrong after the service had the time to end every intent that a crash left open. */
export async function faultRun(options: FaultRunOptions): Promise<{ rounds: FaultRound[]; atEnd: string[] }> {
  const stage = await FaultStage.open(options);
  try {
    const rounds: FaultRound[] = [];
    for (let number = 1; number <= options.kills; number++) {
      const round = await stage.round(number);
      rounds.push(round);
      options.onRound?.(round);
    }
    return { rounds, atEnd: await stage.settle() };
  } finally {
    await stage.close();
  }
}

interface Parts {
  readonly directory: string;
  readonly port: number;
  readonly postgres: FaultPostgres | undefined;
  readonly witness: RunningWitness;
  readonly observer: FaultObserver;
  readonly load: FaultLoad;
  readonly checks: FaultChecks;
  readonly origin: string;
  /** Of the service, beside its folders. */
  readonly settings: Readonly<Record<string, string>>;
}

class FaultStage {
  readonly #options: FaultRunOptions;
  readonly #parts: Parts;
  readonly #random: () => number;
  #service: ServiceProcess;
  #alive = true;

  private constructor(options: FaultRunOptions, parts: Parts, random: () => number, service: ServiceProcess) {
    this.#options = options;
    this.#parts = parts;
    this.#random = random;
    this.#service = service;
  }

  static async open(options: FaultRunOptions): Promise<FaultStage> {
    const random = generator(options.seed);
    const directory = mkdtempSync(join(tmpdir(), 'yinxin-fault-run-'));
    const port = await freePort();
    const url = `http://localhost:${port}`;
    const binaries = postgresBinaries();
    if (options.engine === 'postgres' && binaries === undefined) throw new Error('no PostgreSQL on this machine');
    const postgres =
      options.engine === 'postgres' && binaries !== undefined ? await faultPostgres(binaries, directory) : undefined;
    const database: Record<string, string> = postgres === undefined ? {} : { DATABASE_URL: postgres.url };
    // The first start makes the key of the log, which the witness must be given.
    const first = await startProcess(directory, port, database);
    const verifierKey = (await (await fetch(`${url}/log/key`)).text()).trim();
    await first.end('SIGTERM');
    const witnessFolder = join(directory, 'witness');
    const witness = await startWitness({
      directory: witnessFolder,
      name: 'outside',
      logs: [verifierKey],
      clock: systemClock,
    });
    const settings = { ...database, LOG_WITNESSES: `${witness.url} ${witness.verifierKey}`, LOG_COSIGNATURES: '1' };
    const service = await startProcess(directory, port, settings);
    const load = new FaultLoad({ url, random });
    await load.prepare();
    const observer = new FaultObserver({ url, verifierKey });
    const checks = new FaultChecks({ url, load, observer });
    const origin = verifierKey.slice(0, verifierKey.indexOf('+'));
    const parts = { directory, port, postgres, witness, observer, load, checks, origin, settings };
    return new FaultStage(options, parts, random, service);
  }

  async round(number: number): Promise<FaultRound> {
    const { load, observer, checks, postgres } = this.#parts;
    const victim = victims[Math.floor(this.#random() * victims.length)] ?? 'service';
    const loadMs = 300 + this.#random() * (this.#options.loadMs ?? 2_500);
    const lateMs = this.#random() * 400;
    await load.renewToken();
    load.start(this.#options.workers ?? 6);
    const until = monotonicMs() + loadMs;
    while (monotonicMs() < until) {
      await observer.look();
      await pause(100);
    }
    const killedMs = monotonicMs();
    await this.#kill(victim, lateMs);
    await postgres?.start();
    if (!this.#alive) this.#service = await this.#restart();
    await this.#ready();
    const downMs = monotonicMs() - killedMs;
    await load.stop();
    await this.#caughtUp();
    await observer.verify();
    const faults = [...(await checks.run()), ...observer.faults.splice(0), ...load.faults.splice(0)];
    const { deeds } = load;
    return { number, victim, deeds, entries: checks.entries, checkpoints: observer.checkpoints, downMs, faults };
  }

  /** Intents that a crash left open are ended by the service itself: this waits for it. */
  async settle(): Promise<string[]> {
    const { checks, observer } = this.#parts;
    const until = monotonicMs() + settlePatienceMs;
    for (;;) {
      await this.#caughtUp();
      await observer.verify();
      const faults = [...(await checks.run()), ...observer.faults.splice(0)];
      const open = checks.openIntents();
      if (faults.length > 0 || open.length === 0) return faults;
      if (monotonicMs() > until) return open.map((id) => `the intent about ${id} has no outcome`);
      await pause(2_000);
    }
  }

  async close(): Promise<void> {
    const { postgres, witness, directory } = this.#parts;
    await this.#service.end('SIGTERM').catch(() => undefined);
    await postgres?.stop();
    await witness.close();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }

  async #kill(victim: FaultRound['victim'], lateMs: number): Promise<void> {
    const { directory, postgres } = this.#parts;
    const processes = processesOf(postgres?.dataDir ?? join(directory, 'data'));
    if (victim === 'backend') {
      const { backends = [] } = processes ?? {};
      const one = backends[Math.floor(this.#random() * backends.length)];
      if (one !== undefined) killHard(one); // the postmaster restarts them all
    }
    if (victim === 'database' || victim === 'both')
      for (const pid of processes === undefined ? [] : [processes.postmaster, ...processes.backends]) killHard(pid);
    // The embedded database is started by its service only, so its owner starts the service again a little later.
    if (victim === 'database' && postgres === undefined) await pause(lateMs);
    if (victim === 'service' || victim === 'both' || (victim === 'database' && postgres === undefined)) {
      await this.#service.end('SIGKILL');
      this.#alive = false;
    }
  }

  async #restart(): Promise<ServiceProcess> {
    const { directory, port, settings } = this.#parts;
    const service = await startProcess(directory, port, settings);
    this.#alive = true;
    return service;
  }

  async #ready(): Promise<void> {
    const until = monotonicMs() + readyPatienceMs;
    for (;;) {
      const response = await fetch(`${this.#url}/readyz`, { signal: AbortSignal.timeout(3_000) }).catch(
        () => undefined,
      );
      if (response?.status === 200) return;
      if (monotonicMs() > until) throw new Error(`the service is not ready:\n${this.#service.output()}`);
      await pause(100);
    }
  }

  /** Until what is served is as far as the witness and as all that was committed. */
  async #caughtUp(): Promise<void> {
    const { witness, observer, checks, origin } = this.#parts;
    const until = monotonicMs() + settlePatienceMs;
    for (;;) {
      const known = witness.latest(origin);
      const remembered = known === undefined ? undefined : observer.see(known);
      const served = await observer.look();
      const newest = await checks.newestIndex();
      if (served !== undefined && served.size >= (remembered?.size ?? 0) && newest !== null && newest < served.size)
        return;
      if (monotonicMs() > until)
        throw new Error(`the log stands still at ${served?.size ?? 'nothing'}, its newest entry is ${newest}`);
      await pause(200);
    }
  }

  get #url(): string {
    return `http://localhost:${this.#parts.port}`;
  }
}

function killHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

/** Numbers in [0, 1) that follow from a seed (a linear congruence modulo 2^32, Numerical Recipes' constants). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
