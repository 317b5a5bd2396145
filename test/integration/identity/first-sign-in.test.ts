// A first sign-in when its steps come twice, at once or again: two tabs, double clicks and the back button.

import assert from 'node:assert/strict';
import { type Browser, nextOf, type Page } from './browser.ts';
import { begin, callback, password, person, type Service, startService } from './service.ts';

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
});
