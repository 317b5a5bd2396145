// Self-tests with fixed vectors made by others, run before the first key acts; ISO/IEC 19790:2012, 7.10.

import { equalBytes, fromHex, toHex, utf8 } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';
import type { AlgorithmName } from './algorithms.ts';
import { digest } from './digest.ts';
import { generateKeyPair, importPrivateKey } from './key-material.ts';
import { signWith } from './signer.ts';
import { sm2Z } from './sm2-identity.ts';
import { verifySignature } from './verify.ts';

interface SignatureVector {
  readonly source: string;
  readonly algorithm: AlgorithmName;
  readonly spki: string;
  readonly message: Uint8Array;
  readonly raw: string;
}

const sm2Point =
  '09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13';

const signatures: readonly SignatureVector[] = [
  {
    source: 'GM/T 0003.5-2012 annex A (also GB/T 32918.5-2017 A.2)',
    algorithm: 'SM2',
    spki: `3059301306072a8648ce3d020106082a811ccf5501822d03420004${sm2Point}`,
    message: utf8('message digest'),
    raw: 'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
  },
  {
    source: 'RFC 6979 A.2.5, message "sample"',
    algorithm: 'ES256',
    spki: '3059301306072a8648ce3d020106082a8648ce3d0301070342000460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
    message: utf8('sample'),
    raw: 'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  },
  {
    source: 'RFC 8032 section 7.1, test 2',
    algorithm: 'EdDSA',
    spki: '302a300506032b65700321003d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: Uint8Array.of(0x72),
    raw: '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
];

/** Throws `key-unavailable` when this machine's cryptography does not compute what the standards' own examples say. */
export function runSelfTests(): void {
  const abc = toHex(digest('SM3', utf8('abc')));
  expect(abc === '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0', 'GB/T 32905-2016 A.1');
  const z = toHex(sm2Z(bytes(sm2Point)));
  expect(z === 'b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3', 'GM/T 0003.5-2012 annex A, Z');
  for (const vector of signatures) {
    const { source, algorithm, message } = vector;
    const claim = {
      algorithm,
      spki: bytes(vector.spki),
      data: message,
      signature: bytes(vector.raw),
      form: 'raw',
    } as const;
    expect(verifySignature(claim), source);
    const other = bytes(vector.raw);
    other[40] = (other[40] ?? 0) ^ 1;
    expect(!verifySignature({ ...claim, signature: other }), `${source}, damaged`);
    expect(signsWhatItVerifies(algorithm), `${algorithm}, pair-wise consistency`);
  }
}

function signsWhatItVerifies(algorithm: AlgorithmName): boolean {
  const pair = generateKeyPair(algorithm);
  const data = utf8('pair-wise consistency test');
  const signature = signWith(importPrivateKey(algorithm, pair), data, 'der');
  const good = { algorithm, spki: pair.spki, data, signature, form: 'der' } as const;
  return (
    verifySignature(good) && !verifySignature({ ...good, data: utf8('another text') }) && !equalBytes(signature, data)
  );
}

function expect(good: boolean, source: string): void {
  if (!good) throw new TrustError('key-unavailable', `cryptographic self-test failed: ${source}`);
}

function bytes(text: string): Uint8Array {
  return fromHex(text) ?? new Uint8Array();
}
