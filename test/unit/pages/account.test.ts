// What a person's own pages show of names, and when a sign-in is recent enough for a deed on the account.

import assert from 'node:assert/strict';
import { maskedName } from '../../../src/http/pages/account-page.ts';
import { isRecent } from '../../../src/http/pages/recent-visit.ts';
import { moment } from '../../../src/kernel/clock.ts';

describe('names on a screen that others may see', () => {
  it('keep the family name and tell no more than a length', () => {
    assert.equal(maskedName('测试甲'), '测**');
    assert.equal(maskedName('测'), '测*');
    assert.equal(maskedName('𡋗某'), '𡋗*');
    assert.equal(maskedName('一'.repeat(30)), '一****');
  });
});

describe('OpenID Connect Core 3.1.2.1, max_age, on our own pages', () => {
  const now = moment('2026-11-22T08:00:00Z');

  it('takes five minutes, and nobody who never signed in', () => {
    assert.equal(isRecent({ authenticatedAt: moment('2026-11-22T07:55:00Z') }, now), true);
    assert.equal(isRecent({ authenticatedAt: moment('2026-11-22T07:54:59Z') }, now), false);
    assert.equal(isRecent({}, now), false);
  });
});
