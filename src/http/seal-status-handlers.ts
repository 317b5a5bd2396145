// The API of the status feed and of the public status of seals.

import * as contract from '../contract/seal-status.ts';
import { toBase64 } from '../kernel/bytes.ts';
import type { SealOffice } from '../seal/life/seal-office.ts';
import type { Binding, binder } from './api.ts';

export function sealStatusHandlers(
  bind: ReturnType<typeof binder>,
  { sealOffice: { feed, publicStatus } }: { readonly sealOffice: SealOffice },
): Binding[] {
  return [
    bind(contract.listSealEvents, async ({ principal, query }) => {
      const { items, ...rest } = await feed.after(principal, query);
      const shown = items.map((event) => ({
        ...event,
        signature: toBase64(event.signature),
        certificate: toBase64(event.certificate),
        validFrom: event.validFrom.toISOString(),
        validUntil: event.validUntil.toISOString(),
        createdAt: event.createdAt.toISOString(),
        certificateFrom: event.certificateFrom.toISOString(),
        certificateUntil: event.certificateUntil.toISOString(),
        appliedAt: event.appliedAt.toISOString(),
        effectiveAt: event.effectiveAt.toISOString(),
      }));
      return { json: { items: shown, ...rest } };
    }),
    bind(contract.getSealStatus, async ({ principal, params }) => {
      const { since, validFrom, validUntil, ...status } = await publicStatus.of(principal, params.sealCode);
      return {
        json: {
          ...status,
          since: since.toISOString(),
          validFrom: validFrom.toISOString(),
          validUntil: validUntil.toISOString(),
        },
      };
    }),
  ];
}
