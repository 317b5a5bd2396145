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
    return { status: answer.status, error, retryAfter: answer.headers.get('retry-after') };
  };

  it('refuses after twenty wrong ones, the right one too, until the window ends; other networks are not touched', async () => {
    for (let i = 0; i < 20; i++) {
      assert.deepEqual(await ask(`guess ${i}`), { status: 401, error: 'invalid_client', retryAfter: null });
    }
    assert.deepEqual(await ask('guess'), { status: 429, error: 'invalid_client', retryAfter: '900' });
    assert.deepEqual(await ask('sandbox-system-secret'), { status: 429, error: 'invalid_client', retryAfter: '900' });
    const introspection = await fetch(`${service.ownUrl}/oidc/token/introspection`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'sandbox-system', client_secret: 'sandbox-system-secret', token: 'x' }),
    });
    assert.deepEqual([introspection.status, introspection.headers.get('retry-after')], [429, '900']);
    const limits = new ClientSecretLimits({ database: service.test.database, clock });
    const elsewhere = { origin: '203.0.113.0/24' };
    assert.equal(await withCall(elsewhere, () => limits.judged('sandbox-system', () => true)), true);
    assert.equal(await withCall(elsewhere, () => limits.judged('sandbox-system', () => false)), false);
    clock.advance(15 * 60_000);
    assert.equal((await ask('sandbox-system-secret')).status, 200);
  });

  it('looks at twenty of a thousand guesses that come at the same moment, and at the right one among them no more', async () => {
    const limits = new ClientSecretLimits({ database: service.test.database, clock });
    let looks = 0;
    const guess = (right: boolean) =>
      withCall({ origin: '198.51.100.0/24' }, () =>
        limits.judged('sandbox-web', () => {
          looks++;
          return right;
        }),
      );
    const outcomes = await Promise.allSettled([...Array.from({ length: 1000 }, () => guess(false)), guess(true)]);
    assert.equal(looks, 20);
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 20);
    const another = new ClientSecretLimits({ database: service.test.database, clock });
    const next = () => withCall({ origin: '198.51.100.0/24' }, () => another.judged('sandbox-web', () => false));
    await assert.rejects(next(), { status: 429 }, 'another process learns it from the database');
  });
});
