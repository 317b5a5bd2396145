// Stampings that others must agree to: bound to what was seen, by other persons, in time, once, and only while everybody's mandate holds; docs/seals.md.

import assert from 'node:assert/strict';
import { equalBytes } from '../../../src/kernel/bytes.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { addSeconds, frozenClock } from '../../../src/kernel/clock.ts';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import { newId } from '../../../src/kernel/ids.ts';
import type { MandateScope } from '../../../src/kernel/mandate-scopes.ts';
import { ownerOf } from '../../../src/kernel/permissions.ts';
import { house, type Principal } from '../../../src/kernel/principal.ts';
import type { SealRecord } from '../../../src/seal/seal-record.ts';
import type { StampServiceOptions } from '../../../src/seal/stamping.ts';
import { openPolicy, type UsePolicy } from '../../../src/seal/use/use-policy.ts';
import { StampingRequests } from '../../../src/seal/use/stamping-requests.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { requestKey, type SealHouse, sealHouse, sealOrder, stampRequest, system, uploaded } from './seal-house.ts';

const noon = new Date('2026-11-20T12:00:00+08:00');

function refusal(code: ErrorCode, reason?: string): (error: unknown) => boolean {
  return (error) => isTrustError(error, code) && (reason === undefined || error.details?.['reason'] === reason);
}

