// The audit log (审计日志) as auditors and their tools see it.

import { z } from 'zod';
import { idSchema, moment, pageOf, pageQuery } from './common.ts';
import { operation } from './operation.ts';

const hexHash = z.string().regex(/^[0-9a-f]{64}$/);
const index = z.number().int().min(0);

const entry = z
  .strictObject({
    entryId: idSchema('entry'),
    index: index.nullable(),
    at: moment,
    action: z.string(),
    outcome: z.string(),
    clientId: z.string().nullable(),
    objectId: z.string().nullable(),
    purpose: z.string().nullable(),
    code: z.string().nullable(),
    leaf: z.string().meta({ description: 'The exact bytes of the leaf, base64' }),
    leafHash: hexHash,
  })
  .meta({ id: 'AuditEntry' });

export const listEntries = operation({
  id: 'listAuditEntries',
  method: 'get',
  path: '/api/v1/audit/entries',
  tag: 'Audit',
  summary: 'Search the audit log, newest first',
  access: ['audit.read'],
  query: z.strictObject({
    action: z.string().max(64).optional(),
    outcome: z.string().max(16).optional(),
    objectId: z.string().max(64).optional(),
    clientId: z.string().max(128).optional(),
    from: moment.optional(),
    until: moment.optional(),
    ...pageQuery,
  }),
  success: { status: 200, json: pageOf(entry) },
  errors: ['cursor-invalid'],
});

const atIndex = z.strictObject({ index: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER) });

export const getEntry = operation({
  id: 'getAuditEntry',
  method: 'get',
  path: '/api/v1/audit/entries/{index}',
  tag: 'Audit',
  summary: 'One entry of the audit log',
  access: ['audit.read'],
  params: atIndex,
  success: { status: 200, json: entry },
  errors: ['audit-entry-not-found'],
});

export const getProof = operation({
  id: 'getAuditProof',
  method: 'get',
  path: '/api/v1/audit/entries/{index}/proof',
  tag: 'Audit',
  summary: 'Inclusion proof of an entry (RFC 9162, 2.1.3) under the newest checkpoint',
  access: ['audit.read'],
  params: atIndex,
  success: {
    status: 200,
    json: z
      .strictObject({
        index,
        leafHash: hexHash,
        leaf: z.string().meta({ description: 'The entry itself, base64, so that the proof binds to what it says' }),
        path: z.array(hexHash),
        checkpoint: z.string().meta({ description: 'Signed note (C2SP tlog-checkpoint)' }),
      })
      .meta({ id: 'InclusionProof' }),
  },
  errors: ['audit-entry-not-found', 'audit-entry-not-sequenced'],
});
