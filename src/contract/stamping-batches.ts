// Many documents stamped under one order (批量签章): ordered, watched, cancelled, and what failed tried again.

import { z } from 'zod';
import { idSchema, moment, pageOf, pageQuery } from './common.ts';
import { operation } from './operation.ts';
import { documentClass, placement } from './seals.ts';

const batchId = idSchema('batch');
const count = z.number().int().min(0);
const itemStatus = z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']);
const placements = z.array(placement).min(1).max(50);
const params = z.strictObject({ batchId });
/** 10,000 documents with a few placements each. */
const orderSizeBytes = 4 * 1024 * 1024;

const batch = z
  .strictObject({
    batchId,
    sealId: idSchema('seal'),
    purpose: z.string(),
    policy: z.enum(['intl', 'gm', 'dual']),
    level: z.enum(['B-B', 'B-T', 'B-LT', 'B-LTA']),
    status: z.enum(['running', 'cancelling', 'ended']).meta({
      description: '`cancelling`: what was begun is brought to its end, and nothing else is begun',
    }),
    documentCount: count,
    counts: z.strictObject({ waiting: count, running: count, done: count, failed: count, cancelled: count }),
    createdAt: moment,
    cancelledAt: moment.nullable(),
    endedAt: moment.nullable(),
    ratePerSecond: z.number().nullable().meta({ description: 'Documents a second in the last half minute' }),
    estimatedEndAt: moment.nullable().meta({ description: 'At that rate' }),
  })
  .meta({ id: 'StampingBatch' });

const batchItem = z
  .strictObject({
    number: z.number().int().min(1).meta({ description: 'In the order of the order' }),
    documentId: idSchema('document'),
    name: z.string().nullable(),
    status: itemStatus,
    stampingId: idSchema('stamping').nullable().meta({ description: 'Of a document that is done' }),
    code: z.string().nullable().meta({ description: 'Why it failed: the code that stamping it alone would answer' }),
    settledAt: moment.nullable(),
  })
  .meta({ id: 'StampingBatchItem' });

export const orderStampingBatch = operation({
  id: 'orderStampingBatch',
  method: 'post',
  path: '/api/v1/stamping-batches',
  tag: 'Seals',
  summary: 'Stamp many documents (批量签章)',
  description:
    'Takes the order and answers at once; the documents are stamped one by one, each exactly once whatever crashes, each with its own outcome. Your rights and the seal are looked at again for each: what is revoked or stopped meanwhile releases nothing more.',
  access: ['seal.stamp'],
  json: z.strictObject({
    sealId: idSchema('seal'),
    documents: z
      .array(
        z.strictObject({
          documentId: idSchema('document'),
          name: z
            .string()
            .min(1)
            .max(200)
            .optional()
            .meta({ description: 'What you call it; comes back with its item' }),
          placements: placements.optional().meta({ description: 'Instead of those of the batch' }),
        }),
      )
      .min(1)
      .max(10_000)
      .meta({ description: 'Each document once' }),
    placements,
    purpose: z.string().min(1).max(200).meta({ description: 'Why (用印事由); stands in the audit log' }),
    policy: z.enum(['intl', 'gm', 'dual']).default('intl'),
    level: z.enum(['B-B', 'B-T', 'B-LT', 'B-LTA']).default('B-T'),
    documentClass: documentClass.optional().meta({ description: 'Class of the documents (文件类别)' }),
  }),
  jsonSizeBytes: orderSizeBytes,
  creates: true,
  success: { status: 202, json: batch },
  errors: [
    'forbidden',
    'seal-not-found',
    'seal-not-active',
    'seal-expired',
    'document-not-found',
    'use-not-allowed',
    'document-class-required',
    'outside-hours',
    'approval-required',
    'placement-outside-page',
    'placement-not-supported',
    'policy-not-supported',
    'level-not-supported',
    'idempotency-key-reused',
  ],
});

export const getStampingBatch = operation({
  id: 'getStampingBatch',
  method: 'get',
  path: '/api/v1/stamping-batches/{batchId}',
  tag: 'Seals',
  summary: 'Progress of a batch',
  access: ['seal.stamp'],
  params,
  success: { status: 200, json: batch },
  errors: ['stamping-batch-not-found'],
});

export const listStampingBatchItems = operation({
  id: 'listStampingBatchItems',
  method: 'get',
  path: '/api/v1/stamping-batches/{batchId}/items',
  tag: 'Seals',
  summary: 'The documents of a batch, each with its own outcome',
  access: ['seal.stamp'],
  params,
  query: z.strictObject({ status: itemStatus.optional(), ...pageQuery }),
  success: { status: 200, json: pageOf(batchItem) },
  errors: ['stamping-batch-not-found', 'cursor-invalid'],
});

export const cancelStampingBatch = operation({
  id: 'cancelStampingBatch',
  method: 'post',
  path: '/api/v1/stamping-batches/{batchId}/cancel',
  tag: 'Seals',
  summary: 'Cancel a batch',
  description: 'What is not begun is not done. Once more, or after its end, changes nothing.',
  access: ['seal.stamp'],
  params,
  success: { status: 200, json: batch },
  errors: ['stamping-batch-not-found'],
});

export const retryStampingBatch = operation({
  id: 'retryStampingBatch',
  method: 'post',
  path: '/api/v1/stamping-batches/{batchId}/retry',
  tag: 'Seals',
  summary: 'Try the failed documents of a batch again',
  description: 'As whoever asks for it now. Without failed ones it changes nothing.',
  access: ['seal.stamp'],
  params,
  success: { status: 200, json: batch },
  errors: [
    'stamping-batch-not-found',
    'forbidden',
    'seal-not-found',
    'seal-not-active',
    'seal-expired',
    'policy-not-supported',
    'use-not-allowed',
    'document-class-required',
    'outside-hours',
    'approval-required',
  ],
});
