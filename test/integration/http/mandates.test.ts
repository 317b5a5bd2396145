// For whom tokens speak: chosen at sign-in, changed without one, gone with the mandate; and the API of mandates; docs/mandates.md.

import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import * as contract from '../../../src/contract/mandates.ts';
import * as seals from '../../../src/contract/seals.ts';
import { house } from '../../../src/kernel/principal.ts';
import { asObject, textAt } from '../../../src/kernel/words/members.ts';
import { company, trader } from '../../../src/sandbox/city.ts';
import { ApiClient } from '../../support/api-client.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { Browser, type Page } from '../identity/browser.ts';
import { begin, callback, redeem, signInAndAgree } from '../identity/service.ts';
import { fresh, sealOf, stampOrder, upload } from './deeds.ts';

const scope = 'openid profile offline_access seal.read seal.stamp mandate.read mandate.manage';
type Tokens = Awaited<ReturnType<typeof redeem>>;

describe('docs/mandates.md: represented_party in tokens, and the API of mandates', () => {
  let server: TestServer;
  let config: oidc.Configuration;
  before(async () => {
    server = await startServer();
    config = await oidc.discovery(new URL(`${server.url}/oidc`), 'sandbox-web', undefined, oidc.None(), {
      execute: [oidc.allowInsecureRequests],
    });
  });
  after(() => server.stop());

  const parties = async (loginName: string) => {
    const { accounts, acting } = server.services.identity;
    const account = await accounts.findByLoginName(loginName);
    return acting.partiesOf(account?.accountId ?? '');
  };
  const mandateAt = async (loginName: string, uscc: string): Promise<string> =>
    (await parties(loginName)).find((party) => party.uscc === uscc)?.mandateId ?? '';

  /** Answers the page that asks for whom, if it is there, and consent. */
  async function onward(browser: Browser, page: Page, mandate: string): Promise<Page> {
    const chosen = page.text.includes('/choose-party"')
      ? await browser.submit(page, '/choose-party', { mandate })
      : page;
    return signInAndAgree(browser, chosen, '');
  }

  async function signedIn(loginName: string, uscc?: string): Promise<{ browser: Browser; tokens: Tokens }> {
    const browser = new Browser({ stopAt: callback });
    const started = await begin(config, browser, { scope, prompt: 'consent' });
    const page = await signInAndAgree(browser, started.page, loginName);
    const back = await onward(browser, page, uscc === undefined ? '' : await mandateAt(loginName, uscc));
    return { browser, tokens: await redeem(config, started, back) };
  }

  const usccIn = (token: string | undefined) => textAt(asObject(decodeJwt(token ?? '')['represented_party']), 'uscc');
  const partiesIn = ({
    access_token: access,
    id_token: id,
  }: {
    access_token: string;
    id_token?: string | undefined;
  }) => [usccIn(access), usccIn(id)];
  const as = ({ access_token: token }: { access_token: string }) => new ApiClient({ url: server.url, token });

  it('says the same in ID token and access token, with role, scope, mandate and end, and the name where names are known', async () => {
    const { tokens } = await signedIn('agent1', trader.uscc);
    assert.deepEqual(partiesIn(tokens), [trader.uscc, trader.uscc]);
    const [party] = (await parties('agent1')).filter(({ uscc }) => uscc === trader.uscc);
    assert.deepEqual(decodeJwt(tokens.id_token ?? '')['represented_party'], {
      organisation: party?.organisationId,
      uscc: trader.uscc,
      name: trader.name,
      role: 'agent',
      mandate: party?.mandateId,
      scope: ['licence:apply', 'licence:receive'],
      exp: Math.floor((party?.validUntil.getTime() ?? 0) / 1000),
    });
    const { items } = await as(tokens).json(contract.listOrganisations);
    assert.deepEqual(items.map(({ uscc }) => uscc).sort(), [company.uscc, trader.uscc].sort());
  });

  it('asks nobody who has one mandate or none, and lets a person with two act for themselves', async () => {
    assert.deepEqual(partiesIn((await signedIn('clerk1')).tokens), [company.uscc, company.uscc]);
    assert.deepEqual(partiesIn((await signedIn('citizen1')).tokens), [undefined, undefined]);
    assert.deepEqual(partiesIn((await signedIn('agent1')).tokens), [undefined, undefined]);
  });

  it('changes the party by prompt=select_party without a new sign-in, and the next refresh carries the new one', async () => {
    const { browser, tokens } = await signedIn('agent1', trader.uscc);
    assert.deepEqual((await as(tokens).refusal(seals.listSeals)).code, 'scope-missing');
    const again = await begin(config, browser, { scope, prompt: 'select_party' });
    assert.match(new URL(again.page.url).pathname, /\/choose-party$/);
    assert.doesNotMatch(again.page.text, /name="password"/);
    const back = await browser.submit(again.page, '/choose-party', {
      mandate: await mandateAt('agent1', company.uscc),
    });
    assert.deepEqual(partiesIn(await redeem(config, again, back)), [company.uscc, company.uscc]);
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    assert.deepEqual(partiesIn(refreshed), [company.uscc, company.uscc]);
    const { items } = await as(refreshed).json(seals.listSeals);
    assert.deepEqual([...new Set(items.map(({ organisation }) => organisation.uscc))], [company.uscc]);
    const silent = await begin(config, browser, { scope, prompt: 'none' });
    assert.deepEqual(partiesIn(await redeem(config, silent, silent.page)), [company.uscc, company.uscc]);
  });

  it('refuses a choice that is not the person’s', async () => {
    const browser = new Browser({ stopAt: callback });
    const started = await begin(config, browser, { scope });
    const page = await signInAndAgree(browser, started.page, 'agent1');
    const answer = await browser.submit(page, '/choose-party', { mandate: await mandateAt('clerk1', company.uscc) });
    assert.equal(answer.status, 404);
  });

  it('appoints by the API once for one key, and the mandate ends at once for a token that is still good', async () => {
    const boss = as((await signedIn('legal1')).tokens);
    const [organisation] = (await boss.json(contract.listOrganisations)).items;
    const json = {
      organisationId: organisation?.organisationId ?? '',
      loginName: 'citizen1',
      scope: ['seal:use'],
      maxUses: 3,
      purpose: '合同用印',
    };
    const headers = fresh();
    const offer = await boss.json(contract.appointAgent, { json, headers });
    assert.equal(offer.maxUses, 3);
    assert.deepEqual(await boss.json(contract.appointAgent, { json, headers }), offer);
    assert.equal((await boss.refusal(contract.appointAgent, { json, headers: fresh() })).code, 'mandate-exists');
    const { accounts, mandates } = server.services.identity;
    const citizen = await accounts.findByLoginName('citizen1');
    await mandates.answer(
      { ...house, kind: 'person', accountId: citizen?.accountId ?? '' },
      offer.mandateId,
      'accepted',
    );
    const { tokens } = await signedIn('citizen1');
    const agent = as(tokens);
    const { sealId } = await sealOf(agent);
    const { documentId } = await upload(agent);
    const order = { json: stampOrder(sealId, documentId), headers: fresh() };
    assert.equal((await agent.json(seals.createStamping, order)).status, 'done');
    const [stamped] = (await server.services.audit.entries({ action: 'stamping', limit: 1 })).items;
    assert.equal(stamped?.accountId, citizen?.accountId);
    const ended = await boss.json(contract.revokeMandate, { params: { mandateId: offer.mandateId } });
    assert.deepEqual([ended.state, ended.endedAs], ['ended', 'revoked']);
    const again = { json: stampOrder(sealId, documentId), headers: fresh() };
    assert.equal((await agent.refusal(seals.createStamping, again)).code, 'scope-missing');
    assert.equal((await agent.refusal(seals.listSeals)).code, 'scope-missing');
    const own = await as(tokens).json(contract.listMandates);
    assert.deepEqual(
      own.items.map(({ mandateId }) => mandateId),
      [offer.mandateId],
    );
    assert.equal(usccIn((await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')).access_token), undefined);
  });

  it('keeps other people’s mandates to themselves', async () => {
    const stranger = as((await signedIn('citizen2')).tokens);
    const mandateId = await mandateAt('clerk1', company.uscc);
    assert.equal((await stranger.refusal(contract.getMandate, { params: { mandateId } })).code, 'mandate-not-found');
    const [{ organisationId } = { organisationId: '' }] = await parties('clerk1');
    const refusal = await stranger.refusal(contract.listMandates, { query: { organisationId } });
    assert.equal(refusal.code, 'forbidden');
    const clerk = as((await signedIn('clerk1')).tokens);
    const { items } = await as((await signedIn('admin1')).tokens).json(contract.listMandates, {
      query: { organisationId },
    });
    assert.ok(items.some((mandate) => mandate.mandateId === mandateId));
    assert.equal((await clerk.json(contract.getMandate, { params: { mandateId } })).state, 'active');
  });
});
