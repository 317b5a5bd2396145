// The sessions of a person and what ends them: one transaction with its audit entry, notices for relying parties, nothing that comes back.

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import type { Account } from '../../../src/identity/accounts/accounts.ts';
import { LogoutCourier } from '../../../src/identity/sessions/logout-courier.ts';
import { LogoutOutbox } from '../../../src/identity/sessions/logout-outbox.ts';
import { frozenClock, systemClock } from '../../../src/kernel/clock.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { house, type Principal } from '../../../src/kernel/principal.ts';
import type { Browser } from './browser.ts';
import { begin, callback, jsonOf, person, redeem, type Service, signInAndAgree, startService } from './service.ts';

const secret = 'a secret of a relying party';
const event = 'http://schemas.openid.net/event/backchannel-logout';

describe('OpenID Connect Back-Channel Logout 1.0 and the sessions of a person', () => {
  let service: Service;
  let alice: Account;
  let self: Principal;
  let party: Server;
  let partyUrl: string;
  const heard: URLSearchParams[] = [];
  let answer = 200;

  before(async () => {
    service = await startService();
    alice = await person(service.identity, 'alice', 3);
    self = { ...house, kind: 'person', accountId: alice.accountId };
    party = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        heard.push(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
        response.writeHead(answer).end();
      });
    });
    await new Promise<void>((resolve) => {
      party.listen(0, '127.0.0.1', resolve);
    });
    const address = party.address();
    partyUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/logout`;
    await service.identity.clients.register(
      {
        clientId: 'relying-party',
        kind: 'confidential',
        name: '依赖方',
        nameEn: 'Relying party',
        secret,
        redirectUris: [callback],
        postLogoutRedirectUris: ['http://localhost:8765/callback/bye'],
        apiScopes: ['licence.read'],
        offlineAccess: true,
        backchannelLogoutUri: partyUrl,
      },
      house,
    );
  });
  beforeEach(async () => {
    answer = 200;
    while ((await service.identity.logoutCourier.step()) > 0); // what earlier tests left
    heard.length = 0;
  });
  after(async () => {
    party.closeAllConnections();
    await new Promise((resolve) => {
      party.close(resolve);
    });
    await service.close();
  });

  async function enter(browser: Browser, more: Record<string, string> = {}, clientId = 'relying-party') {
    const own = clientId === 'yinxin-pages' ? 'a secret of our own pages' : secret;
    const config = await service.client(clientId, own);
    const started = await begin(config, browser, more);
    const tokens = await redeem(config, started, await signInAndAgree(browser, started.page, 'alice'));
    return { config, tokens, sid: textOf(tokens.claims()?.['sid']) };
  }
  const living = async () => (await service.identity.sessions.listOf(alice.accountId, { limit: 50 })).items;
  const endThem = () => service.identity.sessions.endAll(alice.accountId, { principal: self });
  const userinfo = async (token: string) =>
    (await fetch(`${service.publicUrl}/oidc/me`, { headers: { authorization: `Bearer ${token}` } })).status;
  const silently = async (browser: Browser) => {
    const { page } = await begin(await service.client('relying-party', secret), browser, { prompt: 'none' });
    return new URL(page.url).searchParams.get('error') ?? 'signed in';
  };
  const signOut = async (browser: Browser) => {
    const page = await browser.open(`${service.publicUrl}/oidc/session/end?client_id=relying-party`);
    return browser.submit(page, '/session/end/confirm', { logout: 'yes' });
  };

  it('lists where somebody is signed in, newest first and page by page, with the systems that were entered', async () => {
    const browsers = [service.browser(), service.browser(), service.browser()];
    for (const browser of browsers) await enter(browser);
    await enter(browsers[2] ?? service.browser(), {}, 'yinxin-pages');
    const { items, nextCursor } = await service.identity.sessions.listOf(alice.accountId, { limit: 2 });
    assert.equal(items.length, 2);
    assert.deepEqual(
      items[0]?.systems.map(({ clientId, nameEn }) => [clientId, nameEn]),
      [
        ['relying-party', 'Relying party'],
        ['yinxin-pages', 'Yinxin'],
      ],
    );
    assert.equal(items[0]?.origin, '127.0.0.0/24');
    assert.equal(items[0]?.browser, 'other other');
    const rest = await service.identity.sessions.listOf(alice.accountId, { limit: 2, cursor: String(nextCursor) });
    assert.deepEqual([rest.items.length, rest.nextCursor], [1, null]);
    const times = [...items, ...rest.items].map(({ beganAt }) => beganAt.getTime());
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
    );
    await assert.rejects(service.identity.sessions.listOf(alice.accountId, { limit: 2, cursor: 'ses_x' }), {
      code: 'cursor-invalid',
    });
    const { rows } = await service.test.database.query<{ text: string }>({
      text: 'SELECT s::text AS text FROM identity.session s',
    });
    for (const { text } of rows) assert.doesNotMatch(text, /alice|测试甲/);
    assert.equal(await endThem(), 3);
    assert.deepEqual(await living(), []);
  });

  it('ends one session with its tokens, and the others go on', async () => {
    const [here, there] = [service.browser(), service.browser()];
    const first = await enter(here);
    const second = await enter(there);
    const [newest] = await living();
    await service.identity.sessions.end(alice.accountId, String(newest?.sessionId), self);
    assert.equal(await userinfo(second.tokens.access_token), 401);
    assert.equal(await userinfo(first.tokens.access_token), 200);
    assert.equal(await silently(there), 'login_required');
    assert.equal(await silently(here), 'signed in');
    const [entry] = (await service.entries('session.ended')).slice(-1);
    assert.deepEqual([entry?.subjectId, entry?.facts], [alice.accountId, { how: 'one', sessions: 1 }]);
    await assert.rejects(service.identity.sessions.end(alice.accountId, String(newest?.sessionId), self), {
      code: 'session-not-found',
    });
    const other = await person(service.identity, 'mallory', 3);
    const [left] = await living();
    await assert.rejects(service.identity.sessions.end(other.accountId, String(left?.sessionId), self), {
      code: 'session-not-found',
    });
    await endThem();
  });

  it('ends all but the one somebody sits at, also grants that outlive sessions', async () => {
    const [here, there] = [service.browser(), service.browser()];
    const kept = await enter(here, { scope: 'openid offline_access', prompt: 'consent' });
    const sessionId = (await living())[0]?.sessionId;
    const gone = await enter(there, { scope: 'openid offline_access', prompt: 'consent' });
    assert.equal(
      await service.identity.sessions.endAll(alice.accountId, { principal: self, except: String(sessionId) }),
      1,
    );
    assert.deepEqual(
      (await living()).map((session) => session.sessionId),
      [sessionId],
    );
    await assert.rejects(oidc.refreshTokenGrant(gone.config, String(gone.tokens.refresh_token)), {
      error: 'invalid_grant',
    });
    assert.ok((await oidc.refreshTokenGrant(kept.config, String(kept.tokens.refresh_token))).access_token);
    await endThem();
    await assert.rejects(oidc.refreshTokenGrant(kept.config, String(kept.tokens.refresh_token)), {
      error: 'invalid_grant',
    });
  });

  it('ends only the sessions above a level that was lost', async () => {
    const browser = service.browser();
    await enter(browser);
    const ended = await service.test.database.transaction((tx) =>
      service.identity.sessions.endAllWithin(tx, alice.accountId, { principal: house, aboveLevel: 3 }),
    );
    assert.equal(ended, 0);
    const lowered = await service.test.database.transaction((tx) =>
      service.identity.sessions.endAllWithin(tx, alice.accountId, { principal: house, aboveLevel: 2 }),
    );
    assert.equal(lowered, 1);
    assert.equal(await silently(browser), 'login_required');
    const [entry] = (await service.entries('session.ended')).slice(-1);
    assert.deepEqual(entry?.facts, { how: 'service', sessions: 1 });
    await endThem();
  });

  it('is not brought back by a request that was under way when it ended', async () => {
    const browser = service.browser();
    await enter(browser);
    const { provider, sessions } = service.identity;
    const { rows } = await service.test.database.query<{ count: number }>({
      text: "SELECT count(*)::int AS count FROM identity.oidc_model WHERE model = 'Session' AND account_id IS NOT NULL",
    });
    assert.equal(rows[0]?.count, 1);
    const jti = browser.cookie('yinxin-session');
    const under = await provider.Session.find(String(jti));
    assert.ok(under instanceof provider.Session);
    await endThem();
    under.resetIdentifier();
    await under.persist();
    assert.equal(await provider.Session.findByUid(under.uid), undefined);
    assert.equal(await silently(browser), 'login_required');
    assert.equal(await sessions.endAll(alice.accountId, { principal: self }), 0);
  });

  it('ends twelve hours after the sign-in, however much it is used', async () => {
    const browser = service.browser();
    await enter(browser);
    const [before] = await living();
    await enter(browser, {}, 'yinxin-pages');
    const [after] = await living();
    assert.equal(after?.sessionId, before?.sessionId);
    const longer = Number(after?.expiresAt.getTime()) - Number(before?.expiresAt.getTime());
    assert.ok(Math.abs(longer) <= 2000, 'whole seconds of the engine, and no more');
    await endThem();
  });

  it('has a new id after somebody signed in, and the old one opens nothing', async () => {
    const browser = service.browser();
    await enter(browser);
    const before = browser.cookie('yinxin-session');
    await enter(browser, { prompt: 'login' });
    const after = browser.cookie('yinxin-session');
    assert.ok(before !== undefined && after !== undefined && before !== after);
    assert.equal(await service.identity.provider.Session.find(before), undefined);
    assert.equal((await living()).length, 1, 'it is still one session of the list');
    await endThem();
  });

  it('names itself to our own pages, which ask whether it lives', async () => {
    const browser = service.browser();
    const { sid } = await enter(browser, {}, 'yinxin-pages');
    const { sessions } = service.identity;
    assert.equal((await living())[0]?.sessionId, sid);
    assert.equal(await sessions.isAlive(alice.accountId, sid), true);
    assert.equal(await sessions.isAlive('acc_01jd0000000000000000000000', sid), false);
    await endThem();
    assert.equal(await sessions.isAlive(alice.accountId, sid), false);
  });

  it('oidcc-backchannel-logout-discovery-endpoint-verification', async () => {
    const discovery = await jsonOf(fetch(`${service.publicUrl}/oidc/.well-known/openid-configuration`));
    assert.equal(discovery.backchannel_logout_supported, true);
    assert.equal(discovery.backchannel_logout_session_supported, true);
  });

  it('oidcc-backchannel-rp-initiated-logout: a signed logout token with iss, aud, iat, exp, jti, events, sub and sid, without nonce', async () => {
    const browser = service.browser();
    const { tokens, sid } = await enter(browser);
    assert.equal((await signOut(browser)).status, 200);
    assert.equal(heard.length, 0, 'nobody waits for relying parties');
    assert.equal(await service.identity.logoutCourier.step(), 1);
    assert.deepEqual([...(heard[0]?.keys() ?? [])], ['logout_token']);
    assert.equal(await silently(browser), 'login_required');
    const token = String(heard[0]?.get('logout_token'));
    const { payload, protectedHeader } = await jwtVerify(
      token,
      createRemoteJWKSet(new URL(`${service.publicUrl}/oidc/jwks`)),
      { issuer: `${service.publicUrl}/oidc`, audience: 'relying-party', typ: 'logout+jwt', algorithms: ['ES256'] },
    );
    assert.equal(protectedHeader.typ, 'logout+jwt');
    assert.deepEqual(Object.keys(payload).sort(), ['aud', 'events', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub']);
    assert.deepEqual(payload['events'], { [event]: {} });
    assert.equal(payload['sid'], sid);
    assert.equal(payload.sub, tokens.claims()?.sub);
    assert.ok(Number(payload.exp) - Number(payload.iat) <= 120);
    assert.equal(await service.identity.logoutCourier.step(), 0, 'it is sent once');
    const [entry] = (await service.entries('sign-out')).slice(-1);
    assert.deepEqual([entry?.subjectId, entry?.clientId], [alice.accountId, 'relying-party']);
  });

  it('tells each party of each session, whoever ended it', async () => {
    const browsers = [service.browser(), service.browser()];
    const sids: string[] = [];
    for (const browser of browsers) sids.push((await enter(browser)).sid);
    await enter(browsers[0] ?? service.browser(), {}, 'yinxin-pages');
    await endThem();
    await service.identity.logoutCourier.step();
    const told = heard.map((form) => textOf(decodeJwt(String(form.get('logout_token')))['sid']));
    assert.deepEqual(new Set(told), new Set(sids));
    assert.equal(told.length, 2);
  });

  it('tries again later and later, also in another process, and says so in the log when it gives up', async () => {
    await enter(service.browser());
    await endThem();
    const { database } = service.test;
    const clock = frozenClock(systemClock.now());
    const courier = () =>
      new LogoutCourier({
        database,
        outbox: new LogoutOutbox({ database, clock }),
        audit: service.audit,
        present: service.identity,
        rules: { loopback: true, internalHosts: [] },
        clock,
        log: silentLog,
        retrySeconds: [10, 100],
      });
    answer = 503;
    assert.equal(await courier().step(), 1);
    assert.equal(await courier().step(), 0, 'not before its pause is over');
    clock.advance(13_000);
    assert.equal(await courier().step(), 1);
    clock.advance(13_000);
    assert.equal(await courier().step(), 0, 'the second pause is longer');
    clock.advance(110_000);
    assert.equal(await courier().step(), 1);
    clock.advance(86_400_000);
    assert.equal(await courier().step(), 0, 'no fourth time');
    assert.equal(heard.length, 3);
    assert.equal(new Set(heard.map((form) => decodeJwt(String(form.get('logout_token'))).jti)).size, 3);
    const [entry] = (await service.entries('logout.undelivered')).slice(-1);
    assert.deepEqual(
      [entry?.outcome, entry?.subjectId, entry?.facts],
      ['failed', alice.accountId, { client: 'relying-party', attempts: 3, status: 503 }],
    );
  });

  it('sends to no address inside the own network that is not on the list', async () => {
    await enter(service.browser());
    await endThem();
    const { database } = service.test;
    const outbox = new LogoutOutbox({ database, clock: systemClock });
    const { audit, identity } = service;
    const rules = { loopback: false, internalHosts: [] };
    const options = { database, outbox, audit, present: identity, rules, clock: systemClock, log: silentLog };
    await new LogoutCourier({ ...options, retrySeconds: [] }).step();
    assert.equal(heard.length, 0);
    const [entry] = (await service.entries('logout.undelivered')).slice(-1);
    assert.equal(entry?.facts['fault'], 'address-refused');
  });

  it('of several couriers one delivers', async () => {
    for (let i = 0; i < 3; i++) await enter(service.browser());
    await endThem();
    const { database } = service.test;
    const outbox = new LogoutOutbox({ database, clock: systemClock });
    const { audit, identity } = service;
    const rules = { loopback: true, internalHosts: [] };
    const options = { database, outbox, audit, present: identity, rules, clock: systemClock, log: silentLog };
    await Promise.all(Array.from({ length: 6 }, () => new LogoutCourier(options).step()));
    assert.equal(heard.length, 3);
  });

  it('removes what is long over', async () => {
    const { database } = service.test;
    const clock = frozenClock(systemClock.now());
    clock.advance(60 * 86_400_000);
    const outbox = new LogoutOutbox({ database, clock });
    assert.ok((await outbox.purge(100)) > 0);
    assert.equal(await outbox.purge(100), 0);
  });
});

function textOf(value: unknown): string {
  assert.ok(typeof value === 'string');
  return value;
}
