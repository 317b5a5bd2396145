// PIPL art. 47, GDPR art. 17: a person is erased from the log by destroying one key, on every node, and no proof breaks.

import assert from 'node:assert/strict';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { SealingKey } from '../../../src/audit/sealing-key.ts';
import { fromUtf8, toBase64, toBase64url, toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { newId, uuidFromId } from '../../../src/kernel/ids.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { house, type Principal, type Role } from '../../../src/kernel/principal.ts';
import { type TestLog, testCipher, testLog } from '../../support/audit.ts';

const citizen = newId('account', systemClock);
const clerk = newId('account', systemClock);
const licenceId = newId('licence', systemClock);

function person(accountId: string): Principal {
  return {
    ...house,
    kind: 'person',
    accountId,
    clientId: 'web',
    roles: new Set(['administrator']),
    level: 4,
    origin: '198.51.100.0/24',
    requestId: 'req-77',
  };
}

/** Every entry there can be of the citizen: alone, about somebody else, by somebody else, and with nobody acting. */
async function deedsOf(audit: AuditLog): Promise<void> {
  await audit.append(person(citizen), { action: 'sign-in', outcome: 'done', subjectId: citizen });
  await audit.append(person(clerk), {
    action: 'account.created',
    outcome: 'done',
    objectId: citizen,
    subjectId: citizen,
    purpose: '窗口开户',
    personal: { name: '王五', loginName: 'wangwu' },
  });
  await audit.append(person(citizen), { action: 'sign-out', outcome: 'done', subjectId: clerk });
  await audit.append(
    { ...house, kind: 'system', clientId: 'hall' },
    { action: 'licence.shown', outcome: 'done', objectId: licenceId, subjectId: citizen, facts: { form: 'EL1' } },
  );
  await audit.append(person(citizen), { action: 'document.downloaded', outcome: 'done', objectId: 'doc_own' });
}

/** Every row of every table of the schema, as text: bytes are hexadecimal in it. */
async function dump({ test }: TestLog): Promise<string> {
  const { rows } = await test.database.query<{ name: string }>({
    text: `SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relnamespace = 'audit'::regnamespace AND c.relkind = 'r'`,
  });
  const texts: string[] = [];
  for (const { name } of rows) {
    const table = await test.database.query<{ row: string }>({ text: `SELECT t::text AS row FROM ${name} t` });
    texts.push(...table.rows.map(({ row }) => row));
  }
  assert.ok(rows.some(({ name }) => name === 'audit.person_key') && texts.length > 10);
  return texts.join('\n').toLowerCase();
}

async function servedAndExported({ tiles, audit }: TestLog, size: number): Promise<string> {
  const bundle = (await tiles.entryBundle(0, size)) ?? new Uint8Array();
  assert.ok(bundle.length > 500);
  const { items } = await audit.entries({ limit: 100 });
  const leaves = items.map(({ leaf }) => fromUtf8(leaf));
  return `${Buffer.from(bundle).toString('latin1')}${JSON.stringify(items)}${leaves.join('')}`.toLowerCase();
}

/** All that a person could be found by: names, the id in every spelling, and every keyed hash that the service can make of it. */
function traces(id: string): string[] {
  const uuid = uuidFromId('account', id) ?? '';
  const uuidBytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  const service = new SealingKey(testCipher.blindIndex('service', 'audit.service_key'));
  const contexts = ['audit.reference', 'audit.person_key.ref', 'audit.service_key', 'audit.entry'];
  const hashes = [
    ...contexts.map((context) => testCipher.blindIndex(id, context)),
    service.tag('subject', id),
    service.tag('object', id),
  ];
  const bytes = [uuidBytes, utf8(id), ...hashes, ...hashes.map((hash) => hash.subarray(0, 12))];
  return [
    id,
    uuid,
    ...bytes.flatMap((b) => [toHex(b), toBase64(b).replace(/=+$/, ''), toBase64url(b)]),
    ...['王五', 'wangwu'].flatMap((name) => [name, toHex(utf8(name))]),
  ].map((text) => text.toLowerCase());
}

async function erasedByTwo({ test, audit }: TestLog): Promise<boolean> {
  return test.database.transaction((tx) => audit.eraseWithin(tx, person(clerk), [citizen]));
}

describe('erasure of a person from the audit log (PIPL art. 47, GDPR art. 17)', () => {
  let log: TestLog;

  beforeEach(async () => {
    log = await testLog();
  });
  afterEach(async () => {
    await log.runner.stop();
    await log.test.close();
  });

  it('leaves nothing that leads to the person in the schema, the served tiles or an export, and breaks no proof', async () => {
    const { audit, runner } = log;
    await deedsOf(audit);
    await runner.step();
    const before = await Promise.all([0, 1, 2, 3, 4].map((index) => log.proofs.inclusion(index)));
    assert.equal((await audit.entries({ subjectId: citizen, limit: 10 })).items.length, 3);
    assert.ok(
      (await dump(log)).includes(toHex(testCipher.blindIndex(citizen, 'audit.person_key.ref').subarray(0, 16))),
    );

    assert.equal(await erasedByTwo(log), true);
    assert.deepEqual(await Promise.all([0, 1, 2, 3, 4].map((index) => log.proofs.inclusion(index))), before);
    await runner.step();

    const texts = [await dump(log), await servedAndExported(log, 6)];
    for (const text of texts) for (const trace of traces(citizen)) assert.ok(!text.includes(trace), trace);
    for (const query of [{ subjectId: citizen }, { actorId: citizen }, { objectId: citizen }])
      assert.deepEqual((await audit.entries({ ...query, limit: 10 })).items, [], JSON.stringify(query));
    for (let index = 0; index < 6; index++) {
      const { parts, faults } = await audit.entry(index);
      assert.deepEqual(faults, [], `entry ${index}`);
      if ([0, 3].includes(index)) assert.deepEqual(parts, { actor: 'none', subject: 'erased' });
      assert.equal((await log.proofs.inclusion(index)).path.length, index < 4 ? 3 : 2);
    }
  });

  it('leaves the parts of other persons in the same entries readable', async () => {
    const { audit, runner } = log;
    await deedsOf(audit);
    await erasedByTwo(log);
    await runner.step();
    const byClerk = await audit.entry(1);
    assert.deepEqual([byClerk.accountId, byClerk.purpose, byClerk.origin], [clerk, '窗口开户', '198.51.100.0/24']);
    assert.deepEqual([byClerk.subjectId, byClerk.objectId, byClerk.personal], [null, null, {}]);
    assert.deepEqual(byClerk.parts, { actor: 'open', subject: 'erased' });
    const aboutClerk = await audit.entry(2);
    assert.deepEqual([aboutClerk.accountId, aboutClerk.subjectId], [null, clerk]);
    assert.deepEqual(aboutClerk.parts, { actor: 'erased', subject: 'open' });
    const { items } = await audit.entries({ actorId: clerk, limit: 10 });
    assert.deepEqual(
      items.map(({ action }) => action),
      ['person.erased', 'account.created'],
    );
  });

  it('has an entry of its own, which does not say who was erased, and answers false for an unknown person', async () => {
    const { audit } = log;
    assert.equal(await erasedByTwo(log), false);
    const { items } = await audit.entries({ action: 'person.erased', limit: 10 });
    assert.equal(items.length, 1);
    assert.deepEqual([items[0]?.accountId, items[0]?.subjectId, items[0]?.objectId], [clerk, null, null]);
  });

  it('is for the house, and for administrators in twos only', async () => {
    const citizenHerself = { ...person(citizen), roles: new Set<Role>(['clerk']) };
    const alone = async (principal: Principal) => log.audit.erase(principal, citizen);
    await assert.rejects(alone(citizenHerself), { code: 'forbidden' });
    await assert.rejects(alone(person(clerk)), { code: 'forbidden' });
    await assert.rejects(
      log.test.database.transaction((tx) => log.audit.eraseWithin(tx, citizenHerself, [citizen])),
      { code: 'forbidden' },
    );
    assert.deepEqual((await log.audit.entries({ limit: 1 })).items, []);
  });

  it('holds at once on a node that has the key in memory: what it writes next is under a new key, in the same statement or transaction', async () => {
    const { audit, test } = log;
    const { database } = test;
    const other = new AuditLog({ database, clock: systemClock, cipher: testCipher, log: silentLog });
    await audit.append(person(citizen), { action: 'sign-in', outcome: 'done', subjectId: citizen });
    await other.append(person(citizen), { action: 'sign-in', outcome: 'done', subjectId: citizen });
    const tag = async (): Promise<(string | null)[]> => {
      const { rows } = await database.query<{ tag: string | null }>({
        text: `SELECT encode(subject_tag, 'hex') AS tag FROM audit.entry WHERE subject_tag IS NOT NULL ORDER BY id`,
      });
      return rows.map((row) => row.tag);
    };
    const [first, second] = await tag();
    assert.equal(first, second, 'two nodes have one key');

    await audit.erase(house, citizen);
    await other.append(person(citizen), { action: 'sign-out', outcome: 'done', subjectId: citizen });
    await audit.erase(house, citizen);
    await database.transaction((tx) =>
      other.record(tx, person(citizen), { action: 'sign-out', outcome: 'done', subjectId: citizen }),
    );
    await audit.erase(house, citizen);
    await other.appendMany([
      { principal: person(citizen), event: { action: 'sign-out', outcome: 'done', subjectId: citizen } },
    ]);
    const tags = await tag();
    assert.equal(new Set(tags).size, 4, 'each time a new key');
    const { items } = await other.entries({ subjectId: citizen, limit: 10 });
    assert.equal(items.length, 1, 'only what came after the last erasure is found');
  });

  it('makes an entry unreadable whose statement was under way when the key was destroyed', async () => {
    const { audit, test } = log;
    await audit.append(person(citizen), { action: 'sign-in', outcome: 'done', subjectId: citizen });
    await test.database.transaction(async (tx) => {
      await audit.record(tx, person(citizen), { action: 'sign-out', outcome: 'done', subjectId: citizen });
      await new AuditLog({ database: test.database, clock: systemClock, cipher: testCipher, log: silentLog }).erase(
        house,
        citizen,
      );
    });
    const { items } = await audit.entries({ action: 'sign-out', limit: 1 });
    assert.deepEqual(items[0]?.parts, { actor: 'none', subject: 'erased' });
    assert.deepEqual(items[0].faults, []);
  });

  it('gives two processes that see a person first at one moment the same key', async () => {
    const { audit, test } = log;
    const nodes = [audit];
    for (let i = 0; i < 3; i++)
      nodes.push(new AuditLog({ database: test.database, clock: systemClock, cipher: testCipher, log: silentLog }));
    for (let round = 0; round < 10; round++) {
      const stranger = newId('account', systemClock);
      const event = { action: 'sign-in', outcome: 'done', subjectId: stranger } as const;
      await Promise.all(nodes.map((node) => node.append(person(stranger), event)));
      assert.equal((await audit.entries({ subjectId: stranger, limit: 10 })).items.length, 4);
    }
  });

  it('does not wait for a connection that waiting transactions hold', async () => {
    const own = await testLog({ maxConnections: 2 });
    try {
      const { database } = own.test;
      await Promise.all(
        Array.from({ length: 8 }, () => {
          const stranger = newId('account', systemClock);
          const event = { action: 'sign-in', outcome: 'done', subjectId: stranger } as const;
          return database.transaction(async (tx) => {
            await tx.query({ text: 'SELECT pg_sleep(0.02)' });
            await own.audit.record(tx, person(stranger), event);
          });
        }),
      );
      assert.equal((await own.audit.entries({ limit: 20 })).items.length, 8);
    } finally {
      await own.test.close();
    }
  });
});

describe('audit entries as auditors read them', () => {
  let log: TestLog;

  before(async () => {
    log = await testLog();
    await deedsOf(log.audit);
    await log.audit.append(person(clerk), {
      action: 'seal.made',
      outcome: 'done',
      objectId: 'seal_1',
      subjectId: 'org_1',
      objectSha256: new Uint8Array(32),
    });
    await log.test.database.query({ text: 'CREATE TABLE public.kept AS SELECT * FROM audit.entry' });
  });
  after(() => log.test.close());

  /** As a database administrator can who switches the triggers off. */
  async function disarmed(...texts: string[]): Promise<void> {
    await log.test.database.transaction(async (tx) => {
      await tx.query({ text: 'SET LOCAL session_replication_role = replica' });
      for (const text of texts) await tx.query({ text });
    });
  }

  async function tampered(change: string, action: string): Promise<readonly string[]> {
    const [entry] = (await log.audit.entries({ action, limit: 1 })).items;
    assert.deepEqual(entry?.faults, []);
    const id = uuidFromId('entry', entry.entryId) ?? '';
    await disarmed(`UPDATE audit.entry SET ${change} WHERE id = '${id}'`);
    const read = await log.audit.byId(id);
    await disarmed('DELETE FROM audit.entry', 'INSERT INTO audit.entry SELECT * FROM public.kept');
    return read?.faults ?? ['missing'];
  }

  const changes: readonly (readonly [string, string, readonly string[]])[] = [
    ['action = 1', 'sign-in', ['columns']],
    ['outcome = 2', 'sign-in', ['columns']],
    [`client_id = 'other'`, 'sign-in', ['columns']],
    ['actor_tag = NULL', 'sign-in', ['columns']],
    ['subject_tag = NULL', 'sign-in', ['columns', 'subject-part']],
    [`object_tag = '\\x00'`, 'sign-in', ['columns']],
    ['object_tag = NULL', 'licence.shown', ['columns']],
    ['object_tag = subject_tag', 'seal.made', ['columns']],
    ['subject_tag = NULL', 'seal.made', ['columns']],
    ['subject_part = NULL', 'account.created', ['columns', 'subject-part']],
    ['subject_part = actor_part', 'account.created', ['columns', 'subject-part']],
    [
      'actor_part = set_byte(actor_part, 20, get_byte(actor_part, 20) # 1)',
      'account.created',
      ['columns', 'actor-part'],
    ],
    [`actor_part = '\\x00'`, 'sign-in', ['actor-part']],
    ['actor_tag = subject_tag, subject_tag = actor_tag', 'account.created', ['columns', 'actor-part', 'subject-part']],
    [`leaf = '\\x00'`, 'sign-in', ['leaf']],
    [`leaf = convert_to(replace(convert_from(leaf, 'UTF8'), '"v":2', '"v":1'), 'UTF8')`, 'sign-in', ['leaf']],
    [
      `leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'EL1', 'EL2'), 'UTF8'), object_tag = object_tag`,
      'licence.shown',
      [],
    ],
  ];
  for (const [change, action, faults] of changes)
    it(`says ${faults.join(' and ') || 'nothing, and the proof fails,'} of ${action} when somebody sets ${change.slice(0, 60)}`, async () => {
      assert.deepEqual(await tampered(change, action), faults);
    });
});
