// The settings of keys in src/config.ts: each fault is named, and none quotes a secret.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../../src/config.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';

describe('Settings of keys', () => {
  let directory: string;
  const file = (name: string, content: string): string => {
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  };
  const read = (more: Record<string, string>) => readConfig({ KEYS_DIR: join(directory, 'keys'), ...more });
  const refused = (more: Record<string, string>, reason: RegExp) =>
    assert.throws(
      () => read(more),
      (error) => isTrustError(error, 'configuration-invalid') && reason.test(error.message),
    );

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'yinxin-settings-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('take the first line of a passphrase file, the same key at every start', function () {
    const KEY_ENCRYPTION_PASSPHRASE_FILE = file('passphrase', 'a passphrase of some length\nnot this line\n');
    const { keyEncryptionKey, fieldCipher, pkcs11 } = read({ KEY_ENCRYPTION_PASSPHRASE_FILE });
    assert.deepEqual(read({ KEY_ENCRYPTION_PASSPHRASE_FILE }).keyEncryptionKey, keyEncryptionKey);
    assert.deepEqual([keyEncryptionKey.length, fieldCipher, pkcs11], [32, 'aes-256-gcm', undefined]);
    refused({ KEY_ENCRYPTION_PASSPHRASE_FILE, KEY_ENCRYPTION_KEY: '00'.repeat(32) }, /there is a KEY_ENCRYPTION_KEY/);
    refused({ KEY_ENCRYPTION_PASSPHRASE_FILE: file('empty', '\n') }, /PASSPHRASE_FILE: the file is empty/);
    refused({ KEY_ENCRYPTION_PASSPHRASE_FILE: join(directory, 'none') }, /PASSPHRASE_FILE: there is no such file/);
    assert.throws(
      () => read({ KEY_ENCRYPTION_PASSPHRASE_FILE: file('other', 'geheim geheim geheim') }),
      (error) => isTrustError(error, 'configuration-invalid') && !error.message.includes('geheim'),
    );
  });

  it('name all that a hardware token needs', () => {
    refused({ KEY_STORE: 'pkcs11' }, /PKCS11_MODULE: .*; PKCS11_TOKEN: .*; PKCS11_PIN_FILE: /);
    const given = { KEY_STORE: 'pkcs11', PKCS11_MODULE: file('module.so', 'x'), PKCS11_TOKEN: 'yinxin' };
    refused({ ...given, PKCS11_PIN_FILE: join(directory, 'none') }, /PKCS11_PIN_FILE: there is no such file/);
    refused({ ...given, PKCS11_MODULE: join(directory, 'none'), PKCS11_PIN_FILE: 'x' }, /PKCS11_MODULE: there is no/);
    assert.equal(read({ ...given, PKCS11_PIN_FILE: file('pin', '1234\r\n') }).pkcs11?.pin, '1234');
    refused({ KEY_STORE: 'cloud' }, /KEY_STORE/);
    refused({ FIELD_CIPHER: 'des' }, /FIELD_CIPHER/);
    assert.equal(read({ FIELD_CIPHER: 'sm4' }).fieldCipher, 'sm4');
  });
});
