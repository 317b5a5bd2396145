// The policy of use of a seal over the database: versions, refusals in the audit log, quotas that hold under rivals at two nodes, and what is taken back.

import assert from 'node:assert/strict';
import { addSeconds, frozenClock, systemClock } from '../../../src/kernel/clock.ts';
import { type ErrorCode, isTrustError, TrustError } from '../../../src/kernel/errors.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { house, type Principal, type Scope } from '../../../src/kernel/principal.ts';
import type { SealRecord } from '../../../src/seal/seal-record.ts';
import { openPolicy, type UsePolicy } from '../../../src/seal/use/use-policy.ts';
import { requestKey, type SealHouse, sealHouse, sealOrder, stampRequest, system, uploaded } from './seal-house.ts';

const caller = system('client-one');
const noon = new Date('2026-11-20T12:00:00+08:00');

function refusal(code: ErrorCode, reason?: string): (error: unknown) => boolean {
  return (error) => isTrustError(error, code) && (reason === undefined || error.details?.['reason'] === reason);
}

describe('docs/seals.md: use of a seal under its policy', function () {
  const clock = frozenClock(noon);
  let of: SealHouse;
  let count = 0;
  const key = (body = 'body') => requestKey(`use-${count++}`, body);

  before(async () => {
    of = await sealHouse(clock);
  });
  after(async () => of.close());

  function person(seal: SealRecord, scopes: readonly Scope[] = ['seal.read', 'seal.stamp', 'seal.apply']): Principal {
    return {
      kind: 'person',
      accountId: newId('account', clock),
      scopes: new Set(scopes),
      roles: new Set(),
      level: 4,
      actingFor: {
        ...seal.organisation,
        mandateId: newId('mandate', clock),
        role: 'agent',
        scope: ['seal:use', 'seal:apply'],
        validUntil: addSeconds(clock.now(), 3600),
      },
    };
  }

  /** A seal of its own with a policy. */
  async function ruled(rules: Partial<UsePolicy>): Promise<{ seal: SealRecord; keeper: Principal }> {
    const code = `9902${String(count++).padStart(10, '0')}`;
    const seal = await of.maker.make(house, sealOrder(code, newId('organisation', clock)));
    const keeper = person(seal);
    await set(keeper, seal, rules, 0);
    return { seal, keeper };
  }

  const set = (keeper: Principal, seal: SealRecord, rules: Partial<UsePolicy>, basedOn: number, by = key()) =>
    of.office.usePolicies.set(
      keeper,
      seal.sealId,
      { rules: { ...openPolicy, ...rules }, reason: '内控要求', basedOn },
      by,
    );

  const stamp = async (seal: SealRecord, change = {}, { by = caller, stamps = of.stamps(), under = key() } = {}) =>
    stamps.stamp(by, stampRequest(of, await uploaded(of, by), { sealId: seal.sealId, ...change }), under);

  const used = async (seal: SealRecord) => {
    const { rows } = await of.database.query<{ used: number }>({
      text: `SELECT used FROM seal.use_count c JOIN seal.seal s USING (seal_id) WHERE s.seal_code = $1 AND subject = 'seal'`,
      values: [seal.sealCode],
    });
    return rows.map((row) => row.used);
  };

  it('keeps every version with who, when and why, and each stamping the one it went under', async () => {
    const { seal, keeper } = await ruled({ purposes: ['出具证明'] });
    assert.deepEqual((await stamp(seal)).policyVersion, 1);
    const again = key();
    const second = await set(keeper, seal, { documentClasses: ['contract'] }, 1, again);
    assert.deepEqual([second.version, second.reason, second.setBy], [2, '内控要求', keeper.accountId]);
    const record = await stamp(seal, { documentClass: 'contract' });
    assert.deepEqual([record.policyVersion, record.documentClass], [2, 'contract']);
    assert.equal((await set(keeper, seal, { documentClasses: ['contract'] }, 1, again)).version, 2);
    await assert.rejects(set(keeper, seal, {}, 1), refusal('precondition-failed'));
    const other = requestKey(again.key, 'another body');
    await assert.rejects(set(keeper, seal, {}, 2, other), refusal('idempotency-key-reused'));
    const versions = await of.office.usePolicies.versions(keeper, seal.sealId);
    assert.deepEqual(
      versions.map(({ version, setBy, setAt }) => [version, setBy, setAt?.getTime()]),
      [
        [2, keeper.accountId, noon.getTime()],
        [1, keeper.accountId, noon.getTime()],
      ],
    );
    await assert.rejects(
      of.database.query({ text: `UPDATE seal.use_policy SET reason = 'x'` }),
      /neither changed nor removed/,
    );
    const { items } = await of.audit.entries({ objectId: seal.sealId, limit: 10 });
    assert.equal(items.filter(({ action }) => action === 'seal.use-policy').length, 2);
  });

  it('is the organisation’s alone: neither a system, nor another organisation, nor a seal administrator sets it', async () => {
    const { seal } = await ruled({});
    const stranger = person({
      ...seal,
      organisation: { ...seal.organisation, organisationId: newId('organisation', clock) },
    });
    await assert.rejects(set(stranger, seal, {}, 1), refusal('forbidden'));
    await assert.rejects(set(caller, seal, {}, 1), refusal('scope-missing'));
    const office: Principal = { ...person(seal, ['seal.manage']), roles: new Set(['administrator']) };
    const { actingFor: _, ...officer } = office;
    await assert.rejects(set(officer, seal, {}, 1), refusal('forbidden'));
    assert.equal((await of.office.usePolicies.of(officer, seal.sealId)).version, 1);
  });

  it('security.md 191: refuses who, what for, which class and when, each with its code, in the audit log, and stores nothing', async () => {
    const { seal, keeper } = await ruled({
      users: [newId('account', systemClock)],
      purposes: ['出具证明'],
      documentClasses: ['contract'],
      hours: [{ days: [5], from: '08:00', until: '12:30' }],
    });
    const good = { documentClass: 'contract' };
    const refused: (readonly [ErrorCode, string | undefined, object, Principal])[] = [
      ['use-not-allowed', 'user', good, keeper],
      ['use-not-allowed', 'purpose', { ...good, purpose: '别的' }, caller],
      ['use-not-allowed', 'document-class', { documentClass: 'invoice' }, caller],
      ['document-class-required', undefined, {}, caller],
    ];
    for (const [code, reason, change, by] of refused) {
      await assert.rejects(stamp(seal, change, { by }), refusal(code, reason));
      const { items } = await of.audit.entries({ objectId: seal.sealId, limit: 1 });
      assert.deepEqual([items[0]?.action, items[0]?.outcome, items[0]?.code], ['stamping', 'failed', code]);
    }
    assert.equal((await stamp(seal, good)).status, 'done');
    clock.advance(31 * 60_000);
    await assert.rejects(stamp(seal, good), refusal('outside-hours'));
    const { rows } = await of.database.query<{ count: number }>({
      text: 'SELECT count(*) FROM seal.stamping WHERE seal_id = (SELECT seal_id FROM seal.seal WHERE seal_code = $1)',
      values: [seal.sealCode],
    });
    assert.equal(rows[0]?.count, 1);
  });

  it('wants approval where the policy names approvers, whoever asks', async () => {
    const { seal, keeper } = await ruled({ approvers: 2 });
    for (const by of [caller, keeper])
      await assert.rejects(
        stamp(seal, {}, { by }),
        (error) => isTrustError(error, 'approval-required') && error.details?.['approvers'] === 2,
      );
  });

  it('security.md 191, over count: of 50 rivals at two nodes exactly as many stamp as the quota has places', async () => {
    const { seal } = await ruled({ quota: { ...openPolicy.quota, sealPerDay: 7 } });
    const there = await of.anotherNode();
    try {
      const documentId = await uploaded(of, caller);
      const nodes = [of.stamps(), there.stamps];
      const rivals = Array.from({ length: 50 }, (_, i) => {
        const stamps = nodes[i % 2] ?? there.stamps;
        return stamps.stamp(caller, stampRequest(of, documentId, { sealId: seal.sealId }), key());
      });
      const outcomes = await Promise.allSettled(rivals);
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 7);
      const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      assert.ok(refused.every(refusal('quota-exhausted')));
      assert.deepEqual(await used(seal), [7]);
    } finally {
      await there.close();
    }
  });

  it('gives the place of a voided stamping back, and takes one place for one request however often it is sent', async () => {
    const { seal } = await ruled({ quota: { ...openPolicy.quota, userPerDay: 5, sealPerDay: 1 } });
    const failing = of.stamps({
      faults: (point) => {
        if (point === 'signed') throw new Error('test');
      },
    });
    const under = key();
    const request = stampRequest(of, await uploaded(of, caller), { sealId: seal.sealId });
    await assert.rejects(failing.stamp(caller, request, under), /test/);
    assert.deepEqual(await used(seal), [0]);
    assert.equal((await of.stamps().stamp(caller, request, under)).status, 'done');
    assert.equal((await of.stamps().stamp(caller, request, under)).status, 'done');
    assert.deepEqual(await used(seal), [1]);
    await assert.rejects(stamp(seal), refusal('quota-exhausted'));
    clock.advance(86_400_000);
    assert.equal((await stamp(seal)).status, 'done');
  });

  it('counts what was stamped in the same day before there was a quota', async () => {
    const { seal, keeper } = await ruled({});
    await stamp(seal);
    await stamp(seal);
    await set(keeper, seal, { quota: { ...openPolicy.quota, sealPerDay: 3, userPerMonth: 100 } }, 1);
    await stamp(seal);
    await assert.rejects(stamp(seal), refusal('quota-exhausted'));
    assert.equal((await of.audit.entries({ objectId: seal.sealId, limit: 1 })).items[0]?.code, 'quota-exhausted');
  });

  it('security.md 191, over count: a mandate for a number of uses is used so often, and no more', async () => {
    const { seal, keeper } = await ruled({});
    const { actingFor } = keeper;
    assert.ok(actingFor !== undefined);
    const agent: Principal = { ...keeper, actingFor: { ...actingFor, mandateId: newId('mandate', clock), maxUses: 2 } };
    const rivals = Array.from({ length: 6 }, () => stamp(seal, {}, { by: agent }));
    const outcomes = await Promise.allSettled(rivals);
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 2);
    await assert.rejects(
      stamp(seal, {}, { by: agent }),
      (error) => isTrustError(error, 'quota-exhausted') && error.details?.['of'] === 'mandate',
    );
    assert.equal((await stamp(seal, {}, { by: keeper })).status, 'done');
  });

  it('a mandate for a number of uses is used so often with all seals of the organisation together, and a voided use is given back', async () => {
    const { seal, keeper } = await ruled({});
    const { actingFor } = keeper;
    assert.ok(actingFor !== undefined);
    const order = sealOrder(`9902${String(count++).padStart(10, '0')}`, seal.organisation.organisationId);
    const second = await of.maker.make(house, order);
    const agent: Principal = { ...keeper, actingFor: { ...actingFor, mandateId: newId('mandate', clock), maxUses: 2 } };
    const stops = of.stamps({
      faults: (point) => {
        if (point === 'signed') throw new TrustError('key-unavailable', 'the key is away');
      },
    });
    await assert.rejects(stamp(second, {}, { by: agent, stamps: stops }), refusal('key-unavailable'));
    const rivals = Array.from({ length: 6 }, (_, i) => stamp(i % 2 === 0 ? seal : second, {}, { by: agent }));
    const outcomes = await Promise.allSettled(rivals);
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 2);
    await assert.rejects(stamp(second, {}, { by: agent }), refusal('quota-exhausted'));
  });

  it('security.md 192: what takes the use back while a stamping is under way lets nothing be released', async () => {
    const { seal, keeper } = await ruled({});
    const during = (work: () => Promise<unknown>) =>
      of.stamps({
        mandateHolds: async (_tx, _account, mandateId) => mandateId !== ended,
        faults: async (point) => {
          if (point === 'read-back') await work();
        },
      });
    let ended: string | undefined;
    const changed = during(() => set(keeper, seal, { purposes: ['出具证明'] }, 1));
    await assert.rejects(stamp(seal, {}, { stamps: changed }), refusal('use-not-allowed', 'policy-changed'));
    const revoked = during(async () => {
      ended = keeper.actingFor?.mandateId;
    });
    await assert.rejects(stamp(seal, {}, { by: keeper, stamps: revoked }), refusal('use-not-allowed', 'mandate-ended'));

    const let_ = {
      ...sealOrder(`9903${String(count++).padStart(10, '0')}`, newId('organisation', clock)),
      systems: ['client-one'],
    };
    const other = await of.maker.make(house, let_);
    const withdrawn = during(() => of.office.systems.withdraw(person(other), other.sealId, 'client-one'));
    await assert.rejects(stamp(other, {}, { stamps: withdrawn }), refusal('forbidden'));
    const { rows } = await of.database.query<{ released: number }>({
      text: `SELECT count(*) AS released FROM seal.stamping st JOIN seal.seal s USING (seal_id)
        WHERE s.seal_code = ANY ($1) AND st.status <> 'voided'`,
      values: [[seal.sealCode, other.sealCode]],
    });
    assert.equal(rows[0]?.released, 0);
  });
});
