// Which systems a person lets see or do what, and taking that back; OpenID Connect Core 1.0, section 3.1.2.4, PIPL art. 15.

import type { AdapterPayload } from 'oidc-provider';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database, Queryable, Transaction } from '../../db/database.ts';
import { type Clock, moment } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { uuidFromId } from '../../kernel/ids.ts';
import type { Principal, Scope } from '../../kernel/principal.ts';
import { asObject, numberAt, textAt } from '../../kernel/words/members.ts';
import { isApiScope } from '../tokens/api-scopes.ts';
import { endGrants } from '../engine/engine-endings.ts';
import { type EngineRow, openedPayload } from '../engine/engine-row.ts';

export interface ConsentsOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
}

/** A system that the person agreed to, with all that it may see and do. Our own pages ask nobody and are none. */
export interface ConsentedSystem {
  readonly clientId: string;
  readonly name: string;
  readonly nameEn: string;
  readonly since: Date;
  /** When the last of it ends by itself. */
  readonly until: Date;
  readonly oidcScopes: readonly string[];
  readonly oidcClaims: readonly string[];
  readonly apiScopes: readonly Scope[];
}

interface ClientName {
  readonly client_id: string;
  readonly name: string;
  readonly name_en: string;
}

interface Granted {
  readonly digest: Uint8Array;
  readonly clientId: string;
  readonly payload: AdapterPayload;
}

/** A grant is made for each session and system; sessions of one person are few. */
const maxGrants = 500;

export class Consents {
  readonly #options: ConsentsOptions;

  constructor(options: ConsentsOptions) {
    this.#options = options;
  }

  /** By name of the client; each system once, however many sessions it was agreed to in. */
  async listOf(accountId: string): Promise<ConsentedSystem[]> {
    const { database } = this.#options;
    const granted = await this.#grantsOf(database, accountId);
    const { rows } = await database.query<ClientName>({
      name: 'clients-consented',
      text: `SELECT client_id, name, name_en FROM identity.client
        WHERE client_id = ANY ($1) AND NOT first_party ORDER BY client_id`,
      values: [[...new Set(granted.map(({ clientId }) => clientId))]],
    });
    return rows.map((client) =>
      consented(
        client,
        granted.filter(({ clientId }) => clientId === client.client_id),
      ),
    );
  }

  /**
   * The grants go with every token that hangs on them; the system must ask anew. Access tokens for the API, which are not stored, end
   * by themselves within five minutes. Throws `not-found` when nothing was agreed to.
   */
  async withdraw(accountId: string, clientId: string, principal: Principal): Promise<void> {
    const { database, audit } = this.#options;
    await database.transaction(async (tx) => {
      const all = await this.#grantsOf(tx, accountId);
      const granted = all.filter((grant) => grant.clientId === clientId);
      if (granted.length === 0) throw new TrustError('not-found', 'this account has agreed to nothing there');
      await endGrants(
        tx,
        granted.map(({ digest }) => digest),
      );
      await audit.record(tx, principal, {
        action: 'consent.withdrawn',
        outcome: 'done',
        subjectId: accountId,
        facts: { client: clientId },
      });
    });
  }

  async #grantsOf(at: Queryable | Transaction, accountId: string): Promise<Granted[]> {
    const { cipher, clock } = this.#options;
    const { rows } = await at.query<EngineRow>({
      name: 'grants-of-account',
      text: `SELECT model, id_digest, payload FROM identity.oidc_model
        WHERE model = 'Grant' AND account_id = $1 AND expires_at > $2 ORDER BY id_digest LIMIT ${maxGrants}`,
      values: [uuidFromId('account', accountId) ?? null, clock.now()],
    });
    return rows.flatMap((row) => {
      const payload = openedPayload(cipher, row);
      return payload.clientId === undefined ? [] : [{ digest: row.id_digest, clientId: payload.clientId, payload }];
    });
  }
}

function consented({ client_id: clientId, name, name_en: nameEn }: ClientName, grants: readonly Granted[]) {
  const payloads = grants.map(({ payload }) => asObject(payload));
  const openid = payloads.map((payload) => asObject(payload?.['openid']));
  const seconds = (member: string) => payloads.map((payload) => numberAt(payload, member) ?? 0);
  const resources = payloads.flatMap((payload) => Object.values(asObject(payload?.['resources']) ?? {}));
  return {
    clientId,
    name,
    nameEn,
    since: moment(Math.min(...seconds('iat')) * 1000),
    until: moment(Math.max(...seconds('exp')) * 1000),
    oidcScopes: wordsIn(openid.map((each) => textAt(each, 'scope'))),
    oidcClaims: [...new Set(openid.flatMap((each) => textsIn(each?.['claims'])))],
    apiScopes: wordsIn(resources).filter(isApiScope),
  };
}

/** Each once, of texts with blanks between their words. */
function wordsIn(texts: readonly unknown[]): string[] {
  return [...new Set(texts.flatMap((text) => (typeof text === 'string' ? text.split(' ').filter(Boolean) : [])))];
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
