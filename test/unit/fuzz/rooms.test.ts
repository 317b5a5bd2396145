// Readers of the other rooms that strangers' octets reach: seals, audit leaves, tokens, key files; any octets give a value or their refusal.

import assert from 'node:assert/strict';
import { canonicalJson, parseCanonicalJson } from '../../../src/audit/canonical-json.ts';
import { parseLeaf } from '../../../src/audit/leaf.ts';
import { KeyText } from '../../../src/crypto/key-text.ts';
import { readStrictJwt } from '../../../src/identity/tokens/strict-jwt.ts';
import { equalBytes, fromUtf8, toBase64url, utf8 } from '../../../src/kernel/bytes.ts';
import { checkSeal } from '../../../src/seal/ses/check-seal.ts';
import { encodeSeal, encodeSealInfo, parseSeal } from '../../../src/seal/ses/ses-seal.ts';
import { allGood, at, notBefore, sandboxPki } from '../pki/sandbox-pki.ts';
import { fuzz, fuzzText } from './harness.ts';

const pki = await sandboxPki();

const infoDer = encodeSealInfo({
  version: 5,
  vendor: 'Yinxin',
  esId: '99010000000001',
  type: 1,
  name: '测试市行政审批局',
  certificates: [pki.seal.certificate.der],
  certificateDigests: [],
  createdAt: at,
  validFrom: notBefore,
  validUntil: pki.seal.certificate.notAfter,
  picture: { type: 'PNG', data: utf8('picture'), widthMm: 42, heightMm: 42 },
  extensions: [],
});
const seal = encodeSeal({
  infoDer,
  makerCertificate: pki.maker.certificate.der,
  signatureAlgorithmOid: '1.2.840.10045.4.3.2',
  signature: await pki.maker.signer.sign(infoDer, 'der'),
});
fuzz({ name: 'parseSeal', read: parseSeal, refusals: ['malformed-der'], samples: [seal] });
fuzz({
  name: 'checkSeal',
  read: (sesSeal: Uint8Array) =>
    checkSeal({
      sesSeal,
      face: utf8('face'),
      sealCode: '99010000000001',
      signerCertificate: pki.seal.certificate.der,
      at,
      anchors: [pki.root.certificate],
      intermediates: [pki.ca.certificate],
      revocation: allGood,
    }),
  refusals: [],
  samples: [seal],
  // Its maker is good and its face is not there: damage may only change the reason.
  holds: (findings) => assert.equal(findings.length, 1),
});

const leaf = canonicalJson({ v: 2, events: 1, action: 'stamping', outcome: 'done', facts: { level: 'B-T' } });
fuzz({
  name: 'parseCanonicalJson',
  read: parseCanonicalJson,
  refusals: [],
  samples: [leaf],
  hostile: { 'objects 100,000 deep': utf8(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`) },
  holds: (value, octets) => assert.ok(value === undefined || equalBytes(canonicalJson(value), octets)),
});
fuzz({ name: 'parseLeaf', read: parseLeaf, refusals: [], samples: [leaf] });

const part = (value: object) => toBase64url(utf8(JSON.stringify(value)));
const expected = { alg: 'EdDSA', typ: 'at+jwt' };
const token = [part({ ...expected, kid: 'oidc.v1' }), part({ iss: 'https://yinxin.example', exp: 1 }), 'AAAA'].join(
  '.',
);
fuzzText({
  name: 'readStrictJwt',
  read: (text) => {
    const jwt = readStrictJwt(text, expected);
    // No other spelling of the same claims: what is read is what was written.
    if (jwt !== undefined) assert.equal(text.split('.')[1], part(Object.fromEntries(jwt.claims)));
  },
  refusals: [],
  samples: [token],
});

const keyText = new KeyText(new Uint8Array(32).fill(7));
const identity = {
  name: 'tsa',
  purpose: 'time-stamp',
  algorithm: 'ES256',
  createdAt: at,
  spki: pki.tsa.signer.spki,
} as const;
const keyFile = keyText.printKey({ identity, firstState: 'active', stored: { sealed: 'a JWE' } });
const lifeFile = keyText.printLife({ family: 'tsa', generation: 1, at, stages: [{ name: 'tsa', state: 'active' }] });
fuzz({
  name: 'KeyText.parseKey',
  read: (octets: Uint8Array) => keyText.parseKey(fromUtf8(octets) ?? '', 'tsa'),
  refusals: ['key-unavailable'],
  samples: [utf8(keyFile)],
  holds: ({ identity: read }, octets) => {
    // Version 1 had no MAC; everything of version 2 is under it.
    if (!/"version":\s*1\b/.test(Buffer.from(octets).toString())) assert.deepEqual(read, identity);
  },
});
fuzz({
  name: 'KeyText.parseLife',
  read: (octets: Uint8Array) => keyText.parseLife(fromUtf8(octets) ?? '', 'tsa', 1),
  refusals: ['key-unavailable'],
  samples: [utf8(lifeFile)],
  holds: ({ stages }) => assert.deepEqual(stages, [{ name: 'tsa', state: 'active' }]),
});
