// Licences over a real database: issuing with its audit entries, repeated requests, crashes, guarded status, who sees what.

import assert from 'node:assert/strict';
import { toHex } from '../../../src/kernel/bytes.ts';
import { bucketOf, idFromUuid, uuidFromId } from '../../../src/kernel/ids.ts';
import { anonymous, house } from '../../../src/kernel/principal.ts';
import { parseLicenceIdentifier } from '../../../src/credential/licence-identifier.ts';
import { drivingLicence, residentPermit, sandboxLicenceIssuers } from '../../../src/sandbox/licence-catalogue.ts';
import {
  issuingSystem,
  type LicenceOffice,
  licenceOffice,
  permitOrder,
  person,
  requestKey,
  residentNumber,
  system,
} from '../../support/licence-office.ts';

describe('Issuing a licence', () => {
  let office: LicenceOffice;
  before(async () => {
    office = await licenceOffice({ maxConnections: 20 });
  });
  after(() => office.close());
  afterEach(() => {
    office.fault = undefined;
  });

  async function entriesOf(licenceId: string) {
    const { items } = await office.audit.entries({ objectId: licenceId, limit: 50 });
    return items.toReversed().map(({ action, outcome }) => `${action} ${outcome}`);
  }

  async function count(table: string): Promise<number> {
    const { rows } = await office.database.query<{ n: number }>({ text: `SELECT count(*) AS n FROM licence.${table}` });
    return rows[0]?.n ?? -1;
  }

  it('answers with an active licence whose identifier is of GB/T 36904, after intent and outcome are in the audit log', async () => {
    const record = await office.licences.issue(issuingSystem, permitOrder(), requestKey());
    assert.equal(record.status, 'active');
    assert.equal(record.holder.idNumber, `9901**********${residentNumber(123).slice(-4)}`);
    assert.equal(record.holder.name, '张三丰');
    assert.deepEqual([record.validFrom, record.validUntil, record.version], ['2026-11-21', '2036-11-20', 1]);
    const parts = parseLicenceIdentifier(record.identifier);
    assert.equal(parts?.typeCode, residentPermit.typeCode);
    assert.equal(parts?.issuerCode, sandboxLicenceIssuers[0]?.issuerCode);
    assert.deepEqual(await entriesOf(record.licenceId), ['licence.issued intended', 'licence.issued done']);
  });

  it('puts the bucket of the holder into the id, the same for all licences of a holder', async () => {
    const order = { ...permitOrder(), holder: { ...permitOrder().holder, idNumber: residentNumber(1) } };
    const [a, b] = [
      await office.licences.issue(issuingSystem, order, requestKey()),
      await office.licences.issue(issuingSystem, order, requestKey()),
    ];
    const bucket = (id: string) => bucketOf(uuidFromId('licence', id) ?? '');
    assert.equal(bucket(a.licenceId), bucket(b.licenceId));
    const { rows } = await office.database.query<{ bucket: number }>({
      text: 'SELECT bucket FROM licence.licence WHERE licence_id = $1',
      values: [uuidFromId('licence', a.licenceId)],
    });
    assert.equal(rows[0]?.bucket, bucket(a.licenceId));
  });

  it('stores neither name nor number nor claims nor code in the clear', async () => {
    const order = permitOrder({ holder: { ...permitOrder().holder, name: '欧阳娜娜', idNumber: residentNumber(2) } });
    const record = await office.licences.issue(issuingSystem, order, requestKey());
    for (const table of ['licence', 'status_history', 'request', 'identifier', 'status_entry']) {
      const { rows } = await office.database.query({ text: `SELECT t::text AS row FROM licence.${table} t` });
      const text = JSON.stringify(rows);
      for (const secret of [
        '欧阳',
        residentNumber(2),
        '测试路',
        toHex(Buffer.from('欧阳')),
        toHex(Buffer.from('EL1')),
      ]) {
        assert.ok(!text.includes(secret), `${secret} stands in ${table}`);
      }
    }
    const entries = await office.database.query({
      text: `SELECT convert_from(leaf, 'UTF8') AS leaf FROM audit.entry`,
    });
    assert.ok(entries.rows.length > 0);
    for (const secret of ['欧阳', residentNumber(2), '娜']) assert.ok(!JSON.stringify(entries.rows).includes(secret));
    assert.ok(record.licenceId);
  });

  it('gives the same licence for the same request, and refuses another body under its key', async () => {
    const key = requestKey();
    const first = await office.licences.issue(issuingSystem, permitOrder(), key);
    const again = await office.licences.issue(issuingSystem, permitOrder(), key);
    assert.deepEqual(again, first);
    await assert.rejects(
      office.licences.issue(issuingSystem, permitOrder(), { ...key, bodySha256: new Uint8Array(32).fill(2) }),
      { code: 'idempotency-key-reused' },
    );
    const other = system('other-hall', 'licence.issue');
    const foreign = await office.licences.issue(other, permitOrder(), key);
    assert.notEqual(foreign.licenceId, first.licenceId);
  });

  it('makes one licence of 12 equal requests at once', async () => {
    const key = requestKey();
    const before = await count('licence');
    const records = await Promise.all(
      Array.from({ length: 12 }, () => office.licences.issue(issuingSystem, permitOrder(), key)),
    );
    assert.equal(new Set(records.map(({ licenceId }) => licenceId)).size, 1);
    assert.equal(await count('licence'), before + 1);
    const [record] = records;
    assert.deepEqual(await entriesOf(record?.licenceId ?? ''), ['licence.issued intended', 'licence.issued done']);
    const { text } = await office.licences.qr(issuingSystem, record?.licenceId ?? '');
    assert.equal((await office.verifier.verify(anonymous, text)).indication, 'TOTAL-PASSED');
  });

  for (const point of ['intended', 'signed'] as const) {
    it(`completes after a crash (${point}) when the request comes again`, async () => {
      const key = requestKey();
      office.fault = point;
      await assert.rejects(office.licences.issue(issuingSystem, permitOrder(), key), /died/);
      const { rows } = await office.database.query<{ status: string; sealed_code: unknown }>({
        text: `SELECT l.status, l.sealed_code FROM licence.licence l JOIN licence.request r
          ON r.bucket = l.bucket AND r.licence_id = l.licence_id WHERE r.request_key = $1`,
        values: [key.key],
      });
      assert.deepEqual(rows, [{ status: 'intended', sealed_code: null }]);
      office.fault = undefined;
      const record = await office.licences.issue(issuingSystem, permitOrder(), key);
      assert.equal(record.status, 'active');
      assert.deepEqual(await entriesOf(record.licenceId), ['licence.issued intended', 'licence.issued done']);
    });
  }

  it('answers with the licence when only the answer was lost', async () => {
    const key = requestKey();
    office.fault = 'issued';
    await assert.rejects(office.licences.issue(issuingSystem, permitOrder(), key), /died/);
    office.fault = undefined;
    assert.equal((await office.licences.issue(issuingSystem, permitOrder(), key)).status, 'active');
  });

  it('voids what a crash left behind, once, and a late request makes it whole again', async () => {
    const key = requestKey();
    office.fault = 'intended';
    await assert.rejects(office.licences.issue(issuingSystem, permitOrder(), key), /died/);
    office.fault = undefined;
    assert.equal(await office.licences.voidAbandoned(), 0);
    office.clock.advance(61_000);
    const counts = await Promise.all([office.licences.voidAbandoned(), office.licences.voidAbandoned()]);
    assert.equal(counts[0] + counts[1], 1);
    const record = await office.licences.issue(issuingSystem, permitOrder(), key);
    assert.equal(record.status, 'active');
    assert.deepEqual(await entriesOf(record.licenceId), [
      'licence.issued intended',
      'licence.issued voided',
      'licence.issued intended',
      'licence.issued done',
    ]);
  });

  it('writes nothing for an order that is refused', async () => {
    const before = [await count('licence'), await count('request'), await count('status_entry')];
    const bad = permitOrder({ claims: { sex: '男' } });
    await assert.rejects(office.licences.issue(issuingSystem, bad, requestKey()), { code: 'licence-claims-invalid' });
    const wrongNumber = permitOrder({ holder: { ...permitOrder().holder, idNumber: '990102199003071230' } });
    await assert.rejects(office.licences.issue(issuingSystem, wrongNumber, requestKey()), {
      code: 'holder-identifier-invalid',
    });
    const unknown = permitOrder({ typeCode: residentPermit.typeCode.replace(/001$/, '999') });
    await assert.rejects(office.licences.issue(issuingSystem, unknown, requestKey()), {
      code: 'licence-type-not-found',
    });
    await assert.rejects(office.licences.issue(system('reader', 'licence.read'), permitOrder(), requestKey()), {
      code: 'scope-missing',
    });
    await assert.rejects(office.licences.issue(anonymous, permitOrder(), requestKey()), { code: 'token-missing' });
    assert.deepEqual([await count('licence'), await count('request'), await count('status_entry')], before);
  });

  it('is for the authority that may issue the type only', async () => {
    const actingFor = {
      organisationId: 'org_x',
      uscc: sandboxLicenceIssuers[1]?.issuerCode ?? '',
      name: '另一机关',
      mandateId: 'man_x',
      role: 'agent' as const,
      scope: [],
      validUntil: office.clock.now(),
    };
    await assert.rejects(office.licences.issue({ ...issuingSystem, actingFor }, permitOrder(), requestKey()), {
      code: 'forbidden',
    });
  });

  it('gives every licence its own place in a status list', async () => {
    const { rows } = await office.database.query<{ places: number; licences: number }>({
      text: `SELECT count(DISTINCT (status_list, status_index)) AS places, count(*) AS licences FROM licence.licence`,
    });
    assert.equal(rows[0]?.places, rows[0]?.licences);
  });
});

