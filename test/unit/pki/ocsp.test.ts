// OCSP requests and answers as bytes; RFC 6960, 4, RFC 9654.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readDer } from '../../../src/codec/der.ts';
import * as write from '../../../src/codec/der-write.ts';
import { ocspOids } from '../../../src/codec/oids.ts';
import { equalBytes } from '../../../src/kernel/bytes.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { certIdHash, issuerHashes } from '../../../src/pki/ocsp.ts';
import { parseOcspRequest } from '../../../src/pki/ocsp-request.ts';
import { buildOcspFailure, buildOcspResponse } from '../../../src/pki/ocsp-response.ts';
import { at, memorySigner, sandboxPki } from './sandbox-pki.ts';

const sha1 = write.sequence(write.oid('1.3.14.3.2.26'), write.nullValue());
const sha256 = write.sequence(write.oid('2.16.840.1.101.3.4.2.1'));

function certId({ algorithm = sha1, serial = write.integer(0x1234) } = {}): Uint8Array {
  const size = algorithm === sha256 ? 32 : 20;
  const hash = (octet: number) => write.octetString(new Uint8Array(size).fill(octet));
  return write.sequence(algorithm, hash(1), hash(2), serial);
}

const extension = (type: string, value: Uint8Array, ...critical: Uint8Array[]) =>
  write.sequence(write.oid(type), ...critical, write.octetString(value));
const nonce = (length: number) => extension(ocspOids.nonce, write.octetString(new Uint8Array(length).fill(9)));
const extensions = (...list: Uint8Array[]) => write.context(2, write.sequence(...list));

function request(parts: { list?: Uint8Array[]; before?: Uint8Array[]; rest?: Uint8Array[] } = {}): Uint8Array {
  const list = parts.list ?? [write.sequence(certId())];
  return write.sequence(write.sequence(...(parts.before ?? []), write.sequence(...list), ...(parts.rest ?? [])));
}

describe('RFC 6960, 4.1: an OCSP request', () => {
  it('names a certificate by SHA-1 or SHA-256 of its issuer and by its serial', () => {
    const list = [write.sequence(certId()), write.sequence(certId({ algorithm: sha256 }))];
    const { certIds, nonce: none } = parseOcspRequest(request({ list }));
    assert.deepEqual(
      certIds.map(({ digest, serialHex }) => [digest, serialHex]),
      [
        ['SHA-1', '1234'],
        ['SHA-256', '1234'],
      ],
    );
    assert.equal(none, undefined);
    assert.deepEqual(certIds[0]?.raw, certId());
  });

  it('may name its issuer by a digest we have not, which makes it nobody of ours', () => {
    const md5 = write.sequence(write.oid('1.2.840.113549.2.5'), write.nullValue());
    assert.equal(
      parseOcspRequest(request({ list: [write.sequence(certId({ algorithm: md5 }))] })).certIds[0]?.digest,
      undefined,
    );
  });

  it('may carry a nonce of 1 to 128 octets and no other (RFC 9654, 2.1)', () => {
    for (const length of [1, 16, 128]) {
      const { nonce: echoed } = parseOcspRequest(request({ rest: [extensions(nonce(length))] }));
      assert.deepEqual(echoed, write.octetString(new Uint8Array(length).fill(9)));
    }
    for (const length of [0, 129]) refused(request({ rest: [extensions(nonce(length))] }));
  });

  const bad: Record<string, Uint8Array> = {
    'octets after its end': Uint8Array.of(...request(), 0),
    'version 2': request({ before: [write.context(0, write.integer(1))] }),
    'no certificate': request({ list: [] }),
    'seventeen certificates': request({ list: Array.from({ length: 17 }, () => write.sequence(certId())) }),
    'a critical extension that nobody knows': request({
      rest: [extensions(extension('1.2.3.4', write.nullValue(), write.boolean(true)))],
    }),
    'a critical extension about one certificate': request({
      list: [
        write.sequence(
          certId(),
          write.context(0, write.sequence(extension('1.2.3.4', write.nullValue(), write.boolean(true)))),
        ),
      ],
    }),
    'the nonce twice': request({ rest: [extensions(nonce(8), nonce(8))] }),
    'a serial of 65 octets': request({
      list: [write.sequence(certId({ serial: write.tlv(0x02, new Uint8Array(65).fill(1)) }))],
    }),
    BER: Uint8Array.of(0x30, 0x80, ...request().subarray(2), 0, 0),
  };
  for (const [what, der] of Object.entries(bad)) it(`is refused with ${what}`, () => refused(der));

  it('of any bytes is a request or malformed-ocsp', () => {
    const good = request({ rest: [extensions(nonce(16))] });
    const damaged = fc
      .tuple(fc.nat(good.length - 1), fc.nat(255))
      .map(([index, octet]) => Uint8Array.from(good).with(index, octet));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (der) => {
        try {
          parseOcspRequest(der);
        } catch (error) {
          assert.ok(isTrustError(error, 'malformed-ocsp'), String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  function refused(der: Uint8Array): void {
    assert.throws(
      () => parseOcspRequest(der),
      (error) => isTrustError(error, 'malformed-ocsp'),
    );
  }
});

describe('RFC 6960, 4.2: an OCSP response', () => {
  it('of a failure holds its status and nothing else (4.2.1)', () => {
    assert.equal(Buffer.from(buildOcspFailure('malformedRequest')).toString('hex'), '30030a0101');
    assert.equal(Buffer.from(buildOcspFailure('tryLater')).toString('hex'), '30030a0103');
    assert.equal(Buffer.from(buildOcspFailure('unauthorized')).toString('hex'), '30030a0106');
  });

  it('repeats CertID and nonce octet by octet', async () => {
    const { ca } = await sandboxPki();
    const value = write.octetString(new Uint8Array(20).fill(7));
    const der = await buildOcspResponse({
      signer: memorySigner('ocsp'),
      responder: ca.certificate,
      answers: [{ certId: certId(), status: { status: 'good' } }],
      producedAt: at,
      nextUpdate: at,
      nonce: value,
    });
    readDer(der);
    assert.ok(Buffer.from(der).includes(Buffer.from(certId())));
    assert.ok(Buffer.from(der).includes(Buffer.from(value)));
  });

  it('hashes the issuer name as it stands in the certificate and the key without its BIT STRING header (4.1.1)', async () => {
    const { ca } = await sandboxPki();
    const hashes = issuerHashes(ca.certificate, 'SHA-256');
    assert.ok(equalBytes(hashes.name, certIdHash('SHA-256', ca.certificate.subjectDer)));
    assert.ok(equalBytes(hashes.key, certIdHash('SHA-256', ca.certificate.spki.subarray(-65))));
  });
});
