// The API of organisations and mandates over the identity room.

import * as contract from '../contract/mandates.ts';
import type { Identity } from '../identity/identity.ts';
import type { Mandate } from '../identity/mandates/mandate-store.ts';
import { type Organisation, oversees } from '../identity/mandates/organisations.ts';
import { moment } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Principal } from '../kernel/principal.ts';
import type { Binding, binder } from './api.ts';

type Offices = Pick<Identity, 'acting' | 'mandateRegister' | 'mandates' | 'organisations'>;

export function mandateHandlers(
  bind: ReturnType<typeof binder>,
  { acting, mandateRegister: register, mandates, organisations }: Offices,
): Binding[] {
  /** One acts for few organisations, so they are one page. */
  const ownOrganisations = async ({ kind, accountId }: Principal): Promise<Organisation[]> => {
    if (kind !== 'person' || accountId === undefined)
      throw new TrustError('forbidden', 'only a person acts for organisations');
    const ids = new Set((await acting.partiesOf(accountId)).map(({ organisationId }) => organisationId));
    const found = await Promise.all([...ids].map((organisationId) => organisations.find(organisationId)));
    return found.filter((organisation) => organisation !== undefined);
  };
  return [
    bind(contract.listOrganisations, async ({ principal, query }) => {
      if (oversees(principal)) {
        const { items, nextCursor } = await organisations.list(principal, query);
        return { json: { items: [...items], nextCursor } };
      }
      return { json: { items: await ownOrganisations(principal), nextCursor: null } };
    }),
    bind(contract.listMandates, async ({ principal, query: { organisationId, ...query } }) => {
      const { items, nextCursor } =
        organisationId === undefined
          ? await register.own(principal, query)
          : await register.ofOrganisation(principal, organisationId, query);
      return { json: { items: items.map(mandateJson), nextCursor } };
    }),
    bind(contract.getMandate, async ({ principal, params }) => ({
      json: mandateJson(await register.get(principal, params.mandateId)),
    })),
    bind(contract.appointAgent, async ({ principal, json: { validUntil, ...order }, requestKey }) => ({
      json: mandateJson(
        await mandates.appoint(
          principal,
          { ...order, ...(validUntil !== undefined && { validUntil: moment(validUntil) }) },
          requestKey,
        ),
      ),
    })),
    bind(contract.revokeMandate, async ({ principal, params }) => ({
      json: mandateJson(await mandates.end(principal, params.mandateId)),
    })),
  ];
}

function mandateJson({ endedAs, endedAt, sealIds, scope, maxUses, validFrom, validUntil, ...mandate }: Mandate) {
  return {
    mandateId: mandate.mandateId,
    organisation: { ...mandate.organisation },
    loginName: mandate.loginName,
    role: mandate.role,
    scope: [...scope],
    sealIds: sealIds === undefined ? null : [...sealIds],
    maxUses: maxUses ?? null,
    purpose: mandate.purpose,
    validFrom: validFrom.toISOString(),
    validUntil: validUntil.toISOString(),
    state: mandate.state,
    endedAs: endedAs ?? null,
    endedAt: endedAt?.toISOString() ?? null,
  };
}
