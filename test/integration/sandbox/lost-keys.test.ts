// Starting with keys that are not those of the database: refused with a clear word, and nothing is made in the place of what is lost.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig } from '../../../src/config.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { start } from '../../../src/serve.ts';
import { testDatabase, type TestDatabase } from '../../support/database.ts';
import { freePort } from '../../support/free-port.ts';

describe('keys that are lost', () => {
  let test: TestDatabase;
  let directory: string;
  let config: Config;
  before(async () => {
    test = await testDatabase({ maxConnections: 4 });
    directory = mkdtempSync(join(tmpdir(), 'yinxin-lost-'));
    config = readConfig({
      PORT: String(await freePort()),
      DATABASE_URL: test.url,
      KEYS_DIR: join(directory, 'keys'),
      CERTS_DIR: join(directory, 'certs'),
      LOG_LEVEL: 'fatal',
    });
    await (await start(config)).stop();
  });
  after(async () => {
    await test.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const without = async (file: string, code: 'key-not-found' | 'audit-fork', said: RegExp) => {
    const [place, aside] = [join(config.keysDirectory, file), join(directory, file)];
    renameSync(place, aside);
    try {
      await assert.rejects(start(config), (error) => isTrustError(error, code) && said.test(error.message));
    } finally {
      renameSync(aside, place);
    }
  };

  it('the key of an authority: refused, and no new one is made', async () => {
    await without('root-ca.key.json', 'key-not-found', /root-ca/);
    const before = readdirSync(config.keysDirectory).filter((name) => name.startsWith('root-ca'));
    await without('seal-ca.key.json', 'key-not-found', /seal-ca/);
    assert.deepEqual(
      readdirSync(config.keysDirectory).filter((name) => name.startsWith('root-ca')),
      before,
    );
  });

  it('the key of the audit log: refused, since a log never changes its key', async () => {
    await without('audit-log.key.json', 'audit-fork', /another key/);
  });

  it('the key-encryption key: refused, and none is made in its place', () => {
    const [place, aside] = [join(config.keysDirectory, 'key-encryption-key'), join(directory, 'kek')];
    renameSync(place, aside);
    const again = () => readConfig({ KEYS_DIR: config.keysDirectory });
    assert.throws(again, (error) => isTrustError(error, 'configuration-invalid') && /is gone/.test(error.message));
    assert.ok(!readdirSync(config.keysDirectory).includes('key-encryption-key'));
    renameSync(aside, place);
    again();
  });

  it('with all of them back it starts', async () => {
    await (await start(config)).stop();
  });
});
