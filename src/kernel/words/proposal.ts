// What two administrators are told of a deed that was proposed: how it stands, and why it failed if it did.

import { wordsOfError } from './errors.ts';
import type { Words } from './language.ts';
import { words } from './language.ts';

type State = 'open' | 'expired' | 'rejected' | 'executing' | 'executed' | 'failed';

const stateWords: Readonly<Record<Exclude<State, 'failed'>, Words>> = {
  open: words('等待另一名管理员批准。', 'Waits for another administrator to approve it.'),
  expired: words(
    '无人在期限内批准，没有办理。如仍需办理，请重新提交。',
    'Nobody approved it in time, and nothing was done. Propose it again if it is still wanted.',
  ),
  rejected: words('已驳回或撤回，没有办理。', 'It was rejected or taken back, and nothing was done.'),
  executing: words(
    '已批准，正在办理。如一分钟后仍未办成，即按中断处理。',
    'It was approved and is being done. If it is not done within a minute, it counts as interrupted.',
  ),
  executed: words('已批准并办成。', 'It was approved and is done.'),
};

/** `result` of a failed deed is its error code. */
export function wordsOfProposal({
  state,
  result,
}: {
  readonly state: State;
  readonly result?: string | undefined;
}): Words {
  return state === 'failed' ? wordsOfError(result ?? 'internal') : stateWords[state];
}
