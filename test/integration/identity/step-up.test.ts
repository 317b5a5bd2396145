// A sign-in that raises the level on its way, floors of clients, and levels that cannot be reached; RFC 9470, OpenID Connect Core 3.1.2.1 and 5.5.1.1.

import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import { people, registeredPeople } from '../../../src/sandbox/city.ts';
import { house } from '../../../src/kernel/principal.ts';
import type { Page } from './browser.ts';
import { begin, callback, password, redeem, type Service, signInAndAgree, startService } from './service.ts';

const [xin] = registeredPeople.slice(people.length);
const rn = (level: number): string => `urn:yinxin:rn:${level}`;

describe('RFC 9470 and docs/levels.md: a sign-in that raises the level', () => {
  let service: Service;
  let serial = 0;

  before(async () => {
    service = await startService();
    for (const [clientId, levelFloor] of [
      ['floor-three', 3],
      ['floor-four', 4],
    ] as const) {
      await service.identity.clients.register(
        {
          clientId,
          kind: 'public',
          name: '有等级要求的服务',
          nameEn: 'A service with a floor',
          redirectUris: [callback],
          apiScopes: [],
          offlineAccess: true,
          levelFloor,
        },
        house,
      );
    }
  });
  after(() => service.close());

  async function newcomer(): Promise<string> {
    const loginName = `raiser${++serial}`;
    const evidence = [{ level: 1, method: 'phone' }] as const;
    await service.identity.accounts.create({ loginName, password, roles: [], evidence }, house);
    return loginName;
  }
  const errorOf = ({ url }: Page): string | null => new URL(url).searchParams.get('error');
  const register = (browser: ReturnType<Service['browser']>, page: Page, fields: Record<string, string> = {}) =>
    browser.submit(page, '/register', {
      name: xin?.name ?? '',
      idNumber: xin?.idNumber ?? '',
      consent: 'yes',
      ...fields,
    });

  it('leads from level 1 over the register and the face to level 4, and the ID token says how', async () => {
    const loginName = await newcomer();
    const config = await service.client('sandbox-web');
    const browser = service.browser();
    const started = await begin(config, browser, { acr_values: rn(4) });
    const first = await signInAndAgree(browser, started.page, loginName);
    assert.match(first.url, /\/sign-in\/[^/]+\/raise-level$/);
    const face = await register(browser, first);
    assert.match(face.text, /\/raise-level\/face"/);
    const standIn = await browser.submit(face, '/face', { consent: 'yes' });
    assert.match(standIn.text, /沙箱：这里不看人脸/);
    const done = await browser.submit(standIn, '/face-result', { outcome: 'match' });
    const tokens = await redeem(config, started, await signInAndAgree(browser, done, loginName));
    assert.equal(tokens.claims()?.['acr'], rn(4));
    assert.deepEqual(new Set(tokens.claims()?.['amr'] as string[]), new Set(['face', 'mfa', 'pwd']));
    assert.equal((await service.identity.accounts.findByLoginName(loginName))?.level, 4);
  });

  it('a wrong name, a missing consent and no identity number are said plainly, and the page says how many tries are left', async () => {
    const loginName = await newcomer();
    const browser = service.browser();
    const started = await begin(await service.client('floor-three'), browser);
    const page = await signInAndAgree(browser, started.page, loginName);
    const noConsent = await register(browser, page, { consent: '' });
    assert.equal(noConsent.status, 400);
    const unfit = await register(browser, noConsent, { idNumber: '990000199202140011' });
    assert.equal(unfit.status, 400);
    assert.match(unfit.text, /次数：5</, 'nobody was asked so far');
    const wrong = await register(browser, unfit, { name: '测试壬' });
    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /次数：4</);
    assert.doesNotMatch(wrong.text, new RegExp(xin?.idNumber ?? 'none'));
    let last = wrong;
    for (let i = 0; i < 5; i++) last = await register(browser, last, { name: '测试壬' });
    assert.equal(last.status, 429);
    assert.ok(Number(last.headers.get('retry-after')) > 23 * 3600);
    const onward = await browser.submit(last, '/skip', {});
    assert.equal(errorOf(onward), 'unmet_authentication_requirements');
  });

  it('a client’s floor holds whatever the request says, for new sign-ins and single sign-on', async () => {
    const loginName = await newcomer();
    const browser = service.browser();
    const plain = await service.client('sandbox-web');
    const signedIn = await begin(plain, browser);
    await signInAndAgree(browser, signedIn.page, loginName);
    const floored = await service.client('floor-three');
    const started = await begin(floored, browser, { acr_values: rn(1) });
    assert.doesNotMatch(started.page.url, /code=/, 'the session of level 1 does not do');
    const silent = await begin(floored, browser, { prompt: 'none' });
    assert.equal(errorOf(silent.page), 'unmet_authentication_requirements');
    const raise = await signInAndAgree(browser, started.page, loginName);
    const tokens = await redeem(
      floored,
      started,
      await signInAndAgree(browser, await register(browser, raise), loginName),
    );
    assert.equal(tokens.claims()?.['acr'], rn(3));
  });

  it('a level that no page leads to, and an essential acr of no level, end in unmet_authentication_requirements', async () => {
    const loginName = await newcomer();
    const config = await service.client('sandbox-web');
    for (const more of [
      { acr_values: rn(5) },
      { claims: JSON.stringify({ id_token: { acr: { essential: true, values: ['urn:other:loa:9'] } } }) },
    ]) {
      const browser = service.browser();
      const started = await begin(config, browser, more);
      assert.equal(
        errorOf(await signInAndAgree(browser, started.page, loginName)),
        'unmet_authentication_requirements',
      );
    }
  });

  it('the step belongs to the browser that signed in, and nothing is raised before a sign-in proved anything', async () => {
    const loginName = await newcomer();
    const browser = service.browser();
    const started = await begin(await service.client('floor-three'), browser);
    const early = await browser.request(`${new URL(started.page.url).href}/raise-level`);
    assert.equal(early.status, 410);
    const page = await signInAndAgree(browser, started.page, loginName);
    assert.equal((await service.browser().request(page.url)).status, 410);
    const foreign = await browser.submit(page, '/skip', {}, { 'sec-fetch-site': 'cross-site' });
    assert.equal(foreign.status, 403);
  });

  it('tokens end with what they rest on: refreshing after the evidence is gone, or below a floor that was raised, is refused', async () => {
    const loginName = await newcomer();
    const config = await service.client('floor-three');
    const browser = service.browser();
    const started = await begin(config, browser, { scope: 'openid offline_access', prompt: 'consent' });
    const raise = await signInAndAgree(browser, started.page, loginName);
    const done = await signInAndAgree(browser, await register(browser, raise), loginName);
    const tokens = await redeem(config, started, done);
    assert.equal(tokens.claims()?.['acr'], rn(3));
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    assert.equal(refreshed.claims()?.['acr'], rn(3));
    const account = await service.identity.accounts.findByLoginName(loginName);
    await service.identity.evidence.withdraw(house, account?.accountId ?? '', 'population-register');
    await assert.rejects(oidc.refreshTokenGrant(config, refreshed.refresh_token ?? ''), { error: 'invalid_grant' });
  });
});
