// A Chromium for the browser tests, and a page that keeps account of what must not happen on any page of ours.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'];
const executablePath = places.find((path) => existsSync(path));

/** Without them Chromium asks hosts of its maker at every start. */
const quiet = ['--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** A busy machine is slow, not broken. */
const patienceMs = 60_000;

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
  context.setDefaultTimeout(patienceMs);
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

/**
 * Presses a link or a button that leads to another document and returns when that one is loaded. A click alone returns while the page
 * before still stands: what is read next would be read there, and a `goto` would break off the form. `to`: the path where a way ends
 * whose pages lead on by themselves (the page between a form and the next site, a form that sends itself).
 */
export async function follow(target: Locator, to?: string): Promise<void> {
  const page = target.page();
  await target.waitFor();
  // The next load to come is then the next document's.
  await page.waitForLoadState();
  await Promise.all([page.waitForEvent('load'), target.click()]);
  if (to !== undefined) await page.waitForURL((url) => url.pathname === to);
}

/** Presses what changes the page that stands, by a script or by opening a part of it, and returns when `shown` is seen. `at`: pixels from its top left. */
export async function reveal(target: Locator, shown: Locator, at?: { x: number; y: number }): Promise<void> {
  await target.click(at === undefined ? {} : { position: at });
  await shown.waitFor();
}

/** Presses a link to a file and returns its bytes. */
export async function download(link: Locator): Promise<Uint8Array> {
  const [file] = await Promise.all([link.page().waitForEvent('download'), link.click()]);
  return readFileSync(await file.path());
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
  await giveNameAndPassword(page, { userName, password, to: path });
}

/** On the sign-in page; returns at the page after it, or at `to`. */
export async function giveNameAndPassword(
  page: Page,
  { userName, password = 'sandbox-Pass-2026', to }: { userName: string; password?: string; to?: string },
): Promise<void> {
  await page.locator('input[autocomplete~=username]').fill(userName);
  await page.locator('input[type=password]').fill(password);
  await follow(page.locator('main button[type=submit]').first(), to);
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

/** W3C Web Authentication Level 3, 11: a platform authenticator whose holder is always there and agrees. */
export async function addAuthenticator(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}
