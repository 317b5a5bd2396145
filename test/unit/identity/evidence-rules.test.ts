// The rules of real-name levels: what evidence proves, for how long, and what it needs beside it; docs/levels.md.

import assert from 'node:assert/strict';
import { expiryOf, levelOf, levelOfMethod } from '../../../src/identity/levels/evidence-rules.ts';
import { addSeconds, moment } from '../../../src/kernel/clock.ts';

const now = moment('2026-11-22T08:00:00Z');
const day = 24 * 3600;
const without = { now, registered: false };

describe('docs/levels.md: what evidence is worth', () => {
  it('gives each method its level', () => {
    const levels = (['phone', 'self-stated', 'population-register', 'bank-card', 'face', 'network-id'] as const).map(
      levelOfMethod,
    );
    assert.deepEqual(levels, [1, 2, 3, 4, 4, 4]);
    assert.deepEqual([levelOfMethod('in-person'), levelOfMethod('certificate')], [5, 5]);
  });

  it('lets a face count for twelve months, and a certificate until its notAfter', () => {
    assert.deepEqual(expiryOf('face', without), addSeconds(now, 365 * day));
    const notAfter = addSeconds(now, 40 * day);
    assert.deepEqual(expiryOf('certificate', { ...without, expiresAt: notAfter }), notAfter);
    assert.equal(expiryOf('certificate', without), 'refused', 'a certificate without an end');
    assert.equal(expiryOf('certificate', { ...without, expiresAt: now }), 'refused', 'it is over already');
    assert.equal(expiryOf('in-person', without), undefined);
  });

  it('takes an earlier end that the verifier gives, and never a later one than the rule', () => {
    assert.deepEqual(expiryOf('face', { ...without, expiresAt: addSeconds(now, day) }), addSeconds(now, day));
    assert.deepEqual(
      expiryOf('face', { ...without, expiresAt: addSeconds(now, 999 * day) }),
      addSeconds(now, 365 * day),
    );
  });

  it('refuses a bank card of somebody whom no register has confirmed', () => {
    assert.equal(expiryOf('bank-card', without), 'refused');
    assert.deepEqual(expiryOf('bank-card', { now, registered: true }), addSeconds(now, 365 * day));
  });

  it('counts the highest evidence that neither expired nor was withdrawn', () => {
    const face = { level: 4, expiresAt: addSeconds(now, 1) } as const;
    assert.equal(levelOf([], now), 0);
    assert.equal(levelOf([{ level: 3 }, face], now), 4);
    assert.equal(levelOf([{ level: 3 }, face], addSeconds(now, 1)), 3, 'at the very moment of its end');
    assert.equal(levelOf([{ level: 3 }, { ...face, withdrawnAt: now }], now), 3);
  });
});
