// Document signatures: built as PAdES wants them, and every way of bending one is found; RFC 5652, RFC 5035, ETSI EN 319 142-1, judged by OpenSSL.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { DerElement } from '../../../src/codec/der.ts';
import { readDer } from '../../../src/codec/der.ts';
import * as write from '../../../src/codec/der-write.ts';
import { cmsOids, sandboxTimeStampPolicyOid } from '../../../src/codec/oids.ts';
import { digest, sha256 } from '../../../src/crypto/digest.ts';
import { generateKeyPair } from '../../../src/crypto/key-material.ts';
import { createSigner } from '../../../src/crypto/signer.ts';
import { concatBytes, utf8 } from '../../../src/kernel/bytes.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { writeDigestAlgorithm } from '../../../src/pki/algorithm-identifier.ts';
import { buildSignedData } from '../../../src/pki/cms.ts';
import { parseSignedData } from '../../../src/pki/signed-data.ts';
import { buildTimestampToken } from '../../../src/pki/timestamp-token.ts';
import { verifySignedData } from '../../../src/pki/verify-cms.ts';
import { verifyTimestampToken } from '../../../src/pki/verify-timestamp.ts';
import { needOpenssl } from '../../support/openssl.ts';
import { at, issued, sandboxPki, sealOrder, serial } from './sandbox-pki.ts';

const pki = await sandboxPki();
const content = utf8('the signed byte ranges of a document');
const order = {
  contentDigest: sha256(content),
  digestAlgorithm: 'SHA-256',
  signer: pki.seal.signer,
  certificate: pki.seal.certificate,
  chain: [pki.ca.certificate],
} as const;

const token = (imprint: Uint8Array) =>
  buildTimestampToken({
    imprint: { digestIdentifier: writeDigestAlgorithm('SHA-256'), digest: imprint },
    policyOid: sandboxTimeStampPolicyOid,
    serial: serial(),
    genTime: at,
    accuracy: { seconds: 1 },
    signer: pki.tsa.signer,
    certificate: pki.tsa.certificate,
    embedded: [pki.tsa.certificate, pki.ca.certificate],
  });

const verify = (cms: Uint8Array, signed = content) =>
  verifySignedData({ cms, content: (name) => digest(name, signed) });
const codes = (cms: Uint8Array) => verify(cms).findings.map(({ code }) => code);

