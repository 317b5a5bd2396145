// Which signatures over certificates count; RFC 5758, 4055, 3279 and NIST SP 800-131A. Verified only: none of these is ever made here.

import assert from 'node:assert/strict';
import type { BasePrivateKeyEncodingOptions } from 'node:crypto';
import { constants, generateKeyPairSync, sign } from 'node:crypto';
import * as write from '../../../src/codec/der-write.ts';
import { parseCertificate } from '../../../src/pki/certificate.ts';
import { authority, codesOf, forge, judged, membersOf, name } from './forge.ts';
import type { Identity } from './sandbox-pki.ts';

const encoding: {
  publicKeyEncoding: { type: 'spki'; format: 'der' };
  privateKeyEncoding: BasePrivateKeyEncodingOptions<'der'> & { type: 'pkcs8' };
} = {
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
};

interface Pair {
  readonly publicKey: Buffer;
  readonly privateKey: Buffer;
}

const ec = (namedCurve: string): Pair => generateKeyPairSync('ec', { namedCurve, ...encoding });
const rsa = (modulusLength: number): Pair => generateKeyPairSync('rsa', { modulusLength, ...encoding });
const dsa = (): Pair => generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160, ...encoding });

const plain = (oid: string, ...parameters: Uint8Array[]) => write.sequence(write.oid(oid), ...parameters);
const pss = (hashOid: string, saltBytes: number): Uint8Array => {
  const hash = plain(hashOid, write.nullValue());
  const mask = write.sequence(write.oid('1.2.840.113549.1.1.8'), hash);
  const salt = write.context(2, write.integer(saltBytes));
  return plain('1.2.840.113549.1.1.10', write.sequence(write.context(0, hash), write.context(1, mask), salt));
};

interface Case {
  readonly pair: Pair;
  readonly algorithm: Uint8Array;
  readonly hash: string;
  readonly padding?: number;
  readonly saltLength?: number;
}

/** A path whose anchor has this key, with a leaf that it signed so. */
async function path({ pair, algorithm, hash, padding, saltLength }: Case): Promise<{ root: Identity; leaf: Identity }> {
  const base = await forge({ subject: name('CN=Root'), extensions: [authority()] });
  const certificate = { ...base.certificate, spki: Uint8Array.from(pair.publicKey) };
  const made = await forge({ subject: name('CN=Leaf'), issuer: base });
  const tbs = write.sequence(...membersOf(made.certificate).with(2, algorithm));
  const options = {
    key: pair.privateKey,
    format: 'der' as const,
    type: 'pkcs8' as const,
    ...(padding === undefined ? {} : { padding }),
    ...(saltLength === undefined ? {} : { saltLength }),
  };
  const signature = write.bitString(Uint8Array.from(sign(hash, tbs, options)));
  const leaf = parseCertificate(write.sequence(tbs, algorithm, signature));
  return { root: { ...base, certificate }, leaf: { ...made, certificate: leaf } };
}

describe('RFC 5280, 4.1.1.2: a certificate signed with', () => {
  const rsaKey = rsa(2048);
  const sha384 = '2.16.840.1.101.3.4.2.2';
  const strong: Record<string, Case> = {
    'ECDSA over P-521 with SHA-512': { pair: ec('P-521'), algorithm: plain('1.2.840.10045.4.3.4'), hash: 'sha512' },
    'ECDSA over P-384 with SHA-256': { pair: ec('P-384'), algorithm: plain('1.2.840.10045.4.3.2'), hash: 'sha256' },
    'ECDSA over P-256 with SHA-384': { pair: ec('P-256'), algorithm: plain('1.2.840.10045.4.3.3'), hash: 'sha384' },
    'RSA with SHA-384': { pair: rsaKey, algorithm: plain('1.2.840.113549.1.1.12', write.nullValue()), hash: 'sha384' },
    'RSA with SHA-512': { pair: rsaKey, algorithm: plain('1.2.840.113549.1.1.13', write.nullValue()), hash: 'sha512' },
    'RSASSA-PSS with SHA-384': {
      pair: rsaKey,
      algorithm: pss(sha384, 48),
      hash: 'sha384',
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: 48,
    },
  };
  for (const [title, what] of Object.entries(strong)) {
    it(`${title} counts, and does not when it was made with another key`, async () => {
      const { root, leaf } = await path(what);
      assert.equal(judged(root, [leaf]).trusted, true);
      const other = await path({ ...what, pair: what.pair === rsaKey ? rsa(2048) : ec('P-521') });
      assert.deepEqual(codesOf(judged(root, [other.leaf])), ['no-path', 'certificate-signature-wrong']);
    });
  }

  it('DSA counts only for who accepts what was withdrawn (FIPS 186-5)', async () => {
    const { root, leaf } = await path({ pair: dsa(), algorithm: plain('1.2.840.10040.4.3'), hash: 'sha1' });
    assert.deepEqual(codesOf(judged(root, [leaf])), ['weak-algorithm']);
    assert.equal(judged(root, [leaf], { algorithms: 'withdrawn-too' }).trusted, true);
  });

  it('RSA of 1024 bits, SHA-1 over RSA or parameters that do not belong there never holds', async () => {
    const null_ = write.nullValue();
    for (const what of [
      { pair: rsa(1024), algorithm: plain('1.2.840.113549.1.1.13', null_), hash: 'sha512' },
      { pair: rsaKey, algorithm: plain('1.2.840.113549.1.1.5', null_), hash: 'sha1' },
      { pair: rsaKey, algorithm: plain('1.2.840.113549.1.1.13', write.integer(1)), hash: 'sha512' },
      { pair: ec('P-521'), algorithm: plain('1.2.840.10045.4.3.4', null_), hash: 'sha512' },
      { pair: ec('secp256k1'), algorithm: plain('1.2.840.10045.4.3.2'), hash: 'sha256' },
    ]) {
      const { root, leaf } = await path(what);
      const result = judged(root, [leaf], { algorithms: 'withdrawn-too' });
      assert.deepEqual([result.trusted, codesOf(result)[0]], [false, 'no-path']);
    }
  });
});
