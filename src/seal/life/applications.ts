// Applying for a seal and what is decided of it (申请, 审批): each step with its audit entry in one transaction.

import type { AuditLog } from '../../audit/audit-log.ts';
import { sha256 } from '../../crypto/digest.ts';
import type { Database, Transaction } from '../../db/database.ts';
import { equalBytes, toHex, utf8 } from '../../kernel/bytes.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { idFromUuid, newUuid, uuidFromId } from '../../kernel/ids.ts';
import { requireScope } from '../../kernel/permissions.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { RequestKey } from '../../kernel/request-key.ts';
import { requireSeenPicture } from './application-pictures.ts';
import {
  applicationColumns,
  applicationOf,
  applicationRow,
  type ApplicationRow,
  heldApplication,
  type SealApplication,
} from './application-store.ts';
import { type SealDeed, sealDeeds } from './deeds.ts';
import type { SealFace } from '../picture/face.ts';
import { picturePng } from '../picture/render-png.ts';
import type { FaceWords } from '../picture/seal-face.ts';
import { recordStep, requireStep, setApplicationState } from './life-step.ts';
import { isOffice, narrowedTo, requireApplicant, requireOffice, speaksFor } from './rights.ts';
import { takeSealCode } from './seal-code.ts';
import { requireReason, requireWish, type SealWish } from './wish.ts';

export interface SealApplicationsOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  /** Whether two accounts are one person's, who is no two people. */
  readonly isSamePerson: (accountId: string, other: string) => Promise<boolean>;
  /** Draws the face, so that what cannot be made is refused before anybody decides. Throws glyph-missing, malformed-request. */
  readonly faceOf: (wish: SealWish, words: FaceWords) => SealFace;
}

const maxPageSize = 100;

export class SealApplications {
  readonly #options: SealApplicationsOptions;

  constructor(options: SealApplicationsOptions) {
    this.#options = options;
  }

  /**
   * The same request key with the same body answers with the stored application. Throws `scope-missing`, `forbidden`, `malformed-request`,
   * `glyph-missing`, `idempotency-key-reused`.
   */
  async apply(principal: Principal, wish: SealWish, reason: string, requestKey: RequestKey): Promise<SealApplication> {
    const { database, audit, clock, faceOf } = this.#options;
    const { accountId, organisationId, name, uscc, sealIds } = requireApplicant(principal);
    // A mandate for some seals is for none that is still to be made.
    if (sealIds !== undefined) throw new TrustError('forbidden', 'the mandate is narrowed to seals that are there');
    requireWish(wish);
    requireReason(reason);
    faceOf(wish, { organisationName: name, uscc });
    const sealUuid = newUuid(clock);
    return database.transaction(async (tx) => {
      const key = keyOf(requestKey, organisationId);
      const earlier = await sameRequest(tx, accountId, { key, bodySha256: requestKey.bodySha256 });
      if (earlier !== undefined) return applicationOf(earlier);
      const now = clock.now();
      const entryId = await audit.record(tx, principal, {
        action: 'seal.status-changed',
        outcome: 'done',
        objectId: idFromUuid('seal', sealUuid),
        subjectId: organisationId,
        purpose: reason,
        facts: { deed: 'apply', from: 'none', to: 'applied' },
      });
      const { version } = await recordStep(tx, {
        sealUuid,
        deed: 'apply',
        from: 'none',
        version: 0,
        reason,
        at: now,
        entryId,
      });
      const { rowCount } = await tx.query({
        name: 'seal-application-insert',
        text: `INSERT INTO seal.application (seal_id, organisation_id, organisation_name, organisation_uscc, applicant,
            request_key, body_sha256, wish, status, status_version, applied_at)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'applied', $9, $10)
          ON CONFLICT (applicant, request_key) DO NOTHING`,
        values: [
          sealUuid,
          uuidFromId('organisation', organisationId) ?? null,
          name,
          uscc,
          accountId,
          key,
          requestKey.bodySha256,
          JSON.stringify(wish),
          version,
          now,
        ],
      });
      // The same request won meanwhile: this one leaves nothing, and is answered when it is sent again.
      if (rowCount !== 1) throw new TrustError('idempotency-key-reused', 'the same request is being worked on');
      return applicationOf(await applicationRow(tx, idFromUuid('seal', sealUuid)));
    });
  }

  /** The face that the seal would have, but for its code. Throws as `apply` does. */
  preview(principal: Principal, wish: SealWish, dpi: number): { face: SealFace; png: Uint8Array } {
    const { name, uscc } = requireApplicant(principal);
    requireWish(wish);
    const face = this.#options.faceOf(wish, { organisationName: name, uscc });
    return { face, png: picturePng(face.picture, dpi) };
  }