describe('EN 319 142-1: what is built', () => {
  it('is intact and valid as B-B, by the certificate that signed', async () => {
    const result = verify(await buildSignedData(order));
    assert.deepEqual([result.intact, result.valid, result.findings], [true, true, []]);
    assert.deepEqual(result.signerCertificate?.der, pki.seal.certificate.der);
    assert.deepEqual([result.algorithm, result.digestAlgorithm], ['ES256', 'SHA-256']);
    assert.equal(result.certificates.length, 2);
    assert.deepEqual(result.timestamps, []);
  });

  it('carries exactly content-type, message-digest and signing-certificate-v2, in DER order, and no signing-time (5.3)', async () => {
    const [signer] = parseSignedData(await buildSignedData(order)).signers;
    const types = signer?.signedAttributes?.attributes.map(({ type }) => type) ?? [];
    assert.deepEqual(types, [cmsOids.contentType, cmsOids.messageDigest, cmsOids.signingCertificateV2]);
    assert.equal(signer?.signedAttributes?.inOrder, true);
  });

  it('has the time of its signature time stamp as B-T', async () => {
    const cms = await buildSignedData({ ...order, timestamp: (signature) => token(sha256(signature)) });
    const {
      timestamps: [timestamp],
      valid,
    } = verify(cms);
    assert.deepEqual([valid, timestamp?.intact, timestamp?.valid, timestamp?.genTime], [true, true, true, at]);
    assert.deepEqual(timestamp?.signerCertificate?.der, pki.tsa.certificate.der);
  });

  it('says that a time stamp over another signature is not of this one', async () => {
    const cms = await buildSignedData({ ...order, timestamp: () => token(sha256(utf8('another signature'))) });
    const {
      timestamps: [timestamp],
    } = verify(cms);
    assert.deepEqual([timestamp?.intact, timestamp?.valid], [false, true]);
    assert.deepEqual(
      timestamp?.findings.map(({ code }) => code),
      ['imprint-mismatch'],
    );
  });

  it('works with SM2 and SM3 and names the digest of its certificate reference', async () => {
    const { pkcs8, spki } = generateKeyPair('SM2');
    const signer = createSigner({ keyName: 'sm2', purpose: 'seal', algorithm: 'SM2', pkcs8, spki });
    const certificate = await issued(sealOrder(pki.ca, spki));
    const cms = await buildSignedData({
      contentDigest: digest('SM3', content),
      digestAlgorithm: 'SM3',
      signer,
      certificate,
      chain: [],
    });
    const result = verify(cms);
    assert.deepEqual([result.intact, result.valid, result.algorithm], [true, true, 'SM2']);
    assert.equal(verify(cms, utf8('other')).intact, false);
  });

  it('is refused before signing when digest, key and certificate do not go together', async () => {
    const wrongDigest = buildSignedData({ ...order, digestAlgorithm: 'SHA-512' });
    await assert.rejects(wrongDigest, (error) => isTrustError(error, 'algorithm-not-supported'));
    const wrongKey = buildSignedData({ ...order, signer: pki.maker.signer });
    await assert.rejects(wrongKey, (error) => isTrustError(error, 'key-unavailable'));
  });

  it('satisfies openssl cms -verify over the detached content, and fails there over another', async function () {
    const openssl = needOpenssl(this);
    try {
      const cms = await buildSignedData({ ...order, timestamp: (signature) => token(sha256(signature)) });
      const file = openssl.write('cms.der', cms);
      const anchor = openssl.writePem('root.pem', [{ label: 'CERTIFICATE', der: pki.root.certificate.der }]);
      const check = (name: string, signed: Uint8Array) =>
        openssl.run(
          ...`cms -verify -inform DER -binary -purpose any -attime 1780272000 -CAfile ${anchor} -in ${file} -out /dev/null`.split(
            ' ',
          ),
          '-content',
          openssl.write(name, signed),
        );
      const good = check('content', content);
      assert.equal(good.good, true, good.output);
      assert.equal(check('other', utf8('something else')).good, false);
      const stamp = openssl.write('token.der', await token(sha256(content)));
      const middle = openssl.writePem('ca.pem', [{ label: 'CERTIFICATE', der: pki.ca.certificate.der }]);
      const judged = openssl.run(
        ...`ts -verify -token_in -attime 1780272000 -in ${stamp} -CAfile ${anchor} -untrusted ${middle} -data`.split(
          ' ',
        ),
        openssl.path('content'),
      );
      assert.match(judged.output, /Verification: OK/);
    } finally {
      openssl.remove();
    }
  });
});

describe('RFC 5652, 5.6: a changed document or signature', () => {
  it('is not intact over other content, though the signature stays genuine', async () => {
    const result = verify(await buildSignedData(order), utf8('another document'));
    assert.deepEqual([result.intact, result.valid], [false, true]);
    assert.deepEqual(
      result.findings.map(({ code }) => code),
      ['message-digest-mismatch'],
    );
  });

  it('is never intact and valid when any octet was changed, and never an exception', async () => {
    const cms = await buildSignedData({ ...order, chain: [] });
    for (let index = 0; index < cms.length; index++) {
      const { intact, valid } = verify(cms.with(index, (cms[index] ?? 0) ^ 0x01));
      assert.equal(intact && valid, false, `octet ${index}`);
    }
  });

  it('is a finding for any octets at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (octets) => {
        assert.deepEqual(codes(octets), ['malformed-cms']);
      }),
    );
  });
});

