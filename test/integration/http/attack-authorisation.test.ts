// Attacks on who may do what: tokens of the wrong kind, people with a scope and without the role, and other people's ids; RFC 9068, OWASP API1 and API5.

import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import * as audit from '../../../src/contract/audit.ts';
import * as licences from '../../../src/contract/licences.ts';
import * as seals from '../../../src/contract/seals.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { ApiClient } from '../../support/api-client.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { Browser } from '../identity/browser.ts';
import { begin, callback, redeem, signInAndAgree } from '../identity/service.ts';
import { fresh, issue, sealOf, stamp, stampOrder, upload } from './deeds.ts';

const webScopes = 'openid seal.read seal.stamp licence.read';

describe('Attacks on authorisation', () => {
  let server: TestServer;
  let api: ApiClient;
  before(async () => {
    server = await startServer();
    api = await server.api();
  });
  after(() => server.stop());

  const tokensOf = async (loginName: string, scope = webScopes) => {
    const config = await oidc.discovery(new URL(`${server.url}/oidc`), 'sandbox-web', undefined, oidc.None(), {
      execute: [oidc.allowInsecureRequests],
    });
    const browser = new Browser({ stopAt: callback });
    const started = await begin(config, browser, { scope });
    return redeem(config, started, await signInAndAgree(browser, started.page, loginName));
  };
  const as = async (loginName: string) =>
    new ApiClient({ url: server.url, token: (await tokensOf(loginName)).access_token });

  describe('a scope that a person agreed to is not a power the person has', () => {
    it('a citizen can neither see nor use any seal', async () => {
      const citizen = await as('citizen1');
      const { sealId } = await sealOf(api);
      const { documentId } = await upload(api);
      const refusals = await Promise.all([
        citizen.refusal(seals.listSeals),
        citizen.refusal(seals.getSealPicture, { params: { sealId } }),
        citizen.refusal(seals.uploadDocument, { bytes: samplePdf(), headers: fresh() }),
        citizen.refusal(seals.createStamping, { json: stampOrder(sealId, documentId), headers: fresh() }),
      ]);
      for (const { status, code } of refusals) assert.deepEqual([status, code], [403, 'scope-missing']);
    });

    it('an approver can look and not stamp', async () => {
      const approver = await as('approver1');
      assert.ok((await approver.json(seals.listSeals)).items.length > 0);
      const refusal = await approver.refusal(seals.uploadDocument, { bytes: samplePdf(), headers: fresh() });
      assert.deepEqual([refusal.status, refusal.code], [403, 'scope-missing']);
    });

    it('a clerk stamps with a seal of the organisation acted for, and with no other', async () => {
      const clerk = await as('clerk1');
      const { documentId } = await upload(clerk);
      const own = await sealOf(clerk, 'contract');
      const done = await clerk.json(seals.createStamping, {
        json: stampOrder(own.sealId, documentId),
        headers: fresh(),
      });
      assert.equal(done.status, 'done');
      const { items } = await api.json(seals.listSeals);
      const foreign = items.find(({ organisation }) => organisation.uscc !== own.organisation.uscc);
      assert.ok(foreign !== undefined);
      const refusal = await clerk.refusal(seals.createStamping, {
        json: stampOrder(foreign.sealId, documentId),
        headers: fresh(),
      });
      assert.deepEqual([refusal.status, refusal.code], [403, 'forbidden']);
      const { items: entries } = await server.services.audit.entries({
        action: 'stamping',
        outcome: 'failed',
        limit: 1,
      });
      assert.equal(entries[0]?.code, 'forbidden', 'a refused use of a seal stands in the log');
    });

    it('a mandate that ended while its token lives stamps nothing', async () => {
      const clerk = await as('clerk1');
      const { documentId } = await upload(clerk);
      const { sealId } = await sealOf(clerk, 'contract');
      await server.services.database.query({
        text: "UPDATE identity.mandate SET valid_until = now() - interval '1 s'",
      });
      try {
        const json = stampOrder(sealId, documentId);
        const refusal = await clerk.refusal(seals.createStamping, { json, headers: fresh() });
        assert.deepEqual([refusal.status, refusal.code], [403, 'forbidden']);
      } finally {
        await server.services.database.query({
          text: "UPDATE identity.mandate SET valid_until = now() + interval '1 day'",
        });
      }
    });
  });

  describe('tokens of the wrong kind', () => {
    it('an ID token, a token for userinfo and a refresh token open nothing', async () => {
      const tokens = await tokensOf('clerk1', 'openid profile offline_access seal.read');
      const onlyUserinfo = await tokensOf('clerk1', 'openid profile');
      const candidates = {
        'ID token': tokens.id_token,
        'refresh token': tokens.refresh_token,
        'token for userinfo': onlyUserinfo.access_token,
      };
      for (const [what, token] of Object.entries(candidates)) {
        if (token === undefined) continue;
        const refusal = await new ApiClient({ url: server.url, token }).refusal(seals.listSeals);
        assert.deepEqual([refusal.status, refusal.code], [401, 'token-invalid'], what);
      }
      assert.ok(tokens.id_token !== undefined);
    });
  });

  describe('what belongs to somebody else is not there', () => {
    it('documents, stampings and licences of another system: 404 on every operation', async () => {
      const other = await server.foreigner();
      const { stampingId, sealId } = await stamp(api);
      const { documentId } = await upload(api);
      const { licenceId } = await issue(api);
      const reason = { json: { reason: '测试' } };
      const attempts = [
        other.refusal(seals.getStamping, { params: { stampingId } }),
        other.refusal(seals.getStampedDocument, { params: { stampingId } }),
        other.refusal(seals.createStamping, { json: stampOrder(sealId, documentId), headers: fresh() }),
        other.refusal(licences.getLicence, { params: { licenceId } }),
        other.refusal(licences.getLicenceQr, { params: { licenceId } }),
        other.refusal(licences.suspendLicence, { params: { licenceId }, ...reason }),
        other.refusal(licences.resumeLicence, { params: { licenceId }, ...reason }),
        other.refusal(licences.revokeLicence, { params: { licenceId }, ...reason }),
      ];
      for (const { status, code } of await Promise.all(attempts)) {
        assert.equal(status, 404, code);
        assert.match(code, /^(stamping|document|licence)-not-found$/);
      }
      assert.equal((await api.json(licences.getLicence, { params: { licenceId } })).status, 'active');
    });

    it('the audit log is for those with its scope', async () => {
      const clerk = await as('clerk1');
      for (const operation of [audit.listEntries, audit.getEntry, audit.getProof]) {
        const refusal = await clerk.refusal(operation, { params: { entry: '0' } });
        assert.deepEqual([refusal.status, refusal.code], [403, 'scope-missing'], operation.id);
      }
    });
  });
});
