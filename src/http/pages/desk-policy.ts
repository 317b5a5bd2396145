// Which signing policy the desk takes, where people do not choose one: what most readers of these documents call good.

import type { Principal } from '../../kernel/principal.ts';
import type { DocumentStore } from '../../seal/documents.ts';
import type { SealRecord, SigningPolicy } from '../../seal/seal-record.ts';

/** For PDF both suites where the seal has them, so that readers of either find a good signature; OFD knows SM2 alone. */
export async function deskPolicy(
  documents: Pick<DocumentStore, 'mediaTypes'>,
  principal: Principal,
  { seal: { policies }, documentIds }: { seal: Pick<SealRecord, 'policies'>; documentIds: readonly string[] },
): Promise<SigningPolicy> {
  const mediaTypes = await documents.mediaTypes(principal, documentIds);
  const order: readonly SigningPolicy[] = mediaTypes.includes('application/ofd') ? ['gm'] : ['dual', 'intl'];
  return order.find((policy) => policies.includes(policy)) ?? policies[0] ?? 'intl';
}
