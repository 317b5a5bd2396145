// What administrators do in the identity room, built once: the offices for business systems and accounts, deeds of two people, receipts.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { KeyStore } from '../../crypto/key-store.ts';
import type { Database } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AccountOffice } from './account-office.ts';
import { AccountSearch } from '../accounts/account-search.ts';
import { ClientOffice } from '../clients/client-office.ts';
import { deedOffices } from './deed-offices.ts';
import type { Identity } from '../identity.ts';
import { RegistrationTokens } from '../self-registration/registration-tokens.ts';
import { SelfRegistration } from '../self-registration/self-registration.ts';
import { SignInReceipts } from '../sign-in/sign-in-receipts.ts';
import { TwoPersonDeeds } from './two-person.ts';

export interface AdministrationOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly publicUrl: string;
  readonly identity: Identity;
  /** Under which other names the log knows the person of an account: as holder of licences. */
  readonly otherNamesOf: (accountId: string) => Promise<readonly string[]>;
  /** Whether a TLS proxy says with which certificate a client came. */
  readonly withCertificates: boolean;
}

export interface Administration {
  readonly clients: ClientOffice;
  readonly accounts: AccountOffice;
  readonly accountSearch: AccountSearch;
  readonly twoPerson: TwoPersonDeeds;
  readonly receipts: SignInReceipts;
  readonly registrationTokens: RegistrationTokens;
  readonly selfRegistration: SelfRegistration;
}

export function createAdministration({ identity, ...rest }: AdministrationOptions): Administration {
  const clients = new ClientOffice({ ...rest, clients: identity.clients });
  const registrationTokens = new RegistrationTokens(rest);
  const accounts = new AccountOffice({ ...rest, ...identity });
  return {
    clients,
    accounts,
    accountSearch: new AccountSearch({ ...rest, ...identity }),
    twoPerson: new TwoPersonDeeds({ ...rest, office: deedOffices({ ...rest, clients, accounts }) }),
    registrationTokens,
    selfRegistration: new SelfRegistration({ ...rest, clients: identity.clients, tokens: registrationTokens }),
    receipts: new SignInReceipts({ ...rest, clients: identity.clients }),
  };
}
