// EU Digital COVID Certificate vectors of other programs (base45, zlib, COSE_Sign1): our readers agree with the result written in each file.

import assert from 'node:assert/strict';
import { constants, createPublicKey, verify, X509Certificate } from 'node:crypto';
import type { Context } from 'mocha';
import { fromBase45 } from '../../../src/codec/base45.ts';
import { decodeCbor } from '../../../src/codec/cbor.ts';
import { inflateZlib } from '../../../src/codec/inflate.ts';
import { coseHeader, type CoseSign1, readCoseSign1, sigStructure } from '../../../src/credential/cose-sign1.ts';
import { fromUtf8, toHex } from '../../../src/kernel/bytes.ts';
import { needSharedData } from '../../support/shared-data.ts';

interface Vector {
  PREFIX: string;
  BASE45?: string;
  COMPRESSED?: string;
  COSE?: string;
  JSON?: unknown;
  TESTCTX: { CERTIFICATE: string };
}

const reading = { limits: { sizeBytes: 10_000, depth: 16, items: 1000 }, keyOrder: 'any' } as const;

function vector(test: Context, name: string): Vector {
  const text = fromUtf8(needSharedData(test, `dcc/common_${name}.json`));
  const parsed: Vector = JSON.parse(text ?? assert.fail('not UTF-8'));
  return parsed;
}

function message({ PREFIX }: Vector): CoseSign1 {
  const cose = inflateZlib(fromBase45(PREFIX.slice(4)), 10_000);
  assert.ok(cose);
  const result = readCoseSign1(cose, reading);
  assert.ok(result.ok);
  return result.value;
}

function isSigned({ TESTCTX }: Vector, { protectedHeader, protectedBytes, payload, signature }: CoseSign1): boolean {
  const { publicKey } = new X509Certificate(Buffer.from(TESTCTX.CERTIFICATE, 'base64'));
  const key = createPublicKey({ key: publicKey.export({ type: 'spki', format: 'der' }), format: 'der', type: 'spki' });
  const covered = sigStructure(protectedBytes, new Uint8Array(), payload);
  const isPs256 = protectedHeader.get(coseHeader.algorithm) === -37;
  const options = isPs256
    ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { key, dsaEncoding: 'ieee-p1363' as const };
  return verify('sha256', covered, options, signature);
}

describe('EU DCC vectors', () => {
  it('B1: wrong base45 characters are refused', function () {
    const { PREFIX } = vector(this, 'B1');
    assert.throws(() => fromBase45(PREFIX.slice(4)), { code: 'malformed-base45' });
  });

  it('Z1: base45 is read, broken compression is refused', function () {
    const { PREFIX, COMPRESSED } = vector(this, 'Z1');
    const packed = fromBase45(PREFIX.slice(4));
    assert.equal(toHex(packed), COMPRESSED?.toLowerCase());
    assert.equal(inflateZlib(packed, 10_000), undefined);
  });

  it('CO1: base45, zlib and COSE give the bytes in the file, the PS256 signature and the certificate are right', function () {
    const file = vector(this, 'CO1');
    const packed = fromBase45(file.PREFIX.slice(4));
    assert.equal(toHex(packed), file.COMPRESSED?.toLowerCase());
    assert.equal(toHex(inflateZlib(packed, 10_000) ?? new Uint8Array()), file.COSE?.toLowerCase());
    assert.equal(isSigned(file, message(file)), true);
    assert.deepEqual(certificate(message(file).payload), file.JSON);
  });

  for (const name of ['CO6', 'H1']) {
    it(`${name}: whose fault lies elsewhere (key usage, prefix), is read and its ES256 signature is right`, function () {
      const file = vector(this, name);
      const cose = message(file);
      assert.equal(isSigned(file, cose), true);
      cose.payload[20] = (cose.payload[20] ?? 0) ^ 1;
      assert.equal(isSigned(file, cose), false);
    });
  }

  it('CBO1: a payload of wrong structure does not decode into a certificate', function () {
    assert.ok(certificate(message(vector(this, 'CBO1')).payload) instanceof Uint8Array);
  });
});

/** What stands under keys -260 and 1: the certificate, as JSON has it. */
function certificate(payload: Uint8Array): unknown {
  const claims = decodeCbor(payload, reading);
  assert.ok(claims instanceof Map);
  const container = claims.get(-260);
  assert.ok(container instanceof Map);
  return plain(container.get(1));
}

function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(Array.from(value, ([key, member]) => [key, plain(member)]));
  return Array.isArray(value) ? value.map(plain) : value;
}