  /** Those the caller may see, newest first. Throws `scope-missing`, `forbidden`, `cursor-invalid`. */
  async list(
    principal: Principal,
    query: { status?: SealApplication['status'] | undefined; limit?: number | undefined; cursor?: string | undefined },
  ): Promise<{ items: SealApplication[]; nextCursor: string | null }> {
    requireScope(principal, 'seal.apply', 'seal.manage');
    const party = isOffice(principal) ? undefined : requireApplicant(principal);
    const organisation = party === undefined ? null : (uuidFromId('organisation', party.organisationId) ?? null);
    const before = query.cursor === undefined ? undefined : uuidFromId('seal', query.cursor);
    if (query.cursor !== undefined && before === undefined)
      throw new TrustError('cursor-invalid', 'not a cursor of this list');
    const limit = Math.min(Math.max(query.limit ?? 20, 1), maxPageSize);
    const { rows } = await this.#options.database.query<ApplicationRow>({
      name: 'seal-applications',
      text: `SELECT ${applicationColumns} FROM seal.application a
        WHERE ($1::uuid IS NULL OR a.organisation_id = $1) AND ($2::text IS NULL OR a.status = $2)
          AND ($3::uuid IS NULL OR a.seal_id < $3) AND ($5::uuid[] IS NULL OR a.seal_id = ANY ($5))
        ORDER BY a.seal_id DESC LIMIT $4`,
      values: [organisation, query.status ?? null, before ?? null, limit + 1, narrowedTo(party)],
    });
    const items = rows.slice(0, limit).map(applicationOf);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.sealId ?? null) : null };
  }

  /** Throws `scope-missing`, `seal-not-found`, also when the caller may not see it. */
  async get(principal: Principal, sealId: string): Promise<SealApplication> {
    requireScope(principal, 'seal.apply', 'seal.manage');
    const application = applicationOf(await applicationRow(this.#options.database, sealId));
    if (isOffice(principal) || speaksFor(principal, application)) return application;
    throw new TrustError('seal-not-found', 'there is no such application');
  }

  /**
   * The seal has its code from now on. `seenPicture`: SHA-256 of the picture that was brought for it, if any. Throws `scope-missing`,
   * `forbidden` (the own application), `seal-not-found`, `seal-picture-changed`, `seal-transition-forbidden`.
   */
  async approve(
    principal: Principal,
    sealId: string,
    reason: string,
    seenPicture?: Uint8Array,
  ): Promise<SealApplication> {
    requireOffice(principal);
    const { database, isSamePerson } = this.#options;
    const { applicant } = await applicationRow(database, sealId);
    const { accountId } = principal;
    if (accountId !== undefined && (accountId === applicant || (await isSamePerson(accountId, applicant))))
      throw new TrustError('forbidden', 'nobody approves what they applied for');
    return this.#step(principal, sealId, { deed: 'approve', reason }, async (tx, row) => {
      requireSeenPicture(row, seenPicture);
      await takeSealCode(tx, row.seal_id, row.organisation_uscc);
    });
  }

  /** Throws as `approve` does. */
  async refuse(principal: Principal, sealId: string, reason: string): Promise<SealApplication> {
    requireOffice(principal);
    return this.#step(principal, sealId, { deed: 'refuse', reason });
  }

  /** By anybody who applies for the organisation. Throws as `get` does, and `seal-transition-forbidden`. */
  async withdraw(principal: Principal, sealId: string, reason: string): Promise<SealApplication> {
    requireApplicant(principal);
    await this.get(principal, sealId);
    return this.#step(principal, sealId, { deed: 'withdraw', reason });
  }

  async #step(
    principal: Principal,
    sealId: string,
    { deed, reason }: { deed: SealDeed; reason: string },
    work: (tx: Transaction, row: ApplicationRow) => Promise<void> = async () => undefined,
  ): Promise<SealApplication> {
    const { database, audit, clock } = this.#options;
    requireReason(reason);
    return database.transaction(async (tx) => {
      const row = await heldApplication(tx, sealId);
      requireStep(deed, row.status);
      await work(tx, row);
      const { to } = sealDeeds[deed];
      const entryId = await audit.record(tx, principal, {
        action: 'seal.status-changed',
        outcome: 'done',
        objectId: idFromUuid('seal', row.seal_id),
        subjectId: idFromUuid('organisation', row.organisation_id),
        purpose: reason,
        facts: { deed, from: row.status, to },
      });
      const step = { sealUuid: row.seal_id, deed, from: row.status, version: row.status_version, reason } as const;
      const { version } = await recordStep(tx, { ...step, at: clock.now(), entryId });
      await setApplicationState(tx, { sealUuid: row.seal_id, status: to, version });
      return applicationOf(await applicationRow(tx, sealId));
    });
  }
}

/** What is asked says nothing of for whom: under one key, one person at one client asks the same for two organisations. */
function keyOf({ owner, key }: RequestKey, organisationId: string): string {
  return toHex(sha256(utf8(JSON.stringify([owner, organisationId, key]))));
}

async function sameRequest(
  tx: Transaction,
  applicant: string,
  { key, bodySha256 }: Pick<RequestKey, 'key' | 'bodySha256'>,
): Promise<ApplicationRow | undefined> {
  const { rows } = await tx.query<ApplicationRow>({
    name: 'seal-application-by-key',
    text: `SELECT ${applicationColumns} FROM seal.application a WHERE a.applicant = $1 AND a.request_key = $2`,
    values: [applicant, key],
  });
  const [row] = rows;
  if (row !== undefined && !equalBytes(row.body_sha256, bodySha256))
    throw new TrustError('idempotency-key-reused', 'this Idempotency-Key was used for another application');
  return row;
}
