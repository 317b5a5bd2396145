// The office for business systems (接入系统管理): registration, change, secrets, keys, suspension; each with its audit entry in its transaction.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { Database, Query, Transaction } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { ClientDeed } from '../administration/identity-deed.ts';
import { administratorIn, reasonIn, requireManager, requireReader } from '../administration/administrators.ts';
import type { ClientChange, ClientOrder } from './client-change.ts';
import { dangersOf } from './client-dangers.ts';
import {
  changeOf,
  dangersOfChange,
  dangersOfDeed,
  dangersOfOpening,
  mustNeedNobodyElse,
  requireOverlap,
} from './client-deeds.ts';
import { clientEvent, type ClientTold, publicOf } from './client-event.ts';
import type { ClientKey } from './client-keys.ts';
import { clientPage, type ClientQuery, type ClientRecord, clientRecord, heldClient } from './client-record.ts';
import type { Clients } from './clients.ts';
import { endingFormerSecret, rotatingSecret, suspending } from './client-states.ts';
import { fullRegistration, usesSecret } from './client-registration.ts';
import { type ChangedClient, insertClient, newSecret, updateClient } from './client-store.ts';

export interface ClientOfficeOptions {
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly clients: Pick<Clients, 'secretHash' | 'forget'>;
  readonly clock: Clock;
}

export interface ClientPage {
  readonly items: readonly ClientRecord[];
  readonly nextCursor: string | null;
}

/** What no registration has: a deed that does not say what was read is of none. */
const noRevision = 0;

export class ClientOffice {
  readonly #options: ClientOfficeOptions;

  constructor(options: ClientOfficeOptions) {
    this.#options = options;
  }

  /** By id. Throws `scope-missing`, `cursor-invalid`. */
  async list(
    principal: Principal,
    { cursor, ...query }: Omit<ClientQuery, 'after'> & { readonly cursor?: string | undefined },
  ): Promise<ClientPage> {
    requireReader(principal);
    if (cursor !== undefined && !/^[a-z0-9-]{3,64}$/.test(cursor))
      throw new TrustError('cursor-invalid', 'not a cursor of this list');
    const { database, clock } = this.#options;
    const found = await clientPage(database, { ...query, after: cursor, limit: query.limit + 1 }, clock.now());
    const items = found.slice(0, query.limit);
    return { items, nextCursor: found.length > query.limit ? (items.at(-1)?.clientId ?? null) : null };
  }

  /** Throws `scope-missing`, `client-not-found`. */
  async get(principal: Principal, clientId: string): Promise<ClientRecord> {
    requireReader(principal);
    return clientRecord(this.#options.database, clientId, this.#options.clock.now());
  }

  /** Throws `scope-missing`, `forbidden`, `malformed-request` (with the fault), `approval-required` (dangerous scopes). */
  async register(principal: Principal, order: ClientOrder): Promise<ChangedClient> {
    requireManager(principal);
    const { database } = this.#options;
    const secret = newSecret();
    const full = fullRegistration({ ...order, ...(usesSecret(order) ? { secret } : {}) });
    mustNeedNobodyElse(principal, dangersOf({ apiScopes: [] }, full));
    return database.transaction(async (tx) => {
      const client = await insertClient(tx, full, this.#options);
      await this.#record(tx, principal, 'registered', { clientId: full.clientId, before: {}, after: publicOf(client) });
      return { client, secret: full.secret };
    });
  }

  /**
   * `revision` is the one that the caller has read. Throws `scope-missing`, `forbidden`, `client-not-found`, `precondition-failed`,
   * `malformed-request` (with the fault), `approval-required` (what two people do together), `client-transition-forbidden` (our own pages).
   */
  async change(
    principal: Principal,
    clientId: string,
    { revision, change }: { readonly revision: number; readonly change: ClientChange },
  ): Promise<ChangedClient> {
    requireManager(principal);
    return this.#settled(clientId, async (tx) => {
      const before = await this.#held(tx, clientId, revision);
      mustNeedNobodyElse(principal, dangersOfChange(before, change));
      return this.#store(tx, principal, before, change);
    });
  }

