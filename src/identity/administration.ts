// What administrators do in the identity room, built once: the office for business systems.

import type { AuditLog } from '../audit/audit-log.ts';
import type { Database } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { ClientOffice } from './client-office.ts';
import type { Identity } from './identity.ts';

export interface AdministrationOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly identity: Identity;
}

export interface Administration {
  readonly clients: ClientOffice;
}

export function createAdministration({ database, audit, clock, identity }: AdministrationOptions): Administration {
  return { clients: new ClientOffice({ database, audit, clock, clients: identity.clients }) };
}