describe('Status of a licence (暂扣, 恢复, 吊销)', () => {
  let office: LicenceOffice;
  before(async () => {
    office = await licenceOffice();
  });
  after(() => office.close());

  const steps: [string, ('suspend' | 'resume' | 'revoke')[], string][] = [
    ['suspended', ['suspend'], 'suspended'],
    ['suspended and resumed', ['suspend', 'resume'], 'active'],
    ['revoked', ['revoke'], 'revoked'],
    ['suspended and revoked', ['suspend', 'revoke'], 'revoked'],
  ];
  for (const [what, acts, status] of steps) {
    it(`can be ${what}, each step in the audit log`, async () => {
      const { licenceId } = await office.licences.issue(issuingSystem, permitOrder(), requestKey());
      for (const act of acts) await office.licences.changeStatus(issuingSystem, licenceId, act, '群众举报');
      assert.equal((await office.licences.get(issuingSystem, licenceId)).status, status);
      const { items } = await office.audit.entries({ objectId: licenceId, action: 'licence.status-changed', limit: 9 });
      assert.equal(items.length, acts.length);
    });
  }

  const forbidden: [('suspend' | 'resume' | 'revoke')[], 'suspend' | 'resume' | 'revoke'][] = [
    [[], 'resume'],
    [['suspend'], 'suspend'],
    [['revoke'], 'revoke'],
    [['revoke'], 'resume'],
    [['revoke'], 'suspend'],
  ];
  for (const [acts, act] of forbidden) {
    it(`after ${acts.join(' and ') || 'nothing'} refuses ${act} and leaves no trace`, async () => {
      const { licenceId } = await office.licences.issue(issuingSystem, permitOrder(), requestKey());
      for (const earlier of acts) await office.licences.changeStatus(issuingSystem, licenceId, earlier, 'x');
      const before = await office.licences.get(issuingSystem, licenceId);
      await assert.rejects(office.licences.changeStatus(issuingSystem, licenceId, act, 'x'), {
        code: 'licence-transition-forbidden',
      });
      assert.deepEqual(await office.licences.get(issuingSystem, licenceId), before);
    });
  }

  it('of two that revoke at once, one does', async () => {
    const { licenceId } = await office.licences.issue(issuingSystem, permitOrder(), requestKey());
    const results = await Promise.allSettled(
      [1, 2, 3, 4].map(() => office.licences.changeStatus(issuingSystem, licenceId, 'revoke', 'x')),
    );
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  it('is not changed by a program that forgets the rules: the database refuses', async () => {
    const { licenceId } = await office.licences.issue(issuingSystem, permitOrder(), requestKey());
    const uuid = uuidFromId('licence', licenceId) ?? '';
    const values = [bucketOf(uuid), uuid];
    const where = 'WHERE bucket = $1 AND licence_id = $2';
    const history = (from: string, to: string) => ({
      text: `INSERT INTO licence.status_history
          (bucket, licence_id, version, act, from_status, to_status, effective_at, entry_id)
        VALUES ($1, $2, 3, 'revoke', '${from}', '${to}', now(), $2)`,
      values,
    });
    const foreignKeyViolation = { code: '23503' };
    const statements = [
      { text: `UPDATE licence.licence SET status = 'revoked' ${where}`, values },
      { text: `UPDATE licence.licence SET status = 'revoked', status_version = 3 ${where}`, values },
      history('active', 'suspended'), // not what revoking leads to
      history('suspended', 'revoked'), // not where it stands
    ];
    for (const statement of statements) await assert.rejects(office.database.query(statement), foreignKeyViolation);
  });

  it('is changed by the issuer with the scope and a reason only', async () => {
    const { licenceId } = await office.licences.issue(issuingSystem, permitOrder(), requestKey());
    const others = system('other-hall', 'licence.manage');
    const change = (who: typeof others, reason: string, id = licenceId) =>
      office.licences.changeStatus(who, id, 'revoke', reason);
    await assert.rejects(change(others, 'x'), { code: 'licence-not-found' });
    await assert.rejects(change(system('town-hall', 'licence.read'), 'x'), { code: 'scope-missing' });
    await assert.rejects(change(issuingSystem, '  '), { code: 'malformed-request' });
    await assert.rejects(change(issuingSystem, 'x'.repeat(201)), { code: 'malformed-request' });
    await assert.rejects(change(issuingSystem, 'x', 'lic_00000000000000000000000000'), { code: 'licence-not-found' });
    await assert.rejects(office.licences.changeStatus(issuingSystem, 'nonsense', 'revoke', 'x'), {
      code: 'licence-not-found',
    });
  });
});

describe('Who sees a licence', () => {
  let office: LicenceOffice;
  let mine: string;
  before(async () => {
    office = await licenceOffice();
    office.people.set('acc_holder', { idType: 'resident-id', idNumber: residentNumber(123) });
    office.people.set('acc_other', { idType: 'resident-id', idNumber: residentNumber(124) });
    mine = (await office.licences.issue(issuingSystem, permitOrder(), requestKey())).licenceId;
  });
  after(() => office.close());

  it('its issuer and its holder do', async () => {
    assert.equal((await office.licences.get(issuingSystem, mine)).licenceId, mine);
    assert.equal((await office.licences.get(person('acc_holder'), mine)).licenceId, mine);
  });

  it('nobody else does, and to them it does not exist', async () => {
    const others = [person('acc_other'), person('acc_nobody'), person('acc_holder', 1), system('x', 'licence.read')];
    for (const principal of others) {
      await assert.rejects(office.licences.get(principal, mine), { code: 'licence-not-found' });
      await assert.rejects(office.licences.qr(principal, mine), { code: 'licence-not-found' });
    }
    await assert.rejects(office.licences.get(anonymous, mine), { code: 'token-missing' });
  });

  it('the holder finds his licences in his wallet, newest first, page by page, and nobody else’s', async () => {
    const order = permitOrder({ typeCode: drivingLicence.typeCode });
    const claims = { vehicleClass: 'C1', firstIssuedOn: '2015-01-01', sex: '男', birthdate: '1990-03-07' };
    office.clock.advance(1000);
    const second = await office.licences.issue(issuingSystem, { ...order, claims }, requestKey());
    const first = await office.licences.ofHolder(person('acc_holder'), { limit: 1 });
    assert.deepEqual(
      first.items.map(({ licenceId }) => licenceId),
      [second.licenceId],
    );
    const rest = await office.licences.ofHolder(person('acc_holder'), { cursor: first.nextCursor ?? '' });
    assert.deepEqual(
      rest.items.map(({ licenceId }) => licenceId),
      [mine],
    );
    assert.equal(rest.nextCursor, null);
    assert.deepEqual((await office.licences.ofHolder(person('acc_other'))).items, []);
    assert.deepEqual((await office.licences.ofHolder(person('acc_nobody'))).items, []);
  });

  it('a wallet needs a person with a proven name and a good cursor', async () => {
    await assert.rejects(office.licences.ofHolder(issuingSystem), { code: 'forbidden' });
    await assert.rejects(office.licences.ofHolder(person('acc_holder', 1)), { code: 'step-up-required' });
    await assert.rejects(office.licences.ofHolder(person('acc_holder'), { cursor: 'x' }), { code: 'cursor-invalid' });
  });

  it('each showing of the code is in the audit log', async () => {
    await office.licences.qr(person('acc_holder'), mine);
    const { items } = await office.audit.entries({ action: 'licence.shown', objectId: mine, limit: 9 });
    assert.equal(items.length, 1);
  });

  it('a licence that was never signed has no code', async () => {
    office.fault = 'intended';
    await assert.rejects(office.licences.issue(issuingSystem, permitOrder(), requestKey('half')), /died/);
    office.fault = undefined;
    const { rows } = await office.database.query<{ licence_id: string }>({
      text: `SELECT licence_id FROM licence.request WHERE request_key = 'half'`,
    });
    const id = idFromUuid('licence', rows[0]?.licence_id ?? '');
    await assert.rejects(office.licences.qr(issuingSystem, id), { code: 'licence-transition-forbidden' });
    assert.equal((await office.licences.get(issuingSystem, id)).status, 'intended');
  });
});

describe('The catalogue of licence types', () => {
  let office: LicenceOffice;
  before(async () => {
    office = await licenceOffice();
  });
  after(() => office.close());

  it('is listed by catalogue number, page by page', async () => {
    const reader = system('x', 'licence.read');
    const first = await office.catalogue.types(reader, { limit: 2 });
    const second = await office.catalogue.types(reader, { limit: 2, cursor: first.nextCursor ?? '' });
    const names = [...first.items, ...second.items].map(({ name }) => name.zh);
    assert.deepEqual(names, ['测试居民证', '测试机动车驾驶证', '测试营业执照']);
    assert.equal(second.nextCursor, null);
    await assert.rejects(office.catalogue.types(reader, { cursor: 'x' }), { code: 'cursor-invalid' });
  });

  it('publishes an equal definition once and a different one as the next version', async () => {
    assert.equal((await office.catalogue.publish(house, residentPermit)).version, 1);
    const changed = { ...residentPermit, name: { zh: '测试居民证二', en: 'Second' } };
    assert.equal((await office.catalogue.publish(house, changed)).version, 2);
    assert.equal((await office.catalogue.version(residentPermit.typeCode, 1)).name.zh, '测试居民证');
    assert.equal((await office.catalogue.current(residentPermit.typeCode)).name.zh, '测试居民证二');
  });

  it('keeps number and type together for ever', async () => {
    await assert.rejects(office.catalogue.publish(house, { ...residentPermit, catalogueNumber: 77 }), {
      code: 'malformed-request',
    });
    const thief = { ...drivingLicence, typeCode: drivingLicence.typeCode.replace(/002$/, '003') };
    await assert.rejects(office.catalogue.publish(house, thief), { code: 'malformed-request' });
  });

  it('is kept by the house and administrators only', async () => {
    await assert.rejects(office.catalogue.publish(issuingSystem, residentPermit), { code: 'forbidden' });
    const [issuer] = sandboxLicenceIssuers;
    assert.ok(issuer);
    await assert.rejects(office.issuers.register(issuingSystem, issuer), { code: 'forbidden' });
  });

  it('an issuer cannot be entered for a type that does not exist', async () => {
    const [issuer] = sandboxLicenceIssuers;
    assert.ok(issuer);
    const typeCodes = [`${residentPermit.definingAuthority.uscc}999`];
    await assert.rejects(office.issuers.register(house, { ...issuer, typeCodes }), { code: 'licence-type-not-found' });
  });
});
