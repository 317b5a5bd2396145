// OpenSSL and we agree on CMS of every algorithm it knows and on time stamps, in both directions; RFC 5652, RFC 5126, RFC 3161.

import assert from 'node:assert/strict';
import * as write from '../../../src/codec/der-write.ts';
import type { AlgorithmName, DigestName } from '../../../src/crypto/algorithms.ts';
import { digestNames } from '../../../src/crypto/algorithms.ts';
import { digest } from '../../../src/crypto/digest.ts';
import { generateKeyPair } from '../../../src/crypto/key-material.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { writeDigestAlgorithm } from '../../../src/pki/algorithm-identifier.ts';
import { buildAttachedData, buildSignedData } from '../../../src/pki/cms.ts';
import { verifySignedData } from '../../../src/pki/verify-cms.ts';
import { verifyTimestampToken } from '../../../src/pki/verify-timestamp.ts';
import { needOpenssl, type OpensslBench } from '../../support/openssl.ts';
import { takeApart } from '../../unit/pki/bent-cms.ts';
import { type SealSigner, sealSigner, stamp } from '../../unit/pki/cms-samples.ts';
import { issued, type SandboxPki, sandboxPki, sealOrder } from '../../unit/pki/sandbox-pki.ts';

const content = utf8('the signed byte ranges of a document');
/** 1 June 2026, within the validity of the test PKI. */
const moment = ['-attime', '1780272000'];
/** What the command line needs to sign as the algorithm does. OpenSSL 3.0 has no CMS for EdDSA, and none for SM2 with an identity. */
const signing: Partial<Record<AlgorithmName, string[]>> = {
  ES256: ['-md', 'sha256'],
  ES384: ['-md', 'sha384'],
  RS256: ['-md', 'sha256'],
  PS256: ['-md', 'sha256', '-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:32'],
};

describe('OpenSSL judges CMS', () => {
  let openssl: OpensslBench;
  let pki: SandboxPki;
  before(async function () {
    openssl = needOpenssl(this);
    pki = await sandboxPki();
    openssl.write('content', content);
    openssl.write('other', utf8('another document'));
    openssl.writePem('root.pem', [{ label: 'CERTIFICATE', der: pki.root.certificate.der }]);
    openssl.writePem('ca.pem', [{ label: 'CERTIFICATE', der: pki.ca.certificate.der }]);
  });
  after(() => openssl?.remove());

  const order = ({ signer, certificate, digestAlgorithm }: SealSigner) => ({
    signer,
    certificate,
    digestAlgorithm,
    contentDigest: digest(digestAlgorithm, content),
    chain: [pki.ca.certificate],
  });
  const verify = (file: string, ...options: string[]) =>
    openssl.run(
      'cms',
      '-verify',
      '-inform',
      'DER',
      '-binary',
      '-purpose',
      'any',
      ...moment,
      '-CAfile',
      openssl.path('root.pem'),
      '-in',
      openssl.path(file),
      '-out',
      openssl.path('out'),
      ...options,
    );

  for (const [algorithm, options] of Object.entries(signing) as [AlgorithmName, string[]][]) {
    it(`${algorithm}: ours verifies there, detached and attached, and over this content only`, async () => {
      const of = await sealSigner(pki, algorithm);
      openssl.write('detached', await buildSignedData(order(of)));
      const good = verify('detached', '-content', openssl.path('content'), '-cades');
      assert.equal(good.good, true, good.output);
      assert.equal(verify('detached', '-content', openssl.path('other')).good, false);
      openssl.write('attached', await buildAttachedData({ ...order(of), content }));
      const attached = verify('attached', '-cades');
      assert.equal(attached.good, true, attached.output);
      assert.deepEqual(openssl.read('out'), content);
    });

    it(`${algorithm}: made there verifies here, detached and attached, and over this content only`, async () => {
      const { certificate, keys } = await sealSigner(pki, algorithm);
      const signer = openssl.writePem('seal.pem', [{ label: 'CERTIFICATE', der: certificate.der }]);
      const key = openssl.writePem('seal.key', [{ label: 'PRIVATE KEY', der: keys.pkcs8 }]);
      for (const kind of [[], ['-nodetach']]) {
        const made = openssl.run(
          'cms',
          '-sign',
          '-binary',
          '-cades',
          '-outform',
          'DER',
          '-signer',
          signer,
          '-inkey',
          key,
          ...options,
          '-in',
          openssl.path('content'),
          '-out',
          openssl.path('made'),
          ...kind,
        );
        assert.equal(made.good, true, made.output);
        const cms = openssl.read('made');
        const inside = kind.length > 0;
        const result = verifySignedData({ cms, content: inside ? 'inside' : content });
        const told = result.findings.map(({ code }) => code);
        assert.deepEqual([result.intact, result.valid, told], [true, true, ['signing-time-attribute']]);
        assert.deepEqual([result.algorithm, result.signerCertificate?.der], [algorithm, certificate.der]);
        if (inside) assert.deepEqual(result.content, content);
        else assert.equal(verifySignedData({ cms, content: utf8('x') }).intact, false);
      }
    });
  }

  it('EdDSA: the signature over the signed attributes verifies there (RFC 8419)', async () => {
    const of = await sealSigner(pki, 'EdDSA');
    const { attributes = [], signature } = takeApart(await buildSignedData(order(of)));
    const key = openssl.writePem('ed.pem', [{ label: 'PUBLIC KEY', der: of.signer.spki }]);
    const judged = (signed: Uint8Array) =>
      openssl.run(
        'pkeyutl',
        '-verify',
        '-rawin',
        '-pubin',
        '-inkey',
        key,
        '-sigfile',
        openssl.write('ed.sig', signature),
        '-in',
        openssl.write('ed.in', signed),
      );
    const good = judged(write.tlv(0x31, ...attributes));
    assert.equal(good.good, true, good.output);
    assert.equal(judged(write.tlv(0x31, ...attributes.slice(1))).good, false);
  });

  it('SM2: the signature over the signed attributes verifies there, with the identity of GB/T 35276', async () => {
    const of = await sealSigner(pki, 'SM2');
    const { attributes = [], signature } = takeApart(await buildSignedData({ ...order(of), family: 'gbt35275' }));
    const key = openssl.writePem('sm2.pem', [{ label: 'PUBLIC KEY', der: of.signer.spki }]);
    const judged = (signed: Uint8Array) =>
      openssl.run(
        'dgst',
        '-sm3',
        '-verify',
        key,
        '-sigopt',
        'distid:1234567812345678',
        '-signature',
        openssl.write('sm2.sig', signature),
        openssl.write('sm2.in', signed),
      );
    const good = judged(write.tlv(0x31, ...attributes));
    assert.equal(good.good, true, good.output);
    assert.equal(judged(write.tlv(0x31, ...attributes.slice(1))).good, false);
  });
});

