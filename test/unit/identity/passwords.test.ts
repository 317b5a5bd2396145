// Passwords that are refused because others know them, and hashes that are too weak by now; NIST SP 800-63B 3.1.1.2, RFC 9106.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hash } from '@node-rs/argon2';
import { BreachedPasswords } from '../../../src/identity/accounts/breached-passwords.ts';
import { isCommonPassword } from '../../../src/identity/accounts/common-passwords.ts';
import { PasswordHasher } from '../../../src/identity/accounts/password-hasher.ts';

describe('NIST SP 800-63B 3.1.1.2: passwords that others know', () => {
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-breached-'));
  const file = join(directory, 'hashes.txt');
  const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex').toUpperCase();
  const known = Array.from({ length: 500 }, (_, i) => `breached number ${i}`);

  before(() => {
    const lines = known.map((text, i) => `${sha1(text)}:${10 ** (i % 9)}`).sort();
    writeFileSync(file, lines.join('\r\n'));
  });
  after(() => rmSync(directory, { recursive: true }));

  it('refuses common ones, dressed up or not', async () => {
    for (const text of ['1234567890', 'qwertyuiop', 'Qwertyuiop1!', 'iloveyou2026', 'ababababab', 'aaaaaaaaaaaa']) {
      assert.equal(await isCommonPassword(text), true, text);
    }
    for (const text of ['sandbox-Pass-2026', '一句只有我知道的话呀', 'correct horse 9 staple']) {
      assert.equal(await isCommonPassword(text), false, text);
    }
  });

  it('finds every hash of a list in order, and none that is not in it', async () => {
    const breached = new BreachedPasswords(file);
    for (const text of known) assert.equal(await breached.contains(text), true, text);
    for (let i = 0; i < 500; i++) assert.equal(await breached.contains(`never seen ${i}`), false);
  });

  it('reads a list of one line, an empty one, and refuses what is none', async () => {
    const list = (text: string): BreachedPasswords => {
      const path = join(directory, `${sha1(text)}.txt`);
      writeFileSync(path, text);
      return new BreachedPasswords(path);
    };
    assert.equal(await list(`${sha1('alone')}:3\n`).contains('alone'), true);
    assert.equal(await list('').contains('alone'), false);
    await assert.rejects(list('not a list\n').contains('alone'), { code: 'configuration-invalid' });
    await assert.rejects(new BreachedPasswords(join(directory, 'none')).contains('alone'), {
      code: 'configuration-invalid',
    });
  });

  it('is asked before a new password is hashed', async () => {
    const hasher = new PasswordHasher({ breached: new BreachedPasswords(file) });
    await assert.rejects(hasher.hash('breached number 7'), { code: 'password-refused' });
    await assert.rejects(hasher.hash('Qwertyuiop1!'), { code: 'password-refused' });
    assert.match(await hasher.hash('nobody has seen this'), /^\$argon2id\$/);
  });

  it('RFC 9106: knows a hash that is weaker than those of today, and makes it anew', async () => {
    const hasher = new PasswordHasher();
    const password = 'nobody has seen this';
    const weak = await hash(password, { algorithm: 2, memoryCost: 8192, timeCost: 1, parallelism: 1 });
    assert.equal(hasher.isOutdated(weak), true);
    const strong = await hasher.renewed(password);
    assert.equal(hasher.isOutdated(strong), false);
    assert.equal(await hasher.matches(password, strong), true);
  });
});
