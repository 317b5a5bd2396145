// A client's registration as the engine first held it, spelled once for each client and not at every question.

import type { Client, ClientMetadata } from 'oidc-provider';

/** A changed registration is another client to the engine, so nothing here grows old. */
const known = new WeakMap<Client, Readonly<ClientMetadata>>();

/** Renaming some forty members costs the engine as much as a query, and one token request asks ten times. */
export function factsOf(client: Client): Readonly<ClientMetadata> {
  const facts = known.get(client) ?? Object.freeze(client.metadata());
  known.set(client, facts);
  return facts;
}
