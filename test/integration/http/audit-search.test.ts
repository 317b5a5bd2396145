// Auditors search by who, whom, what, when and outcome; a row that was tampered with says so; and each search is an entry itself.

import assert from 'node:assert/strict';
import * as audit from '../../../src/contract/audit.ts';
import * as licences from '../../../src/contract/licences.ts';
import { verifyLicence } from '../../../src/contract/verifications.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { idFromUuid, newId, uuidFromId } from '../../../src/kernel/ids.ts';
import type { Principal } from '../../../src/kernel/principal.ts';
import type { ApiClient } from '../../support/api-client.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { issue } from './deeds.ts';

const citizen = newId('account', systemClock);
const licenceId = newId('licence', systemClock);
const sealId = newId('seal', systemClock);
const clerk: Principal = {
  kind: 'person',
  accountId: newId('account', systemClock),
  clientId: 'sandbox-web',
  scopes: new Set(['seal.stamp']),
  roles: new Set(['clerk']),
  level: 4,
  origin: '192.0.2.0/24',
};

describe('API, audit: the auditor’s search', () => {
  let server: TestServer;
  let api: ApiClient;
  let shown = '';
  before(async () => {
    server = await startServer();
    api = await server.api('audit.read');
    const { audit: log } = server.services;
    const about = { objectId: licenceId, subjectId: citizen };
    shown = idFromUuid(
      'entry',
      await log.append(clerk, { action: 'licence.shown', outcome: 'done', ...about, facts: { form: 'EL1' } }),
    );
    const failed = { action: 'stamping', outcome: 'failed', objectId: sealId } as const;
    await log.append(clerk, { ...failed, code: 'seal-not-active', purpose: '合同' });
    await log.append(clerk, { ...failed, code: 'seal-expired' });
  });
  after(() => server.stop());

  const search = async (query: Record<string, string | number>) =>
    (await api.json(audit.listEntries, { query: { limit: 100, ...query } })).items;

  it('finds by who did it, whom it is about, what it was done with, how it ended and why, and by several at once', async () => {
    const actorId = clerk.accountId ?? '';
    const actions = async (query: Record<string, string>) =>
      (await search(query)).map(({ action, code }) => code ?? action);
    assert.deepEqual(await actions({ actorId, outcome: 'failed' }), ['seal-expired', 'seal-not-active']);
    assert.deepEqual(await actions({ subjectId: citizen, action: 'licence.shown' }), ['licence.shown']);
    assert.deepEqual(await actions({ objectId: sealId }), ['seal-expired', 'seal-not-active']);
    assert.deepEqual(await actions({ code: 'seal-expired' }), ['seal-expired']);
    assert.deepEqual(await actions({ code: 'seal-expired', action: 'sign-in' }), []);
    assert.deepEqual(await actions({ action: 'no-such-action' }), []);
    assert.deepEqual(await actions({ outcome: 'no-such-outcome' }), []);
    assert.deepEqual(await actions({ subjectId: newId('account', systemClock) }), []);
    const [first] = await search({ code: 'seal-not-active' });
    assert.deepEqual(await actions({ actorId, until: first?.at ?? '', outcome: 'failed' }), []);
  });

  it('answers what the entry says: who, from where, at which level, why, and that the row is as it was written', async () => {
    const [entry] = await search({ code: 'seal-not-active' });
    assert.deepEqual(
      [entry?.accountId, entry?.level, entry?.origin, entry?.purpose, entry?.clientId, entry?.objectId],
      [clerk.accountId, 4, '192.0.2.0/24', '合同', 'sandbox-web', sealId],
    );
    assert.deepEqual([entry?.faults, entry?.parts], [[], { actor: 'open', subject: 'none' }]);
    const [about] = await search({ subjectId: citizen, action: 'licence.shown' });
    assert.deepEqual([about?.objectId, about?.facts], [licenceId, { form: 'EL1' }]);
  });

  it('says of a row that was tampered with what in it is wrong, and still shows what the leaf says', async () => {
    const { database } = server.services;
    const [{ entryId } = { entryId: '' }] = await search({ code: 'seal-expired' });
    const values = [uuidFromId('entry', entryId)];
    await database.transaction(async (tx) => {
      await tx.query({ text: 'ALTER TABLE audit.entry DISABLE TRIGGER USER' });
      await tx.query({ text: `UPDATE audit.entry SET client_id = 'another' WHERE id = $1`, values });
      await tx.query({ text: 'ALTER TABLE audit.entry ENABLE TRIGGER USER' });
    });
    const [entry] = await search({ code: 'seal-expired' });
    assert.deepEqual([entry?.faults, entry?.clientId], [['columns'], 'sandbox-web']);
  });

  it('every search is in the log: what was asked lies under the key of whom it was asked about, who sees it', async () => {
    await search({ subjectId: citizen, action: 'licence.shown' });
    const { items } = await server.services.audit.concerning([citizen], { limit: 1 });
    const [entry] = items;
    assert.deepEqual(
      [entry?.action, entry?.clientId, entry?.facts['filters'], entry?.facts['entries']],
      ['audit.searched', 'sandbox-system', 'action subjectId', 1],
    );
    assert.equal(entry?.personal['asked'], JSON.stringify({ action: 'licence.shown', subjectId: citizen }));
    assert.ok(!Buffer.from(entry.leaf).toString().includes(citizen));
    await api.json(audit.getEntry, { params: { entry: shown } });
    const [opened] = (await server.services.audit.concerning([citizen], { limit: 1 })).items;
    assert.deepEqual([opened?.action, opened?.objectId], ['audit.searched', shown]);
  });

  it('a search for somebody whom the log does not know makes nothing of them', async () => {
    const stranger = newId('account', systemClock);
    await search({ subjectId: stranger });
    assert.deepEqual((await server.services.audit.concerning([stranger], { limit: 1 })).items, []);
    const [entry] = (await server.services.audit.entries({ action: 'audit.searched', limit: 1 })).items;
    assert.deepEqual([entry?.facts['filters'], entry?.personal], ['subjectId', {}]);
  });

  it('pages do not overlap and lose nothing', async () => {
    const query = { actorId: clerk.accountId ?? '', limit: 1 };
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await api.json(audit.listEntries, {
        query: { ...query, ...(cursor === undefined ? {} : { cursor }) },
      });
      seen.push(...page.items.map(({ entryId }) => entryId));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    assert.equal(seen.length, 3);
    assert.equal(new Set(seen).size, 3);
  });

  it('counts come from the log: a showing and a check of a licence are in them, by licence type', async () => {
    const all = await server.api();
    const { licenceId, typeCode } = await issue(all);
    const { text } = await all.json(licences.getLicenceQr, { params: { licenceId } });
    await server.nobody.json(verifyLicence, { json: { text } });
    await server.services.logRunner.step();
    await server.services.countRunner.step();
    const { items } = await api.json(audit.getLicenceUse);
    const use = items.find((item) => item.typeCode === typeCode);
    const issued = use?.issued ?? 0;
    assert.ok(issued > 0);
    assert.deepEqual([use?.shown, use?.verified, use?.usesPerLicence], [1, 1, 2 / issued]);
    const query = { by: 'hour', action: 'licence.shown', typeCode };
    const counts = await api.json(audit.countEntries, { query });
    assert.deepEqual(
      counts.items.map(({ entries }) => entries),
      [1],
    );
    const refusal = await api.refusal(audit.countEntries, { query: { by: 'hour', from: '2020-01-01T00:00:00Z' } });
    assert.deepEqual([refusal.status, refusal.code], [400, 'malformed-request']);
  });
});
