// The alert rules over runs of entries: what is raised, what goes on, and that no window has two alerts about one subject.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AlertEvent } from '../../../../src/audit/alerts/alert-event.ts';
import {
  type Chapter,
  chaptersOf,
  type Course,
  judged,
  subjectKey,
  watchedBy,
} from '../../../../src/audit/alerts/judge.ts';
import type { Memory } from '../../../../src/audit/alerts/memory.ts';
import { type RuleSetting, RuleSettings } from '../../../../src/audit/alerts/rule-settings.ts';
import { moment } from '../../../../src/kernel/clock.ts';
import { eventAt, tuesdayMorning } from './events.ts';

interface Told {
  readonly rule: string;
  readonly subject: string;
  readonly facts: Readonly<Record<string, string>>;
  course: Course;
}

/** As the runner does it, batch by batch, with maps in place of tables. */
function followed(
  batches: readonly (readonly AlertEvent[])[],
  settings: readonly RuleSetting[] = [],
  since = moment(0),
): Told[] {
  const memories = new Map<string, Memory>();
  const told: Told[] = [];
  const newest = new Map<string, Told>();
  for (const events of batches) {
    const { alarms, remembered } = judged(watchedBy(new RuleSettings(settings), events), memories, since);
    for (const { memory, ...of } of remembered) memories.set(subjectKey(of), memory);
    const latest = new Map([...newest].map(([key, { course }]) => [key, course]));
    for (const { alarm, course, isNew } of chaptersOf(alarms, latest) satisfies Chapter[]) {
      const key = subjectKey(alarm);
      const known = newest.get(key);
      if (!isNew && known !== undefined) known.course = course;
      else {
        const { rule, subject, facts } = alarm;
        const one = { rule, subject, facts, course };
        told.push(one);
        newest.set(key, one);
      }
    }
  }
  return told;
}

function rulesOf(told: readonly Told[]): string[] {
  return told.map(({ rule }) => rule);
}

const only = (rule: RuleSetting['rule'], numbers: RuleSetting['numbers']): RuleSetting[] => [
  { rule, enabled: true, numbers },
];

describe('Alert rules: sign-in failures', () => {
  it('the fifth failure of one account within fifteen minutes raises one alert that names all five', () => {
    const told = followed([[0, 60, 120, 180, 240].map((at, index) => eventAt(at, index))]);
    assert.deepEqual(
      told.map(({ rule, subject, course }) => ({ rule, subject, ...course })),
      [
        {
          rule: 'sign-in-failures-account',
          subject: 'account-tag',
          firstMs: tuesdayMorning.getTime() + 240_000,
          lastMs: tuesdayMorning.getTime() + 240_000,
          count: 5,
          indexes: [0, 1, 2, 3, 4],
        },
      ],
    );
  });

  it('four failures, five over a longer time, five of different accounts and five successes raise none', () => {
    assert.deepEqual(followed([[0, 1, 2, 3].map((at, index) => eventAt(at, index))]), []);
    assert.deepEqual(followed([[0, 300, 600, 900, 1200].map((at, index) => eventAt(at, index))]), []);
    assert.deepEqual(followed([[0, 1, 2, 3, 4].map((at, index) => eventAt(at, index, { subject: `a${index}` }))]), []);
    assert.deepEqual(followed([[0, 1, 2, 3, 4].map((at, index) => eventAt(at, index, { outcome: 'done' }))]), []);
  });

  it('goes on as the same alert, its count growing, and a calm window later begins a new one', () => {
    const [first, second, ...none] = followed([
      [0, 1, 2, 3, 4].map((at, index) => eventAt(at, index)),
      [5, 6].map((at, index) => eventAt(at, index + 5)),
      [2000, 2001, 2002, 2003, 2004].map((at, index) => eventAt(at, index + 7)),
    ]);
    assert.deepEqual(none, []);
    assert.equal(first?.course.count, 7);
    assert.deepEqual(first?.course.indexes, [0, 1, 2, 3, 4, 5, 6]);
    assert.equal(second?.course.count, 5);
    assert.deepEqual(second?.course.indexes, [7, 8, 9, 10, 11]);
  });

  it('counts one network apart from its accounts', () => {
    const events = Array.from({ length: 20 }, (_, index) =>
      eventAt(index, index, { subject: `a${index}`, network: 'network-tag' }),
    );
    const [alert] = followed([events]);
    assert.equal(alert?.rule, 'sign-in-failures-network');
    assert.equal(alert.course.count, 20);
    assert.deepEqual(alert.facts, {}, 'neither account nor network is told');
  });

  it('is silent when the rule is off, and where an organisation has set other numbers', () => {
    const events = [0, 1, 2, 3, 4].map((at, index) => eventAt(at, index, { organisationId: 'org_a' }));
    assert.deepEqual(followed([events], [{ rule: 'sign-in-failures-account', enabled: false, numbers: {} }]), []);
    const own: RuleSetting = {
      rule: 'sign-in-failures-account',
      organisationId: 'org_a',
      enabled: true,
      numbers: { threshold: 6 },
    };
    assert.deepEqual(followed([events], [own]), []);
    assert.equal(followed([events], [{ ...own, organisationId: 'org_b' }]).length, 1);
  });
});

