// The fixed vectors of others hold on this machine; ISO/IEC 19790:2012, 7.10.

import assert from 'node:assert/strict';
import { createPrivateKey, createSign, generateKeyPairSync } from 'node:crypto';
import { digest } from '../../../src/crypto/digest.ts';
import { generateKeyPair, importPrivateKey, importPublicKey } from '../../../src/crypto/key-material.ts';
import { runSelfTests } from '../../../src/crypto/self-test.ts';
import { createSigner } from '../../../src/crypto/signer.ts';
import { verifySignature } from '../../../src/crypto/verify.ts';
import { concatBytes, fromHex, toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { needOpenssl } from '../../support/openssl.ts';

describe('Self-tests with the vectors of the standards', () => {
  it('pass on this machine', () => runSelfTests());

  it('compute SM3 of GB/T 32905-2016, A.2 (64 octets)', () => {
    const message = utf8('abcd'.repeat(16));
    assert.equal(toHex(digest('SM3', message)), 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732');
  });
});

describe('GM/T 0003.2: SM2 with keys that were imported', () => {
  it('signs what it verifies, in both forms, and nothing else', async () => {
    const { pkcs8, spki } = generateKeyPair('SM2');
    const signer = createSigner({ keyName: 'k', purpose: 'seal', algorithm: 'SM2', pkcs8, spki });
    const data = utf8('国密签名');
    for (const form of ['der', 'raw'] as const) {
      const signature = await signer.sign(data, form);
      if (form === 'raw') assert.equal(signature.length, 64);
      const claim = { algorithm: 'SM2', spki, data, signature, form } as const;
      assert.equal(verifySignature(claim), true);
      assert.equal(verifySignature({ ...claim, data: utf8('国密签名。') }), false);
      assert.equal(verifySignature({ ...claim, algorithm: 'ES256' }), false);
      assert.equal(verifySignature({ ...claim, spki: generateKeyPair('SM2').spki }), false);
    }
  });

  it('does not accept plain ECDSA on the SM2 curve, which a generated key would sign', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'SM2' });
    const spki = Uint8Array.from(publicKey.export({ format: 'der', type: 'spki' }));
    const z = importPublicKey('SM2', spki)?.z ?? assert.fail('not imported');
    const data = utf8('message');
    const ecdsa = createSign('sm3').update(z).update(data).sign(privateKey);
    assert.equal(verifySignature({ algorithm: 'SM2', spki, data, signature: ecdsa, form: 'der' }), false);
    const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
    const sm2 = createSign('sm3')
      .update(z)
      .update(data)
      .sign(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
    assert.equal(verifySignature({ algorithm: 'SM2', spki, data, signature: sm2, form: 'der' }), true);
  });

  it('agrees with openssl both ways under the identity 1234567812345678', async function () {
    const openssl = needOpenssl(this);
    try {
      const { pkcs8, spki } = generateKeyPair('SM2');
      const signer = createSigner({ keyName: 'k', purpose: 'seal', algorithm: 'SM2', pkcs8, spki });
      const data = utf8('message digest');
      const publicFile = openssl.writePem('public.pem', [{ label: 'PUBLIC KEY', der: spki }]);
      const privateFile = openssl.writePem('private.pem', [{ label: 'PRIVATE KEY', der: pkcs8 }]);
      const message = openssl.write('message', data);
      const ours = openssl.write('ours', await signer.sign(data, 'der'));
      const options = ['dgst', '-sm3', '-sigopt', 'distid:1234567812345678'];
      const judged = openssl.run(...options, '-verify', publicFile, '-signature', ours, message);
      assert.match(judged.output, /Verified OK/);
      openssl.run(...options, '-sign', privateFile, '-out', openssl.path('theirs'), message);
      const signature = openssl.read('theirs');
      assert.equal(verifySignature({ algorithm: 'SM2', spki, data, signature, form: 'der' }), true);
    } finally {
      openssl.remove();
    }
  });
});

describe('Public keys from outside', () => {
  it('are refused on a wrong curve, compressed, off the curve, or with octets after them', () => {
    const { spki } = generateKeyPair('ES256');
    assert.ok(importPublicKey('ES256', spki));
    assert.equal(importPublicKey('SM2', spki), undefined);
    assert.equal(importPublicKey('ES384', spki), undefined);
    assert.equal(importPublicKey('ES256', concatBytes(spki, Uint8Array.of(0))), undefined);
    assert.equal(importPublicKey('ES256', spki.with(90, (spki[90] ?? 0) ^ 1)), undefined);
    const compressed = concatBytes(
      fromHex('3039301306072a8648ce3d020106082a8648ce3d030107032200') ?? new Uint8Array(),
      Uint8Array.of(2 + ((spki[90] ?? 0) & 1)),
      spki.subarray(27, 59),
    );
    assert.equal(importPublicKey('ES256', compressed), undefined);
  });

  it('are refused as RSA under 2048 bits (NIST SP 800-131A)', () => {
    const { publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 1024,
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    });
    assert.equal(importPublicKey('RS256', Uint8Array.from(publicKey)), undefined);
  });

  it('make private keys unusable when they are another pair', () => {
    const [a, b] = [generateKeyPair('ES256'), generateKeyPair('ES256')];
    assert.throws(
      () => importPrivateKey('ES256', { pkcs8: a.pkcs8, spki: b.spki }),
      (error) => isTrustError(error, 'key-unavailable'),
    );
  });
});
