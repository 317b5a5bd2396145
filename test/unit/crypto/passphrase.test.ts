// RFC 7914: the same passphrase and parameters give the same key-encryption key, and anything else is told apart at once.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyFromPassphrase } from '../../../src/crypto/passphrase.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';

describe('The key-encryption key from a passphrase', () => {
  const passphrase = '印信 correct horse battery';
  const invalid = (text: RegExp) => (error: unknown) =>
    isTrustError(error, 'configuration-invalid') && text.test(error.message);
  let directory: string;
  const file = () => join(directory, 'key-encryption-parameters.json');

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'yinxin-passphrase-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('is the same at every start, and another in another folder', () => {
    const key = keyFromPassphrase(passphrase, directory);
    assert.equal(key.length, 32);
    assert.deepEqual(keyFromPassphrase(passphrase.normalize('NFD'), directory), key);
    assert.deepEqual(readdirSync(directory), ['key-encryption-parameters.json']);
    assert.equal(statSync(file()).mode & 0o077, 0);
    assert.notDeepEqual(keyFromPassphrase(passphrase, join(directory, 'other')), key);
  });

  it('is refused for another passphrase, or a short one', () => {
    keyFromPassphrase(passphrase, directory);
    assert.throws(() => keyFromPassphrase(`${passphrase}.`, directory), invalid(/not the one/));
    assert.throws(() => keyFromPassphrase('short', directory), invalid(/less than 16/));
  });

  it('goes by no parameters that were damaged, weakened, made endless, or lie behind a link', () => {
    keyFromPassphrase(passphrase, directory);
    const good = readFileSync(file(), 'utf8');
    const changed = (name: string, value: unknown) => JSON.stringify({ ...JSON.parse(good), [name]: value });
    for (const content of [
      '',
      good.slice(0, 60),
      changed('N', 2),
      changed('N', 2 ** 30),
      changed('N', 2 ** 17 + 1),
      changed('r', 1e9),
      changed('p', 100),
      changed('salt', 'AAAA'),
      changed('kdf', 'none'),
    ]) {
      writeFileSync(file(), content);
      assert.throws(() => keyFromPassphrase(passphrase, directory), invalid(/damaged/));
    }
    writeFileSync(join(directory, 'elsewhere'), good);
    rmSync(file());
    symlinkSync(join(directory, 'elsewhere'), file());
    assert.throws(() => keyFromPassphrase(passphrase, directory), invalid(/cannot be read/));
  });
});