describe('Alert rules: properties of any run of entries', () => {
  const threshold = 3;
  const windowSeconds = 60;
  const settings = only('sign-in-failures-account', { threshold, windowSeconds });
  const run = fc.array(
    fc.record({ gap: fc.integer({ min: 0, max: 50 }), subject: fc.constantFrom('a', 'b'), cut: fc.boolean() }),
    { maxLength: 60 },
  );
  const eventsOf = (steps: readonly { gap: number; subject: string }[]) => {
    let at = 0;
    return steps.map(({ gap, subject }, index) => {
      at += gap;
      return eventAt(at, index, { subject });
    });
  };

  it('no two alerts about one subject lie within one window, however the entries are cut into batches', () => {
    fc.assert(
      fc.property(run, (steps) => {
        const events = eventsOf(steps);
        const batches: AlertEvent[][] = [[]];
        for (const [place, event] of events.entries()) {
          if (steps[place]?.cut === true) batches.push([]);
          batches.at(-1)?.push(event);
        }
        const told = followed(batches, settings);
        for (const subject of ['a', 'b']) {
          const courses = told.filter((one) => one.subject === subject).map(({ course }) => course);
          for (const [place, course] of courses.entries()) {
            const before = courses[place - 1];
            if (before !== undefined) assert.ok(course.firstMs - before.lastMs > windowSeconds * 1000);
          }
        }
        assert.deepEqual(told, followed([events], settings), 'the cuts make no difference');
        assert.deepEqual(
          told,
          followed(
            events.map((event) => [event]),
            settings,
          ),
        );
      }),
    );
  });

  it('an entry belongs to an alert exactly when the third last of its subject is at most a window old', () => {
    fc.assert(
      fc.property(run, (steps) => {
        const events = eventsOf(steps);
        const expected = events.filter(({ subject, at, index }) => {
          const moments = events.filter((one) => one.subject === subject && one.index <= index);
          const first = moments.at(-threshold);
          return first !== undefined && at.getTime() - first.at.getTime() <= windowSeconds * 1000;
        });
        const told = followed([events], settings);
        // A new alert counts its whole burst, each later entry one more.
        const counted = told.reduce((sum, { course }) => sum + course.count - (threshold - 1), 0);
        assert.equal(counted, expected.length);
      }),
    );
  });

  it('what is remembered of a subject is bounded by the threshold', () => {
    const events = Array.from({ length: 500 }, (_, index) => eventAt(index, index));
    const { remembered } = judged(watchedBy(new RuleSettings(settings), events), new Map(), moment(0));
    const [memory] = remembered.filter(({ rule }) => rule === 'sign-in-failures-account');
    assert.equal(memory?.memory.moments.length, threshold);
    assert.equal(memory.memory.indexes.length, threshold);
  });
});

const stamping = (seconds: number, index: number, given: Partial<AlertEvent> = {}) =>
  eventAt(seconds, index, {
    action: 'stamping',
    outcome: 'intended',
    code: undefined,
    facts: { sealId: 'seal_1', keyName: 'seal-key' },
    ...given,
  });
const hour = 3600;
const day = 24 * hour;

describe('Alert rules: seals', () => {
  it('a use in working hours raises none, one at night and one on Saturday do, and a night is one alert', () => {
    assert.deepEqual(rulesOf(followed([[stamping(0, 0)]])).includes('seal-outside-hours'), false);
    const [night, ...none] = followed([[stamping(13 * hour, 0), stamping(14 * hour, 1)]], [], tuesdayMorning).filter(
      ({ rule }) => rule === 'seal-outside-hours',
    );
    assert.deepEqual(none, []);
    assert.deepEqual(night?.facts, { sealId: 'seal_1' });
    assert.equal(night.course.count, 2);
    assert.equal(rulesOf(followed([[stamping(4 * day, 0)]])).includes('seal-outside-hours'), true, 'Saturday 10:00');
  });

  it('hours begin at eight and end at nineteen in China, to the second', () => {
    const isOutside = (iso: string) =>
      rulesOf(followed([[stamping(0, 0, { at: moment(iso) })]])).includes('seal-outside-hours');
    assert.equal(isOutside('2026-02-02T23:59:59Z'), true, 'Tuesday 07:59:59');
    assert.equal(isOutside('2026-02-03T00:00:00Z'), false, 'Tuesday 08:00:00');
    assert.equal(isOutside('2026-02-03T10:59:59Z'), false, 'Tuesday 18:59:59');
    assert.equal(isOutside('2026-02-03T11:00:00Z'), true, 'Tuesday 19:00:00');
    assert.equal(isOutside('2026-02-06T08:00:00Z'), false, 'Friday 16:00');
    assert.equal(isOutside('2026-02-08T08:00:00Z'), true, 'Sunday 16:00');
  });

  it('above the floor and three times its usual day, the day is one alert; the outcome of a use is not a second use', () => {
    const settings = only('seal-above-usual', { floor: 10, factor: 3, trailingDays: 4 });
    const usual = [1, 2, 3, 4].flatMap((ago) => Array.from({ length: 8 }, (_, i) => stamping(-ago * day + i, 0)));
    const today = (uses: number) =>
      Array.from({ length: uses }, (_, i) => [stamping(i, 2 * i), stamping(i, 2 * i + 1, { outcome: 'done' })]).flat();
    const told = (uses: number) =>
      followed([[...usual.toReversed(), ...today(uses)]], settings).filter(({ rule }) => rule === 'seal-above-usual');
    assert.deepEqual(told(24), [], 'three times its average of eight');
    const [alert, ...none] = told(30);
    assert.deepEqual(none, []);
    assert.equal(alert?.course.count, 30);
  });
});

