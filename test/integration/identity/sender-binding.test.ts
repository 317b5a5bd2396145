// Tokens that are bound to a key or a certificate are good with it only, here and in every process; RFC 9449, RFC 8705, RFC 9396.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientCertificates } from '../../../src/identity/engine/client-certificate.ts';
import type { ClientRegistration } from '../../../src/identity/clients/client-registration.ts';
import { SingleUses } from '../../../src/identity/tokens/single-uses.ts';
import { addSeconds, systemClock } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { house, type Principal } from '../../../src/kernel/principal.ts';
import type { Browser } from './browser.ts';
import { type Changes, FapiClient, keyPair, now, post, unique, verifier } from './fapi-client.ts';
import { callback, person, type Service, startService } from './service.ts';

const path = '/api/v1/licences';

describe('RFC 9449, section 7: our API takes bound tokens with their proof only', () => {
  let service: Service;
  let client: FapiClient;
  let browser: Browser;
  let token: string;

  before(async () => {
    service = await startService();
    await person(service.identity, 'alice', 3);
    client = await new FapiClient(service, 'fapi-web').register({
      authorizationDetailsTypes: ['licence_show', 'seal_use'],
    });
    browser = service.browser();
    token = await accessToken({ scope: 'openid licence.read' });
  });
  after(() => service.close());

  async function accessToken(more: Record<string, string>): Promise<string> {
    const { json } = await client.token({ code: await client.code(browser, more) });
    return String(json['access_token']);
  }

  const ath = (text: string) => createHash('sha256').update(text).digest('base64url');

  async function call(changes: Changes = {}, { scheme = 'DPoP', text = token, keys = client.dpopKeys } = {}) {
    const claims = { ath: ath(text), ...changes.claims };
    const dpop = await client.proof('GET', `${service.publicUrl}${path}`, { ...changes, claims }, keys);
    return asked(`${scheme} ${text}`, { dpop });
  }

  function asked(authorization: string, headers: Record<string, string>): Promise<Principal> {
    return service.identity.accessTokens.principalOf(authorization, {}, { method: 'GET', path, headers });
  }

  const refusal = (error: unknown) => isTrustError(error, 'token-invalid') && error.details?.proof === 'dpop';

  it('knows the person by a token with its proof', async () => {
    const { kind, clientId, scopes } = await call();
    assert.deepEqual([kind, clientId, [...scopes]], ['person', 'fapi-web', ['licence.read']]);
    assert.equal((await call({ claims: { htu: `${service.publicUrl}${path}?page=2#top` } })).kind, 'person');
  });

  it('refuses it as a bearer token, without proof, and where the call is not known', async () => {
    await assert.rejects(call({}, { scheme: 'Bearer' }), refusal);
    await assert.rejects(asked(`DPoP ${token}`, {}), refusal);
    await assert.rejects(service.identity.accessTokens.principalOf(`DPoP ${token}`, {}), refusal);
  });

  it('refuses an unbound token as a bound one', async () => {
    const { json } = await post(`${client.issuer}/token`, {
      grant_type: 'client_credentials',
      client_id: 'sandbox-system',
      client_secret: 'sandbox-system-secret',
      scope: 'verify',
    });
    const text = String(json['access_token']);
    assert.equal((await asked(`Bearer ${text}`, {})).kind, 'system');
    await assert.rejects(call({}, { text }), refusal);
  });

  const bad: readonly [string, () => Changes][] = [
    ['for another method', () => ({ claims: { htm: 'POST' } })],
    ['for another path', () => ({ claims: { htu: `${service.publicUrl}/api/v1/seals` } })],
    ['for another host', () => ({ claims: { htu: `https://evil.example${path}` } })],
    ['for another token', () => ({ claims: { ath: ath('another') } })],
    ['without ath', () => ({ claims: { ath: undefined } })],
    ['without jti', () => ({ claims: { jti: undefined } })],
    ['with a long jti', () => ({ claims: { jti: 'j'.repeat(300) } })],
    ['of long ago', () => ({ claims: { iat: now() - 120 } })],
    ['of the future', () => ({ claims: { iat: now() + 120 } })],
    ['of another type', () => ({ header: { typ: 'JWT' } })],
    ['without signature', () => ({ header: { alg: 'none' } })],
    ['with a private key', () => ({ header: { jwk: client.dpopKeys.privateKey.export({ format: 'jwk' }) } })],
    ['signed by another key', () => ({ key: keyPair().privateKey })],
  ];
  for (const [what, changes] of bad) {
    it(`refuses a proof ${what}`, async () => {
      await assert.rejects(call(changes()), refusal);
    });
  }

  it('refuses the proof of a key that the token is not bound to', async () => {
    await assert.rejects(call({}, { keys: keyPair() }), refusal);
  });

  it('takes a proof once', async () => {
    const claims = { jti: unique() };
    await call({ claims });
    await assert.rejects(call({ claims }), refusal);
  });

  it('gives one of 50 uses at once the proof, over two processes, in each of 20 rounds', async () => {
    const shared = { database: service.test.database, clock: systemClock };
    const one = new SingleUses(shared);
    const other = new SingleUses(shared);
    for (let round = 0; round < 20; round++) {
      const name = unique();
      const goodUntil = addSeconds(systemClock.now(), 60);
      const uses = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? one : other).take(name, goodUntil));
      assert.equal((await Promise.all(uses)).filter((won) => won).length, 1);
    }
  });

  it('carries what the person agreed to, and nothing else of the scope', async () => {
    const identifier = newId('licence', systemClock);
    const details = [{ type: 'licence_show', identifier, purpose: '办理入学' }];
    const page = await browser.open(
      client.address(await client.pushed({ scope: 'openid', authorization_details: JSON.stringify(details) })),
    );
    assert.match(page.text, new RegExp(`出示证照 ${identifier}，用途：办理入学`));
    const back = await browser.submit(page, '/consent', {});
    const { json } = await client.token({ code: new URL(back.url).searchParams.get('code') });
    assert.deepEqual(json['authorization_details'], details);
    const principal = await call({}, { text: String(json['access_token']) });
    assert.deepEqual([principal.authorizationDetails, [...principal.scopes]], [details, ['licence.read']]);
    const [entry] = (await service.entries('consent')).slice(-1);
    assert.match(JSON.stringify(entry), /licence_show/);
    assert.doesNotMatch(JSON.stringify(entry), new RegExp(`${identifier}|办理入学`));
  });

  const identifier = newId('licence', systemClock);
  const badDetails: readonly [string, unknown, Record<string, string>?][] = [
    ['of an unknown type', [{ type: 'account_information', identifier, purpose: 'x' }]],
    ['with an unknown member', [{ type: 'licence_show', identifier, purpose: 'x', actions: ['read'] }]],
    ['without a purpose', [{ type: 'licence_show', identifier }]],
    ['with a purpose of two lines', [{ type: 'licence_show', identifier, purpose: 'a\nb' }]],
    ['of a thing that cannot be', [{ type: 'seal_use', identifier, purpose: 'x' }]],
    ['that are too many', Array.from({ length: 6 }, () => ({ type: 'licence_show', identifier, purpose: 'x' }))],
    [
      'beside scopes of the API',
      [{ type: 'licence_show', identifier, purpose: 'x' }],
      { scope: 'openid licence.read' },
    ],
    ['that are no list', { type: 'licence_show', identifier, purpose: 'x' }],
  ];
  for (const [what, details, more = {}] of badDetails) {
    it(`refuses authorization details ${what}`, async () => {
      const parameters = client.parameters({
        scope: 'openid',
        authorization_details: JSON.stringify(details),
        ...more,
      });
      const { status, json } = await client.push(parameters);
      assert.deepEqual([status, json['error']], [400, 'invalid_authorization_details']);
    });
  }
});

