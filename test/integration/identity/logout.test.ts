// OpenID Connect RP-Initiated Logout 1.0, by the names of the OpenID Foundation's modules, and what signing out leaves of tokens (RFC 7009, RFC 9700).

import assert from 'node:assert/strict';
import { SignJWT } from 'jose';
import { generateKeyPairSync } from 'node:crypto';
import * as oidc from 'openid-client';
import { house } from '../../../src/kernel/principal.ts';
import type { Browser, Page } from './browser.ts';
import { begin, callback, jsonOf, person, redeem, type Service, signInAndAgree, startService } from './service.ts';

const bye = 'http://localhost:8765/callback/bye';

describe('OpenID Connect RP-Initiated Logout 1.0', () => {
  let service: Service;
  let config: oidc.Configuration;
  let browser: Browser;
  let hint: string;

  before(async () => {
    service = await startService();
    await person(service.identity, 'alice', 2);
    config = await service.client('sandbox-web');
  });
  after(() => service.close());
  beforeEach(async () => {
    browser = service.browser();
    const started = await begin(config, browser, { scope: 'openid' });
    const tokens = await redeem(config, started, await signInAndAgree(browser, started.page, 'alice'));
    hint = String(tokens.id_token);
  });

  const ask = (params: Record<string, string>): Promise<Page> =>
    browser.open(`${service.publicUrl}/oidc/session/end?${new URLSearchParams(params).toString()}`);
  const agree = (page: Page): Promise<Page> => browser.submit(page, '/session/end/confirm', { logout: 'yes' });
  const stillSignedIn = async (): Promise<boolean> => {
    const { page } = await begin(config, browser, { scope: 'openid', prompt: 'none' });
    const answer = new URL(page.url).searchParams;
    if (answer.has('error')) assert.equal(answer.get('error'), 'login_required');
    return !answer.has('error');
  };
  /** An error page of ours: it leads nowhere, and nobody is signed out. */
  const isRefused = async (params: Record<string, string>): Promise<void> => {
    const page = await ask(params);
    assert.equal(page.status, 400);
    assert.ok(page.url.startsWith(`${service.publicUrl}/oidc/session/end`));
    assert.equal(page.headers.get('location'), null);
    assert.doesNotMatch(page.text, /localhost:8765|evil\.example|http-equiv="refresh"|session\/end\/confirm/);
    assert.equal(await stillSignedIn(), true);
  };
  /** The person is asked, signed out, and stays with us. */
  const endsHere = async (params: Record<string, string>): Promise<void> => {
    const page = await agree(await ask(params));
    assert.equal(page.status, 200);
    assert.ok(page.url.startsWith(`${service.publicUrl}/oidc/session/end/success`));
    assert.equal(await stillSignedIn(), false);
  };

  it('oidcc-rp-initiated-logout-discovery-endpoint-verification', async () => {
    const discovery = await jsonOf(fetch(`${service.publicUrl}/oidc/.well-known/openid-configuration`));
    assert.equal(discovery.end_session_endpoint, `${service.publicUrl}/oidc/session/end`);
  });

  it('oidcc-rp-initiated-logout', async () => {
    const page = await ask({ id_token_hint: hint, post_logout_redirect_uri: bye, state: 'state-1' });
    assert.equal(page.status, 200);
    assert.equal(await stillSignedIn(), true, 'nothing happens before the person agrees');
    const asked = await ask({ id_token_hint: hint, post_logout_redirect_uri: bye, state: 'state-1' });
    assert.equal((await agree(asked)).url, `${bye}?state=state-1`);
    assert.equal(await stillSignedIn(), false);
  });

  it('oidcc-rp-initiated-logout-bad-post-logout-redirect-uri', async () => {
    for (const uri of ['https://evil.example/', `${bye}/`, `${bye}#x`, 'http://LOCALHOST:8765/callback/bye'])
      await isRefused({ id_token_hint: hint, post_logout_redirect_uri: uri, state: 's' });
  });

  it('oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri', async () => {
    await isRefused({ id_token_hint: hint, post_logout_redirect_uri: `${bye}?foo=bar`, state: 's' });
  });

  it('oidcc-rp-initiated-logout-modified-id-token-hint', async () => {
    const [, body = ''] = hint.split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    await isRefused({ id_token_hint: `${none}.${body}.`, post_logout_redirect_uri: bye, state: 's' });
    const [header, , signature] = hint.split('.');
    const claims: Record<string, unknown> = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
    const other = Buffer.from(JSON.stringify({ ...claims, sub: 'acc_01jd0000000000000000000000' })).toString(
      'base64url',
    );
    await isRefused({
      id_token_hint: `${header}.${other}.${signature}`,
      post_logout_redirect_uri: bye,
      state: 's',
    });
    await isRefused({ id_token_hint: 'no token', post_logout_redirect_uri: bye, state: 's' });
  });

  it('oidcc-rp-initiated-logout-bad-id-token-hint', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const foreign = await new SignJWT({ sub: 'acc_01jd0000000000000000000000' })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer(`${service.publicUrl}/oidc`)
      .setAudience('sandbox-web')
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey);
    await isRefused({ id_token_hint: foreign, post_logout_redirect_uri: bye, state: 's' });
  });

  it('oidcc-rp-initiated-logout-no-id-token-hint', async () => {
    await endsHere({ post_logout_redirect_uri: bye, state: 's' });
  });

  it('oidcc-rp-initiated-logout-no-params', async () => {
    await endsHere({});
  });

  it('oidcc-rp-initiated-logout-no-post-logout-redirect-uri', async () => {
    await endsHere({ id_token_hint: hint, state: 's' });
  });

  it('oidcc-rp-initiated-logout-no-state', async () => {
    const page = await agree(await ask({ id_token_hint: hint, post_logout_redirect_uri: bye }));
    assert.equal(page.url, bye);
    assert.equal(await stillSignedIn(), false);
  });

  it('oidcc-rp-initiated-logout-only-state', async () => {
    await endsHere({ state: 's' });
  });

  it('needs the form of our own page: an address alone, or a form without its secret, signs nobody out', async () => {
    await ask({ id_token_hint: hint });
    const forged = await browser.open(`${service.publicUrl}/oidc/session/end/confirm`, {
      method: 'POST',
      body: new URLSearchParams({ xsrf: 'guessed', logout: 'yes' }),
    });
    assert.equal(forged.status, 400);
    assert.equal(await stillSignedIn(), true);
  });

  it('ends nothing when the person wants to stay', async () => {
    const page = await browser.submit(await ask({ id_token_hint: hint }), '/session/end/confirm', {});
    assert.equal(page.status, 200);
    const { page: again } = await begin(config, browser, { scope: 'openid' });
    assert.ok(again.url.startsWith(callback) || !again.text.includes('name="password"'));
  });

  async function lasting(clientId: string, secret?: string) {
    const client = await service.client(clientId, secret);
    const started = await begin(client, browser, { scope: 'openid offline_access', prompt: 'consent' });
    const tokens = await redeem(client, started, await signInAndAgree(browser, started.page, 'alice'));
    return { client, refresh: String(tokens.refresh_token), access: tokens.access_token };
  }
  const userinfo = async (token: string) =>
    (await fetch(`${service.publicUrl}/oidc/me`, { headers: { authorization: `Bearer ${token}` } })).status;

  it('leaves a refresh token that the person agreed to for when they are away', async () => {
    const { client, refresh } = await lasting('sandbox-web');
    await agree(await ask({ client_id: 'sandbox-web' }));
    assert.ok((await oidc.refreshTokenGrant(client, refresh)).access_token);
  });

  it('ends a refresh token of a client that asks nobody', async () => {
    const secret = 'a secret of other pages of ours';
    await service.identity.clients.register(
      {
        clientId: 'own-app',
        kind: 'confidential',
        name: '自有应用',
        nameEn: 'Own app',
        secret,
        redirectUris: [callback],
        apiScopes: [],
        offlineAccess: true,
        firstParty: true,
      },
      house,
    );
    const { client, refresh } = await lasting('own-app', secret);
    assert.notEqual(refresh, 'undefined');
    await agree(await ask({}));
    await assert.rejects(oidc.refreshTokenGrant(client, refresh), { error: 'invalid_grant' });
  });

  it('RFC 7009, 2.1: revoking a refresh token ends the access tokens that came from it, and its successors', async () => {
    const { client, refresh, access } = await lasting('sandbox-web');
    const next = await oidc.refreshTokenGrant(client, refresh);
    assert.equal(await userinfo(access), 200);
    await oidc.tokenRevocation(client, String(next.refresh_token));
    assert.equal(await userinfo(access), 401);
    assert.equal(await userinfo(next.access_token), 401);
    await assert.rejects(oidc.refreshTokenGrant(client, String(next.refresh_token)), { error: 'invalid_grant' });
  });
});
