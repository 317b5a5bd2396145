// Opens database and services without serving: what the server and the commands have in common.

import { join } from 'node:path';
import type { Config } from './config.ts';
import { runSelfTests } from './crypto/self-test.ts';
import { Database, type DatabaseTimeouts, serviceTimeouts } from './db/database.ts';
import { startEmbedded } from './db/embedded.ts';
import { migrate } from './db/migrate.ts';
import { packageFolder } from './http/package-folder.ts';
import type { Clock } from './kernel/clock.ts';
import { createLog } from './kernel/log.ts';
import { buildServices, type Services } from './services.ts';

export type Cleanup = () => Promise<void>;

export interface OpenHouse {
  readonly services: Services;
  /** Run from the last to the first when the house is closed. */
  readonly cleanups: Cleanup[];
  close(): Promise<void>;
}

/** Self-tests, database, migrations, services. Throws what the first failing step throws; steps before it are undone. */
export async function openHouse(
  config: Config,
  clock: Clock,
  timeouts: DatabaseTimeouts = serviceTimeouts,
): Promise<OpenHouse> {
  const log = createLog(config.logLevel);
  const cleanups: Cleanup[] = [];
  const close = async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  };
  try {
    runSelfTests();
    let url = config.databaseUrl;
    if (url === undefined) {
      const embedded = await startEmbedded({ dataDir: config.dataDirectory, log });
      cleanups.push(() => embedded.stop());
      url = embedded.url;
    }
    const database = await Database.connect({ url, log, timeouts });
    cleanups.push(() => database.close());
    await migrate(database, { directory: join(packageFolder, 'sql'), log, clock });
    return { services: await buildServices({ config, database, clock, log }), cleanups, close };
  } catch (error) {
    await close();
    throw error;
  }
}
