// Interleaved rounds: every task gets its turn in every round, so that a slow minute of the machine slows them all alike.

import { monotonicMs } from '../src/kernel/clock.ts';

export interface Task {
  readonly name: string;
  /** How many may run at once. */
  readonly inFlight: number;
  /** Names of the limits this is compared with; none for a limit itself. */
  readonly comparedWith: readonly string[];
  run(): Promise<void> | void;
}

export interface Result {
  readonly name: string;
  /** Median over the rounds. */
  readonly ratePerSecond: number;
  readonly roundRates: readonly number[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly count: number;
  /** Rate as a share of each limit's rate. */
  readonly ratios: Readonly<Record<string, number>>;
}

interface Samples {
  readonly rates: number[];
  readonly latenciesMs: number[];
}

export interface Plan {
  readonly rounds: number;
  readonly roundMs: number;
  readonly warmUpMs: number;
}

export async function measure(tasks: readonly Task[], { rounds, roundMs, warmUpMs }: Plan): Promise<Result[]> {
  for (const task of tasks) await turn(task, warmUpMs);
  const samples = new Map<string, Samples>(tasks.map(({ name }) => [name, { rates: [], latenciesMs: [] }]));
  for (let round = 0; round < rounds; round++) {
    for (const task of tasks) {
      const { latenciesMs, tookMs } = await turn(task, roundMs);
      const sample = samples.get(task.name);
      sample?.rates.push((latenciesMs.length * 1000) / tookMs);
      // One by one: a spread of a hundred thousand arguments overflows the stack.
      for (const latencyMs of latenciesMs) sample?.latenciesMs.push(latencyMs);
    }
  }
  const rateOf = (name: string) => quantile(samples.get(name)?.rates ?? [], 0.5);
  return tasks.map(({ name, comparedWith }) => {
    const { rates = [], latenciesMs = [] } = samples.get(name) ?? {};
    return {
      name,
      ratePerSecond: rateOf(name),
      roundRates: rates,
      p50Ms: quantile(latenciesMs, 0.5),
      p99Ms: quantile(latenciesMs, 0.99),
      count: latenciesMs.length,
      ratios: Object.fromEntries(comparedWith.map((limit) => [limit, rateOf(name) / rateOf(limit)])),
    };
  });
}

/** Runs a task for `forMs`; what has begun by then is waited for and counted. */
async function turn(task: Task, forMs: number): Promise<{ latenciesMs: number[]; tookMs: number }> {
  const latenciesMs: number[] = [];
  const beganMs = monotonicMs();
  const worker = async () => {
    for (let nowMs = monotonicMs(); nowMs - beganMs < forMs; nowMs = monotonicMs()) {
      const running = task.run();
      // A limit that is not asynchronous must not pay for a microtask.
      if (running !== undefined) await running;
      latenciesMs.push(monotonicMs() - nowMs);
    }
  };
  await Promise.all(Array.from({ length: task.inFlight }, worker));
  return { latenciesMs, tookMs: monotonicMs() - beganMs };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
