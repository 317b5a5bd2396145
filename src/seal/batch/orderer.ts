// Who ordered a batch, as it is kept with it: enough to find out anew, for each document, what they may do at that moment.

import type { RepresentedParty, Principal } from '../../kernel/principal.ts';
import { roles, scopes } from '../../kernel/principal.ts';
import { moment } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';

/** As JSON in the row of the batch. Names and numbers of people are not in it. */
export interface Orderer {
  readonly kind: Principal['kind'];
  readonly accountId?: string;
  readonly clientId?: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly level: Principal['level'];
  readonly authenticatedAtMs?: number;
  readonly amr?: readonly string[];
  readonly mandate?: Pick<RepresentedParty, 'mandateId' | 'organisationId'>;
  readonly actors?: readonly string[];
  readonly origin?: string;
}

/** The same caller with what is left of their rights now, as who knows the callers (src/identity) tells it; throws when nothing is. */
export type AsOfNow = (principal: Principal, mandateId: string | undefined) => Promise<Principal>;

export function ordererOf(principal: Principal): Orderer {
  const { kind, accountId, clientId, level, authenticatedAt, amr, actingFor, actors, origin } = principal;
  return {
    kind,
    ...(accountId !== undefined && { accountId }),
    ...(clientId !== undefined && { clientId }),
    scopes: [...principal.scopes],
    roles: [...principal.roles],
    level,
    ...(authenticatedAt !== undefined && { authenticatedAtMs: authenticatedAt.getTime() }),
    ...(amr !== undefined && { amr }),
    ...(actingFor !== undefined && {
      mandate: { mandateId: actingFor.mandateId, organisationId: actingFor.organisationId },
    }),
    ...(actors !== undefined && { actors }),
    ...(origin !== undefined && { origin }),
  };
}

/** Throws forbidden when the order would now be refused to its orderer as a whole: account, system or mandate are no more. */
export async function presentOrderer(orderer: Orderer, asOfNow: AsOfNow): Promise<Principal> {
  if (orderer.kind === 'house') return { ...remembered(orderer) };
  const { mandate } = orderer;
  const now = await asOfNow(remembered(orderer), mandate?.mandateId).catch((error: unknown) => {
    if (error instanceof TrustError && error.code === 'token-invalid')
      throw new TrustError('forbidden', 'who ordered the batch may do nothing any more', { cause: error });
    throw error;
  });
  if (mandate !== undefined && now.actingFor?.organisationId !== mandate.organisationId)
    throw new TrustError('forbidden', 'the mandate under which the batch was ordered holds no more');
  return now;
}

/** As they were; what they acted for is not believed but asked for anew. */
function remembered(orderer: Orderer): Principal {
  const { kind, accountId, clientId, level, authenticatedAtMs, amr, actors, origin } = orderer;
  return {
    kind,
    ...(accountId !== undefined && { accountId }),
    ...(clientId !== undefined && { clientId }),
    scopes: new Set(scopes.filter((scope) => orderer.scopes.includes(scope))),
    roles: new Set(roles.filter((role) => orderer.roles.includes(role))),
    level,
    ...(authenticatedAtMs !== undefined && { authenticatedAt: moment(authenticatedAtMs) }),
    ...(amr !== undefined && { amr }),
    ...(actors !== undefined && { actors }),
    ...(origin !== undefined && { origin }),
  };
}
