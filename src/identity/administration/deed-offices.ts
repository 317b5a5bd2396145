// Which office does which of the deeds of two people, and whether it could do it now.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { Transaction } from '../../db/database.ts';
import type { Principal } from '../../kernel/principal.ts';
import { type AccountOffice, personIn } from './account-office.ts';
import type { ClientOffice } from '../clients/client-office.ts';
import { type IdentityDeed, isClientDeed } from './identity-deed.ts';
import type { DeedOffice } from './two-person.ts';

export interface DeedOfficesOptions {
  readonly clients: ClientOffice;
  readonly accounts: AccountOffice;
  readonly audit: Pick<AuditLog, 'eraseWithin'>;
  /** Under which other names the log knows the person of an account: as holder of licences. */
  readonly otherNamesOf: (accountId: string) => Promise<readonly string[]>;
}

export function deedOffices(offices: DeedOfficesOptions): DeedOffice {
  const { clients, accounts } = offices;
  return {
    proposed: async (principal, deed) => {
      if (isClientDeed(deed)) return clients.proposed(principal, deed);
      if (deed.kind === 'person.correct') personIn(deed.name, deed.idNumber);
      await accounts.check(principal, deed);
      return deed;
    },
    execute: (tx, principal, deed, reason) => execute(offices, { tx, principal, reason }, deed),
  };
}

async function execute(
  { clients, accounts, audit, otherNamesOf }: DeedOfficesOptions,
  { tx, principal, reason }: { tx: Transaction; principal: Principal; reason: string },
  deed: IdentityDeed,
): Promise<string | undefined> {
  if (isClientDeed(deed)) return (await clients.approved(tx, principal, deed)).secret;
  const { accountId } = deed;
  switch (deed.kind) {
    case 'person.correct':
      await accounts.personApproved(tx, principal, deed, reason);
      break;
    case 'person.erase':
      await accounts.erasable(tx, principal, accountId);
      await audit.eraseWithin(tx, principal, [accountId, ...(await otherNamesOf(accountId))]);
      break;
    default:
      await accounts.administratorApproved(tx, principal, { kind: deed.kind, accountId }, reason);
  }
  return undefined;
}
