// People on the pages: signing in through our own issuer and back, the wallet, the desk, the admin page, and what each may not see.

import assert from 'node:assert/strict';
import { after, before } from 'mocha';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Principal } from '../../src/kernel/principal.ts';
import { samplePdf } from '../support/pdf-samples.ts';
import { readQrPng } from '../support/qr-reader.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { asPerson, chromiumOrSkip, download, follow, mustBeWellMade, reveal } from './chromium.ts';

describe('wallet, desk and admin for people who signed in', () => {
  let browser: Browser;
  let server: TestServer;
  before(async function () {
    browser = await chromiumOrSkip(this);
    server = await startServer();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function as(
    userName: string,
    path: string,
    work: (page: Page) => Promise<void>,
    options?: BrowserContextOptions,
  ) {
    await asPerson(browser, server.url, { userName, path, options }, work);
  }

  const phone = { viewport: { width: 320, height: 640 } };

  it('OpenID Connect Core 3.1: comes back to the page that was asked for, with a cookie that scripts cannot read', async () => {
    await as('citizen1', '/wallet', async (page) => {
      assert.match(await page.locator('header').innerText(), /citizen1/);
      const cookie = (await page.context().cookies()).find(({ name }) => name === 'yinxin-pages');
      assert.equal(cookie?.httpOnly, true);
      assert.equal(cookie?.sameSite, 'Lax');
    });
  });

  it('keeps no personal data in the session', async () => {
    const { rows } = await server.services.database.query<{ sess: unknown }>({ text: 'SELECT sess FROM http.session' });
    assert.ok(rows.length > 0);
    assert.doesNotMatch(JSON.stringify(rows), /测试|9900001990|citizen1/);
  });

  it('shows a citizen their licences and a QR code that other programs read', async () => {
    await as(
      'citizen1',
      '/wallet',
      async (page) => {
        assert.equal(await page.locator('.licence').count(), 2);
        assert.match(await page.locator('main').innerText(), /9900\*+0013/);
        await mustBeWellMade(page, 'wallet');
        await follow(page.locator('.licence').first());
        await mustBeWellMade(page, 'licence');
        const source = await page.locator('.qr img').getAttribute('src');
        const png = Buffer.from(source?.split(',')[1] ?? '', 'base64');
        const shown = readQrPng(png).text;
        assert.equal(shown, await page.locator('.code-text').textContent());
        assert.match(shown ?? '', /\/v#EL1\./);
      },
      phone,
    );
  });

  it('records each showing of a licence once', async () => {
    const shown = async () =>
      (await server.services.audit.entries({ action: 'licence.shown', limit: 100 })).items.length;
    const earlier = await shown();
    await as('citizen1', '/wallet', async (page) => {
      await follow(page.locator('.licence').first());
      await page.locator('.qr img').waitFor();
    });
    assert.equal(await shown(), earlier + 1);
  });

  it('does not find the licences of others', async () => {
    let address = '';
    await as('citizen1', '/wallet', async (page) => {
      address = (await page.locator('.licence').first().getAttribute('href')) ?? '';
    });
    await as('clerk1', '/wallet', async (page) => {
      const response = await page.goto(address);
      assert.equal(response?.status(), 404);
      assert.doesNotMatch(await page.locator('main').innerText(), /测试甲/);
    });
  });

  it('tells a person whose level is too low, and who they are signed in as', async () => {
    await as('citizen2', '/wallet', async (page) => {
      assert.equal(await page.locator('h1').innerText(), '需要更高的实名等级');
      assert.match(await page.locator('header').innerText(), /citizen2/);
      await mustBeWellMade(page, 'level too low');
    });
  });

  it('lets a clerk stamp a PDF with a seal of their organisation and download a file that verifies', async () => {
    await as(
      'clerk1',
      '/desk',
      async (page) => {
        await mustBeWellMade(page, 'desk');
        assert.equal(await page.locator('input[name=seal]').count(), 2); // not the seal of the data bureau
        await fillStamping(page, '合同用印');
        await follow(page.locator('#stamp-form button[type=submit]'));
        assert.match(page.url(), /\/desk\/stampings\/stp_/);
        await mustBeWellMade(page, 'stamping');
        const buffer = Buffer.from(await download(page.getByRole('link', { name: '下载' })));
        await page.goto('/verify');
        await page.locator('input[type=file]').setInputFiles({ name: 'a.pdf', mimeType: 'application/pdf', buffer });
        assert.match(await page.locator('.verdict-word').innerText(), /有效/);
        await page.goto('/desk');
        assert.match(await page.locator('.deeds').innerText(), /合同用印/);
      },
      phone,
    );
  });

  it('tells at the desk why nothing was stamped, and lets the clerk correct it', async () => {
    await as('clerk1', '/desk', async (page) => {
      await page.locator('#x').fill('3000');
      await fillStamping(page, '位置不对');
      await reveal(page.locator('#stamp-form button[type=submit]'), page.locator('#stamp-fault'));
      assert.match(await page.locator('#stamp-fault').innerText(), /印章位置超出页面/);
      await mustBeWellMade(page, 'desk with a fault');
      await page.locator('#x').fill('100');
      await follow(page.locator('#stamp-form button[type=submit]'));
      assert.match(page.url(), /\/desk\/stampings\/stp_/);
    });
  });

  it('lets nobody stamp with a seal of another organisation, or from a foreign page', async () => {
    await as('clerk1', '/desk', async (page) => {
      const { items } = await server.services.seals.list(reader, { limit: 10 });
      const foreign = items.find((seal) => seal.organisation.name === '沙箱市数据局');
      const order = { sealId: foreign?.sealId, documentId: 'doc_x', purpose: 'x', page: 1, xMm: 1, yMm: 1 };
      const headers = { 'idempotency-key': 'foreign-seal', accept: 'application/json' };
      const refused = await page.request.post('/desk/stampings', { data: order, headers });
      assert.equal((await refused.json()).code, 'seal-not-found');
      const crossed = await page.request.post('/desk/stampings', {
        data: order,
        headers: { ...headers, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      });
      assert.equal((await crossed.json()).code, 'forbidden');
    });
  });

  for (const [userName, path] of [
    ['citizen1', '/desk'],
    ['citizen1', '/admin'],
    ['clerk1', '/admin'],
  ] as const) {
    it(`refuses ${path} to ${userName} with a page that says so`, async () => {
      await as(userName, path, async (page) => {
        assert.equal(await page.locator('h1').innerText(), '没有权限');
        await mustBeWellMade(page, 'refused');
      });
    });
  }

  for (const userName of ['admin1', 'auditor1']) {
    it(`shows ${userName} the state, the log and the certificates`, async () => {
      await as(
        userName,
        '/admin',
        async (page) => {
          const shown = await page.locator('main').innerText();
          assert.match(shown, /PostgreSQL \d+/);
          assert.match(shown, /登录 完成/);
          assert.match(shown, /Root CA/);
          await mustBeWellMade(page, 'admin');
        },
        phone,
      );
    });
  }

  it('RP-Initiated Logout 1.0: signs out here and at the issuer', async () => {
    await as('citizen1', '/wallet', async (page) => {
      await follow(page.getByRole('button', { name: '退出' }));
      await follow(page.locator('button[name=logout]'), '/');
      assert.doesNotMatch(await page.locator('header').innerText(), /citizen1/);
      await page.goto('/wallet');
      assert.match(page.url(), /\/sign-in\//);
    });
  });

  it('works for the wallet without JavaScript', async () => {
    await as(
      'citizen1',
      '/wallet',
      async (page) => {
        await follow(page.locator('.licence').first());
        assert.equal(await page.locator('.qr img').count(), 1);
      },
      { javaScriptEnabled: false },
    );
  });
});

async function fillStamping(page: Page, purpose: string): Promise<void> {
  const buffer = Buffer.from(samplePdf());
  await page.locator('#file').setInputFiles({ name: 'a.pdf', mimeType: 'application/pdf', buffer });
  await page.locator('#purpose').fill(purpose);
}

const reader: Principal = {
  kind: 'system',
  clientId: 'test',
  scopes: new Set(['seal.read']),
  roles: new Set(),
  level: 0,
};