describe('The form of a signature, each fault by its name', () => {
  /** The members of the only SignerInfo: version, sid, digest, [0] attributes, algorithm, signature. */
  type Members = Uint8Array[];
  interface Parts {
    readonly signer: Members;
    /** SignedData before its signers: version, digest algorithms, content, certificates. */
    readonly head: Members;
    /** The SET OF SignerInfo. */
    readonly signers: Uint8Array;
    readonly attributes: Uint8Array[];
  }

  /** A good message taken apart, changed, signed again over its attributes, and put together. */
  async function bent(change: (parts: Parts) => Partial<Parts>): Promise<Uint8Array> {
    const data = element(readDer(await buildSignedData(order)), 1, 0).children;
    const goodSigner = element(data[data.length - 1], 0).children;
    const good: Parts = {
      head: data.slice(0, -1).map(({ raw }) => raw),
      signers: data[data.length - 1]?.raw ?? new Uint8Array(),
      signer: goodSigner.map(({ raw }) => raw),
      attributes: (goodSigner[3]?.children ?? []).map(({ raw }) => raw),
    };
    const changed = change(good);
    const parts = { ...good, ...changed };
    const signed = write.tlv(0x31, ...parts.attributes);
    const signature = write.octetString(await pki.seal.signer.sign(signed, 'der'));
    const resigned = good.signer.with(3, write.context(0, ...parts.attributes)).with(5, signature);
    const signerInfo = write.sequence(...(changed.signer ?? resigned));
    const members = [...parts.head, changed.signers ?? write.tlv(0x31, signerInfo)];
    return write.sequence(write.oid(cmsOids.signedData), write.context(0, write.sequence(...members)));
  }

  const attribute = (oid: string, ...values: Uint8Array[]) =>
    write.sequence(write.oid(oid), write.tlv(0x31, ...values));
  /** Another digest algorithm, also in the list before the signers. */
  const announcing =
    (algorithm: Uint8Array) =>
    ({ signer, head }: Parts): Partial<Parts> => ({
      signer: signer.with(2, algorithm),
      head: head.with(1, write.tlv(0x31, algorithm)),
    });
  const sorted = (attributes: readonly Uint8Array[]) => write.inDerOrder(attributes);

  it('is good when it is only taken apart and signed again', async () => {
    assert.deepEqual(codes(await bent(() => ({}))), []);
  });

  const cases: Record<string, { code: string; change: (parts: Parts) => Partial<Parts> }> = {
    'no signer (RFC 5652, 5.1)': {
      code: 'signer-count',
      change: () => ({ signers: write.tlv(0x31) }),
    },
    'two signers': {
      code: 'signer-count',
      change: ({ signer }) => ({ signers: write.tlv(0x31, write.sequence(...signer), write.sequence(...signer)) }),
    },
    'content of its own': {
      code: 'content-not-detached',
      change: ({ head }) => ({
        head: head.with(2, write.sequence(write.oid(cmsOids.data), write.context(0, write.octetString(content)))),
      }),
    },
    'another content type': {
      code: 'content-type-wrong',
      change: ({ head }) => ({
        head: head.with(0, write.integer(3)).with(2, write.sequence(write.oid(cmsOids.tstInfo))),
      }),
    },
    'no signed attributes': {
      code: 'signed-attributes-missing',
      change: ({ signer }) => ({ signer: signer.toSpliced(3, 1) }),
    },
    'signed attributes out of order (X.690, 11.6)': {
      code: 'signed-attributes-not-der',
      change: ({ attributes }) => ({ attributes: attributes.toReversed() }),
    },
    'an attribute twice (RFC 5652, 5.3)': {
      code: 'attribute-duplicated',
      change: ({ attributes }) => ({
        attributes: sorted([...attributes, attribute(cmsOids.messageDigest, write.octetString(sha256(utf8('x'))))]),
      }),
    },
    'an attribute with two values (RFC 5652, 11)': {
      code: 'attribute-values-not-one',
      change: ({ attributes }) => ({
        attributes: sorted([
          ...attributes.filter((_, index) => index !== 1),
          attribute(cmsOids.messageDigest, write.octetString(sha256(content)), write.octetString(sha256(utf8('x')))),
        ]),
      }),
    },
    'another signed content type': {
      code: 'content-type-attribute-wrong',
      change: ({ attributes }) => ({
        attributes: sorted(attributes.with(0, attribute(cmsOids.contentType, write.oid(cmsOids.tstInfo)))),
      }),
    },
    'no message digest': {
      code: 'message-digest-missing',
      change: ({ attributes }) => ({ attributes: attributes.toSpliced(1, 1) }),
    },
    'no signing certificate (EN 319 122-1, 5.2.2)': {
      code: 'signing-certificate-missing',
      change: ({ attributes }) => ({ attributes: attributes.toSpliced(2, 1) }),
    },
    'a signing certificate that is not there': {
      code: 'signing-certificate-mismatch',
      change: ({ attributes }) => ({
        attributes: sorted(
          attributes.with(
            2,
            attribute(
              cmsOids.signingCertificateV2,
              write.sequence(write.sequence(write.sequence(write.octetString(sha256(pki.root.certificate.der))))),
            ),
          ),
        ),
      }),
    },
    'a signing certificate other than the one identified': {
      code: 'signing-certificate-mismatch',
      change: ({ attributes }) => ({
        attributes: sorted(
          attributes.with(
            2,
            attribute(
              cmsOids.signingCertificateV2,
              write.sequence(write.sequence(write.sequence(write.octetString(sha256(pki.ca.certificate.der))))),
            ),
          ),
        ),
      }),
    },
    'SHA-1 as digest': {
      code: 'weak-algorithm',
      change: announcing(write.sequence(write.oid('1.3.14.3.2.26'))),
    },
    'MD5 with RSA': {
      code: 'weak-algorithm',
      change: ({ signer }) => ({
        signer: signer.with(4, write.sequence(write.oid('1.2.840.113549.1.1.4'), write.nullValue())),
      }),
    },
    'a digest that is not that of the signature algorithm': {
      code: 'algorithm-inconsistent',
      change: announcing(writeDigestAlgorithm('SHA-512')),
    },
    'protected algorithms other than those used (RFC 6211)': {
      code: 'algorithm-protection-mismatch',
      change: ({ attributes }) => ({
        attributes: sorted([
          ...attributes,
          attribute(
            cmsOids.algorithmProtection,
            write.sequence(writeDigestAlgorithm('SHA-512'), write.context(1, write.oid('1.2.840.10045.4.3.2'))),
          ),
        ]),
      }),
    },
    'a signature by another key': {
      code: 'signature-invalid',
      change: ({ signer }) => ({ signer: signer.with(5, write.octetString(new Uint8Array(70))) }),
    },
  };
  for (const [sentence, { code, change }] of Object.entries(cases)) {
    it(`finds ${sentence}`, async () => {
      const cms = await bent(change);
      assert.ok(codes(cms).includes(code), JSON.stringify(verify(cms).findings));
      const { valid } = verify(cms);
      assert.equal(valid, false);
    });
  }

  it('refuses a version or a list of digests that does not go with the signer (RFC 5652, 5.1)', async () => {
    for (const cms of [
      await bent(({ head }) => ({ head: head.with(0, write.integer(3)) })),
      await bent(({ head }) => ({ head: head.with(1, write.tlv(0x31, writeDigestAlgorithm('SM3'))) })),
    ]) {
      const { valid, findings } = verify(cms);
      assert.deepEqual([valid, findings.map(({ severity }) => severity)], [false, ['error']]);
    }
  });

  it('finds octets after the message and in its length', async () => {
    const cms = await buildSignedData(order);
    assert.deepEqual(codes(concatBytes(cms, Uint8Array.of(0))), ['malformed-cms']);
    assert.deepEqual(codes(cms.subarray(0, cms.length - 1)), ['malformed-cms']);
  });

  it('notes a signing-time attribute, which PAdES has not', async () => {
    const cms = await bent(({ attributes }) => ({
      attributes: sorted([...attributes, attribute(cmsOids.signingTime, write.certificateTime(at))]),
    }));
    assert.deepEqual(codes(cms), ['signing-time-attribute']);
    assert.equal(verify(cms).valid, true);
  });

  it('accepts an equal protection of algorithms (RFC 6211)', async () => {
    const protection = write.sequence(
      writeDigestAlgorithm('SHA-256'),
      write.context(1, write.oid('1.2.840.10045.4.3.2')),
    );
    const cms = await bent(({ attributes }) => ({
      attributes: sorted([...attributes, attribute(cmsOids.algorithmProtection, protection)]),
    }));
    assert.deepEqual(codes(cms), []);
  });
});

