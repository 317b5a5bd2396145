// The modules of the OpenID Foundation's plans oidcc-basic, oidcc-formpost-basic and oidcc-config, by their names, for a confidential client; those of signing in stand in oidf-basic-sign-in.test.ts.

import assert from 'node:assert/strict';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { BasicClient } from './basic-client.ts';
import type { Browser } from './browser.ts';
import type { Members } from './fapi-client.ts';
import { callback, jsonOf, jwksOf, person, type Service, signInAndAgree, startService } from './service.ts';

describe('OpenID Connect Core, for a confidential client', () => {
  let service: Service;
  let subject: string;

  before(async () => {
    service = await startService();
    subject = (await person(service.identity, 'alice', 3)).accountId;
  });
  after(() => service.close());

  for (const responseMode of ['query', 'form_post'] as const) {
    describe(`OpenID Connect Core: oidcc-${responseMode === 'query' ? '' : 'formpost-'}basic-*`, () => {
      let client: BasicClient;
      let two: BasicClient;
      let browser: Browser;

      before(async () => {
        client = await new BasicClient(service, {
          responseMode,
          clientId: `basic-${responseMode.replace('_', '-')}`,
        }).register();
        two = await new BasicClient(service, {
          responseMode,
          clientId: `two-${responseMode.replace('_', '-')}`,
        }).register({
          authMethod: 'client_secret_post',
        });
        browser = service.browser();
        await client.code(browser);
      });
      it('oidcc-server: the whole way, with the secret in the header, and an ID token for this client and nonce', async () => {
        const json = await client.tokenByHeader(await client.code(browser));
        const { iss, sub, aud, nonce, exp = 0, iat = 0 } = decodeJwt(String(json['id_token']));
        assert.deepEqual([iss, sub, aud, nonce], [client.issuer, subject, client.clientId, 'the nonce']);
        assert.ok(exp > iat);
        assert.deepEqual([json['token_type'], typeof json['expires_in']], ['Bearer', 'number']);
        assert.equal((await client.userinfo(json['access_token']))['sub'], subject);
      });

      it('oidcc-idtoken-signature: RS256 by a key of jwks_uri, which its kid names', async () => {
        const keys = createRemoteJWKSet(new URL(`${client.issuer}/jwks`));
        const idToken = String((await client.tokens(browser))['id_token']);
        const { protectedHeader } = await jwtVerify(idToken, keys, {
          issuer: client.issuer,
          audience: client.clientId,
        });
        assert.equal(protectedHeader.alg, 'RS256');
        assert.ok((await jwksOf(service)).some(({ kid, alg }) => kid === protectedHeader.kid && alg === 'RS256'));
      });

      it('oidcc-idtoken-unsigned: discovery offers no ID token without a signature, and none is registered', async () => {
        const { id_token_signing_alg_values_supported: offered } = await jsonOf(
          fetch(`${client.issuer}/.well-known/openid-configuration`),
        );
        assert.deepEqual(offered, ['ES256', 'RS256']);
        await assert.rejects(
          service.test.database.query({ text: "UPDATE identity.client SET id_token_alg = 'none'" }),
          /client_id_token_alg_check/,
        );
      });

      it('oidcc-response-type-missing', async () => {
        const page = await browser.open(client.address({ response_type: undefined }));
        const told = client.answerOf(page);
        assert.deepEqual([told.get('error'), told.get('state')], ['invalid_request', 'the state']);
      });

      it('oidcc-userinfo-get, oidcc-userinfo-post-header and oidcc-userinfo-post-body', async () => {
        const token = String((await client.tokens(browser))['access_token']);
        const bearer = { authorization: `Bearer ${token}` };
        const body = new URLSearchParams({ access_token: token });
        for (const init of [{ headers: bearer }, { method: 'POST', headers: bearer }, { method: 'POST', body }]) {
          assert.equal((await jsonOf(fetch(`${client.issuer}/me`, init)))['sub'], subject);
        }
        assert.equal((await fetch(`${client.issuer}/me?${body.toString()}`)).status, 400, 'never in an address');
      });

      it('oidcc-ensure-request-without-nonce-succeeds-for-code-flow', async () => {
        assert.equal((await client.claims(browser, { nonce: undefined }))['nonce'], undefined);
      });

      // What discovery does not list is left out of the answer, and is no error (OpenID Connect Core 5.4, 3.1.2.1).
      const nothing = { given: 'openid', userinfo: [] };
      const profile = { given: 'openid profile', userinfo: ['name', 'preferred_username'] };
      const scopes: readonly [string, string, typeof nothing | typeof profile][] = [
        ['oidcc-scope-profile', 'openid profile', profile],
        ['oidcc-scope-email', 'openid email', nothing],
        ['oidcc-scope-address', 'openid address', nothing],
        ['oidcc-scope-phone', 'openid phone', nothing],
        ['oidcc-scope-all', 'openid profile email address phone', profile],
      ];
      for (const [module, scope, { given, userinfo }] of scopes) {
        it(`${module}: claims by userinfo and not in the ID token`, async () => {
          const json = await client.tokens(browser, { scope });
          assert.equal(json['scope'], given);
          const info = await client.userinfo(json['access_token']);
          assert.deepEqual(Object.keys(info).sort(), [...userinfo, 'sub'].sort());
          if (userinfo.length > 0) assert.deepEqual([info['name'], info['preferred_username']], ['测试甲', 'alice']);
          const claims = decodeJwt(String(json['id_token']));
          for (const name of ['name', 'preferred_username', 'email', 'address', 'phone_number'])
            assert.ok(!(name in claims), name);
        });
      }

      it('oidcc-ensure-request-with-unknown-parameter-succeeds', async () => {
        assert.equal((await client.claims(browser, { extra: 'foobar' })).sub, subject);
      });

      it('oidcc-ensure-request-with-valid-pkce-succeeds, and a wrong verifier does not', async () => {
        assert.equal((await client.claims(browser)).sub, subject);
        const wrong = await client.token(await client.code(browser), { code_verifier: 'b'.repeat(43) });
        assert.deepEqual([wrong.status, wrong.json['error']], [400, 'invalid_grant']);
      });

      it('oidcc-alternate-happy-flow: the order of parameters says nothing', async () => {
        const reversed = Object.fromEntries(Object.entries(client.parameters()).toReversed());
        const page = await signInAndAgree(browser, await browser.open(client.addressOf(reversed)), 'alice');
        assert.equal((await client.token(client.answerOf(page).get('code') ?? '')).status, 200);
      });

      it('oidcc-codereuse: the token of a code that comes twice ends', async () => {
        const given = await client.code(browser);
        const { json } = await client.token(given);
        const again = await client.token(given);
        assert.deepEqual([again.status, again.json['error']], [400, 'invalid_grant']);
        assert.equal((await client.userinfoAnswer(json['access_token'])).status, 401);
      });

      it('oidcc-codereuse-30seconds: also half a minute later', async () => {
        const given = await client.code(browser);
        const { json } = await client.token(given);
        const { rowCount } = await service.test.database.query({
          text: `UPDATE identity.oidc_model
          SET consumed_at = consumed_at - interval '30 seconds', expires_at = expires_at - interval '30 seconds'
          WHERE model = 'AuthorizationCode' AND consumed_at IS NOT NULL`,
        });
        assert.ok((rowCount ?? 0) > 0);
        assert.equal((await client.userinfoAnswer(json['access_token'])).status, 200);
        const again = await client.token(given);
        assert.deepEqual([again.status, again.json['error']], [400, 'invalid_grant']);
        assert.equal((await client.userinfoAnswer(json['access_token'])).status, 401);
      });

      it('oidcc-ensure-registered-redirect-uri: a page of ours, and no redirect', async () => {
        const page = await browser.open(client.address({ redirect_uri: 'https://evil.example/cb' }));
        assert.deepEqual([page.status, page.url.startsWith(client.issuer)], [400, true]);
        assert.doesNotMatch(page.text, /evil\.example/);
      });

      it('oidcc-ensure-post-request-succeeds', async () => {
        const body = new URLSearchParams(client.address().split('?')[1]);
        const asked = await browser.open(`${client.issuer}/auth`, { method: 'POST', body });
        const told = client.answerOf(await signInAndAgree(browser, asked, 'alice'));
        assert.equal((await client.token(told.get('code') ?? '')).status, 200);
      });

      it('oidcc-server-client-secret-post', async () => {
        assert.equal((await two.token(await two.code(browser))).status, 200);
        const other = await two.token(await client.code(browser));
        assert.deepEqual([other.status, other.json['error']], [400, 'invalid_grant']);
      });

      const requestObject = (payload: Members) =>
        `${[{ alg: 'none' }, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;
      const unsigned = (more: Members) => requestObject({ iss: client.clientId, aud: client.issuer, ...more });
      const refused: readonly [string, () => Members, string][] = [
        [
          'oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported',
          () => ({ request_uri: 'https://office.example/request.jwt' }),
          'request_uri_not_supported',
        ],
        [
          'oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported',
          () => ({ request: unsigned({ state: 'the state' }) }),
          'invalid_request_object',
        ],
      ];
      for (const [module, more, error] of refused) {
        it(module, async () => {
          assert.equal(client.answerOf(await browser.open(client.address(more()))).get('error'), error);
        });
      }

      it('oidcc-ensure-request-object-with-redirect-uri: neither of two addresses is taken from an unsigned request', async () => {
        const inside = client.address({ request: unsigned({ redirect_uri: 'https://evil.example/' }) });
        const told = client.answerOf(await browser.open(inside));
        assert.deepEqual([told.get('error'), told.has('code')], ['invalid_request_object', false]);
        const outside = { redirect_uri: 'https://evil.example/', request: unsigned({ redirect_uri: callback }) };
        const page = await browser.open(client.address(outside));
        assert.deepEqual([page.status, page.url.startsWith(client.issuer)], [400, true], 'no address is guessed');
      });

      it('oidcc-claims-essential: the name by userinfo, and not in the ID token', async () => {
        const asked = JSON.stringify({ userinfo: { name: { essential: true } } });
        const json = await client.tokens(service.browser(), { scope: 'openid', claims: asked });
        assert.equal((await client.userinfo(json['access_token']))['name'], '测试甲');
        assert.ok(!('name' in decodeJwt(String(json['id_token']))));
      });

      it('oidcc-refresh-token: a new token for the same person and sign-in, bound to its client', async () => {
        const first = await client.tokens(browser, { scope: 'openid offline_access', prompt: 'consent' });
        assert.match(String(first['refresh_token']), /^[\x20-\x7E]+$/);
        const refresh = {
          grant_type: 'refresh_token',
          refresh_token: first['refresh_token'],
          redirect_uri: undefined,
          code: undefined,
        };
        const foreign = await two.token('', refresh);
        assert.deepEqual([foreign.status, foreign.json['error']], [400, 'invalid_grant']);
        const own = await client.token('', refresh);
        assert.equal(own.status, 200);
        assert.notEqual(own.json['access_token'], first['access_token']);
        const same = ({ iss, sub, aud, auth_time: at }: ReturnType<typeof decodeJwt>) => [iss, sub, aud, at];
        assert.deepEqual(same(decodeJwt(String(own.json['id_token']))), same(decodeJwt(String(first['id_token']))));
        assert.equal((await client.userinfo(own.json['access_token']))['sub'], subject);
      });

      it('answers a page that is sent by itself or by its button', async () => {
        const page = await browser.open(client.address());
        if (responseMode === 'query') return assert.equal(page.text, '');
        assert.match(page.text, /<script type="module" src="\/assets\/send-form\.client\.js"/);
        assert.match(page.text, /<button[^>]*type="submit"/);
        assert.doesNotMatch(page.text, /<script>|onload/);
      });
    });
  }
});

describe('OpenID Connect Discovery: oidcc-config-*', () => {
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
    for (const grant of ['authorization_code', 'refresh_token'])
      assert.ok(list('grant_types_supported').includes(grant), grant);
    assert.ok(list('subject_types_supported').includes('public'));
    assert.ok(list('id_token_signing_alg_values_supported').includes('RS256'));
    assert.ok(list('scopes_supported').includes('openid'));
    for (const scope of list('scopes_supported')) assert.match(String(scope), /^[!#-[\]-~]+$/, 'RFC 6749, 3.3');
    for (const claim of ['sub', 'acr', 'auth_time', 'name']) assert.ok(list('claims_supported').includes(claim), claim);
    for (const locale of list('ui_locales_supported')) assert.equal(new Intl.Locale(String(locale)).toString(), locale);
    assert.equal(document['request_uri_parameter_supported'], false);
    assert.equal(document['claims_parameter_supported'], true);
    const keys = await jwksOf(service);
    assert.equal(new Set(keys.map(({ kid }) => kid)).size, keys.length);
    for (const key of keys) {
      assert.deepEqual([key.use, ['EC', 'RSA'].includes(key.kty)], ['sig', true]);
      assert.ok(!('d' in key), 'no private part');
    }
  });
});
