// The modules of the OpenID Foundation's plans oidcc-basic, oidcc-formpost-basic and oidcc-config, by their names, for a confidential client.

import assert from 'node:assert/strict';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { house } from '../../../src/kernel/principal.ts';
import type { Browser, Page } from './browser.ts';
import { type Answer, FapiClient, type Members, post, verifier } from './fapi-client.ts';
import { callback, jsonOf, jwksOf, person, type Service, signInAndAgree, startService } from './service.ts';

const secret = 'a secret of a basic client';

for (const responseMode of ['query', 'form_post'] as const) {
  describe(`OpenID Connect Core: oidcc-${responseMode === 'query' ? '' : 'formpost-'}basic-*`, function () {
    this.timeout(120_000);
    let service: Service;
    let issuer: string;
    let browser: Browser;
    let subject: string;

    before(async () => {
      service = await startService();
      issuer = `${service.publicUrl}/oidc`;
      subject = (await person(service.identity, 'alice', 3)).accountId;
      for (const [clientId, authMethod] of [
        ['basic', 'client_secret_basic'],
        ['basic-two', 'client_secret_post'],
      ] as const) {
        await service.identity.clients.register(
          {
            clientId,
            kind: 'confidential',
            name: '基础系统',
            nameEn: 'Basic system',
            authMethod,
            secret,
            redirectUris: [callback],
            responseModes: ['query', 'form_post'],
            apiScopes: [],
            offlineAccess: true,
            idTokenAlg: 'RS256',
          },
          house,
        );
      }
      browser = service.browser();
      await code();
    });
    after(() => service.close());

    const parameters = (more: Members = {}): Members => ({
      client_id: 'basic',
      ...new FapiClient(service, 'basic').parameters({ nonce: 'the nonce' }),
      ...(responseMode === 'query' ? {} : { response_mode: responseMode }),
      ...more,
    });

    function address(members: Members): string {
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(members)) if (typeof value === 'string') query.set(name, value);
      return `${issuer}/auth?${query.toString()}`;
    }

    /** What the client is told, in its address or in a form. */
    function answerOf(page: Page): ReadonlyMap<string, string> {
      if (responseMode === 'query') {
        assert.ok(page.url.startsWith(callback), page.url);
        return new Map(new URL(page.url).searchParams);
      }
      assert.match(page.text, new RegExp(`<form method="post" action="${callback}">`), page.url);
      const fields = page.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g);
      return new Map([...fields].map(([, name = '', value = '']) => [name, value]));
    }

    async function answer(more: Members = {}, at = browser): Promise<ReadonlyMap<string, string>> {
      return answerOf(await signInAndAgree(at, await at.open(address(parameters(more))), 'alice'));
    }

    async function code(more: Members = {}, at = browser): Promise<string> {
      const told = await answer(more, at);
      assert.deepEqual([told.get('state'), told.get('iss')], ['the state', issuer], JSON.stringify([...told]));
      return told.get('code') ?? '';
    }

    function token(given: string, more: Members = {}): Promise<Answer> {
      return post(`${issuer}/token`, {
        grant_type: 'authorization_code',
        client_id: 'basic',
        client_secret: secret,
        redirect_uri: callback,
        code_verifier: verifier,
        code: given,
        ...more,
      });
    }

    async function claims(more: Members = {}, at = browser) {
      const { status, json } = await token(await code(more, at));
      assert.equal(status, 200, JSON.stringify(json));
      return decodeJwt(String(json['id_token']));
    }

    it('oidcc-server and oidcc-idtoken-signature: RS256, with nonce, for this client', async () => {
      const { json } = await token(await code());
      const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
      const { payload, protectedHeader } = await jwtVerify(String(json['id_token']), keys, {
        issuer,
        audience: 'basic',
      });
      assert.deepEqual([protectedHeader.alg, payload.sub, payload['nonce']], ['RS256', subject, 'the nonce']);
    });

    it('oidcc-response-type-missing', async () => {
      const page = await browser.open(address(parameters({ response_type: undefined })));
      assert.equal(answerOf(page).get('error'), 'invalid_request');
    });

    it('oidcc-userinfo-get, -post-header and -post-body', async () => {
      const { json } = await token(await code());
      const bearer = { authorization: `Bearer ${String(json['access_token'])}` };
      const body = new URLSearchParams({ access_token: String(json['access_token']) });
      for (const init of [{ headers: bearer }, { method: 'POST', headers: bearer }, { method: 'POST', body }]) {
        assert.equal((await jsonOf(fetch(`${issuer}/me`, init)))['sub'], subject);
      }
      assert.equal((await fetch(`${issuer}/me?${body.toString()}`)).status, 400, 'never in an address');
    });

    it('oidcc-ensure-request-without-nonce-succeeds-for-code-flow', async () => {
      assert.equal((await claims({ nonce: undefined }))['nonce'], undefined);
    });

    const taken: readonly [string, Members][] = [
      ['oidcc-scope-profile', { scope: 'openid profile' }],
      ['oidcc-scope-email', { scope: 'openid email' }],
      ['oidcc-scope-address', { scope: 'openid address' }],
      ['oidcc-scope-phone', { scope: 'openid phone' }],
      ['oidcc-scope-all', { scope: 'openid profile email address phone' }],
      ['oidcc-display-page', { display: 'page' }],
      ['oidcc-display-popup', { display: 'popup' }],
      ['oidcc-max-age-10000', { max_age: '10000' }],
      ['oidcc-ensure-request-with-unknown-parameter-succeeds', { extra: 'foobar' }],
      ['oidcc-login-hint', { login_hint: 'alice' }],
      ['oidcc-ui-locales', { ui_locales: 'en zh-CN' }],
      ['oidcc-claims-locales', { claims_locales: 'se' }],
      ['oidcc-ensure-request-with-valid-pkce-succeeds', {}],
    ];
    for (const [module, more] of taken) {
      it(module, async () => {
        assert.equal((await claims(more)).sub, subject);
      });
    }

    it('oidcc-alternate-happy-flow: the order of parameters says nothing', async () => {
      const reversed = Object.fromEntries(Object.entries(parameters()).toReversed());
      const page = await signInAndAgree(browser, await browser.open(address(reversed)), 'alice');
      assert.equal((await token(answerOf(page).get('code') ?? '')).status, 200);
    });

    it('oidcc-prompt-login and oidcc-max-age-1: signs in anew', async () => {
      for (const more of [{ prompt: 'login' }, { max_age: '0' }]) {
        const page = await browser.open(address(parameters(more)));
        assert.match(page.text, /name="password"/);
        const end = await signInAndAgree(browser, page, 'alice');
        assert.equal((await token(answerOf(end).get('code') ?? '')).status, 200);
      }
    });

    it('oidcc-prompt-none-not-logged-in and -logged-in', async () => {
      const nobody = answerOf(await service.browser().open(address(parameters({ prompt: 'none' }))));
      assert.deepEqual([nobody.get('error'), nobody.get('state')], ['login_required', 'the state']);
      const before = await claims();
      const silent = await claims({ prompt: 'none' });
      assert.deepEqual([silent.sub, silent['auth_time']], [before.sub, before['auth_time']]);
    });

    it('oidcc-id-token-hint', async () => {
      const { json } = await token(await code());
      const hint = { prompt: 'none', id_token_hint: json['id_token'] };
      assert.equal((await claims(hint)).sub, subject);
    });

    it('oidcc-ensure-request-with-acr-values-succeeds', async () => {
      const { acr } = await claims({ acr_values: 'urn:yinxin:rn:2 urn:yinxin:rn:1' });
      assert.match(String(acr), /^urn:yinxin:rn:[1-5]$/);
    });

    it('oidcc-codereuse: the token of a code that comes twice ends', async () => {
      const given = await code();
      const { json } = await token(given);
      const again = await token(given);
      assert.deepEqual([again.status, again.json['error']], [400, 'invalid_grant']);
      const headers = { authorization: `Bearer ${String(json['access_token'])}` };
      assert.equal((await fetch(`${issuer}/me`, { headers })).status, 401);
    });

    it('oidcc-ensure-registered-redirect-uri: a page of ours, and no redirect', async () => {
      const page = await browser.open(address(parameters({ redirect_uri: 'https://evil.example/cb' })));
      assert.deepEqual([page.status, page.url.startsWith(issuer)], [400, true]);
      assert.doesNotMatch(page.text, /evil\.example/);
    });

    it('oidcc-ensure-post-request-succeeds', async () => {
      const body = new URLSearchParams(address(parameters()).split('?')[1]);
      const page = await signInAndAgree(
        browser,
        await browser.open(`${issuer}/auth`, { method: 'POST', body }),
        'alice',
      );
      assert.ok(answerOf(page).has('code'));
    });

    it('oidcc-server-client-secret-post', async () => {
      const given = await code({ client_id: 'basic-two' });
      assert.equal((await token(given, { client_id: 'basic-two' })).status, 200);
      const other = await token(await code(), { client_id: 'basic-two' });
      assert.deepEqual([other.status, other.json['error']], [400, 'invalid_grant']);
    });

    const requestObject = (payload: Members) =>
      [{ alg: 'none' }, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

    const refused: readonly [string, () => Members, string][] = [
      [
        'oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported',
        () => ({ request_uri: 'https://office.example/request.jwt' }),
        'request_uri_not_supported',
      ],
      [
        'oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported',
        () => ({ request: `${requestObject({ iss: 'basic', aud: issuer, state: 'the state' })}.` }),
        'invalid_request_object',
      ],
      [
        'oidcc-ensure-request-object-with-redirect-uri',
        () => ({ request: `${requestObject({ iss: 'basic', aud: issuer, redirect_uri: 'https://evil.example' })}.` }),
        'invalid_request_object',
      ],
    ];
    for (const [module, more, error] of refused) {
      it(module, async () => {
        assert.equal(answerOf(await browser.open(address(parameters(more())))).get('error'), error);
      });
    }

    it('oidcc-claims-essential', async () => {
      const asked = JSON.stringify({ userinfo: { name: { essential: true } } });
      const { json } = await token(await code({ scope: 'openid', claims: asked }, service.browser()));
      const headers = { authorization: `Bearer ${String(json['access_token'])}` };
      assert.equal((await jsonOf(fetch(`${issuer}/me`, { headers })))['name'], '测试甲');
    });

    it('oidcc-refresh-token: bound to its client', async () => {
      const { json } = await token(await code({ scope: 'openid offline_access', prompt: 'consent' }));
      const refresh = { grant_type: 'refresh_token', refresh_token: json['refresh_token'], redirect_uri: undefined };
      const foreign = await token('', { ...refresh, client_id: 'basic-two', code: undefined });
      assert.deepEqual([foreign.status, foreign.json['error']], [400, 'invalid_grant']);
      const own = await token('', { ...refresh, code: undefined });
      assert.deepEqual([own.status, decodeJwt(String(own.json['id_token'])).sub], [200, subject]);
    });

    it('answers a page that is sent by itself or by its button', async () => {
      const page = await browser.open(address(parameters()));
      if (responseMode === 'query') return assert.equal(page.text, '');
      assert.match(page.text, /<script type="module" src="\/assets\/send-form\.client\.js"/);
      assert.match(page.text, /<button[^>]*type="submit"/);
      assert.doesNotMatch(page.text, /<script>|onload/);
    });
  });
}

