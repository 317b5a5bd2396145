// What becomes of a use of a seal that failed after its intent: the true reason, and exactly one outcome.

import type { Clock } from '../kernel/clock.ts';
import { type ErrorCode, isTrustError, TrustError } from '../kernel/errors.ts';
import { requireInUse, type SealRegister } from './seals.ts';

/** A seal stopped while its key acted makes a product that is not good: the seal is the reason, not the product. */
export async function trueReason(
  error: unknown,
  { seals, clock, sealId }: { seals: SealRegister; clock: Clock; sealId: string },
): Promise<unknown> {
  if (!isTrustError(error, 'product-not-verified')) return error;
  try {
    requireInUse((await seals.forUse(sealId)).record, clock.now());
    return error;
  } catch (stopped) {
    return isTrustError(stopped) ? stopped : error;
  }
}

/**
 * Voided if the intent still stands, and then its `error` is thrown; the row if it is done and only the answer to the commit was lost. Throws
 * `stamping-in-doubt` with `details` when the database is gone: the intent stands until the service looks for abandoned ones, and the caller
 * can ask by the id.
 */
export async function settled<Row extends { readonly status: string }>(use: {
  readonly error: unknown;
  /** False: the intent stands no more. */
  readonly void: (code: ErrorCode) => Promise<boolean>;
  readonly own: () => Promise<Row>;
  readonly details: Readonly<Record<string, string>>;
}): Promise<Row> {
  const { error: cause, details } = use;
  const row = await use
    .void(isTrustError(cause) ? cause.code : 'internal')
    .then((voided) => (voided ? undefined : use.own()))
    .catch(() => {
      throw new TrustError('stamping-in-doubt', 'the outcome of the stamping is not known yet', { details, cause });
    });
  if (row?.status === 'done') return row;
  throw cause;
}
