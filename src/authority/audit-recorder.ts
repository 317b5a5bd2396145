// The two calls of the audit log that this room makes: an entry in the deed's transaction, or in one of its own.

import type { AuditLog } from '../audit/audit-log.ts';

export type AuditRecorder = Pick<AuditLog, 'record' | 'append'>;
