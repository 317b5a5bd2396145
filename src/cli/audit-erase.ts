// `yinxin audit erase`: two administrators erase a person from the audit log, as account and as holder of licences (PIPL art. 47, GDPR art. 17).

import { TrustError } from '../kernel/errors.ts';
import { administrator } from './administrator.ts';
import { type ExitStatus, type Words, withServices } from './command.ts';

/** One administrator proposes, another approves here or at /admin/proposals. */
export async function auditEraseCommand({ positionals, options }: Words): Promise<ExitStatus> {
  const [, given, ...rest] = positionals;
  const { as: loginName, yes, reason } = options;
  const isApproval = given?.startsWith('prp_') === true;
  if (given === undefined || rest.length > 0 || loginName === undefined || (isApproval ? yes !== true : !reason))
    throw new TrustError(
      'malformed-request',
      'say: audit erase ACCOUNT --as LOGIN --reason TEXT, and then audit erase PROPOSAL --as OTHER --yes; it cannot be undone',
    );
  return withServices<ExitStatus>(async (services) => {
    const { identity, administration } = services;
    const principal = await administrator(services, loginName);
    if (isApproval) {
      const { deed } = await administration.twoPerson.get(principal, given);
      if (deed.kind !== 'person.erase')
        throw new TrustError('malformed-request', 'this proposal is about another deed');
      await administration.twoPerson.approve(principal, given);
      console.log('Erased from the audit log. Its entries and their proofs stay.');
      return 0;
    }
    const account = (await identity.accounts.find(given)) ?? (await identity.accounts.findByLoginName(given));
    if (account === undefined) throw new TrustError('malformed-request', `there is no account ${given}`);
    const deed = { kind: 'person.erase', accountId: account.accountId } as const;
    const { proposalId } = await administration.twoPerson.propose(principal, deed, reason ?? '');
    console.log(`Proposed: ${proposalId}. Another administrator approves it within a day, and then it is done.`);
    return 0;
  });
}
