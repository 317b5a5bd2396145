// Every reader of the pki room takes any octets: certificates, requests, CRLs, CMS, time stamps, OCSP, PEM, trust anchors; bad input never passes for good.

import assert from 'node:assert/strict';
import { readDer } from '../../../src/codec/der.ts';
import * as write from '../../../src/codec/der-write.ts';
import { digest, sha256 } from '../../../src/crypto/digest.ts';
import { equalBytes, toBase64, toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { moment } from '../../../src/kernel/clock.ts';
import type { ErrorCode } from '../../../src/kernel/errors.ts';
import { writeDigestAlgorithm, writeSignatureAlgorithm } from '../../../src/pki/algorithm-identifier.ts';
import { parseOcspResponse } from '../../../src/pki/basic-ocsp-response.ts';
import { isSignedBy, parseCertificate, parseTbsCertificate } from '../../../src/pki/certificate.ts';
import { buildAttachedData, buildSignedData } from '../../../src/pki/cms.ts';
import { parseCrl } from '../../../src/pki/crl.ts';
import { buildCrl } from '../../../src/pki/crl-build.ts';
import { csrFromPem, parseCsr, readCsr } from '../../../src/pki/csr.ts';
import { certIdHash } from '../../../src/pki/ocsp.ts';
import { parseOcspRequest } from '../../../src/pki/ocsp-request.ts';
import { buildOcspResponse } from '../../../src/pki/ocsp-response.ts';
import { OcspRevocationSource } from '../../../src/pki/ocsp-revocation.ts';
import { validatePath } from '../../../src/pki/path.ts';
import { derBlocks } from '../../../src/pki/pem.ts';
import { publicKeyFacts } from '../../../src/pki/public-key.ts';
import { parseSignedData } from '../../../src/pki/signed-data.ts';
import { parseTimestampRequest } from '../../../src/pki/timestamp-request.ts';
import { buildTimestampResponse, tokenOfResponse } from '../../../src/pki/timestamp-response.ts';
import { anchorsFromFile } from '../../../src/pki/trust-anchor.ts';
import { verifySignedData } from '../../../src/pki/verify-cms.ts';
import { verifyTimestampToken } from '../../../src/pki/verify-timestamp.ts';
import { sealSigner, stamp } from '../pki/cms-samples.ts';
import { allGood, at, sandboxPki, serial } from '../pki/sandbox-pki.ts';
import { element, fuzz, fuzzText } from './harness.ts';

const pki = await sandboxPki();
const content = utf8('the signed byte ranges of a document');
const certificates = [pki.root, pki.ca, pki.seal, pki.tsa].map(({ certificate }) => certificate);
const rsa = await sealSigner(pki, 'PS256');
const sm2 = await sealSigner(pki, 'SM2');
const anchors = [pki.root.certificate];
const intermediates = [pki.ca.certificate];

const crl = await buildCrl({
  issuer: pki.ca,
  number: 7n,
  thisUpdate: at,
  nextUpdate: moment('2026-06-02T00:00:00Z'),
  entries: [
    { serial: serial(), revokedAt: at, reason: 'keyCompromise' },
    { serial: serial(), revokedAt: at, reason: 'unspecified' },
  ],
});
const order = {
  contentDigest: sha256(content),
  digestAlgorithm: 'SHA-256',
  ...pki.seal,
  chain: [pki.ca.certificate],
} as const;
const messages = [
  await buildSignedData({
    ...order,
    timestamp: (value) => stamp(pki, sha256(value)),
    contentTimestamp: (imprint) => stamp(pki, imprint),
  }),
  await buildSignedData({ ...order, signer: rsa.signer, certificate: rsa.certificate }),
  await buildAttachedData({
    content,
    digestAlgorithm: 'SM3',
    signer: sm2.signer,
    certificate: sm2.certificate,
    chain: [],
    family: 'gbt35275',
  }),
];
const token = await stamp(pki, sha256(content), { nonce: Uint8Array.of(1, 2, 3) });
const imprint = write.sequence(writeDigestAlgorithm('SHA-256'), write.octetString(sha256(content)));
const certificateRefusal: readonly ErrorCode[] = ['malformed-certificate'];

/** A certificate whose public key is said to be RSA with a modulus of this many octets. */
function heavyKey(size: number): Uint8Array {
  const key = write.sequence(write.tlv(2, new Uint8Array(size).fill(0x41)), write.integer(65_537));
  const algorithm = write.sequence(write.oid('1.2.840.113549.1.1.1'), write.nullValue());
  return write.sequence(algorithm, write.bitString(key));
}

fuzz({
  name: 'parseCertificate',
  read: parseCertificate,
  refusals: certificateRefusal,
  samples: [...certificates, rsa.certificate, sm2.certificate].map(({ der }) => der),
  holds: (certificate, octets) => {
    const genuine = certificates.some(({ der }) => equalBytes(der, octets));
    if (!genuine) assert.equal(isSignedBy(certificate, pki.root.certificate), false);
  },
});

fuzz({
  name: 'validatePath of a damaged certificate',
  read: (octets: Uint8Array) => {
    const leaf = parseCertificate(octets);
    return [
      validatePath({ leaf, intermediates, anchors, at, purpose: 'seal', revocation: allGood }),
      validatePath({
        leaf: pki.seal.certificate,
        intermediates: [leaf, leaf],
        anchors,
        at,
        purpose: 'seal',
        revocation: allGood,
      }),
    ];
  },
  refusals: certificateRefusal,
  samples: [pki.seal.certificate.der, pki.ca.certificate.der],
  holds: ([asLeaf, asIntermediate], octets) => {
    assert.equal(asLeaf?.trusted, equalBytes(octets, pki.seal.certificate.der));
    assert.equal(asIntermediate?.trusted, equalBytes(octets, pki.ca.certificate.der));
  },
});

fuzz({
  name: 'parseTbsCertificate',
  read: parseTbsCertificate,
  refusals: certificateRefusal,
  samples: certificates.map(({ tbs }) => tbs),
});

fuzz({
  name: 'publicKeyFacts',
  read: publicKeyFacts,
  refusals: ['malformed-der'],
  samples: [pki.seal, rsa, sm2].map(({ signer }) => signer.spki),
  hostile: { 'an RSA modulus of half a megabyte': heavyKey(512 * 1024), 'one of 60,000 octets': heavyKey(60_000) },
});

fuzz({
  name: 'parseCrl',
  read: parseCrl,
  refusals: certificateRefusal,
  samples: [crl],
  hostile: { 'a list of 16 megabytes and more': element(0x30, 16_700_000 & 0xffffff) },
});

fuzz({ name: 'parseSignedData', read: parseSignedData, refusals: ['malformed-cms'], samples: [...messages, token] });

fuzz({
  name: 'verifySignedData',
  read: (cms: Uint8Array) =>
    verifySignedData({
      cms,
      content,
      signingCertificate: 'optional',
      signedAttributes: 'optional',
      families: ['rfc5652', 'gbt35275'],
    }),
  refusals: [],
  samples: messages.slice(0, 2),
  holds: ({ intact, valid, signerCertificate }) => {
    const signers = [pki.seal.certificate, rsa.certificate].map(({ der }) => der);
    if (intact && valid) assert.ok(signers.some((der) => equalBytes(der, signerCertificate?.der ?? new Uint8Array())));
  },
});

fuzz({
  name: 'verifySignedData with content inside',
  read: (cms: Uint8Array) => verifySignedData({ cms, content: 'inside', families: ['gbt35275'] }),
  refusals: [],
  samples: messages.slice(2),
  holds: ({ content: inside }) => {
    if (inside !== undefined) assert.deepEqual(inside, content);
  },
});

fuzz({
  name: 'verifyTimestampToken',
  read: (octets: Uint8Array) => verifyTimestampToken({ token: octets, imprint: (name) => digest(name, content) }),
  refusals: [],
  samples: [token],
  holds: ({ intact, valid, genTime, signerCertificate }) => {
    if (!intact || !valid) return;
    assert.deepEqual([genTime, signerCertificate?.der], [at, pki.tsa.certificate.der]);
  },
});

fuzz({
  name: 'parseTimestampRequest',
  read: parseTimestampRequest,
  refusals: ['malformed-timestamp'],
  samples: [
    write.sequence(write.integer(1), imprint, write.boolean(true)),
    write.sequence(write.integer(1), imprint, write.oid('1.2.3'), write.integer(99n), write.boolean(true)),
  ],
});

fuzz({
  name: 'parseOcspRequest',
  read: parseOcspRequest,
  refusals: ['malformed-ocsp'],
  samples: [
    write.sequence(
      write.sequence(
        write.sequence(
          write.sequence(
            write.sequence(
              writeDigestAlgorithm('SHA-256'),
              write.octetString(sha256(pki.ca.certificate.subjectDer)),
              write.octetString(sha256(content)),
              write.integer(12_345),
            ),
          ),
        ),
      ),
    ),
  ],
});

const asked = write.sequence(
  writeDigestAlgorithm('SHA-256'),
  write.octetString(certIdHash('SHA-256', pki.ca.certificate.subjectDer)),
  write.octetString(certIdHash('SHA-256', pki.ca.certificate.publicKey.keyOctets)),
  write.unsignedInteger(pki.seal.certificate.serial),
);
const revokedAt = moment('2026-05-01T00:00:00Z');
const statusOrder = { signer: pki.ca.signer, responder: pki.ca.certificate, producedAt: at, nextUpdate: at } as const;
const goodResponse = await buildOcspResponse({
  ...statusOrder,
  answers: [{ certId: asked, status: { status: 'good' } }],
});
const revokedResponse = await buildOcspResponse({
  ...statusOrder,
  answers: [{ certId: asked, status: { status: 'revoked', revokedAt, reason: 'keyCompromise' } }],
});
fuzz({
  name: 'parseOcspResponse',
  read: parseOcspResponse,
  refusals: ['malformed-ocsp'],
  samples: [goodResponse, revokedResponse],
});
fuzz({
  name: 'OcspRevocationSource',
  read: (octets: Uint8Array) =>
    new OcspRevocationSource({
      responses: [parseOcspResponse(octets)],
      now: at,
      otherwise: { check: () => ({ status: 'unknown', detail: 'nothing else is known' }) },
    }).check(pki.seal.certificate, pki.ca.certificate),
  refusals: ['malformed-ocsp'],
  samples: [revokedResponse],
  holds: (answer) => {
    assert.notEqual(answer.status, 'good');
    if (answer.status === 'revoked') assert.deepEqual([answer.revokedAt, answer.reason], [revokedAt, 'keyCompromise']);
  },
});

const request = await signedRequest();
fuzz({ name: 'parseCsr', read: parseCsr, refusals: ['malformed-csr'], samples: [request] });
fuzz({
  name: 'readCsr',
  read: readCsr,
  refusals: ['malformed-csr', 'csr-key-refused', 'csr-not-proven'],
  samples: [request],
  // The algorithm identifier stands outside of what is signed; subject, key and signature do not change unnoticed.
  holds: ({ info, signature }, octets) => {
    const [wantedInfo, , wantedSignature] = readDer(request).children;
    assert.deepEqual(info, wantedInfo?.raw, toHex(octets));
    assert.deepEqual(signature, wantedSignature?.content.subarray(1));
  },
});
fuzzText({
  name: 'csrFromPem',
  read: csrFromPem,
  refusals: ['malformed-csr'],
  samples: [`-----BEGIN CERTIFICATE REQUEST-----\n${toBase64(request)}\n-----END CERTIFICATE REQUEST-----\n`],
  hostile: { 'a million beginnings': '-----BEGIN CERTIFICATE REQUEST-----'.repeat(30_000) },
});

async function signedRequest(): Promise<Uint8Array> {
  const info = write.sequence(
    write.integer(0),
    pki.seal.certificate.subjectDer,
    pki.seal.signer.spki,
    write.context(0),
  );
  const signature = await pki.seal.signer.sign(info, 'der');
  return write.sequence(info, writeSignatureAlgorithm('ES256'), write.bitString(signature));
}

fuzz({
  name: 'tokenOfResponse',
  read: tokenOfResponse,
  refusals: ['malformed-timestamp', 'timestamp-refused'],
  samples: [buildTimestampResponse({ granted: token })],
  hostile: { 'a refusal': buildTimestampResponse({ refused: 'badAlg', reason: 'no such digest' }) },
});

const pem = utf8(
  `text around\n-----BEGIN CERTIFICATE-----\n${toBase64(pki.root.certificate.der)}\n-----END CERTIFICATE-----\n`,
);
fuzz({
  name: 'derBlocks',
  read: (octets: Uint8Array) => derBlocks(octets, 'CERTIFICATE'),
  refusals: certificateRefusal,
  samples: [pem, pki.root.certificate.der],
  hostile: { 'a million beginnings': utf8('-----BEGIN CERTIFICATE-----'.repeat(40_000)) },
});

fuzz({
  name: 'anchorsFromFile',
  read: (file: Uint8Array) => anchorsFromFile(file, ['seal']),
  refusals: certificateRefusal,
  samples: [pem, pki.root.certificate.der],
  holds: (anchors) => {
    for (const { basicConstraints, version } of anchors) assert.ok(version < 3 || basicConstraints?.ca === true);
  },
});
