// Attacks on the pages: foreign forms, fixed or endless sessions, doors for other roles, redirects elsewhere; OWASP ASVS V3 and V50.

import assert from 'node:assert/strict';
import { samplePdf } from '../../support/pdf-samples.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { Browser, type Page } from '../identity/browser.ts';
import { signInAndAgree } from '../identity/service.ts';

const pdf = { 'content-type': 'application/pdf', 'idempotency-key': 'attack-on-pages' };

describe('Attacks on the pages', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  const newBrowser = () => new Browser({ stopAt: 'http://nowhere.example' });
  const signIn = async (loginName: string, to = '/') => {
    const browser = newBrowser();
    const page = await browser.open(`${server.url}/sign-in?to=${encodeURIComponent(to)}`);
    return { browser, page: await signInAndAgree(browser, page, loginName) };
  };
  const sessionCookie = (page: Page) => page.headers.getSetCookie().find((line) => line.startsWith('yinxin-pages='));
  const lifeOf = (cookie: string | undefined) =>
    (Date.parse(/expires=([^;]+)/i.exec(cookie ?? '')?.[1] ?? '') - Date.parse(new Date().toUTCString())) / 1000;
  const idOf = (cookie: string | undefined) => /^yinxin-pages=([^;]+)/.exec(cookie ?? '')?.[1];

  it('a session that nobody signed in to ends soon; signing in makes another one, which scripts and other sites do not get', async () => {
    const browser = newBrowser();
    const first = await browser.request(`${server.url}/sign-in?to=/wallet`);
    const pending = sessionCookie(first);
    assert.ok(lifeOf(pending) > 0 && lifeOf(pending) <= 15 * 60 + 5, pending);
    let page = await browser.open(new URL(first.headers.get('location') ?? '', server.url).href);
    const seen: string[] = [];
    const form = new URLSearchParams({ loginName: 'citizen1', password: 'sandbox-Pass-2026' });
    page = await browser.request(page.url, { method: 'POST', body: form });
    for (let hops = 0; hops < 8; hops++) {
      seen.push(...page.headers.getSetCookie().filter((line) => line.startsWith('yinxin-pages=')));
      const refresh = /<meta http-equiv="refresh" content="0;url=([^"]+)">/
        .exec(page.text)?.[1]
        ?.replaceAll('&amp;', '&');
      const next = page.headers.get('location') ?? refresh;
      if (next === undefined) break;
      page = await browser.request(new URL(next, page.url).href);
    }
    assert.equal(new URL(page.url).pathname, '/wallet');
    const signedIn = seen.at(-1);
    assert.ok(
      idOf(signedIn) !== undefined && idOf(signedIn) !== idOf(pending),
      'the id before signing in is worth nothing',
    );
    assert.ok(lifeOf(signedIn) > 7 * 3600, signedIn);
    assert.match(signedIn ?? '', /; HttpOnly/i);
    assert.match(signedIn ?? '', /; SameSite=Lax/i);
    const old = await fetch(`${server.url}/wallet`, {
      headers: { cookie: `yinxin-pages=${idOf(pending)}`, accept: 'text/html' },
      redirect: 'manual',
    });
    assert.equal(old.status, 302, 'the fixed session is nobody');
  });

  it('after signing in, the way back leads to this site only', async () => {
    const places = [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      '/%5Cevil',
      '/\tx',
      'javascript:alert(1)',
    ];
    for (const to of [...places, `/${'a'.repeat(600)}`]) {
      const { page } = await signIn('citizen1', to);
      assert.equal(new URL(page.url).origin, server.url, to);
    }
  });

  it('no form of a foreign page is taken: stamping, uploading, signing out', async () => {
    const { browser } = await signIn('clerk1', '/desk');
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: server.url, 'sec-fetch-site': 'cross-site' },
      { origin: server.url, 'sec-fetch-site': 'same-site' },
    ];
    for (const headers of foreign) {
      for (const path of ['/desk/documents', '/desk/stampings', '/sign-out']) {
        const answer = await browser.request(`${server.url}${path}`, {
          method: 'POST',
          headers: { ...pdf, ...headers },
          body: Buffer.from(samplePdf()),
        });
        assert.equal(answer.status, 403, `${path} ${JSON.stringify(headers)}`);
      }
    }
    assert.equal((await browser.request(`${server.url}/desk`)).status, 200, 'still signed in');
    const own = await browser.request(`${server.url}/desk/documents`, {
      method: 'POST',
      headers: { ...pdf, origin: server.url, 'sec-fetch-site': 'same-origin' },
      body: Buffer.from(samplePdf()),
    });
    assert.equal(own.status, 201);
  });

  it('doors open by role, as it is now', async () => {
    const matrix: Record<string, Record<string, number>> = {
      citizen1: { '/wallet': 200, '/desk': 403, '/admin': 403 },
      approver1: { '/desk': 200, '/admin': 403 },
      auditor1: { '/admin': 200 },
    };
    for (const [loginName, doors] of Object.entries(matrix)) {
      const { browser } = await signIn(loginName);
      for (const [path, status] of Object.entries(doors)) {
        assert.equal((await browser.request(`${server.url}${path}`)).status, status, `${loginName} ${path}`);
      }
    }
    const { browser } = await signIn('auditor1', '/admin');
    const change = (status: string) =>
      server.services.database.query({
        text: "UPDATE identity.account SET status = $1 WHERE login_name = 'auditor1'",
        values: [status],
      });
    await change('suspended');
    try {
      assert.equal((await browser.request(`${server.url}/admin`)).status, 302, 'suspended accounts are nobody at once');
    } finally {
      await change('active');
    }
  });

  it('stamps by a plain form without a script, and says on the page why not', async () => {
    const { browser } = await signIn('clerk1', '/desk');
    const { text: page } = await browser.request(`${server.url}/desk`);
    const seal = /name="seal" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const send = (change: Record<string, string>) => {
      const form = new FormData();
      const values = {
        key: `plain-form-${JSON.stringify(change).length}`,
        seal,
        purpose: '无脚本',
        kind: 'seam',
        edge: 'right',
      };
      for (const [name, value] of Object.entries({ ...values, ...change })) form.set(name, value);
      form.set('file', new Blob([samplePdf({ pageCount: 2 })], { type: 'application/pdf' }), 'a.pdf');
      return browser.request(`${server.url}/desk`, { method: 'POST', body: form });
    };
    const done = await send({});
    assert.equal(done.status, 303, done.text);
    assert.match(done.headers.get('location') ?? '', /^\/desk\/stampings\/stp_/);
    const refused = await send({ pages: '2' });
    assert.equal(refused.status, 422);
    assert.match(refused.text, /单独剩下[^<]*（第 2 页）/);
  });

  it('an approver stamps nothing, and a clerk nothing of another organisation', async () => {
    const send = async (loginName: string, sealId: string) => {
      const { browser } = await signIn(loginName, '/desk');
      const headers = { 'content-type': 'application/json', 'idempotency-key': `desk-${loginName}`, accept: '*/*' };
      const order = { sealId, documentId: `doc_${'0'.repeat(26)}`, purpose: '测试', page: 1, xMm: 50, yMm: 50 };
      return browser.request(`${server.url}/desk/stampings`, { method: 'POST', headers, body: JSON.stringify(order) });
    };
    const { rows } = await server.services.database.query<{ seal_code: string; seal_id: string }>({
      text: 'SELECT seal_code, seal_id FROM seal.seal ORDER BY seal_code',
    });
    const { idFromUuid } = await import('../../../src/kernel/ids.ts');
    const [own, foreign] = [rows[0], rows.at(-1)].map((row) => idFromUuid('seal', row?.seal_id ?? ''));
    assert.equal((await send('approver1', own ?? '')).status, 403);
    assert.equal((await send('clerk1', foreign ?? '')).status, 404, 'what another organisation has does not exist');
  });
});
