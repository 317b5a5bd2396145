// The audit log (审计日志) as auditors and their tools see it.

import { z } from 'zod';
import { idSchema, moment, pageOf, pageQuery } from './common.ts';
import { operation } from './operation.ts';

const hexHash = z.string().regex(/^[0-9a-f]{64}$/);
const index = z.number().int().min(0);

/** What an index or a sealed part says of a row can disagree with its leaf; an empty list is a row as it was written. */
const faults = z
  .array(z.enum(['leaf', 'columns', 'actor-part', 'subject-part']))
  .meta({ description: 'What in the stored row is not what was written; the leaf is judged by its proof' });

const partState = z.enum(['open', 'erased', 'altered', 'none']);
const value = z.union([z.string(), z.number(), z.boolean()]);

const entry = z
  .strictObject({
    entryId: idSchema('entry'),
    index: index.nullable(),
    at: moment,
    action: z.string(),
    outcome: z.string(),
    clientId: z.string().nullable(),
    organisationId: z.string().nullable().meta({ description: 'The organisation that was acted for' }),
    level: z.number().int().nullable().meta({ description: 'Real-name level of a person who acted' }),
    accountId: z.string().nullable().meta({ description: 'Who acted; null when no person did, or when erased' }),
    subjectId: z.string().nullable().meta({ description: 'Whom it is about; null when nobody, or when erased' }),
    objectId: z.string().nullable(),
    objectSha256: z.string().nullable().meta({ description: 'base64url' }),
    purpose: z.string().nullable(),
    origin: z.string().nullable().meta({ description: 'Network, shortened' }),
    operator: z
      .string()
      .nullable()
      .meta({ description: 'Account of the machine, of what was done by a command there' }),
    code: z.string().nullable(),
    facts: z.record(z.string(), value).meta({ description: 'Public, by the schema of the action' }),
    personal: z.record(z.string(), value).meta({ description: 'Sealed, by the schema of the action' }),
    parts: z.strictObject({ actor: partState, subject: partState }),
    faults,
    leaf: z.string().meta({ description: 'The exact bytes of the leaf, base64' }),
    leafHash: hexHash,
  })
  .meta({ id: 'AuditEntry' });

const filters = {
  action: z.string().max(64).optional(),
  outcome: z.string().max(16).optional(),
  code: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/)
    .optional()
    .meta({ description: 'Of failures' }),
  clientId: z.string().max(128).optional(),
  actorId: z.string().max(128).optional().meta({ description: 'Account that acted' }),
  subjectId: z.string().max(128).optional().meta({ description: 'Account, holder or organisation that it is about' }),
  objectId: z.string().max(128).optional(),
  from: moment.optional(),
  until: moment.optional().meta({ description: 'Exclusive' }),
};

export const listEntries = operation({
  id: 'listAuditEntries',
  method: 'get',
  path: '/api/v1/audit/entries',
  tag: 'Audit',
  summary: 'Search the audit log, newest first',
  description:
    'Every search is an entry itself, which the person it was about can see. A page looks at a bounded number of entries, so it may hold fewer than asked for, even none, and still have a next one.',
  access: ['audit.read'],
  query: z.strictObject({ ...filters, ...pageQuery }),
  success: { status: 200, json: pageOf(entry) },
  errors: ['cursor-invalid'],
});

export const exportEntries = operation({
  id: 'exportAuditEntries',
  method: 'get',
  path: '/api/v1/audit/export',
  tag: 'Audit',
  summary: 'What a search finds, all of it, as CSV or as JSON lines with proofs',
  description:
    'The first JSON line holds the checkpoint, each further one an entry with its inclusion path under that checkpoint and the sealed parts that open its commitments, the last one their number: check it with `yinxin audit verify --export FILE --key KEY`. CSV (RFC 4180, UTF-8 with a byte order mark) has headings by Accept-Language and no proofs. A failure in the middle cuts the connection. Every export is an entry itself.',
  access: ['audit.read'],
  query: z.strictObject({ format: z.enum(['csv', 'jsonl']), ...filters }),
  success: {
    status: 200,
    raw: { mediaTypes: ['text/csv', 'application/jsonl'], description: 'The export' },
    streams: true,
  },
  errors: ['audit-entry-not-sequenced', 'not-acceptable'],
});

const count = z.number().int().min(0);
const timeSpan = {
  from: moment.optional().meta({ description: 'By default 30 days (by hour: 2) before the end' }),
  until: moment.optional().meta({ description: 'Exclusive; by default now' }),
};

export const countEntries = operation({
  id: 'countAuditEntries',
  method: 'get',
  path: '/api/v1/audit/counts',
  tag: 'Audit',
  summary: 'Entries over time, by hour or by day (Asia/Shanghai), from counters that follow the log',
  description: 'Hours and days without entries are left out. At most 1,100 of them.',
  access: ['audit.read'],
  query: z.strictObject({
    by: z.enum(['hour', 'day']).default('day'),
    ...timeSpan,
    action: z.string().max(64).optional(),
    outcome: z.string().max(16).optional(),
    clientId: z.string().max(128).optional(),
    typeCode: z.string().max(64).optional().meta({ description: 'Of a licence' }),
  }),
  success: {
    status: 200,
    json: z
      .strictObject({
        items: z.array(z.strictObject({ startsAt: moment, entries: count, failed: count })),
        countedUpTo: count.meta({ description: 'Entries with a smaller index are counted' }),
        treeSize: count,
      })
      .meta({ id: 'AuditCounts' }),
  },
  errors: [],
});

