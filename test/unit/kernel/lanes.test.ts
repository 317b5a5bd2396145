// Turn-taking: never more at once than allowed, nobody forgotten, and a full queue says so.

import assert from 'node:assert/strict';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { Lanes } from '../../../src/kernel/lanes.ts';

describe('lanes for heavy work', () => {
  it('run two of ten at once, all of them in the end, also behind one that fails', async () => {
    const lanes = new Lanes({ what: 'tests', mostRunning: 2, mostWaiting: 10 });
    let running = 0;
    let most = 0;
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) =>
        lanes.inTurn(async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => {
            setTimeout(resolve, 2);
          });
          running--;
          if (i === 1) throw new Error('broken');
          return i;
        }),
      ),
    );
    assert.equal(most, 2);
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 9);
  });

  it('refuse who comes when the queue is full, and take in again afterwards', async () => {
    const lanes = new Lanes({ what: 'tests', mostRunning: 1, mostWaiting: 1 });
    let finish = (): void => undefined;
    const first = lanes.inTurn(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    const second = lanes.inTurn(async () => 'second');
    await assert.rejects(
      lanes.inTurn(async () => 'third'),
      (error) => isTrustError(error, 'too-many-requests'),
    );
    finish();
    await first;
    assert.equal(await second, 'second');
    assert.equal(await lanes.inTurn(async () => 'fourth'), 'fourth');
  });
});
