// The calls of the audit log that this room makes: entries in the deed's transaction, or in one of their own.

import type { AuditLog } from '../audit/audit-log.ts';

export type AuditRecorder = Pick<AuditLog, 'record' | 'recordMany' | 'append' | 'appendMany' | 'appendManyWith'>;
