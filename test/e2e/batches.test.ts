// Batch stamping on the desk: chosen, confirmed once, watched, downloaded and cancelled, on a phone without JavaScript and on a desk with it; docs/stamping.md.

import assert from 'node:assert/strict';
import { unzipSync } from 'fflate';
import { after, before } from 'mocha';
import type { Browser, Page } from 'playwright-core';
import { samplePdf } from '../support/pdf-samples.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { asPerson, chromiumOrSkip, download, follow, mustBeWellMade } from './chromium.ts';

const pdf = (name: string, buffer: Uint8Array = samplePdf()) => ({
  name,
  mimeType: 'application/pdf',
  buffer: Buffer.from(buffer),
});
const phoneWithoutScripts = { viewport: { width: 320, height: 640 }, javaScriptEnabled: false };
const deskInEnglish = { locale: 'en-GB', colorScheme: 'dark' } as const;

describe('docs/stamping.md: many files on the desk', () => {
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
  const as = (options: object, work: (page: Page) => Promise<void>) =>
    asPerson(browser, server.url, { userName: 'clerk1', path: '/desk/batches', options }, work);

  it('stamps what was chosen after one confirmation, tells each outcome, and gives all of it as a ZIP, without scripts', async () => {
    await as(phoneWithoutScripts, async (page) => {
      assert.match(await page.locator('main').innerText(), /还没有批量盖章任务/);
      await follow(page.getByRole('link', { name: '新建批量盖章' }));
      await page
        .locator('input[type=file]')
        .setInputFiles([pdf('合同甲.pdf'), pdf('合同乙.pdf'), pdf('坏文件.pdf', samplePdf().subarray(0, 40))]);
      await page.getByLabel('用印事由').fill('合同批量用印');
      await follow(page.getByRole('button', { name: '上传并核对' }));
      assert.match(await page.getByRole('alert').innerText(), /坏文件/);
      await follow(page.getByRole('button', { name: '确认盖章 (2 份)' }));
      assert.match(page.url(), /\/desk\/batches\/bat_/);
      while (!/已结束/.test(await page.locator('#batch-state').innerText())) await page.reload();
      assert.match(
        await page.locator('#batch-rows').innerText(),
        /合同甲\.pdf[\s\S]*已完成[\s\S]*合同乙\.pdf[\s\S]*已完成/,
      );
      const files = unzipSync(await download(page.getByRole('link', { name: '下载全部' })));
      assert.deepEqual(Object.keys(files), ['00001 合同甲.pdf', '00002 合同乙.pdf']);
      for (const bytes of Object.values(files)) {
        const report = await server.services.documentVerifier.verify(
          { kind: 'anonymous', scopes: new Set(), roles: new Set(), level: 0 },
          bytes,
        );
        assert.deepEqual([report.indication, report.signatures.length], ['TOTAL-PASSED', 1]);
      }
      await page.goto('/desk/batches');
      assert.match(await page.locator('.deeds').innerText(), /合同批量用印[\s\S]*已结束/);
    });
  });

  it('refreshes by itself where scripts run, cancels what waits and tries again what failed; all pages are well made', async () => {
    await as(deskInEnglish, async (page) => {
      await mustBeWellMade(page, 'batches');
      await follow(page.getByRole('link', { name: 'Stamp many files' }));
      await mustBeWellMade(page, 'choosing files');
      await page
        .locator('input[type=file]')
        .setInputFiles([pdf('one.pdf'), pdf('two.pdf'), pdf('bad.pdf', new Uint8Array(3))]);
      await page.getByLabel('Page', { exact: true }).fill('9');
      await page.getByLabel('Purpose').fill('Contracts');
      await follow(page.getByRole('button', { name: 'Upload and check' }));
      await mustBeWellMade(page, 'the confirmation');
      await server.services.batchWorker.stop();
      await follow(page.getByRole('button', { name: 'Stamp (2 files)' }));
      assert.match(await page.locator('#batch-state').innerText(), /Waiting 2/);
      await mustBeWellMade(page, 'a batch that runs');
      server.services.batchWorker.start();
      await page.locator('#batch-state', { hasText: 'Ended' }).waitFor();
      assert.match(await page.locator('#batch-rows').innerText(), /Failed[\s\S]*placement-outside-page/);
      await mustBeWellMade(page, 'a batch that ended');
      await server.services.batchWorker.stop();
      await follow(page.getByRole('button', { name: 'Try the failed files again' }));
      await follow(page.getByRole('button', { name: 'Cancel what is not stamped yet' }));
      server.services.batchWorker.start();
      await page.locator('#batch-state', { hasText: 'Ended' }).waitFor();
      assert.match(await page.locator('#batch-state').innerText(), /Cancelled 2/);
    });
  });
});
