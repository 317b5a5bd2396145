// Digests that were computed elsewhere are signed by P-256 keys of seals and by no other key; FIPS 186-5, 6.4.

import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlgorithmName } from '../../../src/crypto/algorithms.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { digestSignatureVerifies } from '../../../src/crypto/digest-signer.ts';
import { FileKeyStore } from '../../../src/crypto/file-key-store.ts';
import type { KeyPurpose } from '../../../src/crypto/signer.ts';
import { verifySignature } from '../../../src/crypto/verify.ts';
import { equalBytes, utf8 } from '../../../src/kernel/bytes.ts';
import { frozenClock } from '../../../src/kernel/clock.ts';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';

describe('FIPS 186-5, 6.4: a digest made elsewhere', () => {
  let directory: string;
  let store: FileKeyStore;
  const data = utf8('what the signer never sees');
  const refused = (code: ErrorCode) => (error: unknown) => isTrustError(error, code);

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'yinxin-digest-'));
    const keyEncryptionKey = new Uint8Array(32).fill(9);
    store = new FileKeyStore({ directory, keyEncryptionKey, clock: frozenClock('2026-11-22T08:00:00Z') });
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it('is signed so that whoever hashes the data by another library finds the signature good, many times over', async () => {
    const { spki } = await store.create({ name: 'seal-one', purpose: 'seal', algorithm: 'ES256' });
    const signer = await store.digestSigner('seal-one');
    assert.deepEqual([signer.keyName, signer.algorithm], ['seal-one', 'ES256']);
    // Leading zeros and high bits of r and s are met within a few dozen.
    for (let at = 0; at < 64; at++) {
      const part = utf8(`document ${at}`);
      const signature = await signer.signDigest(sha256(part));
      assert.ok(verifySignature({ algorithm: 'ES256', spki, data: part, signature, form: 'der' }));
    }
  });

  it('is checked with the larger s as well as the smaller, as devices give either', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    for (let at = 0; at < 64; at++) {
      const part = utf8(`document ${at}`);
      const signature = sign('sha256', part, privateKey);
      assert.ok(digestSignatureVerifies({ spki, digest: sha256(part), signature }));
    }
  });

  it('gets another signature each time, because the nonce is hedged', async () => {
    const signer = await store.digestSigner('seal-one');
    const [one, other] = await Promise.all([signer.signDigest(sha256(data)), signer.signDigest(sha256(data))]);
    assert.ok(one !== undefined && other !== undefined && !equalBytes(one, other));
  });

  for (const sizeBytes of [0, 20, 31, 33, 48, 64]) {
    it(`of ${sizeBytes} bytes is no SHA-256 digest`, async () => {
      const signer = await store.digestSigner('seal-one');
      await assert.rejects(signer.signDigest(new Uint8Array(sizeBytes)), refused('malformed-request'));
    });
  }

  const others: readonly (readonly [KeyPurpose, AlgorithmName, ErrorCode])[] = [
    ['log', 'EdDSA', 'key-purpose-wrong'],
    ['oidc', 'ES256', 'key-purpose-wrong'],
    ['time-stamp', 'ES256', 'key-purpose-wrong'],
    ['issuing-ca', 'ES256', 'key-purpose-wrong'],
    ['seal', 'SM2', 'algorithm-not-supported'],
    ['seal', 'ES384', 'algorithm-not-supported'],
  ];
  for (const [purpose, algorithm, code] of others) {
    it(`is not signed with a ${algorithm} key of purpose ${purpose}`, async () => {
      const name = `${purpose}-${algorithm.toLowerCase()}`;
      await store.create({ name, purpose, algorithm });
      await assert.rejects(store.digestSigner(name), refused(code));
    });
  }

  it('is not signed by a key that was retired after the signer was given out', async () => {
    await store.create({ name: 'seal-old', purpose: 'seal', algorithm: 'ES256' });
    const signer = await store.digestSigner('seal-old');
    await store.change('seal-old', 'retire');
    await assert.rejects(signer.signDigest(sha256(data)), refused('key-state-wrong'));
    await assert.rejects(store.digestSigner('seal-old'), refused('key-state-wrong'));
  });

  it('of other data, or a signature with a changed or added byte, does not verify', async () => {
    const { spki } = await store.create({ name: 'seal-one', purpose: 'seal', algorithm: 'ES256' });
    const digest = sha256(data);
    const signature = await (await store.digestSigner('seal-one')).signDigest(digest);
    assert.equal(digestSignatureVerifies({ spki, digest, signature }), true);
    assert.equal(digestSignatureVerifies({ spki, digest: sha256(utf8('other')), signature }), false);
    const changed = signature.slice();
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    assert.equal(digestSignatureVerifies({ spki, digest, signature: changed }), false);
    assert.equal(digestSignatureVerifies({ spki, digest, signature: Uint8Array.of(...signature, 0) }), false);
  });
});
