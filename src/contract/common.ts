// Schemas that several operations share: identifiers, digests, moments, pages of lists, findings.

import { z } from 'zod';
import { type IdKind, idPrefixes } from '../kernel/ids.ts';

/** The public spelling of an identifier of one kind (src/kernel/ids.ts). */
export function idSchema(kind: IdKind) {
  const prefix = idPrefixes[kind];
  return z
    .string()
    .regex(new RegExp(`^${prefix}_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}$`))
    .meta({ description: `Identifier of a ${kind}`, example: `${prefix}_01jd0000000000000000000000` });
}

export const sha256Hex = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ description: 'SHA-256, lower-case hex' });
/** RFC 3339 in UTC. */
export const moment = z.iso.datetime().meta({ description: 'RFC 3339, UTC', example: '2026-11-21T09:42:00.000Z' });
export const day = z.iso.date().meta({ description: 'Calendar day (Asia/Shanghai)', example: '2026-11-21' });
export const millimetres = z.number().min(-10_000).max(10_000);

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(20).meta({ description: 'Items a page' }),
  cursor: z.string().max(512).optional().meta({ description: 'nextCursor of the page before' }),
};

export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({
    items: z.array(item),
    nextCursor: z.string().nullable().meta({ description: 'Cursor of the next page; null at the end' }),
  });
}

export const auditIndex = z
  .number()
  .int()
  .min(0)
  .nullable()
  .meta({ description: 'Index of the entry in the audit log; null while it is not sequenced yet (a second at most)' });

export const indication = z
  .enum(['TOTAL-PASSED', 'TOTAL-FAILED', 'INDETERMINATE'])
  .meta({ description: 'ETSI EN 319 102-1' });
export const subIndication = z
  .string()
  .nullable()
  .meta({ description: 'Sub-indication of ETSI EN 319 102-1', example: 'HASH_FAILURE' });

export const findings = z.array(
  z.strictObject({
    code: z.string().meta({ description: 'Stable, kebab-case' }),
    severity: z.enum(['error', 'warning', 'info']),
    detail: z.string().meta({ description: 'English, for developers' }),
  }),
);

export const receipt = z
  .strictObject({ entryId: idSchema('entry'), auditIndex })
  .meta({ description: 'Where the verification stands in the audit log' });

export const problem = z
  .looseObject({
    type: z.string().meta({ description: 'Path of a page that explains the code', example: '/problems/scope-missing' }),
    title: z.string(),
    status: z.number().int(),
    code: z.string().meta({ description: 'Stable, kebab-case', example: 'scope-missing' }),
    detail: z.string().optional(),
    requestId: z.string().optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document' });
