// The verify page in a browser: documents and licence codes, good and bad, with and without JavaScript; it fails closed.

import assert from 'node:assert/strict';
import { after, before } from 'mocha';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import * as licences from '../../src/contract/licences.ts';
import * as seals from '../../src/contract/seals.ts';
import { openPdf } from '../../src/pdf/reader.ts';
import { textOf } from '../../src/pdf/text.ts';
import { sampleLicences } from '../../src/sandbox/sample-licences.ts';
import { samplePdf } from '../support/pdf-samples.ts';
import { maxDocumentBytes, startServer, type TestServer } from '../support/server.ts';
import { chromiumOrSkip, download, follow, mustBeWellMade, newPage, reveal, type WatchedPage } from './chromium.ts';

interface Samples {
  readonly stamped: Uint8Array;
  /** The link of a licence in force. */
  readonly link: string;
  readonly bare: string;
  readonly revoked: string;
}

async function samples(server: TestServer): Promise<Samples> {
  const api = await server.api();
  const { items } = await api.json(seals.listSeals, { query: { status: 'active' } });
  const document = await api.json(seals.uploadDocument, { bytes: samplePdf(), headers: key('document') });
  const stamping = await api.json(seals.createStamping, {
    json: {
      sealId: items[0]?.sealId,
      documentId: document.documentId,
      placements: [{ kind: 'position', page: 1, xMm: 100, yMm: 150 }],
      purpose: '核验页测试',
    },
    headers: key('stamping'),
  });
  const stamped = await api.file(seals.getStampedDocument, { params: { stampingId: stamping.stampingId } });
  const good = await issued(server, 'one');
  const revoked = await issued(server, 'two');
  await api.json(licences.revokeLicence, { params: { licenceId: revoked.licenceId }, json: { reason: '测试' } });
  return { stamped: stamped.bytes, link: good.text, bare: good.bare, revoked: revoked.text };
}

async function issued(server: TestServer, name: string) {
  const api = await server.api();
  const { licenceId } = await api.json(licences.issueLicence, { json: sampleLicences[0]?.order, headers: key(name) });
  const qr = await api.json(licences.getLicenceQr, { params: { licenceId } });
  return { licenceId, ...qr };
}

const key = (name: string) => ({ 'idempotency-key': `verify-page-${name}` });

