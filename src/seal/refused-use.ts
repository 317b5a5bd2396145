// A refused use of a seal stands in the audit log as a done one does, by whichever way it was asked for.

import type { AuditLog } from '../audit/audit-log.ts';
import { type ErrorCode, isTrustError } from '../kernel/errors.ts';
import type { Principal } from '../kernel/principal.ts';
import type { SealRecord } from './seal-record.ts';

export interface UseOfSeal {
  readonly action: 'stamping' | 'digest-stamping' | 'seal.remote-signature';
  readonly seal: Pick<SealRecord, 'sealId' | 'organisation'>;
  /** Of the entry, besides the reason of the refusal. */
  readonly facts?: Readonly<Record<string, string>>;
  /** What is only told to wait or to come again was not refused. */
  readonly except?: ReadonlySet<ErrorCode>;
}

/** The outcome of `does`; what it refuses is recorded and thrown on. Throws what the log throws as well. */
export async function recordingRefusal<T>(
  audit: AuditLog,
  principal: Principal,
  { action, seal, facts, except }: UseOfSeal,
  does: () => T | Promise<T>,
): Promise<T> {
  try {
    return await does();
  } catch (error) {
    if (isTrustError(error) && except?.has(error.code) !== true) {
      const reason = error.details?.['reason'];
      await audit.append(principal, {
        action,
        outcome: 'failed',
        objectId: seal.sealId,
        subjectId: seal.organisation.organisationId,
        code: error.code,
        facts: { ...facts, ...(typeof reason === 'string' && { reason }) },
      });
    }
    throw error;
  }
}
