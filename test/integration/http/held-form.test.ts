// A deed on the pages whose sender signed in too long ago: signing in again, and on with what was typed; RFC 9470 on our own pages.

import assert from 'node:assert/strict';
import { house } from '../../../src/kernel/principal.ts';
import { company } from '../../../src/sandbox/city.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { Browser, type Page } from '../identity/browser.ts';
import { signInAndAgree } from '../identity/service.ts';

describe('RFC 9470: deeds on the pages want a recent sign-in, and lose nothing that was typed', function () {
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server?.stop());

  async function at(loginName: string, path: string): Promise<{ browser: Browser; page: Page }> {
    const browser = new Browser({ stopAt: 'http://nowhere.example' });
    const asked = await browser.open(`${server.url}/sign-in?to=${encodeURIComponent(path)}`);
    return { browser, page: await signInAndAgree(browser, asked, loginName) };
  }
  /** As if all who are signed in on the pages had done so ten minutes ago; the engine knows better, and sends them back at once. */
  const growOld = () =>
    server.services.database.query({
      text: `UPDATE http.session SET sess = jsonb_set(sess::jsonb, '{passport,user,authTimeSeconds}',
        to_jsonb((sess::jsonb #>> '{passport,user,authTimeSeconds}')::bigint - 600))::json
        WHERE sess::jsonb #> '{passport,user,authTimeSeconds}' IS NOT NULL`,
    });

  it('registering a system: the form comes back as it was sent, and one press does it', async () => {
    const { browser, page } = await at('admin1', '/admin/clients/new');
    await growOld();
    const order = {
      clientId: 'water-office',
      kind: 'confidential',
      name: '供水业务系统',
      nameEn: 'Water "office"',
      redirectUris: 'https://water.example/callback',
    };
    const back = await browser.submit(page, '/admin/clients', order);
    assert.equal(new URL(back.url).pathname, '/continue');
    assert.match(back.text, /供水业务系统[^]*Water &quot;office&quot;/);
    const { rows } = await server.services.database.query<{ sess: string }>({
      text: 'SELECT sess::text FROM http.session',
    });
    assert.doesNotMatch(JSON.stringify(rows), /供水|water\.example/);
    const done = await browser.submit(back, '/admin/clients', {});
    assert.match(done.text, /water-office[^]*id="secret"/);
    const [entry] = (await server.services.audit.entries({ action: 'client.changed', limit: 1 })).items;
    assert.equal(entry?.objectId, 'water-office');
  });

  it('appointing and claiming: nobody is sent back to an empty form, and another person finds nothing', async () => {
    const { browser, page } = await at('legal1', '/account/mandates');
    await growOld();
    const back = await browser.submit(page, '/account/mandates/claim', { uscc: company.uscc });
    assert.equal(new URL(back.url).pathname, '/continue');
    assert.ok(back.text.includes(company.uscc));
    const stranger = await at('citizen1', '/continue');
    assert.equal(new URL(stranger.page.url).pathname, '/');
    const done = await browser.submit(back, '/account/mandates/claim', {});
    assert.match(done.url, /done=proven$/);
  });

  it('taking back a mandate wants it too, laying down the own one does not', async () => {
    const { identity } = server.services;
    const agent = await identity.accounts.findByLoginName('clerk1');
    const [party] = await identity.acting.partiesOf(agent?.accountId ?? '');
    const { browser, page } = await at('admin1', `/admin/organisations/${party?.organisationId}`);
    await growOld();
    const back = await browser.submit(page, `/mandates/${party?.mandateId}/revoke`, {});
    assert.equal(new URL(back.url).pathname, '/continue');
    assert.equal((await identity.acting.partiesOf(agent?.accountId ?? '')).length, 1);
    const own = await at('clerk1', '/account/mandates');
    await growOld();
    const ended = await own.browser.submit(own.page, `/mandates/${party?.mandateId}/end`, {});
    assert.match(ended.url, /done=ended$/);
  });

  it('stopping a seal as its administrator: the reason comes back with the form, and the seal stops after it', async () => {
    const [seal] = (await server.services.seals.list(house, { limit: 1 })).items;
    const path = `/admin/seals/${seal?.sealId}`;
    const { browser, page } = await at('admin1', path);
    await growOld();
    const back = await browser.submit(page, `${path}/deeds`, { deed: 'stop', reason: '印章外借核查' });
    assert.equal(new URL(back.url).pathname, '/continue');
    assert.match(back.text, /印章外借核查/);
    const status = async () => (await server.services.seals.get(house, seal?.sealId ?? '')).status;
    assert.equal(await status(), 'active');
    await browser.submit(back, `${path}/deeds`, {});
    assert.equal(await status(), 'suspended');
  });

  it('a sign-in from before the ways to sign in changed counts no more, but in the session that changed them', async () => {
    const { identity, database } = server.services;
    const one = await at('admin2', '/admin/clients/new');
    const other = await at('admin2', '/account/factors/recovery-codes');
    const account = await identity.accounts.findByLoginName('admin2');
    await growOld();
    // Young enough for the pages, and older than the change by more than a second.
    const text = `UPDATE http.session SET sess = jsonb_set(sess::jsonb, '{passport,user,authTimeSeconds}',
      to_jsonb((sess::jsonb #>> '{passport,user,authTimeSeconds}')::bigint + 540))::json
      WHERE sess::jsonb #> '{passport,user,authTimeSeconds}' IS NOT NULL`;
    await database.query({ text });
    await other.browser.submit(other.page, '/account/factors/recovery-codes', {});
    assert.notEqual((await identity.accounts.find(account?.accountId ?? ''))?.factorsChanged?.sessionId, undefined);
    const again = await other.browser.open(`${server.url}/account/factors/recovery-codes`);
    assert.equal(new URL(again.url).pathname, '/account/factors/recovery-codes');
    const order = {
      clientId: 'gas-office',
      kind: 'confidential',
      name: '燃气',
      nameEn: 'Gas',
      redirectUris: 'https://g.example/',
    };
    const asked = await one.browser.submit(one.page, '/admin/clients', order);
    assert.match(asked.text, /name="password"/);
    const back = await signInAndAgree(one.browser, asked, 'admin2');
    assert.equal(new URL(back.url).pathname, '/continue');
    assert.match((await one.browser.submit(back, '/admin/clients', {})).text, /gas-office[^]*id="secret"/);
  });
});
