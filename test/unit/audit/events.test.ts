// The list of events: closed, and numbered once; what it does not know is refused or left out, never made public.

import assert from 'node:assert/strict';
import { eventSchemas } from '../../../src/audit/event-schemas.ts';
import {
  type AnyEvent,
  type AuditEvent,
  auditActions,
  checkedEvent,
  faultsOf,
  isPublicObject,
  objectKindOf,
} from '../../../src/audit/events.ts';

describe('audit events', () => {
  it('have a number each that is theirs alone', () => {
    const numbers = Object.values(eventSchemas).map(({ no }) => no);
    assert.equal(new Set(numbers).size, numbers.length);
    assert.ok(numbers.every((no) => no > 0 && no < 32_768));
    assert.equal(auditActions.length, numbers.length);
  });

  it('are a compile error when their schema does not know what they say', () => {
    // @ts-expect-error an action that is none
    const unknown: AuditEvent = { action: 'seal.eaten', outcome: 'done' };
    // @ts-expect-error an outcome that this deed never has
    const outcome: AuditEvent = { action: 'sign-out', outcome: 'intended' };
    // @ts-expect-error a fact that the schema does not have
    const fact: AuditEvent = { action: 'licence.shown', outcome: 'done', facts: { name: 'x' } };
    // @ts-expect-error a fact of another type
    const type: AuditEvent = { action: 'licence.shown', outcome: 'done', facts: { form: 1 } };
    // @ts-expect-error an object, where the deed has none
    const object: AuditEvent = { action: 'consent', outcome: 'done', objectId: 'lic_1' };
    // @ts-expect-error a digest, where the deed has none
    const digest: AuditEvent = { action: 'licence.shown', outcome: 'done', objectSha256: new Uint8Array(32) };
    // @ts-expect-error a fact, where the deed has none
    const none: AuditEvent = { action: 'document.downloaded', outcome: 'done', facts: { form: 'x' } };
    // @ts-expect-error a personal member that the schema does not have
    const personal: AuditEvent = { action: 'licence.shown', outcome: 'done', personal: { name: '张三' } };
    assert.ok([unknown, outcome, fact, type, object, digest, none, personal].every(Boolean));
  });

  const wrong: readonly (readonly [string, AnyEvent, string])[] = [
    ['an outcome', { action: 'sign-out', outcome: 'voided' }, 'outcome voided'],
    ['a fact', { action: 'licence.shown', outcome: 'done', facts: { name: 'x' } }, 'fact name'],
    [
      'a prototype member as fact',
      { action: 'licence.shown', outcome: 'done', facts: { toString: 'x' } },
      'fact toString',
    ],
    ['a number for a text', { action: 'licence.shown', outcome: 'done', facts: { form: 1 } }, 'fact form'],
    ['a Chinese name as fact', { action: 'licence.shown', outcome: 'done', facts: { form: '张三' } }, 'fact form'],
    ['a long text', { action: 'licence.shown', outcome: 'done', facts: { form: 'x'.repeat(513) } }, 'fact form'],
    ['a number that is none', { action: 'stamping', outcome: 'done', facts: { attempt: Number.NaN } }, 'fact attempt'],
    ['an object of another kind', { action: 'seal.made', outcome: 'done', objectId: 'acc_1' }, 'objectId'],
    ['a digest', { action: 'licence.shown', outcome: 'done', objectSha256: new Uint8Array(32) }, 'objectSha256'],
    ['a personal member', { action: 'sign-in', outcome: 'failed', personal: { loginName: 'x' } }, 'personal loginName'],
  ];
  for (const [what, event, fault] of wrong)
    it(`refuse ${what} that their schema does not know`, () => {
      assert.deepEqual(faultsOf(event), [fault]);
      assert.throws(() => checkedEvent(event, { strict: true }), { code: 'internal' });
    });

  it('lose a wrong fact and nothing else where a deed must not fail', () => {
    const event = { action: 'licence.shown', outcome: 'done', facts: { form: 'EL1', name: '张三' } } as const;
    const { event: kept, faults } = checkedEvent(event, { strict: false });
    assert.deepEqual(kept, { action: 'licence.shown', outcome: 'done', facts: { form: 'EL1' } });
    assert.deepEqual(faults, ['fact name']);
  });

  it('name in public what belongs to nobody, and of a private person nothing', () => {
    const shown = (objectId: string, action: AnyEvent['action'], isPrivate: boolean): boolean =>
      isPublicObject({ action, outcome: 'done', objectId }, { isPrivate });
    assert.equal(shown('seal_1', 'seal.made', true), true);
    assert.equal(shown('doc_1', 'document.uploaded', false), true);
    assert.equal(shown('doc_1', 'document.uploaded', true), false);
    assert.equal(shown('lic_1', 'licence.shown', false), false);
    assert.equal(shown('acc_1', 'account.created', false), false);
    assert.equal(shown('acc_1', 'seal.made', false), false, 'of a kind that the schema does not know');
    assert.equal(objectKindOf('lic_1'), 'licence');
    assert.equal(objectKindOf('issuing-ca'), 'name');
  });
});
