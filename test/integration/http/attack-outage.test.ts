// The database goes away under load: every refusal is a 503 that says so, nothing is answered that is not kept, and all heals by itself.

import assert from 'node:assert/strict';
import * as licences from '../../../src/contract/licences.ts';
import * as seals from '../../../src/contract/seals.ts';
import { clients } from '../../../src/sandbox/city.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { fresh, licenceOrder, sealOf } from './deeds.ts';

describe('The database goes away', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  /** As if the database server were gone: the pool gives out no connection, in either of the driver's two styles. */
  const without = async <T>(work: () => Promise<T>): Promise<T> => {
    const { pool } = server.services.database;
    const gone = async (...parts: unknown[]) => {
      const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      const callback = parts.at(-1);
      if (typeof callback !== 'function') throw error;
      callback(error);
    };
    Object.assign(pool, { connect: gone, query: gone });
    try {
      return await work();
    } finally {
      for (const name of ['connect', 'query']) Reflect.deleteProperty(pool, name); // the prototype's own again
    }
  };

  it('deeds: 503 database-unavailable with Retry-After, and afterwards they succeed', async () => {
    const api = await server.api();
    await sealOf(api);
    await without(async () => {
      const refusals = await Promise.all([
        api.refusal(seals.listSeals),
        api.refusal(seals.uploadDocument, { bytes: samplePdf(), headers: fresh() }),
        api.refusal(licences.issueLicence, { json: licenceOrder(), headers: fresh() }),
      ]);
      for (const { status, code, headers } of refusals) {
        assert.deepEqual([status, code], [503, 'database-unavailable']);
        assert.equal(headers['retry-after'], '5');
      }
    });
    assert.equal((await api.json(licences.issueLicence, { json: licenceOrder(), headers: fresh() })).status, 'active');
  });

  it('tokens: 503 temporarily_unavailable, not the engine’s 500', async () => {
    await without(async () => {
      const response = await fetch(`${server.url}/oidc/token`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${btoa(`sandbox-system:${clients.find(({ clientId }) => clientId === 'sandbox-system')?.secret}`)}`,
        },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'verify' }),
      });
      const answer: Record<string, unknown> = JSON.parse(await response.text());
      assert.deepEqual([response.status, answer['error']], [503, 'temporarily_unavailable']);
      assert.equal(response.headers.get('retry-after'), '5');
    });
  });

  it('pages: 503 and no redirect that leads nowhere, with a session or without', async () => {
    const accept = { accept: 'text/html' };
    const start = await fetch(`${server.url}/sign-in`, { redirect: 'manual', headers: accept });
    const cookie = start.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    await without(async () => {
      const signIn = await fetch(`${server.url}/sign-in`, { redirect: 'manual', headers: accept });
      assert.equal(signIn.status, 503);
      const wallet = await fetch(`${server.url}/wallet`, { redirect: 'manual', headers: { ...accept, cookie } });
      assert.equal(wallet.status, 503);
    });
    assert.equal((await fetch(`${server.url}/sign-in`, { redirect: 'manual', headers: accept })).status, 302);
  });
});
