// `yinxin account …`: the first two administrators of a deployment, whom nobody inside it can appoint, and roles by an administrator.

import { TrustError } from '../kernel/errors.ts';
import { type Principal, roles } from '../kernel/principal.ts';
import type { Services } from '../services.ts';
import { administrator } from './administrator.ts';
import { type ExitStatus, type Words, withServices } from './command.ts';
import { operatorOf } from './keys-command.ts';

const usage = `say one of
  account administrator LOGIN --operator NAME
  account role give|take LOGIN ROLE --reason R --as LOGIN
ROLE is ${roles.join(', ')}; the last one is proposed, and another administrator approves it.`;

type Parts = Pick<Services, 'administration' | 'identity'>;

export async function accountCommand(words: Words): Promise<ExitStatus> {
  const [deed, ...rest] = words.positionals;
  const { as: loginName } = words.options;
  if (deed === 'administrator' && rest.length === 1)
    return withServices(async (services) => makeFirst(services, operatorOf(services, words), rest[0] ?? ''));
  if (deed !== 'role' || rest.length !== 3 || loginName === undefined) throw misused();
  return withServices(async (services) => roleDeed(services, await administrator(services, loginName), words));
}

async function makeFirst(services: Parts, operator: Principal, loginName: string): Promise<ExitStatus> {
  const account = await accountOf(services, loginName);
  await services.administration.accounts.makeFirstAdministrator(operator, account.accountId);
  console.log(`${account.loginName} is an administrator`);
  return 0;
}

/** The role of administrator takes two, here too: this proposes it. Throws what the office does. */
export async function roleDeed(parts: Parts, principal: Principal, words: Words): Promise<ExitStatus> {
  const [, verb, loginName = '', name] = words.positionals;
  const role = roles.find((known) => known === name);
  if ((verb !== 'give' && verb !== 'take') || role === undefined) throw misused();
  const { accounts, twoPerson } = parts.administration;
  const { accountId } = await accountOf(parts, loginName);
  const reason = words.options.reason ?? '';
  if (role === 'administrator') {
    const kind = `administrator.${verb}` as const;
    const { proposalId } = await twoPerson.propose(principal, { kind, accountId }, reason);
    console.log(`proposed as ${proposalId}; another administrator approves it at /admin/proposals within a day`);
    return 0;
  }
  const changed = await accounts[verb === 'give' ? 'giveRole' : 'takeRole'](principal, accountId, role, reason);
  console.log(`${changed.loginName}: ${changed.roles.join(', ') || 'no role'}`);
  return 0;
}

async function accountOf({ identity }: Parts, loginName: string) {
  const account = await identity.accounts.findByLoginName(loginName);
  if (account === undefined) throw new TrustError('account-not-found', `there is no account ${loginName}`);
  return account;
}

function misused(): TrustError {
  return new TrustError('malformed-request', usage);
}
