// The whole service as `npm start` runs it, on a free port with a database of its own, and the clients that tests use against it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig } from '../../src/config.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { house, type Scope } from '../../src/kernel/principal.ts';
import type { Services } from '../../src/services.ts';
import { start } from '../../src/serve.ts';
import { ApiClient } from './api-client.ts';
import { allScopes, clientToken, systemSecret } from './client-token.ts';
import { testDatabase, testTimeouts } from './database.ts';
import { freePort } from './free-port.ts';

/** Small, so that a test need not send much to be over it. */
export const maxDocumentBytes = 512 * 1024;

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly services: Services;
  readonly config: Config;
  /** The API with a token of `sandbox-system` for these scopes (all of its own when none is named), of `sandbox-pki` for `pki.…`. */
  api(...scopes: Scope[]): Promise<ApiClient>;
  /** The API as somebody without a token. */
  readonly nobody: ApiClient;
  /** The API as another business system, with all scopes. */
  foreigner(): Promise<ApiClient>;
  systemToken(scopes?: readonly Scope[], clientId?: string): Promise<string>;
  stop(): Promise<void>;
}

/** For `before` of a test file; `stop` belongs into `after`. `environment` changes settings of docs/config.md. */
export async function startServer(environment: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const test = await testDatabase({ maxConnections: 4 });
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-server-'));
  const port = environment['PORT'] === undefined ? await freePort() : Number(environment['PORT']);
  const url = `http://localhost:${port}`;
  const config = readConfig({
    PORT: String(port),
    DATABASE_URL: test.url,
    DATA_DIR: join(directory, 'data'),
    KEYS_DIR: join(directory, 'keys'),
    CERTS_DIR: join(directory, 'certs'),
    LOG_LEVEL: 'fatal',
    MAX_DOCUMENT_BYTES: String(maxDocumentBytes),
    ...environment,
  });
  const running = await start(config, systemClock, testTimeouts);
  const systemToken = async (scopes: readonly Scope[] = allScopes, clientId = ownerOf(scopes)) =>
    clientToken(url, clientId, scopes);
  return {
    url,
    port,
    config,
    services: running.services,
    systemToken,
    nobody: new ApiClient({ url }),
    api: async (...scopes) =>
      new ApiClient({ url, token: await systemToken(scopes.length === 0 ? allScopes : scopes) }),
    foreigner: async () => {
      const clientId = 'other-system';
      await running.services.identity.clients.register(
        { clientId, kind: 'system', name: '别的系统', nameEn: 'Another', secret: systemSecret, apiScopes: allScopes },
        house,
      );
      // It may use what the sandbox's own system may: what is refused then is refused for another reason.
      const { seals, sealOffice } = running.services;
      for (const { sealId } of (await seals.list(house, { limit: 100 })).items)
        await sealOffice.systems.grant(house, sealId, { clientId, purpose: 'test' });
      return new ApiClient({ url, token: await systemToken(allScopes, clientId) });
    },
    stop: async () => {
      await running.stop();
      await test.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function ownerOf(scopes: readonly Scope[]): string {
  return scopes.some((scope) => scope.startsWith('pki.')) ? 'sandbox-pki' : 'sandbox-system';
}
