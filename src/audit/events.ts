// What can be written into the audit log (审计日志): a closed list of deeds, and what may be said of each.

import type { ErrorCode } from '../kernel/errors.ts';

/** Names are never renamed or reused: old leaves are read for ever. New ones are added in their group. */
export const auditActions = [
  'key.created',
  'key.opened',
  'key.state-changed',
  'certificate.issued',
  'certificate.revoked',
  'certificate.suspended',
  'certificate.resumed',
  'authority.deed-proposed',
  'authority.deed-decided',
  'ocsp.answering',
  'crl.issued',
  'time-stamp.issued',
  'sign-in',
  'consent',
  'token.issued',
  'account.created',
  'organisation.created',
  'mandate.granted',
  'seal.made',
  'seal.status-changed',
  'document.uploaded',
  'stamping',
  'document.downloaded',
  'licence-type.published',
  'licence.issued',
  'licence.status-changed',
  'licence.shown',
  'document.verified',
  'licence.verified',
  'configuration.changed',
] as const;

export type AuditAction = (typeof auditActions)[number];

/**
 * `intended` is committed before an act that cannot be undone (a key that signs); `done`, `failed` or `voided` follow it.
 * Acts that are their own transaction have `done` or `failed` only.
 */
export const auditOutcomes = ['intended', 'done', 'failed', 'voided'] as const;

export type AuditOutcome = (typeof auditOutcomes)[number];

export interface AuditEvent {
  readonly action: AuditAction;
  readonly outcome: AuditOutcome;
  /** Public spelling of what was acted on. An account enters the leaf as a keyed reference only. */
  readonly objectId?: string;
  readonly objectSha256?: Uint8Array;
  /** The account or organisation it is about; enters the leaf as a keyed reference only. */
  readonly subjectId?: string;
  /** Why, in the caller's words. People write names here, so it is sealed with the personal part. */
  readonly purpose?: string;
  readonly code?: ErrorCode;
  /** Stands in the public leaf for ever: never personal data, never a secret. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
  /** Sealed; the leaf holds a salted commitment to it. */
  readonly personal?: Readonly<Record<string, string>>;
}
