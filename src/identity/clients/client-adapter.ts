// Clients as the OIDC engine asks for them.

import type { Adapter } from 'oidc-provider';
import type { Clients } from './clients.ts';

/** Clients are registered by us (clients.ts); the engine only reads them. */
export function clientAdapter(clients: Pick<Clients, 'metadataOf'>): Adapter {
  const refuse = async (): Promise<never> => {
    throw new TypeError('clients are not written through the engine');
  };
  return {
    find: (id) => clients.metadataOf(id),
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
    upsert: refuse,
    consume: refuse,
    destroy: refuse,
    revokeByGrantId: refuse,
  };
}
