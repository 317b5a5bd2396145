// Signing in through another platform, run by a foreign implementation; OpenID Connect Core 1.0, 3.1 and 5.3; docs/upstream.md.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { termsVersion } from '../../../src/identity/accounts/terms.ts';
import { house } from '../../../src/kernel/principal.ts';
import { freePort } from '../../support/free-port.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { platformClient, startPlatform, type UpstreamPlatform } from '../../support/upstream-platform.ts';
import { Browser, type Page } from '../identity/browser.ts';

const callback = 'http://localhost:8765/callback';
const password = 'a pass phrase of tests';
const newcomer = (loginName: string) => ({ loginName, password, terms: termsVersion });

describe('signing in through another platform', () => {
  let server: TestServer;
  let platform: UpstreamPlatform;
  let second: UpstreamPlatform;
  let directory: string;

  before(async () => {
    const port = await freePort();
    const own = `http://localhost:${port}`;
    platform = await startPlatform({ redirectUri: `${own}/sign-in/upstream/province`, claimsAt: 'id-token' });
    second = await startPlatform({ redirectUri: `${own}/sign-in/upstream/nation`, claimsAt: 'userinfo' });
    directory = mkdtempSync(join(tmpdir(), 'yinxin-upstream-'));
    const file = join(directory, 'upstreams.json');
    const both = { ...platformClient, scopes: ['profile'], person: { name: 'name', idNumber: 'id_number' } };
    writeFileSync(
      file,
      JSON.stringify([
        {
          ...both,
          id: 'province',
          name: '省平台',
          nameEn: 'Province',
          issuer: platform.issuer,
          levels: { 'urn:platform:high': 4, 'urn:platform:low': 3 },
        },
        { ...both, id: 'nation', name: '国家平台', nameEn: 'Nation', issuer: second.issuer, otherwise: 3 },
        { ...both, id: 'down', name: '停用平台', nameEn: 'Down', issuer: 'http://127.0.0.1:9' },
      ]),
    );
    server = await startServer({ PORT: String(port), PUBLIC_URL: own, UPSTREAMS_FILE: file });
  });

  after(async () => {
    // First: a service that did not start must not keep the platforms, and so the run, alive.
    await platform.close();
    await second.close();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** To the sign-in page of a business system. */
  async function begin(browser: Browser, more: Record<string, string> = {}) {
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      client_id: 'sandbox-web',
      redirect_uri: callback,
      response_type: 'code',
      scope: 'openid',
      state: 'of the system',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...more,
    });
    const page = await browser.open(`${server.url}/oidc/auth?${query.toString()}`);
    return { page, verifier };
  }

  /** The link of the sign-in page, followed to the platform and back. */
  async function through(browser: Browser, page: Page, id = 'province'): Promise<Page> {
    assert.match(page.text, new RegExp(`/upstream/${id}"`));
    return browser.open(`${page.url}/upstream/${id}`);
  }

  async function agreed(browser: Browser, page: Page): Promise<Page> {
    return page.text.includes('/consent"') ? browser.submit(page, '/consent', {}) : page;
  }

  async function claimsOf(page: Page, verifier: string) {
    assert.ok(page.url.startsWith(callback), `${page.status} ${page.url} ${page.text.slice(0, 2000)}`);
    const response = await fetch(`${server.url}/oidc/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: 'sandbox-web',
        redirect_uri: callback,
        code: new URL(page.url).searchParams.get('code') ?? '',
        code_verifier: verifier,
      }),
    });
    const { id_token: token }: { id_token: string } = JSON.parse(await response.text());
    return decodeJwt(token);
  }

  const browser = () => new Browser({ stopAt: callback });
  const accounts = () => server.services.identity.accounts;

  it('makes an account for a newcomer, at the level that the platform vouches for, and knows them the next time', async () => {
    platform.next = { sub: 'p-1', acr: 'urn:platform:high', name: '测试丙', idNumber: '990000190001010016' };
    const first = browser();
    const started = await begin(first, { acr_values: 'urn:yinxin:rn:4' });
    const choice = await through(first, started.page);
    assert.equal(platform.asked.get('acr_values'), 'urn:platform:high');
    assert.equal(platform.asked.get('code_challenge_method'), 'S256');
    assert.match(choice.text, /省平台/);
    const refused = await first.submit(choice, '/upstream/account', { loginName: 'newcomer1', password });
    assert.equal(refused.status, 422, 'without the terms');
    const made = await first.submit(choice, '/upstream/account', newcomer('newcomer1'));
    const claims = await claimsOf(await agreed(first, made), started.verifier);
    assert.deepEqual([claims['acr'], claims['amr']], ['urn:yinxin:rn:4', ['fed', 'mfa']]);
    const person = await accounts().personOf(claims.sub ?? '');
    assert.deepEqual([person?.name, person?.idNumber], ['测试丙', '990000190001010016']);

    const later = browser();
    const again = await begin(later, { acr_values: 'urn:yinxin:rn:4' });
    const back = await claimsOf(await agreed(later, await through(later, again.page)), again.verifier);
    assert.equal(back.sub, claims.sub);
  });

  it('a login of which the platform says less is no level 4, whatever it said before', async () => {
    platform.next = { sub: 'p-1', name: '测试丙', idNumber: '990000190001010016' };
    const visitor = browser();
    const { page } = await begin(visitor, { acr_values: 'urn:yinxin:rn:4' });
    const end = await through(visitor, page);
    assert.equal(new URL(end.url).searchParams.get('error'), 'unmet_authentication_requirements', end.text);
  });

  it('links an account when both sides were proven in one sitting; nothing else opens one', async () => {
    platform.next = { sub: 'p-2', acr: 'urn:platform:low' };
    const visitor = browser();
    const { page, verifier } = await begin(visitor);
    const choice = await through(visitor, page);
    const signIn = await visitor.submit(choice, '/upstream/link', {});
    assert.match(signIn.text, /省平台/);
    const wrong = await visitor.submit(signIn, signIn.url.slice(signIn.url.lastIndexOf('/')), {
      loginName: 'citizen2',
      password: 'not the password',
    });
    assert.equal(wrong.status, 401);
    assert.deepEqual(await server.services.identity.upstream.links.of(await idOf('citizen2')), []);
    const right = await visitor.submit(wrong, wrong.url.slice(wrong.url.lastIndexOf('/')), {
      loginName: 'citizen2',
      password: 'sandbox-Pass-2026',
    });
    const claims = await claimsOf(await agreed(visitor, right), verifier);
    assert.equal(claims.sub, await idOf('citizen2'));
    assert.deepEqual(claims['amr'], ['pwd'], 'what was proven here');

    const later = browser();
    const again = await begin(later);
    const back = await claimsOf(await agreed(later, await through(later, again.page)), again.verifier);
    assert.deepEqual([back.sub, back['amr']], [claims.sub, ['fed']]);
  });

  it('an account that somebody made beforehand with the number of another is not opened by them', async () => {
    const squatter = await accounts().create(
      {
        loginName: 'squatter',
        password,
        person: { name: '测试丁', idType: 'resident-id', idNumber: '99000020000229001X' },
        roles: [],
        evidence: [],
      },
      house,
    );
    second.next = { sub: 'n-1', name: '测试丁', idNumber: '99000020000229001X' };
    const visitor = browser();
    const { page, verifier } = await begin(visitor);
    const choice = await through(visitor, page, 'nation');
    assert.match(choice.text, /upstream\/account/);
    const made = await visitor.submit(choice, '/upstream/account', newcomer('newcomer2'));
    const claims = await claimsOf(await agreed(visitor, made), verifier);
    assert.notEqual(claims.sub, squatter.accountId);
    assert.equal((await accounts().find(claims.sub ?? ''))?.level, 3, 'told by userinfo');
    assert.equal((await accounts().find(squatter.accountId))?.level, 0);
  });

  it('does not link the account of one person with the login of another, and signs nobody in', async () => {
    platform.next = { sub: 'p-3', acr: 'urn:platform:high', name: '测试丙', idNumber: '990000190001010016' };
    const visitor = browser();
    const { page } = await begin(visitor);
    const choice = await through(visitor, page);
    const signIn = await visitor.submit(choice, '/upstream/link', {});
    const refused = await visitor.submit(signIn, signIn.url.slice(signIn.url.lastIndexOf('/')), {
      loginName: 'citizen1',
      password: 'sandbox-Pass-2026',
    });
    assert.equal(refused.status, 409, refused.text);
    assert.match(refused.text, /不一致/);
    assert.deepEqual(await server.services.identity.upstream.links.of(await idOf('citizen1')), []);
  });

  it('gives an account the name of nobody who came from the platform after its own proof', async () => {
    platform.next = { sub: 'p-8', acr: 'urn:platform:high' };
    const first = browser();
    const choice = await through(first, (await begin(first)).page);
    await first.submit(choice, '/upstream/account', newcomer('newcomer8'));
    const visitor = browser();
    const { page } = await begin(visitor, { acr_values: 'urn:yinxin:rn:4' });
    const raise = await through(visitor, page);
    assert.match(raise.url, /\/raise-level$/);
    second.next = { sub: 'n-9', name: '测试丙', idNumber: '990000190001010016' };
    assert.match((await through(visitor, page, 'nation')).text, /upstream\/account/, 'nobody is known so');
    await visitor.submit(raise, '/skip', {});
    const account = await accounts().findByLoginName('newcomer8');
    assert.equal(await accounts().personOf(account?.accountId ?? ''), undefined);
  });

  it('an answer in another browser, to another sign-in, or given twice leads nowhere', async () => {
    platform.next = { sub: 'p-1', acr: 'urn:platform:high', name: '测试丙', idNumber: '990000190001010016' };
    const visitor = browser();
    const { page } = await begin(visitor);
    const answer = await answerOf(visitor, `${page.url}/upstream/province`);
    const stranger = browser();
    await begin(stranger);
    assert.equal((await stranger.open(answer)).status, 410);
    const first = await visitor.request(answer);
    assert.equal(first.status, 303);
    assert.equal((await visitor.request(answer)).status, 410, 'the question was answered');
    const other = await begin(visitor);
    assert.equal((await visitor.open(`${other.page.url}/upstream`)).status, 400, 'it was for the first sign-in');
  });

  it('tells whoever changed their mind there, or whose platform is down, how to go on', async () => {
    platform.next = undefined;
    const visitor = browser();
    const { page } = await begin(visitor);
    const back = await through(visitor, page);
    assert.equal(back.status, 400);
    assert.match(back.text, new RegExp(`href="${new URL(page.url).pathname}"`));
    const down = await through(visitor, page, 'down');
    assert.equal(down.status, 503);
    assert.match(down.text, /暂时无法连接该平台/);
  });

  it('shows a person what is linked, and takes it back', async () => {
    const visitor = browser();
    const signIn = await visitor.open(`${server.url}/account/platforms`);
    const page = await visitor.submit(signIn, signIn.url.slice(signIn.url.lastIndexOf('/')), {
      loginName: 'citizen2',
      password: 'sandbox-Pass-2026',
    });
    assert.match(page.text, /省平台/, page.url);
    const after = await visitor.submit(page, '/unlink', {});
    assert.match(after.text, /已解除关联/);
    platform.next = { sub: 'p-2', acr: 'urn:platform:low' };
    const later = browser();
    const again = await begin(later);
    assert.match((await through(later, again.page)).text, /upstream\/account/, 'a stranger once more');
  });

  it('leaves entries of what was linked, and no name or number in public', async () => {
    const { items } = await server.services.audit.entries({ action: 'upstream.linked', limit: 10 });
    assert.deepEqual(
      items.map(({ facts }) => JSON.stringify(facts['upstream'])).sort((a, b) => a.localeCompare(b)),
      ['"nation"', '"province"', '"province"', '"province"'],
    );
  });

  async function idOf(loginName: string): Promise<string> {
    return (await accounts().findByLoginName(loginName))?.accountId ?? '';
  }

  /** Goes to the platform and stops before its answer is handed over here. */
  async function answerOf(visitor: Browser, url: string): Promise<string> {
    let at = url;
    for (let hops = 0; hops < 8; hops++) {
      if (at.startsWith(`${server.url}/sign-in/upstream/`)) return at;
      const { headers } = await visitor.request(at);
      at = new URL(headers.get('location') ?? '', at).href;
    }
    throw new Error('the platform did not answer');
  }
});
