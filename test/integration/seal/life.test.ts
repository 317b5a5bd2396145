// Proves the life of a seal (GB/T 33481, 国办发〔2025〕33号): who does what, what cannot be, two people for what is final, and that a stopped seal signs nothing.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sha256 } from '../../../src/crypto/digest.ts';
import { equalBytes } from '../../../src/kernel/bytes.ts';
import { addSeconds, frozenClock, systemClock } from '../../../src/kernel/clock.ts';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import { newId, newUuid, uuidFromId } from '../../../src/kernel/ids.ts';
import { anonymous, house, type Principal, type Scope } from '../../../src/kernel/principal.ts';
import { type LifeState, type SealDeed, sealDeeds } from '../../../src/seal/life/deeds.ts';
import { PublicStatus } from '../../../src/seal/life/public-status.ts';
import type { SealWish } from '../../../src/seal/life/wish.ts';
import { parseSeal } from '../../../src/seal/ses/ses-seal.ts';
import {
  requestKey,
  samePeople,
  type SealHouse,
  sealHouse,
  sealOrder,
  stampRequest,
  system,
  uploaded,
} from './seal-house.ts';

const organisation = {
  organisationId: newId('organisation', systemClock),
  uscc: '91990000XTEXT000XQ',
  name: '测试市数据资源管理有限责任公司',
};
const wish: SealWish = { type: 'contract', validDays: 365 };

function refusal(code: ErrorCode): (error: unknown) => boolean {
  return (error) => isTrustError(error, code);
}

function person(scopes: readonly Scope[], more: Partial<Principal>): Principal {
  const accountId = newId('account', systemClock);
  return { kind: 'person', accountId, scopes: new Set(scopes), roles: new Set(), level: 4, ...more };
}

function administrator(more: Partial<Principal> = {}): Principal {
  return person(['seal.read', 'seal.manage'], { roles: new Set(['administrator']), ...more });
}

function agent(more: Partial<NonNullable<Principal['actingFor']>> = {}): Principal {
  return person(['seal.read', 'seal.apply', 'seal.stamp'], {
    actingFor: {
      ...organisation,
      mandateId: newId('mandate', systemClock),
      role: 'agent',
      scope: ['seal:apply', 'seal:use'],
      validUntil: addSeconds(systemClock.now(), 3600),
      ...more,
    },
  });
}

/** What the rules allow, written down a second time: [deed, from, to]. */
const rules: readonly (readonly [SealDeed, LifeState, LifeState])[] = [
  ['enter', 'none', 'active'],
  ['apply', 'none', 'applied'],
  ['withdraw', 'applied', 'withdrawn'],
  ['withdraw', 'approved', 'withdrawn'],
  ['approve', 'applied', 'approved'],
  ['refuse', 'applied', 'refused'],
  ['refuse', 'approved', 'refused'],
  ['make', 'approved', 'made'],
  ['file', 'made', 'filed'],
  ['publish', 'filed', 'active'],
  ['renew', 'active', 'active'],
  ['stop', 'active', 'suspended'],
  ['resume', 'suspended', 'active'],
  ['resume', 'lost', 'active'],
  ['report-lost', 'active', 'lost'],
  ['report-lost', 'suspended', 'lost'],
  ['revoke', 'active', 'revoked'],
  ['revoke', 'suspended', 'revoked'],
  ['revoke', 'lost', 'revoked'],
  ['cancel', 'made', 'cancelled'],
  ['cancel', 'filed', 'cancelled'],
  ['cancel', 'active', 'cancelled'],
  ['cancel', 'suspended', 'cancelled'],
  ['cancel', 'lost', 'cancelled'],
];
const deeds = [...new Set(rules.map(([deed]) => deed))];
const states = [...new Set(rules.flatMap(([, from, to]) => [from, to]))];
const isRule = (deed: string, from: string, to: string) =>
  rules.some((rule) => rule[0] === deed && rule[1] === from && rule[2] === to);

