// Access tokens of business systems for tests: client credentials; RFC 6749, 4.4.

import type { Scope } from '../../src/kernel/principal.ts';
import { clients } from '../../src/sandbox/city.ts';

/** Of the sandbox's business system, and of the systems that tests register. */
export const systemSecret = 'sandbox-system-secret';
export const allScopes = clients.find(({ clientId }) => clientId === 'sandbox-system')?.apiScopes ?? [];

export async function clientToken(
  url: string,
  clientId = 'sandbox-system',
  scopes: readonly Scope[] = allScopes,
): Promise<string> {
  const response = await fetch(`${url}/oidc/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${secretOf(clientId)}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: scopes.join(' ') }),
  });
  const answer: Record<string, unknown> = JSON.parse(await response.text());
  if (typeof answer['access_token'] !== 'string') throw new Error(`no token: ${JSON.stringify(answer)}`);
  return answer['access_token'];
}

function secretOf(clientId: string): string {
  return clients.find((client) => client.clientId === clientId)?.secret ?? systemSecret;
}