describe('docs/seals.md: stampings that others must approve', function () {
  const clock = frozenClock(noon);
  let of: SealHouse;
  let count = 0;
  /** Everybody there is, by owner; whoever is taken out can ask no more. */
  const people = new Map<string, Principal>();
  const ended = new Set<string>();
  const samePeople = new Set<string>();
  const appointed = new Set<string>();
  const key = (body = 'body') => requestKey(`request-${count++}`, body);

  before(async () => {
    of = await sealHouse(clock);
  });
  after(async () => of.close());

  const mandateHolds = async (_tx: unknown, _account: string, mandateId: string) => !ended.has(mandateId);

  function requests(change: Partial<StampServiceOptions> = {}): StampingRequests {
    const { database, audit, seals, documents } = of;
    return new StampingRequests({
      database,
      audit,
      clock,
      seals,
      documents,
      stamping: of.stamps({ mandateHolds, ...change }),
      people: {
        requester: async (owner, mandateId) => (ended.has(mandateId ?? '') ? undefined : people.get(owner)),
        isSamePerson: async (_on, one, other) => samePeople.has(one) && samePeople.has(other),
        isAppointedSince: async (mandateId) => appointed.has(mandateId),
      },
    });
  }

  function person(seal: SealRecord, ...scope: readonly MandateScope[]): Principal {
    const one: Principal = {
      kind: 'person',
      accountId: newId('account', clock),
      scopes: new Set(['seal.read', 'seal.stamp', 'seal.approve', 'seal.apply']),
      roles: new Set(),
      level: 4,
      actingFor: {
        ...seal.organisation,
        mandateId: newId('mandate', clock),
        role: 'agent',
        scope,
        validUntil: addSeconds(clock.now(), 3600),
      },
    };
    people.set(ownerOf(one), one);
    return one;
  }

  async function scene(rules: Partial<UsePolicy> = { approvers: 1 }) {
    const code = `9904${String(count++).padStart(10, '0')}`;
    const seal = await of.maker.make(house, sealOrder(code, newId('organisation', clock)));
    const keeper = person(seal, 'seal:apply');
    const set = (changed: Partial<UsePolicy>, basedOn: number) =>
      of.office.usePolicies.set(
        keeper,
        seal.sealId,
        { rules: { ...openPolicy, ...changed }, reason: '内控要求', basedOn },
        key(),
      );
    await set(rules, 0);
    const clerk = person(seal, 'seal:use');
    const approver = person(seal, 'seal:approve');
    const ask = async (by = clerk, under = key()) =>
      requests().ask(by, stampRequest(of, await uploaded(of, by), { sealId: seal.sealId }), under);
    return { seal, keeper, clerk, approver, ask, set };
  }

  it('stamps with the last approval, in the name of who asked, exactly what was seen', async () => {
    const { clerk, approver, ask, seal } = await scene();
    const asked = await ask();
    assert.deepEqual([asked.state, asked.approvers, asked.approvals.length], ['waiting', 1, 0]);
    const seen = await requests().document(approver, asked.requestId);
    assert.ok(equalBytes(sha256(seen), asked.documentSha256));
    const done = await requests().approve(approver, asked.requestId, asked.contentSha256);
    assert.deepEqual([done.state, done.failureCode, done.approvals[0]?.accountId], ['done', null, approver.accountId]);
    const stamping = await of.stamps().get(clerk, done.stampingId ?? '');
    assert.deepEqual(
      [stamping.status, stamping.requestId, stamping.policyVersion, stamping.documentId],
      ['done', asked.requestId, 1, asked.documentId],
    );
    const product = await of.stamps().document(clerk, stamping.stampingId);
    const report = await of.verifier.verify(house, product);
    assert.deepEqual([report.indication, report.signatures[0]?.seal?.sealCode], ['TOTAL-PASSED', seal.sealCode]);
    assert.ok(equalBytes(product.subarray(0, seen.length), seen));
    const { items } = await of.audit.entries({ objectId: asked.requestId, limit: 10 });
    assert.deepEqual(
      items.map(({ outcome, facts }) => [outcome, facts?.['deed']]),
      [
        ['done', 'approved'],
        ['intended', 'asked'],
      ],
    );
  });

  it('waits for as many persons as the policy wants, and takes one twice for one', async () => {
    const { approver, ask, seal } = await scene({ approvers: 2 });
    const { requestId, contentSha256 } = await ask();
    const once = await requests().approve(approver, requestId, contentSha256);
    const twice = await requests().approve(approver, requestId, contentSha256);
    assert.deepEqual([once.state, twice.state, twice.approvals.length], ['waiting', 'waiting', 1]);
    const second = person(seal, 'seal:approve');
    assert.equal((await requests().approve(second, requestId, contentSha256)).state, 'done');
  });

  it('stamps once when all approvers press at the same moment', async () => {
    const { ask, seal } = await scene({ approvers: 3 });
    const { requestId, contentSha256 } = await ask();
    const many = Array.from({ length: 8 }, () => person(seal, 'seal:approve'));
    const outcomes = await Promise.allSettled(many.map((one) => requests().approve(one, requestId, contentSha256)));
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 3);
    const { rows } = await of.database.query<{ stampings: number; approvals: number }>({
      text: `SELECT (SELECT count(*) FROM seal.stamping s JOIN seal.seal USING (seal_id) WHERE seal_code = $1) AS stampings,
        (SELECT count(*) FROM seal.stamping_approval a JOIN seal.stamping_request r USING (request_id)
          JOIN seal.seal USING (seal_id) WHERE seal_code = $1) AS approvals`,
      values: [seal.sealCode],
    });
    assert.deepEqual(rows[0], { stampings: 1, approvals: 3 });
  });

  it('security.md 83: neither who asked, nor the same person with another account, nor one whom they appointed today', async () => {
    const { ask, seal } = await scene();
    const both = person(seal, 'seal:use', 'seal:approve');
    const asked = await ask(both);
    const approve = (by: Principal) => requests().approve(by, asked.requestId, asked.contentSha256);
    await assert.rejects(approve(both), refusal('proposal-self-approval'));
    const { items } = await of.audit.entries({ objectId: asked.requestId, limit: 1 });
    assert.deepEqual([items[0]?.outcome, items[0]?.code], ['failed', 'proposal-self-approval']);
    const shadow = person(seal, 'seal:approve');
    for (const one of [both, shadow]) samePeople.add(one.accountId ?? '');
    await assert.rejects(approve(shadow), refusal('proposal-self-approval'));
    const friend = person(seal, 'seal:approve');
    appointed.add(friend.actingFor?.mandateId ?? '');
    await assert.rejects(approve(friend), refusal('use-not-allowed', 'appointed-by-requester'));
    assert.equal((await requests().get(both, asked.requestId)).state, 'waiting');
  });

  it('security.md 84: an approval of something else is refused, and so is whatever was changed behind it', async () => {
    const { approver, ask } = await scene();
    const one = await ask();
    const other = await ask();
    await assert.rejects(
      requests().approve(approver, one.requestId, other.contentSha256),
      refusal('stamping-request-changed', 'content'),
    );
    await of.database.query({
      text: `UPDATE seal.stamping_request SET request = jsonb_set(request, '{purpose}', '"别的"') WHERE content_sha256 = $1`,
      values: [one.contentSha256],
    });
    await assert.rejects(
      requests().approve(approver, one.requestId, one.contentSha256),
      refusal('stamping-request-changed', 'content'),
    );
    assert.equal((await requests().approve(approver, other.requestId, other.contentSha256)).state, 'done');
    const late = person(await sealOf(other.sealId), 'seal:approve');
    await assert.rejects(
      requests().approve(late, other.requestId, other.contentSha256),
      refusal('stamping-request-not-open'),
    );
  });

  const sealOf = (sealId: string) => of.seals.get(house, sealId);

  it('writes into the log who tried to approve without a mandate for it', async () => {
    const { clerk, ask } = await scene();
    const asked = await ask();
    await assert.rejects(requests().approve(clerk, asked.requestId, asked.contentSha256), refusal('forbidden'));
    const { items } = await of.audit.entries({ objectId: asked.requestId, limit: 5 });
    assert.deepEqual(
      items.filter(({ outcome }) => outcome === 'failed').map(({ code, facts }) => [code, facts['deed']]),
      [['forbidden', 'approved']],
    );
  });

  it('security.md 84: a request is over after 24 hours, and so is one under a policy that changed', async () => {
    const { approver, clerk, ask, set } = await scene();
    const asked = await ask();
    const changing = await ask();
    await set({ approvers: 1, purposes: ['出具证明'] }, 1);
    await assert.rejects(
      requests().approve(approver, changing.requestId, changing.contentSha256),
      refusal('stamping-request-changed', 'use-policy'),
    );
    clock.advance(86_400_000);
    await assert.rejects(
      requests().approve(approver, asked.requestId, asked.contentSha256),
      refusal('stamping-request-not-open'),
    );
    assert.equal((await requests().get(clerk, asked.requestId)).state, 'expired');
    await assert.rejects(requests().withdraw(clerk, asked.requestId, '不用了'), refusal('stamping-request-not-open'));
  });

  it('security.md 192: a mandate of who asked or approved that ends before the release lets nothing be released', async () => {
    const first = await scene();
    const asked = await first.ask();
    ended.add(first.clerk.actingFor?.mandateId ?? '');
    await assert.rejects(
      requests().approve(first.approver, asked.requestId, asked.contentSha256),
      refusal('use-not-allowed', 'mandate-ended'),
    );
    for (const whose of ['clerk', 'approver'] as const) {
      const { clerk, approver, ask } = await scene();
      const { requestId, contentSha256 } = await ask();
      const faults = (point: string): void => {
        if (point === 'read-back') ended.add({ clerk, approver }[whose].actingFor?.mandateId ?? '');
      };
      const approved = await requests({ faults }).approve(approver, requestId, contentSha256);
      assert.deepEqual(
        [approved.state, approved.failureCode, approved.stampingId],
        ['approved', 'use-not-allowed', null],
      );
      const { items } = await of.audit.entries({ action: 'stamping', limit: 1 });
      assert.deepEqual([items[0]?.outcome, items[0]?.code], ['voided', 'use-not-allowed']);
    }
  });

  it('keeps an approval whose stamping failed, and whoever asked tries it once more', async () => {
    const { clerk, approver, ask } = await scene({ approvers: 1, quota: { ...openPolicy.quota, sealPerDay: 1 } });
    const { requestId, contentSha256 } = await ask();
    const faults = (point: string): void => {
      if (point === 'signed') throw new Error('test');
    };
    const broken = requests({ faults });
    await assert.rejects(broken.approve(approver, requestId, contentSha256), /test/);
    assert.equal((await requests().get(clerk, requestId)).state, 'approved');
    const done = await requests().stamp(clerk, requestId);
    assert.equal(done.state, 'done');
    assert.deepEqual((await requests().stamp(clerk, requestId)).stampingId, done.stampingId);
    const next = await ask();
    const exhausted = await requests().approve(approver, next.requestId, next.contentSha256);
    assert.deepEqual([exhausted.state, exhausted.failureCode], ['approved', 'quota-exhausted']);
    await assert.rejects(requests().stamp(clerk, next.requestId), refusal('quota-exhausted'));
  });

  it('is refused with a reason, or withdrawn by who asked, and then open to nothing', async () => {
    const { clerk, approver, ask } = await scene();
    const one = await ask();
    const refused = await requests().refuse(approver, one.requestId, '金额不符');
    assert.deepEqual([refused.state, refused.reason], ['refused', '金额不符']);
    const other = await ask();
    await assert.rejects(requests().withdraw(approver, other.requestId, 'x'), refusal('stamping-request-not-found'));
    assert.equal((await requests().withdraw(clerk, other.requestId, '不用了')).state, 'withdrawn');
    for (const { requestId, contentSha256 } of [one, other]) {
      await assert.rejects(
        requests().approve(approver, requestId, contentSha256),
        refusal('stamping-request-not-open'),
      );
      await assert.rejects(requests().stamp(clerk, requestId), refusal('stamping-request-not-open'));
    }
  });

  it('is one request for one key, at once 20 times too, and another body is refused', async () => {
    const { clerk, seal } = await scene();
    const order = stampRequest(of, await uploaded(of, clerk), { sealId: seal.sealId });
    const under = key();
    const all = await Promise.all(Array.from({ length: 20 }, () => requests().ask(clerk, order, under)));
    assert.equal(new Set(all.map(({ requestId }) => requestId)).size, 1);
    await assert.rejects(
      requests().ask(clerk, order, requestKey(under.key, 'another')),
      refusal('idempotency-key-reused'),
    );
    const mine = await requests().list(clerk, { view: 'mine' });
    assert.equal(mine.items.length, 1);
  });

  it('is shown to who asked, who may approve and who keeps the seals, and does not exist for anybody else', async () => {
    const { clerk, approver, keeper, ask, seal } = await scene();
    const { requestId } = await ask();
    for (const reader of [clerk, approver, keeper])
      assert.equal((await requests().get(reader, requestId)).requestId, requestId);
    const colleague = person(seal, 'seal:use');
    const elsewhere = person(await sealOf(of.seal.sealId), 'seal:approve');
    for (const stranger of [colleague, elsewhere, system('client-one')])
      for (const does of [() => requests().get(stranger, requestId), () => requests().document(stranger, requestId)])
        await assert.rejects(does(), refusal('stamping-request-not-found'));
    const seen = async (by: Principal, view: 'mine' | 'to-decide' | 'organisation') =>
      (await requests().list(by, { view })).items.map((one) => one.requestId);
    assert.deepEqual(await seen(approver, 'to-decide'), [requestId]);
    assert.deepEqual(await seen(keeper, 'organisation'), [requestId]);
    assert.deepEqual(await seen(clerk, 'to-decide'), []);
    assert.deepEqual(await seen(elsewhere, 'to-decide'), []);
    assert.deepEqual(await seen(colleague, 'organisation'), []);
  });

  it('is refused at once for what could not be stamped after it', async () => {
    const { clerk, seal, ask, set } = await scene({ approvers: 1, purposes: ['别的'] });
    await assert.rejects(ask(), refusal('use-not-allowed', 'purpose'));
    await set({ approvers: 1 }, 1);
    const documentId = await uploaded(of, clerk, samplePdf({ pageCount: 1 }));
    const off = { sealId: seal.sealId, placements: [{ kind: 'position', page: 2, xMm: 50, yMm: 50 }] } as const;
    await assert.rejects(
      requests().ask(clerk, stampRequest(of, documentId, off), key()),
      refusal('placement-outside-page'),
    );
    await set({}, 2);
    await assert.rejects(ask(), refusal('malformed-request', 'no-approval-wanted'));
  });
});
