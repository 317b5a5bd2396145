// Group commit: who asks together is served together, in order, and nobody pays for another's fault.

import assert from 'node:assert/strict';
import { GroupCommit } from '../../../src/db/group-commit.ts';
import { isTrustError, TrustError } from '../../../src/kernel/errors.ts';

const turn = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** Work that ends when the test says so. */
function heldWork() {
  const lots: number[][] = [];
  const releases: (() => void)[] = [];
  const work = async (items: readonly number[]): Promise<number[]> => {
    lots.push([...items]);
    await new Promise<void>((resolve) => releases.push(resolve));
    return items.map((item) => item * 10);
  };
  return { lots, work, release: () => releases.splice(0).forEach((release) => release()) };
}

const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

describe('Group commit', () => {
  it('does what came in one turn of the event loop as one lot, and gives each its own result', async () => {
    const lots: number[] = [];
    const group = new GroupCommit<number, string>({
      work: async (items) => {
        lots.push(items.length);
        return items.map((item) => `result ${item}`);
      },
    });
    const results = await Promise.all(upTo(150).map((item) => group.add(item)));
    assert.deepEqual(lots, [150]);
    assert.deepEqual(
      results,
      upTo(150).map((item) => `result ${item}`),
    );
  });

  it('keeps the order of asking, and to the size and the number of lots', async () => {
    const { lots, work, release } = heldWork();
    const group = new GroupCommit<number, number>({ work, maxTogether: 4, maxLots: 3 });
    const results = Promise.all(upTo(20).map((item) => group.add(item)));
    await turn();
    await turn();
    assert.deepEqual(lots, [upTo(4), [4, 5, 6, 7], [8, 9, 10, 11]], 'the rest waits until a lot is done');
    while (lots.flat().length < 20) {
      release();
      await turn();
      await turn();
    }
    release();
    assert.deepEqual(lots.flat(), upTo(20));
    assert.deepEqual(
      await results,
      upTo(20).map((item) => item * 10),
    );
  });

  it('answers nobody before the lot is done', async () => {
    const { work, release } = heldWork();
    const group = new GroupCommit<number, number>({ work });
    let answered = false;
    const result = group.add(1).finally(() => {
      answered = true;
    });
    await turn();
    await turn();
    assert.equal(answered, false);
    release();
    assert.equal(await result, 10);
  });

  it('does a lot that failed again one by one, so that a bad member harms only itself', async () => {
    const lots: number[][] = [];
    const group = new GroupCommit<number, number>({
      work: async (items) => {
        lots.push([...items]);
        if (items.includes(2)) throw new Error('number two');
        return [...items];
      },
    });
    const results = await Promise.allSettled([1, 2, 3].map((item) => group.add(item)));
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(lots, [[1, 2, 3], [1], [2], [3]]);
  });

  it('tries nothing again while the database or the key is not to be had', async () => {
    for (const code of ['database-unavailable', 'key-unavailable'] as const) {
      let lots = 0;
      const group = new GroupCommit<number, number>({
        work: () => {
          lots++;
          throw new TrustError(code, 'gone');
        },
      });
      const results = await Promise.allSettled([1, 2, 3].map((item) => group.add(item)));
      assert.ok(results.every((result) => result.status === 'rejected' && isTrustError(result.reason, code)));
      assert.equal(lots, 1);
    }
  });

  it('refuses with too-many-requests what does not fit into the queue, and takes more when it is shorter', async () => {
    const { work, release } = heldWork();
    const group = new GroupCommit<number, number>({ work, maxTogether: 1, maxLots: 1, maxWaiting: 2 });
    const first = group.add(0);
    await turn();
    const waiting = [group.add(1), group.add(2)];
    await assert.rejects(group.add(3), (error) => isTrustError(error, 'too-many-requests'));
    release();
    await first;
    await turn();
    await turn();
    const late = group.add(4);
    for (let lot = 0; lot < 4; lot++) {
      release();
      await turn();
      await turn();
    }
    assert.deepEqual(await Promise.all([...waiting, late]), [10, 20, 40]);
  });

  it('gives no results when the work has lost count of them', async () => {
    const group = new GroupCommit<number, number>({ work: async () => [] });
    await assert.rejects(group.add(1), RangeError);
  });
});
