// Sign-in by authorization code with PKCE through the real forms, by a real client; OpenID Connect Core 3.1, RFC 7636, RFC 9470.

import assert from 'node:assert/strict';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { addSeconds, systemClock } from '../../../src/kernel/clock.ts';
import { house } from '../../../src/kernel/principal.ts';
import { begin, callback, password, person, redeem, type Service, signInAndAgree, startService } from './service.ts';

describe('OpenID Connect Core 3.1: authorization code with PKCE', () => {
  let service: Service;

  before(async () => {
    service = await startService();
    await person(service.identity, 'alice', 4);
    await person(service.identity, 'bob', 1);
  });
  after(() => service.close());

  it('signs a person in through the forms and gives an ID token with acr, amr and auth_time', async () => {
    const config = await service.client('sandbox-web');
    const browser = service.browser();
    const started = await begin(config, browser);
    assert.equal(started.page.status, 200);
    assert.match(started.page.text, /沙箱网站/);
    assert.match(started.page.text, /autocomplete="current-password"/);
    const back = await signInAndAgree(browser, started.page, 'alice');
    const tokens = await redeem(config, started, back);
    const claims = tokens.claims();
    // Level 4 by evidence, but one factor only: what this login allows is 3.
    assert.equal(claims?.['acr'], 'urn:yinxin:rn:3');
    assert.deepEqual(claims?.['amr'], ['pwd']);
    assert.equal(typeof claims?.['auth_time'], 'number');
    assert.equal(decodeProtectedHeader(tokens.id_token ?? '').alg, 'ES256');
    const jwks = createRemoteJWKSet(new URL(`${service.publicUrl}/oidc/jwks`));
    await jwtVerify(tokens.id_token ?? '', jwks, { issuer: `${service.publicUrl}/oidc`, audience: 'sandbox-web' });
    const info = await oidc.fetchUserInfo(config, tokens.access_token, claims?.sub ?? '');
    assert.equal(info.name, '测试甲');
    assert.equal(info.preferred_username, 'alice');
  });

  it('asks nothing again in the same session, and asks another client’s consent only', async () => {
    const config = await service.client('sandbox-web');
    const browser = service.browser();
    const first = await begin(config, browser);
    await signInAndAgree(browser, first.page, 'alice');
    const second = await begin(config, browser);
    assert.ok(second.page.url.startsWith(callback), second.page.url);
    const own = await begin(await service.client('yinxin-pages', 'a secret of our own pages'), browser);
    assert.ok(own.page.url.startsWith(callback), 'our own pages are not asked about');
  });

  it('gives API scopes as a JWT for the API, with the level and roles of the person', async () => {
    const clerk = await person(service.identity, 'clerk', 4, ['clerk']);
    const config = await service.client('sandbox-web');
    const browser = service.browser();
    const started = await begin(config, browser, { scope: 'openid licence.read' });
    const back = await signInAndAgree(browser, started.page, 'clerk');
    const tokens = await redeem(config, started, back);
    const principal = await service.identity.accessTokens.principalOf(`Bearer ${tokens.access_token}`, {});
    assert.equal(principal.kind, 'person');
    assert.equal(principal.accountId, clerk.accountId);
    assert.deepEqual([...principal.scopes], ['licence.read']);
    assert.deepEqual([...principal.roles], ['clerk']);
    assert.equal(principal.level, 3);
    assert.equal(principal.actingFor, undefined);
  });

  it('puts the organisation into the token when the person has one mandate', async () => {
    const { identity } = service;
    const agent = await person(identity, 'agent', 3);
    const organisation = await identity.organisations.create(
      { uscc: '91990000XTEXT000XQ', name: '测试有限公司' },
      house,
    );
    const mandate = await identity.organisations.grantMandate(
      {
        accountId: agent.accountId,
        organisationId: organisation.organisationId,
        scope: ['seal:read', 'seal:use'],
        purpose: '用印',
        validUntil: addSeconds(systemClock.now(), 600),
      },
      house,
    );
    const config = await service.client('sandbox-web');
    const browser = service.browser();
    const started = await begin(config, browser, { scope: 'openid seal.read' });
    const tokens = await redeem(config, started, await signInAndAgree(browser, started.page, 'agent'));
    const principal = await identity.accessTokens.principalOf(`Bearer ${tokens.access_token}`, {});
    assert.deepEqual(principal.actingFor, mandate);
  });

  it('lets another person sign in in the same browser, which ends the session before', async () => {
    const config = await service.client('sandbox-web');
    const browser = service.browser();
    const first = await begin(config, browser);
    const before = await redeem(config, first, await signInAndAgree(browser, first.page, 'alice'));
    const second = await begin(config, browser, { prompt: 'login' });
    const after = await redeem(config, second, await signInAndAgree(browser, second.page, 'bob'));
    assert.notEqual(after.claims()?.sub, before.claims()?.sub);
    await assert.rejects(oidc.fetchUserInfo(config, before.access_token, oidc.skipSubjectCheck));
    const silent = await begin(config, browser, { prompt: 'none' });
    const still = await redeem(config, silent, silent.page);
    assert.equal(still.claims()?.sub, after.claims()?.sub);
    assert.deepEqual(
      (await service.entries('sign-out')).map(({ accountId, subjectId }) => [accountId, subjectId]),
      [[after.claims()?.sub, before.claims()?.sub]],
    );
  });

  it('answers a refusal of consent with access_denied', async () => {
    const config = await service.client('sandbox-web');
    const browser = service.browser();
    const started = await begin(config, browser);
    const asked = await browser.submit(started.page, started.page.url.slice(-8), { loginName: 'alice', password });
    assert.match(asked.text, /您的姓名和用户名/);
    const back = await browser.submit(asked, '/cancel', {});
    assert.equal(new URL(back.url).searchParams.get('error'), 'access_denied');
    assert.equal(new URL(back.url).searchParams.get('iss'), `${service.publicUrl}/oidc`);
  });

  it('ends with unmet_authentication_requirements when the level cannot be reached, and never asks in a circle', async () => {
    const config = await service.client('sandbox-web');
    const essential = JSON.stringify({ id_token: { acr: { essential: true, value: 'urn:yinxin:rn:4' } } });
    for (const wish of [{ acr_values: 'urn:yinxin:rn:5' }, { claims: essential }] as Record<string, string>[]) {
      const browser = service.browser();
      const started = await begin(config, browser, wish);
      assert.match(started.page.text, /实名等级/);
      const back = await signInAndAgree(browser, started.page, 'alice');
      assert.equal(new URL(back.url).searchParams.get('error'), 'unmet_authentication_requirements');
      const silent = await begin(config, browser, { ...wish, prompt: 'none' });
      assert.equal(new URL(silent.page.url).searchParams.get('error'), 'login_required', 'no session was left');
    }
  });

  it('tells a silent request of a signed-in person that the level is unmet', async () => {
    const config = await service.client('sandbox-web');
    const browser = service.browser();
    const started = await begin(config, browser);
    await signInAndAgree(browser, started.page, 'bob');
    const silent = await begin(config, browser, { prompt: 'none', acr_values: 'urn:yinxin:rn:2' });
    assert.equal(new URL(silent.page.url).searchParams.get('error'), 'unmet_authentication_requirements');
  });

  it('names the level that was asked for as essential, though the login is stronger', async () => {
    const config = await service.client('sandbox-web');
    const browser = service.browser();
    const claims = JSON.stringify({
      id_token: { acr: { essential: true, values: ['urn:yinxin:rn:1', 'urn:yinxin:rn:2'] } },
    });
    const started = await begin(config, browser, { claims });
    const tokens = await redeem(config, started, await signInAndAgree(browser, started.page, 'alice'));
    assert.equal(tokens.claims()?.['acr'], 'urn:yinxin:rn:2');
  });

  it('takes an authorization request by POST as a GET', async () => {
    const config = await service.client('sandbox-web');
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: callback,
      scope: 'openid',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    });
    const response = await fetch(`${service.publicUrl}/oidc/auth`, {
      method: 'POST',
      body: url.searchParams,
      redirect: 'manual',
    });
    assert.equal(response.status, 303);
    assert.equal(response.headers.get('location'), `${service.publicUrl}/oidc/auth?${url.searchParams.toString()}`);
  });

  it('refuses a request without PKCE, with plain PKCE, with another response type, or for a foreign address', async () => {
    const config = await service.client('sandbox-web');
    const errorOf = async (more: Record<string, string>) => {
      const { page } = await begin(config, service.browser(), more);
      if (page.status !== 0) return page.status;
      const { search, hash } = new URL(page.url);
      return new URLSearchParams(search || hash.slice(1)).get('error');
    };
    assert.equal(await errorOf({ code_challenge_method: 'plain' }), 'invalid_request');
    assert.equal(await errorOf({ response_type: 'token' }), 'invalid_request');
    assert.equal(await errorOf({ redirect_uri: 'http://localhost:8765/callback/../evil' }), 400);
    assert.equal(await errorOf({ redirect_uri: 'http://localhost:8766/callback' }), 400);
    assert.equal(await errorOf({ scope: 'openid seal.stamp' }), 'invalid_scope');
    assert.equal(await errorOf({ response_mode: 'form_post' }), 400);
    const bare = oidc.buildAuthorizationUrl(config, { redirect_uri: callback, scope: 'openid' });
    const page = await service.browser().open(bare.href);
    assert.equal(new URL(page.url).searchParams.get('error'), 'invalid_request');
  });

  it('leaves entries that say who, for which client, and how', async () => {
    const carol = await person(service.identity, 'carol', 2);
    const config = await service.client('sandbox-web');
    const browser = service.browser();
    const started = await begin(config, browser);
    await redeem(config, started, await signInAndAgree(browser, started.page, 'carol'));
    const client = 'sandbox-web';
    const expected = {
      'account.created': { level: 2, roles: '' },
      'sign-in': { client, level: 2, amr: 'pwd', satisfied: true },
      consent: { client, scope: 'openid profile', claims: '', asked: true },
      'token.issued': {
        client,
        grant: 'authorization_code',
        scope: 'openid profile',
        level: 2,
        idTokenKeyName: 'oidc-es256',
      },
    } as const;
    for (const [action, facts] of Object.entries(expected)) {
      const { items } = await service.audit.entries({ action, subjectId: carol.accountId, limit: 10 });
      assert.deepEqual(
        items.map((entry) => ({ outcome: entry.outcome, facts: entry.facts })),
        [{ outcome: 'done', facts }],
        action,
      );
    }
  });

  it('answers nothing when the log does not answer: no consent, no token, and nothing half done', async () => {
    const config = await service.client('sandbox-web');
    const browser = service.browser();
    const started = await begin(config, browser);
    const { audit } = service;
    const fail = async () => {
      throw new Error('the log is gone');
    };
    const asked = await browser.submit(started.page, new URL(started.page.url).pathname, {
      loginName: 'bob',
      password,
    });
    const grants = async () =>
      (await service.test.database.query({ text: "SELECT 1 FROM identity.oidc_model WHERE model = 'Grant'" })).rowCount;
    const before = await grants();
    try {
      audit.appendManyWith = fail;
      assert.equal((await browser.submit(asked, '/consent', {})).status, 500);
      assert.equal(await grants(), before);
      Reflect.deleteProperty(audit, 'appendManyWith');
      const back = await browser.submit(asked, '/consent', {});
      audit.appendManyWith = fail;
      await assert.rejects(redeem(config, started, back));
    } finally {
      Reflect.deleteProperty(audit, 'appendManyWith');
    }
  });
});
