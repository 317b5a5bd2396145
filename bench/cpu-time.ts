// CPU seconds that processes have used, from /proc (Linux): a database works in processes that come and go.

import { readFileSync } from 'node:fs';
import { processesOf } from '../test/support/fault-postgres.ts';

/** USER_HZ, which is 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

export function cpuSecondsOf(pid: number): number {
  return ticks(pid, 2) / ticksPerSecond;
}

/** The postmaster of a data directory, the children that it has, and those that have ended. */
export function databaseCpuSeconds(dataDir: string): number {
  const found = processesOf(dataDir);
  if (found === undefined) throw new Error(`no database runs in ${dataDir}`);
  const alive = found.backends.reduce((sum, pid) => sum + ticks(pid, 2), 0);
  return (ticks(found.postmaster, 4) + alive) / ticksPerSecond;
}

/** The first `count` of utime, stime, cutime and cstime (proc(5)). */
function ticks(pid: number, count: 2 | 4): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 11 + count).reduce((sum, field) => sum + Number(field), 0);
  } catch {
    return 0; // a backend that has just ended: its parent has its time now
  }
}
