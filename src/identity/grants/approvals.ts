// What systems ask a person to approve on another device, and the person's answer, which is given once; OpenID CIBA Core 1.0.

import type { BackchannelAuthenticationRequest, Client, Provider } from 'oidc-provider';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database, Transaction } from '../../db/database.ts';
import { fromUtf8, utf8 } from '../../kernel/bytes.ts';
import { addSeconds, type Clock, epochSeconds } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { newUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import { requireLevel } from '../../kernel/permissions.ts';
import type { Principal, RealNameLevel } from '../../kernel/principal.ts';
import { apiResource, isApiScope } from '../tokens/api-scopes.ts';
import { errors } from '../engine/engine.ts';
import { acrOf, acrValues, acrWish, answeredLevel, floorOfClient, levelOfAcr } from '../levels/levels.ts';
import type { OidcStore } from '../engine/oidc-store.ts';
import { namesOf } from '../engine/provider-frame.ts';
import type { ClientName } from '../engine/provider-pages.ts';

export interface ApprovalsOptions {
  readonly publicUrl: string;
  readonly database: Database;
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
  readonly store: Pick<OidcStore, 'within'>;
  /** Whichever engine is in use now. */
  readonly present: { readonly provider: Provider };
}

/** A request that waits for its person. */
export interface Approval {
  readonly approvalId: Uuid;
  readonly client: ClientName;
  /** What the person sees at the other device too. */
  readonly message: string | undefined;
  readonly scopes: readonly string[];
  /** The real-name level that approving needs; Infinity for one that does not exist. */
  readonly level: number;
  readonly askedAt: Date;
}

interface ApprovalRow {
  approval_id: Uuid;
  request_sealed: Uint8Array;
  created_at: Date;
}

/** As many as a page shows; floods are stopped before. */
const maxOpen = 20;

export class Approvals {
  readonly #options: ApprovalsOptions;

  constructor(options: ApprovalsOptions) {
    this.#options = options;
  }

  /** The engine has stored the request; row and entry commit together, and without them its id reaches nobody. */
  async ask(request: BackchannelAuthenticationRequest, client: Client, caller: Principal): Promise<void> {
    const { database, audit, cipher, clock } = this.#options;
    const uuid = newUuid(clock);
    const now = clock.now();
    const message = messageOf(request);
    await database.transaction(async (tx) => {
      await tx.query({
        text: `INSERT INTO identity.approval (approval_id, account_id, client_id, request_sealed, created_at, expires_at)
          VALUES ($1, $2, $3, $4, $5, $6)`,
        values: [
          uuid,
          uuidFromId('account', request.accountId ?? '') ?? null,
          client.clientId,
          cipher.seal(utf8(request.jti), contextOf(uuid)),
          now,
          addSeconds(now, request.expiration),
        ],
      });
      await audit.record(tx, caller, {
        action: 'approval.asked',
        outcome: 'done',
        ...(request.accountId !== undefined && { subjectId: request.accountId }),
        facts: { client: client.clientId, scope: request.scope ?? '' },
        ...(message !== undefined && { personal: { message } }),
      });
    });
  }

  /** What waits for this person, newest first. */
  async openOf(accountId: string): Promise<Approval[]> {
    const { database, clock } = this.#options;
    const { rows } = await database.query<ApprovalRow>({
      name: 'approvals-open',
      text: `SELECT approval_id, request_sealed, created_at FROM identity.approval
        WHERE account_id = $1 AND decided_at IS NULL AND expires_at > $2 ORDER BY approval_id DESC LIMIT ${maxOpen}`,
      values: [uuidFromId('account', accountId) ?? null, clock.now()],
    });
    const approvals = await Promise.all(rows.map((row) => this.#read(row)));
    return approvals.flatMap((found) => (found === undefined ? [] : [found.approval]));
  }

  /**
   * The person agrees to exactly what was shown. Answer, grant and entry commit together, and of two answers one counts. Throws
   * `not-found` (none of this person's, answered or over), `step-up-required`.
   */
  async approve(principal: Principal, approvalId: string): Promise<void> {
    await this.#decide(principal, approvalId, async (tx, { request, client }) => {
      const { present, audit } = this.#options;
      const { provider } = present;
      const wish = acrWish(request.params ?? {}, floorOfClient(client.metadata()));
      requireLevel(principal, levelAtLeast(wish.floor));
      const level: RealNameLevel = answeredLevel(principal.level, wish);
      const grant = new provider.Grant({ accountId: request.accountId ?? '', clientId: client.clientId });
      const scopes = [...request.scopes];
      const oidcScopes = scopes.filter((scope) => !isApiScope(scope));
      const apiScopes = scopes.filter(isApiScope);
      if (oidcScopes.length > 0) grant.addOIDCScope(oidcScopes.join(' '));
      if (apiScopes.length > 0) grant.addResourceScope(apiResource(this.#options.publicUrl), apiScopes.join(' '));
      const grantId = await grant.save();
      const acr = acrOf(level);
      await provider.backchannelResult(request, grantId, {
        ...(acr !== undefined && { acr }),
        amr: [...(principal.amr ?? [])],
        ...(principal.authenticatedAt !== undefined && { authTime: epochSeconds(principal.authenticatedAt) }),
      });
      await audit.record(tx, principal, {
        action: 'approval.answered',
        outcome: 'done',
        ...(principal.accountId !== undefined && { subjectId: principal.accountId }),
        facts: { client: client.clientId, scope: scopes.join(' '), level },
      });
    });
  }

  /** The system is told `access_denied`. Throws `not-found` as above. */
  async refuse(principal: Principal, approvalId: string): Promise<void> {
    await this.#decide(principal, approvalId, async (tx, { request, client }) => {
      const { present, audit } = this.#options;
      await present.provider.backchannelResult(request, new errors.AccessDenied('the person refused'));
      await audit.record(tx, principal, {
        action: 'approval.answered',
        outcome: 'failed',
        ...(principal.accountId !== undefined && { subjectId: principal.accountId }),
        facts: { client: client.clientId, scope: request.scope ?? '' },
      });
    });
  }

  /** Removes requests that are over; returns how many. */
  async purge(limit: number): Promise<number> {
    const { rowCount } = await this.#options.database.query({
      text: `DELETE FROM identity.approval WHERE approval_id IN (SELECT approval_id FROM identity.approval
        WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
      values: [this.#options.clock.now(), limit],
    });
    return rowCount;
  }

  async #decide(
    { accountId }: Principal,
    approvalId: string,
    settle: (tx: Transaction, asked: Asked) => Promise<void>,
  ): Promise<void> {
    const { database, store, clock } = this.#options;
    await database.transaction((tx) =>
      store.within(tx, async () => {
        const { rows } = await tx.query<ApprovalRow>({
          name: 'approval-decide',
          text: `UPDATE identity.approval SET decided_at = $3
            WHERE approval_id = $1 AND account_id = $2 AND decided_at IS NULL AND expires_at > $3
            RETURNING approval_id, request_sealed, created_at`,
          values: [isUuid(approvalId) ? approvalId : null, uuidFromId('account', accountId ?? '') ?? null, clock.now()],
        });
        const asked = rows[0] && (await this.#read(rows[0]));
        if (asked === undefined) throw new TrustError('not-found', 'this request was answered or is over');
        await settle(tx, asked);
      }),
    );
  }

  /** `undefined` when the engine has it no more, or its client is suspended. */
  async #read(row: ApprovalRow): Promise<Asked | undefined> {
    const { cipher, present } = this.#options;
    const { provider } = present;
    const requestId = fromUtf8(cipher.open(row.request_sealed, contextOf(row.approval_id))) ?? '';
    const request = await provider.BackchannelAuthenticationRequest.find(requestId);
    const client = request?.clientId === undefined ? undefined : await provider.Client.find(request.clientId);
    if (request === undefined || client === undefined) return undefined;
    const approval = {
      approvalId: row.approval_id,
      client: namesOf(client.metadata()),
      message: messageOf(request),
      scopes: [...request.scopes],
      level: acrWish(request.params ?? {}, floorOfClient(client.metadata())).floor,
      askedAt: row.created_at,
    };
    return { approval, request, client };
  }
}

interface Asked {
  readonly approval: Approval;
  readonly request: BackchannelAuthenticationRequest;
  readonly client: Client;
}

function messageOf({ params }: BackchannelAuthenticationRequest): string | undefined {
  const message = params?.['binding_message'];
  return typeof message === 'string' ? message : undefined;
}

/** A floor as a level; a request that names none of ours can be approved by nobody. */
function levelAtLeast(floor: number): RealNameLevel {
  const level = levelOfAcr(acrValues[floor - 1]);
  if (floor > 0 && level === 0) throw new TrustError('forbidden', 'no level of ours satisfies this request');
  return level;
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

const contextOf = (uuid: Uuid): string => `identity.approval.request_id:${uuid}`;
