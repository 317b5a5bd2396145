// `yinxin audit erase`: erases a person from the audit log, as account and as holder of licences (PIPL art. 47, GDPR art. 17).

import { TrustError } from '../kernel/errors.ts';
import { administrator } from './administrator.ts';
import { type ExitStatus, type Words, withServices } from './command.ts';

/** Exit status 0 when something was erased, 1 when the log knew nothing of the person. */
export async function auditEraseCommand({ positionals, options }: Words): Promise<ExitStatus> {
  const [, given, ...rest] = positionals;
  const { as: loginName, yes } = options;
  if (given === undefined || rest.length > 0 || loginName === undefined || yes !== true)
    throw new TrustError('malformed-request', 'say: audit erase ACCOUNT --as LOGIN --yes; it cannot be undone');
  return withServices(async (services) => {
    const { audit, identity, licences } = services;
    const principal = await administrator(services, loginName);
    const account = (await identity.accounts.find(given)) ?? (await identity.accounts.findByLoginName(given));
    if (account === undefined) throw new TrustError('malformed-request', `there is no account ${given}`);
    const { accountId } = account;
    const holder = await licences.subjectOfAccount(accountId);
    const erased = [await audit.erase(principal, accountId)];
    if (holder !== undefined) erased.push(await audit.erase(principal, holder));
    const any = erased.includes(true);
    console.log(
      any ? 'Erased from the audit log. Its entries and their proofs stay.' : 'The log knew nothing of this person.',
    );
    return any ? 0 : 1;
  });
}
