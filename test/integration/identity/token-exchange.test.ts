// Token exchange from system to system and to our API, and pairwise subjects on the way; RFC 8693, OpenID Connect Core 1.0 section 8.

import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { addSeconds, systemClock } from '../../../src/kernel/clock.ts';
import { house } from '../../../src/kernel/principal.ts';
import { asObject } from '../../../src/kernel/words/members.ts';
import { begin, callback, jsonOf, person, redeem, type Service, signInAndAgree, startService } from './service.ts';

const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessToken = 'urn:ietf:params:oauth:token-type:access_token';
const secretOf = (clientId: string): string => `a secret of the system ${clientId}`;

describe('RFC 8693: token exchange', () => {
  let service: Service;
  let accountId: string;
  let forApi: string;
  let forUserinfo: string;

  before(async () => {
    service = await startService();
    const { clients } = service.identity;
    const people = { kind: 'confidential', apiScopes: ['licence.read', 'verify'], redirectUris: [callback] } as const;
    const register = (clientId: string, more: Partial<Parameters<typeof clients.register>[0]>) =>
      clients.register(
        { ...people, clientId, name: clientId, nameEn: clientId, secret: secretOf(clientId), ...more },
        house,
      );
    await register('portal', {
      grantTypes: ['authorization_code', exchangeGrant],
      exchangeTargets: ['archive', 'cinema', 'vault'],
    });
    await register('archive', {
      kind: 'system',
      apiScopes: ['licence.read'],
      grantTypes: ['client_credentials', exchangeGrant],
      redirectUris: [],
      exchangeTargets: ['portal'],
    });
    await register('cinema', { subjectType: 'pairwise', sector: 'cinema.example', levelFloor: 0 });
    await register('vault', { levelFloor: 4 });
    await register('stranger', { grantTypes: ['authorization_code', exchangeGrant] });
    await register('far', {
      subjectType: 'pairwise',
      sector: 'far.example',
      grantTypes: ['authorization_code', exchangeGrant],
    });
    accountId = (await person(service.identity, 'alice', 3)).accountId;
    forApi = (await tokensOf('portal', 'openid licence.read verify')).access_token;
    forUserinfo = (await tokensOf('portal', 'openid profile')).access_token;
  });
  after(() => service.close());

  async function tokensOf(clientId: string, scope: string) {
    const config = await service.client(clientId, secretOf(clientId));
    const browser = service.browser();
    const started = await begin(config, browser, { scope });
    return redeem(config, started, await signInAndAgree(browser, started.page, 'alice'));
  }

  async function exchange(clientId: string, parameters: Record<string, string>) {
    const response = await fetch(`${service.publicUrl}/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${clientId}:${secretOf(clientId).replaceAll(' ', '+')}`)}` },
      body: new URLSearchParams({ grant_type: exchangeGrant, subject_token_type: accessToken, ...parameters }),
    });
    return jsonOf(response);
  }
  const api = (): string => `${service.publicUrl}/api`;

  it('gives openid-client a narrower token for our API, which knows the account and the actor', async () => {
    const config = await service.client('portal', secretOf('portal'));
    const tokens = await oidc.genericGrantRequest(config, exchangeGrant, {
      subject_token: forApi,
      subject_token_type: accessToken,
      resource: api(),
      scope: 'verify',
    });
    assert.equal(tokens['issued_token_type'], accessToken);
    assert.equal(tokens.token_type, 'bearer');
    assert.equal(tokens.scope, 'verify');
    const claims = decodeJwt(tokens.access_token);
    assert.deepEqual(claims['act'], { sub: 'portal' });
    assert.equal(claims['may_act'], undefined);
    assert.ok((claims.exp ?? 0) <= (decodeJwt(forApi).exp ?? 0));
    const principal = await service.identity.accessTokens.principalOf(`Bearer ${tokens.access_token}`, {});
    assert.equal(principal.accountId, accountId);
    assert.equal(principal.level, 3);
    assert.deepEqual(principal.actors, ['portal']);
    assert.deepEqual([...principal.scopes], ['verify']);
    const [entry] = (await service.entries('token.issued')).slice(-1);
    assert.equal(entry?.facts['grant'], exchangeGrant);
    assert.equal(entry?.facts['actors'], 'portal');
    assert.equal(entry?.facts['audience'], api());
  });

  it('hands a person on from system to system, each of which is named in `act` and only the next may use the token', async () => {
    const first = await exchange('portal', { subject_token: forApi, audience: 'archive', scope: 'licence.read' });
    const claims = decodeJwt(String(first['access_token']));
    assert.equal(claims.aud, 'archive');
    assert.deepEqual(claims['may_act'], { sub: 'archive' });
    const token = String(first['access_token']);
    await assert.rejects(service.identity.accessTokens.principalOf(`Bearer ${token}`, {}));
    const second = await exchange('archive', { subject_token: token, resource: api() });
    assert.equal(second['scope'], 'licence.read');
    const principal = await service.identity.accessTokens.principalOf(`Bearer ${String(second['access_token'])}`, {});
    assert.deepEqual([principal.clientId, principal.actors], ['archive', ['archive', 'portal']]);
    assert.equal(principal.accountId, accountId);
    const stolen = await exchange('stranger', { subject_token: token, resource: api() });
    assert.equal(stolen['error'], 'invalid_request');
    assert.equal(stolen['access_token'], undefined);
  });

  it('ends a chain that goes in circles', async () => {
    let token = forApi;
    const errors: unknown[] = [];
    for (const [by, audience] of [
      ['portal', 'archive'],
      ['archive', 'portal'],
      ['portal', 'archive'],
      ['archive', 'portal'],
      ['portal', 'archive'],
    ] as const) {
      const answer = await exchange(by, { subject_token: token, audience });
      errors.push(answer['error']);
      token = typeof answer['access_token'] === 'string' ? answer['access_token'] : token;
    }
    assert.deepEqual(errors, [undefined, undefined, undefined, undefined, 'invalid_request']);
  });

  it('takes an actor token of the client itself, and no other', async () => {
    const config = await service.client('archive', secretOf('archive'));
    const own = (await oidc.clientCredentialsGrant(config, { scope: 'licence.read' })).access_token;
    const forArchive = await exchange('portal', { subject_token: forApi, audience: 'archive', scope: 'licence.read' });
    const ask = { subject_token: String(forArchive['access_token']), resource: api() };
    const actor = { actor_token: own, actor_token_type: accessToken };
    assert.equal((await exchange('archive', { ...ask, ...actor }))['scope'], 'licence.read');
    assert.equal((await exchange('archive', { ...ask, ...actor, actor_token: forApi }))['error'], 'invalid_request');
    const notOwn = await exchange('portal', { subject_token: forApi, resource: api(), ...actor });
    assert.equal(notOwn['error'], 'invalid_request');
    assert.equal((await exchange('archive', { ...ask, actor_token: own }))['error'], 'invalid_request');
  });

  it('refuses other audiences, more scope, a level below the floor, and tokens that are none', async () => {
    const ask = { subject_token: forApi, audience: 'archive' };
    const refusals: [string, Record<string, string>, string][] = [
      ['portal', { ...ask, audience: 'stranger' }, 'invalid_target'],
      ['portal', { ...ask, audience: 'nobody-at-all' }, 'invalid_target'],
      ['portal', { subject_token: forApi }, 'invalid_target'],
      ['portal', { ...ask, resource: api() }, 'invalid_target'],
      ['portal', { subject_token: forApi, resource: 'archive' }, 'invalid_target'],
      ['portal', { ...ask, scope: 'seal.stamp' }, 'invalid_scope'],
      ['portal', { ...ask, scope: 'licence.read audit.read' }, 'invalid_scope'],
      ['portal', { subject_token: forUserinfo, resource: api() }, 'invalid_scope'],
      ['portal', { ...ask, audience: 'vault' }, 'unmet_authentication_requirements'],
      ['portal', { ...ask, subject_token: 'x' }, 'invalid_request'],
      ['portal', { ...ask, subject_token: `${forApi}x` }, 'invalid_request'],
      ['portal', { ...ask, subject_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }, 'invalid_request'],
      ['portal', { ...ask, requested_token_type: 'urn:ietf:params:oauth:token-type:id_token' }, 'invalid_request'],
      ['portal', { ...ask, mandate: 'man_01jd0000000000000000000000' }, 'invalid_request'],
      ['stranger', { subject_token: forApi, resource: api() }, 'invalid_request'],
      ['cinema', { subject_token: forApi, resource: api() }, 'invalid_request'],
    ];
    for (const [clientId, parameters, error] of refusals) {
      const answer = await exchange(clientId, parameters);
      assert.equal(answer['error'], error, JSON.stringify(parameters).replace(forApi, '…'));
      assert.equal(answer['access_token'], undefined);
    }
    const refused = (await service.entries('token.refused')).slice(-1);
    assert.equal(refused[0]?.facts['grant'], exchangeGrant);
  });

  it('speaks for whom the person chose, and for nobody whom a system chooses for them', async () => {
    const { identity } = service;
    const bob = await person(identity, 'bob', 3);
    const mandateOf = async (uscc: string) => {
      const { organisationId } = await identity.organisations.create({ uscc, name: '测试单位' }, house);
      const validUntil = addSeconds(systemClock.now(), 600);
      const order = {
        accountId: bob.accountId,
        organisationId,
        scope: ['seal:read'] as const,
        purpose: '用印',
        validUntil,
      };
      return (await identity.organisations.grantMandate(order, house)).mandateId;
    };
    const [chosen, other] = [await mandateOf('91990000XTEXT000XQ'), await mandateOf('91990000XTEXT0018Q')];
    const config = await service.client('portal', secretOf('portal'));
    const browser = service.browser();
    const started = await begin(config, browser, { scope: 'openid licence.read' });
    const asked = await signInAndAgree(browser, started.page, 'bob');
    const back = await browser.submit(asked, '/choose-party', { mandate: chosen });
    const tokens = await redeem(config, started, await signInAndAgree(browser, back, ''));
    const partyIn = (answer: Record<string, unknown>) =>
      answer['error'] ?? asObject(decodeJwt(String(answer['access_token']))['represented_party'])?.['mandate'];
    const ask = { subject_token: tokens.access_token, resource: api() };
    assert.equal(partyIn(await exchange('portal', ask)), chosen);
    assert.equal(partyIn(await exchange('portal', { ...ask, mandate: chosen })), chosen);
    assert.equal(partyIn(await exchange('portal', { ...ask, mandate: other })), 'invalid_request');
    const onward = await exchange('portal', { subject_token: tokens.access_token, audience: 'archive' });
    const again = await begin(config, browser, { scope: 'openid licence.read', prompt: 'select_party' });
    await browser.submit(again.page, '/choose-party', { mandate: other });
    assert.equal(partyIn(await exchange('portal', { ...ask, mandate: other })), other);
    // What was chosen for one system is not chosen for the next.
    const further = { subject_token: String(onward['access_token']), resource: api() };
    assert.equal(partyIn(await exchange('archive', further)), chosen);
    assert.equal(partyIn(await exchange('archive', { ...further, mandate: other })), 'invalid_request');
  });

  it('exchanges a token for userinfo with the level of its sign-in, until it is revoked', async () => {
    const config = await service.client('portal', secretOf('portal'));
    const { access_token: token } = await tokensOf('portal', 'openid profile');
    const told = await oidc.tokenIntrospection(config, token);
    assert.deepEqual([told['acr'], told['amr']], ['urn:yinxin:rn:3', ['pwd']]);
    const good = await exchange('portal', { subject_token: token, audience: 'archive' });
    assert.equal(decodeJwt(String(good['access_token']))['acr'], 'urn:yinxin:rn:3');
    await oidc.tokenRevocation(config, token);
    const dead = await exchange('portal', { subject_token: token, audience: 'archive' });
    assert.equal(dead['error'], 'invalid_request');
  });

  it('does not outlive the account', async () => {
    await service.test.database.query({ text: `UPDATE identity.account SET status = 'suspended'` });
    const answer = await exchange('portal', { subject_token: forApi, resource: api() });
    await service.test.database.query({ text: `UPDATE identity.account SET status = 'active'` });
    assert.equal(answer['error'], 'invalid_request');
  });

  it('ends with the system that the token was given to', async () => {
    const forArchive = await exchange('portal', { subject_token: forApi, audience: 'archive', scope: 'licence.read' });
    const ask = { subject_token: String(forArchive['access_token']), resource: api() };
    const disable = async (at: string) => {
      await service.test.database.query({
        text: `UPDATE identity.client SET disabled_at = ${at} WHERE client_id = 'portal'`,
      });
      service.identity.clients.forget('portal');
    };
    assert.equal((await exchange('archive', ask))['error'], undefined);
    await disable('now()');
    const { error } = await exchange('archive', ask);
    await disable('NULL');
    assert.equal(error, 'invalid_request');
  });

  it('calls a person towards each sector by another name, the same everywhere, and by the account towards our API', async () => {
    const far = await service.client('far', secretOf('far'));
    const tokens = await tokensOf('far', 'openid profile');
    const sub = tokens.claims()?.sub ?? '';
    assert.match(sub, /^pw-[A-Za-z0-9_-]{43}$/);
    assert.equal((await oidc.fetchUserInfo(far, tokens.access_token, sub)).sub, sub);
    assert.equal((await oidc.tokenIntrospection(far, tokens.access_token)).sub, sub);
    const again = await tokensOf('far', 'openid licence.read');
    const claims = decodeJwt(again.access_token);
    assert.equal(claims.sub, sub);
    assert.doesNotMatch(JSON.stringify(claims), /acc_/);
    const principal = await service.identity.accessTokens.principalOf(`Bearer ${again.access_token}`, {});
    assert.equal(principal.accountId, accountId);
    const narrowed = await exchange('far', { subject_token: again.access_token, resource: api() });
    const own = decodeJwt(String(narrowed['access_token']));
    assert.equal(own.sub, sub);
    assert.notEqual(own['account'], claims['account'], 'what is sealed cannot be compared');
    const other = decodeJwt(
      String((await exchange('portal', { subject_token: forApi, audience: 'cinema' }))['access_token']),
    );
    assert.match(other.sub ?? '', /^pw-/);
    assert.notEqual(other.sub, sub);
  });
});
