// The life of a seal on the pages: an organisation applies and brings a picture, a seal administrator takes it to its publication, everybody asks for its status.

import assert from 'node:assert/strict';
import { createCanvas } from '@napi-rs/canvas';
import { after, before } from 'mocha';
import type { Browser, Page } from 'playwright-core';
import { startServer, type TestServer } from '../support/server.ts';
import { asPerson, chromiumOrSkip, follow, mustBeWellMade, newPage, reveal } from './chromium.ts';

const phone = { viewport: { width: 320, height: 640 } };
const english = { locale: 'en-GB' };

function picture(side: number): { name: string; mimeType: string; buffer: Buffer } {
  const canvas = createCanvas(side, side);
  const context = canvas.getContext('2d');
  context.fillStyle = 'rgb(200 0 0)';
  context.fillRect(side / 8, side / 8, side / 2, side / 2);
  return { name: 'seal.png', mimeType: 'image/png', buffer: canvas.toBuffer('image/png') };
}

describe('docs/seals.md: the life of a seal on the pages', () => {
  let browser: Browser;
  let server: TestServer;
  let path = '';
  before(async function () {
    browser = await chromiumOrSkip(this);
    server = await startServer();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  const opened = async (page: Page, summary: string) => {
    const details = page.locator('details', { has: page.locator('summary', { hasText: summary }) }).first();
    await reveal(details.locator('summary'), details.getByRole('button').first());
    return details;
  };
  const deed = async (page: Page, name: string, fill: Readonly<Record<string, string>> = {}) => {
    const form = await opened(page, name);
    for (const [label, value] of Object.entries(fill)) await form.getByLabel(label).fill(value);
    await form.getByLabel('Reason').fill('as decided');
    await follow(form.getByRole('button', { name }));
    await page.getByRole('status').waitFor();
  };

  it('lets the representative apply on a phone, after a look at the face, and bring a picture', async () => {
    await asPerson(browser, server.url, { userName: 'legal1', path: '/desk/seals', options: phone }, async (page) => {
      await mustBeWellMade(page, 'seals of an organisation');
      await follow(page.getByRole('link', { name: '申请印章' }));
      await mustBeWellMade(page, 'application form');
      await page.getByLabel('理由').fill('业务需要');
      await follow(page.getByRole('button', { name: '预览印模' }));
      await page.getByRole('figure').waitFor();
      await mustBeWellMade(page, 'preview');
      await follow(page.getByRole('button', { name: '提交申请' }));
      path = new URL(page.url()).pathname;
      const form = await opened(page, '提交印章图样');
      await mustBeWellMade(page, 'an application');
      await form.locator('input[type=file]').setInputFiles(picture(100));
      const fault = form.getByRole('alert').filter({ hasText: /\S/ });
      await reveal(form.getByRole('button', { name: '提交印章图样' }), fault);
      assert.match(await fault.innerText(), /图片/);
      await form.locator('input[type=file]').setInputFiles(picture(600));
      await follow(form.getByRole('button', { name: '提交印章图样' }));
      assert.match(await page.getByRole('figure').innerText(), /单位提交/);
      await mustBeWellMade(page, 'an application with its picture');
    });
  });

  it('lets a seal administrator approve what was seen, make, file and publish it', async () => {
    const at = path.replace('/desk/', '/admin/');
    await asPerson(
      browser,
      server.url,
      { userName: 'admin1', path: '/admin/seals', options: english },
      async (page) => {
        await mustBeWellMade(page, 'seals of all');
        await page.goto(at);
        await mustBeWellMade(page, 'an application, for the administrator');
        assert.match(await page.getByRole('figure').innerText(), /organisation brought/);
        for (const [name, fill] of [
          ['Approve', {}],
          ['Make', {}],
          ['File', { 'Filing number': 'BA-2026-0001' }],
          ['Publish', {}],
        ] as const)
          await deed(page, name, fill);
        assert.match(await page.locator('h1').innerText(), /In use/i);
        await mustBeWellMade(page, 'a seal in use, for the administrator');
      },
    );
  });

  it('tells everybody that the seal is in use', async () => {
    let code = '';
    await asPerson(browser, server.url, { userName: 'legal1', path, options: english }, async (page) => {
      await mustBeWellMade(page, 'a seal in use');
      code = (await page.locator('dl code').nth(1).innerText()).trim();
    });
    assert.match(code, /^\d{14}$/);
    const { page, faults } = await newPage(browser, server.url, { ...phone, ...english });
    await page.goto('/seal-status');
    await mustBeWellMade(page, 'status form');
    await page.getByRole('textbox').fill(code);
    await follow(page.locator('main button[type=submit]'));
    assert.match(await page.locator('main').innerText(), /in use/i);
    await mustBeWellMade(page, 'status');
    assert.deepEqual(faults, []);
    await page.context().close();
  });
});
