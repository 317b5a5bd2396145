// The API of batches of stampings over the seal room.

import * as contract from '../contract/stamping-batches.ts';
import type { BatchItem, BatchRecord, StampingBatches } from '../seal/batch/batches.ts';
import type { Binding, binder } from './api.ts';

export interface StampingBatchServices {
  readonly batches: StampingBatches;
}

export function stampingBatchHandlers(bind: ReturnType<typeof binder>, { batches }: StampingBatchServices): Binding[] {
  return [
    bind(contract.orderStampingBatch, async ({ principal, json, requestKey }) => ({
      json: batchJson(await batches.order(principal, json, requestKey)),
    })),
    bind(contract.getStampingBatch, async ({ principal, params }) => ({
      json: batchJson(await batches.get(principal, params.batchId)),
    })),
    bind(contract.listStampingBatchItems, async ({ principal, params, query }) => {
      const { items, nextCursor } = await batches.items(principal, params.batchId, query);
      return { json: { items: items.map(itemJson), nextCursor } };
    }),
    bind(contract.cancelStampingBatch, async ({ principal, params }) => ({
      json: batchJson(await batches.cancel(principal, params.batchId)),
    })),
    bind(contract.retryStampingBatch, async ({ principal, params }) => ({
      json: batchJson(await batches.retry(principal, params.batchId)),
    })),
  ];
}

function batchJson(batch: BatchRecord) {
  const { batchId, sealId, purpose, policy, level, status, documentCount, counts, ratePerSecond } = batch;
  return {
    batchId,
    sealId,
    purpose,
    policy,
    level,
    status,
    documentCount,
    counts: { ...counts },
    createdAt: batch.createdAt.toISOString(),
    cancelledAt: batch.cancelledAt?.toISOString() ?? null,
    endedAt: batch.endedAt?.toISOString() ?? null,
    ratePerSecond: ratePerSecond === null ? null : Math.round(ratePerSecond * 100) / 100,
    estimatedEndAt: batch.estimatedEndAt?.toISOString() ?? null,
  };
}

function itemJson({ settledAt, ...item }: BatchItem) {
  return { ...item, settledAt: settledAt?.toISOString() ?? null };
}
