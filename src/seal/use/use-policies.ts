// The policies of use of seals (用印规则) and their versions: set by the organisation of the seal, each version kept with who, when and why.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { Database, Queryable } from '../../db/database.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type Id, idFromUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import { isPlainText } from '../../kernel/plain-text.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { RequestKey } from '../../kernel/request-key.ts';
import { requireDeedScope, requireEither, requireOwner } from '../life/rights.ts';
import type { SealRegister } from '../seals.ts';
import { openPolicy, requireSoundPolicy, type UsePolicy } from './use-policy.ts';

export interface UsePolicyVersion {
  /** 0: none was set, and every use that its mandate or grant allows is allowed. */
  readonly version: number;
  readonly rules: UsePolicy;
  readonly reason: string | null;
  /** `null`: the house, or nobody yet. */
  readonly setBy: Id<'account'> | null;
  readonly setAt: Date | null;
  readonly entryId: Id<'entry'> | null;
}

export interface PolicyChange {
  readonly rules: UsePolicy;
  readonly reason: string;
  /** The version that the change was made from, so that nobody undoes unseen what another did. */
  readonly basedOn: number;
}

export interface UsePoliciesOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly seals: SealRegister;
}

interface Row {
  readonly seal_id: Uuid;
  readonly version: number;
  readonly rules: UsePolicy;
  readonly reason: string;
  readonly set_by: Uuid | null;
  readonly set_at: Date;
  readonly body_sha256: Uint8Array;
  readonly entry_id: Uuid;
}

const maxReasonLength = 200;
const shownVersions = 100;
const columns = 'seal_id, version, rules, reason, set_by, set_at, body_sha256, entry_id';
const none: UsePolicyVersion = {
  version: 0,
  rules: openPolicy,
  reason: null,
  setBy: null,
  setAt: null,
  entryId: null,
};

export class UsePolicies {
  readonly #options: UsePoliciesOptions;

  constructor(options: UsePoliciesOptions) {
    this.#options = options;
  }

  /** The one in force. Throws `scope-missing`, `forbidden`, `seal-not-found`. */
  async of(principal: Principal, sealId: string): Promise<UsePolicyVersion> {
    return (await this.versions(principal, sealId))[0] ?? none;
  }

  /** Newest first, the last hundred. Throws as `of` does. */
  async versions(principal: Principal, sealId: string): Promise<UsePolicyVersion[]> {
    requireDeedScope(principal);
    const { uuid, record } = await this.#options.seals.forUse(sealId);
    requireEither(principal, record);
    const { rows } = await this.#options.database.query<Row>({
      name: 'seal-use-policies',
      text: `SELECT ${columns} FROM seal.use_policy WHERE seal_id = $1 ORDER BY version DESC LIMIT $2`,
      values: [uuid, shownVersions],
    });
    return rows.map(versionOf);
  }

  /**
   * A new version, in force from its commit: a stamping under way that was admitted under the former one is released no more. The same
   * key and body answer with the same version. Throws as `of` does, and `malformed-request`, `precondition-failed`, `idempotency-key-reused`.
   */
  async set(
    principal: Principal,
    sealId: string,
    { rules, reason, basedOn }: PolicyChange,
    requestKey: RequestKey,
  ): Promise<UsePolicyVersion> {
    const { database, audit, clock, seals } = this.#options;
    requireDeedScope(principal);
    const { uuid, record } = await seals.forUse(sealId);
    requireOwner(principal, record);
    requireSoundPolicy(rules);
    if (!isPlainText(reason, maxReasonLength))
      throw new TrustError('malformed-request', `a reason has 1 to ${maxReasonLength} visible characters`);
    return database.transaction(async (tx) => {
      // Held by every release of a signature: so this waits for them, and they see the new version.
      await seals.held(tx, sealId);
      const earlier = await ofRequest(tx, requestKey);
      if (earlier !== undefined) {
        if (earlier.seal_id !== uuid || !equalBytes(earlier.body_sha256, requestKey.bodySha256))
          throw new TrustError('idempotency-key-reused', 'this Idempotency-Key was used for another policy');
        return versionOf(earlier);
      }
      const version = basedOn + 1;
      const { rows: present } = await tx.query<{ version: number | null }>({
        name: 'seal-use-policy-latest',
        text: 'SELECT max(version) AS version FROM seal.use_policy WHERE seal_id = $1',
        values: [uuid],
      });
      if ((present[0]?.version ?? 0) !== basedOn)
        throw new TrustError('precondition-failed', 'the policy of use was changed meanwhile');
      const entryId = await audit.record(tx, principal, {
        action: 'seal.use-policy',
        outcome: 'done',
        objectId: record.sealId,
        subjectId: record.organisation.organisationId,
        purpose: reason,
        facts: { version, approvers: rules.approvers },
      });
      const { rows } = await tx.query<Row>({
        name: 'seal-use-policy-set',
        text: `INSERT INTO seal.use_policy (seal_id, version, rules, reason, set_by, set_at, request_owner, request_key, body_sha256, entry_id)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING ${columns}`,
        values: [
          uuid,
          version,
          JSON.stringify(rules),
          reason,
          uuidFromId('account', principal.accountId ?? '') ?? null,
          clock.now(),
          requestKey.owner,
          requestKey.key,
          requestKey.bodySha256,
          entryId,
        ],
      });
      return rows[0] === undefined ? none : versionOf(rows[0]);
    });
  }
}

async function ofRequest(on: Queryable, { owner, key }: RequestKey): Promise<Row | undefined> {
  const { rows } = await on.query<Row>({
    name: 'seal-use-policy-by-key',
    text: `SELECT ${columns} FROM seal.use_policy WHERE request_owner = $1 AND request_key = $2`,
    values: [owner, key],
  });
  return rows[0];
}

function versionOf(row: Row): UsePolicyVersion {
  return {
    version: row.version,
    rules: row.rules,
    reason: row.reason,
    setBy: row.set_by === null ? null : idFromUuid('account', row.set_by),
    setAt: row.set_at,
    entryId: idFromUuid('entry', row.entry_id),
  };
}
