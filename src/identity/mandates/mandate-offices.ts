// Everything about who may act for an organisation, built together.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { Database } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Accounts } from '../accounts/accounts.ts';
import { Acting } from './acting.ts';
import { MandateRegister } from './mandate-register.ts';
import { Mandates } from './mandates.ts';
import type { OrganisationRegister } from './organisation-register.ts';
import { Organisations } from './organisations.ts';
import { Representatives } from './representatives.ts';

export interface MandateOffices {
  readonly organisations: Organisations;
  readonly mandateRegister: MandateRegister;
  readonly mandates: Mandates;
  readonly representatives: Representatives;
  readonly acting: Acting;
}

export interface MandateOfficesOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly accounts: Accounts;
  /** Absent: nobody outside knows whose an organisation is, and nobody is proven. */
  readonly organisationRegister?: OrganisationRegister;
  readonly clock: Clock;
}

const noRegister: OrganisationRegister = {
  source: 'none',
  representative: async () => ({ result: 'unavailable' }),
};

export function mandateOffices({ organisationRegister = noRegister, ...rest }: MandateOfficesOptions): MandateOffices {
  const organisations = new Organisations(rest);
  const register = new MandateRegister(rest);
  return {
    organisations,
    mandateRegister: register,
    mandates: new Mandates({ ...rest, register }),
    representatives: new Representatives({ ...rest, organisations, register, organisationRegister }),
    acting: new Acting(rest),
  };
}
