// The error border: a code becomes an HTTP status and an RFC 9457 problem document; what is unknown becomes a 500 without text.

import type { ErrorRequestHandler, Response } from 'express';
import { translated } from '../db/failures.ts';
import { type ErrorCode, TrustError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';

const statusByCode = {
  'malformed-request': 400,
  'request-too-large': 413,
  'unsupported-media-type': 415,
  'not-found': 404,
  'method-not-allowed': 405,
  'not-acceptable': 406,
  'precondition-required': 428,
  'precondition-failed': 412,
  'too-many-requests': 429,
  'idempotency-key-reused': 422,
  'cursor-invalid': 400,
  'token-missing': 401,
  'token-invalid': 401,
  'token-expired': 401,
  'scope-missing': 403,
  'step-up-required': 401,
  forbidden: 403,
  'credentials-wrong': 401,
  'account-locked': 429,
  'factor-not-found': 404,
  'factor-in-use': 409,
  'factor-last': 409,
  'password-refused': 422,
  'phone-number-invalid': 422,
  'sms-unavailable': 503,
  'upstream-unavailable': 503,
  'upstream-failed': 502,
  'upstream-linked-elsewhere': 409,
  'upstream-other-person': 409,
  'interaction-expired': 410,
  'client-not-found': 404,
  'registration-token-not-found': 404,
  'client-transition-forbidden': 409,
  'account-not-found': 404,
  'account-transition-forbidden': 409,
  'organisation-not-found': 404,
  'organisation-transition-forbidden': 409,
  'mandate-not-found': 404,
  'mandate-exists': 409,
  'mandate-not-open': 409,
  'representative-not-proven': 403,
  'register-unavailable': 503,
  'session-not-found': 404,
  'malformed-pdf': 422,
  'encrypted-pdf': 422,
  'locked-pdf': 422,
  'unsupported-pdf': 422,
  'malformed-ofd': 422,
  'locked-ofd': 422,
  'unsupported-ofd': 422,
  'document-unreadable': 422,
  'document-not-found': 404,
  'malformed-image': 422,
  'seal-not-found': 404,
  'seal-not-active': 409,
  'seal-expired': 409,
  'seal-transition-forbidden': 409,
  'use-not-allowed': 403,
  'document-class-required': 400,
  'outside-hours': 403,
  'quota-exhausted': 403,
  'stamping-request-not-found': 404,
  'stamping-request-not-open': 409,
  'stamping-request-changed': 409,
  'seal-picture-changed': 409,
  'stamping-not-found': 404,
  'stamping-not-ready': 409,
  'stamping-in-doubt': 409,
  'stamping-batch-not-found': 404,
  'digest-stamping-ended': 409,
  'placement-outside-page': 422,
  'placement-not-supported': 422,
  'placement-occupied': 422,
  'seam-page-left-over': 422,
  'seam-slice-too-thin': 422,
  'keyword-not-found': 422,
  'keyword-search-refused': 422,
  'field-not-found': 422,
  'field-filled': 422,
  'field-too-small': 422,
  'field-not-usable': 422,
  'policy-not-supported': 422,
  'level-not-supported': 422,
  'certification-not-first': 422,
  'revocation-data-missing': 503,
  'product-not-verified': 500,
  'glyph-missing': 422,
  'licence-type-not-found': 404,
  'licence-not-found': 404,
  'licence-claims-invalid': 400,
  'licence-transition-forbidden': 409,
  'holder-identifier-invalid': 400,
  'malformed-qr': 422,
  'malformed-identifier': 400,
  'audit-entry-not-found': 404,
  'audit-entry-not-sequenced': 409,
  'audit-fork': 500,
  'audit-entry-archived': 410,
  'audit-archive-refused': 409,
  'alert-not-found': 404,
  'alert-acknowledged': 409,
  'webhook-not-found': 404,
  'webhook-url-refused': 422,
  'delivery-not-dead': 409,
  'malformed-der': 422,
  'malformed-certificate': 422,
  'malformed-cms': 422,
  'malformed-timestamp': 422,
  'malformed-cbor': 422,
  'malformed-base45': 422,
  'malformed-base32': 422,
  'key-not-found': 500,
  'key-purpose-wrong': 500,
  'key-state-wrong': 500,
  'key-unavailable': 503,
  'algorithm-not-supported': 422,
  'certificate-lint-failed': 500,
  'certificate-not-found': 404,
  'certificate-transition-forbidden': 409,
  'malformed-csr': 422,
  'csr-not-proven': 422,
  'csr-key-refused': 422,
  'malformed-ocsp': 422,
  'approval-required': 409,
  'proposal-not-found': 404,
  'proposal-not-open': 409,
  'proposal-self-approval': 403,
  'proposal-changed': 409,
  'proposal-interrupted': 409,
  'trust-anchor-in-force': 409,
  'trust-anchor-not-found': 404,
  'timestamp-refused': 503,
  'clock-unreliable': 503,
  'configuration-invalid': 500,
  'database-unavailable': 503,
  'migration-mismatch': 500,
  'shutting-down': 503,
  internal: 500,
} as const satisfies Record<ErrorCode, number>;

export function statusOf(code: ErrorCode): number {
  return statusByCode[code];
}

/** Express and its body readers throw errors with a `status` and a `type`; anything else is ours to have foreseen. */
export function asTrustError(thrown: unknown): TrustError {
  const error = translated(thrown); // the store of page sessions brings the driver's own errors
  if (error instanceof TrustError) return error;
  const { status, type } = (typeof error === 'object' && error !== null ? error : {}) as {
    status?: number;
    type?: string;
  };
  if (status === 413)
    return new TrustError('request-too-large', 'the body is larger than this operation takes', { cause: error });
  if (status === 415)
    return new TrustError('unsupported-media-type', 'the encoding of the body is not taken here', { cause: error });
  if (type !== undefined && status === 400)
    return new TrustError('malformed-request', 'the body could not be read', { cause: error });
  if (error instanceof URIError || status === 400)
    return new TrustError('malformed-request', 'the address could not be read', { cause: error });
  return new TrustError('internal', 'something failed here that is not your fault', { cause: error });
}

/** Sends the problem document of an error; details are facts for the caller and never name `type`, `status` or `code`. */
export function sendProblem(response: Response, error: TrustError, requestId: string | undefined): void {
  const status = statusOf(error.code);
  // A 5xx says no more than its code: its message is about our inside.
  const open = status < 500 || status === 503;
  const title = error.code.charAt(0).toUpperCase() + error.code.slice(1).replaceAll('-', ' ');
  if (status === 401) response.set('www-authenticate', challenge(error));
  const comesSoon = typeof error.details?.retryAfterSeconds === 'number';
  if (status === 429 || status === 503 || comesSoon) response.set('retry-after', retryAfter(error));
  response
    .status(status)
    .type('application/problem+json')
    .set('cache-control', 'no-store')
    .send(
      JSON.stringify({
        ...(open ? error.details : {}),
        type: `/problems/${error.code}`,
        title,
        status,
        code: error.code,
        ...(open ? { detail: error.message } : {}),
        ...(requestId === undefined ? {} : { requestId }),
      }),
    );
}

export function retryAfter({ details }: TrustError): string {
  const seconds = details?.retryAfterSeconds;
  return String(typeof seconds === 'number' ? Math.ceil(seconds) : 5);
}

/** RFC 6750 section 3, and RFC 9470 for a level that is too low. */
export function challenge(error: TrustError): string {
  if (error.code === 'token-missing') return 'Bearer realm="yinxin"';
  if (error.details?.proof === 'dpop')
    return 'DPoP realm="yinxin", error="invalid_dpop_proof", algs="ES256 PS256 EdDSA"';
  if (error.code !== 'step-up-required') return 'Bearer realm="yinxin", error="invalid_token"';
  const { acrValues, maxAgeSeconds } = error.details ?? {};
  const wishes = [
    typeof acrValues === 'string' ? `, acr_values="${acrValues}"` : '',
    typeof maxAgeSeconds === 'number' ? `, max_age="${maxAgeSeconds}"` : '',
  ];
  return `Bearer realm="yinxin", error="insufficient_user_authentication"${wishes.join('')}`;
}

/** The last handler of the API: every error leaves as a problem document; only unforeseen ones are logged with their cause. */
export function problemHandler(log: Log): ErrorRequestHandler {
  return (error, request, response, next) => {
    const problem = asTrustError(error);
    const requestId = typeof response.locals.requestId === 'string' ? response.locals.requestId : undefined;
    if (statusOf(problem.code) >= 500) {
      log.error(
        { err: problem.cause ?? problem, errorCode: problem.code, requestId, route: request.path },
        'request failed',
      );
    }
    if (response.headersSent) {
      next(error);
      return;
    }
    sendProblem(response, problem, requestId);
  };
}
