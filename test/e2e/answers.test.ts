// An answer by form reaches the client out of a real browser, with scripts and without, and what is asked for in detail stands in words; Form Post Response Mode 1.0, RFC 9396.

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { after, before } from 'mocha';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { systemClock } from '../../src/kernel/clock.ts';
import { newId } from '../../src/kernel/ids.ts';
import { house } from '../../src/kernel/principal.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { chromiumOrSkip, follow, giveNameAndPassword, mustBeWellMade, newPage } from './chromium.ts';

describe('answers to a business system', () => {
  let browser: Browser;
  let server: TestServer;
  let receiver: Server;
  let callback: string;
  const received: string[] = [];

  before(async function () {
    browser = await chromiumOrSkip(this);
    server = await startServer();
    receiver = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        if (request.method === 'POST') received.push(Buffer.concat(parts).toString());
        // A client goes on to a page of its own, which `form-action` would have to allow as well.
        if (request.method === 'POST')
          response.writeHead(303, { location: callback.replace('127.0.0.1', 'localhost') });
        response.end('arrived');
      });
    });
    await new Promise<void>((resolve) => {
      receiver.listen(0, '127.0.0.1', resolve);
    });
    const address = receiver.address();
    callback = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/callback`;
    await server.services.identity.clients.register(
      {
        clientId: 'form-web',
        kind: 'public',
        name: '表单系统',
        nameEn: 'Form system',
        redirectUris: [callback],
        responseModes: ['form_post'],
        authorizationDetailsTypes: ['licence_show', 'seal_use'],
        apiScopes: [],
      },
      house,
    );
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    receiver?.closeAllConnections();
    receiver?.close();
  });

  function address(more: Record<string, string> = {}): string {
    const query = new URLSearchParams({
      client_id: 'form-web',
      response_type: 'code',
      response_mode: 'form_post',
      redirect_uri: callback,
      scope: 'openid',
      state: 'of the form',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
      ...more,
    });
    return `/oidc/auth?${query.toString()}`;
  }

  async function begun(look: BrowserContextOptions, more: Record<string, string> = {}): Promise<Page> {
    const { page } = await newPage(browser, server.url, look);
    await page.goto(address(more));
    await giveNameAndPassword(page, { userName: 'citizen1' });
    await page.locator('form[action$="/consent"]').waitFor();
    return page;
  }

  const agree = (page: Page) => follow(page.locator('form[action$="/consent"] button'));

  it('goes by itself where scripts run', async () => {
    const page = await begun({});
    await agree(page);
    await page.waitForURL((url) => url.hostname === 'localhost' && url.pathname === '/callback');
    const answer = new URLSearchParams(received.at(-1));
    assert.deepEqual([answer.get('state'), answer.get('iss')], ['of the form', `${server.url}/oidc`]);
    assert.ok(answer.get('code'));
    await page.context().close();
  });

  it('waits for its button where none run', async () => {
    const page = await begun({ javaScriptEnabled: false, viewport: { width: 320, height: 640 }, locale: 'en-GB' });
    await agree(page);
    const button = page.getByRole('button', { name: 'Continue' });
    await button.waitFor();
    const before = received.length;
    await follow(button);
    await page.waitForURL((url) => url.pathname === '/callback');
    assert.equal(received.length, before + 1);
    await page.context().close();
  });

  it('says in both languages, on a phone, which one thing is asked for and why', async () => {
    const [licence, seal] = [newId('licence', systemClock), newId('seal', systemClock)];
    const details = JSON.stringify([
      { type: 'licence_show', identifier: licence, purpose: '办理入学' },
      { type: 'seal_use', identifier: seal, purpose: '签订采购合同' },
    ]);
    for (const [locale, words] of [
      ['zh-CN', [`出示证照 ${licence}，用途：办理入学`, `使用印章 ${seal}，事由：签订采购合同`]],
      ['en-GB', [`Show the licence ${licence}, for: 办理入学`, `Use the seal ${seal}, for: 签订采购合同`]],
    ] as const) {
      const page = await begun({ locale, viewport: { width: 320, height: 640 } }, { authorization_details: details });
      const asked = await page.locator('main li').allInnerTexts();
      for (const item of words) assert.ok(asked.includes(item), `${item} in ${asked.join(' | ')}`);
      await mustBeWellMade(page, `consent to details, ${locale}`);
      await page.context().close();
    }
  });
});
