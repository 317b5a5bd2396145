// What is raced against: two server processes over one database, and the same services in this process, which prepare what is raced for.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { readConfig } from '../../src/config.ts';
import { openHouse } from '../../src/open-house.ts';
import type { Services } from '../../src/services.ts';
import { toHex } from '../../src/kernel/bytes.ts';
import { randomBytes, systemClock } from '../../src/kernel/clock.ts';
import { freePort } from './free-port.ts';
import { startProcess } from './service-process.ts';
import { type SmsReceiver, smsReceiver } from './sms-receiver.ts';

export interface RacesHouse {
  /** Where the two processes are asked. */
  readonly urls: readonly [string, string];
  /** What both of them take for their own address. */
  readonly publicUrl: string;
  readonly services: Services;
  readonly sms: SmsReceiver;
  /** What the two processes said. */
  readonly output: () => string;
  close(): Promise<void>;
}

/** With the embedded database, or a new one on the server of `serverUrl`. */
export async function openRacesHouse(serverUrl: string | undefined): Promise<RacesHouse> {
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-races-'));
  const own = serverUrl === undefined ? undefined : await newDatabase(serverUrl);
  const sms = await smsReceiver();
  const port = await freePort();
  const publicUrl = `http://localhost:${port}`;
  const settings: Record<string, string> = {
    PUBLIC_URL: publicUrl,
    // The racers come from many networks, so that the limits of one network leave them in.
    TRUSTED_PROXIES: '127.0.0.1,::1',
    ...sms.environment,
    ...(own === undefined ? {} : { DATABASE_URL: own.url }),
  };
  const first = await startProcess(directory, port, settings);
  const second = await startProcess(directory, undefined, settings);
  const folders = {
    DATA_DIR: join(directory, 'data'),
    KEYS_DIR: join(directory, 'keys'),
    CERTS_DIR: join(directory, 'certs'),
  };
  const house = await openHouse(
    readConfig({ ...settings, ...folders, PORT: String(port), LOG_LEVEL: 'fatal' }),
    systemClock,
  );
  return {
    urls: [first.url, second.url],
    publicUrl,
    services: house.services,
    sms,
    output: () => first.output() + second.output(),
    close: async () => {
      await second.end('SIGTERM');
      await first.end('SIGTERM');
      await house.close();
      await sms.close();
      await own?.drop();
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function newDatabase(serverUrl: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `races_${toHex(randomBytes(6))}`;
  await administer(serverUrl, `CREATE DATABASE ${name}`);
  return {
    // A socket URL has no host, which the URL class refuses, so the text is edited.
    url: serverUrl.replace(/^(postgres(?:ql)?:\/\/[^/]*)\/[^?]*/, `$1/${name}`),
    drop: () => administer(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function administer(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
