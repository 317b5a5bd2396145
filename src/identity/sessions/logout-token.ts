// The token by which a relying party is told that a session ended; OpenID Connect Back-Channel Logout 1.0, section 2.4.

import type { Client, Provider } from 'oidc-provider';
import { randomBytes } from '../../kernel/clock.ts';
import { toBase64url } from '../../kernel/bytes.ts';

const event = 'http://schemas.openid.net/event/backchannel-logout';

/** Signed like the client's ID tokens and good for two minutes; pairwise subjects are those that the client knows. No nonce, ever. */
export async function logoutToken(
  provider: Provider,
  client: Client,
  { accountId, sid }: { readonly accountId: string; readonly sid: string },
): Promise<string> {
  const token = new provider.IdToken({ sub: accountId }, { client });
  Reflect.set(token, 'mask', { sub: null });
  token.set('events', { [event]: {} });
  token.set('jti', toBase64url(randomBytes(18)));
  token.set('sid', sid);
  return token.issue({ use: 'logout' });
}
