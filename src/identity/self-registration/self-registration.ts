// Systems that register themselves with a token of an administrator's, and read, change and withdraw what is theirs; RFC 7591, RFC 7592.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database, Transaction } from '../../db/database.ts';
import { equalBytes, toHex } from '../../kernel/bytes.ts';
import { type Clock, randomBytes } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { uuidFromId } from '../../kernel/ids.ts';
import { anonymous, type Principal } from '../../kernel/principal.ts';
import type { JsonObject } from '../../kernel/words/members.ts';
import type { CallContext } from '../call-context.ts';
import { dangersOfChange } from '../clients/client-deeds.ts';
import { selfManagedEvent, publicOf } from '../clients/client-event.ts';
import { type ClientRecord, clientRecord, heldClient } from '../clients/client-record.ts';
import { fullRegistration, usesSecret } from '../clients/client-registration.ts';
import { suspending } from '../clients/client-states.ts';
import { insertClient, newSecret, updateClient } from '../clients/client-store.ts';
import type { Clients } from '../clients/clients.ts';
import { countedAgainst } from '../sign-in/counters.ts';
import type { RegisteredClient } from './client-information.ts';
import { type Wishes, wishesIn } from './client-wishes.ts';
import type { RegistrationTokens } from './registration-tokens.ts';
import { refused } from './wished-members.ts';

export interface SelfRegistrationOptions {
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'record' | 'append'>;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
  readonly clients: Pick<Clients, 'secretHash' | 'secretMatches' | 'forget'>;
  readonly tokens: Pick<RegistrationTokens, 'take' | 'limitsOf'>;
  /** Whether certificates of clients are known here (RFC 8705). */
  readonly withCertificates: boolean;
}

/** The registration access token and the client that it is brought for. */
export interface OwnClient {
  readonly clientId: string;
  readonly ownToken: string;
}

/** Of one network, everything at this endpoint together. */
const calls = { max: 60, windowSeconds: 15 * 60 };

export class SelfRegistration {
  readonly #options: SelfRegistrationOptions;

  constructor(options: SelfRegistrationOptions) {
    this.#options = options;
  }

  /**
   * A refused registration takes no use of the token. Throws `too-many-requests`, `token-invalid`, `malformed-request` with the error of
   * RFC 7591 in its details.
   */
  async register(initialToken: string, metadata: JsonObject, call: CallContext): Promise<RegisteredClient> {
    await this.#count(call);
    const { database, tokens, clock, clients, audit, withCertificates } = this.#options;
    const clientId = `dyn-${toHex(randomBytes(12))}`;
    const ownToken = newSecret();
    return database.transaction(async (tx) => {
      const limits = await tokens.take(tx, initialToken);
      const { kind, change } = wishesIn(metadata, { clientId, limits, withCertificates });
      const { levelFloor } = limits;
      const said = { clientId, kind, levelFloor, responseModes: ['query', 'form_post'] as const, ...whatIs(change) };
      const secret = usesSecret(said) ? newSecret() : undefined;
      await insertClient(tx, fullRegistration({ ...said, ...(secret !== undefined && { secret }) }), {
        clients,
        clock,
      });
      await tx.query({
        text: 'UPDATE identity.client SET own_token_hash = $2, registration_token_id = $3 WHERE client_id = $1',
        values: [clientId, this.#hashOf(clientId, ownToken), uuidFromId('registrationToken', limits.tokenId) ?? null],
      });
      const client = await clientRecord(tx, clientId, clock.now());
      const told = { clientId, token: limits.tokenId, before: {}, after: publicOf(client) };
      await audit.record(tx, callerOf(clientId, call), selfManagedEvent('registered', told));
      return { client, secret, ownToken };
    });
  }

  /** Throws `too-many-requests`, `token-invalid` (also for a client that is unknown, suspended or withdrawn). */
  async read(own: OwnClient, call: CallContext): Promise<RegisteredClient> {
    await this.#count(call);
    const { database } = this.#options;
    const client = await database.transaction((tx) => this.#held(tx, own));
    return { client, secret: undefined, ownToken: own.ownToken };
  }

  /**
   * The whole registration is said anew (RFC 7592, 2.2); what administrators settle stays: floor, profile, targets of exchange, owner. A
   * secret is made when the new method needs one. Throws as `register` and `read` do.
   */
  async change(own: OwnClient, metadata: JsonObject, call: CallContext): Promise<RegisteredClient> {
    await this.#count(call);
    const { tokens, clients, clock, audit, withCertificates } = this.#options;
    const { clientId } = own;
    return this.#settled(clientId, async (tx) => {
      const before = await this.#held(tx, own);
      await this.#checkIdentity(tx, before, metadata);
      const limits = await tokens.limitsOf(tx, before.registrationTokenId ?? '');
      const { kind, change } = wishesIn(metadata, { clientId, limits, before, withCertificates });
      if (kind !== before.kind)
        throw refused('invalid_client_metadata', `this is a ${before.kind} client, and another kind is another client`);
      const sector = change.subjectType === 'pairwise' ? {} : { sector: null };
      const said = { ...change, ...sector };
      // Whoever has its token alone must not take over what two administrators gave it.
      const dangers = dangersOfChange(before, said);
      if (dangers.length > 0)
        throw refused(
          'invalid_client_metadata',
          `changed by administrators only, for what it may do: ${dangers.join(', ')}`,
        );
      const { client, secret } = await updateClient(tx, before, said, { clients, clock });
      const told = { clientId, before: publicOf(before), after: publicOf(client) };
      await audit.record(tx, callerOf(clientId, call), selfManagedEvent('changed', told));
      return { client, secret, ownToken: own.ownToken };
    });
  }

