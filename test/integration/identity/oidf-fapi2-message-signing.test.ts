// The modules of the OpenID Foundation's plan for FAPI 2.0 Message Signing, by their names: signed request objects at PAR, signed answers (JARM).

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import type { Browser, Page } from './browser.ts';
import { type Changes, FapiClient, type Members, now } from './fapi-client.ts';
import { callback, person, type Service, startService } from './service.ts';

describe('FAPI 2.0 Message Signing: fapi2-message-signing-final-*', () => {
  let service: Service;
  let client: FapiClient;
  let other: FapiClient;
  let browser: Browser;

  before(async () => {
    service = await startService();
    await person(service.identity, 'alice', 3);
    client = await new FapiClient(service, 'signing-web').register({
      profile: 'fapi2-message-signing',
      responseModes: ['jwt', 'form_post.jwt'],
    });
    other = await new FapiClient(service, 'signing-other').register({ profile: 'fapi2-message-signing' });
    browser = service.browser();
    await authorized({});
  });
  after(() => service.close());

  async function authorized(parameters: Members, changes: Changes = {}): Promise<Page> {
    const request = await client.requestObject({ response_mode: 'jwt', ...parameters }, changes);
    const { json } = await client.push({ request });
    return client.authorized(browser, String(json['request_uri']));
  }

  async function answer(page: Page): Promise<JWTPayload> {
    const keys = createRemoteJWKSet(new URL(`${client.issuer}/jwks`));
    const { searchParams } = new URL(page.url);
    assert.deepEqual([...searchParams.keys()], ['response'], page.url);
    const response = searchParams.get('response') ?? '';
    const { payload, protectedHeader } = await jwtVerify(response, keys, {
      issuer: client.issuer,
      audience: 'signing-web',
      requiredClaims: ['exp'],
    });
    assert.equal(protectedHeader.alg, 'ES256');
    return payload;
  }

  it('happy-flow: a signed request, a signed answer, and an audit entry before the signature', async () => {
    const before = (await service.entries('authorization.answered')).length;
    const { code, state } = await answer(await authorized({ state: 'signed state' }));
    assert.equal(state, 'signed state');
    const { status, json } = await client.token({ code });
    assert.deepEqual([status, json['token_type']], [200, 'DPoP']);
    const entries = await service.entries('authorization.answered');
    assert.equal(entries.length, before + 1);
    const { clientId, facts } = entries.at(-1) ?? {};
    assert.deepEqual(
      [clientId, facts?.['client'], typeof facts?.['keyName']],
      ['signing-web', 'signing-web', 'string'],
    );
  });

  it('user-rejects-authentication: the refusal is signed too', async () => {
    const fresh = service.browser();
    const { json } = await client.push({ request: await client.requestObject({ response_mode: 'jwt' }) });
    const page = await fresh.open(client.address(String(json['request_uri'])));
    const { error, state, code } = await answer(await fresh.submit(page, '/cancel', {}));
    assert.deepEqual([error, state, code], ['access_denied', 'the state', undefined]);
  });

  it('form_post.jwt: the signed answer in a form of ours', async () => {
    const page = await authorized({ response_mode: 'form_post.jwt' });
    assert.equal(page.status, 200);
    assert.match(
      page.text,
      new RegExp(`<form method="post" action="${callback}">\\s*<input type="hidden" name="response"`),
    );
    assert.doesNotMatch(page.headers.get('content-security-policy') ?? '', /form-action/);
  });

  it('ensure-different-nonce-inside-and-outside-request-object and ensure-different-state-inside-and-outside-request-object: what is signed counts', async () => {
    const request = await client.requestObject({ response_mode: 'jwt', state: 'inside', nonce: 'inside' });
    const { json } = await client.push({ request, state: 'outside', nonce: 'outside', scope: 'openid' });
    const page = await client.authorized(browser, String(json['request_uri']));
    const { state, code } = await answer(page);
    assert.equal(state, 'inside');
    const tokens = await client.token({ code });
    const [, body = ''] = String(tokens.json['id_token']).split('.');
    assert.equal(JSON.parse(Buffer.from(body, 'base64url').toString()).nonce, 'inside');
  });

  it('state-only-outside-request-object-not-used', async () => {
    const request = await client.requestObject({ response_mode: 'jwt', state: undefined });
    const { json } = await client.push({ request, state: 'outside' });
    const { state } = await answer(await client.authorized(browser, String(json['request_uri'])));
    assert.equal(state, undefined);
  });

  it('ensure-request-object-with-multiple-aud-succeeds', async () => {
    const request = await client.requestObject(
      { response_mode: 'jwt' },
      { claims: { aud: ['https://other.example', client.issuer] } },
    );
    assert.equal((await client.push({ request })).status, 201);
  });

  it('ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted', async () => {
    const request = await client.requestObject({ response_mode: 'jwt' }, { claims: { nbf: now() + 8 } });
    const { json } = await client.push({ request });
    const { code } = await answer(await client.authorized(browser, String(json['request_uri'])));
    assert.equal((await client.token({ code })).status, 200);
  });

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const refused: readonly [string, () => Changes][] = [
    ['ensure-request-object-without-exp-fails', () => ({ claims: { exp: undefined } })],
    ['ensure-request-object-without-nbf-fails', () => ({ claims: { nbf: undefined } })],
    ['ensure-expired-request-object-fails', () => ({ claims: { nbf: now() - 600, exp: now() - 300 } })],
    ['ensure-request-object-with-bad-aud-fails', () => ({ claims: { aud: 'https://evil.example' } })],
    ['ensure-request-object-without-aud-fails', () => ({ claims: { aud: undefined } })],
    ['ensure-request-object-with-exp-over-60-fails', () => ({ claims: { exp: now() + 4200 } })],
    ['ensure-request-object-with-nbf-over-60-fails', () => ({ claims: { nbf: now() - 4200 } })],
    ['ensure-request-object-with-nbf-in-the-future-fails', () => ({ claims: { nbf: now() + 70, exp: now() + 90 } })],
    ['ensure-request-object-with-another-iss-fails', () => ({ claims: { iss: 'signing-other' } })],
    ['ensure-request-object-with-another-client-fails', () => ({ claims: { client_id: 'signing-other' } })],
    ['ensure-signed-request-object-with-RS256-fails', () => ({ header: { alg: 'RS256' }, key: rsa.privateKey })],
    ['ensure-request-object-signature-algorithm-is-not-none', () => ({ header: { alg: 'none' } })],
    ['ensure-request-object-with-invalid-signature-fails', () => ({ key: rsa.privateKey, header: { alg: 'PS256' } })],
    ['ensure-matching-key-in-authorization-request', () => ({ key: other.keys.privateKey })],
    ['a request inside the request object', () => ({ claims: { request: 'x' } })],
    [
      'par-authorization-request-containing-request_uri',
      () => ({ claims: { request_uri: 'urn:ietf:params:oauth:request_uri:x' } }),
    ],
  ];
  for (const [module, changes] of refused) {
    it(module, async () => {
      const { status, json } = await client.push({
        request: await client.requestObject({ response_mode: 'jwt' }, changes()),
      });
      assert.deepEqual([status, json['error']], [400, 'invalid_request_object'], JSON.stringify(json));
    });
  }

  const pushedWrong: readonly [string, Members, string][] = [
    ['ensure-request-object-without-redirect-uri-fails', { redirect_uri: undefined }, 'invalid_request'],
    ['ensure-registered-redirect-uri', { redirect_uri: 'https://evil.example/' }, 'invalid_request'],
    ['an answer that is not signed', { response_mode: 'query' }, 'invalid_request'],
  ];
  for (const [module, parameters, error] of pushedWrong) {
    it(module, async () => {
      const { status, json } = await client.push({
        request: await client.requestObject({ response_mode: 'jwt', ...parameters }),
      });
      assert.deepEqual([status, json['error']], [400, error], JSON.stringify(json));
    });
  }

  it('ensure-unsigned-request-at-par-endpoint-fails', async () => {
    const { status, json } = await client.push(client.parameters({ response_mode: 'jwt' }));
    assert.deepEqual([status, json['error']], [400, 'invalid_request'], JSON.stringify(json));
  });

  it('ensure-authorization-request-without-par-fails, signed or not', async () => {
    const request = await client.requestObject({ response_mode: 'jwt' });
    const query = new URLSearchParams({ client_id: 'signing-web', request });
    const page = await browser.open(`${client.issuer}/auth?${query.toString()}`);
    assert.ok(!new URL(page.url).searchParams.has('code'), page.url);
  });
});
