// One step of a seal's life in the database: the row of its history, and the state of the seal or application that refers to it.

import type { Transaction } from '../../db/database.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Uuid } from '../../kernel/ids.ts';
import { isStep, type InvalidType, type LifeState, type SealDeed, sealDeeds } from './deeds.ts';

export interface LifeStep {
  readonly sealUuid: Uuid;
  readonly deed: SealDeed;
  readonly from: LifeState;
  /** Version of the state that it starts from; 0 where there is none. */
  readonly version: number;
  readonly reason: string;
  readonly invalidType?: InvalidType;
  readonly description?: string | undefined;
  readonly reference?: string;
  readonly at: Date;
  /** When it was asked for, if before. */
  readonly appliedAt?: Date;
  readonly entryId: Uuid;
}

/** Throws `seal-transition-forbidden`. For before the audit entry, which must not tell of what cannot be. */
export function requireStep(deed: SealDeed, from: LifeState): void {
  if (isStep(deed, from)) return;
  throw new TrustError('seal-transition-forbidden', `${deed} is not for a seal that is ${from}`, {
    details: { deed, from },
  });
}

/**
 * The row of the history; whoever calls sets the state to it in the same transaction, in which the seal's own row is held. No step is
 * dated before a signature that was released, whatever another node's clock says, nor before the step that it follows.
 */
export async function recordStep(tx: Transaction, step: LifeStep): Promise<{ version: number; effectiveAt: Date }> {
  requireStep(step.deed, step.from);
  const version = step.version + 1;
  const { rows: counted } = await tx.query<{ last_number: number }>({
    name: 'seal-life-number',
    text: 'UPDATE seal.life_counter SET last_number = last_number + 1 WHERE one RETURNING last_number',
  });
  const { rows } = await tx.query<{ effective_at: Date }>({
    name: 'seal-life-step',
    text: `INSERT INTO seal.status_history (seal_id, version, deed, from_status, to_status, reason, invalid_type,
        description, reference, applied_at, effective_at, entry_id, number)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
        greatest($11::timestamptz,
          (SELECT max(settled_at) FROM seal.stamping WHERE seal_id = $1 AND status = 'done'),
          (SELECT effective_at FROM seal.status_history WHERE seal_id = $1 AND version = $2::integer - 1)),
        $12, $13)
      RETURNING effective_at`,
    values: [
      step.sealUuid,
      version,
      step.deed,
      step.from,
      sealDeeds[step.deed].to,
      step.reason,
      step.invalidType ?? null,
      step.description ?? null,
      step.reference ?? null,
      step.appliedAt ?? step.at,
      step.at,
      step.entryId,
      counted[0]?.last_number ?? null,
    ],
  });
  return { version, effectiveAt: rows[0]?.effective_at ?? step.at };
}

export async function setSealState(
  tx: Transaction,
  { sealUuid, status, version }: { sealUuid: Uuid; status: LifeState; version: number },
): Promise<void> {
  await tx.query({
    name: 'seal-status-set',
    text: 'UPDATE seal.seal SET status = $2, status_version = $3 WHERE seal_id = $1',
    values: [sealUuid, status, version],
  });
}

export async function setApplicationState(
  tx: Transaction,
  { sealUuid, status, version }: { sealUuid: Uuid; status: LifeState; version: number },
): Promise<void> {
  await tx.query({
    name: 'seal-application-status-set',
    text: 'UPDATE seal.application SET status = $2, status_version = $3 WHERE seal_id = $1',
    values: [sealUuid, status, version],
  });
}
