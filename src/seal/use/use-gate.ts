// The one gate through which every use of a seal goes (用印核准): may this caller, now, for this; and is it still so when the signature is released.

import type { Transaction } from '../../db/database.ts';
import { type Id, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import { TrustError } from '../../kernel/errors.ts';
import { ownerOf } from '../../kernel/permissions.ts';
import type { Principal } from '../../kernel/principal.ts';
import { requireSealUse } from '../seal-use.ts';
import type { SealForUse } from '../seals.ts';
import type { DocumentClass } from './document-class.ts';
import { type Count, type Counted, countsOf, takePlaces } from './quota.ts';
import { openPolicy, requireAllowed, requireHours } from './use-policy.ts';

/** Whether a mandate holds, as the transaction will see it when it commits: an end waits for it, or it sees the end. */
export type MandateHolds = (tx: Transaction, accountId: string, mandateId: string) => Promise<boolean>;

/** Who agreed to a use, and under which mandate. */
export interface Approval {
  readonly accountId: Id<'account'>;
  readonly mandateId: Id<'mandate'>;
}

/** A request that as many agreed to as its policy wants. */
export interface ApprovedRequest {
  readonly requestId: Id<'stampingRequest'>;
  readonly policyVersion: number;
  /** Of the document that they saw. */
  readonly documentSha256: Uint8Array;
  readonly approvals: readonly Approval[];
}

export interface UseAsked {
  readonly seal: SealForUse;
  readonly purpose: string;
  readonly policy: string;
  readonly level: string;
  readonly documentClass?: DocumentClass | undefined;
  readonly approved?: ApprovedRequest | undefined;
  readonly at: Date;
}

/** What the gate let through, and under what. */
export interface AdmittedUse {
  readonly principal: Principal;
  readonly sealUuid: Uuid;
  /** Null: the seal has no policy of use. */
  readonly policyVersion: number | null;
  readonly timeZone: string;
  readonly counts: readonly Count[];
  readonly documentClass: DocumentClass | undefined;
  readonly approved: ApprovedRequest | undefined;
  readonly at: Date;
}

/**
 * Throws `forbidden`, `use-not-allowed` (details.reason), `document-class-required`, `outside-hours`, `approval-required` (details.approvers),
 * `stamping-request-changed`. The quota is not judged here: a place is taken or not, in the transaction of the intent.
 */
export function admitUse(principal: Principal, asked: UseAsked): AdmittedUse {
  const { seal, documentClass, approved, at } = asked;
  const { rules, version } = requireUseOf(principal, asked);
  requireHours(rules, at);
  if (approved === undefined && rules.approvers > 0)
    throw new TrustError('approval-required', 'the use of this seal wants the approval of others first', {
      details: { approvers: rules.approvers },
    });
  if (approved !== undefined && approved.policyVersion !== version)
    throw new TrustError('stamping-request-changed', 'the policy of use changed since the request', {
      details: { reason: 'use-policy' },
    });
  const { accountId, actingFor } = principal;
  const maxUses = accountId === undefined ? undefined : actingFor?.maxUses;
  const mandate = maxUses === undefined ? undefined : { mandateId: actingFor?.mandateId ?? '', maxUses };
  return {
    principal,
    sealUuid: seal.uuid,
    policyVersion: version === 0 ? null : version,
    timeZone: rules.timeZone,
    counts: countsOf(rules, { at, owner: ownerOf(principal), mandate }),
    documentClass,
    approved,
    at,
  };
}

/** What holds for a request that is yet to be approved as well: all but hours, quota and approval. Throws as `admitUse` does. */
export function requireUseOf(principal: Principal, { seal, ...asked }: Omit<UseAsked, 'at' | 'approved'>) {
  requireSealUse(principal, seal.record, seal.isLetToSystem);
  const { rules, version } = seal.use ?? { rules: openPolicy, version: 0 };
  const { accountId } = principal;
  requireAllowed(rules, { ...asked, accountId, documentClass: asked.documentClass });
  return { rules, version };
}

/** In the transaction of the intent. Throws `quota-exhausted`. */
export async function countUse(tx: Transaction, use: AdmittedUse, stampingId: Uuid): Promise<void> {
  if (use.counts.length > 0) await takePlaces(tx, use.counts, { ...use, stampingId });
}

/** What a stamping stores, to be given back by `givePlacesBack`; null: nothing. */
export function countedBy({ counts }: AdmittedUse): readonly Counted[] | null {
  return counts.length === 0 ? null : counts.map(({ subject, period }) => ({ subject, period }));
}

/**
 * In the transaction of the release, which holds the seal's row: whatever took the use back and is committed is seen, whatever will waits.
 * Throws `use-not-allowed` (details.reason) and `forbidden`; nothing is released then.
 */
export async function requireStillAdmitted(
  tx: Transaction,
  use: AdmittedUse,
  mandateHolds: MandateHolds,
): Promise<void> {
  const { principal, sealUuid, policyVersion, approved } = use;
  const { accountId, clientId, kind, actingFor } = principal;
  const { rows } = await tx.query<{ version: number | null; is_let: boolean }>({
    name: 'seal-use-still',
    text: `SELECT (SELECT max(version) FROM seal.use_policy WHERE seal_id = $1) AS version,
      (s.system_use = 'all' OR EXISTS (SELECT 1 FROM seal.system_grant g WHERE g.seal_id = $1 AND g.client_id = $2)) AS is_let
      FROM seal.seal s WHERE s.seal_id = $1`,
    values: [sealUuid, kind === 'system' ? (clientId ?? null) : null],
  });
  const [now] = rows;
  if (now === undefined || now.version !== policyVersion) throw takenBack('policy-changed');
  if (kind === 'system' && !now.is_let) throw new TrustError('forbidden', 'the seal is let to this system no more');
  const people = [
    ...(kind === 'person' && actingFor !== undefined
      ? [{ accountId: accountId ?? '', mandateId: actingFor.mandateId }]
      : []),
    ...(approved?.approvals ?? []),
  ];
  for (const person of people)
    if (!(await mandateHolds(tx, person.accountId, person.mandateId))) throw takenBack('mandate-ended');
}

function takenBack(reason: 'policy-changed' | 'mandate-ended'): TrustError {
  return new TrustError('use-not-allowed', 'what allowed this use ended while it was under way', {
    details: { reason },
  });
}

/** The identifiers of an approved request as the ledger stores them. */
export function requestUuid({ approved }: AdmittedUse): Uuid | null {
  return approved === undefined ? null : (uuidFromId('stampingRequest', approved.requestId) ?? null);
}
