// Deeds on authorities over HTTP by real persons who sign in (双人办理): proposed by one administrator, decided by another, refused to all else; RFC 3647, 5.2.2.

import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import * as contract from '../../../src/contract/authority.ts';
import { ApiClient } from '../../support/api-client.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { Browser } from '../identity/browser.ts';
import { begin, callback, redeem, signInAndAgree } from '../identity/service.ts';

describe('RFC 3647, 5.2.2: deeds of two people over HTTP', () => {
  let server: TestServer;
  let first: ApiClient;
  let second: ApiClient;
  let serial: string;
  before(async () => {
    server = await startServer();
    [first, second] = [await as('admin1'), await as('admin2')];
    serial = (await server.services.authority.certificateOf('seal-ca-sm2')).certificate.serialHex;
  });
  after(() => server?.stop());

  async function as(loginName: string, scope = 'openid pki.read pki.manage'): Promise<ApiClient> {
    const config = await oidc.discovery(new URL(`${server.url}/oidc`), 'sandbox-web', undefined, oidc.None(), {
      execute: [oidc.allowInsecureRequests],
    });
    const browser = new Browser({ stopAt: callback });
    const started = await begin(config, browser, { scope });
    const { access_token: token } = await redeem(
      config,
      started,
      await signInAndAgree(browser, started.page, loginName),
    );
    return new ApiClient({ url: server.url, token });
  }
  const propose = (kind: 'suspend' | 'resume' = 'suspend', by = first) =>
    by.json(contract.proposeDeed, { json: { deed: { kind, serial } } });
  const approval = ({ proposalId, deedSha256 }: { proposalId: string; deedSha256: string }) => ({
    params: { proposalId },
    json: { deedSha256 },
  });
  const status = async () => (await first.json(contract.getCertificate, { params: { serial } })).status;
  const refused = async (...call: Parameters<ApiClient['refusal']>) => {
    const { status: told, code } = await second.refusal(...call);
    return [told, code];
  };

  it('one proposes, another approves, and what is told of it in words follows the deed', async () => {
    const proposed = await propose();
    assert.equal(proposed.state, 'open');
    assert.match(proposed.outcome.en, /another administrator/);
    assert.equal(await status(), 'good');
    const approved = await second.json(contract.approveProposal, approval(proposed));
    assert.deepEqual([approved.state, approved.result], ['executed', serial]);
    assert.notEqual(approved.proposedBy, approved.decidedBy);
    assert.deepEqual(approved.outcome, { 'zh-CN': '已批准并办成。', en: 'It was approved and is done.' });
    assert.equal(await status(), 'suspended');
    assert.deepEqual(await first.json(contract.getProposal, { params: { proposalId: proposed.proposalId } }), approved);
    const back = await propose('resume', second);
    assert.equal((await first.json(contract.approveProposal, approval(back))).state, 'executed');
    assert.equal(await status(), 'good');
  });

  it('nobody approves their own, or what they have not read', async () => {
    const proposed = await propose();
    const own = await first.refusal(contract.approveProposal, approval(proposed));
    assert.deepEqual([own.status, own.code], [403, 'proposal-self-approval']);
    const other = approval({ ...proposed, deedSha256: '0'.repeat(64) });
    assert.deepEqual(await refused(contract.approveProposal, other), [409, 'proposal-changed']);
    assert.equal(await status(), 'good');
    const taken = await first.json(contract.rejectProposal, { params: { proposalId: proposed.proposalId } });
    assert.equal(taken.state, 'rejected');
    assert.deepEqual(await refused(contract.approveProposal, approval(proposed)), [409, 'proposal-not-open']);
  });

  it('two accounts of one person are no two people, and a proposal lapses with the role of its proposer', async () => {
    const { database } = server.services;
    const set = async (assignment: string, loginName: string) =>
      database.query({ text: `UPDATE identity.account SET ${assignment} WHERE login_name = $1`, values: [loginName] });
    const indexOf = "(SELECT id_number_index FROM identity.account WHERE login_name = 'admin1')";
    await set(`id_number_index = ${indexOf}`, 'admin2');
    const proposed = await propose();
    assert.deepEqual(await refused(contract.approveProposal, approval(proposed)), [403, 'proposal-self-approval']);
    await set("id_number_index = '\\x01'", 'admin2');
    await set("roles = '{}'", 'admin1');
    assert.deepEqual(await refused(contract.approveProposal, approval(proposed)), [409, 'proposal-not-open']);
    await set("roles = '{administrator}'", 'admin1');
    assert.equal(await status(), 'good');
    assert.equal(
      (await second.json(contract.rejectProposal, { params: { proposalId: proposed.proposalId } })).state,
      'rejected',
    );
  });

  it('a person without the role, an auditor and a system have no part in it, whatever scopes they agreed to', async () => {
    const proposed = await propose();
    const [citizen, auditor] = [await as('citizen1'), await as('auditor1')];
    const system = await server.api('pki.read', 'pki.manage');
    const deed = { kind: 'suspend', serial };
    const expected: [ApiClient, string][] = [
      [citizen, 'scope-missing'],
      [auditor, 'scope-missing'],
      [system, 'forbidden'],
    ];
    for (const [caller, code] of expected) {
      for (const [operation, options] of [
        [contract.proposeDeed, { json: { deed } }],
        [contract.approveProposal, approval(proposed)],
        [contract.rejectProposal, { params: { proposalId: proposed.proposalId } }],
      ] as const) {
        const refusal = await caller.refusal(operation, options);
        assert.deepEqual([refusal.status, refusal.code], [403, code], operation.id);
      }
    }
    assert.equal((await citizen.refusal(contract.listProposals)).code, 'scope-missing');
    const { proposalId } = proposed;
    assert.equal((await auditor.json(contract.getProposal, { params: { proposalId } })).state, 'open');
    assert.equal((await server.nobody.refusal(contract.approveProposal, approval(proposed))).code, 'token-missing');
    await first.json(contract.rejectProposal, { params: { proposalId } });
    assert.equal(await status(), 'good');
  });

  it('approved twice in parallel it is done once', async () => {
    const proposed = await propose();
    const calls = [1, 2, 3, 4].map(() => second.any(contract.approveProposal, approval(proposed)));
    const answers = (await Promise.all(calls)).map(({ status: told }) => told).sort((a, b) => a - b);
    assert.deepEqual(answers, [200, 409, 409, 409]);
    const { items } = await server.services.audit.entries({ action: 'certificate.suspended', limit: 50 });
    const back = await propose('resume');
    await second.json(contract.approveProposal, approval(back));
    assert.equal(await status(), 'good');
    assert.equal(items.length, 2, 'this one, and that of the first test');
  });

  it('approved and rejected at once it has one outcome', async () => {
    const proposed = await propose();
    const { proposalId } = proposed;
    const [approved, rejected] = await Promise.all([
      second.any(contract.approveProposal, approval(proposed)),
      first.any(contract.rejectProposal, { params: { proposalId } }),
    ]);
    assert.deepEqual(
      [approved.status, rejected.status].sort((a, b) => a - b),
      [200, 409],
    );
    const done = approved.status === 200;
    assert.equal(await status(), done ? 'suspended' : 'good');
    if (done) await second.json(contract.approveProposal, approval(await propose('resume')));
  });

  it('after a day it can be approved no more, and says so', async () => {
    const proposed = await propose();
    const { proposalId } = proposed;
    await server.services.database.query({
      text: `UPDATE pki.proposal SET expires_at = proposed_at, proposed_at = proposed_at - interval '1 day' WHERE state = 'open'`,
    });
    assert.deepEqual(await refused(contract.approveProposal, approval(proposed)), [409, 'proposal-not-open']);
    assert.deepEqual(await refused(contract.rejectProposal, { params: { proposalId } }), [409, 'proposal-not-open']);
    const shown = await first.json(contract.getProposal, { params: { proposalId } });
    assert.equal(shown.state, 'expired');
    assert.match(shown.outcome.en, /Nobody approved it in time/);
    assert.equal(await status(), 'good');
  });

  it('are listed newest first, page by page, each once', async () => {
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const query = cursor === undefined ? { limit: 3 } : { limit: 3, cursor };
      const page = await second.json(contract.listProposals, { query });
      assert.ok(page.items.length <= 3);
      seen.push(...page.items.map(({ proposalId }) => proposalId));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    assert.ok(seen.length >= 8);
    assert.deepEqual(seen, [...new Set(seen)].sort().reverse());
    assert.deepEqual(await refused(contract.listProposals, { query: { cursor: 'prp_x' } }), [400, 'cursor-invalid']);
  });

  it('a new key for an authority takes two people too, and every node serves it at once', async () => {
    const proposed = await first.json(contract.proposeDeed, {
      json: { deed: { kind: 'rekey', authority: 'seal-ca-sm2' } },
    });
    const { result } = await second.json(contract.approveProposal, approval(proposed));
    const { issuer, keyName } = await first.json(contract.getCertificate, { params: { serial: result ?? '' } });
    assert.deepEqual([issuer, keyName], ['root-ca-sm2', 'seal-ca-sm2-g2']);
    for (const path of ['/ca/seal-ca-sm2-g2.cer', '/crl/seal-ca-sm2-g2.crl', '/crl/seal-ca-sm2.crl'])
      assert.equal((await fetch(`${server.url}${path}`)).status, 200, path);
    const none = await first.refusal(contract.proposeDeed, { json: { deed: { kind: 'rekey', authority: 'nobody' } } });
    assert.deepEqual([none.status, none.code], [404, 'certificate-not-found']);
  });

  it('one that its process left is told as interrupted, over HTTP as well', async () => {
    const proposed = await propose();
    await server.services.database.query({
      text: `UPDATE pki.proposal SET state = 'executing', decided_by = 'acc_gone', decided_at = now() - interval '2 minutes'
        WHERE state = 'open' AND expires_at > now()`,
    });
    await server.services.authority.proposals.endInterrupted();
    const shown = await second.json(contract.getProposal, { params: { proposalId: proposed.proposalId } });
    assert.deepEqual([shown.state, shown.result], ['failed', 'proposal-interrupted']);
    assert.match(shown.outcome.en, /interrupted before it was done\. Nothing was done/);
    assert.match(shown.outcome['zh-CN'], /没有办成/);
    assert.equal((await propose()).state, 'open', 'it can be proposed again');
  });
});