  /**
   * What two people have agreed to, in their transaction: of the registration as it was proposed on, and of no other. Throws as `change`
   * does.
   */
  async approved(tx: Transaction, principal: Principal, deed: ClientDeed): Promise<ChangedClient> {
    administratorIn(principal);
    const { clientId, revision } = deed;
    const before = await this.#held(tx, clientId, revision ?? noRevision);
    switch (deed.kind) {
      case 'client.rights':
      case 'client.change':
        return this.#store(tx, principal, before, changeOf(deed));
      case 'client.secret':
        return this.#rotate(tx, principal, before, deed.overlapSeconds);
      case 'client.resume':
        return this.#resume(tx, principal, before);
    }
  }

  /** The deed on the registration as it is now. Throws as `change` does, and `malformed-request` when one person may do it alone. */
  async proposed(principal: Principal, deed: ClientDeed): Promise<ClientDeed> {
    const before = await this.get(principal, deed.clientId);
    const { revision } = before;
    if (deed.revision !== undefined && deed.revision !== revision) throw changedMeanwhile(revision);
    if (before.firstParty === true) throw notPossible('our own pages are registered by the house');
    if (dangersOfDeed(before, deed).length === 0)
      throw new TrustError('malformed-request', 'one administrator may do this alone');
    return { ...deed, revision };
  }