  /** It is suspended as by an administrator, and its registration access token ends. Throws as `read` does. */
  async withdraw(own: OwnClient, call: CallContext): Promise<void> {
    await this.#count(call);
    const { clock, audit } = this.#options;
    const { clientId } = own;
    await this.#settled(clientId, async (tx) => {
      await this.#held(tx, own);
      await tx.query(suspending(clientId, { at: clock.now(), reason: 'withdrawn by itself (RFC 7592)' }));
      await tx.query({
        text: 'UPDATE identity.client SET own_token_hash = NULL WHERE client_id = $1',
        values: [clientId],
      });
      await audit.record(tx, callerOf(clientId, call), selfManagedEvent('withdrawn', { clientId }));
    });
  }

  async #count(call: CallContext): Promise<void> {
    const { origin = 'unknown' } = call;
    const [passed] = await countedAgainst(this.#options, [{ subject: `registration:${origin}`, ...calls }]);
    if (passed === undefined) return;
    if (passed.first)
      await this.#options.audit.append(
        { ...anonymous, ...call },
        { action: 'client.self-managed', outcome: 'failed', facts: { deed: 'too-many' } },
      );
    throw new TrustError('too-many-requests', 'too many registrations from this network', {
      details: { retryAfterSeconds: passed.retryAfterSeconds },
    });
  }

  /** The client as its own token opens it; held until the transaction ends. */
  async #held(tx: Transaction, { clientId, ownToken }: OwnClient): Promise<ClientRecord> {
    const { rows } = await tx.query<{ own_token_hash: Uint8Array | null }>({
      name: 'client-own-token',
      text: 'SELECT own_token_hash FROM identity.client WHERE client_id = $1 AND disabled_at IS NULL FOR UPDATE',
      values: [clientId],
    });
    const known = rows[0]?.own_token_hash;
    if (!known || !equalBytes(known, this.#hashOf(clientId, ownToken)))
      throw new TrustError('token-invalid', 'no registration access token of this client');
    return heldClient(tx, clientId, this.#options.clock.now());
  }

  /** RFC 7592, 2.2: it says who it is, and nothing that only we can say. */
  async #checkIdentity(tx: Transaction, { clientId }: ClientRecord, metadata: JsonObject): Promise<void> {
    if (metadata['client_id'] !== clientId) throw refused('invalid_client_metadata', 'client_id must be its own');
    const ours = [
      'registration_access_token',
      'registration_client_uri',
      'client_secret_expires_at',
      'client_id_issued_at',
    ];
    const foreign = ours.find((member) => metadata[member] !== undefined);
    if (foreign !== undefined) throw refused('invalid_client_metadata', `${foreign} is not said by the client`);
    const { client_secret: secret } = metadata;
    if (secret === undefined) return;
    const { rows } = await tx.query<{ secret_hash: Uint8Array | null }>({
      name: 'client-own-secret',
      text: 'SELECT secret_hash FROM identity.client WHERE client_id = $1',
      values: [clientId],
    });
    const known = rows[0]?.secret_hash;
    const given = typeof secret === 'string' ? this.#options.clients.secretHash(clientId, secret) : undefined;
    if (!known || given === undefined || !equalBytes(known, given))
      throw refused('invalid_client_metadata', 'client_secret is not the present one, and a client chooses none');
  }

  /** From its commit on this process reads the registration anew, and every other one within a second. */
  async #settled<T>(clientId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    try {
      return await this.#options.database.transaction(work);
    } finally {
      this.#options.clients.forget(clientId);
    }
  }

  #hashOf(clientId: string, ownToken: string): Uint8Array {
    return this.#options.cipher.blindIndex(ownToken, `identity.client.own-token:${clientId}`);
  }
}

/** It has proven that it holds a token, and is nobody before that. */
function callerOf(clientId: string, call: CallContext): Principal {
  return { ...anonymous, kind: 'system', clientId, ...call };
}

/** Of a registration that is new, `null` says nothing. */
function whatIs(change: Wishes['change']) {
  const { jwks, tlsSubjectDn, backchannelLogoutUri, policyUri, tosUri, ...rest } = change;
  return {
    ...rest,
    ...(jwks && { jwks }),
    ...(tlsSubjectDn !== null && { tlsSubjectDn }),
    ...(backchannelLogoutUri !== null && { backchannelLogoutUri }),
    ...(policyUri !== null && { policyUri }),
    ...(tosUri !== null && { tosUri }),
  };
}