describe('ux: the verify page shows one of five verdicts and fails closed', () => {
  let browser: Browser;
  let server: TestServer;
  let sample: Samples;
  before(async function () {
    browser = await chromiumOrSkip(this);
    server = await startServer();
    sample = await samples(server);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function verifying(
    path: string,
    work: (opened: WatchedPage) => Promise<void>,
    options?: BrowserContextOptions,
  ) {
    const opened = await newPage(browser, server.url, options);
    await opened.page.goto(path);
    await work(opened);
    assert.deepEqual(opened.faults, []);
    await opened.page.context().close();
  }

  it('says 有效 for a stamped document, who sealed it, and each answer apart', async () => {
    await verifying('/verify', async ({ page }) => {
      await choose(page, sample.stamped);
      assert.equal(await verdict(page), '有效 Valid');
      assert.equal(await page.locator('.check-yes').count(), 5);
      assert.match(await text(page), /沙箱市测试科技有限公司/);
      assert.match(await text(page), /由时间戳证明/);
      await page.locator('#verdict:focus').waitFor();
      await mustBeWellMade(page, 'a good document');
    });
  });

  it('gives the report as a PDF in the language of the page, on a phone too', async () => {
    const phone = { viewport: { width: 390, height: 844 } };
    for (const [language, options] of [
      ['zh-CN', phone],
      ['en', {}],
    ] as const) {
      await verifying(
        `/verify?lang=${language}`,
        async ({ page }) => {
          await choose(page, sample.stamped);
          await verdict(page);
          await mustBeWellMade(page, `the report in ${language}`);
          const file = await download(page.locator('button', { hasText: 'PDF' }));
          assert.equal(textOf(openPdf(file).file.catalog().get('Lang')), language);
        },
        options,
      );
    }
  });

  it('says 无效 for a document with one changed byte, and names nobody', async () => {
    const changed = Buffer.from(sample.stamped);
    changed[changed.indexOf('Under the seal')] = 'u'.charCodeAt(0);
    await verifying('/verify', async ({ page }) => {
      await choose(page, changed);
      assert.equal(await verdict(page), '无效 Invalid');
      assert.doesNotMatch(await text(page), /沙箱市测试科技有限公司/);
      await mustBeWellMade(page, 'a changed document');
    });
  });

  it('says 没有签章 for a document without a seal', async () => {
    await verifying('/verify', async ({ page }) => {
      await choose(page, samplePdf());
      assert.equal(await verdict(page), '没有签章 No seal');
    });
  });

  it('says 无法判断 and why for what is no PDF, and for a file over the limit without sending it', async () => {
    await verifying('/verify', async ({ page }) => {
      await choose(page, Buffer.from('hello'));
      assert.equal(await verdict(page), '无法判断 Cannot tell');
      assert.match(await text(page), /unsupported-media-type/);
      await reveal(page.getByRole('button', { name: '核验另一份' }), page.locator('#text'));
      let sent = 0;
      page.on('request', () => sent++);
      await choose(page, Buffer.alloc(maxDocumentBytes + 1, '%PDF-'));
      assert.equal(await verdict(page), '无法判断 Cannot tell');
      assert.match(await text(page), /request-too-large/);
      assert.equal(sent, 0);
    });
  });

  it('takes a dropped file', async () => {
    await verifying('/verify', async ({ page }) => {
      const dropped = await page.evaluateHandle(
        `(() => { const data = new DataTransfer(); data.items.add(new File([Uint8Array.from(atob('${Buffer.from(sample.stamped).toString('base64')}'), (c) => c.charCodeAt(0))], 'a.pdf')); return data; })()`,
      );
      await drawnByScript(page);
      // The page listens a moment after it is drawn, and shows that a file is over it once it does.
      const over = page.locator('.drop-over');
      while ((await over.count()) === 0)
        await page.locator('body').dispatchEvent('dragover', { dataTransfer: dropped });
      await page.locator('body').dispatchEvent('drop', { dataTransfer: dropped });
      assert.equal(await verdict(page), '有效 Valid');
    });
  });

  for (const spelling of ['link', 'bare'] as const) {
    it(`says 有效 for a licence typed by a desk scanner, ${spelling} form`, async () => {
      await verifying('/verify', async ({ page }) => {
        await drawnByScript(page);
        await page.locator('#text').fill(sample[spelling]);
        await page.keyboard.press('Enter');
        assert.equal(await verdict(page), '有效 Valid');
        assert.match(await text(page), /测\*/);
        await mustBeWellMade(page, 'a good licence');
      });
    });
  }

  it('opens the verdict of a scanned link at once, and keeps it when the language is switched', async () => {
    await verifying(sample.link, async ({ page }) => {
      assert.equal(await verdict(page), '有效 Valid');
      await follow(page.getByRole('link', { name: 'English' }));
      assert.equal(await verdict(page), 'Valid 有效');
      assert.match(page.url(), /\?lang=en#EL1\./);
    });
  });

  it('never sends the fragment of a scanned link in an address', async () => {
    const opened = await newPage(browser, server.url);
    const urls: string[] = [];
    opened.page.on('request', (request) => urls.push(request.url()));
    await opened.page.goto(sample.link);
    await verdict(opened.page);
    const payload = sample.link.split('#')[1] ?? '';
    assert.deepEqual(
      urls.filter((url) => url.split('#')[0]?.includes(payload.slice(4, 40))),
      [],
    );
    await opened.page.context().close();
  });

  it('says 无效 for a revoked licence and one changed character, and shows nothing of the holder', async () => {
    const at = sample.link.indexOf('#') + 40;
    const changed = sample.link.slice(0, at) + (sample.link[at] === 'A' ? 'B' : 'A') + sample.link.slice(at + 1);
    for (const link of [sample.revoked, changed]) {
      await verifying(link, async ({ page }) => {
        assert.equal(await verdict(page), '无效 Invalid');
        assert.doesNotMatch(await text(page), /测试甲|测\*|0013/);
        await mustBeWellMade(page, 'a bad licence');
      });
    }
  });

  it('says 不是证照码 for some other QR code', async () => {
    await verifying('/verify', async ({ page }) => {
      await drawnByScript(page);
      await page.locator('#text').fill('https://example.com/menu');
      await reveal(page.getByRole('button', { name: '核验', exact: true }), page.locator('.verdict-word'));
      assert.equal(await verdict(page), '不是证照码 Not a licence code');
    });
  });

  it('says 无法判断 when the service does not answer, or answers nonsense', async () => {
    const answers = [
      { status: 200, body: '{"indication":"TOTAL-PASSED"}' },
      { status: 200, body: 'true' },
      { status: 502, body: '<html>' },
      undefined,
    ];
    for (const answer of answers) {
      const { page } = await newPage(browser, server.url);
      await page.route('**/api/v1/**', (route) => (answer === undefined ? route.abort() : route.fulfill(answer)));
      await page.goto(sample.link);
      assert.match(await verdict(page), /^(无法判断|不是证照码)/, JSON.stringify(answer));
      await page.context().close();
    }
  });

  it('checks a QR text without JavaScript', async () => {
    const noScript = { javaScriptEnabled: false };
    const check = async (page: Page, code: string) => {
      await page.locator('#text').fill(code);
      await follow(page.locator('main button'));
      return verdict(page);
    };
    await verifying(
      '/verify',
      async ({ page }) => {
        assert.equal(await check(page, sample.link), '有效 Valid');
        assert.match(await text(page), /测\*/);
        assert.equal(await check(page, sample.revoked), '无效 Invalid');
        assert.doesNotMatch(await text(page), /测\*|0013/);
        assert.equal(await check(page, 'nonsense'), '不是证照码 Not a licence code');
      },
      noScript,
    );
  });
});

/** The server draws the form for QR texts, and the script draws it anew: what was typed before is gone. Only the script's has a field for files. */
async function drawnByScript(page: Page): Promise<void> {
  await page.locator('input[type=file]').waitFor({ state: 'attached' });
}

async function choose(page: Page, bytes: Uint8Array): Promise<void> {
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'a.pdf', mimeType: 'application/pdf', buffer: Buffer.from(bytes) });
}

async function verdict(page: Page): Promise<string> {
  return (await page.locator('.verdict-word').innerText()).replace(/\s+/g, ' ').trim();
}

async function text(page: Page): Promise<string> {
  return page.locator('main').innerText();
}