describe('OpenSSL judges time stamps', () => {
  let openssl: OpensslBench;
  let pki: SandboxPki;
  before(async function () {
    openssl = needOpenssl(this);
    pki = await sandboxPki();
    openssl.write('content', content);
    openssl.write('other', utf8('another document'));
    openssl.writePem('root.pem', [{ label: 'CERTIFICATE', der: pki.root.certificate.der }]);
    openssl.writePem('ca.pem', [{ label: 'CERTIFICATE', der: pki.ca.certificate.der }]);
  });
  after(() => openssl?.remove());

  const names: Record<DigestName, string> = {
    'SHA-256': 'sha256',
    'SHA-384': 'sha384',
    'SHA-512': 'sha512',
    SM3: 'sm3',
  };

  for (const name of digestNames) {
    it(`our token over ${name} verifies there, over this content only`, async () => {
      const imprint = { digestIdentifier: writeDigestAlgorithm(name), digest: digest(name, content) };
      const token = openssl.write('token', await stamp(pki, imprint.digest, { imprint }));
      const judged = (file: string) =>
        openssl.run(
          'ts',
          '-verify',
          '-token_in',
          ...moment,
          '-in',
          token,
          '-data',
          openssl.path(file),
          '-CAfile',
          openssl.path('root.pem'),
          '-untrusted',
          openssl.path('ca.pem'),
        );
      assert.match(judged('content').output, /Verification: OK/);
      assert.doesNotMatch(judged('other').output, /Verification: OK/);
    });

    it(`a token made there over ${name} verifies here, with its nonce, over this content only`, async () => {
      const keys = generateKeyPair('RS256');
      const certificate = await issued({ ...sealOrder(pki.ca, keys.spki), profile: 'time-stamp' });
      openssl.writePem('tsa.pem', [{ label: 'CERTIFICATE', der: certificate.der }]);
      openssl.writePem('tsa.key', [{ label: 'PRIVATE KEY', der: keys.pkcs8 }]);
      openssl.write('serial', '0102');
      const config = openssl.write(
        'ts.cnf',
        [
          '[tsa]',
          'default_tsa = authority',
          '[authority]',
          `serial = ${openssl.path('serial')}`,
          `signer_cert = ${openssl.path('tsa.pem')}`,
          `signer_key = ${openssl.path('tsa.key')}`,
          'signer_digest = sha256',
          'default_policy = 1.2.3.4.1',
          `digests = ${names[name]}`,
          'accuracy = secs:1, millisecs:500, microsecs:100',
          'ess_cert_id_alg = sha256',
          '',
        ].join('\n'),
      );
      const query = openssl.run(
        'ts',
        '-query',
        `-${names[name]}`,
        '-cert',
        '-data',
        openssl.path('content'),
        '-out',
        openssl.path('query'),
      );
      assert.equal(query.good, true, query.output);
      const reply = openssl.run(
        'ts',
        '-reply',
        '-config',
        config,
        '-queryfile',
        openssl.path('query'),
        '-token_out',
        '-out',
        openssl.path('made'),
      );
      assert.equal(reply.good, true, reply.output);
      const token = openssl.read('made');
      const result = verifyTimestampToken({ token, imprint: (under) => digest(under, content) });
      assert.deepEqual([result.intact, result.valid], [true, true], JSON.stringify(result.findings));
      assert.deepEqual([result.policyOid, result.accuracySeconds], ['1.2.3.4.1', 1.5001]);
      assert.equal(result.nonce === undefined, false);
      assert.deepEqual(result.signerCertificate?.der, certificate.der);
      assert.equal(verifyTimestampToken({ token, imprint: (under) => digest(under, utf8('x')) }).intact, false);
    });
  }
});
