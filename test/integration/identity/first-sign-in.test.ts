// A first sign-in when its steps come twice, at once or again: two tabs, double clicks and the back button.

import assert from 'node:assert/strict';
import { type Browser, nextOf, type Page } from './browser.ts';
import { begin, callback, password, person, redeem, type Service, signInAndAgree, startService } from './service.ts';

const rivals = 8;

describe('A first sign-in whose steps come twice', () => {
  let service: Service;

  before(async () => {
    service = await startService();
    await person(service.identity, 'alice', 2);
  });
  after(() => service.close());

  async function signInPage(browser: Browser, clientId = 'yinxin-pages'): Promise<Page> {
    const secret = clientId === 'yinxin-pages' ? 'a secret of our own pages' : undefined;
    return (await begin(await service.client(clientId, secret), browser)).page;
  }
  /** The answer to a form, nothing followed. */
  const post = (browser: Browser, url: string, fields: Record<string, string> = {}) =>
    browser.request(url, { method: 'POST', body: new URLSearchParams(fields) });
  const withCode = (pages: readonly Page[]) =>
    pages.filter((page) => page.headers.get('location')?.startsWith(`${callback}?code=`) === true);
  const all = (work: () => Promise<Page>) => Promise.all(Array.from({ length: rivals }, work));
  const silently = async (browser: Browser) => {
    const { page } = await begin(await service.client('yinxin-pages', 'a secret of our own pages'), browser, {
      prompt: 'none',
    });
    return new URL(page.url).searchParams.get('error') ?? 'signed in';
  };

  it('gives one code to those who come back to the engine at once, and to that browser its session', async () => {
    const browser = service.browser();
    const page = await signInPage(browser);
    const onward = nextOf(await post(browser, page.url, { loginName: 'alice', password })) ?? '';
    const answers = await all(() => browser.request(onward));
    assert.equal(withCode(answers).length, 1);
    const others = answers.filter((answer) => !withCode([answer]).includes(answer));
    for (const { status, headers } of others) {
      assert.deepEqual([status, headers.get('location')], [400, null]);
      assert.deepEqual(headers.getSetCookie(), []);
    }
    assert.equal(await silently(browser), 'signed in');
    assert.equal((await service.entries('consent')).length, 1);
    const { rows } = await service.test.database.query({ text: 'SELECT 1 FROM identity.session' });
    assert.equal(rows.length, 1);
    assert.equal((await browser.request(onward)).status, 400);
    assert.equal((await browser.request(page.url)).status, 410);
  });

  it('leads on from each of several right passwords at once, and none of them is counted against the person', async () => {
    const browser = service.browser();
    const page = await signInPage(browser);
    const answers = await Promise.all([1, 2, 3].map(() => post(browser, page.url, { loginName: 'alice', password })));
    const [onward = ''] = answers.map(nextOf);
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.deepEqual(new Set(answers.map(nextOf)), new Set([onward]));
    assert.equal(withCode([await browser.request(onward)]).length, 1);
    const late = await post(browser, page.url, { loginName: 'alice', password });
    assert.equal(late.status, 410);
    const { rows } = await service.test.database.query({
      text: "SELECT subject, attempts FROM identity.sign_in_attempt WHERE subject LIKE 'pair:%' AND attempts > 0",
    });
    assert.deepEqual(rows, []);
  });

  describe('with a page that asks for consent', () => {
    const site = () => service.client('sandbox-web');
    const done = async (action: 'consent' | 'sign-in') =>
      (await service.entries(action)).filter(
        ({ outcome, clientId }) => outcome === 'done' && clientId === 'sandbox-web',
      ).length;
    const grants = async () =>
      (await service.test.database.query({ text: "SELECT 1 FROM identity.oidc_model WHERE model = 'Grant'" })).rowCount;
    async function consentPageOf(browser: Browser): Promise<Page> {
      const page = await signInPage(browser, 'sandbox-web');
      const answer = await browser.submit(page, new URL(page.url).pathname, { loginName: 'alice', password });
      const asked = await browser.request(`${page.url}/consent`);
      assert.deepEqual([asked.status, asked.text], [200, answer.text], 'the answer to the form is the page itself');
      return asked;
    }

    it('takes a button that is pressed many times for one answer, with one entry, one grant and one code', async () => {
      const browser = service.browser();
      const before = [await done('consent'), await done('sign-in'), await grants()];
      const asked = await consentPageOf(browser);
      const answers = await all(() => post(browser, asked.url));
      const [onward = ''] = answers.map(nextOf);
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
      assert.deepEqual(new Set(answers.map(nextOf)), new Set([onward]));
      assert.deepEqual(
        [await done('consent'), await done('sign-in'), await grants()],
        [
          (before[0] ?? 0) + 1,
          (before[1] ?? 0) + 1,
          before[2], // the grant begins with the session
        ],
      );
      assert.equal(withCode(await all(() => browser.request(onward))).length, 1);
      assert.equal(await grants(), (before[2] ?? 0) + 1);
      assert.equal((await browser.request(asked.url)).status, 410);
      assert.equal((await post(browser, asked.url)).status, 410);
    });

    it('lets the first of two different answers stand', async () => {
      const agreed = service.browser();
      const first = await consentPageOf(agreed);
      await post(agreed, first.url);
      const late = await agreed.open(first.url.replace('/consent', '/cancel'), { method: 'POST' });
      assert.ok(late.url.startsWith(`${callback}?code=`), late.url);
      const refused = service.browser();
      const second = await consentPageOf(refused);
      await post(refused, second.url.replace('/consent', '/cancel'));
      const after = await refused.open(second.url, { method: 'POST' });
      assert.equal(new URL(after.url).searchParams.get('error'), 'access_denied');
      assert.equal(await silently(refused), 'login_required');
      const [entry] = (await service.entries('consent')).slice(-1);
      assert.deepEqual([entry?.outcome, entry?.code], ['failed', 'forbidden']);
    });

    it('keeps one grant for a session in which two tabs signed in, and the tokens of both', async () => {
      const browser = service.browser();
      const tabs = [await begin(await site(), browser), await begin(await site(), browser)];
      const tokens = [];
      for (const tab of tabs) {
        const back = await signInAndAgree(browser, tab.page, 'alice');
        tokens.push(await redeem(await site(), tab, back));
      }
      for (const { access_token: token } of tokens) {
        const headers = { authorization: `Bearer ${token}` };
        assert.equal((await fetch(`${service.publicUrl}/oidc/me`, { headers })).status, 200);
      }
      const { rows } = await service.test.database.query<{ grants: number }>({
        text: `SELECT cardinality(grant_digests) AS grants FROM identity.oidc_model
          WHERE model = 'Session' ORDER BY expires_at DESC LIMIT 1`,
      });
      assert.deepEqual(rows, [{ grants: 1 }]);
    });

    it('is there for nobody who has proven nothing, nor in another browser, nor for a form of another site', async () => {
      const browser = service.browser();
      const page = await signInPage(browser, 'sandbox-web');
      const address = `${page.url}/consent`;
      assert.equal((await browser.request(address)).status, 410);
      assert.equal((await post(browser, address)).status, 410);
      const asked = await consentPageOf(browser);
      const stranger = service.browser();
      assert.equal((await stranger.request(asked.url)).status, 410);
      assert.equal((await post(stranger, asked.url)).status, 410);
      const foreign = { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } };
      assert.equal((await browser.request(asked.url, foreign)).status, 403);
    });
  });
});
