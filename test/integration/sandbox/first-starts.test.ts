// First starts of several processes at once, over one database and one key folder: all of them come up, and the sandbox city is there once.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../src/config.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { toHex } from '../../../src/kernel/bytes.ts';
import { randomBytes, systemClock } from '../../../src/kernel/clock.ts';
import { start } from '../../../src/serve.ts';
import { testDatabase, testTimeouts } from '../../support/database.ts';
import { freePort } from '../../support/free-port.ts';

const digestOf = ({ der }: { der: Uint8Array }) => toHex(sha256(der));

describe('first starts at once', () => {
  it('two processes make one sandbox', async () => {
    const test = await testDatabase({ maxConnections: 4 });
    const directory = mkdtempSync(join(tmpdir(), 'yinxin-starts-'));
    const keyEncryptionKey = randomBytes(32);
    const config = async (): Promise<Config> => ({
      port: await freePort(),
      host: '127.0.0.1',
      publicUrl: 'http://localhost:3000',
      databaseUrl: test.url,
      dataDirectory: join(directory, 'data'),
      keysDirectory: join(directory, 'keys'),
      certsDirectory: join(directory, 'certs'),
      mode: 'sandbox',
      keyEncryptionKey,
      logLevel: 'fatal',
      maxDocumentBytes: 1024 * 1024,
      trustedProxies: [],
    });
    const configs = [await config(), await config()];
    const started = await Promise.allSettled(configs.map((one) => start(one, systemClock, testTimeouts)));
    try {
      const reasons = started.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
      assert.deepEqual(reasons, []);
      const { rows } = await test.database.query({
        text: `SELECT (SELECT count(*) FROM identity.organisation) AS organisations,
          (SELECT count(*) FROM identity.account) AS accounts,
          (SELECT max(n) FROM (SELECT count(*) AS n FROM identity.mandate GROUP BY account_id, organisation_id) AS each) AS mandates,
          (SELECT count(*) FROM seal.seal) AS seals,
          (SELECT count(*) FROM licence.licence WHERE status <> 'active') AS unfinished`,
      });
      assert.deepEqual(rows[0], { organisations: 3, accounts: 9, mandates: 1, seals: 5, unfinished: 0 });
      const anchors = await Promise.all(
        started.flatMap((one) => (one.status === 'fulfilled' ? [one.value.services.authority.anchors()] : [])),
      );
      for (const of of anchors) assert.deepEqual(of.map(digestOf), anchors[0]?.map(digestOf), 'one root for all');
    } finally {
      for (const one of started) if (one.status === 'fulfilled') await one.value.stop();
      await test.close();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
