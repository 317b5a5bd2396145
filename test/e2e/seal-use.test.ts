// A stamping that others approve, on the pages: the clerk sets the rules and asks, the approver sees the page with the seal and approves on the phone, the clerk downloads.

import assert from 'node:assert/strict';
import { after, before } from 'mocha';
import type { Browser, Page } from 'playwright-core';
import { openPdf } from '../../src/pdf/reader.ts';
import { samplePdf } from '../support/pdf-samples.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { asPerson, chromiumOrSkip, download, follow, mustBeWellMade, reveal } from './chromium.ts';

describe('docs/seals.md: a stamping that others approve, on the pages', () => {
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

  const phone = { viewport: { width: 360, height: 740 }, locale: 'en-GB' };
  const clerk = (path: string, work: (page: Page) => Promise<void>) =>
    asPerson(browser, server.url, { userName: 'clerk1', path }, work);
  const approver = (path: string, work: (page: Page) => Promise<void>, options = {}) =>
    asPerson(browser, server.url, { userName: 'approver1', path, options: { ...phone, ...options } }, work);
  /** The canvas is there when the page is drawn. */
  const drawn = (page: Page) => page.locator('.preview-page canvas').first();
  const product = { purpose: '合同用印', name: '合同.pdf' };

  it('lets the organisation rule that its seal wants an approver', async () => {
    await clerk('/desk/seals', async (page) => {
      await follow(page.getByRole('link', { name: '沙箱市测试科技有限公司', exact: true }));
      await follow(page.getByRole('link', { name: '用印规则' }));
      await mustBeWellMade(page, 'policy of use, empty');
      await page.getByLabel('须几人批准').selectOption('1');
      await page.getByLabel('允许的用印事由').fill(`出具证明\n${product.purpose}`);
      await page.getByLabel('修改理由').fill('内控要求');
      await follow(page.getByRole('button', { name: '保存为新版本' }));
      assert.match(await page.locator('.deeds').last().innerText(), /版本 1[\s\S]*须几人批准 1/);
      await mustBeWellMade(page, 'policy of use, set');
    });
  });

  it('lets the clerk see the page, place the seal by press and keys, and ask', async () => {
    await clerk('/desk', async (page) => {
      const buffer = Buffer.from(samplePdf({ pageCount: 3 }));
      await page
        .getByLabel('PDF 或 OFD 文件')
        .setInputFiles({ name: product.name, mimeType: 'application/pdf', buffer });
      await drawn(page).waitFor();
      await reveal(page.locator('.preview-page'), page.locator('.seal-handle:focus'), { x: 100, y: 100 });
      const place = async () =>
        [await page.locator('#x').inputValue(), await page.locator('#y').inputValue()].map(Number);
      const [x = 0, y = 0] = await place();
      const handle = page.getByRole('button', { name: '印章：用方向键移动' });
      await handle.press('ArrowRight');
      await handle.press('Shift+ArrowDown');
      assert.deepEqual(await place(), [Math.round((x + 1) * 10) / 10, Math.round((y + 0.1) * 10) / 10]);
      await page.locator('#x').fill('150');
      await page.locator('#y').fill('230');
      await page.getByLabel('用印事由').fill(product.purpose);
      await mustBeWellMade(page, 'desk with a page');
      await follow(page.getByRole('button', { name: '申请用印' }));
      assert.match(await page.locator('h1').innerText(), /合同用印\s+待审批/);
      await drawn(page).waitFor();
      await mustBeWellMade(page, 'request, own');
    });
  });

  it('shows the approver on the phone the page with the seal where it will be, and stamps with the approval', async () => {
    await approver('/desk/requests', async (page) => {
      await mustBeWellMade(page, 'requests that wait');
      await follow(page.getByRole('link', { name: product.purpose }));
      await drawn(page).waitFor();
      await page.locator('#preview-state').getByText('has the digest of the request').waitFor();
      // An A4 page as wide as its place: the seal of 42 mm has its centre at 150 and 230 mm, to half a millimetre.
      const sheet = await page.locator('.preview-page').first().boundingBox();
      const seal = await page.locator('.placed-seal').first().boundingBox();
      assert.ok(sheet !== null && seal !== null);
      const mm = (sheet.width - 2) / 210;
      const inMm = [
        (seal.x + seal.width / 2 - sheet.x - 1) / mm,
        (seal.y + seal.height / 2 - sheet.y - 1) / mm,
        seal.width / mm,
      ];
      for (const [index, expected] of [150, 230, 42].entries())
        assert.ok(Math.abs((inMm[index] ?? 0) - expected) < 0.5, inMm.join(' '));
      assert.equal(await page.locator('.preview-page').count(), 1, 'only the page that gets a seal');
      await mustBeWellMade(page, 'request to decide');
      await reveal(page.getByRole('button', { name: 'Show all pages' }), page.locator('.preview-page').nth(2));
      await follow(page.getByRole('button', { name: 'Approve and stamp' }));
      assert.match(await page.locator('h1').innerText(), /Stamped/);
    });
  });

  it('gives the clerk the stamped document', async () => {
    await clerk('/desk/requests', async (page) => {
      await follow(page.getByRole('link', { name: product.purpose }));
      await follow(page.getByRole('link', { name: '查看并下载盖章后的文件' }));
      const bytes = await download(page.getByRole('link', { name: '下载盖章后的文件' }));
      assert.equal(openPdf(bytes).signatures.length, 1);
    });
  });

  it('is decided without JavaScript too, refused with a reason', async () => {
    await clerk('/desk', async (page) => {
      const buffer = Buffer.from(samplePdf());
      await page
        .getByLabel('PDF 或 OFD 文件')
        .setInputFiles({ name: product.name, mimeType: 'application/pdf', buffer });
      await page.getByLabel('用印事由').fill(product.purpose);
      await follow(page.getByRole('button', { name: '申请用印' }));
    });
    const work = async (page: Page) => {
      await follow(page.getByRole('link', { name: product.purpose }).first());
      assert.match(await page.locator('main').innerText(), /page 1, from the left 150 mm, from the top 230 mm/);
      await download(page.getByRole('link', { name: 'Download the document' }));
      await reveal(page.locator('summary', { hasText: 'Refuse' }), page.getByLabel('Reason'));
      await page.getByLabel('Reason').fill('The amount is wrong');
      await follow(page.getByRole('button', { name: 'Refuse' }));
      assert.match(await page.locator('h1').innerText(), /Refused/);
    };
    await approver('/desk/requests', work, { javaScriptEnabled: false });
    await approver('/desk/requests', async (page) => {
      assert.match(await page.locator('.notice').innerText(), /Nothing waits/);
    });
  });
});
