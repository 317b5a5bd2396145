// `yinxin account administrator LOGIN`: the first two administrators of a deployment, whom nobody inside it can appoint.

import { TrustError } from '../kernel/errors.ts';
import { type ExitStatus, type Words, withServices } from './command.ts';
import { operatorOf } from './keys-command.ts';

export async function accountCommand(words: Words): Promise<ExitStatus> {
  const [deed, loginName] = words.positionals;
  if (deed !== 'administrator' || loginName === undefined)
    throw new TrustError('malformed-request', 'say: account administrator LOGIN --operator NAME');
  return withServices<ExitStatus>(async (services) => {
    const { administration, identity } = services;
    const account = await identity.accounts.findByLoginName(loginName);
    if (account === undefined) throw new TrustError('account-not-found', `there is no account ${loginName}`);
    await administration.accounts.makeFirstAdministrator(operatorOf(services, words), account.accountId);
    console.log(`${account.loginName} is an administrator`);
    return 0;
  });
}
