// How many SQL statements the operations of single sign-on take: what a province pays for each of them, whatever the machine.

import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import { statementsOf } from '../../support/statements.ts';
import { begin, person, redeem, type Service, signInAndAgree, startService } from './service.ts';

/** A running service reads registrations in the background; here nobody does, so a request may have to. */
const background = 'clients-by-id';

describe('SQL statements of an operation', () => {
  let service: Service;

  before(async () => {
    service = await startService();
    await person(service.identity, 'alice', 2);
  });
  after(() => service.close());

  /** What it takes when it is done again. */
  async function sentBy(work: () => Promise<unknown>): Promise<string[]> {
    await work();
    return (await statementsOf(work)).filter((name) => name !== background);
  }

  it('are 1 for a token by client credentials', async () => {
    const system = await service.client('sandbox-system', 'sandbox-system-secret');
    const sent = await sentBy(() => oidc.clientCredentialsGrant(system, { scope: 'seal.read' }));
    assert.deepEqual(sent, ['audit-record']);
  });

  it('are 1 for an introspection, with or without a hint, of a good token, a refresh token and one that is none', async () => {
    const site = await service.client('sandbox-web');
    const browser = service.browser();
    const started = await begin(site, browser, { scope: 'openid offline_access', prompt: 'consent' });
    const tokens = await redeem(site, started, await signInAndAgree(browser, started.page, 'alice'));
    const pages = await service.client('yinxin-pages', 'a secret of our own pages');
    for (const token of [tokens.access_token, String(tokens.refresh_token), 'x'.repeat(43)]) {
      for (const hint of [undefined, 'access_token', 'refresh_token']) {
        const ask = () => oidc.tokenIntrospection(pages, token, hint === undefined ? {} : { token_type_hint: hint });
        assert.deepEqual(await sentBy(ask), ['oidc-read']);
      }
    }
  });

  it('are 9 for a first sign-in by password, and 11 with a page that asks for consent', async () => {
    const firstSignIn = async (client: oidc.Configuration) => {
      const browser = service.browser();
      const started = await begin(client, browser);
      await redeem(client, started, await signInAndAgree(browser, started.page, 'alice'));
    };
    const pages = await service.client('yinxin-pages', 'a secret of our own pages');
    assert.deepEqual(await sentBy(() => firstSignIn(pages)), [
      'oidc-upsert',
      'oidc-read-interaction',
      'oidc-read-interaction',
      'counted-and-account',
      'audit-record-oidc-settle-success-result',
      'oidc-read-interaction',
      'audit-record-oidc-save-session-answered-granted-code',
      'oidc-read',
      'audit-record-oidc-use-and-store',
    ]);
    const site = await service.client('sandbox-web');
    assert.deepEqual(await sentBy(() => firstSignIn(site)), [
      'oidc-upsert',
      'oidc-read-interaction',
      'oidc-read-interaction',
      'counted-and-account',
      'sign-in-progress-begin-success',
      'oidc-read-interaction',
      'audit-record-oidc-settle-progress-result',
      'oidc-read-interaction',
      'oidc-save-session-answered-granted-code',
      'oidc-read',
      'audit-record-oidc-use-and-store',
    ]);
  });

  it('are 4 for a sign-in where somebody is signed in already: code and tokens, also for our API', async () => {
    const pages = await service.client('yinxin-pages', 'a secret of our own pages');
    const browser = service.browser();
    const signIn = (scope: string) => async () => {
      const started = await begin(pages, browser, { scope });
      await redeem(pages, started, await signInAndAgree(browser, started.page, 'alice'));
    };
    assert.deepEqual(await sentBy(signIn('openid')), [
      'oidc-read',
      'oidc-save-session-code',
      'oidc-read',
      'audit-record-oidc-use-and-store',
    ]);
    assert.deepEqual(await sentBy(signIn('openid licence.read')), [
      'oidc-read',
      'oidc-save-session-code',
      'oidc-read',
      'audit-record-oidc-use',
    ]);
    assert.equal((await sentBy(signIn('openid profile'))).length, 4);
  });
});
