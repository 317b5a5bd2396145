// A system that is registered for it asks what a token says that was made for it; RFC 7662, RFC 8693.

import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { addSeconds, systemClock } from '../../../src/kernel/clock.ts';
import { uuidFromId } from '../../../src/kernel/ids.ts';
import { house } from '../../../src/kernel/principal.ts';
import { asObject } from '../../../src/kernel/words/members.ts';
import { statementsOf } from '../../support/statements.ts';
import { begin, callback, jsonOf, person, redeem, type Service, signInAndAgree, startService } from './service.ts';

const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const secretOf = (clientId: string): string => `a secret of the system ${clientId}`;

describe('RFC 7662: introspection by the system that a token is for', () => {
  let service: Service;
  let portalToken: string;
  let accountId: string;

  before(async () => {
    service = await startService();
    const { clients } = service.identity;
    const register = (clientId: string, more: Partial<Parameters<typeof clients.register>[0]>) =>
      clients.register(
        {
          clientId,
          kind: 'confidential',
          name: clientId,
          nameEn: clientId,
          secret: secretOf(clientId),
          redirectUris: [callback],
          apiScopes: ['licence.read'],
          ...more,
        },
        house,
      );
    const targets = {
      grantTypes: ['authorization_code', exchangeGrant] as const,
      exchangeTargets: ['archive', 'cinema', 'silent'],
    };
    await register('portal', { ...targets, introspects: true });
    await register('archive', { introspects: true });
    await register('cinema', { introspects: true, subjectType: 'pairwise', sector: 'cinema.example' });
    await register('silent', {});
    accountId = (await person(service.identity, 'alice', 3)).accountId;
    portalToken = await signedIn('alice');
  });
  after(() => service.close());

  async function signedIn(loginName: string, party?: string): Promise<string> {
    const config = await service.client('portal', secretOf('portal'));
    const browser = service.browser();
    const started = await begin(config, browser, { scope: 'openid licence.read' });
    let page = await signInAndAgree(browser, started.page, loginName);
    if (party !== undefined) page = await browser.submit(page, '/choose-party', { mandate: party });
    return (await redeem(config, started, await signInAndAgree(browser, page, ''))).access_token;
  }

  const asked = (path: string, clientId: string, parameters: Record<string, string>, secret = secretOf(clientId)) =>
    jsonOf(
      fetch(`${service.publicUrl}/oidc/${path}`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${clientId}:${secret.replaceAll(' ', '+')}`)}` },
        body: new URLSearchParams(parameters),
      }),
    );
  async function tokenFor(audience: string, subjectToken = portalToken): Promise<string> {
    const answer = await asked('token', 'portal', {
      grant_type: exchangeGrant,
      subject_token: subjectToken,
      subject_token_type: accessTokenType,
      audience,
    });
    return String(answer['access_token']);
  }
  const introspected = (clientId: string, token: string) => asked('token/introspection', clientId, { token });

  it('tells who it is about, at which level, through whom, and nothing of roles: by 1 SQL statement', async () => {
    const token = await tokenFor('archive');
    const claims = decodeJwt(token);
    const answer = await introspected('archive', token);
    assert.deepEqual(answer, {
      active: true,
      iss: `${service.publicUrl}/oidc`,
      sub: accountId,
      aud: 'archive',
      client_id: 'portal',
      iat: claims.iat,
      exp: claims.exp,
      jti: claims.jti,
      scope: claims['scope'],
      acr: 'urn:yinxin:rn:3',
      amr: ['pwd'],
      auth_time: claims['auth_time'],
      act: { sub: 'portal' },
      may_act: { sub: 'archive' },
      token_type: 'Bearer',
    });
    const sent = await statementsOf(() => introspected('archive', token));
    // A service that runs reads registrations in the background; here nobody does, and one may have been read anew.
    assert.deepEqual(
      sent.filter((name) => name !== 'clients-by-id'),
      ['account-by-id'],
    );
  });

  it('calls the person as the audience knows them', async () => {
    const token = await tokenFor('cinema');
    const answer = await introspected('cinema', token);
    assert.equal(answer['sub'], decodeJwt(token).sub);
    assert.match(String(answer['sub']), /^pw-/);
    assert.equal(answer['account'], undefined);
  });

  it('2.2: says nothing of a token for somebody else, for our API, or that is none', async () => {
    const token = await tokenFor('archive');
    for (const [clientId, foreign] of [
      ['cinema', token],
      ['portal', token],
      ['portal', portalToken],
      ['archive', `${token.slice(0, -4)}AAAA`],
    ] as const)
      assert.deepEqual(await introspected(clientId, foreign), { active: false }, clientId);
  });

  it('2.1: refuses as before whoever is not registered for it, and whoever is not who it says', async () => {
    const token = await tokenFor('silent');
    assert.equal((await introspected('silent', token))['error'], 'unsupported_token_type');
    const wrong = await asked(
      'token/introspection',
      'archive',
      { token: await tokenFor('archive') },
      'another secret of it',
    );
    assert.deepEqual([wrong['error'], wrong['active']], ['invalid_client', undefined]);
  });

  it('says for whom the person acts, until the mandate ends: then the token counts for nothing', async () => {
    const { identity } = service;
    const bob = await person(identity, 'bob', 3);
    const validUntil = addSeconds(systemClock.now(), 600);
    const mandateOf = async (uscc: string) => {
      const { organisationId } = await identity.organisations.create({ uscc, name: '测试单位' }, house);
      const order = {
        accountId: bob.accountId,
        organisationId,
        scope: ['seal:read'] as const,
        purpose: '用印',
        validUntil,
      };
      return identity.organisations.grantMandate(order, house);
    };
    const { mandateId, organisationId: first } = await mandateOf('91990000XTEXT000XQ');
    await mandateOf('91990000XTEXT0018Q');
    const token = await tokenFor('archive', await signedIn('bob', mandateId));
    const party = asObject((await introspected('archive', token))['represented_party']);
    assert.deepEqual([party?.['mandate'], party?.['organisation'], party?.['name']], [mandateId, first, undefined]);
    await service.test.database.query({
      text: `UPDATE identity.mandate SET revoked_at = $2, ended_as = 'revoked' WHERE mandate_id = $1`,
      values: [uuidFromId('mandate', mandateId), systemClock.now()],
    });
    assert.deepEqual(await introspected('archive', token), { active: false });
  });

  it('says it of this moment: not of a system that is suspended since, nor of an account', async () => {
    const token = await tokenFor('archive');
    assert.equal((await introspected('archive', token))['active'], true);
    const { database } = service.test;
    const suspend = (clientId: string, at: Date | null) =>
      database.query({
        text: 'UPDATE identity.client SET disabled_at = $2 WHERE client_id = $1',
        values: [clientId, at],
      });
    await suspend('portal', systemClock.now());
    service.identity.clients.forget('portal');
    assert.deepEqual(await introspected('archive', token), { active: false });
    await suspend('portal', null);
    service.identity.clients.forget('portal');
    assert.equal((await introspected('archive', token))['active'], true);
    await database.query({ text: `UPDATE identity.account SET status = 'suspended' WHERE login_name = 'alice'` });
    assert.deepEqual(await introspected('archive', token), { active: false });
  });
});
