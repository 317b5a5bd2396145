// What may be used once is used once, also by many at the same time; RFC 6749 4.1.2, RFC 9700 4.14.2, OAuth security catalogue.

import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import { OidcStore } from '../../../src/identity/engine/oidc-store.ts';
import { FieldCipher } from '../../../src/crypto/field-cipher.ts';
import { frozenClock } from '../../../src/kernel/clock.ts';
import { begin, callback, jsonOf, person, redeem, type Service, signInAndAgree, startService } from './service.ts';

const rivals = 20;

describe('RFC 6749 4.1.2: a code is used once', () => {
  let service: Service;

  before(async () => {
    service = await startService();
    await person(service.identity, 'alice', 2);
  });
  after(() => service.close());

  async function post(body: Record<string, string>): Promise<{ status: number; json: Record<string, unknown> }> {
    const response = await fetch(`${service.publicUrl}/oidc/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'sandbox-web', ...body }),
    });
    return { status: response.status, json: await jsonOf(response) };
  }

  async function code(scope: string) {
    const browser = service.browser();
    const config = await service.client('sandbox-web');
    const started = await begin(config, browser, { scope, prompt: 'consent' });
    const back = await signInAndAgree(browser, started.page, 'alice');
    return {
      grant_type: 'authorization_code',
      code: new URL(back.url).searchParams.get('code') ?? '',
      code_verifier: started.verifier,
      redirect_uri: callback,
    };
  }

  async function userinfoStatus(token: unknown): Promise<number> {
    const response = await fetch(`${service.publicUrl}/oidc/me`, {
      headers: { authorization: `Bearer ${String(token)}` },
    });
    return response.status;
  }

  it(`gives one of ${rivals} redemptions at once a token, and ends what it got because the code was replayed`, async () => {
    for (let round = 0; round < 3; round++) {
      const request = await code('openid');
      const answers = await Promise.all(Array.from({ length: rivals }, () => post(request)));
      const winners = answers.filter(({ status }) => status === 200);
      assert.equal(winners.length, 1);
      assert.ok(
        answers
          .filter(({ status }) => status !== 200)
          .every(({ status, json }) => status === 400 && json.error === 'invalid_grant'),
      );
      assert.equal(await userinfoStatus(winners[0]?.json.access_token), 401);
    }
  });

  it('ends the tokens of a code that is replayed later', async () => {
    const request = await code('openid');
    const first = await post(request);
    assert.equal(await userinfoStatus(first.json.access_token), 200);
    const second = await post(request);
    assert.equal(second.json.error, 'invalid_grant');
    assert.equal(await userinfoStatus(first.json.access_token), 401);
  });

  it('refuses a code with a wrong or missing verifier, for another address, or from another client', async () => {
    const request = await code('openid');
    for (const change of [
      { code_verifier: 'x'.repeat(43) },
      { code_verifier: '' },
      { redirect_uri: 'http://127.0.0.1:8765/callback' },
    ]) {
      const answer = await post({ ...request, ...change });
      assert.equal(answer.status, 400);
      assert.equal(answer.json.access_token, undefined);
    }
    const foreign = await fetch(`${service.publicUrl}/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from('yinxin-pages:a+secret+of+our+own+pages').toString('base64')}` },
      body: new URLSearchParams(request),
    });
    assert.equal((await jsonOf(foreign)).error, 'invalid_grant');
  });

  it('rotates refresh tokens, and ends the family when an old one comes back', async () => {
    const config = await service.client('sandbox-web');
    const first = await post(await code('openid offline_access'));
    const old = String(first.json.refresh_token);
    const next = await oidc.refreshTokenGrant(config, old);
    assert.ok(next.refresh_token !== undefined && next.refresh_token !== old);
    assert.equal((await post({ grant_type: 'refresh_token', refresh_token: old })).json.error, 'invalid_grant');
    const stolen = await post({ grant_type: 'refresh_token', refresh_token: next.refresh_token });
    assert.equal(stolen.json.error, 'invalid_grant');
    assert.equal(await userinfoStatus(next.access_token), 401);
  });

  it(`lets at most one of ${rivals} refreshes at once through, and leaves no second branch alive`, async () => {
    const first = await post(await code('openid offline_access'));
    const request = { grant_type: 'refresh_token', refresh_token: String(first.json.refresh_token) };
    const answers = await Promise.all(Array.from({ length: rivals }, () => post(request)));
    const winners = answers.filter(({ status }) => status === 200);
    assert.ok(winners.length <= 1);
    for (const { json } of winners) {
      const again = await post({ grant_type: 'refresh_token', refresh_token: String(json.refresh_token) });
      assert.equal(again.json.error, 'invalid_grant');
    }
  });

  it('gives no refresh token without offline_access and consent', async () => {
    const config = await service.client('sandbox-web');
    const browser = service.browser();
    const started = await begin(config, browser, { scope: 'openid' });
    const tokens = await redeem(config, started, await signInAndAgree(browser, started.page, 'alice'));
    assert.equal(tokens.refresh_token, undefined);
  });

  it('stores a proof for the first who brings it, and no code, token or session in the clear', async () => {
    const { database } = service.test;
    const clock = frozenClock('2026-11-21T08:00:00Z');
    const cipher = new FieldCipher({ keyEncryptionKey: new Uint8Array(32).map((_, i) => i) });
    const store = new OidcStore({ database, audit: service.audit, cipher, clients: service.identity.clients, clock });
    const proofs = store.adapter('ReplayDetection');
    const outcomes = await Promise.allSettled(
      Array.from({ length: rivals }, () => proofs.upsert('proof-1', { iss: 'c' }, 60)),
    );
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    await store.adapter('Session').upsert('session-id', { uid: 'session-uid', accountId: 'acc_1' }, 60);
    assert.equal((await store.adapter('Session').findByUid('session-uid'))?.accountId, 'acc_1');
    const { rows } = await database.query<{ text: string }>({
      text: 'SELECT t::text AS text FROM identity.oidc_model t',
    });
    assert.ok(rows.length > 5);
    for (const { text } of rows) assert.doesNotMatch(text, /session-id|session-uid|acc_|alice/);
    clock.advance(10 * 60_000);
    assert.equal(await store.adapter('Session').findByUid('session-uid'), undefined);
    assert.equal(await store.purge(100), 2);
  });
});
