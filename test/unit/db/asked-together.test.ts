// Questions asked together: sent once, answered each, and never answered from before they were asked.

import assert from 'node:assert/strict';
import { askedTogether } from '../../../src/db/asked-together.ts';

describe('Questions asked together', () => {
  it('are sent at once, each different one once, and each has its own answer', async () => {
    const sent: string[][] = [];
    const ask = askedTogether(async (questions: readonly string[]) => {
      sent.push([...questions]);
      return new Map(
        questions.filter((question) => question !== 'unknown').map((question) => [question, `to ${question}`]),
      );
    });
    const answers = await Promise.all(['a', 'b', 'a', 'unknown'].map(ask));
    assert.deepEqual(answers, ['to a', 'to b', 'to a', undefined]);
    assert.deepEqual(sent, [['a', 'b', 'unknown']]);
  });

  it('asked while another is under way are sent by themselves: the answer may have changed', async () => {
    let value = 0;
    const ask = askedTogether(async (questions: readonly string[]) => {
      const read = value;
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      return new Map(questions.map((question) => [question, read]));
    });
    const first = ask('a');
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    value = 1;
    assert.deepEqual([await ask('a'), await first], [1, 0]);
  });
});
