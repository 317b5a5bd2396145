// What the audit log tells those whom an entry concerns, in plain words: persons about themselves, organisations about their seals; PIPL art. 44, 45.

import type { AuditEntry } from '../audit/audit-entry.ts';
import type { AuditLog, ConcerningQuery } from '../audit/audit-log.ts';
import type { Clients } from '../identity/clients/clients.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Principal } from '../kernel/principal.ts';
import type { Words } from '../kernel/words/language.ts';
import { textAt } from '../kernel/words/members.ts';
import { type Doer, useWords } from './activity-words.ts';
import { type HolderNames, shownParts } from './receipt-parts.ts';

export interface ActivityServices {
  readonly audit: Pick<AuditLog, 'concerning'>;
  readonly holders: HolderNames;
  readonly clients: Pick<Clients, 'metadataOf'>;
}

export interface Use {
  readonly entry: AuditEntry;
  readonly by: Doer;
  readonly text: Words;
  readonly client: { readonly clientId: string; readonly name: string; readonly nameEn: string } | null;
  /** Of what the caller did; of whatever was done with an organisation's seal for those who act for it. */
  readonly purpose: string | null;
  readonly origin: string | null;
}

export interface UsePage {
  readonly items: readonly Use[];
  readonly nextCursor: string | null;
}

export class Activity {
  readonly #services: ActivityServices;

  constructor(services: ActivityServices) {
    this.#services = services;
  }

  /** What a person did and what was done with what is theirs. `forbidden` for all who are no person; `cursor-invalid`. */
  async own(principal: Principal, query: ConcerningQuery): Promise<UsePage> {
    const { audit, holders } = this.#services;
    const { kind, accountId } = principal;
    if (kind !== 'person' || accountId === undefined)
      throw new TrustError('forbidden', 'only a person has uses of the own');
    const holder = await holders.subjectOf(principal);
    const page = await audit.concerning(holder === undefined ? [accountId] : [accountId, holder], query);
    return this.#page(principal, page);
  }

  /** What was done with the seals of an organisation. `forbidden` for who neither acts for it nor audits; `cursor-invalid`. */
  async ofOrganisation(principal: Principal, organisationId: string, query: ConcerningQuery): Promise<UsePage> {
    const isOwn = principal.actingFor?.organisationId === organisationId;
    if (!isOwn && !principal.scopes.has('audit.read'))
      throw new TrustError('forbidden', 'this is for those who act for the organisation');
    return this.#page(principal, await this.#services.audit.concerning([organisationId], query));
  }

  async #page(
    principal: Principal,
    { items, nextCursor }: { items: readonly AuditEntry[]; nextCursor: string | null },
  ): Promise<UsePage> {
    const clients = new Map<string, Use['client']>();
    for (const { clientId } of items)
      if (clientId !== null && !clients.has(clientId)) clients.set(clientId, await this.#client(clientId));
    const uses = await Promise.all(items.map((entry) => this.#use(principal, entry, clients)));
    return { items: uses, nextCursor };
  }

  async #use(principal: Principal, entry: AuditEntry, clients: ReadonlyMap<string, Use['client']>): Promise<Use> {
    const parts = await shownParts(principal, entry, this.#services.holders);
    const by = doerOf(principal, entry);
    const client = entry.clientId === null ? null : (clients.get(entry.clientId) ?? null);
    const isShown = parts.includes('actor');
    return {
      entry,
      by,
      text: useWords(entry, by, client ?? undefined),
      client,
      purpose: isShown ? entry.purpose : null,
      origin: isShown ? entry.origin : null,
    };
  }

  /** One that is gone is called by its identifier. */
  async #client(clientId: string): Promise<NonNullable<Use['client']>> {
    const metadata = await this.#services.clients.metadataOf(clientId);
    const name = textAt(metadata, 'client_name') ?? clientId;
    return { clientId, name, nameEn: textAt(metadata, 'client_name_en') ?? name };
  }
}

/** What nobody needs to be signed in for. */
const strangersDeeds: ReadonlySet<string> = new Set([
  'sign-in',
  'document.verified',
  'licence.verified',
  'token.refused',
]);

/** A level is in the leaf of whatever a person did, so an officer is known as one without being named. */
function doerOf(principal: Principal, { action, accountId, level, clientId }: AuditEntry): Doer {
  if (accountId !== null && accountId === principal.accountId) return 'you';
  if (level !== null) return 'officer';
  if (clientId !== null) return 'system';
  return strangersDeeds.has(action) ? 'stranger' : 'service';
}
