// Approving on another device: what a system asks, what the person sees and answers, and what nobody learns; OpenID CIBA Core 1.0.

import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { frozenClock, systemClock } from '../../../src/kernel/clock.ts';
import { house, type Principal, type RealNameLevel } from '../../../src/kernel/principal.ts';
import { callback, jsonOf, person, type Service, startService } from './service.ts';

const cibaGrant = 'urn:openid:params:grant-type:ciba';
const secret = 'a secret of the counter';

describe('OpenID CIBA Core 1.0: a person approves on another device', () => {
  const clock = frozenClock(systemClock.now());
  let service: Service;
  let config: oidc.Configuration;
  let alice: string;

  before(async () => {
    service = await startService({ clock });
    const base = {
      kind: 'confidential',
      name: '办事窗口',
      nameEn: 'Counter',
      apiScopes: ['licence.read'],
      secret,
    } as const;
    const { clients } = service.identity;
    await clients.register({ ...base, clientId: 'counter', grantTypes: [cibaGrant] }, house);
    await clients.register({ ...base, clientId: 'strict-counter', grantTypes: [cibaGrant], levelFloor: 4 }, house);
    const pairwise = { subjectType: 'pairwise', sector: 'hall.example' } as const;
    await clients.register({ ...base, ...pairwise, clientId: 'pairwise-counter', grantTypes: [cibaGrant] }, house);
    await clients.register({ ...base, clientId: 'no-ciba', redirectUris: [callback] }, house);
    alice = (await person(service.identity, 'alice', 3)).accountId;
    await person(service.identity, 'bob', 3);
    config = await service.client('counter', secret);
  });
  after(() => service.close());
  // Every test has the person's patience whole.
  beforeEach(() => clock.advance(16 * 60_000));

  const ask = (parameters: Record<string, string> = {}, client = config) =>
    oidc.initiateBackchannelAuthentication(client, {
      scope: 'openid profile',
      login_hint: 'alice',
      binding_message: '窗口 3 号',
      ...parameters,
    });

  async function poll(requestId: string, clientId = 'counter'): Promise<Record<string, unknown>> {
    return jsonOf(
      fetch(`${service.publicUrl}/oidc/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${clientId}:${secret.replaceAll(' ', '+')}`)}` },
        body: new URLSearchParams({ grant_type: cibaGrant, auth_req_id: requestId }),
      }),
    );
  }

  const signedIn = (level: RealNameLevel, accountId = alice): Principal => ({
    kind: 'person',
    accountId,
    clientId: 'yinxin-pages',
    scopes: new Set(),
    roles: new Set(),
    level,
    amr: ['pwd'],
    authenticatedAt: clock.now(),
  });

  it('shows the person who asks for what, and gives the tokens once they approved, once', async () => {
    const request = await ask();
    assert.equal(request.expires_in, 600);
    assert.equal((await poll(request.auth_req_id))['error'], 'authorization_pending');
    assert.equal((await poll(request.auth_req_id))['error'], 'slow_down');
    const { approvals } = service.identity;
    const [open, ...more] = await approvals.openOf(alice);
    assert.deepEqual(more, []);
    assert.ok(open);
    assert.deepEqual(
      [open.client.name, open.message, open.scopes, open.level],
      ['办事窗口', '窗口 3 号', ['openid', 'profile'], 0],
    );
    await approvals.approve(signedIn(3), open.approvalId);
    assert.deepEqual(await approvals.openOf(alice), []);
    const tokens = await poll(request.auth_req_id);
    const claims = decodeJwt(String(tokens['id_token']));
    assert.deepEqual([claims.sub, claims['acr'], claims['amr']], [alice, 'urn:yinxin:rn:3', ['pwd']]);
    const told = await oidc.fetchUserInfo(config, String(tokens['access_token']), alice);
    assert.equal(told.preferred_username, 'alice');
    assert.equal((await poll(request.auth_req_id))['error'], 'invalid_grant');
    const [asked] = (await service.entries('approval.asked')).slice(-1);
    assert.deepEqual([asked?.outcome, asked?.clientId, asked?.facts['scope']], ['done', 'counter', 'openid profile']);
    const [answered] = (await service.entries('approval.answered')).slice(-1);
    assert.deepEqual([answered?.outcome, answered?.facts['level']], ['done', 3]);
  });

  it('redeems an approved request once, however many ask at the same time', async () => {
    const request = await ask({ scope: 'openid licence.read' });
    const [open] = await service.identity.approvals.openOf(alice);
    await service.identity.approvals.approve(signedIn(3), open?.approvalId ?? '');
    const answers = await Promise.all(Array.from({ length: 50 }, () => poll(request.auth_req_id)));
    assert.equal(answers.filter((answer) => 'access_token' in answer).length, 1);
    assert.ok(answers.every((answer) => 'access_token' in answer || answer['error'] === 'invalid_grant'));
  });

  it('takes one of two answers, from the person who was asked and from nobody else', async () => {
    const request = await ask({ login_hint: alice });
    const { approvals } = service.identity;
    const [open] = await approvals.openOf(alice);
    const id = open?.approvalId ?? '';
    const bob = (await service.identity.accounts.findByLoginName('bob'))?.accountId ?? '';
    assert.deepEqual(await approvals.openOf(bob), []);
    await assert.rejects(approvals.approve(signedIn(3, bob), id), { code: 'not-found' });
    await assert.rejects(approvals.approve(signedIn(3), 'x'), { code: 'not-found' });
    const outcomes = await Promise.allSettled([approvals.approve(signedIn(3), id), approvals.refuse(signedIn(3), id)]);
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    const answer = await poll(request.auth_req_id);
    if (outcomes[0].status === 'fulfilled') assert.ok('access_token' in answer);
    else assert.equal(answer['error'], 'access_denied');
  });

  it('tells the system of a refusal', async () => {
    const request = await ask();
    const [open] = await service.identity.approvals.openOf(alice);
    await service.identity.approvals.refuse(signedIn(3), open?.approvalId ?? '');
    assert.equal((await poll(request.auth_req_id))['error'], 'access_denied');
    const [answered] = (await service.entries('approval.answered')).slice(-1);
    assert.equal(answered?.outcome, 'failed');
  });

  it('needs the level that the system is registered with or asks for, and leaves the request open', async () => {
    const strict = await service.client('strict-counter', secret);
    for (const request of [await ask({}, strict), await ask({ acr_values: 'urn:yinxin:rn:4' })]) {
      const [open] = await service.identity.approvals.openOf(alice);
      assert.equal(open?.level, 4);
      await assert.rejects(service.identity.approvals.approve(signedIn(3), open.approvalId), {
        code: 'step-up-required',
        details: { level: 4, acrValues: 'urn:yinxin:rn:4' },
      });
      const [still] = await service.identity.approvals.openOf(alice);
      assert.equal(still?.approvalId, open.approvalId);
      assert.ok(request.auth_req_id.length > 20);
    }
  });

  it('answers a hint that names nobody, or nobody who may sign in, like any other', async () => {
    const known = await ask();
    const unknown = await ask({ login_hint: 'nobody-here' });
    const noAccount = await ask({ login_hint: 'acc_01jd0000000000000000000000' });
    for (const answer of [unknown, noAccount]) {
      assert.deepEqual(Object.keys(answer).sort(), Object.keys(known).sort());
      assert.equal(answer.auth_req_id.length, known.auth_req_id.length);
      assert.equal((await poll(answer.auth_req_id))['error'], 'authorization_pending');
    }
    const entry = (await service.entries('approval.asked')).slice(-1)[0];
    assert.equal(entry?.outcome, 'failed');
  });

  it('lets no system flood a person, known or not', async () => {
    for (const login_hint of ['alice', 'nobody-here']) {
      for (let i = 0; i < 5; i++) await ask({ login_hint });
      await assert.rejects(ask({ login_hint }), (error: unknown) => {
        assert.ok(error instanceof oidc.ResponseBodyError);
        return error.error === 'access_denied';
      });
    }
    assert.equal((await service.identity.approvals.openOf(alice)).length, 5);
  });

  it('refuses what it does not know: clients, hints, messages, contexts', async () => {
    const refused = async (parameters: Record<string, string>, client = config): Promise<string> => {
      try {
        await ask(parameters, client);
        return 'accepted';
      } catch (error) {
        assert.ok(error instanceof oidc.ResponseBodyError);
        return error.error;
      }
    };
    assert.equal(await refused({ binding_message: 'x'.repeat(65) }), 'invalid_binding_message');
    assert.equal(await refused({ binding_message: 'two\nlines' }), 'invalid_binding_message');
    assert.equal(await refused({ request_context: '{}' }), 'invalid_request');
    assert.equal(await refused({ user_code: '1234' }), 'invalid_user_code');
    assert.equal(await refused({ id_token_hint: 'x.y.z' }), 'invalid_request');
    assert.equal(await refused({ scope: 'profile' }), 'invalid_request');
    assert.notEqual(await refused({}, await service.client('no-ciba', secret)), 'accepted');
    const foreign = await ask();
    assert.equal((await poll(foreign.auth_req_id, 'strict-counter'))['error'], 'invalid_grant');
  });

  it('ends when its time is over, and is swept', async () => {
    const request = await ask({ requested_expiry: '60' });
    assert.equal(request.expires_in, 60);
    const [open] = await service.identity.approvals.openOf(alice);
    clock.advance(61_000);
    assert.deepEqual(await service.identity.approvals.openOf(alice), []);
    await assert.rejects(service.identity.approvals.approve(signedIn(3), open?.approvalId ?? ''), {
      code: 'not-found',
    });
    clock.advance(3_600_000);
    assert.ok((await service.identity.approvals.purge(1000)) > 0);
  });

  // The last: the evidence of level 3 lasts an hour, which is over here.
  it('OpenID Connect Core 8: calls the person by a pairwise subject where it is registered so', async () => {
    const client = await service.client('pairwise-counter', secret);
    const request = await ask({}, client);
    const { approvals } = service.identity;
    const [open] = await approvals.openOf(alice);
    await approvals.approve(signedIn(0), open?.approvalId ?? '');
    const tokens = await poll(request.auth_req_id, 'pairwise-counter');
    const { sub = '' } = decodeJwt(String(tokens['id_token']));
    assert.match(sub, /^pw-[\w-]{43}$/);
    assert.equal((await oidc.fetchUserInfo(client, String(tokens['access_token']), sub)).sub, sub);
    assert.equal((await oidc.tokenIntrospection(client, String(tokens['access_token'])))['sub'], sub);
  });
});