describe('life of a seal', function () {
  const clock = frozenClock(systemClock.now());
  let of: SealHouse;
  const [first, second] = [administrator(), administrator()];
  let keys = 0;
  const key = () => requestKey(`application-${keys++}`);

  before(async () => {
    of = await sealHouse(clock);
  });
  after(async () => of.close());

  /** A seal in use, by the whole way. */
  const published = async (by = agent()) => {
    const { applications, life } = of.office;
    const { sealId } = await applications.apply(by, wish, '业务需要', key());
    await applications.approve(first, sealId, '材料齐全');
    await life.make(first, sealId, '制作');
    await life.file(first, sealId, '备案', 'BA-2026-0001');
    return life.publish(first, sealId, '发布');
  };

  it('is one table, the same in the code, in the database and in the rules', async () => {
    const ofCode = Object.entries(sealDeeds).flatMap(([deed, { from, to }]) => from.map((state) => [deed, state, to]));
    const { rows } = await of.database.query<{ deed: string; from_status: string; to_status: string }>({
      text: 'SELECT deed, from_status, to_status FROM seal.life_step',
    });
    const ofDatabase = rows.map((row) => [row.deed, row.from_status, row.to_status]);
    const sorted = (steps: readonly (readonly string[])[]) => steps.map((step) => step.join(' ')).sort();
    assert.deepEqual(sorted(ofCode), sorted(rules));
    assert.deepEqual(sorted(ofDatabase), sorted(rules));
  });

  it('goes from application to use, each step by whom it belongs to, with its entry in the log and its place in the history', async () => {
    const by = agent();
    const { sealId, status, sealCode, name } = await published(by);
    assert.deepEqual([status, name], ['active', `${organisation.name}合同专用章`]);
    assert.match(sealCode, /^990000[0-9]{8}$/);
    const history = await of.office.life.history(by, sealId);
    assert.deepEqual(
      history.map(({ version, deed, from, to, reason, reference }) => [version, deed, from, to, reason, reference]),
      [
        [1, 'apply', 'none', 'applied', '业务需要', null],
        [2, 'approve', 'applied', 'approved', '材料齐全', null],
        [3, 'make', 'approved', 'made', '制作', null],
        [4, 'file', 'made', 'filed', '备案', 'BA-2026-0001'],
        [5, 'publish', 'filed', 'active', '发布', null],
      ],
    );
    const entries = await of.audit.entries({ objectId: sealId, limit: 20 });
    for (const { entryId } of history) assert.ok(entries.items.some((entry) => entry.entryId === entryId));
    assert.equal((await of.office.applications.get(by, sealId)).status, 'made');
  });

  it('is applied for under a mandate only, and seen by its organisation and the office', async () => {
    const { applications } = of.office;
    const { sealId } = await applications.apply(agent(), wish, '业务需要', key());
    const other = agent({ organisationId: newId('organisation', systemClock) });
    await assert.rejects(applications.get(other, sealId), refusal('seal-not-found'));
    await assert.rejects(of.office.life.history(other, sealId), refusal('seal-not-found'));
    assert.deepEqual((await applications.list(other, {})).items, []);
    assert.ok((await applications.list(first, { status: 'applied' })).items.some((one) => one.sealId === sealId));
    await assert.rejects(
      applications.apply(agent({ scope: ['seal:use'] }), wish, '业务需要', key()),
      refusal('forbidden'),
    );
    await assert.rejects(applications.apply(system('x'), wish, '业务需要', key()), refusal('scope-missing'));
    for (const who of [agent(), system('x'), administrator({ kind: 'system' })])
      await assert.rejects(applications.approve(who, sealId, '可以'), (error) => isTrustError(error));
    assert.equal((await applications.withdraw(agent(), sealId, '不需要了')).status, 'withdrawn');
    await assert.rejects(applications.approve(first, sealId, '可以'), refusal('seal-transition-forbidden'));
  });

  it('answers a repeated application with the same one, and another under its key not at all', async () => {
    const { applications } = of.office;
    const [by, same] = [agent(), key()];
    const one = await applications.apply(by, wish, '业务需要', same);
    assert.equal((await applications.apply(by, wish, '业务需要', same)).sealId, one.sealId);
    const reused = applications.apply(by, wish, '业务需要', { ...same, bodySha256: new Uint8Array(32) });
    await assert.rejects(reused, refusal('idempotency-key-reused'));
  });

  it('is applied for anew under the same key for another organisation, and at another system', async () => {
    const { applications } = of.office;
    const [by, same] = [agent(), key()];
    const one = await applications.apply(by, wish, '业务需要', same);
    const organisationId = newId('organisation', systemClock);
    const elsewhere: Principal = { ...agent({ organisationId }), accountId: by.accountId ?? '' };
    const other = await applications.apply(elsewhere, wish, '业务需要', same);
    assert.deepEqual([other.organisation.organisationId, other.sealId === one.sealId], [organisationId, false]);
    const atAnother = await applications.apply(by, wish, '业务需要', { ...same, owner: 'account:x@another' });
    assert.notEqual(atAnother.sealId, one.sealId);
  });

  it('is neither applied for nor seen under a mandate that is narrowed to other seals', async () => {
    const { applications, proposals } = of.office;
    const { sealId } = await published();
    const other = await published();
    await proposals.propose(agent(), other.sealId, { deed: 'cancel' }, { reason: '机构撤并' });
    await proposals.propose(agent(), sealId, { deed: 'cancel' }, { reason: '机构撤并' });
    const narrowed = agent({ sealIds: [sealId] });
    await assert.rejects(applications.apply(narrowed, wish, '业务需要', key()), refusal('forbidden'));
    assert.deepEqual(
      (await applications.list(narrowed, {})).items.map((one) => one.sealId),
      [sealId],
    );
    assert.deepEqual(
      (await proposals.list(narrowed, {})).items.map((one) => one.sealId),
      [sealId],
    );
  });

  it('is made and renewed for a reason that can be read, and for no longer than it can be applied for', async () => {
    const { applications, life } = of.office;
    const { sealId } = await applications.apply(agent(), wish, '业务需要', key());
    await applications.approve(first, sealId, '材料齐全');
    for (const reason of ['', '制作\u202e', 'x'.repeat(201)])
      await assert.rejects(life.make(first, sealId, reason), refusal('malformed-request'));
    const seal = await published();
    await assert.rejects(life.renew(first, seal.sealId, { reason: ' ', validDays: 30 }), refusal('malformed-request'));
    for (const validDays of [Number.NaN, 0, 1.5, 36_500])
      await assert.rejects(life.renew(first, seal.sealId, { reason: '续期', validDays }), refusal('malformed-request'));
  });

  it('is approved by nobody who applied for it, under whichever account', async () => {
    const [one = '', another = ''] = samePeople;
    const applicant: Principal = { ...agent(), accountId: one };
    const applied = await of.office.applications.apply(applicant, wish, '业务需要', key());
    const himself = administrator({ accountId: one });
    await assert.rejects(of.office.applications.approve(himself, applied.sealId, '可以'), refusal('forbidden'));
    const second = await of.office.applications.apply({ ...agent(), accountId: another }, wish, '业务需要', key());
    await assert.rejects(of.office.applications.approve(himself, second.sealId, '可以'), refusal('forbidden'));
    assert.equal((await of.office.applications.approve(first, applied.sealId, '可以')).status, 'approved');
  });

  it('refuses what cannot become a seal before anybody decides', async () => {
    const apply = (change: Partial<SealWish>) =>
      of.office.applications.apply(agent(), { ...wish, ...change }, '业务需要', key());
    await assert.rejects(apply({ type: 'special', title: '\u{E000}专用章' }), refusal('glyph-missing'));
    for (const change of [
      { type: 'special' as const },
      { title: '合同专用章' },
      { type: 'person' as const },
      { bearer: '测试甲' },
      { form: 'square' as const },
      { sizeMm: 60 },
      { validDays: 0 },
      { validDays: 10_000 },
      { parentSealCode: '1' },
    ])
      await assert.rejects(apply(change), refusal('malformed-request'), JSON.stringify(change));
  });

  it('gives each seal a code of its own, also to those approved at once', async () => {
    const { applications } = of.office;
    const applied = await Promise.all([1, 2, 3, 4].map(() => applications.apply(agent(), wish, '业务需要', key())));
    const approved = await Promise.all(applied.map(({ sealId }) => applications.approve(first, sealId, '可以')));
    const codes = approved.map(({ sealCode }) => sealCode ?? '');
    assert.equal(new Set(codes).size, 4);
    for (const code of codes) assert.match(code, /^990000[0-9]{8}$/);
  });

  it('makes one seal when it is made twice at once', async () => {
    const { applications, life } = of.office;
    const { sealId } = await applications.apply(agent(), wish, '业务需要', key());
    await applications.approve(first, sealId, '可以');
    const both = await Promise.allSettled([life.make(first, sealId, '制作'), life.make(second, sealId, '制作')]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.equal((await of.office.life.history(first, sealId)).length, 3);
  });

  it('stamps only while it is in use, and from the moment it is stopped nowhere', async () => {
    const by = agent();
    const { sealId } = await published(by);
    const documentId = await uploaded(of, by);
    const order = stampRequest(of, documentId, { sealId });
    const done = await of.stamps().stamp(by, order, requestKey('before-stop'));
    assert.equal(done.status, 'done');
    // A node whose clock is behind stops it: the stop is not dated before the signature.
    const behind = frozenClock(addSeconds(clock.now(), -90));
    const there = await sealNode(behind);
    await there.life.stop(by, sealId, '公章遗失疑虑');
    const entry = (await of.office.life.history(by, sealId)).at(-1);
    const { rows } = await of.database.query<{ settled_at: Date }>({
      text: `SELECT settled_at FROM seal.stamping WHERE seal_id = $1 AND status = 'done'`,
      values: [uuidFromId('seal', sealId) ?? null],
    });
    assert.ok(entry !== undefined && rows[0] !== undefined && entry.effectiveAt >= rows[0].settled_at);
    await assert.rejects(of.stamps().stamp(by, order, requestKey('after-stop')), refusal('seal-not-active'));
    await assert.rejects(of.office.life.resume(by, sealId, '找到了'), refusal('scope-missing'));
    assert.equal((await of.office.life.resume(first, sealId, '核实无误')).status, 'active');
    assert.equal((await of.stamps().stamp(by, order, requestKey('after-resume'))).status, 'done');
  });

  it('releases nothing that was signed when it was stopped or renewed meanwhile', async () => {
    const by = agent();
    const { sealId } = await published(by);
    const documentId = await uploaded(of, by);
    const order = stampRequest(of, documentId, { sealId });
    const meanwhile = (does: () => Promise<unknown>) =>
      of.stamps({ faults: async (point) => (point === 'read-back' ? void (await does()) : undefined) });
    const renewed = meanwhile(() => of.office.life.renew(first, sealId, { reason: '续期', validDays: 30 }));
    await assert.rejects(renewed.stamp(by, order, requestKey('while-renewed')), refusal('seal-not-active'));
    const stopped = meanwhile(() => of.office.life.stop(by, sealId, '停用'));
    await assert.rejects(stopped.stamp(by, order, requestKey('while-stopped')), refusal('seal-not-active'));
  });

  it('is renewed under its code with a new certificate; what was stamped before is still its own', async () => {
    const by = agent();
    const before = await published(by);
    const old = await of.seals.forUse(before.sealId);
    const documentId = await uploaded(of, by);
    const { stampingId } = await of.stamps().stamp(by, stampRequest(of, documentId, { sealId: before.sealId }), key());
    const stamped = await of.stamps().document(by, stampingId);
    const after = await of.office.life.renew(first, before.sealId, { reason: '续期', validDays: 700 });
    assert.deepEqual([after.sealCode, after.edition, after.status], [before.sealCode, 2, 'active']);
    assert.ok(after.validUntil > before.validUntil);
    const found = await of.seals.byCertificate(old.certificateSha256, clock.now());
    assert.deepEqual([found?.record.sealId, found?.stateThen], [before.sealId, 'active']);
    const report = await of.verifier.verify(by, stamped);
    assert.deepEqual(
      report.signatures.map(({ indication }) => indication),
      ['TOTAL-PASSED'],
    );
    const again = await of.stamps().stamp(by, stampRequest(of, documentId, { sealId: before.sealId }), key());
    assert.equal(again.status, 'done');
  });

  it('is revoked and cancelled by two people, one of them of the office, with its certificate', async () => {
    const by = agent();
    const { proposals } = of.office;
    for (const [proposed, end, invalidType] of [
      [{ deed: 'revoke', kind: 'revoked' }, 'revoked', 1],
      [{ deed: 'cancel' }, 'cancelled', null],
    ] as const) {
      const { sealId, keyName: formerKey } = await published(by);
      const { keyName } = await of.office.life.renew(first, sealId, { reason: '续期', validDays: 30 });
      const open = await proposals.propose(by, sealId, proposed, { reason: '单位更名', description: '工商已变更' });
      assert.equal((await of.seals.get(by, sealId)).status, 'active');
      await assert.rejects(proposals.approve(by, open.proposalId), refusal('scope-missing'));
      await assert.rejects(proposals.approve(house, open.proposalId), refusal('forbidden'));
      clock.advance(60_000);
      assert.equal((await proposals.approve(second, open.proposalId)).state, 'done');
      assert.equal((await of.seals.get(by, sealId)).status, end);
      const entry = (await of.office.life.history(by, sealId)).at(-1);
      assert.deepEqual(
        [entry?.invalidType, entry?.reason, entry?.description, entry?.appliedAt.getTime()],
        [invalidType, '单位更名', '工商已变更', open.proposedAt.getTime()],
      );
      const statuses = await of.authority.statusOfKeys([keyName, formerKey]);
      assert.deepEqual(
        [statuses.get(keyName), statuses.get(formerKey), keyName === formerKey],
        ['revoked', 'revoked', false],
      );
      await assert.rejects(proposals.approve(second, open.proposalId), refusal('proposal-not-open'));
    }
  });

  it('is not revoked by one person, whatever accounts they have, nor after the proposal is over', async () => {
    const { proposals } = of.office;
    const [one = '', another = ''] = samePeople;
    const { sealId } = await published();
    const revoke = { deed: 'revoke', kind: 'withdrawn' } as const;
    await assert.rejects(proposals.propose(agent(), sealId, revoke, { reason: '违规' }), refusal('scope-missing'));
    const open = await proposals.propose(administrator({ accountId: one }), sealId, revoke, { reason: '违规' });
    for (const accountId of [one, another])
      await assert.rejects(
        proposals.approve(administrator({ accountId }), open.proposalId),
        refusal('proposal-self-approval'),
      );
    await assert.rejects(proposals.reject(agent(), open.proposalId), refusal('scope-missing'));
    assert.equal((await proposals.reject(second, open.proposalId)).state, 'rejected');
    clock.advance(1000); // identifiers of one millisecond have no order
    const late = await proposals.propose(first, sealId, revoke, { reason: '违规' });
    clock.advance(8 * 86_400_000);
    await assert.rejects(proposals.approve(second, late.proposalId), refusal('proposal-not-open'));
    assert.equal((await proposals.list(first, { sealId })).items[0]?.state, 'expired');
    assert.equal((await of.seals.get(first, sealId)).status, 'active');
  });

  it('is used by the business systems that it was let to, and by no others, whatever scopes they have', async () => {
    const { systems } = of.office;
    const by = agent();
    const { sealId } = await published(by);
    const [one, other] = [system('tax-office'), system('other-office')];
    const stamp = async (who: Principal) => {
      const documentId = await uploaded(of, who);
      return of.stamps().stamp(who, stampRequest(of, documentId, { sealId }), key());
    };
    assert.deepEqual(await systems.of(by, sealId), { use: 'granted', systems: [] });
    await assert.rejects(stamp(one), refusal('forbidden'));
    const order = { clientId: 'tax-office', purpose: '税务文书用印' };
    const stranger = agent({ organisationId: newId('organisation', systemClock) });
    for (const who of [stranger, agent({ scope: ['seal:use'] })])
      await assert.rejects(systems.grant(who, sealId, order), refusal('forbidden'));
    await assert.rejects(systems.grant(one, sealId, order), refusal('scope-missing'));
    for (const clientId of ['', 'X', 'a b', '-ab', 'a'.repeat(65)])
      await assert.rejects(systems.grant(by, sealId, { ...order, clientId }), refusal('malformed-request'), clientId);
    const granted = await systems.grant(by, sealId, order);
    assert.deepEqual(
      granted.systems.map(({ clientId, purpose }) => [clientId, purpose]),
      [['tax-office', '税务文书用印']],
    );
    assert.deepEqual(await systems.grant(by, sealId, order), granted);
    const forAnother = { clientId: 'other-office', purpose: '越权' };
    await assert.rejects(systems.grant(first, sealId, forAnother), refusal('forbidden'));
    assert.equal((await stamp(one)).status, 'done');
    await assert.rejects(stamp(other), refusal('forbidden'));
    assert.deepEqual((await systems.withdraw(first, sealId, 'tax-office')).systems, []);
    await assert.rejects(stamp(one), refusal('forbidden'));
    const entries = await of.audit.entries({ objectId: sealId, limit: 30 });
    const deeds = entries.items
      .filter(({ action }) => action === 'seal.system-grant')
      .map(({ facts }) => facts['deed'] === 'granted');
    assert.deepEqual([deeds.length, deeds.filter(Boolean).length], [2, 1]);
    assert.equal(entries.items.filter(({ code }) => code === 'forbidden').length, 3, 'refused uses are recorded');
  });

  it('is told step by step to the superior register: whoever keeps the cursor misses none and gets none twice', async () => {
    const { feed } = of.office;
    const register: Principal = {
      kind: 'system',
      clientId: 'r',
      scopes: new Set(['seal.feed']),
      roles: new Set(),
      level: 0,
    };
    let cursor = '0';
    const pull = async () => {
      const items = [];
      for (;;) {
        const page = await feed.after(register, { cursor, limit: 3 });
        assert.equal(page.items.length <= 3, true);
        items.push(...page.items);
        cursor = page.nextCursor;
        if (!page.hasMore) return items;
      }
    };
    await pull();
    assert.deepEqual(await pull(), []);
    const [one, another] = await Promise.all([published(), published()]);
    await of.office.life.reportLost(first, one.sealId, { reason: '挂失', description: '被盗' });
    const events = await pull();
    assert.deepEqual(
      events
        .filter(({ sealId }) => sealId === one.sealId)
        .map(({ deed, status, invalidType }) => [deed, status, invalidType]),
      [
        ['make', 'made', null],
        ['file', 'filed', null],
        ['publish', 'active', null],
        ['report-lost', 'lost', 2],
      ],
    );
    assert.equal(events.filter(({ sealId }) => sealId === another.sealId).length, 3);
    const last = events.at(-1);
    const { sesSeal, certificateSha256 } = await of.seals.forUse(one.sealId);
    assert.ok(last !== undefined && equalBytes(sha256(last.certificate), certificateSha256));
    assert.ok(equalBytes(last.signature, parseSeal(sesSeal).signature));
    assert.deepEqual(
      [last.sealCode, last.region, last.organisationKind, last.organisation.uscc, last.description, last.reason],
      [one.sealCode, '990000', '91', organisation.uscc, '被盗', '挂失'],
    );
    assert.deepEqual(await pull(), []);
    await assert.rejects(feed.after(first, {}), refusal('scope-missing'));
    for (const bad of ['-1', '1.5', 'x', '01', '9'.repeat(19)])
      await assert.rejects(feed.after(register, { cursor: bad }), refusal('cursor-invalid'), bad);
  });

  it('tells everybody by its code whether it is in use, nobody a person, and no network more than its share', async () => {
    const { publicStatus, applications, life } = of.office;
    const from = (origin: string): Principal => ({ ...anonymous, origin });
    const seal = await published();
    const shown = await publicStatus.of(from('192.0.2.0/24'), seal.sealCode);
    assert.deepEqual([shown.status, shown.name, shown.organisationName], ['active', seal.name, organisation.name]);
    clock.advance(60_000);
    await life.stop(first, seal.sealId, '测试甲丢失');
    const stopped = await publicStatus.of(from('192.0.2.0/24'), seal.sealCode);
    assert.deepEqual([stopped.status, stopped.since], ['suspended', clock.now()]);
    const personal = { type: 'person', bearer: '测试甲', validDays: 30 } as const;
    const { sealId } = await applications.apply(agent(), personal, '业务需要', key());
    const { sealCode } = await applications.approve(first, sealId, '可以');
    await life.make(first, sealId, '制作');
    const ask = () => publicStatus.of(from('192.0.2.0/24'), sealCode ?? '');
    await assert.rejects(ask(), refusal('seal-not-found'), 'it is not published yet');
    await life.file(first, sealId, '备案', 'BA-3');
    await life.publish(first, sealId, '发布');
    assert.equal((await ask()).name, null);
    assert.doesNotMatch(JSON.stringify([await ask(), stopped]), /测试甲/);
    await assert.rejects(publicStatus.of(from('192.0.2.0/24'), '1'), refusal('malformed-request'));

    clock.advance(60_000);
    const limited = new PublicStatus({ database: of.database, clock, perMinute: 3 });
    const tries = await Promise.allSettled(
      [1, 2, 3, 4, 5].map(() => limited.of(from('198.51.100.0/24'), seal.sealCode)),
    );
    assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 3);
    for (const one of tries) if (one.status === 'rejected') assert.ok(isTrustError(one.reason, 'too-many-requests'));
    await limited.of(from('203.0.113.0/24'), seal.sealCode);
    clock.advance(60_000);
    await limited.of(from('198.51.100.0/24'), seal.sealCode);
  });

  it('follows the rules through any sequence of steps, told to the database by hand', async () => {
    const step = fc.record({
      deed: fc.constantFrom(...deeds),
      to: fc.constantFrom(...states),
      jump: fc.constantFrom(0, 0, 0, 0, 1, -1),
    });
    let number = -10_000;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (walk) => {
        const carrier = newUuid(systemClock);
        let [state, version]: [LifeState, number] = ['applied', 1];
        await insertByHand(carrier, { number: number-- });
        for (const { deed, to, jump } of walk) {
          const allowed: boolean = jump === 0 && isRule(deed, state, to);
          const next = version + 1 + jump;
          const tried = await stepByHand(carrier, { deed, from: state, to, version: next, number: number-- });
          assert.equal(tried, allowed, `${deed} from ${state} to ${to} as ${next} after ${version}`);
          if (allowed) [state, version] = [to, next];
        }
        const { rows } = await of.database.query<{ status: string; status_version: number }>({
          text: 'SELECT status, status_version FROM seal.application WHERE seal_id = $1',
          values: [carrier],
        });
        assert.deepEqual(rows[0], { status: state, status_version: version });
      }),
      { numRuns: 25 },
    );
  });

  it('follows the rules through any sequence of deeds', async () => {
    const names = ['stop', 'resume', 'report-lost', 'renew', 'revoke', 'cancel', 'file', 'publish'] as const;
    const { life, proposals } = of.office;
    const does = async (deed: (typeof names)[number], sealId: string) => {
      const reason = '演练';
      if (deed === 'revoke' || deed === 'cancel') {
        const proposed = deed === 'revoke' ? ({ deed, kind: 'revoked' } as const) : ({ deed } as const);
        return proposals.approve(second, (await proposals.propose(first, sealId, proposed, { reason })).proposalId);
      }
      if (deed === 'report-lost') return life.reportLost(first, sealId, { reason });
      if (deed === 'renew') return life.renew(first, sealId, { reason, validDays: 30 });
      if (deed === 'file') return life.file(first, sealId, reason, 'BA-1');
      return life[deed](first, sealId, reason);
    };
    let seal = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...names), { minLength: 4, maxLength: 8 }), async (walk) => {
        const code = `990200${String(seal++).padStart(8, '0')}`;
        const { sealId } = await of.maker.make(house, sealOrder(code, newId('organisation', systemClock)));
        let state: LifeState = 'active';
        for (const deed of walk) {
          const to = rules.find((rule) => rule[0] === deed && rule[1] === state)?.[2];
          if (to === undefined) await assert.rejects(does(deed, sealId), refusal('seal-transition-forbidden'), deed);
          else await does(deed, sealId);
          state = to ?? state;
          assert.equal((await of.seals.get(first, sealId)).status, state);
        }
        const history = await life.history(first, sealId);
        history.reduce((before, { from, to }) => (assert.equal(from, before), to), 'none' as LifeState);
      }),
      { numRuns: 5 },
    );
  });

  async function sealNode(at: typeof clock) {
    const { createSealOffice } = await import('../../../src/seal/life/seal-office.ts');
    const { SealRegister } = await import('../../../src/seal/seals.ts');
    const { database, audit, authority, maker } = of;
    const seals = new SealRegister({ database, audit, clock: at });
    return createSealOffice({ database, audit, authority, maker, seals, clock: at, isSamePerson: async () => false });
  }

  const historyInsert = `INSERT INTO seal.status_history
    (seal_id, version, deed, from_status, to_status, reason, invalid_type, effective_at, applied_at, entry_id, number)
    VALUES ($1, $2, $3, $4, $5, 'x', $6, now(), now(), $1, $7)`;

  async function insertByHand(carrier: string, { number }: { number: number }): Promise<void> {
    await of.database.transaction(async (tx) => {
      await tx.query({ text: historyInsert, values: [carrier, 1, 'apply', 'none', 'applied', null, number] });
      await tx.query({
        text: `INSERT INTO seal.application (seal_id, organisation_id, organisation_name, organisation_uscc, applicant,
          request_key, body_sha256, wish, status, status_version, applied_at)
          VALUES ($1, $1, 'x', 'x', 'x', $2, ''::bytea, '{}', 'applied', 1, now())`,
        values: [carrier, carrier],
      });
    });
  }

  /** Whether the database took it. */
  async function stepByHand(
    carrier: string,
    step: { deed: string; from: string; to: string; version: number; number: number },
  ): Promise<boolean> {
    const { deed, from, to, version, number } = step;
    const invalidType = to === 'lost' ? 2 : to === 'revoked' ? 1 : null;
    try {
      await of.database.transaction(async (tx) => {
        await tx.query({ text: historyInsert, values: [carrier, version, deed, from, to, invalidType, number] });
        const text = 'UPDATE seal.application SET status = $2, status_version = $3 WHERE seal_id = $1';
        await tx.query({ text, values: [carrier, to, version] });
      });
      return true;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      assert.ok(['23503', '23505', '23514'].includes(String(code)), String(error));
      return false;
    }
  }
});
