// EL1 as bytes: laid out as agreed, readable by an independent path, and nothing near a good code is accepted.

import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { decode, encode, Tagged } from 'cborg';
import { CborTag, type CborValue, decodeCbor, encodeCbor } from '../../../src/codec/cbor.ts';
import { type El1Claims, readEl1Claims } from '../../../src/credential/el1-claims.ts';
import { makeEl1Code, readEl1Code } from '../../../src/credential/el1-code.ts';
import { readEl1Text, spellEl1 } from '../../../src/credential/el1-text.ts';
import { verifyEl1 } from '../../../src/credential/el1-verify.ts';
import { concatBytes, toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { at, check, issuerPair, publicUrl, sampleClaims, sampleCode, signing, trustedKey } from './el1-sample.ts';

/** Whether a text passes every step. */
async function isGood(text: string): Promise<boolean> {
  const bytes = readEl1Text(text, publicUrl);
  return bytes.ok && (await isGoodCode(bytes.value));
}

async function isGoodCode(bytes: Uint8Array): Promise<boolean> {
  const code = readEl1Code(bytes);
  if (!code.ok) return false;
  const { verdict } = await verifyEl1(code.value, trustedKey, { at, check });
  return verdict.indication === 'TOTAL-PASSED';
}

/** What `readEl1Code` finds in a message with some parts exchanged. */
function faultOf(change: (parts: CborValue[]) => CborValue): string {
  const message = decodeCbor(sampleCode, { tags: [18] });
  assert.ok(message instanceof CborTag && Array.isArray(message.value));
  const reading = readEl1Code(encodeCbor(change([...message.value])));
  return reading.ok ? 'none' : reading.fault.code;
}

describe('EL1 layout', () => {
  it('is COSE_Sign1 with {1: -7, 4: kid} protected, nothing unprotected, integer keys in the payload', () => {
    const message: unknown = decode(sampleCode, { useMaps: true, tags: Tagged.preserve(18) });
    assert.ok(message instanceof Tagged && message.tag === 18 && Array.isArray(message.value));
    const [protectedBytes, unprotected, payload, signature] = message.value;
    assert.deepEqual(
      decode(protectedBytes, { useMaps: true }),
      new Map<number, unknown>([
        [1, -7],
        [4, Uint8Array.from(trustedKey.kid)],
      ]),
    );
    assert.deepEqual(unprotected, new Map());
    assert.equal(signature.length, 64);
    const claims = decode(payload, { useMaps: true });
    assert.deepEqual([...claims.keys()], [4, 6, -1, -2, -3, -4, -5, -6, -7, -8, -11]);
    assert.equal(
      BigInt(`0x${toHex(claims.get(-4))}`)
        .toString(36)
        .toUpperCase(),
      '11430000006122244L',
    );
    assert.deepEqual(claims.get(-11), [412, 523_114]);
  });

  it('is signed over Sig_structure with "EL1" as external data (RFC 9052 section 4.4), as node:crypto confirms', () => {
    const message: unknown = decode(sampleCode, { useMaps: true, tags: Tagged.preserve(18) });
    assert.ok(message instanceof Tagged && Array.isArray(message.value));
    const [protectedBytes, , payload, signature] = message.value;
    const covered = encode(['Signature1', protectedBytes, utf8('EL1'), payload]);
    const key = { key: issuerPair.publicKey, dsaEncoding: 'ieee-p1363' as const };
    assert.equal(verify('sha256', covered, key, signature), true);
  });

  it('gives the claims back, with and without the optional ones', async () => {
    const reading = readEl1Code(sampleCode);
    assert.ok(reading.ok);
    assert.deepEqual(reading.value.claims, sampleClaims);
    const { holderName, holderNumberTail, validUntilDay, status, ...bare } = sampleClaims;
    assert.ok(holderName && holderNumberTail && validUntilDay && status);
    const full = { ...sampleClaims, ageOver: 18, fileDigest: new Uint8Array(16).fill(7) };
    for (const claims of [bare, full]) {
      const again = readEl1Code(await makeEl1Code(claims, signing));
      assert.ok(again.ok);
      assert.deepEqual(again.value.claims, claims);
    }
  });

  it('is good in both spellings', async () => {
    const { link, bare } = spellEl1(sampleCode, publicUrl);
    assert.match(link, /^https:\/\/yinxin\.example\/v#EL1\.[A-Z2-7]+-$/);
    assert.match(bare, /^EL1:[0-9A-Z $%*+\-./:]+$/);
    assert.equal(await isGood(link), true);
    assert.equal(await isGood(bare), true);
    assert.equal(await isGood(`${link}&appinstall=0`), true);
  });
});

describe('Nothing but the code itself is accepted', () => {
  it('0 of all single-bit changes', async () => {
    for (let bit = 0; bit < sampleCode.length * 8; bit++) {
      const changed = sampleCode.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(await isGoodCode(changed), false, `bit ${bit}`);
    }
  });

  it('0 of all truncations, and nothing appended', async () => {
    for (let length = 0; length < sampleCode.length; length++) {
      assert.equal(await isGoodCode(sampleCode.subarray(0, length)), false, `cut to ${length}`);
    }
    assert.equal(await isGoodCode(concatBytes(sampleCode, Uint8Array.of(0))), false);
  });

  it('0 of all character substitutions in the bare spelling', async function () {
    const { bare } = spellEl1(sampleCode, publicUrl);
    assert.deepEqual(await acceptedSubstitutions(bare, '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:a', 0), []);
  });

  it('0 of all character substitutions in the link spelling', async function () {
    const { link } = spellEl1(sampleCode, publicUrl);
    assert.deepEqual(await acceptedSubstitutions(link, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567189-&#', 0), []);
  });

  it('0 of all single-bit changes of a zlib-packed code', async () => {
    const packed = new Uint8Array(deflateSync(sampleCode, { level: 9 }));
    const text = spellEl1(packed, publicUrl).link;
    assert.equal(await isGood(text), true);
    for (let bit = 0; bit < packed.length * 8; bit++) {
      const changed = packed.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(await isGood(spellEl1(changed, publicUrl).link), false, `bit ${bit}`);
    }
  });

  it('not the mirrored ECDSA signature (r, n-s), which is as valid', async () => {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const s = BigInt(`0x${toHex(sampleCode.subarray(-32))}`);
    const mirrored = sampleCode.slice();
    mirrored.set(Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex'), sampleCode.length - 32);
    const code = readEl1Code(mirrored);
    assert.ok(code.ok);
    assert.equal(await check({ ...trustedKey, data: code.value.signedBytes, signature: code.value.signature }), true);
    const { findings } = await verifyEl1(code.value, trustedKey, { at, check });
    assert.equal(findings[0]?.code, 'signature-not-canonical');
  });
});

async function acceptedSubstitutions(text: string, alphabet: string, from: number): Promise<string[]> {
  const accepted: string[] = [];
  for (let i = from; i < text.length; i++) {
    for (const character of alphabet) {
      if (character === text.charAt(i)) continue;
      const changed = text.slice(0, i) + character + text.slice(i + 1);
      if (await isGood(changed)) accepted.push(`${i} ${character}`);
    }
  }
  return accepted;
}

describe('COSE headers and structure (RFC 9052 sections 2 and 3)', () => {
  const kid = trustedKey.kid;
  const header = (entries: [number, CborValue][]) => encodeCbor(new Map(entries));
  const wrap = (parts: CborValue[]) => new CborTag(18, parts);
  const cases: [string, string, (parts: CborValue[]) => CborValue][] = [
    ['no tag', 'cose-malformed', (parts) => parts],
    ['three members', 'cose-malformed', (parts) => wrap(parts.slice(0, 3))],
    ['a detached payload', 'cose-malformed', ([a = 0, b = 0, , d = 0]) => wrap([a, b, null, d])],
    ['an unprotected header that is no map', 'cose-malformed', ([a = 0, , c = 0, d = 0]) => wrap([a, [], c, d])],
    [
      'a protected header that is no map',
      'cose-malformed',
      ([, b = 0, c = 0, d = 0]) => wrap([encodeCbor(1), b, c, d]),
    ],
    [
      'the algorithm unprotected',
      'cose-header-wrong',
      ([, , c = 0, d = 0]) => wrap([header([[4, kid]]), new Map([[1, -7]]), c, d]),
    ],
    ['anything unprotected', 'cose-header-wrong', ([a = 0, , c = 0, d = 0]) => wrap([a, new Map([[99, 0]]), c, d])],
    ['no key id', 'cose-header-wrong', ([, b = 0, c = 0, d = 0]) => wrap([header([[1, -7]]), b, c, d])],
    ['no algorithm', 'cose-header-wrong', ([, b = 0, c = 0, d = 0]) => wrap([header([[4, kid]]), b, c, d])],
    ['an empty protected header', 'cbor-malformed', ([, b = 0, c = 0, d = 0]) => wrap([new Uint8Array(), b, c, d])],
    [
      'a critical extension',
      'cose-header-wrong',
      ([, b = 0, c = 0, d = 0]) =>
        wrap([
          header([
            [1, -7],
            [2, [99]],
            [4, kid],
          ]),
          b,
          c,
          d,
        ]),
    ],
    [
      'a key id of 4 bytes',
      'cose-header-wrong',
      ([, b = 0, c = 0, d = 0]) =>
        wrap([
          header([
            [1, -7],
            [4, kid.slice(0, 4)],
          ]),
          b,
          c,
          d,
        ]),
    ],
    [
      'an algorithm by name',
      'algorithm-not-supported',
      ([, b = 0, c = 0, d = 0]) =>
        wrap([
          header([
            [1, 'ES256'],
            [4, kid],
          ]),
          b,
          c,
          d,
        ]),
    ],
    [
      'a MAC algorithm',
      'algorithm-not-supported',
      ([, b = 0, c = 0, d = 0]) =>
        wrap([
          header([
            [1, 5],
            [4, kid],
          ]),
          b,
          c,
          d,
        ]),
    ],
    ['a signature of 63 bytes', 'signature-malformed', ([a = 0, b = 0, c = 0]) => wrap([a, b, c, new Uint8Array(63)])],
    ['a signature of 65 bytes', 'signature-malformed', ([a = 0, b = 0, c = 0]) => wrap([a, b, c, new Uint8Array(65)])],
  ];
  for (const [what, code, change] of cases) {
    it(`${what} is ${code}`, () => {
      assert.equal(faultOf(change), code);
    });
  }

  for (const tag of [16, 17, 98]) {
    it(`tag ${tag} in place of 18 is refused`, () => {
      assert.equal(
        faultOf((parts) => new CborTag(tag, parts)),
        'cbor-malformed',
      );
    });
  }
});

describe('EL1 claims', () => {
  const bad: [string, Partial<Record<keyof El1Claims, unknown>>][] = [
    ['a name with a bidirectional override', { holderName: '张\u202e三' }],
    ['a name with a zero-width character', { holderName: '张\u200b三' }],
    ['an empty name', { holderName: '' }],
    ['a name of 101 characters', { holderName: '张'.repeat(101) }],
    ['a number tail of five', { holderNumberTail: '12345' }],
    ['a serial in lower case', { serial: 'abc' }],
    ['version 0', { version: 0 }],
    ['catalogue number 0', { catalogueNumber: 0 }],
    ['an end before the beginning', { validUntilDay: 1 }],
    ['expiry before issue', { expiresAtSeconds: 1 }],
    ['a status index beyond the list', { status: { list: 0, index: 1_048_576 } }],
    ['a file digest of 15 bytes', { fileDigest: new Uint8Array(15) }],
  ];
  for (const [what, change] of bad) {
    it(`${what} is claims-malformed`, async () => {
      const claims: El1Claims = Object.assign({}, sampleClaims, change);
      const reading = readEl1Code(await makeEl1Code(claims, signing));
      assert.ok(!reading.ok);
      assert.equal(reading.fault.code, 'claims-malformed');
    });
  }

  it('an unknown key, a missing key and a wrong type are claims-malformed', () => {
    for (const payload of [new Map([[-12, 0]]), new Map([[4, 1]]), new Map([[4, 'tomorrow']]), [1]]) {
      const reading = readEl1Claims(encodeCbor(payload));
      assert.ok(!reading.ok);
      assert.equal(reading.fault.code, 'claims-malformed');
    }
  });
});
