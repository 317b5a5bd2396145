// Whose account the pages below /account are about: always the reader's own.

import { TrustError } from '../../kernel/errors.ts';
import type { Principal } from '../../kernel/principal.ts';

/** Throws `token-missing`; whoever passed `signedInOnly` is a person with an account. */
export function accountIdOf({ accountId }: Principal): string {
  if (accountId === undefined) throw new TrustError('token-missing', 'sign in first');
  return accountId;
}
