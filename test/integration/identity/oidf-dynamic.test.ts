// Systems that register themselves: RFC 7591, RFC 7592, and the modules of the OpenID Foundation's plan oidcc-dynamic that can be reached, by their names.

import assert from 'node:assert/strict';
import { decodeProtectedHeader } from 'jose';
import * as oidc from 'openid-client';
import * as contract from '../../../src/contract/registration-tokens.ts';
import type { RegistrationTokenOrder } from '../../../src/identity/self-registration/registration-tokens.ts';
import { house } from '../../../src/kernel/principal.ts';
import { ApiClient } from '../../support/api-client.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { Browser } from './browser.ts';
import { keyPair, publicJwk } from './fapi-client.ts';
import { begin, callback, jsonOf, redeem, signInAndAgree } from './service.ts';

type Members = Readonly<Record<string, unknown>>;
interface Answer {
  readonly status: number;
  readonly json: Record<string, unknown>;
  readonly headers: Headers;
}

describe('RFC 7591, RFC 7592: oidcc-dynamic-*', function () {
  let server: TestServer;
  let endpoint: string;
  let initial: string;

  before(async () => {
    server = await startServer({ DYNAMIC_REGISTRATION: 'token' });
    endpoint = `${server.url}/oidc/register`;
    initial = (await token({ uses: 100 })).secret;
  });
  after(() => server?.stop());
  // Each test is a network that comes for the first time.
  beforeEach(() =>
    server.services.database.query({
      text: `DELETE FROM identity.sign_in_attempt WHERE left(subject, 13) = 'registration:'`,
    }),
  );

  const token = (more: Partial<RegistrationTokenOrder> = {}) =>
    server.services.administration.registrationTokens.make(house, {
      name: '住房局',
      lifetimeSeconds: 3600,
      uses: 1,
      apiScopes: ['verify', 'licence.read'],
      levelFloor: 0,
      hosts: ['localhost', 'housing.example'],
      ...more,
    });
  const wishes = (more: Members = {}): Members => ({
    redirect_uris: [callback],
    client_name: '住房业务系统',
    'client_name#en': 'Housing office',
    scope: 'openid profile verify',
    ...more,
  });

  async function send(method: string, url: string, bearer: string | undefined, body?: unknown): Promise<Answer> {
    const response = await fetch(url, {
      method,
      headers: {
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, json: text === '' ? {} : JSON.parse(text) };
  }
  const register = (more: Members = {}, bearer = initial) => send('POST', endpoint, bearer, wishes(more));
  async function registered(more: Members = {}, bearer = initial): Promise<Record<string, unknown>> {
    const { status, json } = await register(more, bearer);
    assert.equal(status, 201, JSON.stringify(json));
    return json;
  }
  /** The registration access token and the address of what was registered. */
  const own = (json: Members) =>
    [String(json['registration_client_uri']), String(json['registration_access_token'])] as const;
  const configured = (json: Members) =>
    oidc.discovery(
      new URL(`${server.url}/oidc`),
      String(json['client_id']),
      {
        client_secret: String(json['client_secret']),
        id_token_signed_response_alg: String(json['id_token_signed_response_alg']),
      },
      undefined,
      { execute: [oidc.allowInsecureRequests] },
    );
  async function signIn(config: oidc.Configuration, more: Record<string, string> = {}) {
    const browser = new Browser({ stopAt: callback });
    const started = await begin(config, browser, more);
    const page = await signInAndAgree(browser, started.page, 'citizen1');
    return redeem(config, started, page, {});
  }

  it('openid-client registers by discovery, and signs a person in: oidcc-idtoken-rs256', async () => {
    const config = await oidc.dynamicClientRegistration(
      new URL(`${server.url}/oidc`),
      { ...wishes(), redirect_uris: [callback] },
      oidc.ClientSecretPost(),
      { initialAccessToken: initial, execute: [oidc.allowInsecureRequests] },
    );
    assert.equal(config.serverMetadata().registration_endpoint, endpoint);
    const { client_id: clientId, client_secret: secret } = config.clientMetadata();
    assert.match(clientId, /^dyn-[0-9a-f]{24}$/);
    const tokens = await signIn(await configured({ ...config.clientMetadata(), client_secret: secret }));
    assert.equal(decodeProtectedHeader(tokens.id_token ?? '').alg, 'RS256', 'the default of OpenID Connect');
  });

  it('answers with what was registered, and the log says who did it with which token, before the answer', async () => {
    const { token: made, secret } = await token();
    const json = await registered(
      { contacts: ['ops@housing.example'], grant_types: ['authorization_code', 'refresh_token'] },
      secret,
    );
    const clientId = String(json['client_id']);
    assert.match(String(json['client_secret']), /^[\w-]{43}$/);
    const { client_id_issued_at: issuedAt, client_secret: _secret, registration_access_token: _own, ...rest } = json;
    assert.equal(typeof issuedAt, 'number');
    assert.deepEqual(rest, {
      client_id: clientId,
      client_secret_expires_at: 0,
      registration_client_uri: `${endpoint}/${clientId}`,
      client_name: '住房业务系统',
      'client_name#en': 'Housing office',
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: [callback],
      post_logout_redirect_uris: [],
      scope: 'openid profile offline_access verify',
      application_type: 'web',
      subject_type: 'public',
      id_token_signed_response_alg: 'RS256',
      dpop_bound_access_tokens: false,
      tls_client_certificate_bound_access_tokens: false,
      contacts: ['ops@housing.example'],
    });
    const { items } = await server.services.audit.entries({
      action: 'client.self-managed',
      objectId: clientId,
      limit: 2,
    });
    assert.deepEqual(
      items.map(({ clientId: caller, facts }) => [caller, facts['deed'], facts['token']]),
      [[clientId, 'registered', made.tokenId]],
    );
    assert.doesNotMatch(JSON.stringify(items[0]?.facts), /ops@/);
    const client = await server.services.administration.clients.get(house, clientId);
    assert.deepEqual(
      [client.registrationTokenId, client.apiScopes, client.firstParty],
      [made.tokenId, ['verify'], false],
    );
  });

  it('RFC 6750: without a token, with an unknown, used-up or ended one, nothing is registered', async () => {
    const nobody = await send('POST', endpoint, undefined, wishes());
    assert.deepEqual([nobody.status, nobody.headers.get('www-authenticate')], [401, 'Bearer']);
    const { token: made, secret } = await token({ uses: 2 });
    await registered({}, secret);
    await server.services.administration.registrationTokens.end(house, made.tokenId);
    for (const bearer of [secret, 'A'.repeat(43)]) {
      const { status, json, headers } = await register({}, bearer);
      assert.deepEqual([status, json['error']], [401, 'invalid_token']);
      assert.equal(headers.get('www-authenticate'), 'Bearer error="invalid_token"');
    }
  });

  it('of ten who come at once with a token for three, three register; who is refused takes no use', async () => {
    const { secret } = await token({ uses: 3 });
    const wrong = await register({ redirect_uris: ['https://evil.example/'] }, secret);
    assert.equal(wrong.status, 400);
    const answers = await Promise.all(Array.from({ length: 10 }, () => register({}, secret)));
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [201, 201, 201, 401, 401, 401, 401, 401, 401, 401],
    );
  });

  const refusals: readonly [string, Members, string, RegExp][] = [
    ['oidcc-redirect-uri-regfrag', { redirect_uris: [`${callback}#fragment`] }, 'invalid_redirect_uri', /fragment/],
    ['another host', { redirect_uris: ['https://evil.example/'] }, 'invalid_redirect_uri', /host of the token/],
    ['plain http', { redirect_uris: ['http://housing.example/'] }, 'invalid_redirect_uri', /https/],
    ['no text', { redirect_uris: [7] }, 'invalid_redirect_uri', /texts/],
    [
      'oidcc-registration-jwks-uri',
      { jwks_uri: 'https://housing.example/jwks' },
      'invalid_client_metadata',
      /by value/,
    ],
    [
      'oidcc-registration-sector-uri',
      { sector_identifier_uri: 'https://housing.example/s' },
      'invalid_client_metadata',
      /sector/,
    ],
    [
      'oidcc-registration-sector-bad',
      { sector_identifier_uri: 'https://evil.example/s' },
      'invalid_client_metadata',
      /sector/,
    ],
    ['oidcc-userinfo-rs256', { userinfo_signed_response_alg: 'RS256' }, 'invalid_client_metadata', /JSON/],
    ['a foreign policy', { policy_uri: 'https://evil.example/p' }, 'invalid_client_metadata', /policy_uri/],
    ['a scope beyond the token', { scope: 'openid seal.read' }, 'invalid_client_metadata', /scope/],
    [
      'token exchange',
      { grant_types: ['urn:ietf:params:oauth:grant-type:token-exchange'] },
      'invalid_client_metadata',
      /grant/,
    ],
    ['the implicit flow', { response_types: ['id_token'] }, 'invalid_client_metadata', /response_types/],
    ['a name that turns around', { client_name: 'office\u202etxet' }, 'invalid_client_metadata', /client_name/],
    [
      'a private key',
      { jwks: { keys: [keyPair().privateKey.export({ format: 'jwk' })] } },
      'invalid_client_metadata',
      /public keys/,
    ],
    ['keys that are none', { jwks: { keys: [{ kty: 7 }] } }, 'invalid_client_metadata', /texts/],
    [
      'a certificate where none is known',
      { token_endpoint_auth_method: 'tls_client_auth' },
      'invalid_client_metadata',
      /method/,
    ],
    ['a software statement', { software_statement: 'e30.e30.AA' }, 'unapproved_software_statement', /approved/],
    ['a broken statement', { software_statement: 7 }, 'invalid_software_statement', /JWT/],
    ['a key method without keys', { token_endpoint_auth_method: 'private_key_jwt' }, 'invalid_client_metadata', /keys/],
  ];
  for (const [what, more, error, reason] of refusals)
    it(`3.2.2: refuses ${what} with ${error}`, async () => {
      const { status, json, headers } = await register(more);
      assert.deepEqual([status, json['error'], headers.get('cache-control')], [400, error, 'no-store']);
      assert.match(String(json['error_description']), reason);
    });

  it('3: takes JSON only, of a size that a registration has', async () => {
    const form = await fetch(endpoint, {
      method: 'POST',
      headers: { authorization: `Bearer ${initial}` },
      body: new URLSearchParams({ a: 'b' }),
    });
    assert.equal(form.status, 415);
    assert.equal((await send('POST', endpoint, initial, '{"redirect_uris":')).status, 400);
    assert.equal((await send('POST', endpoint, initial, '[]')).json['error'], 'invalid_client_metadata');
    assert.equal((await send('POST', endpoint, initial, { client_name: 'x'.repeat(70_000) })).status, 413);
    assert.equal((await send('GET', endpoint, initial)).status, 405);
  });

  it('oidcc-redirect-uri-query-OK, -mismatch and -added: to the character', async () => {
    const uri = `${callback}?dummy1=lorem&dummy2=ipsum`;
    const config = await configured(await registered({ redirect_uris: [uri] }));
    const browser = new Browser({ stopAt: callback });
    const started = await begin(config, browser, { redirect_uri: uri });
    const page = await signInAndAgree(browser, started.page, 'citizen1');
    assert.ok(page.url.startsWith(`${uri}&`), page.url);
    for (const wrong of [
      `${callback}?dummy1=lorem`,
      `${uri}&foo=bar`,
      callback,
      `${callback}?dummy2=ipsum&dummy1=lorem`,
    ]) {
      const { page: refusal } = await begin(config, new Browser({ stopAt: callback }), { redirect_uri: wrong });
      assert.deepEqual([refusal.status, refusal.url.startsWith(callback)], [400, false], wrong);
    }
  });

  it('oidcc-registration-policy-uri and -tos-uri are shown, a logo is not; and that nobody here gave the name', async () => {
    const json = await registered({
      policy_uri: 'https://housing.example/privacy?a=1&b=2',
      tos_uri: 'https://housing.example/terms',
      logo_uri: 'https://housing.example/logo.png',
    });
    assert.equal(json['logo_uri'], undefined);
    const { page } = await begin(await configured(json), new Browser({ stopAt: callback }));
    assert.match(page.text, /href="https:\/\/housing\.example\/privacy\?a=1&amp;b=2">隐私政策/);
    assert.match(page.text, /href="https:\/\/housing\.example\/terms">服务条款/);
    assert.match(page.text, /该系统自行登记.*<strong>localhost:8765<\/strong>/);
    assert.doesNotMatch(page.text, /logo\.png/);
  });

  it('oidcc-refresh-token-rp-key-rotation: new keys of the client are said anew, and the old ones end', async () => {
    const first = keyPair();
    const second = keyPair();
    const json = await registered({
      token_endpoint_auth_method: 'private_key_jwt',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      scope: 'verify',
      jwks: { keys: [publicJwk(first, 'one')] },
    });
    assert.equal(json['client_secret'], undefined);
    const [uri, bearer] = own(json);
    const ask = async ({ privateKey }: ReturnType<typeof keyPair>, kid: string) => {
      const key = await crypto.subtle.importKey(
        'pkcs8',
        privateKey.export({ type: 'pkcs8', format: 'der' }),
        { name: 'ECDSA', namedCurve: 'P-256' },
        false,
        ['sign'],
      );
      const config = await oidc.discovery(
        new URL(`${server.url}/oidc`),
        String(json['client_id']),
        undefined,
        oidc.PrivateKeyJwt({ key, kid }),
        { execute: [oidc.allowInsecureRequests] },
      );
      return oidc.clientCredentialsGrant(config, { scope: 'verify' });
    };
    assert.equal((await ask(first, 'one')).scope, 'verify');
    const said = wishes({
      client_id: json['client_id'],
      token_endpoint_auth_method: 'private_key_jwt',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      scope: 'verify',
      jwks: { keys: [publicJwk(second, 'two')] },
    });
    assert.equal((await send('PUT', uri, bearer, said)).status, 200);
    assert.equal((await ask(second, 'two')).scope, 'verify');
    await assert.rejects(ask(first, 'one'), { error: 'invalid_client' });
  });

  it('RFC 7592: reads, changes and withdraws its own registration with its own token, and no other', async () => {
    const json = await registered();
    const other = await registered();
    const [uri, bearer] = own(json);
    const read = await send('GET', uri, bearer);
    assert.deepEqual([read.status, read.json['client_secret']], [200, undefined], 'a secret is told once');
    assert.equal((await send('GET', uri, own(other)[1])).status, 401);
    assert.equal((await send('GET', `${endpoint}/nobody-at-all`, bearer)).status, 401);
    assert.equal((await send('GET', `${endpoint}/yinxin-pages`, bearer)).status, 401);
    const said = wishes({
      client_id: json['client_id'],
      client_secret: json['client_secret'],
      client_name: '新的名称',
    });
    const changed = await send('PUT', uri, bearer, said);
    assert.deepEqual([changed.status, changed.json['client_name']], [200, '新的名称'], JSON.stringify(changed.json));
    for (const wrong of [
      { client_id: other['client_id'] },
      { client_secret: 'a secret of my own choice' },
      { registration_client_uri: uri },
      { token_endpoint_auth_method: 'none' },
      { redirect_uris: ['https://evil.example/'] },
    ])
      assert.equal((await send('PUT', uri, bearer, { ...said, ...wrong })).status, 400, JSON.stringify(wrong));
    const config = await configured(json);
    assert.ok((await signIn(config)).id_token, 'the secret stayed');
    assert.equal((await send('DELETE', uri, bearer)).status, 204);
    assert.equal((await send('GET', uri, bearer)).status, 401);
    await assert.rejects(oidc.refreshTokenGrant(config, 'x'), { error: 'invalid_client' });
    const { items } = await server.services.audit.entries({
      action: 'client.self-managed',
      objectId: String(json['client_id']),
      limit: 5,
    });
    assert.deepEqual(
      items.map(({ facts }) => facts['deed']),
      ['withdrawn', 'changed', 'registered'],
    );
  });

  it('what administrators settle stays: the floor of the token, wider rights, suspension', async () => {
    const { secret } = await token({ levelFloor: 3 });
    const json = await registered({}, secret);
    const clientId = String(json['client_id']);
    const { clients } = server.services.administration;
    const { revision } = await clients.get(house, clientId);
    await clients.change(house, clientId, { revision, change: { apiScopes: ['seal.stamp'], dpopBound: false } });
    const [uri, bearer] = own(json);
    const said = wishes({ client_id: clientId, scope: 'openid seal.stamp' });
    assert.equal((await send('PUT', uri, bearer, said)).json['scope'], 'openid profile seal.stamp');
    assert.equal((await clients.get(house, clientId)).levelFloor, 3);
    const elsewhere = await send('PUT', uri, bearer, { ...said, redirect_uris: ['https://housing.example/other'] });
    assert.equal(elsewhere.status, 400, 'with rights of two administrators, its token alone moves it nowhere');
    assert.match(String(elsewhere.json['error_description']), /redirectUris/);
    await clients.suspend(house, clientId, '测试');
    assert.equal((await send('GET', uri, bearer)).status, 401);
    assert.equal((await send('PUT', uri, bearer, said)).status, 401);
  });

  it('a network that asks too often is told when to come again, and the log says so once', async () => {
    const { selfRegistration } = server.services.administration;
    const come = () => selfRegistration.read({ clientId: 'dyn-none', ownToken: 'x' }, { origin: '198.51.100.0/24' });
    const codes: unknown[] = [];
    for (let i = 0; i < 62; i++) codes.push(await come().catch((error: { code: string }) => error.code));
    assert.deepEqual(
      [codes[0], codes[59], codes[60], codes[61]],
      ['token-invalid', 'token-invalid', 'too-many-requests', 'too-many-requests'],
    );
    const { items } = await server.services.audit.entries({
      action: 'client.self-managed',
      outcome: 'failed',
      limit: 5,
    });
    assert.deepEqual(
      items.map(({ facts }) => facts),
      [{ deed: 'too-many' }],
    );
  });

  describe('administrators', () => {
    const order = {
      name: '住房局',
      uses: 2,
      apiScopes: ['verify'],
      levelFloor: 2,
      hosts: ['Housing.example'],
      lifetimeSeconds: 86_400,
    };

    async function as(loginName: string): Promise<ApiClient> {
      const config = await oidc.discovery(new URL(`${server.url}/oidc`), 'sandbox-web', undefined, oidc.None(), {
        execute: [oidc.allowInsecureRequests],
      });
      const browser = new Browser({ stopAt: callback });
      const started = await begin(config, browser, { scope: 'openid identity.read identity.manage' });
      const page = await signInAndAgree(browser, started.page, loginName);
      return new ApiClient({ url: server.url, token: (await redeem(config, started, page)).access_token });
    }

    it('make a token that is shown once, list it without its text, and end it', async () => {
      const admin = await as('admin1');
      const { token: made, secret } = await admin.json(contract.makeRegistrationToken, { json: order });
      assert.deepEqual([made.hosts, made.usesLeft, made.endedAt], [['housing.example'], 2, null]);
      const list = await admin.any(contract.listRegistrationTokens);
      assert.equal(new TextDecoder().decode(list.bytes).includes(secret), false);
      const params = { registrationTokenId: made.registrationTokenId };
      assert.notEqual((await admin.json(contract.endRegistrationToken, { params })).endedAt, null);
      const { items } = await server.services.audit.entries({
        action: 'registration-token.changed',
        objectId: made.registrationTokenId,
        limit: 5,
      });
      assert.deepEqual(
        items.map(({ facts }) => facts['deed']),
        ['ended', 'made'],
      );
    });

    it('cannot give by a token what takes two of them, nor hosts that are none', async () => {
      const admin = await as('admin1');
      const stamps = await admin.refusal(contract.makeRegistrationToken, {
        json: { ...order, apiScopes: ['seal.stamp'] },
      });
      assert.deepEqual([stamps.status, stamps.code], [409, 'approval-required']);
      for (const host of ['*.example', 'https://housing.example', 'housing.example:443', '住房.example'])
        assert.equal(
          (await admin.refusal(contract.makeRegistrationToken, { json: { ...order, hosts: [host] } })).code,
          'malformed-request',
          host,
        );
      const citizen = await as('citizen1');
      assert.equal((await citizen.refusal(contract.makeRegistrationToken, { json: order })).status, 403);
    });

    it('do it on a page too, and see who registered itself', async () => {
      const json = await registered();
      const browser = new Browser({ stopAt: callback });
      const page = await signInAndAgree(
        browser,
        await browser.open(`${server.url}/admin/registration-tokens`),
        'admin1',
      );
      const made = await browser.submit(page, '/registration-tokens', {
        name: '交通局',
        hosts: 'traffic.example',
        uses: '1',
        days: '7',
        levelFloor: '0',
        apiScopes: 'verify',
      });
      assert.equal(made.status, 200);
      const secret = /id="secret"[^>]*value="([\w-]{43})"/.exec(made.text)?.[1] ?? '';
      assert.equal((await register({ redirect_uris: ['https://traffic.example/back'] }, secret)).status, 201);
      const wrong = await browser.submit(page, '/registration-tokens', {
        name: '交通局',
        hosts: '*',
        uses: '1',
        days: '7',
      });
      assert.deepEqual([wrong.status, wrong.text.includes('>*</textarea>')], [400, true]);
      assert.doesNotMatch((await browser.open(`${server.url}/admin/registration-tokens`)).text, new RegExp(secret));
      const one = await browser.open(`${server.url}/admin/clients/${String(json['client_id'])}`);
      assert.match(one.text, /自行登记/);
    });
  });
});

describe('RFC 7591: closed unless it is opened', function () {
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server?.stop());

  it('discovery names no endpoint, and there is none', async () => {
    const document = await jsonOf(fetch(`${server.url}/oidc/.well-known/openid-configuration`));
    assert.equal(document['registration_endpoint'], undefined);
    const { secret } = await server.services.administration.registrationTokens.make(house, {
      name: 'x',
      lifetimeSeconds: 60,
      uses: 1,
      apiScopes: [],
      levelFloor: 0,
      hosts: ['localhost'],
    });
    const response = await fetch(`${server.url}/oidc/register`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: [callback] }),
    });
    assert.equal(response.status, 404);
  });
});
