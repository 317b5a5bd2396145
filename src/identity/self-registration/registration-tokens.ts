// Initial access tokens (接入令牌): what an administrator gives to whoever may register a system themselves, and how far it reaches; RFC 7591 section 3.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database, Queryable, Transaction } from '../../db/database.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { idFromUuid, newUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import type { Principal, RealNameLevel, Scope } from '../../kernel/principal.ts';
import { requireManager, requireReader } from '../administration/administrators.ts';
import { dangerousScopes } from '../clients/client-dangers.ts';
import { newSecret } from '../clients/client-store.ts';

export interface RegistrationTokensOptions {
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
}

/** What whoever comes with the token may register at most. */
export interface RegistrationLimits {
  readonly tokenId: string;
  readonly apiScopes: readonly Scope[];
  /** The floor of every client that is registered with it. */
  readonly levelFloor: RealNameLevel;
  /** Hosts that addresses of the client may lie on: exact names, without port. */
  readonly hosts: readonly string[];
}

export interface RegistrationTokenOrder extends Omit<RegistrationLimits, 'tokenId'> {
  /** For whom it is; shown to administrators only. */
  readonly name: string;
  readonly lifetimeSeconds: number;
  readonly uses: number;
}

export interface RegistrationToken extends RegistrationLimits {
  readonly name: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | undefined;
  readonly uses: number;
  readonly usesLeft: number;
}

export interface MadeToken {
  readonly token: RegistrationToken;
  /** Shown once, and known to nobody afterwards. */
  readonly secret: string;
}

interface TokenRow {
  token_id: Uuid;
  name: string;
  created_at: Date;
  expires_at: Date;
  ended_at: Date | null;
  uses: number;
  uses_left: number;
  api_scopes: Scope[];
  level_floor: RealNameLevel;
  hosts: string[];
}

export const maxTokenLifetimeSeconds = 90 * 86_400;
export const maxTokenUses = 1000;
export const maxTokenHosts = 20;
const columns = 'token_id, name, created_at, expires_at, ended_at, uses, uses_left, api_scopes, level_floor, hosts';

export class RegistrationTokens {
  readonly #options: RegistrationTokensOptions;

  constructor(options: RegistrationTokensOptions) {
    this.#options = options;
  }

  /** Throws `scope-missing`, `forbidden`, `malformed-request`, `approval-required` (scopes that take two administrators). */
  async make(principal: Principal, order: RegistrationTokenOrder): Promise<MadeToken> {
    requireManager(principal);
    const { database, clock, audit } = this.#options;
    const name = order.name.normalize('NFC').trim();
    const { lifetimeSeconds, uses, apiScopes, levelFloor } = order;
    const hosts = [...new Set(order.hosts.map((host) => host.toLowerCase()))];
    checkOrder({ ...order, name, hosts });
    const secret = newSecret();
    const now = clock.now();
    const tokenId = newUuid(clock);
    return database.transaction(async (tx) => {
      await tx.query({
        text: `INSERT INTO identity.registration_token (token_hash, ${columns})
          VALUES ($1, $2, $3, $4, $5, NULL, $6, $6, $7, $8, $9)`,
        values: [
          this.#hashOf(secret),
          tokenId,
          name,
          now,
          addSeconds(now, lifetimeSeconds),
          uses,
          apiScopes,
          levelFloor,
          hosts,
        ],
      });
      const id = idFromUuid('registrationToken', tokenId);
      await audit.record(tx, principal, {
        action: 'registration-token.changed',
        outcome: 'done',
        objectId: id,
        purpose: name,
        facts: {
          deed: 'made',
          uses,
          seconds: lifetimeSeconds,
          scope: apiScopes.join(' '),
          level: levelFloor,
          hosts: hosts.length,
        },
      });
      return { token: await existing(tx, id), secret };
    });
  }

