// The PKCS#11 adapter against SoftHSM2: keys that never leave the token, pools and queues, and a token that goes away and comes back; PKCS #11 v2.40.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../../src/crypto/digest.ts';
import { FileKeyStore } from '../../../src/crypto/file-key-store.ts';
import type { KeyKeeping } from '../../../src/crypto/key-store.ts';
import { openPkcs11KeyStore } from '../../../src/crypto/pkcs11-key-store.ts';
import { Pkcs11Token } from '../../../src/crypto/pkcs11-token.ts';
import { verifySignature } from '../../../src/crypto/verify.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { needSoftHsm, type SoftHsm } from '../../support/softhsm.ts';

const unavailable = (error: unknown) => isTrustError(error, 'key-unavailable');
const invalid = (error: unknown) => isTrustError(error, 'configuration-invalid');
const pause = (ms: number) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

describe('A key store with a hardware token', () => {
  let hsm: SoftHsm;
  const keyEncryptionKey = new Uint8Array(32).fill(3);
  const data = utf8('what is signed');
  const options = () => ({ directory: join(hsm.directory, 'keys'), keyEncryptionKey, clock: systemClock });
  const tokenOptions = (more: { pin?: string; token?: string; callTimeoutMs?: number; maxWaiting?: number } = {}) => ({
    module: hsm.module,
    token: hsm.token,
    pin: hsm.pin,
    log: silentLog,
    ...more,
  });
  const open = (): Promise<KeyKeeping> => openPkcs11KeyStore({ ...options(), token: tokenOptions() });
  const closeToken = async () => (await Pkcs11Token.open(tokenOptions())).close();

  before(function () {
    hsm = needSoftHsm(this);
  });
  after(async () => {
    if (hsm === undefined) return;
    await closeToken();
    hsm.remove();
  });

  for (const algorithm of ['ES256', 'RS256', 'PS256'] as const) {
    it(`makes ${algorithm} keys in the token, and what they sign verifies without it`, async () => {
      const name = algorithm.toLowerCase();
      const made = await (await open()).create({ name, purpose: 'seal', algorithm });
      const signer = await (await open()).signer(name, 'seal');
      for (const form of ['der', 'raw'] as const) {
        const signature = await signer.sign(data, form);
        assert.ok(verifySignature({ algorithm, spki: made.spki, data, signature, form }));
      }
      const file: Record<string, unknown> = JSON.parse(
        readFileSync(join(options().directory, `${name}.key.json`), 'utf8'),
      );
      assert.equal(file['sealed'], undefined);
      assert.deepEqual(Object.keys(Object(file['token'])), ['label', 'id']);
    });
  }

  it('signs a digest made elsewhere in the device, with a P-256 key of a seal alone', async () => {
    const store = await open();
    const { spki } = await store.create({ name: 'remote', purpose: 'seal', algorithm: 'ES256' });
    const signer = await store.digestSigner('remote');
    const signature = await signer.signDigest(sha256(data));
    assert.ok(verifySignature({ algorithm: 'ES256', spki, data, signature, form: 'der' }));
    await assert.rejects(signer.signDigest(data), (error) => isTrustError(error, 'malformed-request'));
    await store.create({ name: 'remote-rsa', purpose: 'seal', algorithm: 'RS256' });
    await assert.rejects(store.digestSigner('remote-rsa'), (error) => isTrustError(error, 'algorithm-not-supported'));
  });

  it('keeps keys of other algorithms sealed in files, beside', async () => {
    const store = await open();
    for (const algorithm of ['EdDSA', 'SM2'] as const) {
      const { spki } = await store.create({ name: algorithm.toLowerCase(), purpose: 'log', algorithm });
      const signature = await (await store.signer(algorithm.toLowerCase(), 'log')).sign(data, 'raw');
      assert.ok(verifySignature({ algorithm, spki, data, signature, form: 'raw' }));
    }
  });

  it('makes one key of a name for callers at once, and leaves no second one in the token', async () => {
    const store = await open();
    const request = { name: 'once', purpose: 'seal', algorithm: 'ES256' } as const;
    const made = await Promise.all(Array.from({ length: 6 }, () => store.create(request)));
    for (const { spki } of made) assert.deepEqual(spki, made[0]?.spki);
    const token = await Pkcs11Token.open(tokenOptions());
    const count = await token.run(async ({ library: { api, constants: c }, handle }) => {
      api.C_FindObjectsInit(handle, [
        { type: c.CKA_CLASS, value: c.CKO_PRIVATE_KEY },
        { type: c.CKA_LABEL, value: 'once' },
      ]);
      const found = api.C_FindObjects(handle, 10);
      api.C_FindObjectsFinal(handle);
      return found.length;
    });
    assert.equal(count, 1);
  });

  it('takes a key that was in a file into the token by rotation', async () => {
    const before = new FileKeyStore(options());
    await before.create({ name: 'moved', purpose: 'oidc', algorithm: 'ES256' });
    const store = await open();
    assert.ok(await (await store.signer('moved', 'oidc')).sign(data, 'raw'));
    const next = await store.prepare('moved');
    await store.change(next.name, 'activate');
    const signature = await (await store.signer('moved', 'oidc')).sign(data, 'raw');
    assert.ok(verifySignature({ algorithm: 'ES256', spki: next.spki, data, signature, form: 'raw' }));
    // Whoever opens the folder without the token is told so, and signs nothing.
    const without = new FileKeyStore(options());
    await assert.rejects(without.signer('moved', 'oidc'), unavailable);
  });

  it('has a hundred signatures in flight over four sessions', async () => {
    const store = await open();
    const { spki } = await store.create({ name: 'busy', purpose: 'seal', algorithm: 'ES256' });
    const signer = await store.signer('busy', 'seal');
    const texts = Array.from({ length: 100 }, (_, i) => utf8(`text ${i}`));
    const signatures = await Promise.all(texts.map((text) => signer.sign(text, 'raw')));
    for (const [i, signature] of signatures.entries())
      assert.ok(verifySignature({ algorithm: 'ES256', spki, data: texts[i] ?? data, signature, form: 'raw' }));
  });

  it('destroys the objects in the token and keeps the description', async () => {
    const store = await open();
    await store.create({ name: 'ended', purpose: 'seal', algorithm: 'ES256' });
    const signer = await store.signer('ended', 'seal');
    await store.change('ended', 'retire');
    assert.equal((await store.change('ended', 'destroy')).state, 'destroyed');
    await assert.rejects(signer.sign(data, 'raw'), (error) => isTrustError(error, 'key-state-wrong'));
    assert.ok(!readFileSync(join(options().directory, 'ended.key.json'), 'utf8').includes('"token"'));
  });

  it('answers key-unavailable while the token is away, fast, and goes on by itself when it is back', async () => {
    const store = await open();
    const { spki } = await store.create({ name: 'steady', purpose: 'oidc', algorithm: 'ES256' });
    await store.create({ name: 'doomed', purpose: 'seal', algorithm: 'ES256' });
    await store.change('doomed', 'retire');
    const signer = await store.signer('steady', 'oidc');
    await signer.sign(data, 'raw');
    hsm.unplug();
    try {
      const lost = await Promise.allSettled(Array.from({ length: 20 }, () => signer.sign(data, 'raw')));
      for (const outcome of lost) assert.ok(outcome.status === 'rejected' && unavailable(outcome.reason));
      const began = performance.now();
      await assert.rejects(signer.sign(data, 'raw'), unavailable);
      assert.ok(performance.now() - began < 10_000, 'an open breaker asks nobody');
      await assert.rejects(store.create({ name: 'late', purpose: 'seal', algorithm: 'ES256' }), unavailable);
      assert.equal(await store.find('late'), undefined);
      await assert.rejects(store.prepare('steady'), unavailable);
      assert.equal((await store.family('steady')).length, 1);
      await assert.rejects(store.change('doomed', 'destroy'), unavailable);
      // Keys in files, and verification, need no token.
      assert.ok(await (await store.signer('eddsa', 'log')).sign(data, 'raw'));
    } finally {
      hsm.plugIn();
    }
    const signature = await untilBack(() => signer.sign(data, 'raw'));
    assert.ok(verifySignature({ algorithm: 'ES256', spki, data, signature, form: 'raw' }));
    assert.equal((await store.change('doomed', 'destroy')).state, 'destroyed');
  });

  it('starts without its token, and signs once it is there', async () => {
    await closeToken();
    hsm.unplug();
    let store: KeyKeeping;
    try {
      store = await open();
      const signer = await store.signer('steady', 'oidc');
      await assert.rejects(signer.sign(data, 'raw'), unavailable);
    } finally {
      hsm.plugIn();
    }
    await untilBack(async () => (await store.signer('steady', 'oidc')).sign(data, 'raw'));
  });

  it('refuses what is too much for the queue, and what takes too long', async () => {
    await closeToken();
    const patient = await Pkcs11Token.open(tokenOptions({ callTimeoutMs: 60_000, maxWaiting: 8 }));
    const slow = Array.from({ length: 20 }, () => patient.run(() => pause(100)));
    const outcomes = await Promise.allSettled(slow);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    assert.ok(refused.length > 0 && refused.length <= 12);
    for (const { reason } of refused) assert.ok(unavailable(reason));
    patient.close();
    const token = await Pkcs11Token.open(tokenOptions({ callTimeoutMs: 300 }));
    let answer = (): void => undefined;
    const hanging = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await assert.rejects(
      token.run(() => hanging),
      unavailable,
    );
    await assert.rejects(
      token.run(() => pause(0)),
      unavailable,
    ); // the one that hangs is not pulled from under its call
    answer();
    await untilBack(() => token.run(() => pause(0)));
    token.close();
  });

  it('says what is wrong with the settings, and never tries a refused PIN again', async () => {
    await closeToken();
    await assert.rejects(Pkcs11Token.open(tokenOptions({ pin: '00000000' })), invalid);
    await assert.rejects(Pkcs11Token.open({ ...tokenOptions(), module: '/etc/hostname' }), invalid);
    const token = await Pkcs11Token.open(tokenOptions());
    await assert.rejects(Pkcs11Token.open(tokenOptions({ token: 'another' })), invalid);
    token.close();
    const missing = await Pkcs11Token.open(tokenOptions({ token: 'nowhere' }));
    await assert.rejects(
      missing.run(() => pause(0)),
      unavailable,
    );
    missing.close();
  });
});

async function untilBack<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!unavailable(error)) throw error;
      await pause(250);
    }
  }
}
