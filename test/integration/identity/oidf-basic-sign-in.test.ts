// The modules of the OpenID Foundation's plans oidcc-basic and oidcc-formpost-basic about who signs in, when and in which language, and the rest of OpenID Connect Core 3.1.2.1.

import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { ageSignIn, BasicClient } from './basic-client.ts';
import type { Browser, Page } from './browser.ts';
import { jsonOf, person, type Service, signInAndAgree, startService } from './service.ts';

describe('OpenID Connect Core 3.1.2.1, for a confidential client', () => {
  let service: Service;
  let subject: string;

  before(async () => {
    service = await startService();
    subject = (await person(service.identity, 'alice', 3)).accountId;
  });
  after(() => service.close());

  for (const responseMode of ['query', 'form_post'] as const) {
    describe(`OpenID Connect Core 3.1.2.1: oidcc-${responseMode === 'query' ? '' : 'formpost-'}basic-*`, () => {
      let client: BasicClient;
      let browser: Browser;

      before(async () => {
        client = await new BasicClient(service, {
          responseMode,
          clientId: `basic-${responseMode.replace('_', '-')}`,
        }).register();
        browser = service.browser();
        await client.code(browser);
      });
      const asksToSignIn = ({ text }: Page) => /name="password"/.test(text);
      const errorOf = (page: Page) => client.answerOf(page).get('error');

      for (const [module, display] of [
        ['oidcc-display-page', 'page'],
        ['oidcc-display-popup', 'popup'],
      ] as const) {
        it(module, async () => {
          assert.equal((await client.claims(browser, { display })).sub, subject);
        });
      }

      for (const [module, more] of [
        ['oidcc-prompt-login', { prompt: 'login' }],
        ['oidcc-max-age-1', { max_age: '1' }],
      ] as const) {
        it(`${module}: signs in anew, and says when`, async () => {
          const before = await client.claims(browser, { max_age: '10000' });
          await ageSignIn(service, browser, 100);
          const aged = await client.claims(browser, { max_age: '10000' });
          assert.equal(Number(aged['auth_time']), Number(before['auth_time']) - 100);
          assert.ok(asksToSignIn(await browser.open(client.address(more))));
          const anew = await client.claims(browser, more);
          assert.equal(anew.sub, subject);
          assert.ok(Number(anew['auth_time']) > Number(aged['auth_time']), 'another sign-in than before');
        });
      }

      it('oidcc-max-age-10000: the same sign-in does, and its time is told both times', async () => {
        const first = await client.claims(browser, { max_age: '15000' });
        await ageSignIn(service, browser, 9000);
        const page = await browser.open(client.address({ max_age: '10000' }));
        assert.ok(!asksToSignIn(page));
        const second = await client.claims(browser, { max_age: '10000' });
        assert.deepEqual([second.sub, second['auth_time']], [subject, Number(first['auth_time']) - 9000]);
        await client.claims(browser, { prompt: 'login' });
      });

      it('3.1.2.1, max_age: 0 asks always; with prompt=none an old sign-in is login_required; what is no number of seconds is refused', async () => {
        assert.ok(asksToSignIn(await browser.open(client.address({ max_age: '0' }))));
        await ageSignIn(service, browser, 200);
        const silent = await browser.open(client.address({ max_age: '100', prompt: 'none' }));
        assert.equal(errorOf(silent), 'login_required');
        for (const wrong of ['-1', '1.5', 'soon'])
          assert.equal(errorOf(await browser.open(client.address({ max_age: wrong }))), 'invalid_request', wrong);
        await client.claims(browser, { prompt: 'login' });
      });

      it('oidcc-prompt-none-not-logged-in', async () => {
        const told = client.answerOf(await service.browser().open(client.address({ prompt: 'none' })));
        assert.deepEqual([told.get('error'), told.get('state')], ['login_required', 'the state']);
      });

      it('oidcc-prompt-none-logged-in: the same subject and time of sign-in', async () => {
        const before = await client.claims(browser, { max_age: '10000' });
        const silent = await client.claims(browser, { prompt: 'none', max_age: '10000' });
        assert.deepEqual([silent.sub, silent['auth_time']], [before.sub, before['auth_time']]);
        assert.equal(typeof silent['auth_time'], 'number');
      });

      it('oidcc-id-token-hint: the same person, and another one is not taken for them', async () => {
        const { id_token: own } = await client.tokens(browser);
        assert.equal((await client.claims(browser, { prompt: 'none', id_token_hint: own })).sub, subject);
        await person(service.identity, `other-${responseMode}`, 3);
        const stranger = service.browser();
        await signInAndAgree(stranger, await stranger.open(client.address()), `other-${responseMode}`);
        const silent = await stranger.open(client.address({ prompt: 'none', id_token_hint: own }));
        assert.equal(errorOf(silent), 'login_required');
      });

      it('oidcc-ensure-request-with-acr-values-succeeds: answered by one of those that discovery lists', async () => {
        const { acr_values_supported: listed } = await jsonOf(
          fetch(`${client.issuer}/.well-known/openid-configuration`),
        );
        assert.ok(Array.isArray(listed));
        assert.equal((await client.claims(browser, { acr_values: listed.join(' ') }))['acr'], 'urn:yinxin:rn:3');
        assert.ok(listed.includes('urn:yinxin:rn:3'));
      });

      it('3.1.2.1, prompt=select_account: goes on as who is signed in, or as somebody else who signs in', async () => {
        const other = `another-${responseMode}`;
        const { accountId } = await person(service.identity, other, 3);
        const own = service.browser();
        await client.code(own);
        const choice = await own.open(client.address({ prompt: 'select_account' }));
        assert.match(choice.text, /您已登录的账户：<strong>alice</);
        const same = await own.submit(choice, '/same-account', {});
        const kept = client.answerOf(same).get('code') ?? '';
        assert.equal(decodeJwt(String((await client.token(kept)).json['id_token'])).sub, subject);
        const again = await own.open(client.address({ prompt: 'select_account' }));
        const chosen = client.answerOf(await signInAndAgree(own, again, other)).get('code') ?? '';
        assert.equal(decodeJwt(String((await client.token(chosen)).json['id_token'])).sub, accountId);
        assert.match(
          (await own.open(client.address({ prompt: 'select_account' }))).text,
          new RegExp(`<strong>${other}<`),
        );
      });

      it('3.1.2.1, prompt=select_account: with prompt=login, with nobody signed in, with a sign-in that is too old, and alone with none', async () => {
        const fresh = service.browser();
        const nobody = await fresh.open(client.address({ prompt: 'select_account' }));
        assert.ok(asksToSignIn(nobody) && !nobody.text.includes('same-account'));
        const code = client.answerOf(await signInAndAgree(fresh, nobody, 'alice')).get('code');
        assert.ok(code !== undefined, 'one sign-in answers both');
        const both = await fresh.open(client.address({ prompt: 'select_account login' }));
        const afterChoice = await fresh.submit(both, '/same-account', {});
        assert.ok(asksToSignIn(afterChoice) && !afterChoice.text.includes('same-account'));
        assert.ok(client.answerOf(await signInAndAgree(fresh, afterChoice, 'alice')).has('code'), 'and it has an end');
        await ageSignIn(service, fresh, 200);
        const old = await fresh.open(client.address({ prompt: 'select_account', max_age: '100' }));
        assert.ok(asksToSignIn(await fresh.submit(old, '/same-account', {})));
        const none = await fresh.open(client.address({ prompt: 'none select_account' }));
        assert.equal(errorOf(none), 'invalid_request');
        assert.equal(errorOf(await fresh.open(client.address({ prompt: 'guess' }))), 'invalid_request');
      });

      it('oidcc-login-hint: fills the field, whatever it is, and is not trusted', async () => {
        const page = await service.browser().open(client.address({ login_hint: 'alice' }));
        assert.match(page.text, /<input id="loginName"[^>]* value="alice"/);
        const hostile = await service.browser().open(client.address({ login_hint: `"><script>${'x'.repeat(80)}` }));
        assert.match(hostile.text, / value="&quot;&gt;&lt;script&gt;x{54}"/);
        assert.equal((await client.claims(browser, { login_hint: 'somebody-else' })).sub, subject);
      });

      it('oidcc-ui-locales: the first language that is ours, also on the pages that follow; a choice of the person goes before', async () => {
        const inEnglish = { ui_locales: 'se en-GB zh-CN' };
        const fresh = service.browser();
        const page = await fresh.open(client.address(inEnglish));
        assert.match(page.text, /<html lang="en"/);
        const wrong = await fresh.submit(page, new URL(page.url).pathname, { loginName: 'alice', password: 'wrong' });
        assert.match(wrong.text, /<html lang="en"/);
        const chosen = await fresh.open(`${page.url}?lang=zh-CN`);
        assert.match(chosen.text, /<html lang="zh-CN"/);
        assert.match((await fresh.open(client.address(inEnglish))).text, /<html lang="zh-CN"/);
        for (const other of ['se', '', 'x'.repeat(300)])
          assert.match(
            (await service.browser().open(client.address({ ui_locales: other }))).text,
            /<html lang="zh-CN"/,
          );
        assert.equal((await client.claims(browser, inEnglish)).sub, subject);
      });

      it('oidcc-claims-locales: no error, and claims as they are', async () => {
        const json = await client.tokens(browser, { claims_locales: 'se' });
        assert.equal((await client.userinfo(json['access_token']))['name'], '测试甲');
      });
    });
  }
});
