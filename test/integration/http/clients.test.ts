// Business systems over HTTP as administrators keep them: registered, changed, given new secrets and keys, suspended; RFC 7591, RFC 9110 13.1.1.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import * as oidc from 'openid-client';
import * as contract from '../../../src/contract/clients.ts';
import * as proposals from '../../../src/contract/identity-proposals.ts';
import { ApiClient } from '../../support/api-client.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { Browser } from '../identity/browser.ts';
import { begin, callback, redeem, signInAndAgree } from '../identity/service.ts';

describe('RFC 7591: business systems over HTTP', () => {
  let server: TestServer;
  let admin: ApiClient;
  let second: ApiClient;
  before(async () => {
    server = await startServer();
    [admin, second] = [await as('admin1'), await as('admin2')];
  });
  after(() => server?.stop());

  async function as(loginName: string, scope = 'openid identity.read identity.manage'): Promise<ApiClient> {
    const config = await oidc.discovery(new URL(`${server.url}/oidc`), 'sandbox-web', undefined, oidc.None(), {
      execute: [oidc.allowInsecureRequests],
    });
    const browser = new Browser({ stopAt: callback });
    const started = await begin(config, browser, { scope });
    const page = await signInAndAgree(browser, started.page, loginName);
    return new ApiClient({ url: server.url, token: (await redeem(config, started, page)).access_token });
  }
  const agreed = async (deed: object) => {
    const { proposalId } = await admin.json(proposals.proposeIdentityDeed, { json: { deed, reason: '会议决定' } });
    return second.json(proposals.approveIdentityProposal, { params: { proposalId } });
  };
  const publicKey = (kid: string) => {
    const { kty, crv, x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
    return { kty, crv, x, y, kid };
  };
  const order = {
    clientId: 'housing-office',
    kind: 'confidential',
    name: '住房业务系统',
    nameEn: 'Housing office',
    redirectUris: ['https://housing.example/callback'],
    apiScopes: ['verify'],
    contacts: ['ops@housing.example'],
    levelFloor: 3,
  };
  const params = { clientId: order.clientId };
  const read = async () => {
    const answer = await admin.any(contract.getClient, { params });
    return { etag: answer.headers['etag'] ?? '', client: JSON.parse(new TextDecoder().decode(answer.bytes)) };
  };
  /** What the token endpoint says to a client that comes with this secret and a code that is none: who it is, is settled first. */
  const told = async (secret: string, clientId = order.clientId): Promise<unknown> => {
    const response = await fetch(`${server.url}/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: 'none',
        code_verifier: 'v'.repeat(43),
        redirect_uri: 'https://housing.example/callback',
      }),
    });
    return JSON.parse(await response.text()).error;
  };

  it('registers one, with a secret that is told once and opens it, and says so in the log without the contacts', async () => {
    const { client, secret } = await admin.json(contract.registerClient, { json: order });
    assert.match(secret ?? '', /^[A-Za-z0-9_-]{43}$/);
    assert.deepEqual([client.authMethod, client.levelFloor, client.firstParty], ['client_secret_basic', 3, false]);
    assert.deepEqual(
      client.secrets.map(({ which, lastUsedAt }) => [which, lastUsedAt]),
      [['present', null]],
    );
    assert.equal(await told(secret ?? ''), 'invalid_grant');
    assert.equal(await told(`${secret}x`), 'invalid_client');
    assert.equal(JSON.stringify((await read()).client).includes(secret ?? ''), false);
    await server.services.identity.clients.secretUses.flush();
    assert.notEqual((await read()).client.secrets[0].lastUsedAt, null);
    const { items } = await server.services.audit.entries({ action: 'client.changed', limit: 1 });
    assert.deepEqual([items[0]?.objectId, items[0]?.facts['deed']], [order.clientId, 'registered']);
    assert.match(JSON.stringify(items[0]?.facts), /u4f4f.*u623f/);
    assert.doesNotMatch(JSON.stringify(items[0]?.facts), /ops@/);
  });

  it('tells what is wrong with a registration, and takes no id twice', async () => {
    const again = await admin.refusal(contract.registerClient, { json: order });
    assert.deepEqual([again.status, again.code], [400, 'malformed-request']);
    assert.match(String(again.problem['detail']), /the id is taken/);
    const json = { ...order, clientId: 'other-office', redirectUris: ['http://housing.example/callback'] };
    const plain = await admin.refusal(contract.registerClient, { json });
    assert.match(String(plain.problem['detail']), /a redirect URI is https/);
    assert.equal(plain.problem['fault'], 'redirect-uri');
  });

  it('RFC 9110, 13.1.1: is changed by whoever has read it as it is, and the log says what it was and is', async () => {
    const { etag } = await read();
    const json = { redirectUris: ['https://housing.example/back'], contacts: [] };
    const headers = { 'if-match': etag };
    const { client, secret } = await admin.json(contract.changeClient, { params, json, headers });
    assert.deepEqual([client.redirectUris, client.contacts, secret], [json.redirectUris, [], null]);
    assert.deepEqual([client.name, client.levelFloor], [order.name, 3]);
    const late = await admin.refusal(contract.changeClient, { params, json, headers });
    assert.deepEqual([late.status, late.code], [412, 'precondition-failed']);
    const blind = await admin.refusal(contract.changeClient, { params, json });
    assert.deepEqual([blind.status, blind.code], [428, 'precondition-required']);
    for (const wrong of ['*', 'W/"2"', '2'])
      assert.equal(
        (await admin.refusal(contract.changeClient, { params, json, headers: { 'if-match': wrong } })).code,
        'precondition-failed',
        wrong,
      );
    const { items } = await server.services.audit.entries({ action: 'client.changed', limit: 1 });
    assert.deepEqual(items[0]?.facts, {
      deed: 'changed',
      changed: 'redirectUris',
      before: '{"redirectUris":["https://housing.example/callback"]}',
      after: '{"redirectUris":["https://housing.example/back"]}',
    });
  });

  it('changes nothing that two administrators must agree to: dangerous scopes and a lower floor', async () => {
    const headers = { 'if-match': (await read()).etag };
    for (const [json, danger] of [
      [{ apiScopes: ['verify', 'seal.stamp'] }, 'seal.stamp'],
      [{ levelFloor: 2 }, 'levelFloor'],
    ] as const) {
      const refused = await admin.refusal(contract.changeClient, { params, json, headers });
      assert.deepEqual(
        [refused.status, refused.code, refused.problem['dangers']],
        [409, 'approval-required', [danger]],
      );
    }
    const stranger = { ...order, clientId: 'stamping-office', apiScopes: ['seal.stamp'] };
    assert.equal((await admin.refusal(contract.registerClient, { json: stranger })).code, 'approval-required');
    const { client } = await read();
    assert.deepEqual([client.apiScopes, client.levelFloor], [['verify'], 3]);
    const raised = await admin.json(contract.changeClient, { params, json: { levelFloor: 4 }, headers });
    assert.equal(raised.client.levelFloor, 4);
  });

  it('gives a new secret beside the former one until that ends', async () => {
    const rotate = async (overlapSeconds: number) => {
      const { secret } = await admin.json(contract.rotateClientSecret, { params, json: { overlapSeconds } });
      return secret ?? '';
    };
    const first = await rotate(0);
    const second = await rotate(3600);
    assert.deepEqual([await told(first), await told(second)], ['invalid_grant', 'invalid_grant']);
    const { client } = await read();
    assert.deepEqual(
      client.secrets.map(({ which }: { which: string }) => which),
      ['present', 'former'],
    );
    const ended = await admin.json(contract.endFormerClientSecret, { params });
    assert.equal(ended.secrets.length, 1);
    assert.deepEqual([await told(first), await told(second)], ['invalid_client', 'invalid_grant']);
    const none = await admin.refusal(contract.endFormerClientSecret, { params });
    assert.deepEqual([none.status, none.code], [409, 'client-transition-forbidden']);
    const third = await rotate(0);
    assert.deepEqual([await told(second), await told(third)], ['invalid_client', 'invalid_grant']);
  });

  it('RFC 7523: goes over to keys, which are added and removed for a rotation, and loses its secret', async () => {
    const { secret: last } = await admin.json(contract.rotateClientSecret, { params, json: { overlapSeconds: 3600 } });
    const json = { authMethod: 'private_key_jwt', jwks: { keys: [publicKey('one')] } };
    const headers = { 'if-match': (await read()).etag };
    const { client } = await admin.json(contract.changeClient, { params, json, headers });
    assert.deepEqual(client.secrets, []);
    assert.match(String(await told(last ?? '')), /^invalid_client/);
    const added = await admin.json(contract.addClientKey, { params, json: publicKey('two') });
    assert.deepEqual(
      added.jwks?.keys.map(({ kid }) => kid),
      ['one', 'two'],
    );
    assert.match(
      String((await admin.refusal(contract.addClientKey, { params, json: publicKey('two') })).problem['detail']),
      /different key ids/,
    );
    await admin.json(contract.removeClientKey, { params, json: { kid: 'one' } });
    const bare = await admin.refusal(contract.removeClientKey, { params, json: { kid: 'two' } });
    assert.match(String(bare.problem['detail']), /the method needs keys/);
    const back = {
      json: { authMethod: 'client_secret_basic', jwks: null },
      headers: { 'if-match': (await read()).etag },
    };
    const { secret } = await admin.json(contract.changeClient, { params, ...back });
    assert.equal(await told(secret ?? ''), 'invalid_grant');
  });

  it('suspends one for a reason: no token, no introspection, no refresh, no use of tokens that are out; and takes it back', async () => {
    const system = { clientId: 'sandbox-system' };
    const token = await server.systemToken(['verify'], system.clientId);
    const used = () =>
      fetch(`${server.url}/api/v1/seals`, { headers: { authorization: `Bearer ${token}` } }).then(
        ({ status }) => status,
      );
    const asked = (path: string, body: Record<string, string>) =>
      fetch(`${server.url}/oidc/${path}`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa('sandbox-system:sandbox-system-secret')}` },
        body: new URLSearchParams(body),
      }).then(async (response) => JSON.parse(await response.text()).error);
    const empty = await admin.refusal(contract.suspendClient, { params: system, json: { reason: ' ' } });
    assert.equal(empty.code, 'malformed-request');
    const suspended = await admin.json(contract.suspendClient, { params: system, json: { reason: '密钥疑似泄露' } });
    assert.equal(suspended.suspended?.reason, '密钥疑似泄露');
    assert.equal(await asked('token', { grant_type: 'client_credentials', scope: 'verify' }), 'invalid_client');
    assert.equal(await asked('token/introspection', { token }), 'invalid_client');
    assert.equal(await asked('token', { grant_type: 'refresh_token', refresh_token: 'any' }), 'invalid_client');
    assert.equal(await used(), 401);
    const twice = await admin.refusal(contract.suspendClient, { params: system, json: { reason: 'x' } });
    assert.equal(twice.code, 'client-transition-forbidden');
    const listed = await admin.json(contract.listClients, { query: { state: 'suspended' } });
    assert.deepEqual(
      listed.items.map(({ clientId }) => clientId),
      ['sandbox-system'],
    );
    assert.equal((await admin.refusal(contract.resumeClient, { params: system })).code, 'approval-required');
    const resumed = await agreed({ kind: 'client.resume', ...system });
    assert.deepEqual([resumed.state, resumed.secret], ['done', null]);
    assert.equal(await asked('token', { grant_type: 'client_credentials', scope: 'verify' }), undefined);
  });

  it('of a client that may much, one alone changes nothing by which another would come to control it', async () => {
    const system = { clientId: 'sandbox-system' };
    const { headers: read } = await admin.any(contract.getClient, { params: system });
    const headers = { 'if-match': read['etag'] ?? '' };
    const target = { grantTypes: ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange'] };
    for (const [json, dangers] of [
      [{ authMethod: 'client_secret_post' }, ['authMethod']],
      [target, ['grantTypes']],
      [{ ...target, exchangeTargets: ['sandbox-pki'] }, ['grantTypes', 'exchangeTargets']],
      [{ jwks: { keys: [publicKey('mine')] } }, ['jwks']],
    ] as const) {
      const refused = await admin.refusal(contract.changeClient, { params: system, json, headers });
      assert.deepEqual([refused.code, refused.problem['dangers']], ['approval-required', dangers]);
    }
    const rotated = await admin.refusal(contract.rotateClientSecret, { params: system, json: {} });
    assert.deepEqual([rotated.code, rotated.problem['dangers']], ['approval-required', ['secret']]);
    const keyed = await admin.refusal(contract.addClientKey, { params: system, json: publicKey('mine') });
    assert.equal(keyed.code, 'approval-required');
    const renamed = await admin.json(contract.changeClient, { params: system, json: { nameEn: 'System' }, headers });
    assert.equal(renamed.client.nameEn, 'System');
  });

  it('what two agreed to is done on the registration that was shown, and on no later one', async () => {
    const system = { clientId: 'sandbox-system' };
    const deed = { kind: 'client.change', ...system, change: { jwks: { keys: [publicKey('next')] } } };
    const read = Number(((await admin.any(contract.getClient, { params: system })).headers['etag'] ?? '').slice(1, -1));
    const stale = { json: { deed: { ...deed, revision: read - 1 }, reason: '轮换' } };
    assert.equal((await admin.refusal(proposals.proposeIdentityDeed, stale)).code, 'precondition-failed');
    const proposed = await admin.json(proposals.proposeIdentityDeed, { json: { deed, reason: '轮换' } });
    assert.equal('revision' in proposed.deed && proposed.deed.revision, read);
    await admin.json(contract.changeClient, {
      params: system,
      json: { nameEn: 'Another' },
      headers: { 'if-match': `"${read}"` },
    });
    const late = { params: { proposalId: proposed.proposalId } };
    const refused = await second.refusal(proposals.approveIdentityProposal, late);
    assert.deepEqual([refused.status, refused.code], [412, 'precondition-failed']);
    assert.equal((await admin.json(contract.getClient, { params: system })).jwks, null);
    await agreed(deed);
    assert.deepEqual(
      (await admin.json(contract.getClient, { params: system })).jwks?.keys.map(({ kid }) => kid),
      ['next'],
    );
    // A suspension and a new secret are changes of it too: what was proposed before them is over.
    const rotation = { kind: 'client.secret', ...system, overlapSeconds: 0 };
    const before = await admin.json(proposals.proposeIdentityDeed, { json: { deed: rotation, reason: '轮换' } });
    const { secret } = await agreed(rotation);
    assert.equal(await told(secret ?? '', 'sandbox-system'), 'invalid_request');
    assert.equal(await told('sandbox-system-secret', 'sandbox-system'), 'invalid_client');
    const replayed = { params: { proposalId: before.proposalId } };
    assert.equal((await second.refusal(proposals.approveIdentityProposal, replayed)).code, 'precondition-failed');
  });

  it('finds them by part of the id or of a name, page by page', async () => {
    const ids = async (query: Record<string, string | number>) => {
      const page = await admin.json(contract.listClients, { query });
      return [page.items.map(({ clientId }) => clientId), page.nextCursor];
    };
    assert.deepEqual(await ids({ search: '住房' }), [[order.clientId], null]);
    assert.deepEqual(await ids({ search: 'HOUSING' }), [[order.clientId], null]);
    const [first, cursor] = await ids({ limit: 1 });
    assert.deepEqual([first, cursor], [[order.clientId], order.clientId]);
    assert.deepEqual((await ids({ limit: 1, cursor: String(cursor) }))[0], ['sandbox-pki']);
    assert.equal((await admin.refusal(contract.listClients, { query: { cursor: '%' } })).code, 'cursor-invalid');
    const missing = await admin.refusal(contract.getClient, { params: { clientId: 'nobody-here' } });
    assert.deepEqual([missing.status, missing.code], [404, 'client-not-found']);
  });

  it('leaves our own pages to the house, and everything to administrators', async () => {
    const own = { clientId: 'yinxin-pages' };
    const refused = await admin.refusal(contract.suspendClient, { params: own, json: { reason: 'x' } });
    assert.equal(refused.code, 'client-transition-forbidden');
    const auditor = await as('auditor1');
    assert.equal((await auditor.refusal(contract.listClients)).code, 'scope-missing');
    assert.equal((await auditor.refusal(contract.registerClient, { json: order })).code, 'scope-missing');
    assert.equal((await server.nobody.refusal(contract.getClient, { params })).code, 'token-missing');
  });
});