export const getLicenceUse = operation({
  id: 'getLicenceUse',
  method: 'get',
  path: '/api/v1/audit/licence-use',
  tag: 'Audit',
  summary: 'Licence use rate (用证率) by licence type, counted from the log',
  description: 'Showings and checks in the days of the span, and per licence that was issued up to its end.',
  access: ['audit.read'],
  query: z.strictObject(timeSpan),
  success: {
    status: 200,
    json: z
      .strictObject({
        items: z.array(
          z.strictObject({
            typeCode: z.string(),
            issued: count,
            shown: count,
            verified: count,
            usesPerLicence: z.number().nullable().meta({ description: 'null while none was issued' }),
          }),
        ),
      })
      .meta({ id: 'LicenceUse' }),
  },
  errors: [],
});

const atEntry = z.strictObject({
  entry: z
    .string()
    .regex(/^(?:0|[1-9]\d{0,14}|ent_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25})$/)
    .meta({ description: 'Index in the log, or identifier of the entry', example: '42' }),
});

export const getEntry = operation({
  id: 'getAuditEntry',
  method: 'get',
  path: '/api/v1/audit/entries/{entry}',
  tag: 'Audit',
  summary: 'One entry of the audit log',
  access: ['audit.read'],
  params: atEntry,
  success: { status: 200, json: entry },
  errors: ['audit-entry-not-found', 'audit-entry-archived'],
});

export const getProof = operation({
  id: 'getAuditProof',
  method: 'get',
  path: '/api/v1/audit/entries/{entry}/proof',
  tag: 'Audit',
  summary: 'Inclusion proof of an entry (RFC 9162, 2.1.3) under the newest checkpoint',
  access: ['audit.read'],
  params: atEntry,
  success: {
    status: 200,
    json: z
      .strictObject({
        index,
        leafHash: hexHash,
        leaf: z.string().nullable().meta({
          description:
            'The entry itself, base64, so that the proof binds to what it says; null when it was archived to files that this node does not have',
        }),
        path: z.array(hexHash),
        checkpoint: z.string().meta({ description: 'Signed note (C2SP tlog-checkpoint)' }),
      })
      .meta({ id: 'InclusionProof' }),
  },
  errors: ['audit-entry-not-found', 'audit-entry-not-sequenced'],
});

export const getReceipt = operation({
  id: 'getAuditReceipt',
  method: 'get',
  path: '/api/v1/audit/entries/{entry}/receipt',
  tag: 'Audit',
  summary: 'Receipt (回执) of a deed: a file that proves it for years, offline',
  description:
    'C2SP tlog-proof with the entry itself, and with those sealed parts of it that the caller may show: auditors all, whoever acted its own deeds, a person or organisation what is about it. Everybody else gets what is public. Check it with `yinxin audit verify --receipt FILE --key KEY`. Fresh entries take a second or so; 409 says when to come again.',
  access: 'public',
  params: atEntry,
  success: { status: 200, raw: { mediaTypes: ['text/plain'], description: 'The receipt, .tlog-proof' } },
  errors: ['audit-entry-not-found', 'audit-entry-archived', 'audit-entry-not-sequenced', 'not-acceptable'],
});

const provenEntry = z
  .strictObject({
    entryId: idSchema('entry'),
    at: moment,
    action: z.string(),
    outcome: z.string(),
    index,
    leafHash: hexHash,
    leaf: z.string().meta({ description: 'The entry itself, base64' }),
    path: z.array(hexHash),
  })
  .meta({ id: 'ProvenAuditEntry' });

export const listObjectProofs = operation({
  id: 'listAuditProofsOfObject',
  method: 'get',
  path: '/api/v1/audit/objects/{objectId}/proofs',
  tag: 'Audit',
  summary:
    'Entries about one object (stamping, licence, certificate, document), newest first, with their inclusion proofs',
  description:
    'Auditors see all entries; others their own deeds and what is about them. All proofs of a page are under one checkpoint.',
  access: [],
  params: z.strictObject({ objectId: z.string().regex(/^[a-z]{2,8}_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}$/) }),
  query: z.strictObject(pageQuery),
  success: {
    status: 200,
    json: z.strictObject({
      items: z.array(provenEntry),
      checkpoint: z.string().nullable().meta({ description: 'Signed note; null when there is no entry' }),
      nextCursor: z.string().nullable().meta({ description: 'Cursor of the next page; null at the end' }),
    }),
  },
  errors: ['cursor-invalid', 'audit-entry-not-sequenced'],
});

const treeSize = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const getConsistency = operation({
  id: 'getAuditConsistency',
  method: 'get',
  path: '/api/v1/audit/consistency',
  tag: 'Audit',
  summary: 'Proof that the log of a later size continues that of an earlier one (RFC 9162, 2.1.4)',
  access: 'public',
  query: z.strictObject({
    from: treeSize.meta({ description: 'Entries in the earlier tree' }),
    to: treeSize
      .optional()
      .meta({ description: 'Entries in the later tree; by default those of the newest checkpoint' }),
  }),
  success: {
    status: 200,
    json: z
      .strictObject({
        from: index,
        to: index,
        fromRoot: hexHash,
        toRoot: hexHash,
        path: z.array(hexHash),
        checkpoint: z.string().meta({ description: 'The newest signed note; it covers at least `to` entries' }),
      })
      .meta({ id: 'ConsistencyProof' }),
  },
  errors: ['audit-entry-not-sequenced'],
});
