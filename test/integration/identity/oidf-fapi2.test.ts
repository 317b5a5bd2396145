// The modules of the OpenID Foundation's plan for the FAPI 2.0 Security Profile, by their names, with private_key_jwt and DPoP.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import * as oidc from 'openid-client';
import { FieldCipher } from '../../../src/crypto/field-cipher.ts';
import { errors } from '../../../src/identity/engine/engine.ts';
import { OidcStore } from '../../../src/identity/engine/oidc-store.ts';
import { pushedRequests } from '../../../src/identity/engine/pushed-requests.ts';
import { randomBytes, systemClock } from '../../../src/kernel/clock.ts';
import type { Browser } from './browser.ts';
import {
  type Answer,
  type Changes,
  FapiClient,
  keyPair,
  type Members,
  now,
  post,
  publicJwk,
  unique,
  verifier,
} from './fapi-client.ts';
import { callback, person, type Service, startService } from './service.ts';

describe('FAPI 2.0 Security Profile: fapi2-security-profile-final-*', () => {
  let service: Service;
  let client: FapiClient;
  let other: FapiClient;
  let browser: Browser;

  before(async () => {
    service = await startService();
    await person(service.identity, 'alice', 3);
    client = await new FapiClient(service, 'fapi-web').register();
    other = await new FapiClient(service, 'fapi-other').register();
    browser = service.browser();
    await client.code(browser);
  });
  after(() => service.close());

  const refused = ({ status, json }: Answer, error: string, expectedStatus = error === 'invalid_client' ? 401 : 400) =>
    assert.deepEqual([status, json['error']], [expectedStatus, error], JSON.stringify(json));

  it('discovery-end-point-verification', async () => {
    const { json } = await fetch(`${client.issuer}/.well-known/openid-configuration`).then(async (response) => ({
      json: Object(await response.json()),
    }));
    assert.equal(json.issuer, client.issuer);
    assert.equal(json.pushed_authorization_request_endpoint, `${client.issuer}/request`);
    assert.equal(json.authorization_response_iss_parameter_supported, true);
    assert.deepEqual(json.token_endpoint_auth_signing_alg_values_supported, ['ES256', 'PS256', 'EdDSA']);
    assert.deepEqual(json.dpop_signing_alg_values_supported, ['ES256', 'PS256', 'EdDSA']);
    assert.ok(json.token_endpoint_auth_methods_supported.includes('private_key_jwt'));
    assert.deepEqual(json.code_challenge_methods_supported, ['S256']);
  });

  it('happy-flow, with openid-client as the client', async () => {
    const key = await crypto.subtle.importKey(
      'pkcs8',
      new Uint8Array(client.keys.privateKey.export({ format: 'der', type: 'pkcs8' })),
      { name: 'ECDSA', namedCurve: 'P-256' },
      false,
      ['sign'],
    );
    const config = await oidc.discovery(new URL(client.issuer), 'fapi-web', undefined, oidc.PrivateKeyJwt(key), {
      execute: [oidc.allowInsecureRequests],
    });
    const options = { DPoP: oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256')) };
    const url = await oidc.buildAuthorizationUrlWithPAR(
      config,
      { ...stringsOf(client.parameters()), state: 'happy' },
      options,
    );
    const page = await browser.open(url.href);
    assert.equal(new URL(page.url).searchParams.get('iss'), client.issuer);
    const tokens = await oidc.authorizationCodeGrant(
      config,
      new URL(page.url),
      { pkceCodeVerifier: verifier, expectedState: 'happy' },
      undefined,
      options,
    );
    assert.equal(tokens.token_type, 'dpop');
    const info = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '', options);
    assert.equal(info.preferred_username, 'alice');
  });

  it('user-rejects-authentication', async () => {
    const fresh = service.browser();
    const page = await fresh.open(client.address(await client.pushed()));
    const { searchParams } = new URL((await fresh.submit(page, '/cancel', {})).url);
    assert.deepEqual(
      [searchParams.get('error'), searchParams.get('state'), searchParams.get('iss')],
      ['access_denied', 'the state', client.issuer],
    );
  });

  const answered: readonly [string, Members, (params: URLSearchParams) => void][] = [
    [
      'ensure-authorization-request-without-state-success',
      { state: undefined },
      (p) => assert.equal(p.get('state'), null),
    ],
    ['ensure-authorization-request-without-nonce-success', {}, (p) => assert.equal(p.get('state'), 'the state')],
    ['ensure-authorization-request-with-64-char-nonce-success', { nonce: 'n'.repeat(64) }, () => undefined],
    ['ensure-authorization-request-with-long-nonce', { nonce: 'n'.repeat(384) }, () => undefined],
    [
      'ensure-authorization-request-with-long-state',
      { state: 's'.repeat(384) },
      (p) => assert.equal(p.get('state'), 's'.repeat(384)),
    ],
    ['ensure-other-scope-order-succeeds', { scope: 'profile openid' }, () => undefined],
  ];
  for (const [module, more, check] of answered) {
    it(module, async () => {
      const { searchParams } = new URL((await client.authorized(browser, await client.pushed(more))).url);
      check(searchParams);
      const { status, json } = await client.token({ code: searchParams.get('code') });
      assert.deepEqual([status, json['token_type']], [200, 'DPoP']);
      const claims = JSON.parse(Buffer.from(String(json['id_token']).split('.')[1] ?? '', 'base64url').toString());
      assert.equal(claims.nonce, more['nonce']);
    });
  }

  it('test-claims-parameter-identity-claims and test-essential-acr-sca-claim', async () => {
    const claims = JSON.stringify({
      id_token: { name: null, acr: { essential: true, values: ['urn:yinxin:rn:3'] } },
    });
    const fresh = service.browser();
    const { json } = await client.token({ code: await client.code(fresh, { claims }) });
    const payload = JSON.parse(Buffer.from(String(json['id_token']).split('.')[1] ?? '', 'base64url').toString());
    assert.deepEqual([payload.name, payload.acr], ['测试甲', 'urn:yinxin:rn:3']);
  });

  const badPushes: readonly [string, Members, string][] = [
    ['par-ensure-pkce-required', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['par-plain-pkce-rejected', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['ensure-response-type-code-idtoken-fails', { response_type: 'code id_token' }, 'invalid_request'],
    ['ensure-response-type-token-fails', { response_type: 'token' }, 'invalid_request'],
    ['ensure-registered-redirect-uri', { redirect_uri: 'https://evil.example/' }, 'invalid_request'],
    [
      'plain-fapi-tolerate-unregistered-redirect-uri, which we do not',
      { redirect_uri: `${callback}/unregistered` },
      'invalid_request',
    ],
    ['ensure-redirect-uri-in-authorization-request', { redirect_uri: undefined }, 'invalid_request'],
    [
      'par-authorization-request-containing-request_uri-form-param',
      { request_uri: 'urn:ietf:params:oauth:request_uri:x' },
      'request_uri_not_supported',
    ],
    ['a parameter that comes twice', { scope: ['openid', 'profile'] }, 'invalid_request'],
    ['ensure-mismatched-dpop-jkt-fails', { dpop_jkt: 'x'.repeat(43) }, 'invalid_request'],
  ];
  for (const [module, more, error] of badPushes) {
    it(module, async () => {
      const proof = await client.proof('POST', `${client.issuer}/request`);
      refused(await client.push(client.parameters(more), { proof }), error);
    });
  }

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const badAssertions: readonly [string, () => Changes][] = [
    ['ensure-signed-client-assertion-with-RS256-fails', () => ({ header: { alg: 'RS256' }, key: rsa.privateKey })],
    ['ensure-client-assertion-with-exp-is-5-minutes-in-past-fails', () => ({ claims: { exp: now() - 300 } })],
    ['an assertion that is good for more than 5 minutes', () => ({ claims: { exp: now() + 400 } })],
    ['an assertion without jti', () => ({ claims: { jti: undefined } })],
    ['ensure-client-assertion-with-wrong-aud-fails', () => ({ claims: { aud: 'https://evil.example' } })],
    ['ensure-client-assertion-with-no-sub-fails', () => ({ claims: { sub: undefined } })],
    ['an assertion with another iss', () => ({ claims: { iss: 'fapi-other' } })],
    ['par-test-array-as-audience-fails', () => ({ claims: { aud: [client.issuer] } })],
    ['par-test-par-endpoint-url-as-audience-fails', () => ({ claims: { aud: `${client.issuer}/request` } })],
    ['par-test-token-endpoint-url-as-audience-fails', () => ({ claims: { aud: `${client.issuer}/token` } })],
    [
      'par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails',
      () => ({ claims: { nbf: now() + 70 } }),
    ],
    ['an unsigned assertion', () => ({ header: { alg: 'none' } })],
    ['an assertion signed by another client', () => ({ key: other.keys.privateKey })],
  ];
  for (const [module, changes] of badAssertions) {
    it(module, async () => {
      refused(await client.push(client.parameters(), { assertion: changes() }), 'invalid_client');
    });
  }

  it('par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted', async () => {
    const { status } = await client.push(client.parameters(), { assertion: { claims: { nbf: now() + 8 } } });
    assert.equal(status, 201);
  });

  it('takes an assertion once', async () => {
    const same = { claims: { jti: unique() } };
    assert.equal((await client.push(client.parameters(), { assertion: same })).status, 201);
    refused(await client.push(client.parameters(), { assertion: same }), 'invalid_client');
  });

  it('takes PS256 and EdDSA as well', async () => {
    const ed = generateKeyPairSync('ed25519');
    const { kty = '', crv = '', x = '' } = ed.publicKey.export({ format: 'jwk' });
    const { n = '', e = '' } = rsa.publicKey.export({ format: 'jwk' });
    const both = await new FapiClient(service, 'fapi-both').register({
      jwks: {
        keys: [
          { kty, crv, x, kid: 'ed' },
          { kty: 'RSA', n, e, kid: 'rsa' },
        ],
      },
    });
    for (const [alg, key] of [['EdDSA', ed.privateKey] as const, ['PS256', rsa.privateKey] as const]) {
      assert.equal((await both.push(both.parameters(), { assertion: { header: { alg }, key } })).status, 201, alg);
    }
    refused(
      await both.push(both.parameters(), { assertion: { header: { alg: 'RS256' }, key: rsa.privateKey } }),
      'invalid_client',
    );
  });

  it('par-attempt-invalid-http-method', async () => {
    const { status } = await fetch(`${client.issuer}/request?client_id=fapi-web`);
    assert.ok(status === 404 || status === 405, String(status));
  });

  it('ensure-unsigned-authorization-request-without-using-par-fails', async () => {
    const query = new URLSearchParams({ client_id: 'fapi-web', ...stringsOf(client.parameters()) });
    const { searchParams } = new URL((await browser.open(`${client.issuer}/auth?${query.toString()}`)).url);
    assert.deepEqual([searchParams.get('error'), searchParams.get('code')], ['invalid_request', null]);
  });

  it('par-without-duplicate-parameters: client_id and request_uri are all that the browser carries', async () => {
    const address = client.address(await client.pushed());
    assert.deepEqual([...new URL(address).searchParams.keys()], ['client_id', 'request_uri']);
    const { searchParams } = new URL((await browser.open(address)).url);
    assert.deepEqual([searchParams.get('state'), searchParams.has('code')], ['the state', true]);
  });

  it('par-attempt-reuse-request_uri', async () => {
    const requestUri = await client.pushed();
    assert.ok(new URL((await client.authorized(browser, requestUri)).url).searchParams.has('code'));
    const again = await browser.open(client.address(requestUri));
    assert.ok(!again.url.startsWith(callback) && again.status === 400, again.url);
  });

  it('par-ensure-reused-request-uri-prior-to-auth-completion-succeeds, and one of the two is answered', async () => {
    const requestUri = await client.pushed();
    const [one, two] = [service.browser(), service.browser()];
    await one.open(client.address(requestUri));
    const waiting = await two.open(client.address(requestUri));
    assert.ok(new URL((await client.authorized(one, requestUri)).url).searchParams.has('code'));
    const late = await two.submit(waiting, new URL(waiting.url).pathname, {
      loginName: 'alice',
      password: 'sandbox-Pass-2026',
    });
    const end = late.text.includes('/consent"') ? await two.submit(late, '/consent', {}) : late;
    assert.ok(!new URL(end.url).searchParams.has('code'), end.url);
  });

  it('gives one of 50 answers at once the pushed request, over two processes, in each of 10 rounds', async () => {
    const { database } = service.test;
    const cipher = new FieldCipher({ keyEncryptionKey: randomBytes(32) });
    const { clients } = service.identity;
    const adapter = () =>
      pushedRequests(
        new OidcStore({ database, cipher, clients, audit: service.audit, clock: systemClock }).adapter(
          'PushedAuthorizationRequest',
        ),
      );
    const [one, two] = [adapter(), adapter()];
    for (let round = 0; round < 10; round++) {
      const id = unique();
      await one.upsert(id, { request: 'x' }, 60);
      const uses = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? one : two).consume(id));
      const outcomes = await Promise.allSettled(uses);
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof errors.InvalidRequestUri);
    }
    await assert.rejects(Promise.resolve(one.find('never pushed')), errors.InvalidRequestUri);
  });

  it('par-attempt-to-use-expired-request_uri', async () => {
    const request = await client.requestObject({}, { claims: { nbf: now() - 60, exp: now() - 5 } });
    const { json } = await client.push({ request });
    const page = await browser.open(client.address(String(json['request_uri'])));
    assert.ok(page.status === 400 && !page.url.startsWith(callback), page.url);
  });

  it('par-attempt-to-use-request_uri-for-different-client', async () => {
    const page = await browser.open(client.address(await client.pushed(), 'fapi-other'));
    assert.ok(!new URL(page.url).searchParams.has('code'), page.url);
    assert.equal(page.status, 400);
  });

  const badProofs: readonly [string, () => Changes][] = [
    ['htm of another method', () => ({ claims: { htm: 'GET' } })],
    ['htu of another endpoint', () => ({ claims: { htu: `${client.issuer}/me` } })],
    ['htu of another host', () => ({ claims: { htu: 'https://evil.example/oidc/token' } })],
    ['no jti', () => ({ claims: { jti: undefined } })],
    ['no iat', () => ({ claims: { iat: undefined } })],
    ['an old iat', () => ({ claims: { iat: now() - 600 } })],
    ['check-dpop-proof-nbf-exp: expired', () => ({ claims: { exp: now() - 30 } })],
    ['check-dpop-proof-nbf-exp: not yet', () => ({ claims: { nbf: now() + 60 } })],
    ['another typ', () => ({ header: { typ: 'JWT' } })],
    ['alg none', () => ({ header: { alg: 'none' } })],
    ['a private key in the header', () => ({ header: { jwk: client.dpopKeys.privateKey.export({ format: 'jwk' }) } })],
    ['a signature of another key', () => ({ key: keyPair().privateKey })],
  ];
  it('dpop-negative-tests, which leave the code as it is', async () => {
    const code = await client.code(browser);
    for (const [what, changes] of badProofs) {
      const proof = await client.proof('POST', `${client.issuer}/token`, changes());
      const answer = await client.token({ code }, { proof });
      assert.deepEqual([what, answer.status, answer.json['error']], [what, 400, 'invalid_dpop_proof']);
    }
    const used = await client.proof('POST', `${client.issuer}/token`);
    assert.equal((await client.token({ code }, { proof: used })).status, 200);
    refused(await client.token({ code: await client.code(browser) }, { proof: used }), 'invalid_grant');
  });

  it('ensure-dpopproof-with-iat-10seconds-before-succeeds and ensure-dpopproof-with-iat-10seconds-after-succeeds', async () => {
    for (const iat of [now() - 10, now() + 10]) {
      const proof = await client.proof('POST', `${client.issuer}/token`, { claims: { iat } });
      assert.equal((await client.token({ code: await client.code(browser) }, { proof })).status, 200);
    }
  });

  it('ensure-holder-of-key-required', async () => {
    refused(await client.token({ code: await client.code(browser) }, { proof: undefined }), 'invalid_grant');
  });

  it('ensure-dpopproof-at-par-endpoint-binding-success and ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt', async () => {
    const bound = async () =>
      client.code(browser, {}, { proof: await client.proof('POST', `${client.issuer}/request`) });
    assert.equal((await client.token({ code: await bound() })).status, 200);
    const proof = await client.proof('POST', `${client.issuer}/token`, {}, keyPair());
    refused(await client.token({ code: await bound() }, { proof }), 'invalid_grant');
  });

  it('ensure-dpop-auth-code-binding-success and ensure-token-endpoint-fails-with-mismatched-dpop-jkt', async () => {
    const dpopJkt = await client.thumbprint();
    assert.equal((await client.token({ code: await client.code(browser, { dpop_jkt: dpopJkt }) })).status, 200);
    const proof = await client.proof('POST', `${client.issuer}/token`, {}, keyPair());
    refused(
      await client.token({ code: await client.code(browser, { dpop_jkt: dpopJkt }) }, { proof }),
      'invalid_grant',
    );
  });

  it('ensure-authorization-code-is-bound-to-client', async () => {
    refused(await other.token({ code: await client.code(browser) }), 'invalid_grant');
  });

  it('attempt-reuse-authorization-code-after-one-second', async () => {
    const code = await client.code(browser);
    const { json } = await client.token({ code });
    refused(await client.token({ code }), 'invalid_grant');
    assert.equal(
      (await client.userinfo(String(json['access_token']))).status,
      401,
      'the token of a replayed code ends',
    );
  });

  it('ensure-token-endpoint-fails-with-expired-auth-code', async () => {
    const code = await client.code(browser);
    await service.test.database.query({
      text: "UPDATE identity.oidc_model SET expires_at = $1 WHERE model = 'AuthorizationCode'",
      values: [new Date(0)],
    });
    refused(await client.token({ code }), 'invalid_grant');
  });

  it('ensure-client-assertion-in-token-endpoint and ensure-client-id-in-token-endpoint', async () => {
    const code = await client.code(browser);
    const proof = await client.proof('POST', `${client.issuer}/token`);
    const bare = { grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier: verifier };
    refused(await post(`${client.issuer}/token`, { ...bare, client_id: 'fapi-web' }, { proof }), 'invalid_client');
    refused(await post(`${client.issuer}/token`, bare, { proof }), 'invalid_request');
    refused(await client.token({ code, client_id: 'fapi-other' }), 'invalid_request');
    const asOther = { claims: { iss: 'fapi-other', sub: 'fapi-other' } };
    refused(await client.token({ code, client_id: 'fapi-other' }, { assertion: asOther }), 'invalid_client');
    assert.equal((await client.token({ code })).status, 200);
  });

  it('ensure-pkce-code-verifier-required and incorrect-pkce-code-verifier-rejected', async () => {
    const code = await client.code(browser);
    refused(await client.token({ code, code_verifier: undefined }), 'invalid_grant');
    refused(await client.token({ code, code_verifier: 'b'.repeat(43) }), 'invalid_grant');
    refused(await client.token({ code, redirect_uri: `${callback}/other` }), 'invalid_grant');
  });

  it('access-token-type-header-case-sensitivity, and the token is no bearer token', async () => {
    const { json } = await client.token({ code: await client.code(browser) });
    const token = String(json['access_token']);
    for (const scheme of ['DPoP', 'dpop', 'dPoP']) assert.equal((await client.userinfo(token, scheme)).status, 200);
    assert.equal((await client.userinfo(token, 'Bearer')).status, 400);
    const bare = await fetch(`${client.issuer}/me`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(bare.status, 401);
    assert.equal((await client.userinfo(token, 'DPoP', { claims: { ath: 'x' } })).status, 401);
  });

  it('refresh-token: bound to the client, and not rotated', async () => {
    const fresh = service.browser();
    const { json } = await client.token({
      code: await client.code(fresh, { scope: 'openid offline_access', prompt: 'consent' }),
    });
    const refresh = {
      grant_type: 'refresh_token',
      refresh_token: json['refresh_token'],
      code_verifier: undefined,
      redirect_uri: undefined,
    };
    const again = await client.token(refresh);
    assert.deepEqual(
      [again.status, again.json['token_type'], again.json['refresh_token']],
      [200, 'DPoP', json['refresh_token']],
    );
    refused(await other.token(refresh), 'invalid_grant');
    refused(await client.token(refresh, { proof: undefined }), 'invalid_grant');
  });

  it('has jwk thumbprints and one key each for what is bound', async () => {
    const { json } = await client.token({ code: await client.code(browser, { scope: 'openid licence.read' }) });
    const { cnf } = JSON.parse(Buffer.from(String(json['access_token']).split('.')[1] ?? '', 'base64url').toString());
    assert.deepEqual(cnf, { jkt: await client.thumbprint() });
    assert.notDeepEqual(publicJwk(client.dpopKeys), publicJwk(client.keys));
  });
});

function stringsOf(members: Members): Record<string, string> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, String(value)]));
}
