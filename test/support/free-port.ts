// A TCP port that nobody listens on, and that nobody is given until it is used.

import { createServer } from 'node:net';

/** Below the ports that Linux gives to connections and to whoever asks for any (32768 and up), above 10080, which browsers refuse. */
const firstPort = 10_100;
const blockSize = 20;
const blocks = 1_100;
let given = 0;

/** Test processes that run beside each other have different pids, and so ports of different blocks: none takes what another was told. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < blockSize; tried++) {
    const port = firstPort + (process.pid % blocks) * blockSize + (given++ % blockSize);
    if (await isFree(port)) return port;
  }
  throw new Error('no free port');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
