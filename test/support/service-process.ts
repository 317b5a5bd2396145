// The service as a process of its own, with the embedded database of `npm start`: for tests that kill it, and for the bench.

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { monotonicMs } from '../../src/kernel/clock.ts';
import { freePort } from './free-port.ts';

export interface Ending {
  readonly status: number | null;
  readonly signal: string | null;
  readonly tookMs: number;
}

export interface ServiceProcess {
  readonly url: string;
  readonly pid: number;
  /** From the spawn to "is ready at". */
  readonly readyMs: number;
  readonly output: () => string;
  /** Sends the signal to the server process and waits for its end; `twice`: as npm passes on what the terminal sent too. */
  end(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT', twice?: 'twice'): Promise<Ending>;
}

const startPatienceMs = 240_000;

/** `directory` holds data, keys and certificates; the same one at a second start. `environment`: settings of docs/config.md. */
export async function startProcess(
  directory: string,
  port?: number,
  environment: Readonly<Record<string, string>> = {},
  nodeArguments: readonly string[] = [],
): Promise<ServiceProcess> {
  const chosen = port ?? (await freePort());
  const url = `http://localhost:${chosen}`;
  const beganMs = monotonicMs();
  const child = spawn(process.execPath, [...nodeArguments, join(import.meta.dirname, '../../src/main.js')], {
    env: {
      PATH: process.env['PATH'],
      PORT: String(chosen),
      DATA_DIR: join(directory, 'data'),
      KEYS_DIR: join(directory, 'keys'),
      CERTS_DIR: join(directory, 'certs'),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  // A test that fails half-way must leave no server behind.
  const last = () => child.kill('SIGKILL');
  process.once('exit', last);
  child.once('exit', () => process.off('exit', last));
  await ready(child, () => output);
  const readyMs = monotonicMs() - beganMs;
  return {
    url,
    pid: child.pid ?? 0,
    readyMs,
    output: () => output,
    end: (signal, twice) => {
      const ending = ended(child, signal);
      if (twice) setTimeout(() => child.kill(signal), 20);
      return ending;
    },
  };
}

function ready(child: ChildProcess, output: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (failure?: string) => {
      clearTimeout(late);
      child.off('exit', onExit);
      child.stdout?.off('data', onData);
      if (failure === undefined) resolve();
      else {
        child.kill('SIGKILL');
        reject(new Error(`${failure}\n${output()}`));
      }
    };
    const late = setTimeout(() => settle('it was not ready in time'), startPatienceMs);
    const onExit = (status: number | null) => settle(`it ended with ${status}`);
    const onData = () => {
      if (output().includes('is ready at')) settle();
    };
    child.once('exit', onExit);
    child.stdout?.on('data', onData);
  });
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<Ending> {
  const beganMs = monotonicMs();
  return new Promise((resolve) => {
    const done = () => resolve({ status: child.exitCode, signal: child.signalCode, tookMs: monotonicMs() - beganMs });
    if (child.exitCode !== null || child.signalCode !== null) done();
    else child.once('exit', done);
    child.kill(signal);
  });
}
