// BouncyCastle and we agree on SM2: certificates, and CMS under the identifiers of RFC 5652 and of GB/T 35275-2017, in both directions.

import assert from 'node:assert/strict';
import { digest } from '../../../src/crypto/digest.ts';
import { generateKeyPair } from '../../../src/crypto/key-material.ts';
import { createSigner } from '../../../src/crypto/signer.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { moment } from '../../../src/kernel/clock.ts';
import { buildAttachedData, buildSignedData } from '../../../src/pki/cms.ts';
import type { CmsFamily } from '../../../src/pki/signed-data.ts';
import { verifySignedData } from '../../../src/pki/verify-cms.ts';
import { type BouncyCastle, needBouncyCastle } from '../../support/bouncy-castle.ts';
import { needOpenssl, type OpensslBench } from '../../support/openssl.ts';
import { putTogether, takeApart } from '../../unit/pki/bent-cms.ts';
import { type Identity, issued, notBefore, sealOrder, serial } from '../../unit/pki/sandbox-pki.ts';

const content = utf8('the signed byte ranges of a document');
const families: readonly CmsFamily[] = ['rfc5652', 'gbt35275'];

describe('BouncyCastle judges SM2', () => {
  let java: BouncyCastle;
  let files: OpensslBench;
  let root: Identity;
  let seal: Identity;
  let pkcs8: Uint8Array;
  const order = () => ({
    contentDigest: digest('SM3', content),
    digestAlgorithm: 'SM3' as const,
    ...seal,
    chain: [root.certificate],
  });

  before(async function () {
    java = needBouncyCastle(this);
    files = needOpenssl(this);
    const rootSigner = createSigner({
      keyName: 'root',
      purpose: 'root-ca',
      algorithm: 'SM2',
      ...generateKeyPair('SM2'),
    });
    root = {
      signer: rootSigner,
      certificate: await issued({
        profile: 'root-ca',
        subject: { country: 'CN', commonName: 'SM2 Root' },
        spki: rootSigner.spki,
        issuer: { signer: rootSigner },
        serial: serial(),
        notBefore,
        notAfter: moment('2045-01-01T00:00:00Z'),
        urls: {},
      }),
    };
    const caSigner = createSigner({
      keyName: 'ca',
      purpose: 'issuing-ca',
      algorithm: 'SM2',
      ...generateKeyPair('SM2'),
    });
    const ca = {
      signer: caSigner,
      certificate: await issued({
        ...sealOrder(root, caSigner.spki),
        profile: 'issuing-ca',
        subject: { country: 'CN', commonName: 'SM2 Issuing CA' },
        notAfter: moment('2035-01-01T00:00:00Z'),
      }),
    };
    const keys = generateKeyPair('SM2');
    pkcs8 = keys.pkcs8;
    const signer = createSigner({ keyName: 'seal', purpose: 'seal', algorithm: 'SM2', ...keys });
    seal = { signer, certificate: await issued(sealOrder(ca, signer.spki)) };
    files.write('root.cer', root.certificate.der);
    files.write('ca.cer', ca.certificate.der);
    files.write('seal.cer', seal.certificate.der);
    files.write('content', content);
    files.write('other', utf8('another document'));
  });
  after(() => {
    java?.remove();
    files?.remove();
  });

  it('certificates are signed by their issuers, and by nobody else', () => {
    const pair = (certificate: string, issuer: string) => ['certificate', files.path(certificate), files.path(issuer)];
    const commands = [
      pair('root.cer', 'root.cer'),
      pair('ca.cer', 'root.cer'),
      pair('seal.cer', 'ca.cer'),
      pair('seal.cer', 'root.cer'),
    ];
    assert.deepEqual(java.judge(commands), ['good', 'good', 'good', 'bad']);
  });

  it('messages made by us verify there, detached and attached, under both families of identifiers', async () => {
    const commands: string[][] = [];
    for (const family of families) {
      const detached = files.write(`${family}.p7s`, await buildSignedData({ ...order(), family }));
      const attached = files.write(`${family}.p7m`, await buildAttachedData({ ...order(), content, family }));
      commands.push(['verify', detached, files.path('content')], ['verify', attached]);
    }
    assert.deepEqual(java.judge(commands), ['good', 'good', 'good', 'good']);
  });

  it('messages made by us are refused there over another content or with a changed signature', async () => {
    const commands: string[][] = [];
    for (const family of families) {
      const cms = await buildSignedData({ ...order(), family });
      const parts = takeApart(cms);
      const last = parts.signature.length - 1;
      const signature = parts.signature.with(last, (parts.signature[last] ?? 0) ^ 1);
      const changed = files.write(`${family}.changed`, await putTogether({ ...parts, signature }));
      commands.push(['verify', files.write(`${family}.p7s`, cms), files.path('other')]);
      commands.push(['verify', changed, files.path('content')]);
    }
    const answers = java.judge(commands);
    assert.deepEqual(
      answers.map((answer) => answer.startsWith('refused') || answer === 'bad'),
      [true, true, true, true],
      answers.join('\n'),
    );
  });

  it('messages made there verify here, detached and attached, and not over another content', () => {
    const key = files.write('seal.p8', pkcs8);
    const kinds = ['attached', 'detached'] as const;
    const made = families.flatMap((family) =>
      kinds.map((kind) => ({ family, kind, path: files.path(`${family}.${kind}`) })),
    );
    const [certificate, signed] = [files.path('seal.cer'), files.path('content')];
    const commands = made.map(({ family, kind, path }) => ['sign', family, kind, key, certificate, signed, path]);
    assert.deepEqual(
      java.judge(commands),
      made.map(() => 'good'),
    );
    for (const { family, kind } of made) {
      const cms = files.read(`${family}.${kind}`);
      const inside = kind === 'attached';
      const result = verifySignedData({ cms, content: inside ? 'inside' : content, families: [family] });
      const told = result.findings.filter(({ code }) => code !== 'signing-time-attribute');
      assert.deepEqual([result.intact, result.valid, told], [true, true, []], `${family} ${kind}`);
      assert.deepEqual(result.signerCertificate?.der, seal.certificate.der);
      if (inside) assert.deepEqual(result.content, content);
      else assert.equal(verifySignedData({ cms, content: utf8('x'), families: [family] }).intact, false);
    }
  });
});
