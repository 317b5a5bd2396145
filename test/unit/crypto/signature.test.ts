// Signing and verifying by the registry, and the two spellings of r and s; RFC 3279, 2.2.3, RFC 7518, 3.4.

import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import * as fc from 'fast-check';
import type { AlgorithmName } from '../../../src/crypto/algorithms.ts';
import { algorithmNameOf, algorithmNames, signatureAlgorithms } from '../../../src/crypto/algorithms.ts';
import { coseAlgorithms } from '../../../src/credential/cose-sign1.ts';
import { generateKeyPair, importPublicKey } from '../../../src/crypto/key-material.ts';
import { derToRawSignature, rawToDerSignature } from '../../../src/crypto/signature-form.ts';
import { createSigner } from '../../../src/crypto/signer.ts';
import { verifySignature } from '../../../src/crypto/verify.ts';
import { fromHex, toHex, utf8 } from '../../../src/kernel/bytes.ts';

const data = utf8('what is signed');

describe('The algorithm registry', () => {
  for (const algorithm of algorithmNames) {
    it(`signs and verifies ${algorithm} in both forms`, async function () {
      const pair = generateKeyPair(algorithm);
      const signer = createSigner({ keyName: 'k', purpose: 'log', algorithm, ...pair });
      for (const form of ['der', 'raw'] as const) {
        const signature = await signer.sign(data, form);
        const claim = { algorithm, spki: pair.spki, data, signature, form };
        assert.equal(verifySignature(claim), true);
        assert.equal(verifySignature({ ...claim, data: utf8('what was signed') }), false);
        assert.equal(verifySignature({ ...claim, signature: signature.subarray(1) }), false);
        const size = signatureAlgorithms[algorithm].rawSizeBytes;
        if (form === 'raw' && size !== undefined) assert.equal(signature.length, size);
      }
    });
  }

  it('refuses an RSA signature without its leading zero octet (RFC 8017, 8.1.2 and 8.2.2, step 1), which OpenSSL takes under PSS', async function () {
    for (const algorithm of ['RS256', 'PS256'] as const) {
      const pair = generateKeyPair(algorithm);
      const signer = createSigner({ keyName: 'k', purpose: 'log', algorithm, ...pair });
      let content = data;
      let signature = await signer.sign(content, 'der');
      for (let round = 0; signature[0] !== 0; round += 1) {
        content = utf8(`round ${String(round)}`);
        signature = await signer.sign(content, 'der');
      }
      const claim = { algorithm, spki: pair.spki, data: content, form: 'der' } as const;
      assert.equal(verifySignature({ ...claim, signature }), true);
      assert.equal(verifySignature({ ...claim, signature: signature.subarray(1) }), false);
    }
  });

  it('takes no RSA key whose public exponent is 1, even, or beyond 33 bits', () => {
    const { n = '' } = createPublicKey({
      key: Buffer.from(generateKeyPair('RS256').spki),
      format: 'der',
      type: 'spki',
    }).export({ format: 'jwk' });
    const spkiWith = (e: string) => {
      const key = createPublicKey({
        key: { kty: 'RSA', n, e: Buffer.from(e, 'hex').toString('base64url') },
        format: 'jwk',
      });
      return key.export({ format: 'der', type: 'spki' });
    };
    for (const good of ['03', '010001', '01ffffffff']) assert.ok(importPublicKey('RS256', spkiWith(good)), good);
    for (const bad of ['01', '010000', '0200000001', 'ffffffffffffffff'])
      assert.equal(importPublicKey('RS256', spkiWith(bad)), undefined, bad);
  });

  it('has the numbers of RFC 9053, 8230 and 8812, and the same as the licence codes', () => {
    const numbers = Object.fromEntries(algorithmNames.map((name) => [name, signatureAlgorithms[name].cose]));
    assert.deepEqual(numbers, { ES256: -7, ES384: -35, EdDSA: -8, RS256: -257, PS256: -37, SM2: -65_537 });
    assert.deepEqual(coseAlgorithms, { ES256: numbers['ES256'], EdDSA: numbers['EdDSA'], SM2: numbers['SM2'] });
  });

  it('has the names of RFC 7518 and 8037, and none for SM2', () => {
    for (const name of algorithmNames) assert.equal(signatureAlgorithms[name].jose, name === 'SM2' ? undefined : name);
  });

  it('finds each algorithm by its object identifier', () => {
    for (const name of algorithmNames) assert.equal(algorithmNameOf(signatureAlgorithms[name].oid), name);
    assert.equal(algorithmNameOf('1.2.840.113549.1.1.5'), undefined);
  });
});

describe('Verification never throws and is false for anything malformed', () => {
  const pairs = new Map<AlgorithmName, Uint8Array>();
  for (const name of ['ES256', 'EdDSA', 'SM2'] as const) pairs.set(name, generateKeyPair(name).spki);

  it('for any key, signature and form', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...pairs.keys()),
        fc.uint8Array({ maxLength: 80 }),
        fc.constantFrom('der', 'raw'),
        fc.option(fc.uint8Array({ maxLength: 100 })),
        (algorithm, signature, form, key) => {
          const spki = key ?? pairs.get(algorithm) ?? new Uint8Array();
          return !verifySignature({ algorithm, spki, data, signature, form });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('for r or s of zero (FIPS 186-5, 6.4.2)', () => {
    for (const [algorithm, spki] of pairs) {
      assert.equal(verifySignature({ algorithm, spki, data, signature: new Uint8Array(64), form: 'raw' }), false);
    }
  });
});

describe('RFC 3279, 2.2.3: DER and r‖s', () => {
  it('are the same signature', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (raw) => {
        const der = rawToDerSignature(raw);
        assert.ok(der);
        assert.deepEqual(derToRawSignature(der, 64), raw);
      }),
    );
  });

  const refused: Record<string, string> = {
    'a negative r': '3006020181020101',
    'a padded r': '300702020001020101',
    'an empty s': '3005020101 0200',
    'octets after s': '3007020101020101 00',
    'a third integer': '3009020101020101020101',
    'a wrong outer length': '3007020101020101',
    'an integer that is too long': `3026 0221 01${'00'.repeat(32)} 020101`,
  };
  for (const [sentence, hex] of Object.entries(refused)) {
    it(`refuses ${sentence}`, () => {
      assert.equal(derToRawSignature(fromHex(hex.replaceAll(' ', '')) ?? assert.fail(hex), 64), undefined);
    });
  }

  it('keeps leading zeros of the raw form', () => {
    const raw = new Uint8Array(64).with(31, 1).with(63, 0x80);
    assert.equal(toHex(rawToDerSignature(raw) ?? new Uint8Array()), '300702010102020080');
  });
});