describe('RFC 3161, 2.4.2: time-stamp tokens', () => {
  it('are a finding, never an exception, for any octets and any changed octet', async () => {
    const good = await token(sha256(content));
    const judge = (octets: Uint8Array) =>
      verifyTimestampToken({ token: octets, imprint: (name) => digest(name, content) });
    assert.deepEqual([judge(good).intact, judge(good).valid], [true, true]);
    assert.deepEqual(
      judge(utf8('token')).findings.map(({ code }) => code),
      ['malformed-timestamp'],
    );
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (index, octet) => {
        const { intact, valid, genTime } = judge(good.with(index, octet));
        if (intact && valid) assert.deepEqual(genTime, at);
      }),
      { numRuns: 500 },
    );
  });

  it('are no document signatures, and document signatures are no tokens', async () => {
    assert.ok(codes(await token(sha256(content))).includes('content-type-wrong'));
    const cms = await buildSignedData(order);
    const { valid, findings } = verifyTimestampToken({ token: cms, imprint: (name) => digest(name, content) });
    assert.deepEqual([valid, findings[0]?.code], [false, 'malformed-timestamp']);
  });
});

function element(start: DerElement | undefined, ...path: number[]): DerElement {
  let current = start;
  for (const index of path) current = current?.children[index];
  return current ?? assert.fail('no such element');
}
