// Refusals as the Cloud Signature Consortium has them, whatever the caller says it accepts; CSC API 2.2, 10.1, RFC 6750 section 3.1.

import type { ErrorRequestHandler } from 'express';
import type { ErrorCode, TrustError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { asTrustError, challenge, retryAfter, statusOf } from '../problem.ts';

type CscErrorName =
  | 'invalid_request'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'access_denied'
  | 'server_error'
  | 'temporarily_unavailable';

export function cscRefusals(log: Log): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    if (response.headersSent) {
      next(thrown);
      return;
    }
    const error = asTrustError(thrown);
    const status = cscStatusOf(error.code);
    if (status >= 500)
      log.error({ err: error.cause ?? error, errorCode: error.code, route: request.path }, 'a CSC call failed');
    if (status === 401) response.set('www-authenticate', challenge(error));
    if (status === 429 || status === 503) response.set('retry-after', retryAfter(error));
    response
      .status(status)
      .set('cache-control', 'no-store')
      .json({ error: nameOf(error, status), error_description: descriptionOf(error, status) });
  };
}

/** The standard knows no 404 and 409 of its own: a credential that is not there or not in use is a wrong parameter. */
export function cscStatusOf(code: ErrorCode): number {
  const status = statusOf(code);
  return [409, 415, 422].includes(status) || code === 'seal-not-found' ? 400 : status;
}

function nameOf({ code }: TrustError, status: number): CscErrorName {
  if (status === 401) return 'invalid_token';
  if (status === 403) return code === 'scope-missing' ? 'insufficient_scope' : 'access_denied';
  if (status === 429 || status === 503) return 'temporarily_unavailable';
  return status >= 500 ? 'server_error' : 'invalid_request';
}

function descriptionOf({ code, message, details }: TrustError, status: number): string {
  if (status >= 500) return 'the service cannot answer now';
  if (code === 'seal-not-found') return 'Invalid parameter credentialID';
  const { faults } = details ?? {};
  const pointers = Array.isArray(faults) ? faults.map((fault: { pointer?: unknown }) => String(fault.pointer)) : [];
  return pointers.length === 0 ? message : `Missing or invalid parameter ${pointers.join(', ')}`;
}
