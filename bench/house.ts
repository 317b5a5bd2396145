// What is measured: the service as `npm start` runs it, in a process of its own with the embedded database (fsync on), in a temporary folder.

import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '../src/db/database.ts';
import { startEmbedded } from '../src/db/embedded.ts';
import { silentLog } from '../src/kernel/log.ts';
import { clientToken } from '../test/support/client-token.ts';
import { startProcess } from '../test/support/service-process.ts';
import { HttpClient } from './http-client.ts';

export interface BenchHouse {
  readonly inFlight: number;
  readonly service: HttpClient;
  /** A bare node:http server in a process of its own. */
  readonly bare: HttpClient;
  /** The service's own database, for what is measured below HTTP. */
  readonly database: Database;
  /** The same with connections for many writers at once. */
  readonly wide: Database;
  /** Of the service's database, whose cluster others may use beside it. */
  readonly clusterUrl: string;
  readonly token: string;
  close(): Promise<void>;
}

const inFlight = 8;
const wideConnections = 32;

export async function openBenchHouse(): Promise<BenchHouse> {
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-bench-'));
  const service = await startProcess(directory);
  const hello = await startHello();
  const embedded = await startEmbedded({ dataDir: join(directory, 'data'), log: silentLog });
  const database = await Database.connect({ url: embedded.url, log: silentLog, maxConnections: inFlight });
  const wide = await Database.connect({ url: embedded.url, log: silentLog, maxConnections: wideConnections });
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  return {
    inFlight,
    database,
    wide,
    clusterUrl: embedded.url,
    service: new HttpClient({ port: Number(new URL(service.url).port), agent }),
    bare: new HttpClient({ port: hello.port, agent }),
    token: await clientToken(service.url),
    close: async () => {
      agent.destroy();
      hello.process.kill();
      await Promise.all([database.close(), wide.close()]);
      await service.end('SIGTERM');
      await embedded.stop();
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** `file`: a server that sends its port to its parent. */
export function startHello(file = 'hello.js'): Promise<{ process: ChildProcess; port: number }> {
  const child = fork(join(import.meta.dirname, file));
  process.once('exit', () => child.kill());
  return new Promise((resolve, reject) => {
    child.once('message', (port) => resolve({ process: child, port: Number(port) }));
    child.once('exit', () => reject(new Error('the bare server did not start')));
  });
}
