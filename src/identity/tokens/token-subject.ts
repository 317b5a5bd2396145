// Who a signed access token is about, in the words of those who read it, and the account for our API alone; RFC 9068 section 2.2, OpenID Connect Core 1.0 section 8.

import type { AccessToken, ClientCredentials, JWTStructured, KoaContextWithOIDC } from 'oidc-provider';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import { type Subjects, sealedAccount } from './subjects.ts';
import { basisOf } from './token-basis.ts';

/** The engine's last word before it signs: `payload` is changed in place. */
export function tokenSubject({ cipher, subjects }: { readonly cipher: FieldCipher; readonly subjects: Subjects }) {
  return (_ctx: KoaContextWithOIDC, token: AccessToken | ClientCredentials, { payload }: JWTStructured): void => {
    if (token.kind !== 'AccessToken' || token.client === undefined) return;
    const subject = basisOf(token)?.subject ?? subjects.of(token.accountId, token.client);
    payload['sub'] = subject;
    if (subject !== token.accountId) payload['account'] = sealedAccount(token.accountId, token.jti, cipher);
  };
}
