// Somebody else's software stamps with our seals while its documents stay with it; Cloud Signature Consortium API 2.2, RFC 9396.

import assert from 'node:assert/strict';
import { createHash, randomBytes, verify, X509Certificate } from 'node:crypto';
import { PDF } from '@libpdf/core';
import { decodeJwt } from 'jose';
import * as verifications from '../../../src/contract/verifications.ts';
import { fromBase64 } from '../../../src/kernel/bytes.ts';
import { house } from '../../../src/kernel/principal.ts';
import { CscClient, credentialDetail } from '../../support/csc-client.ts';
import { judged } from '../../support/foreign-judges.ts';
import { memberOf, schemaFaults } from '../../support/json-schema.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { credentialSchema, infoSchema, listSchema, signaturesSchema } from '../../vectors/csc.ts';

const sha256 = (data: Uint8Array) => new Uint8Array(createHash('sha256').update(data).digest());

describe('CSC API 2.2: remote signing with our seals', () => {
  let server: TestServer;
  let client: CscClient;
  let service: string;
  let sealId: string;
  let otherSealId: string;
  let leaf: X509Certificate;

  before(async () => {
    server = await startServer();
    client = await CscClient.at(server.url);
    service = (await client.personToken('clerk1', { scope: 'service' })).access_token;
    const { items } = await server.services.seals.list(house);
    const company = items.filter(({ organisation }) => organisation.uscc === '91990000XTEXT000XQ');
    sealId = company.find(({ type }) => type === 'contract')?.sealId ?? '';
    otherSealId = company.find(({ type }) => type === 'unit')?.sealId ?? '';
    const { json } = await client.call('credentials/info', { credentialID: sealId }, service);
    leaf = certificatesOf(json)[0] ?? assert.fail('no certificate');
  });
  after(() => server.stop());

  function certificatesOf(json: unknown): X509Certificate[] {
    const listed = memberOf(json, 'cert', 'certificates');
    return (Array.isArray(listed) ? listed : []).map(
      (text) => new X509Certificate(fromBase64(String(text)) ?? new Uint8Array()),
    );
  }

  function signaturesOf(json: unknown): Uint8Array[] {
    const listed = memberOf(json, 'signatures');
    return (Array.isArray(listed) ? listed : []).map((text) => fromBase64(String(text)) ?? new Uint8Array());
  }

  it('11.4: lists the seals of the organisation that the person acts for, and none in SM2', async () => {
    const { status, json } = await client.call('credentials/list', {}, service);
    assert.equal(status, 200);
    assert.deepEqual(new Set(Object.values(json['credentialIDs'] ?? [])), new Set([sealId, otherSealId]));
  });

  it('11.1: tells what it can do, in the language asked for', async () => {
    const { status, json } = await client.call('info', {}, undefined, { 'accept-language': 'en' });
    assert.deepEqual([status, schemaFaults(infoSchema, infoSchema, json)], [200, []]);
    assert.deepEqual([json['region'], json['lang'], json['oauth2']], ['CN', 'en-US', `${server.url}/csc/v2`]);
    assert.equal((await client.call('info', {})).json['lang'], 'zh-CN');
  });

  it('11.4: pages through the list, each seal once, with what is known of it', async () => {
    const seen: unknown[] = [];
    let pageToken: unknown;
    do {
      const body = { maxResults: 1, onlyValid: true, credentialInfo: true, certInfo: true, pageToken };
      const { json } = await client.call('credentials/list', body, service);
      assert.deepEqual(schemaFaults(listSchema, listSchema, json), []);
      assert.equal(memberOf(json, 'onlyValid'), true);
      seen.push(...Object.values(json['credentialIDs'] ?? []));
      pageToken = json['nextPageToken'];
    } while (pageToken !== undefined);
    assert.equal(seen.length, 2);
    assert.deepEqual(new Set(seen), new Set([sealId, otherSealId]));
  });

  for (const [certificates, count] of [
    ['none', 0],
    ['single', 1],
    ['chain', 3],
  ] as const) {
    it(`11.5: certificates: ${certificates}`, async () => {
      const body = { credentialID: sealId, certificates, certInfo: true, authInfo: true, clientData: 'x', lang: 'de' };
      const { json } = await client.call('credentials/info', body, service);
      assert.deepEqual(schemaFaults(credentialSchema, credentialSchema, json), []);
      const chain = certificatesOf(json);
      assert.equal(chain.length, count);
      assert.ok(chain.slice(1).every((issuer, i) => chain[i]?.checkIssued(issuer)));
      assert.ok(certificates !== 'chain' || chain.at(-1)?.subject === chain.at(-1)?.issuer);
      assert.deepEqual(
        [
          memberOf(json, 'key', 'status'),
          memberOf(json, 'cert', 'status'),
          json['SCAL'],
          memberOf(json, 'auth', 'mode'),
        ],
        ['enabled', 'valid', '2', 'oauth2code'],
      );
      assert.equal(String(memberOf(json, 'cert', 'serialNumber')).toUpperCase(), leaf.serialNumber);
      assert.match(
        String(memberOf(json, 'cert', 'subjectDN')),
        /^CN=沙箱市测试科技有限公司合同专用章,2\.5\.4\.97=#0c18[0-9a-f]{48},O=沙箱市测试科技有限公司,C=CN$/,
      );
    });
  }

  it('11.5: a business system is told that its leave is bound to no digest, and a stopped seal is disabled', async () => {
    const system = await server.systemToken(['service']);
    const { json } = await client.call('credentials/info', { credentialID: otherSealId }, system);
    assert.deepEqual([json['SCAL'], memberOf(json, 'auth', 'mode')], ['1', 'oauth2client']);
    await server.services.seals.changeStatus(house, otherSealId, 'suspended', '停用');
    const stopped = await client.call('credentials/info', { credentialID: otherSealId }, system);
    assert.equal(memberOf(stopped.json, 'key', 'status'), 'disabled');
    const { json: valid } = await client.call('credentials/list', { onlyValid: true }, service);
    assert.deepEqual(valid['credentialIDs'], [sealId]);
    await server.services.seals.changeStatus(house, otherSealId, 'active', '恢复');
  });

  it('RFC 9396, 7: the token answer says what was agreed to, and the token lives five minutes', async () => {
    const digest = new Uint8Array(randomBytes(32));
    const answer = await client.leave('clerk1', sealId, [{ digest, label: '甲' }]);
    assert.deepEqual(answer['authorization_details'], [credentialDetail(sealId, [{ digest, label: '甲' }])]);
    const { exp = 0, iat = 0 } = decodeJwt(answer.access_token);
    assert.equal(exp - iat, 300);
    assert.equal(answer.refresh_token, undefined);
  });

  it('11.10: signs a digest that the person allowed; the key of the certificate verifies it', async () => {
    const data = randomBytes(100);
    const pages: string[] = [];
    const { access_token: token } = await client.leave(
      'clerk1',
      sealId,
      [{ digest: sha256(data), label: '采购合同.pdf' }],
      pages,
    );
    const { status, json } = await client.signHash(token, sealId, [sha256(data)]);
    assert.equal(status, 200, JSON.stringify(json));
    assert.deepEqual(schemaFaults(signaturesSchema, signaturesSchema, json), []);
    const [signature] = signaturesOf(json);
    assert.ok(signature !== undefined && verify('sha256', data, leaf.publicKey, signature));
    assert.match(pages.join('\n'), /采购合同\.pdf/);
  });

  it('@libpdf/core signs a PDF that never comes here; pdfsig and our own verifier find it good', async function () {
    const { json } = await client.call('credentials/info', { credentialID: sealId, certificates: 'chain' }, service);
    const [certificate, ...chain] = certificatesOf(json).map(({ raw }) => new Uint8Array(raw));
    assert.ok(certificate !== undefined && chain.length === 2);
    const pdf = await PDF.load(samplePdf());
    const { bytes } = await pdf.sign({
      signer: {
        certificate,
        certificateChain: chain,
        keyType: 'EC',
        signatureAlgorithm: 'ECDSA',
        sign: async (data) => {
          const digest = sha256(data);
          const { access_token: token } = await client.leave('clerk1', sealId, [{ digest, label: '样例.pdf' }]);
          return signaturesOf((await client.signHash(token, sealId, [digest])).json)[0] ?? new Uint8Array();
        },
      },
      reason: 'CSC',
    });
    const told = judged(bytes, 'pdfsig', '-nocert');
    if (told === undefined) this.skip();
    assert.match(told.text, /Signature is Valid\./);
    assert.match(told.text, /Total document signed/);
    const { indication, signatures } = await server.nobody.json(verifications.verifyDocument, { bytes });
    assert.deepEqual(
      [indication, ...signatures.map(({ coverage, trusted, seal }) => [coverage, trusted, seal?.sealId])],
      ['TOTAL-PASSED', ['whole-file', true, sealId]],
    );
  });
});
