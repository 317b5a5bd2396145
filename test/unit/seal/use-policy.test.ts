// The policy of use of a seal as pure rules: who, what for, which class, when; hours of a week in the time zone of the seal; docs/seals.md.

import assert from 'node:assert/strict';
import { systemClock } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { countsOf } from '../../../src/seal/use/quota.ts';
import {
  openPolicy,
  type PlannedUse,
  requireAllowed,
  requireHours,
  requireSoundPolicy,
  type UsePolicy,
} from '../../../src/seal/use/use-policy.ts';
import { isTimeZone, wallTime } from '../../../src/seal/use/wall-clock.ts';

const [one, other] = [newId('account', systemClock), newId('account', systemClock)];
const use: PlannedUse = {
  accountId: one,
  purpose: '合同用印',
  documentClass: 'contract',
  policy: 'intl',
  level: 'B-T',
};

/** The code and reason of a refusal, or `allowed`. */
function told(judges: () => void): string {
  try {
    judges();
    return 'allowed';
  } catch (error) {
    if (!isTrustError(error)) throw error;
    const reason = error.details?.['reason'];
    return typeof reason === 'string' ? `${error.code}: ${reason}` : error.code;
  }
}

const judged = (rules: Partial<UsePolicy>, changed: Partial<PlannedUse> = {}) =>
  told(() => requireAllowed({ ...openPolicy, ...rules }, { ...use, ...changed }));

describe('docs/seals.md, policy of use: who and what for', () => {
  it('limits nothing where nothing was said', () => {
    assert.equal(judged({}), 'allowed');
    assert.equal(judged({}, { accountId: undefined, documentClass: undefined }), 'allowed');
  });

  it('lets the persons that it names, and business systems, which are let one by one', () => {
    assert.equal(judged({ users: [one] }), 'allowed');
    assert.equal(judged({ users: [other] }), 'use-not-allowed: user');
    assert.equal(judged({ users: [other] }, { accountId: undefined }), 'allowed');
  });

  it('takes a purpose letter by letter', () => {
    assert.equal(judged({ purposes: ['出具证明', '合同用印'] }), 'allowed');
    assert.equal(judged({ purposes: ['出具证明'] }), 'use-not-allowed: purpose');
    assert.equal(judged({ purposes: ['合同用印'] }, { purpose: '合同用印 ' }), 'use-not-allowed: purpose');
  });

  it('wants the class of the document where it lists classes, and one of those', () => {
    assert.equal(judged({ documentClasses: ['contract'] }), 'allowed');
    assert.equal(judged({ documentClasses: ['contract'] }, { documentClass: undefined }), 'document-class-required');
    assert.equal(
      judged({ documentClasses: ['contract'] }, { documentClass: 'invoice' }),
      'use-not-allowed: document-class',
    );
  });

  it('can allow some signing policies and levels only', () => {
    assert.equal(judged({ policies: ['gm'] }), 'use-not-allowed: signing-policy');
    assert.equal(judged({ levels: ['B-LT', 'B-LTA'] }), 'use-not-allowed: level');
    assert.equal(judged({ policies: ['intl'], levels: ['B-T'] }), 'allowed');
  });
});

describe('docs/seals.md, policy of use: hours', () => {
  // 2026-11-20 is a Friday.
  const office = [{ days: [1, 2, 3, 4, 5], from: '08:30', until: '18:00' }];
  const at = (iso: string, rules: Partial<UsePolicy> = {}) =>
    told(() => requireHours({ ...openPolicy, hours: office, ...rules }, new Date(iso)));

  it('begin with their first minute and end before the last', () => {
    assert.equal(at('2026-11-20T08:29:59+08:00'), 'outside-hours');
    assert.equal(at('2026-11-20T08:30:00+08:00'), 'allowed');
    assert.equal(at('2026-11-20T17:59:59+08:00'), 'allowed');
    assert.equal(at('2026-11-20T18:00:00+08:00'), 'outside-hours');
    assert.equal(at('2026-11-21T10:00:00+08:00'), 'outside-hours');
  });

  it('are those of the time zone, also where it is another day there', () => {
    // Friday evening in UTC is Saturday morning in Shanghai.
    assert.equal(at('2026-11-20T17:30:00Z'), 'outside-hours');
    assert.equal(at('2026-11-20T17:30:00Z', { timeZone: 'UTC' }), 'allowed');
  });

  it('reach to the end of a day, and over midnight as two parts', () => {
    const night = [
      { days: [5], from: '22:00', until: '24:00' },
      { days: [6], from: '00:00', until: '02:00' },
    ];
    assert.equal(at('2026-11-20T23:59:59+08:00', { hours: night }), 'allowed');
    assert.equal(at('2026-11-21T00:00:00+08:00', { hours: night }), 'allowed');
    assert.equal(at('2026-11-21T02:00:00+08:00', { hours: night }), 'outside-hours');
  });

  it('follow summer time where there is any', () => {
    assert.deepEqual(wallTime(new Date('2026-03-29T01:00:00Z'), 'Europe/Berlin'), {
      weekday: 7,
      minute: 180,
      day: '2026-03-29',
      month: '2026-03',
    });
    assert.deepEqual(
      [isTimeZone('Asia/Shanghai'), isTimeZone('UTC'), isTimeZone('+08:00'), isTimeZone('Moon/Sea')],
      [true, true, false, false],
    );
  });
});

describe('docs/seals.md, policy of use: quotas', () => {
  it('count by day and month of the time zone, of the seal and of the user, in one order', () => {
    const quota = { sealPerDay: 5, sealPerMonth: 50, userPerDay: null, userPerMonth: 10 };
    const at = new Date('2026-11-30T17:00:00Z');
    const counts = countsOf(
      { quota, timeZone: 'Asia/Shanghai' },
      { at, owner: 'client:a', mandate: { mandateId: 'man_x', maxUses: 2 } },
    );
    assert.deepEqual(counts, [
      { subject: 'mandate:man_x', period: 'term', limit: 2 },
      { subject: 'seal', period: '2026-12', limit: 50 },
      { subject: 'seal', period: '2026-12-01', limit: 5 },
      { subject: 'user:client:a', period: '2026-12', limit: 10 },
    ]);
  });
});

describe('docs/seals.md, policy of use: what is no policy', () => {
  const sound = (rules: object) => told(() => requireSoundPolicy({ ...openPolicy, ...rules }));

  it('is refused as a whole', () => {
    assert.equal(sound({}), 'allowed');
    const bad = [
      { users: [] },
      { users: ['somebody'] },
      { users: [one, one] },
      { purposes: ['a\u202eb'] },
      { purposes: [' '] },
      { documentClasses: [] },
      { documentClasses: ['secret'] },
      { levels: ['B-X'] },
      { timeZone: 'Asia/Atlantis' },
      { hours: [] },
      { hours: [{ days: [0], from: '08:00', until: '09:00' }] },
      { hours: [{ days: [1, 1], from: '08:00', until: '09:00' }] },
      { hours: [{ days: [1], from: '8:00', until: '09:00' }] },
      { hours: [{ days: [1], from: '09:00', until: '09:00' }] },
      { hours: [{ days: [1], from: '22:00', until: '02:00' }] },
      { hours: [{ days: [1], from: '24:00', until: '24:00' }] },
      { quota: { ...openPolicy.quota, sealPerDay: 0 } },
      { quota: { ...openPolicy.quota, userPerMonth: 1.5 } },
      { approvers: 4 },
      { approvers: -1 },
    ];
    for (const rules of bad) assert.equal(sound(rules), 'malformed-request', JSON.stringify(rules));
  });
});
