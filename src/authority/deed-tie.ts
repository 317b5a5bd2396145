// What ties an approved deed to its proposal: the same transactions that intend and do the one tell of the other, so neither is without the other.

import type { Transaction } from '../db/database.ts';
import type { Uuid } from '../kernel/ids.ts';

/** Both throw `proposal-not-open` when the deed was given up meanwhile; the transaction then leaves nothing. */
export interface DeedTie {
  /** In the transaction of the intent: without it no key acts for the deed. */
  intended(tx: Transaction, certificateId: Uuid): Promise<void>;
  /** In the transaction that does the deed; `result` as in `Proposal`. */
  done(tx: Transaction, result: string): Promise<void>;
}
