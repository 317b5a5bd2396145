// Which office does which of the deeds of two people, and whether it could do it now.

import type { Transaction } from '../../db/database.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Principal } from '../../kernel/principal.ts';
import { type AccountOffice, personIn } from './account-office.ts';
import type { ClientOffice } from '../clients/client-office.ts';
import type { IdentityDeed } from './identity-deed.ts';
import type { DeedOffice } from './two-person.ts';

export function deedOffices({ clients, accounts }: { clients: ClientOffice; accounts: AccountOffice }): DeedOffice {
  return {
    check: async (principal, deed) => {
      if (deed.kind === 'client.rights') {
        const { clientId, apiScopes, levelFloor } = deed;
        const dangers = await clients.dangersOf(principal, clientId, { apiScopes, levelFloor });
        if (dangers.length === 0) throw new TrustError('malformed-request', 'one administrator may do this alone');
        return;
      }
      if (deed.kind === 'person.correct') personIn(deed.name, deed.idNumber);
      await accounts.check(principal, deed.accountId);
    },
    execute: (tx, principal, deed, reason) => execute({ clients, accounts }, { tx, principal, reason }, deed),
  };
}

async function execute(
  { clients, accounts }: { clients: ClientOffice; accounts: AccountOffice },
  { tx, principal, reason }: { tx: Transaction; principal: Principal; reason: string },
  deed: IdentityDeed,
): Promise<void> {
  switch (deed.kind) {
    case 'client.rights': {
      const { clientId, apiScopes, levelFloor } = deed;
      return clients.changeApproved(tx, principal, clientId, { apiScopes, levelFloor });
    }
    case 'administrator.give':
    case 'administrator.take':
    case 'administrator.suspend':
      return accounts.administratorApproved(tx, principal, { kind: deed.kind, accountId: deed.accountId }, reason);
    case 'person.correct':
      return accounts.personApproved(tx, principal, deed, reason);
  }
}
