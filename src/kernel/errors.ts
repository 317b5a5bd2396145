// The one error type of the house and the closed list of its codes; RFC 9457 documents are made from it at the border only.

/**
 * Every code a caller can meet. A code is added here first; the HTTP table (src/http/problem.ts) and the two-language
 * texts (src/kernel/words/errors.ts) are exhaustive over it by type.
 */
export const errorCodes = [
  // requests
  'malformed-request',
  'request-too-large',
  'unsupported-media-type',
  'not-found',
  'method-not-allowed',
  'not-acceptable',
  'precondition-required',
  'precondition-failed',
  'too-many-requests',
  'idempotency-key-reused',
  'cursor-invalid',
  // who may do what
  'token-missing',
  'token-invalid',
  'token-expired',
  'scope-missing',
  'step-up-required',
  'forbidden',
  // identity
  'credentials-wrong',
  'account-locked',
  'factor-not-found',
  'factor-in-use',
  'factor-last',
  'password-refused',
  'phone-number-invalid',
  'sms-unavailable',
  'upstream-unavailable',
  'upstream-failed',
  'upstream-linked-elsewhere',
  'upstream-other-person',
  'interaction-expired',
  'client-not-found',
  'client-transition-forbidden',
  'registration-token-not-found',
  'account-not-found',
  'account-transition-forbidden',
  'organisation-not-found',
  'organisation-transition-forbidden',
  'mandate-not-found',
  'mandate-exists',
  'mandate-not-open',
  'representative-not-proven',
  'register-unavailable',
  'session-not-found',
  // documents
  'malformed-pdf',
  'encrypted-pdf',
  'locked-pdf',
  'unsupported-pdf',
  'malformed-ofd',
  'locked-ofd',
  'unsupported-ofd',
  'document-unreadable',
  'document-not-found',
  'malformed-image',
  // seals
  'seal-not-found',
  'seal-not-active',
  'seal-expired',
  'seal-transition-forbidden',
  'use-not-allowed',
  'document-class-required',
  'outside-hours',
  'quota-exhausted',
  'stamping-request-not-found',
  'stamping-request-not-open',
  'stamping-request-changed',
  'seal-picture-changed',
  'stamping-not-found',
  'stamping-not-ready',
  'stamping-in-doubt',
  'stamping-batch-not-found',
  'digest-stamping-ended',
  'placement-outside-page',
  'placement-not-supported',
  'placement-occupied',
  'seam-page-left-over',
  'seam-slice-too-thin',
  'keyword-not-found',
  'keyword-search-refused',
  'field-not-found',
  'field-filled',
  'field-too-small',
  'field-not-usable',
  'policy-not-supported',
  'level-not-supported',
  'certification-not-first',
  'revocation-data-missing',
  'product-not-verified',
  'glyph-missing',
  // licences
  'licence-type-not-found',
  'licence-not-found',
  'licence-claims-invalid',
  'licence-transition-forbidden',
  'holder-identifier-invalid',
  'malformed-qr',
  'malformed-identifier',
  // audit
  'audit-entry-not-found',
  'audit-entry-not-sequenced',
  'audit-fork',
  'audit-entry-archived',
  'audit-archive-refused',
  'alert-not-found',
  'alert-acknowledged',
  'webhook-not-found',
  'webhook-url-refused',
  'delivery-not-dead',
  // formats
  'malformed-der',
  'malformed-certificate',
  'malformed-cms',
  'malformed-timestamp',
  'malformed-cbor',
  'malformed-base45',
  'malformed-base32',
  // keys and authorities
  'key-not-found',
  'key-purpose-wrong',
  'key-state-wrong',
  'key-unavailable',
  'algorithm-not-supported',
  'certificate-lint-failed',
  'certificate-not-found',
  'certificate-transition-forbidden',
  'malformed-csr',
  'csr-not-proven',
  'csr-key-refused',
  'malformed-ocsp',
  'approval-required',
  'proposal-not-found',
  'proposal-not-open',
  'proposal-self-approval',
  'proposal-changed',
  'proposal-interrupted',
  'trust-anchor-in-force',
  'trust-anchor-not-found',
  'timestamp-refused',
  'clock-unreliable',
  // the house itself
  'configuration-invalid',
  'database-unavailable',
  'migration-mismatch',
  'shutting-down',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** Facts for the caller; they go into the problem document, so never a secret and never personal data. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** A refusal or failure with a code that callers can rely on. `message` is for developers, in English. */
export class TrustError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails | undefined;

  constructor(code: ErrorCode, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TrustError';
    this.code = code;
    this.details = options.details;
  }
}

export function isTrustError(error: unknown, code?: ErrorCode): error is TrustError {
  return error instanceof TrustError && (code === undefined || error.code === code);
}
