// The table that is printed, and what machine it was measured on.

import { cpus } from 'node:os';
import type { BenchHouse } from './house.ts';
import type { Result, Task } from './measure.ts';

export interface Machine {
  readonly node: string;
  readonly processors: string;
  readonly database: string;
}

export async function machine({ database }: Pick<BenchHouse, 'database'>): Promise<Machine> {
  const { rows } = await database.query<{ version: string }>({
    text: "SELECT current_setting('server_version') AS version",
  });
  const all = cpus();
  return {
    node: `Node ${process.versions.node}`,
    processors: `${all.length} × ${all[0]?.model.trim() ?? 'unknown'}`,
    database: `PostgreSQL ${rows[0]?.version ?? ''} embedded`,
  };
}

export function print(tasks: readonly Task[], results: readonly Result[]): void {
  const isLimit = (name: string) => tasks.find((task) => task.name === name)?.comparedWith.length === 0;
  console.log(line('limits', 'a second', 'p50 ms', 'p99 ms'));
  for (const result of results.filter(({ name }) => isLimit(name))) console.log(row(result));
  console.log(`\n${line('operations', 'a second', 'p50 ms', 'p99 ms', '  share of the limits')}`);
  for (const result of results.filter(({ name }) => !isLimit(name))) console.log(row(result));
}

function row({ name, ratePerSecond, p50Ms, p99Ms, ratios }: Result): string {
  const shares = Object.entries(ratios).map(
    ([limit, ratio]) => `${(ratio * 100).toFixed(ratio < 0.1 ? 1 : 0)} % of ${limit}`,
  );
  return line(`  ${name}`, rate(ratePerSecond), p50Ms.toFixed(2), p99Ms.toFixed(2), `  ${shares.join(', ')}`);
}

function line(name: string, ...columns: readonly string[]): string {
  return `${name.padEnd(30)}${columns.map((column) => (column.startsWith(' ') ? column : column.padStart(10))).join('')}`.trimEnd();
}

function rate(value: number): string {
  return value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ',');
}