  /** Newest first. Throws `scope-missing`, `cursor-invalid`. */
  async list(
    principal: Principal,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<{ items: RegistrationToken[]; nextCursor: string | null }> {
    requireReader(principal);
    const before = cursor === undefined ? null : uuidFromId('registrationToken', cursor);
    if (before === undefined) throw new TrustError('cursor-invalid', 'not a cursor of this list');
    const { rows } = await this.#options.database.query<TokenRow>({
      name: 'registration-tokens',
      text: `SELECT ${columns} FROM identity.registration_token WHERE $1::uuid IS NULL OR token_id < $1 ORDER BY token_id DESC LIMIT $2`,
      values: [before, limit + 1],
    });
    const items = rows.slice(0, limit).map(tokenFrom);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.tokenId ?? null) : null };
  }

  /** Nobody registers with it any more; who did, stays. Throws `scope-missing`, `forbidden`, `registration-token-not-found`. */
  async end(principal: Principal, tokenId: string): Promise<RegistrationToken> {
    requireManager(principal);
    const { database, clock, audit } = this.#options;
    return database.transaction(async (tx) => {
      const { rowCount } = await tx.query({
        text: 'UPDATE identity.registration_token SET ended_at = $2 WHERE token_id = $1 AND ended_at IS NULL',
        values: [uuidFromId('registrationToken', tokenId) ?? null, clock.now()],
      });
      const token = await existing(tx, tokenId);
      if (rowCount === 1)
        await audit.record(tx, principal, {
          action: 'registration-token.changed',
          outcome: 'done',
          objectId: tokenId,
          facts: { deed: 'ended', uses: token.uses - token.usesLeft },
        });
      return token;
    });
  }

  /**
   * One use is taken with the transaction, by one statement: of many who come with the last one, one gets it. Throws `token-invalid`
   * for everything that is no token with a use left.
   */
  async take(tx: Transaction, secret: string): Promise<RegistrationLimits> {
    const { rows } = await tx.query<TokenRow>({
      name: 'registration-token-take',
      text: `UPDATE identity.registration_token SET uses_left = uses_left - 1
        WHERE token_hash = $1 AND uses_left > 0 AND ended_at IS NULL AND expires_at > $2 RETURNING ${columns}`,
      values: [this.#hashOf(secret), this.#options.clock.now()],
    });
    if (rows[0] === undefined) throw new TrustError('token-invalid', 'no initial access token that can be used');
    return tokenFrom(rows[0]);
  }

  /** The limits that a client was registered under: they hold for what it changes later. */
  limitsOf(tx: Transaction, tokenId: string): Promise<RegistrationLimits> {
    return existing(tx, tokenId);
  }

  #hashOf(secret: string): Uint8Array {
    return this.#options.cipher.blindIndex(secret, 'identity.registration-token');
  }
}

function checkOrder(order: RegistrationTokenOrder): void {
  const { name, lifetimeSeconds, uses, apiScopes, hosts } = order;
  if (name === '' || name.length > 100) throw malformed('a name has 1 to 100 characters');
  if (!isWithin(lifetimeSeconds, 60, maxTokenLifetimeSeconds)) throw malformed('it lives for a minute to 90 days');
  if (!isWithin(uses, 1, maxTokenUses)) throw malformed(`it is used 1 to ${maxTokenUses} times`);
  if (hosts.length > maxTokenHosts || !hosts.every(isHost))
    throw malformed(`at most ${maxTokenHosts} hosts: names without scheme, port and wildcard`);
  const dangers = apiScopes.filter((scope) => dangerousScopes.has(scope));
  if (dangers.length > 0)
    throw new TrustError('approval-required', 'these scopes are given to one system by two administrators', {
      details: { dangers },
    });
}

/** A name as `URL` spells it (`xn--…` for other scripts), without wildcard. */
function isHost(text: string): boolean {
  return (
    /^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(text) &&
    text.length <= 253 &&
    URL.canParse(`https://${text}`) &&
    new URL(`https://${text}`).hostname === text
  );
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}

function malformed(reason: string): TrustError {
  return new TrustError('malformed-request', reason);
}

async function existing(at: Queryable, tokenId: string): Promise<RegistrationToken> {
  const { rows } = await at.query<TokenRow>({
    name: 'registration-token',
    text: `SELECT ${columns} FROM identity.registration_token WHERE token_id = $1`,
    values: [uuidFromId('registrationToken', tokenId) ?? null],
  });
  if (rows[0] === undefined) throw new TrustError('registration-token-not-found', 'there is no such token');
  return tokenFrom(rows[0]);
}

function tokenFrom(row: TokenRow): RegistrationToken {
  return {
    tokenId: idFromUuid('registrationToken', row.token_id),
    name: row.name,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at ?? undefined,
    uses: row.uses,
    usesLeft: row.uses_left,
    apiScopes: row.api_scopes,
    levelFloor: row.level_floor,
    hosts: row.hosts,
  };
}