describe('OpenID Connect Discovery: oidcc-config-*', function () {
  this.timeout(120_000);
  let service: Service;

  before(async () => {
    service = await startService();
  });
  after(() => service.close());

  it('oidcc-discovery-endpoint-verification', async () => {
    const response = await fetch(`${service.publicUrl}/oidc/.well-known/openid-configuration`);
    assert.deepEqual([response.status, response.headers.get('content-type')?.split(';')[0]], [200, 'application/json']);
    const document = await jsonOf(response);
    const list = (name: string): readonly unknown[] => {
      const value = document[name];
      return Array.isArray(value) ? value : [];
    };
    assert.equal(document['issuer'], `${service.publicUrl}/oidc`);
    const endpoints = Object.entries(document).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name));
    assert.ok(endpoints.length >= 7);
    for (const [name, value] of endpoints) assert.ok(String(value).startsWith(`${service.publicUrl}/oidc/`), name);
    assert.deepEqual(list('response_types_supported'), ['code']);
    assert.ok(list('subject_types_supported').includes('public'));
    assert.ok(list('id_token_signing_alg_values_supported').includes('RS256'));
    assert.ok(list('scopes_supported').includes('openid'));
    for (const claim of ['sub', 'acr', 'auth_time', 'name']) assert.ok(list('claims_supported').includes(claim), claim);
    for (const locale of list('ui_locales_supported')) assert.equal(new Intl.Locale(String(locale)).toString(), locale);
    assert.equal(document['request_uri_parameter_supported'], false);
    const keys = await jwksOf(service);
    assert.equal(new Set(keys.map(({ kid }) => kid)).size, keys.length);
  });
});
