// Guessing at the token endpoint: wrong secrets are counted for each client and network; RFC 6749 sections 2.3.1 and 5.2, RFC 6585 section 4.

import assert from 'node:assert/strict';
import { withCall } from '../../../src/identity/call-context.ts';
import { ClientSecretLimits } from '../../../src/identity/clients/client-secret-limits.ts';
import { frozenClock, systemClock } from '../../../src/kernel/clock.ts';
import { type Service, startService } from './service.ts';

describe('RFC 6749 2.3.1: guessing a client’s secret', () => {
  const clock = frozenClock(systemClock.now());
  let service: Service;
  before(async () => {
    service = await startService({ clock });
  });
  after(() => service.close());

  const ask = async (secret: string, clientId = 'sandbox-system') => {
    const answer = await fetch(`${service.ownUrl}/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'verify' }),
    });
    const { error }: { error?: string } = JSON.parse(await answer.text());
    return { status: answer.status, error };
  };

  it('refuses after twenty wrong ones, the right one too, until the window ends; other networks are not touched', async () => {
    for (let i = 0; i < 20; i++) {
      assert.deepEqual(await ask(`guess ${i}`), { status: 401, error: 'invalid_client' });
    }
    assert.deepEqual(await ask('guess'), { status: 429, error: 'invalid_client' });
    assert.deepEqual(await ask('sandbox-system-secret'), { status: 429, error: 'invalid_client' });
    const limits = new ClientSecretLimits({ database: service.test.database, clock });
    const elsewhere = { origin: '203.0.113.0/24' };
    assert.equal(await withCall(elsewhere, () => limits.judged('sandbox-system', () => true)), true);
    assert.equal(await withCall(elsewhere, () => limits.judged('sandbox-system', () => false)), false);
    clock.advance(15 * 60_000);
    assert.equal((await ask('sandbox-system-secret')).status, 200);
  });
});
