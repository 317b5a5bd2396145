// Starts everything in its order and hands back how to stop it in the reverse one. Tests start the same way as `npm start`.

import type { Server } from 'node:http';
import { mirrorCertificates } from './authority-mirror.ts';
import type { Config } from './config.ts';
import { recordConfiguration } from './configuration-entry.ts';
import type { DatabaseTimeouts } from './db/database.ts';
import { greeting } from './greeting.ts';
import { createApp } from './http/app.ts';
import { createServer } from './http/server.ts';
import { type Clock, systemClock } from './kernel/clock.ts';
import { TrustError } from './kernel/errors.ts';
import { house } from './kernel/principal.ts';
import { seedSandbox } from './sandbox/seed.ts';
import { type Cleanup, openHouse } from './open-house.ts';
import { derivedSecret, type Services } from './services.ts';

export interface Running {
  readonly services: Services;
  readonly server: Server;
  /** What the console says after the start. */
  readonly greeting: string;
  stop(): Promise<void>;
}

/** Longest a request that is under way may still take after a stop was asked for. */
const drainMs = 8_000;
const reconcileEveryMs = 15_000;

/** Throws what the first failing step throws; steps before it are undone. */
export async function start(config: Config, clock: Clock = systemClock, timeouts?: DatabaseTimeouts): Promise<Running> {
  const opened = await openHouse(config, clock, timeouts);
  const { services, cleanups } = opened;
  try {
    await services.logRunner.start();
    cleanups.push(() => services.logRunner.stop());
    cleanups.push(() => services.ocsp.close());
    await recordConfiguration(services);
    const pageClientSecret = derivedSecret(config, 'page client secret');
    await registerPageClient(services, pageClientSecret);
    if (config.mode === 'sandbox') await seedSandbox(services);
    await mirrorCertificates(services.authority, config.certsDirectory);
    const server = await serve(services, { pageClientSecret, cleanups });
    startReconciling(services, cleanups);
    if (config.alerting !== 'off') {
      services.alerting.start();
      cleanups.push(() => services.alerting.stop());
    }
    services.batchWorker.start();
    cleanups.push(() => services.batchWorker.stop());
    services.countRunner.start();
    cleanups.push(() => services.countRunner.stop());
    services.identity.clients.memory.start();
    cleanups.push(() => services.identity.clients.memory.stop());
    services.identity.logoutCourier.start();
    cleanups.push(() => services.identity.logoutCourier.stop());
    services.identity.housekeeping.start();
    cleanups.push(() => services.identity.housekeeping.stop());
    cleanups.push(() => services.identity.factors.smsCodes.idle());
    return { services, server, greeting: await greeting(services), stop: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Our own pages are an ordinary client of our own issuer; its secret follows from the key-encryption key on every node. */
async function registerPageClient({ identity, config }: Services, secret: string): Promise<void> {
  await identity.clients.register(
    {
      clientId: 'yinxin-pages',
      kind: 'confidential',
      name: '印信',
      nameEn: 'Yinxin',
      secret,
      redirectUris: [`${config.publicUrl}/signed-in`],
      postLogoutRedirectUris: [`${config.publicUrl}/`],
      apiScopes: [],
      firstParty: true,
    },
    house,
  );
}

interface Serving {
  readonly pageClientSecret: string;
  readonly cleanups: Cleanup[];
}

async function serve(services: Services, { pageClientSecret, cleanups }: Serving): Promise<Server> {
  const { config, database, keys, logRunner, log } = services;
  let stopping = false;
  const app = createApp({
    ...services,
    publicUrl: config.publicUrl,
    sandbox: config.mode === 'sandbox',
    maxDocumentBytes: config.maxDocumentBytes,
    trustedProxies: config.trustedProxies,
    proxyHeaders: Object.values(config.clientCertificateHeaders ?? {}),
    registersClients: config.dynamicRegistration === 'token',
    cookieKeys: [derivedSecret(config, 'cookie signatures')],
    pageClientSecret,
    logVerifierKey: logRunner.verifierKey,
    checks: [
      { name: 'database', check: async () => void (await database.query({ text: 'SELECT 1' })) },
      { name: 'keys', check: async () => void (await keys.list()) },
      {
        name: 'audit log',
        check: async () => {
          if (logRunner.forked !== undefined) throw logRunner.forked;
        },
      },
    ],
    stopping: () => stopping,
    log,
  });
  const server = createServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const busy = error.code === 'EADDRINUSE';
      reject(busy ? new TrustError('configuration-invalid', `PORT: ${config.port} is in use already`) : error);
    });
    server.listen(config.port, config.host, resolve);
  });
  cleanups.push(async () => {
    stopping = true;
    await closeServer(server);
  });
  return server;
}

/** No new connections, idle ones go at once, requests under way may finish, late ones are cut. */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearTimeout(late);
}

/** What a crash left half done is brought to its end, at the start and from then on, by any number of processes. */
function startReconciling(services: Services, cleanups: Cleanup[]): void {
  const { log } = services;
  let running: Promise<void> = Promise.resolve();
  const round = async () => {
    try {
      await services.stamping.voidAbandoned();
      await services.remoteSigning.voidAbandoned();
      await services.digestStamping.voidAbandoned();
      await services.licences.voidAbandoned();
      await services.authority.proposals.endInterrupted();
      await services.authority.voidAbandoned();
      await services.authority.renewDue();
      await services.archiveRenewals.renewDue();
      await mirrorCertificates(services.authority, services.config.certsDirectory);
    } catch (error) {
      log.warn({ err: error }, 'a round of reconciling failed; the next one goes on');
    }
  };
  running = round();
  const timer = setInterval(() => {
    running = running.then(round);
  }, reconcileEveryMs);
  cleanups.push(async () => {
    clearInterval(timer);
    await running;
  });
}
