// Stamps the documents of batches beside the requests of this process: claims some, looks at the orderer's rights anew for each, settles each by itself.

import type { AuditLog } from '../../audit/audit-log.ts';
import { sha256 } from '../../crypto/digest.ts';
import type { Database } from '../../db/database.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { addSeconds, type Clock, moment } from '../../kernel/clock.ts';
import { type ErrorCode, isTrustError } from '../../kernel/errors.ts';
import { idFromUuid, uuidFromId } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import { house } from '../../kernel/principal.ts';
import type { RequestKey } from '../../kernel/request-key.ts';
import { Rounds } from '../../kernel/rounds.ts';
import type { StampRequest } from '../stamp-request.ts';
import type { StampService } from '../stamping.ts';
import { claim, endBatch, heldRunning, type ItemEnd, nextDue, postpone, settleItem } from './batch-queue.ts';
import { type BatchRow, countsOf, type ItemRow } from './batch-store.ts';
import { type AsOfNow, presentOrderer } from './orderer.ts';

export interface BatchWorkerOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly log: Log;
  /** Its answers need not wait for places in the audit log. */
  readonly stamping: Pick<StampService, 'stamp' | 'outcome'>;
  readonly asOfNow: AsOfNow;
  /** Documents of batches that this process stamps at once; its requests share the processor with so many and no more. */
  readonly atOnce?: number;
  /** After this a claimed document is anybody's again. */
  readonly leaseSeconds?: number;
  /** Seconds after each failure that may pass by itself; when they are used up the document has failed. */
  readonly retrySeconds?: readonly number[];
}

/** As many as keep one core busy while another waits for the disk. */
const defaultAtOnce = 2;
/** Several times what an attempt at a stamping may take. */
const defaultLeaseSeconds = 45;
const defaultRetrySeconds = [2, 10, 60];
const idlePauseMs = 1000;
/** All of a batch is in somebody's hands: whether it has ended is looked at so often. */
const lookAgainMs = 250;

/** Of the moment, not of the document or the order. */
const passing: ReadonlySet<ErrorCode> = new Set([
  'database-unavailable',
  'key-unavailable',
  'timestamp-refused',
  'clock-unreliable',
  'stamping-in-doubt',
  'stamping-not-ready',
  'too-many-requests',
  'internal',
]);

export class BatchWorker {
  readonly #options: BatchWorkerOptions;
  readonly #lanes: readonly Rounds[];

  constructor(options: BatchWorkerOptions) {
    this.#options = options;
    const lane = () =>
      new Rounds({
        round: async () => ((await this.step()) ? 0 : idlePauseMs),
        failed: (error) => {
          options.log.warn({ err: error }, 'documents of batches could not be taken, they are tried again');
          return idlePauseMs;
        },
      });
    this.#lanes = Array.from({ length: options.atOnce ?? defaultAtOnce }, lane);
  }

  start(): void {
    for (const lane of this.#lanes) lane.start();
  }

  /** What is begun comes to its end. */
  async stop(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
  }

  nudge(): void {
    for (const lane of this.#lanes) lane.nudge();
  }

  /** One document; false when none is due. A crash after the claim: the lease ends, and another goes on. */
  async step(): Promise<boolean> {
    const { database, clock, leaseSeconds = defaultLeaseSeconds } = this.#options;
    const claimed = await claim(database, { now: clock.now(), leaseSeconds });
    if (claimed === undefined) return false;
    if (claimed.item === undefined) await this.#endOrPostpone(claimed.batch);
    else await this.#serve(claimed.batch, claimed.item);
    return true;
  }

  async #endOrPostpone({ batch_id, seal_id, request }: BatchRow): Promise<void> {
    const { database, audit, clock } = this.#options;
    await database.transaction(async (tx) => {
      if (!(await heldRunning(tx, batch_id))) return;
      const now = clock.now();
      const due = await nextDue(tx, batch_id);
      if (due !== undefined) {
        const soon = Math.min(Math.max(due.getTime(), now.getTime() + 1), now.getTime() + lookAgainMs);
        await postpone(tx, batch_id, moment(soon));
        return;
      }
      await endBatch(tx, batch_id, now);
      const { done: stamped, failed, cancelled } = (await countsOf(tx, batch_id, now)).counts;
      await audit.record(tx, house, {
        action: 'stamping-batch.ended',
        outcome: 'done',
        objectId: idFromUuid('batch', batch_id),
        purpose: request.purpose,
        facts: { sealId: idFromUuid('seal', seal_id), stamped, failed, cancelled },
      });
    });
  }

  async #serve(batch: BatchRow, item: ItemRow): Promise<void> {
    const { database, clock, log } = this.#options;
    const end = await this.#stamp(batch, item).catch((error: unknown) => this.#failure(item, error));
    try {
      await settleItem(database, item, end, clock.now());
    } catch (error) {
      // Its lease ends, and whoever takes it then is answered with the stamping that there is.
      log.warn({ err: error, item: item.item_no }, 'the outcome of a document of a batch could not be stored');
    }
  }

  async #stamp(batch: BatchRow, item: ItemRow): Promise<ItemEnd> {
    const { stamping, asOfNow } = this.#options;
    const { orderer, cancelled_at: cancelledAt } = batch;
    const request = stampRequestOf(batch, item);
    const requestKey = requestKeyOf(batch, item, request);
    if (cancelledAt !== null) {
      // Claimed by one who died: what that one has stamped is done, and nothing is begun any more.
      const found = await stamping.outcome(batch.owner, requestKey);
      return found === undefined ? { status: 'cancelled' } : stamped(found.stampingId);
    }
    const principal = await presentOrderer(orderer, asOfNow);
    return stamped((await stamping.stamp(principal, request, requestKey)).stampingId);
  }

  #failure({ tries, batch_id, item_no }: ItemRow, error: unknown): ItemEnd {
    const { clock, log, retrySeconds = defaultRetrySeconds } = this.#options;
    const code: ErrorCode = isTrustError(error) ? error.code : 'internal';
    if (code === 'internal') log.error({ err: error, batch: batch_id, item: item_no }, 'a document of a batch failed');
    const pauseSeconds = passing.has(code) ? retrySeconds[tries - 1] : undefined;
    if (pauseSeconds === undefined) return { status: 'failed', code };
    return { status: 'waiting', dueAt: addSeconds(clock.now(), pauseSeconds) };
  }
}

function stamped(stampingId: string): ItemEnd {
  return { status: 'done', stampingId: uuidFromId('stamping', stampingId) ?? '' };
}

function stampRequestOf({ request, seal_id }: BatchRow, { document_id, placements }: ItemRow): StampRequest {
  return {
    ...request,
    sealId: idFromUuid('seal', seal_id),
    documentId: idFromUuid('document', document_id),
    placements: placements ?? request.placements,
  };
}

/** The one thing that makes a document of a batch stamped once. No caller can send it: a header's key has no blank. */
function requestKeyOf(batch: BatchRow, item: ItemRow, request: StampRequest): RequestKey {
  return {
    owner: batch.owner,
    key: `batch ${batch.batch_id} ${item.item_no}`,
    bodySha256: sha256(utf8(JSON.stringify(request))),
  };
}
