// What every request meets at the door: host names, unknown paths and methods, unreadable bodies, paging; RFC 9110, RFC 9457.

import assert from 'node:assert/strict';
import { request } from 'node:http';
import supertest from 'supertest';
import * as audit from '../../../src/contract/audit.ts';
import { operations } from '../../../src/contract/api.ts';
import * as licences from '../../../src/contract/licences.ts';
import * as seals from '../../../src/contract/seals.ts';
import { verifyLicence } from '../../../src/contract/verifications.ts';
import type { ApiClient } from '../../support/api-client.ts';
import { startServer, type TestServer } from '../../support/server.ts';

describe('The door: what is refused before any room is asked', () => {
  let server: TestServer;
  let api: ApiClient;
  before(async () => {
    server = await startServer();
    api = await server.api();
  });
  after(() => server.stop());

  it('a Host header that is not ours: 400, except where a load balancer asks by address', async () => {
    for (const host of ['evil.example', `evil.example:${server.port}`, 'localhost', `LOCALHOST.evil:${server.port}`]) {
      for (const path of ['/', '/oidc/.well-known/openid-configuration', '/api/v1/seals', '/log/checkpoint']) {
        assert.equal(await statusWithHost(server.port, host, path), 400, `${host}${path}`);
      }
      assert.equal(await statusWithHost(server.port, host, '/healthz'), 200);
    }
    assert.equal(await statusWithHost(server.port, `127.0.0.1:${server.port}`, '/openapi.yaml'), 200);
  });

  it('X-Forwarded-Host changes nothing that is answered', async () => {
    const discovery = '/oidc/.well-known/openid-configuration';
    const answer = await supertest(server.url).get(discovery).set('x-forwarded-host', 'evil.example');
    assert.equal(answer.status, 200);
    assert.equal(answer.body.issuer, `${server.url}/oidc`);
    assert.ok(!answer.text.includes('evil.example'));
  });

  it('an unknown path of the API: 404; a wrong method: 405 with those that are right', async () => {
    const unknown = await supertest(server.url).get('/api/v1/nothing');
    assert.deepEqual([unknown.status, unknown.body.code], [404, 'not-found']);
    assert.match(unknown.headers['content-type'] ?? '', /^application\/problem\+json/);
    const wrong = await supertest(server.url).delete('/api/v1/seals');
    assert.deepEqual([wrong.status, wrong.body.code, wrong.headers['allow']], [405, 'method-not-allowed', 'GET']);
    const other = await supertest(server.url).get('/api/v1/documents');
    assert.deepEqual([other.status, other.headers['allow']], [405, 'POST']);
  });

  it('spellings of a path that are not the one of the contract: 404', async () => {
    for (const path of ['/api/v1/seals/', '/API/v1/seals', '/api/v1//seals', '/api/v1/seals%2F', '/api/v1/%ff']) {
      const { status } = await supertest(server.url).get(path);
      assert.ok(status === 404 || status === 400, `${path}: ${status}`);
    }
  });

  it('an identifier in the path that cannot be one: 404', async () => {
    for (const sealId of ['1', 'seal_', `doc_${'0'.repeat(26)}`, `seal_${'Z'.repeat(26)}`, '..', '%00']) {
      const { status } = await supertest(server.url)
        .get(`/api/v1/seals/${encodeURIComponent(sealId)}`)
        .set('authorization', `Bearer ${await server.systemToken()}`);
      assert.equal(status, 404, sealId);
    }
  });

  it('a body that is no JSON, no object, too large, or of another type', async () => {
    const token = await server.systemToken();
    const send = (body: string, type = 'application/json') =>
      supertest(server.url).post('/api/v1/licences').set('authorization', `Bearer ${token}`).type(type).send(body);
    const codeOf = async (body: string, type?: string) => {
      const answer = await send(body, type);
      return `${answer.status} ${String(answer.body.code)}`;
    };
    assert.equal(await codeOf('{"typeCode":'), '400 malformed-request');
    assert.equal(await codeOf('[]'), '400 malformed-request');
    assert.equal(await codeOf('null'), '400 malformed-request');
    assert.equal(await codeOf('{}', 'text/plain'), '415 unsupported-media-type');
    assert.equal(await codeOf(JSON.stringify({ typeCode: 'x'.repeat(70_000) })), '413 request-too-large');
    assert.equal(await codeOf('{"__proto__":{"typeCode":"x"}}'), '400 malformed-request');
  });

  it('query parameters that the contract does not know, or twice, or out of range: 400', async () => {
    const faulty = [{ colour: 'red' }, { limit: 0 }, { limit: 101 }, { limit: 'many' }, { status: 'lovely' }];
    for (const query of faulty) {
      const refusal = await api.refusal(seals.listSeals, { query });
      assert.deepEqual([refusal.status, refusal.code], [400, 'malformed-request'], JSON.stringify(query));
    }
    const twice = await supertest(server.url)
      .get('/api/v1/seals?limit=1&limit=2')
      .set('authorization', `Bearer ${await server.systemToken()}`);
    assert.equal(twice.status, 400);
  });

  it('a cursor of another list, or none at all: 400', async () => {
    for (const operation of [seals.listSeals, licences.listLicenceTypes, audit.listEntries]) {
      const refusal = await api.refusal(operation, { query: { cursor: 'elsewhere' } });
      assert.deepEqual([refusal.status, refusal.code], [400, 'cursor-invalid'], operation.id);
    }
  });

  it('every operation that is not open to all: 401 without a token, before its body is read', async () => {
    for (const operation of operations.filter(({ access }) => access !== 'public')) {
      const path = operation.path.replace(/\{\w+\}/g, '0');
      const answer = await supertest(server.url)[operation.method](path).send();
      // The CSC API tells faults in the words of its standard.
      const told = operation.path.startsWith('/csc/') ? answer.body.error : answer.body.code;
      const word = operation.path.startsWith('/csc/') ? 'invalid_token' : 'token-missing';
      assert.deepEqual([answer.status, told], [401, word], operation.id);
    }
  });

  it('an Idempotency-Key that is none: 400', async () => {
    const headers = { 'idempotency-key': 'k'.repeat(129) };
    const refusal = await api.refusal(licences.issueLicence, { json: {}, headers });
    assert.deepEqual([refusal.status, refusal.code], [400, 'malformed-request']);
  });

  it('every answer carries a request id and the headers that browsers obey', async () => {
    const answer = await supertest(server.url).get('/api/v1/seals');
    assert.match(answer.headers['x-request-id'] ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(answer.body.requestId, answer.headers['x-request-id']);
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal(answer.headers['x-powered-by'], undefined);
    const report = await server.nobody.any(verifyLicence, { json: { text: 'EL1:ABC' } });
    assert.equal(report.headers['access-control-allow-origin'], undefined);
  });

  it('says that it is alive and ready, and counts what it does', async () => {
    assert.equal((await supertest(server.url).get('/healthz')).body.status, 'alive');
    const ready = await supertest(server.url).get('/readyz');
    assert.deepEqual(ready.body.warnings, []);
    assert.equal(ready.status, 200);
    for (const name of ['database', 'keys']) assert.equal(ready.body.checks[name], 'good');
    const metrics = await supertest(server.url).get('/metrics');
    assert.match(
      metrics.text,
      /^yinxin_http_request_seconds_count\{area="api\/v1\/seals",method="GET",status="4xx"\} \d+$/m,
    );
    assert.match(metrics.text, /^yinxin_audit_queue_depth \d+$/m);
  });

  it('leads from the type of a problem to words about its code', async () => {
    const refused = await fetch(`${server.url}/api/v1/seals`);
    const { type } = (await refused.json()) as { type: string };
    const page = await fetch(`${server.url}${type}`, { headers: { accept: 'text/html' } });
    assert.equal(page.status, 200);
    assert.match(await page.text(), /token-missing/);
    assert.equal((await fetch(`${server.url}/problems/no-such-code`)).status, 404);
  });
});

/** By hand, since clients write the Host header themselves. */
function statusWithHost(port: number, host: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers: { host }, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .once('error', reject)
      .end();
  });
}
