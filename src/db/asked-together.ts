// Questions to the database that are asked at the same time: sent together, each different one once, and never before they were asked.

import { GroupCommit } from './group-commit.ts';

/** `ask` gets each different question once; a question without an answer is answered with `undefined`. */
export function askedTogether<Q extends string, A>(
  ask: (questions: readonly Q[]) => Promise<ReadonlyMap<Q, A>>,
): (question: Q) => Promise<A | undefined> {
  const group = new GroupCommit<Q, A | undefined>({
    work: async (questions) => {
      const answers = await ask([...new Set(questions)]);
      return questions.map((question) => answers.get(question));
    },
  });
  return (question) => group.add(question);
}