describe('Alert rules: keys, proposals, licences, and the alerts themselves', () => {
  it('a key is told of once, at its first use, and not for being made; not at all while everything is new', () => {
    const use = (index: number, keyName: string, given: Partial<AlertEvent> = {}) =>
      eventAt(index, index, { action: 'time-stamp.issued', outcome: 'intended', facts: { keyName }, ...given });
    const events = [
      use(0, 'tsa-2', { action: 'key.created', outcome: 'done' }),
      use(1, 'tsa-2'),
      use(2, 'tsa-2', { outcome: 'done' }),
      use(3, 'tsa-3', { outcome: 'failed' }),
    ];
    assert.deepEqual(
      followed([events]).map(({ rule, facts, course }) => [rule, facts['keyName'], course.indexes]),
      [['key-first-use', 'tsa-2', [1]]],
    );
    assert.deepEqual(followed([events], [], tuesdayMorning), []);
  });

  const decided = (index: number, given: Partial<AlertEvent>) =>
    eventAt(index, index, {
      action: 'authority.deed-decided',
      outcome: 'intended',
      code: undefined,
      objectId: 'prp_1',
      ...given,
    });
  const proposed = decided(0, {
    action: 'authority.deed-proposed',
    outcome: 'done',
    actor: 'admin-a',
    facts: { kind: 'renew' },
  });

  it('a refused self-approval and one that went through are told of; another administrator’s and taking back are not', () => {
    const refused = decided(1, { outcome: 'failed', code: 'proposal-self-approval', actor: 'admin-a' });
    const [alert] = followed([[proposed, refused]]);
    assert.equal(alert?.rule, 'self-approval');
    assert.deepEqual(alert.course.indexes, [0, 1]);
    assert.deepEqual(rulesOf(followed([[proposed, decided(1, { actor: 'admin-a' })]])), ['self-approval']);
    assert.deepEqual(followed([[proposed, decided(1, { actor: 'admin-b' })]]), []);
    assert.deepEqual(followed([[proposed, decided(1, { actor: 'admin-a', outcome: 'voided' })]]), []);
    assert.deepEqual(followed([[{ ...proposed, actor: undefined }, decided(1, { actor: undefined })]]), []);
  });

  it('the revocation of an authority is told of when it is done, its renewal is not', () => {
    const done = decided(2, { outcome: 'done', actor: 'admin-b', facts: { result: '0a1b' } });
    const revocation = { ...proposed, facts: { kind: 'revoke', serial: '0a1b' } };
    const [alert, ...none] = followed([[revocation, decided(1, { actor: 'admin-b' })], [done]]);
    assert.deepEqual(none, []);
    assert.equal(alert?.rule, 'authority-revoked');
    assert.deepEqual(alert.facts, { proposalId: 'prp_1', serial: '0a1b' });
    assert.deepEqual(followed([[proposed, done]]), []);
  });

  it('a licence shown thirty times in an hour is told of without naming it', () => {
    const shown = Array.from({ length: 30 }, (_, index) =>
      eventAt(index * 100, index, {
        action: 'licence.shown',
        outcome: 'done',
        object: 'licence-tag',
        subject: undefined,
      }),
    );
    const [alert] = followed([shown]);
    assert.equal(alert?.rule, 'licence-shown-often');
    assert.deepEqual(alert.facts, {});
    assert.deepEqual(followed([shown.slice(1)]), []);
  });

  it('whoever changes rules or webhooks is told of', () => {
    const change = eventAt(0, 0, {
      action: 'configuration.changed',
      outcome: 'done',
      objectId: 'self-approval',
      facts: { what: 'alert-rule', kind: 'off' },
    });
    assert.deepEqual(
      followed([[change]]).map(({ rule, facts }) => [rule, facts]),
      [['alerting-changed', { rule: 'self-approval' }]],
    );
    assert.deepEqual(followed([[{ ...change, facts: { what: 'client' } }]]), []);
  });
});
