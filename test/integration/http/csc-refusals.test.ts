// What is refused at the API of the Cloud Signature Consortium, and in whose words; CSC API 2.2, 10.1, RFC 6750, RFC 9396, docs/csc.md.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as oidc from 'openid-client';
import * as seals from '../../../src/contract/seals.ts';
import { toBase64, toBase64url } from '../../../src/kernel/bytes.ts';
import { house } from '../../../src/kernel/principal.ts';
import { clients } from '../../../src/sandbox/city.ts';
import { ApiClient } from '../../support/api-client.ts';
import { systemSecret } from '../../support/client-token.ts';
import {
  type CscAnswer,
  CscClient,
  credentialDetail,
  cscCallback,
  ecdsaSha256Oid,
  sha256Oid,
} from '../../support/csc-client.ts';
import { schemaFaults } from '../../support/json-schema.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { errorSchema } from '../../vectors/csc.ts';
import { Browser } from '../identity/browser.ts';

const fresh = () => new Uint8Array(randomBytes(32));

describe('CSC API 2.2, 10.1: refusals', () => {
  let server: TestServer;
  let client: CscClient;
  let system: string;
  let service: string;
  let sealId: string;
  let otherSealId: string;

  before(async () => {
    server = await startServer();
    client = await CscClient.at(server.url);
    system = await server.systemToken(['service', 'credential']);
    service = (await client.personToken('clerk1', { scope: 'service' })).access_token;
    const { items } = await server.services.seals.list(house);
    const company = items.filter(({ organisation }) => organisation.uscc === '91990000XTEXT000XQ');
    sealId = company.find(({ type }) => type === 'contract')?.sealId ?? '';
    otherSealId = company.find(({ type }) => type === 'unit')?.sealId ?? '';
  });
  after(() => server.stop());

  function refused(answer: CscAnswer, status: number, error: string): void {
    assert.deepEqual([answer.status, answer.json['error']], [status, error], JSON.stringify(answer.json));
    assert.deepEqual(schemaFaults(errorSchema, errorSchema, answer.json), []);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    if (status === 401) assert.match(answer.headers.get('www-authenticate') ?? '', /^(Bearer|DPoP) /);
  }

  it('10.1: a call without a token, or with none of ours, is not answered; info is', async () => {
    for (const method of ['credentials/list', 'credentials/info', 'signatures/signHash']) {
      refused(await client.call(method, { credentialID: sealId }), 401, 'invalid_token');
      refused(await client.call(method, { credentialID: sealId }, 'e30.e30.e30'), 401, 'invalid_token');
    }
    assert.equal((await client.call('info', {})).status, 200);
    refused(await client.call('signatures/signDoc', {}, system), 404, 'invalid_request');
    const { status } = await fetch(`${server.url}/csc/v2/info`);
    assert.equal(status, 405);
  });

  const good = () => ({
    credentialID: sealId,
    hashes: [toBase64(fresh())],
    hashAlgorithmOID: sha256Oid,
    signAlgo: ecdsaSha256Oid,
  });
  const bad: readonly (readonly [string, () => object])[] = [
    ['no credential', () => ({ ...good(), credentialID: undefined })],
    ['a credential that is none', () => ({ ...good(), credentialID: 'GX0112348' })],
    ['a credential that is not there', () => ({ ...good(), credentialID: 'seal_01jd0000000000000000000000' })],
    ['no hashes', () => ({ ...good(), hashes: undefined })],
    ['empty hashes', () => ({ ...good(), hashes: [] })],
    ['a hash of 20 bytes', () => ({ ...good(), hashes: [toBase64(randomBytes(20))] })],
    ['a hash of 48 bytes', () => ({ ...good(), hashes: [toBase64(randomBytes(48))] })],
    ['base64 with a stray bit', () => ({ ...good(), hashes: [`${'A'.repeat(42)}B=`] })],
    ['hex', () => ({ ...good(), hashes: ['ab'.repeat(32)] })],
    ['hashes that are text', () => ({ ...good(), hashes: toBase64(fresh()) })],
    ['SHA-384', () => ({ ...good(), hashAlgorithmOID: '2.16.840.1.101.3.4.2.2' })],
    ['no signAlgo', () => ({ ...good(), signAlgo: undefined })],
    ['RSA', () => ({ ...good(), signAlgo: '1.2.840.113549.1.1.11' })],
    ['parameters of an algorithm', () => ({ ...good(), signAlgoParams: 'BQA=' })],
    ['asynchronous mode', () => ({ ...good(), operationMode: 'A' })],
    ['a list', () => []],
  ];
  for (const [what, body] of bad) {
    it(`11.10: ${what}`, async () => {
      refused(await client.call('signatures/signHash', body(), system), 400, 'invalid_request');
    });
  }

  it('11.4: whose credentials they are follows from the token, and a page token is one of this list', async () => {
    refused(await client.call('credentials/list', { userID: 'legal1' }, service), 400, 'invalid_request');
    refused(await client.call('credentials/list', { pageToken: 'next' }, service), 400, 'invalid_request');
    refused(await client.call('credentials/list', { maxResults: 0 }, service), 400, 'invalid_request');
  });

  it('8.1: a token for the service signs nothing, one for digests lists nothing, and neither stamps', async () => {
    refused(await client.signHash(service, sealId, [fresh()]), 403, 'insufficient_scope');
    const { access_token: leave } = await client.leave('clerk1', sealId, [{ digest: fresh() }]);
    refused(await client.call('credentials/list', {}, leave), 403, 'insufficient_scope');
    refused(await client.call('credentials/info', { credentialID: otherSealId }, leave), 403, 'insufficient_scope');
    assert.equal((await client.call('credentials/info', { credentialID: sealId }, leave)).status, 200);
    for (const token of [leave, service]) {
      const api = new ApiClient({ url: server.url, token });
      assert.equal((await api.refusal(seals.listSeals)).code, 'scope-missing');
    }
  });

  it('SCAL 2: no digest but those of the token, no other seal, each once, and no more after the last', async () => {
    const [first, second] = [fresh(), fresh()];
    const { access_token: leave } = await client.leave('clerk1', sealId, [{ digest: first }, { digest: second }]);
    refused(await client.signHash(leave, sealId, [fresh()]), 403, 'insufficient_scope');
    refused(await client.signHash(leave, sealId, [first, fresh()]), 403, 'insufficient_scope');
    refused(await client.signHash(leave, otherSealId, [first]), 403, 'insufficient_scope');
    assert.equal((await client.signHash(leave, sealId, [first])).status, 200);
    refused(await client.signHash(leave, sealId, [first]), 403, 'insufficient_scope');
    refused(await client.signHash(leave, sealId, [second, first]), 403, 'insufficient_scope');
    assert.equal((await client.signHash(leave, sealId, [second])).status, 200);
    refused(await client.signHash(leave, sealId, [second]), 403, 'insufficient_scope');
  });

  it('a person without a mandate for the seal has none, whatever they agree to', async () => {
    const { access_token: leave } = await client.leave('citizen1', sealId, [{ digest: fresh() }]);
    const answer = await client.signHash(leave, sealId, [fresh()]);
    assert.equal(answer.status, 403);
    const stranger = (await client.personToken('citizen1', { scope: 'service' })).access_token;
    refused(await client.call('credentials/list', {}, stranger), 403, 'insufficient_scope');
    refused(await client.call('credentials/info', { credentialID: sealId }, stranger), 403, 'insufficient_scope');
  });

  it('11.10, SAD: the leave of another person, or of another client, is not good beside a token for the service', async () => {
    const digest = fresh();
    const { access_token: ofLegal } = await client.leave('legal1', sealId, [{ digest }]);
    refused(await client.signHash(service, sealId, [digest], { SAD: ofLegal }), 401, 'invalid_token');
    refused(await client.signHash(service, sealId, [digest], { SAD: service }), 403, 'insufficient_scope');
    refused(await client.signHash(service, sealId, [digest], { SAD: 'e30.e30.e30' }), 401, 'invalid_token');
    const onlyService = await server.systemToken(['service']);
    refused(await client.signHash(onlyService, sealId, [digest], { SAD: ofLegal }), 401, 'invalid_token');
    const own = (await client.leave('clerk1', sealId, [{ digest }])).access_token;
    assert.equal((await client.signHash(service, sealId, [digest], { SAD: own })).status, 200);
    refused(await client.signHash(service, sealId, [digest], { SAD: own }), 403, 'insufficient_scope');
  });

  it('RFC 9449: a token that is bound to a key is no bearer token, neither in the header nor as SAD', async () => {
    const clientId = 'bound-signer';
    await server.services.identity.clients.register(
      {
        clientId,
        kind: 'system',
        name: '绑定',
        nameEn: 'Bound',
        secret: systemSecret,
        apiScopes: ['service', 'credential'],
        dpopBound: true,
      },
      house,
    );
    const config = await oidc.discovery(new URL(`${server.url}/oidc`), clientId, systemSecret, undefined, {
      execute: [oidc.allowInsecureRequests],
    });
    const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'));
    const { access_token: bound, token_type: type } = await oidc.clientCredentialsGrant(
      config,
      { scope: 'credential' },
      { DPoP },
    );
    assert.equal(type, 'dpop');
    refused(await client.signHash(bound, sealId, [fresh()]), 401, 'invalid_token');
    refused(
      await client.signHash(await server.systemToken(['service']), sealId, [fresh()], { SAD: bound }),
      401,
      'invalid_token',
    );
    refused(
      await client.call('signatures/signHash', good(), undefined, { authorization: `DPoP ${bound}` }),
      401,
      'invalid_token',
    );
  });

  it('a system signs with the seals that were let to it, until they are taken back', async () => {
    assert.equal((await client.signHash(system, sealId, [fresh()])).status, 200);
    await server.services.sealOffice.systems.withdraw(house, otherSealId, 'sandbox-system');
    const answer = await client.signHash(system, otherSealId, [fresh()]);
    refused(answer, 403, 'access_denied');
    refused(await client.call('credentials/info', { credentialID: otherSealId }, system), 400, 'invalid_request');
  });

  it('RFC 9396: the scope alone, or details that are not as the type says, are refused before anybody is asked', async () => {
    const push = async (asked: Record<string, string>, clientId = 'sandbox-signer'): Promise<[number, unknown]> => {
      const response = await fetch(`${server.url}/csc/v2/oauth2/pushed_authorize`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${clientId}:sandbox-signer-secret`)}` },
        body: new URLSearchParams({
          client_id: clientId,
          response_type: 'code',
          redirect_uri: cscCallback,
          code_challenge: toBase64url(fresh()),
          code_challenge_method: 'S256',
          ...asked,
        }),
      });
      const json: Record<string, unknown> = JSON.parse(await response.text());
      return [response.status, json['error']];
    };
    assert.deepEqual(await push({ scope: 'credential' }), [400, 'invalid_scope']);
    const detail = credentialDetail(sealId, [{ digest: fresh(), label: '合同' }]);
    const [digest] = detail.documentDigests;
    const wrong: readonly object[] = [
      { ...detail, type: 'https://cloudsignatureconsortium.org/2024/credential' },
      { ...detail, credentialID: 'GX0112348' },
      { ...detail, numSignatures: 2 },
      { ...detail, hashAlgorithmOID: '2.16.840.1.101.3.4.2.3' },
      { ...detail, documentDigests: [] },
      { ...detail, documentDigests: [digest, digest], numSignatures: 2 },
      { ...detail, documentDigests: [{ ...digest, hashType: 'SDR' }] },
      { ...detail, documentDigests: [{ ...digest, label: '合\n同' }] },
      { ...detail, documentDigests: [{ ...digest, circumstantialData: 'x' }] },
      { ...detail, signatureQualifier: 'eu_eidas_qes' },
      { ...detail, locations: ['https://elsewhere.example'] },
    ];
    for (const one of wrong)
      assert.deepEqual(
        await push({ authorization_details: JSON.stringify([one]) }),
        [400, 'invalid_authorization_details'],
        JSON.stringify(one),
      );
    const two = JSON.stringify([detail, { ...detail, credentialID: otherSealId }]);
    assert.deepEqual(await push({ authorization_details: two }), [400, 'invalid_authorization_details']);
    const more = JSON.stringify([detail]);
    assert.deepEqual(await push({ authorization_details: more, scope: 'credential service' }), [
      400,
      'invalid_authorization_details',
    ]);
    const keeps = clients.find(({ clientId }) => clientId === 'sandbox-signer') ?? assert.fail();
    await server.services.identity.clients.register(
      { ...keeps, clientId: 'keeping-signer', offlineAccess: true },
      house,
    );
    const forever = { authorization_details: more, scope: 'openid offline_access', prompt: 'consent' };
    assert.deepEqual(await push(forever, 'keeping-signer'), [400, 'invalid_authorization_details']);
    assert.equal(
      (
        await push({
          authorization_details: JSON.stringify([{ ...detail, locations: [`${server.url}/csc/v2`] }]),
          scope: 'credential',
        })
      )[0],
      201,
    );
  });

  it('8.4.2: parameters without RAR lead to the same page, which names seal, documents and digests', async () => {
    const digest = Uint8Array.from({ length: 32 }, (_, i) => i * 7);
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: 'sandbox-signer',
      redirect_uri: cscCallback,
      code_challenge: toBase64url(fresh()),
      code_challenge_method: 'S256',
      scope: 'credential',
      credentialID: sealId,
      numSignatures: '1',
      hashes: toBase64url(digest),
      hashAlgorithmOID: sha256Oid,
      description: '<b>年度合同</b>',
    });
    const browser = new Browser({ stopAt: cscCallback });
    const page = await browser.open(`${server.url}/csc/v2/oauth2/authorize?${query.toString()}`);
    const asked = await browser.submit(page, page.url.slice(page.url.lastIndexOf('/')), {
      loginName: 'clerk1',
      password: 'sandbox-Pass-2026',
    });
    assert.match(asked.text, /沙箱市测试科技有限公司合同专用章（沙箱市测试科技有限公司）/);
    assert.match(asked.text, /以下 1 份文件/);
    assert.match(asked.text, /&lt;b&gt;年度合同&lt;\/b&gt; <code>00070e15 1c232a31 …<\/code>/);
  });
});
