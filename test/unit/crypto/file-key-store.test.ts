// Key files: made once, sealed under the key-encryption key, and useless when anything about them was changed; RFC 7516.

import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jose from 'node-jose';
import { FileKeyStore } from '../../../src/crypto/file-key-store.ts';
import { verifySignature } from '../../../src/crypto/verify.ts';
import { fromBase64url, fromUtf8, toBase64url, utf8 } from '../../../src/kernel/bytes.ts';
import { frozenClock } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';

const clock = frozenClock('2026-11-21T08:00:00Z');
const keyEncryptionKey = new Uint8Array(32).fill(7);

describe('The file key store', () => {
  let directory: string;
  const open = (kek = keyEncryptionKey) => new FileKeyStore({ directory, keyEncryptionKey: kek, clock });
  const file = (name: string) => join(directory, `${name}.key.json`);
  const edit = (name: string, change: (content: Record<string, unknown>) => void): void => {
    const content: Record<string, unknown> = JSON.parse(readFileSync(file(name), 'utf8'));
    change(content);
    writeFileSync(file(name), JSON.stringify(content));
  };
  /** A file as it was before files had a MAC. */
  const asVersion1 = (content: Record<string, unknown>): void => {
    content['version'] = 1;
    delete content['kek'];
    delete content['mac'];
  };
  const unavailable = (error: unknown) => isTrustError(error, 'key-unavailable');

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'yinxin-keys-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('gives a signer whose signatures verify under the published key, also to another process', async () => {
    const made = await open().create({ name: 'log', purpose: 'log', algorithm: 'EdDSA' });
    const signer = await open().signer('log', 'log');
    const data = utf8('checkpoint');
    const signature = await signer.sign(data, 'raw');
    assert.equal(verifySignature({ algorithm: 'EdDSA', spki: made.spki, data, signature, form: 'raw' }), true);
    assert.deepEqual(made.createdAt, clock.now());
  });

  it('makes one key of a name for any number of callers at once', async () => {
    const request = { name: 'root-ca', purpose: 'root-ca', algorithm: 'ES256' } as const;
    const made = await Promise.all(Array.from({ length: 8 }, () => open().create(request)));
    for (const { spki } of made) assert.deepEqual(spki, made[0]?.spki);
    assert.deepEqual(readdirSync(directory), ['root-ca.key.json']);
  });

  it('lists keys by name and finds none that is not there', async () => {
    assert.deepEqual(await open().list(), []);
    await open().create({ name: 'b', purpose: 'seal', algorithm: 'SM2' });
    await open().create({ name: 'a', purpose: 'log', algorithm: 'EdDSA' });
    assert.deepEqual(
      (await open().list()).map(({ name }) => name),
      ['a', 'b'],
    );
    assert.equal(await open().find('c'), undefined);
    assert.equal(await open().find('../a'), undefined);
  });

  it('refuses names that could be paths', async () => {
    for (const name of ['../x', 'A', '', 'a/b', 'a.b', '-a']) {
      const created = open().create({ name, purpose: 'log', algorithm: 'EdDSA' });
      await assert.rejects(created, (error) => isTrustError(error, 'malformed-identifier'));
    }
  });

  it('lets a key act for its own purpose only', async () => {
    await open().create({ name: 'tsa', purpose: 'time-stamp', algorithm: 'ES256' });
    await assert.rejects(open().signer('tsa', 'seal'), (error) => isTrustError(error, 'key-purpose-wrong'));
    await assert.rejects(open().signer('none', 'seal'), (error) => isTrustError(error, 'key-not-found'));
    const again = open().create({ name: 'tsa', purpose: 'seal', algorithm: 'ES256' });
    await assert.rejects(again, (error) => isTrustError(error, 'key-purpose-wrong'));
  });

  it('does not unseal under another key-encryption key', async () => {
    await open().create({ name: 'k', purpose: 'seal', algorithm: 'ES256' });
    await assert.rejects(open(new Uint8Array(32).fill(8)).signer('k', 'seal'), unavailable);
  });

  it('refuses a file in which anything was changed, of this version or of version 1, or that lies in the place of another', async () => {
    await open().create({ name: 'k', purpose: 'seal', algorithm: 'ES256' });
    await open().create({ name: 'other', purpose: 'seal', algorithm: 'ES256' });
    const other: Record<string, unknown> = JSON.parse(readFileSync(file('other'), 'utf8'));
    for (const former of [false, true]) {
      if (former) edit('k', asVersion1);
      const original = readFileSync(file('k'), 'utf8');
      assert.equal((await open().signer('k', 'seal')).keyName, 'k');
      edit('k', (content) => {
        content['purpose'] = 'root-ca';
      });
      await assert.rejects(open().signer('k', 'root-ca'), unavailable);
      for (const member of ['spki', 'sealed']) {
        writeFileSync(file('k'), original);
        edit('k', (content) => {
          content[member] = other[member];
        });
        await assert.rejects(open().signer('k', 'seal'), unavailable);
      }
      writeFileSync(file('k'), readFileSync(file('other')));
      await assert.rejects(open().signer('k', 'seal'), unavailable);
      writeFileSync(file('k'), original);
    }
    edit('other', (content) => {
      content['owner'] = 'somebody else';
    });
    await assert.rejects(open().find('other'), unavailable);
  });

  it('decrypts only what it would have written itself: no zip, no PBES2, no surplus header', async () => {
    await open().create({ name: 'k', purpose: 'seal', algorithm: 'ES256' });
    edit('k', asVersion1); // so that nothing but the check of the header is in the way
    const sealed = String(JSON.parse(readFileSync(file('k'), 'utf8')).sealed);
    const [first = '', ...rest] = sealed.split('.');
    const header: Record<string, unknown> = JSON.parse(fromUtf8(fromBase64url(first) ?? new Uint8Array()) ?? '');
    assert.deepEqual(Object.keys(header).sort(), ['alg', 'enc', 'iv', 'kid', 'tag']);
    for (const change of [
      { zip: 'DEF' },
      { alg: 'PBES2-HS256+A128KW', p2c: 1e9 },
      { enc: 'A128GCM' },
      { crit: ['x'] },
    ]) {
      const altered = toBase64url(utf8(JSON.stringify({ ...header, ...change })));
      edit('k', (content) => {
        content['sealed'] = [altered, ...rest].join('.');
      });
      await assert.rejects(open().signer('k', 'seal'), unavailable);
    }
    // Made with our own key, but compressed: refused before it could inflate.
    const key = await jose.JWK.asKey({
      kty: 'oct',
      kid: String(header['kid']),
      alg: 'A256GCMKW',
      k: toBase64url(keyEncryptionKey),
    });
    const options = { format: 'compact', zip: true, contentAlg: 'A256GCM' } as const;
    const bomb = await jose.JWE.createEncrypt(options, key).update('0'.repeat(1000)).final();
    edit('k', (content) => {
      content['sealed'] = bomb;
    });
    await assert.rejects(open().signer('k', 'seal'), unavailable);
  });

  it('says key-unavailable of a file that is no key file, and shows nobody else the files', async () => {
    await open().create({ name: 'k', purpose: 'seal', algorithm: 'ES256' });
    if (process.platform !== 'win32') assert.equal(statSync(file('k')).mode & 0o777, 0o600);
    for (const content of ['', 'null', '{}', '[]', 'x'.repeat(20_000)]) {
      writeFileSync(file('k'), content);
      await assert.rejects(open().signer('k', 'seal'), unavailable);
    }
  });

  it('reads no file through a symbolic link, and loses nothing when it is put right', async () => {
    await open().create({ name: 'k', purpose: 'seal', algorithm: 'ES256' });
    renameSync(file('k'), join(directory, 'elsewhere'));
    symlinkSync(join(directory, 'elsewhere'), file('k'));
    await assert.rejects(open().signer('k', 'seal'), unavailable);
    assert.match((await open().warnings()).join(), /k is a symbolic link/);
    rmSync(file('k'));
    renameSync(join(directory, 'elsewhere'), file('k'));
    assert.equal((await open().signer('k', 'seal')).keyName, 'k');
  });

  it('warns of a folder or file that others can read', async () => {
    await open().create({ name: 'k', purpose: 'seal', algorithm: 'ES256' });
    assert.deepEqual(await open().warnings(), []);
    chmodSync(directory, 0o755);
    chmodSync(file('k'), 0o644);
    const warnings = await open().warnings();
    assert.equal(warnings.length, 2);
    assert.match(warnings.join(), /chmod 700.*chmod 600/);
  });

  it('says of each key what is wrong with it, and still lists the others', async () => {
    await open().create({ name: 'good', purpose: 'seal', algorithm: 'ES256' });
    await open().create({ name: 'cut', purpose: 'seal', algorithm: 'ES256' });
    writeFileSync(file('cut'), readFileSync(file('cut')).subarray(0, 100));
    const [cut, good] = await open().examine();
    assert.deepEqual(cut, { name: 'cut', fault: 'file of key cut is malformed' });
    assert.equal(good?.description?.state, 'active');
    const [, strange] = await open(new Uint8Array(32).fill(9)).examine();
    assert.match(strange?.fault ?? '', /another key-encryption key/);
  });
});