describe('RFC 8705: clients that come with a TLS certificate', () => {
  let service: Service;
  let browser: Browser;
  let directory: string;
  const header = 'x-client-certificate';
  const verified = 'x-client-verify';

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'yinxin-certificates-'));
    service = await startService({ clientCertificates: new ClientCertificates({ certificate: header, verified }) });
    await person(service.identity, 'alice', 3);
    browser = service.browser();
  });
  after(async () => {
    await service.close();
    rmSync(directory, { recursive: true, force: true });
  });

  function certificate(subject: string): X509Certificate {
    const [keyFile, file] = [join(directory, `${unique()}.key`), join(directory, `${unique()}.pem`)];
    const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-utf8'];
    execFileSync('openssl', [...args, '-subj', subject, '-keyout', keyFile, '-out', file, '-days', '2'], {
      stdio: 'ignore',
    });
    return new X509Certificate(readFileSync(file));
  }

  async function client(clientId: string, more: Partial<ClientRegistration>): Promise<string> {
    await service.identity.clients.register(
      {
        clientId,
        kind: 'confidential',
        name: '专线系统',
        nameEn: 'Line system',
        profile: 'fapi2',
        redirectUris: [callback],
        apiScopes: ['licence.read'],
        ...more,
      },
      house,
    );
    return clientId;
  }

  const issuer = () => `${service.publicUrl}/oidc`;
  const asPem = (own: X509Certificate) => ({ [header]: encodeURIComponent(own.toString()) });
  const asField = (own: X509Certificate) => ({ [header]: `:${own.raw.toString('base64')}:` });

  async function sent(endpoint: string, body: Record<string, string>, headers: Record<string, string>) {
    const response = await fetch(`${issuer()}/${endpoint}`, {
      method: 'POST',
      body: new URLSearchParams(body),
      headers,
    });
    const json: Record<string, unknown> = JSON.parse(await response.text());
    return { status: response.status, json };
  }

  const parameters = (clientId: string) => ({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid licence.read',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });

  async function token(clientId: string, headers: Record<string, string>, atToken = headers) {
    const pushed = await sent('request', parameters(clientId), headers);
    if (pushed.status !== 201) return pushed;
    const query = new URLSearchParams({ client_id: clientId, request_uri: String(pushed.json['request_uri']) });
    let page = await browser.open(`${issuer()}/auth?${query.toString()}`);
    if (page.text.includes('name="password"'))
      page = await browser.submit(page, page.url.slice(page.url.lastIndexOf('/')), {
        loginName: 'alice',
        password: 'sandbox-Pass-2026',
      });
    if (page.text.includes('/consent"')) page = await browser.submit(page, '/consent', {});
    const code = new URL(page.url).searchParams.get('code') ?? '';
    const body = { grant_type: 'authorization_code', client_id: clientId, code, redirect_uri: callback };
    return sent('token', { ...body, code_verifier: verifier }, atToken);
  }

  it('says in discovery that it knows them', async () => {
    const document: Record<string, unknown> = JSON.parse(
      await (await fetch(`${issuer()}/.well-known/openid-configuration`)).text(),
    );
    assert.equal(document['tls_client_certificate_bound_access_tokens'], true);
    const methods = document['token_endpoint_auth_methods_supported'];
    assert.ok(Array.isArray(methods) && methods.includes('tls_client_auth'));
    assert.ok(Array.isArray(methods) && methods.includes('self_signed_tls_client_auth'));
  });

  it('self_signed_tls_client_auth: the registered certificate proves the client, and its tokens are bound to it', async () => {
    const [own, foreign] = [certificate('/CN=line'), certificate('/CN=line')];
    const { kty = '', crv = '', x = '', y = '' } = own.publicKey.export({ format: 'jwk' });
    const clientId = await client('line-self', {
      authMethod: 'self_signed_tls_client_auth',
      jwks: { keys: [{ kty, crv, x, y, x5c: [own.raw.toString('base64')] }] },
    });
    for (const headers of [asPem(own), asField(own)]) {
      const { status, json } = await token(clientId, headers);
      assert.equal(status, 200, JSON.stringify(json));
      const text = String(json['access_token']);
      const principalWith = (certificateHeaders: Record<string, string>) =>
        service.identity.accessTokens.principalOf(
          `Bearer ${text}`,
          {},
          { method: 'GET', path, headers: certificateHeaders },
        );
      assert.equal((await principalWith(headers)).clientId, clientId);
      await assert.rejects(principalWith(asPem(foreign)), (error) => isTrustError(error, 'token-invalid'));
      await assert.rejects(principalWith({}), (error) => isTrustError(error, 'token-invalid'));
    }
    const attempts: Record<string, string>[] = [
      {},
      asPem(foreign),
      { [header]: 'not a certificate' },
      { [header]: `:${'A'.repeat(12_400)}:` },
    ];
    for (const headers of attempts) {
      const { status, json } = await token(clientId, headers);
      assert.deepEqual([status, json['error']], [401, 'invalid_client']);
    }
    assert.equal((await token(clientId, asPem(own), asPem(foreign))).json['error'], 'invalid_client');
  });

  it('tls_client_auth: the subject as registered, and only verified by the proxy', async () => {
    const own = certificate('/C=CN/O=XTEXT/CN=办事, 一');
    const clientId = await client('line-ca', {
      authMethod: 'tls_client_auth',
      tlsSubjectDn: 'CN=办事\\, 一,O=XTEXT,C=CN',
    });
    const good = { ...asPem(own), [verified]: 'SUCCESS' };
    const { status, json } = await token(clientId, good);
    assert.equal(status, 200, JSON.stringify(json));
    const attempts: Record<string, string>[] = [
      asPem(own),
      { ...asPem(own), [verified]: 'FAILED:self signed certificate' },
      { ...asPem(certificate('/C=CN/O=XTEXT/CN=other')), [verified]: 'SUCCESS' },
    ];
    for (const headers of attempts) {
      const answer = await token(clientId, headers);
      assert.deepEqual([answer.status, answer.json['error']], [401, 'invalid_client']);
    }
  });
});
