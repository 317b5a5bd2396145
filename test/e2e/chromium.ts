// A Chromium for the browser tests, and a page that keeps account of what must not happen on any page of ours.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'];
const executablePath = places.find((path) => existsSync(path));

/** Without them Chromium asks hosts of its maker at every start. */
const quiet = ['--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** For `before(async function …)`: skips the suite where there is no Chromium. `npm test` says how to install it. */
export async function chromiumOrSkip(context: Mocha.Context): Promise<Browser> {
  if (executablePath === undefined) context.skip();
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', ...quiet] });
}

export interface WatchedPage {
  readonly page: Page;
  /** Requests to other hosts, refusals of the Content-Security-Policy, errors of scripts. */
  readonly faults: string[];
}

/** `base`: the only origin that the page may ask for anything. */
export async function newPage(
  browser: Browser,
  base: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ baseURL: base, locale: 'zh-CN', ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !/^(data|blob|about):/.test(url)) faults.push(`asked ${url}`);
  });
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
  page.on('console', (message) => {
    // A refusal of ours is an answer, which the browser also writes to its console.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) faults.push(message.text());
  });
  return { page, faults };
}

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** axe finds nothing, nothing scrolls sideways (WCAG 1.4.10), and what is pressed is at least 44 px high. */
export async function mustBeWellMade(page: Page, name: string): Promise<void> {
  // Legacy mode looks into no frames of other origins, of which we have none, and needs no second page for it: a third faster.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).withTags(standards).analyze();
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 100)).join(' | ')}`),
    [],
    name,
  );
  // As text, because these lines are for the browser: the tests are compiled without its types.
  const sideways = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
  assert.ok(Number(sideways) <= 0, `${name} scrolls sideways by ${String(sideways)} px`);
  assert.deepEqual(await page.evaluate(smallTargets), [], `${name}: targets under 44 px`);
}

/** Links inside a line of text are exempt (WCAG 2.5.8, inline). */
const smallTargets = `[...document.querySelectorAll('a, button, input, select, textarea, summary')]
  .filter((target) => {
    const { width, height } = (target.closest('label') ?? target).getBoundingClientRect();
    return width > 1 && height > 0 && height < 44 && !target.closest('p.hint, p.lead, dd, td') && !target.matches('.skip');
  })
  .map((target) => target.outerHTML.slice(0, 100))`;

/** Signs in through our own sign-in page and waits until the browser is back at the page it wanted. */
export async function signIn(
  page: Page,
  userName: string,
  path: string,
  password = 'sandbox-Pass-2026',
): Promise<void> {
  await page.goto(path);
  await page.locator('input[autocomplete~=username]').fill(userName);
  await page.locator('input[type=password]').fill(password);
  await page.locator('main button[type=submit]').first().click();
  await page.waitForURL((url) => url.pathname === path);
}

/** Signs in, does the work at `path`, and finds no fault of the page on the way. */
export async function asPerson(
  browser: Browser,
  base: string,
  { userName, path, options }: { userName: string; path: string; options?: BrowserContextOptions | undefined },
  work: (page: Page) => Promise<void>,
): Promise<void> {
  const { page, faults } = await newPage(browser, base, options);
  await signIn(page, userName, path);
  await work(page);
  assert.deepEqual(faults, []);
  await page.context().close();
}
