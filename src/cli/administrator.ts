// Who gives a command that only an administrator may give: the log names a person, not a machine.

import { readFileSync } from 'node:fs';
import { scopesOf } from '../identity/tokens/role-scopes.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Principal } from '../kernel/principal.ts';
import type { Services } from '../services.ts';

/** Proven by the password on standard input. Throws `credentials-wrong`, `account-locked`. */
export async function administrator({ identity, clock }: Services, loginName: string): Promise<Principal> {
  if (process.stdin.isTTY) console.error(`Password of ${loginName} (it is shown):`);
  const [password = ''] = readFileSync(0, 'utf8').split('\n');
  const outcome = await identity.signIn.authenticate({ loginName, password: password.replace(/\r$/, '') }, {});
  if (!outcome.signedIn) throw new TrustError(outcome.code, 'the sign-in was refused');
  const { accountId, roles, level } = outcome.account;
  return {
    kind: 'person',
    accountId,
    scopes: new Set(scopesOf(roles)),
    roles: new Set(roles),
    level,
    amr: outcome.proven.amr,
    authenticatedAt: clock.now(),
  };
}
