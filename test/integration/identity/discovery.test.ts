// What the provider says about itself is so, whatever Host a caller sends; OpenID Connect Discovery 1.0, RFC 8414, RP-Initiated Logout 1.0.

import assert from 'node:assert/strict';
import http from 'node:http';
import * as oidc from 'openid-client';
import {
  begin,
  callback,
  jsonOf,
  jwksOf,
  person,
  redeem,
  type Service,
  signInAndAgree,
  startService,
} from './service.ts';

describe('OpenID Connect Discovery 1.0', () => {
  let service: Service;
  let document: Record<string, unknown>;

  before(async () => {
    service = await startService();
    await person(service.identity, 'alice', 3);
    document = await jsonOf(fetch(`${service.publicUrl}/oidc/.well-known/openid-configuration`));
  });
  after(() => service.close());

  it('lists only what works', () => {
    const issuer = `${service.publicUrl}/oidc`;
    assert.deepEqual(document, {
      acr_values_supported: [1, 2, 3, 4, 5].map((level) => `urn:yinxin:rn:${level}`),
      authorization_details_types_supported: [
        'seal_use',
        'licence_show',
        'credential',
        'https://cloudsignatureconsortium.org/2025/credential',
      ],
      authorization_signing_alg_values_supported: ['ES256'],
      dpop_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA'],
      pushed_authorization_request_endpoint: `${issuer}/request`,
      request_object_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA'],
      request_parameter_supported: true,
      token_endpoint_auth_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA'],
      authorization_endpoint: `${issuer}/auth`,
      authorization_response_iss_parameter_supported: true,
      backchannel_logout_session_supported: true,
      backchannel_logout_supported: true,
      claims_parameter_supported: true,
      claims_supported: document['claims_supported'],
      claim_types_supported: ['normal'],
      code_challenge_methods_supported: ['S256'],
      backchannel_authentication_endpoint: `${issuer}/backchannel`,
      backchannel_authentication_request_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA'],
      backchannel_token_delivery_modes_supported: ['poll'],
      backchannel_user_code_parameter_supported: false,
      device_authorization_endpoint: `${issuer}/device/auth`,
      end_session_endpoint: `${issuer}/session/end`,
      grant_types_supported: [
        'authorization_code',
        'refresh_token',
        'client_credentials',
        'urn:ietf:params:oauth:grant-type:device_code',
        'urn:openid:params:grant-type:ciba',
        'urn:ietf:params:oauth:grant-type:token-exchange',
      ],
      id_token_signing_alg_values_supported: ['ES256', 'RS256'],
      introspection_endpoint: `${issuer}/token/introspection`,
      issuer,
      jwks_uri: `${issuer}/jwks`,
      request_uri_parameter_supported: false,
      response_modes_supported: ['query', 'form_post', 'jwt', 'query.jwt', 'form_post.jwt'],
      response_types_supported: ['code'],
      revocation_endpoint: `${issuer}/token/revocation`,
      scopes_supported: [
        'openid',
        'profile',
        'offline_access',
        'seal.read',
        'seal.stamp',
        'seal.approve',
        'seal.apply',
        'seal.manage',
        'seal.feed',
        'licence.read',
        'licence.issue',
        'licence.manage',
        'verify',
        'audit.read',
        'pki.read',
        'pki.manage',
        'identity.read',
        'identity.manage',
        'mandate.read',
        'mandate.manage',
        'service',
        'credential',
      ],
      subject_types_supported: ['public', 'pairwise'],
      token_endpoint: `${issuer}/token`,
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
      ui_locales_supported: ['zh-CN', 'en'],
      verified_claims_supported: true,
      trust_frameworks_supported: ['x_cn_realname'],
      evidence_supported: ['document', 'electronic_record'],
      documents_supported: ['idcard'],
      documents_check_methods_supported: ['vpip', 'pvp'],
      electronic_records_supported: [
        'x_resident_register',
        'x_platform_account',
        'bank_account',
        'x_resident_photo',
        'x_network_id',
      ],
      claims_in_verified_claims_supported: ['name', 'birthdate', 'gender', 'nationalities', 'x_resident_id'],
      userinfo_endpoint: `${issuer}/me`,
    });
  });

  it('is found under the name of RFC 8414 too', async () => {
    const response = await fetch(`${service.publicUrl}/.well-known/oauth-authorization-server/oidc`);
    assert.deepEqual(await response.json(), document);
  });

  it('publishes an ES256 and an RS256 key without private parts', async () => {
    const keys = await jwksOf(service);
    assert.deepEqual(
      keys.map(({ alg, use }) => `${alg} ${use}`),
      ['ES256 sig', 'RS256 sig'],
    );
    for (const key of keys) assert.ok(!('d' in key) && !('p' in key));
  });

  it('never repeats a foreign host, in header, in X-Forwarded-Host, or in an absolute request target', async () => {
    const { port } = new URL(service.publicUrl);
    const { host } = new URL(service.publicUrl);
    const ask = async (options: http.RequestOptions) => {
      const { text, headers } = await exchange({ port, ...options });
      return JSON.stringify(headers) + text;
    };
    const path = '/oidc/.well-known/openid-configuration';
    const auth = `/oidc/auth?client_id=sandbox-web&response_type=code&scope=openid&redirect_uri=${encodeURIComponent(callback)}&code_challenge=${'x'.repeat(43)}&code_challenge_method=S256`;
    for (const target of [path, auth]) {
      for (const attempt of [
        { path: target, headers: { host: 'evil.example' } },
        { path: target, headers: { host, 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' } },
        { path: `http://evil.example${target}`, headers: { host } },
      ]) {
        assert.doesNotMatch(await ask(attempt), /evil\.example/);
      }
    }
  });

  it('lets no foreign page read tokens or claims', async () => {
    const response = await fetch(String(document['userinfo_endpoint']), {
      headers: { origin: 'https://evil.example' },
    });
    assert.equal(response.status, 401);
    assert.equal(response.headers.get('access-control-allow-origin'), null);
  });

  it('draws a page of ours for a request without a usable client, and echoes nothing unescaped', async () => {
    const page = await service.browser().open(`${service.publicUrl}/oidc/auth?client_id=%3Cscript%3E`);
    assert.equal(page.status, 400);
    assert.match(page.text, /登录请求无法处理/);
    assert.doesNotMatch(page.text, /<script|fonts\.googleapis/);
  });

  it('signs out after a question, by POST only, and goes back to a registered address only', async () => {
    const config = await service.client('sandbox-web');
    const browser = service.browser();
    const started = await begin(config, browser);
    const tokens = await redeem(config, started, await signInAndAgree(browser, started.page, 'alice'));
    const url = (more: Record<string, string>) =>
      oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token ?? '', ...more }).href;
    const foreign = await browser.open(url({ post_logout_redirect_uri: 'https://evil.example/' }));
    assert.equal(foreign.status, 400);
    const question = await browser.open(url({ post_logout_redirect_uri: `${callback}/bye`, state: 'z' }));
    assert.match(question.text, /要退出印信吗/);
    const silent = await begin(config, browser, { prompt: 'none' });
    assert.ok(new URL(silent.page.url).searchParams.has('code'), 'the question alone ends nothing');
    assert.deepEqual(await service.entries('sign-out'), []);
    const bye = await browser.submit(question, '/confirm', { logout: 'yes' });
    assert.equal(bye.url, `${callback}/bye?state=z`);
    const after = await begin(config, browser, { prompt: 'none' });
    assert.equal(new URL(after.page.url).searchParams.get('error'), 'login_required');
    await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, oidc.skipSubjectCheck));
    const sub = tokens.claims()?.sub;
    assert.deepEqual(
      (await service.entries('sign-out')).map(({ accountId, subjectId, clientId }) => [accountId, subjectId, clientId]),
      [[sub, sub, 'sandbox-web']],
    );
  });

  it('signs its cookies and keeps them from scripts and other sites', async () => {
    const url = oidc.buildAuthorizationUrl(await service.client('sandbox-web'), {
      redirect_uri: callback,
      scope: 'openid',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    });
    const response = await fetch(url, { redirect: 'manual' });
    const cookies = response.headers.getSetCookie();
    assert.ok(cookies.length >= 4);
    for (const cookie of cookies) assert.match(cookie, /; samesite=lax; httponly/i);
    for (const name of ['yinxin-interaction', 'yinxin-resume']) {
      assert.ok(
        cookies.some((cookie) => cookie.startsWith(`${name}.sig=`)),
        name,
      );
    }
  });

  it('trusts PUBLIC_URL about https behind a proxy: Secure cookies with their prefixes, https addresses', async () => {
    const behind = await startService({ publicUrl: 'https://trust.example' });
    try {
      const { port } = new URL(behind.ownUrl);
      const headers = { host: 'trust.example' };
      const query = `client_id=sandbox-web&response_type=code&scope=openid&code_challenge=${'x'.repeat(43)}&code_challenge_method=S256`;
      const path = `/oidc/auth?${query}&redirect_uri=${encodeURIComponent(callback)}`;
      const answer = await exchange({ port, path, headers });
      assert.equal(answer.status, 303);
      const cookies = answer.headers['set-cookie'] ?? [];
      assert.ok(cookies.length >= 4);
      for (const cookie of cookies) assert.match(cookie, /^__(Secure|Host)-yinxin-[^;]+;.*; secure/i);
      const discovery = await exchange({ port, path: '/oidc/.well-known/openid-configuration', headers });
      assert.match(discovery.text, /"token_endpoint":"https:\/\/trust\.example\/oidc\/token"/);
    } finally {
      await behind.close();
    }
  });
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** fetch sets the Host header itself and takes no absolute request target, so this is by hand. */
function exchange(options: http.RequestOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.on('error', reject).end();
  });
}
