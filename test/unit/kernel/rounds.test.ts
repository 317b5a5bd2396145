// Rounds in the background: one at a time, a pause that a nudge ends, an end that waits for what is under way.

import assert from 'node:assert/strict';
import { type NextRound, Rounds } from '../../../src/kernel/rounds.ts';

const longMs = 60_000; // only a nudge or a stop ends such a pause within a test
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Rounds that answer from a list, the last answer for ever. */
function counted(answers: readonly (NextRound | Error)[], firstPauseMs = 0) {
  const seen = { rounds: 0, failures: 0 };
  const rounds = new Rounds({
    firstPauseMs,
    round: async () => {
      const answer = answers[Math.min(seen.rounds++, answers.length - 1)] ?? 'end';
      if (answer instanceof Error) throw answer;
      return answer;
    },
    failed: () => {
      seen.failures++;
      return longMs;
    },
  });
  return { rounds, seen };
}

describe('rounds in the background', () => {
  it('follow each other without a pause when a round says so, then pause', async () => {
    const { rounds, seen } = counted([0, 0, longMs]);
    rounds.start();
    for (let i = 0; i < 10; i++) await turn();
    assert.equal(seen.rounds, 3);
    await rounds.stop();
    assert.equal(seen.rounds, 3);
  });

  it('go on at a nudge, and pause before the first one when asked to', async () => {
    const { rounds, seen } = counted([longMs], longMs);
    rounds.start();
    await turn();
    assert.equal(seen.rounds, 0);
    for (const expected of [1, 2]) {
      rounds.nudge();
      for (let i = 0; i < 5; i++) await turn();
      assert.equal(seen.rounds, expected);
    }
    await rounds.stop();
  });

  it('go on after a failure as the one who was told of it says', async () => {
    const { rounds, seen } = counted([new Error('broken'), longMs]);
    rounds.start();
    for (let i = 0; i < 5; i++) await turn();
    assert.deepEqual(seen, { rounds: 1, failures: 1 });
    rounds.nudge();
    for (let i = 0; i < 5; i++) await turn();
    assert.deepEqual(seen, { rounds: 2, failures: 1 });
    await rounds.stop();
  });

  it('end by themselves, and are started until they are stopped', async () => {
    const { rounds, seen } = counted(['end']);
    rounds.start();
    for (let i = 0; i < 5; i++) await turn();
    assert.deepEqual([seen.rounds, rounds.started], [1, true]);
    await rounds.stop();
    assert.equal(rounds.started, false);
    rounds.start();
    for (let i = 0; i < 5; i++) await turn();
    assert.equal(seen.rounds, 2);
    await rounds.stop();
  });

  it('are stopped when the round under way has ended, not before', async () => {
    let release: (() => void) | undefined;
    let ended = false;
    const rounds = new Rounds({
      round: async () => {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        ended = rounds.stopping;
        return 0;
      },
      failed: () => 'end',
    });
    rounds.start();
    await turn();
    const stopped = rounds.stop();
    await turn();
    assert.equal(ended, false);
    release?.();
    await stopped;
    assert.equal(ended, true);
  });
});
