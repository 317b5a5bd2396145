// Records of uses on the pages: a citizen sees a use at once and can take its receipt along, an organisation its stampings, an auditor finds and proves all.

import assert from 'node:assert/strict';
import { after, before } from 'mocha';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { verifyProof } from '../../src/cli/audit-verify-proof.ts';
import { samplePdf } from '../support/pdf-samples.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { asPerson, chromiumOrSkip, download, follow, mustBeWellMade, reveal } from './chromium.ts';

describe('records of uses, on the pages', () => {
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
  const withoutScript = { javaScriptEnabled: false };

  async function receiptOf(page: Page) {
    const file = await download(page.getByRole('link', { name: '下载回执' }).first());
    return verifyProof({ file, verifierKey: (await page.request.get('/log/key').then((key) => key.text())).trim() });
  }

  it('a citizen sees a use on the very next page, in words, and its receipt proves it offline', async () => {
    await as(
      'citizen1',
      '/wallet',
      async (page) => {
        await follow(page.locator('.licence').first());
        await page.locator('.qr img').waitFor();
        // Asked for once, without waiting: however quick a person is, the use is there.
        await page.goto('/account/activity');
        const newest = page.locator('.use').first();
        assert.match(await newest.innerText(), /您出示了您的证照/);
        assert.match(await newest.innerText(), /通过 印信/);
        const receipt = await receiptOf(page);
        assert.deepEqual([receipt.exitStatus, receipt.deed?.action], [0, 'licence.shown']);
      },
      { ...phone, ...withoutScript },
    );
  });

  it('a time without a use says so, and nothing of others is shown', async () => {
    await as('citizen2', '/account/activity', async (page) => {
      assert.doesNotMatch(await page.locator('main').innerText(), /证照已|出示了/);
      await page.locator('#from').fill('2020-01-01');
      await page.locator('#until').fill('2020-01-02');
      await follow(page.getByRole('button', { name: '查看' }));
      assert.match(await page.locator('main').innerText(), /这段时间没有记录/);
      assert.equal(await page.locator('#from').inputValue(), '2020-01-01');
      await mustBeWellMade(page, 'no uses');
    });
  });

  it('pages go on to older uses and back', async () => {
    await as('citizen1', '/account/activity', async (page) => {
      for (let i = 0; i < 32; i++) await page.request.get(await licencePath(page));
      await page.goto('/account/activity');
      const first = await page.locator('.use code').first().innerText();
      assert.ok(first.startsWith('lic_'));
      const newest = await page.locator('.use a').first().getAttribute('href');
      await follow(page.getByRole('link', { name: '更早的记录' }));
      assert.notEqual(await page.locator('.use a').first().getAttribute('href'), newest);
      await follow(page.getByRole('link', { name: '回到最新' }));
      assert.equal(await page.locator('.use a').first().getAttribute('href'), newest);
    });
  });

  let licence: string | undefined;
  async function licencePath(page: Page): Promise<string> {
    if (licence === undefined) {
      const text = await (await page.request.get('/wallet')).text();
      licence = /\/wallet\/lic_\w+/.exec(text)?.[0] ?? '';
    }
    return licence;
  }

  it('an organisation sees who used its seals, when and why', async () => {
    await as('clerk1', '/desk', async (page) => {
      const buffer = Buffer.from(samplePdf());
      await page.locator('#file').setInputFiles({ name: 'a.pdf', mimeType: 'application/pdf', buffer });
      await page.locator('#purpose').fill('采购合同用印');
      await follow(page.locator('#stamp-form button[type=submit]'));
      assert.match(page.url(), /\/desk\/stampings\/stp_/);
      await page.goto('/desk');
      await follow(page.getByRole('link', { name: '本单位用印记录' }));
      const newest = await page.locator('.use').first().innerText();
      for (const said of [/您使用了印章/, /经办人 clerk1/, /事由 采购合同用印/, /stp_/]) assert.match(newest, said);
      await mustBeWellMade(page, 'uses of seals');
      assert.deepEqual((await receiptOf(page)).deed?.action, 'stamping');
    });
    await as(
      'approver1',
      '/desk/activity',
      async (page) => {
        assert.match(await page.locator('main').innerText(), /经办人 clerk1/);
        await mustBeWellMade(page, 'uses of seals, phone');
      },
      phone,
    );
  });

  it('an auditor searches, opens an entry, sees it proven, and is in the log for it', async () => {
    const citizen = await server.services.identity.accounts.findByLoginName('citizen1');
    await as(
      'auditor1',
      '/admin/audit',
      async (page) => {
        await page.locator('#action').selectOption('licence.shown');
        await page.locator('#actorId').fill(citizen?.accountId ?? '');
        await follow(page.getByRole('button', { name: '检索' }));
        assert.match(await page.locator('tbody tr').first().innerText(), /出示证照/);
        assert.equal(await page.locator('#actorId').inputValue(), citizen?.accountId);
        await follow(page.locator('tbody a').first());
        const said = await page.locator('main').innerText();
        for (const fact of [/记录与写入时一致/, /收录证明成立/, /lic_/, /EL1/]) assert.match(said, fact);
        assert.equal((await receiptOf(page)).exitStatus, 0);
      },
      withoutScript,
    );
    await as('citizen1', '/account/activity', async (page) => {
      assert.match(await page.locator('.uses').first().innerText(), /工作人员查阅了与您有关的审计记录/);
    });
  });

  for (const [look, options] of [
    ['on a phone', phone],
    ['on a desk, in English, dark', { locale: 'en-GB', colorScheme: 'dark' }],
  ] as const)
    it(`WCAG 2.2 AA: each of these pages ${look}`, async () => {
      await as(
        'citizen1',
        '/account/activity',
        async (page) => {
          assert.ok((await page.locator('.use').count()) > 3);
          await mustBeWellMade(page, 'own uses');
        },
        options,
      );
      await as(
        'auditor1',
        '/admin/audit',
        async (page) => {
          await server.services.countRunner.step();
          await page.goto('/admin/audit');
          assert.equal(await page.locator('.bars').count(), 1);
          await reveal(page.locator('summary'), page.locator('details[open] table'));
          assert.equal(await page.locator('details tbody tr').count(), 30);
          await mustBeWellMade(page, 'audit');
          await page.goto('/admin/audit?search=1&outcome=done');
          await mustBeWellMade(page, 'audit results');
          await follow(page.locator('tbody a').first());
          assert.match(page.url(), /ent_/);
          await mustBeWellMade(page, 'audit entry');
        },
        options,
      );
    });

  it('an auditor is told when nothing was found, on a phone and in English too', async () => {
    await as(
      'auditor1',
      '/admin/audit',
      async (page) => {
        await page.locator('#code').fill('nothing-like-this');
        await follow(page.getByRole('button', { name: 'Search' }));
        assert.match(await page.locator('main').innerText(), /No entry fulfils these conditions/);
        await mustBeWellMade(page, 'nothing found');
      },
      { ...phone, locale: 'en-GB', colorScheme: 'dark' },
    );
  });

  for (const [userName, path] of [
    ['clerk1', '/admin/audit'],
    ['citizen1', '/admin/audit/export?format=csv'],
    ['citizen1', '/desk/activity'],
  ] as const)
    it(`refuses ${path} to ${userName}`, async () => {
      await as(userName, path.split('?')[0] ?? path, async (page) => {
        const answer = await page.goto(path);
        assert.equal(answer?.status(), 403);
      });
    });
});
