// Clients of the device flow and of CIBA that know people by pairwise subjects; OpenID Connect Core 1.0 section 8, OpenID CIBA Core 1.0 section 4.

import type { Provider } from 'oidc-provider';
import { factsOf } from './client-facts.ts';

/**
 * For these grants the engine takes the sector from an address that it asks for keys, and refuses clients without one; here the sector
 * is registered by value (subjects.ts) and nobody is asked. So the engine reads them as any other client, and learns as soon as it
 * has one what they are: `pairwise` of the registration says it.
 */
export function findsPairwiseClients(provider: Provider): void {
  const find = provider.Client.find.bind(provider.Client);
  provider.Client.find = async (id) => {
    const client = await find(id);
    if (client !== undefined && factsOf(client)['pairwise'] === true)
      Object.assign(client, { subjectType: 'pairwise' });
    return client;
  };
}