  /**
   * The former secret opens the client for the overlap; 0 ends it at once. Throws as `change` does, and for clients without secret,
   * `approval-required` for one that may much.
   */
  async rotateSecret(principal: Principal, clientId: string, overlapSeconds: number): Promise<ChangedClient> {
    requireManager(principal);
    requireOverlap(overlapSeconds);
    return this.#settled(clientId, async (tx) => {
      const before = await this.#held(tx, clientId);
      mustNeedNobodyElse(principal, dangersOfOpening(before, 'secret'));
      return this.#rotate(tx, principal, before, overlapSeconds);
    });
  }

  /** Throws as `change` does, and `client-transition-forbidden` when there is none. */
  async endFormerSecret(principal: Principal, clientId: string): Promise<ClientRecord> {
    requireManager(principal);
    return this.#settled(clientId, async (tx) => {
      const before = await this.#held(tx, clientId);
      if (!before.secrets.some(({ which }) => which === 'former')) throw notPossible('there is no former secret');
      return this.#did(tx, principal, { clientId, deed: 'secret-ended', query: endingFormerSecret(clientId) });
    });
  }

  /** For a rotation: the new key goes in, the client signs with it, the old one comes out. Throws as `change` does. */
  async addKey(principal: Principal, clientId: string, key: ClientKey): Promise<ClientRecord> {
    return this.#changeKeys(principal, clientId, (keys) => [...keys, key]);
  }

  /** Throws as `change` does; the last key of a client that needs one stays. */
  async removeKey(principal: Principal, clientId: string, kid: string): Promise<ClientRecord> {
    return this.#changeKeys(principal, clientId, (keys) => {
      if (!keys.some((key) => key.kid === kid)) throw notPossible('there is no key of this id');
      return keys.filter((key) => key.kid !== kid);
    });
  }

  /** Refused from this commit on: tokens, introspection, refresh, sign-in. Throws as `change` does. */
  async suspend(principal: Principal, clientId: string, reason: string): Promise<ClientRecord> {
    requireManager(principal);
    const purpose = reasonIn(reason);
    return this.#settled(clientId, async (tx) => {
      const before = await this.#held(tx, clientId);
      if (before.suspended !== undefined) throw notPossible('it is suspended already');
      const query = suspending(clientId, { at: this.#options.clock.now(), reason: purpose });
      return this.#did(tx, principal, { clientId, deed: 'suspended', purpose, query });
    });
  }

  /** Throws as `change` does, `approval-required` for one that may much. */
  async resume(principal: Principal, clientId: string): Promise<ClientRecord> {
    requireManager(principal);
    return this.#settled(clientId, async (tx) => {
      const before = await this.#held(tx, clientId);
      mustNeedNobodyElse(principal, dangersOfOpening(before, 'resume'));
      return (await this.#resume(tx, principal, before)).client;
    });
  }

  async #rotate(
    tx: Transaction,
    principal: Principal,
    before: ClientRecord,
    overlapSeconds: number,
  ): Promise<ChangedClient> {
    const { clock, clients } = this.#options;
    const { clientId } = before;
    if (!usesSecret(before)) throw notPossible('this client has no secret');
    const secret = newSecret();
    const hash = clients.secretHash(clientId, secret);
    const query = rotatingSecret(clientId, { hash, now: clock.now(), overlapSeconds });
    return { client: await this.#did(tx, principal, { clientId, deed: 'secret-rotated', query }), secret };
  }

  async #resume(tx: Transaction, principal: Principal, { clientId, suspended }: ClientRecord): Promise<ChangedClient> {
    if (suspended === undefined) throw notPossible('it is not suspended');
    const query = suspending(clientId, undefined);
    return { client: await this.#did(tx, principal, { clientId, deed: 'resumed', query }), secret: undefined };
  }

  async #changeKeys(
    principal: Principal,
    clientId: string,
    changed: (keys: readonly ClientKey[]) => ClientKey[],
  ): Promise<ClientRecord> {
    requireManager(principal);
    return this.#settled(clientId, async (tx) => {
      const before = await this.#held(tx, clientId);
      const keys = changed(before.jwks?.keys ?? []);
      const change = { jwks: keys.length === 0 ? null : { keys } };
      mustNeedNobodyElse(principal, dangersOfChange(before, change));
      const { client } = await this.#store(tx, principal, before, change);
      return client;
    });
  }

  /** From its commit on this process reads the registration anew, and every other one within a second. */
  async #settled<T>(clientId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    try {
      return await this.#options.database.transaction(work);
    } finally {
      this.#options.clients.forget(clientId);
    }
  }

  async #held(tx: Transaction, clientId: string, revision?: number): Promise<ClientRecord> {
    const before = await heldClient(tx, clientId, this.#options.clock.now());
    this.#options.clients.forget(clientId);
    if (before.firstParty === true) throw notPossible('our own pages are registered by the house');
    if (revision !== undefined && before.revision !== revision) throw changedMeanwhile(before.revision);
    return before;
  }

  async #store(
    tx: Transaction,
    principal: Principal,
    before: ClientRecord,
    change: ClientChange,
  ): Promise<ChangedClient> {
    const { clientId } = before;
    const { client, secret } = await updateClient(tx, before, change, this.#options);
    await this.#record(tx, principal, 'changed', { clientId, before: publicOf(before), after: publicOf(client) });
    return { client, secret };
  }

  async #did(
    tx: Transaction,
    principal: Principal,
    { clientId, deed, purpose, query }: { clientId: string; deed: string; purpose?: string; query: Query },
  ): Promise<ClientRecord> {
    await tx.query(query);
    await this.#record(tx, principal, deed, { clientId, ...(purpose === undefined ? {} : { purpose }) });
    return clientRecord(tx, clientId, this.#options.clock.now());
  }

  async #record(tx: Transaction, principal: Principal, deed: string, told: ClientTold): Promise<void> {
    await this.#options.audit.record(tx, principal, clientEvent(deed, told));
  }
}

function changedMeanwhile(revision: number): TrustError {
  return new TrustError('precondition-failed', 'the registration was changed meanwhile', { details: { revision } });
}

function notPossible(reason: string): TrustError {
  return new TrustError('client-transition-forbidden', reason);
}
