// Which failures of the server mean "run the transaction again", and which mean "the database is not there" (PostgreSQL appendix A).

import { TrustError } from '../kernel/errors.ts';

/** serialization_failure and deadlock_detected: the server rolled everything back and says so. */
const repeatable = new Set(['40001', '40P01']);

/** The server or the way to it is gone, is starting, is full, or did not answer in time. */
const unavailable = new Set([
  '53300', // too_many_connections
  '57014', // query_canceled: statement_timeout
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '25P03', // idle_in_transaction_session_timeout
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT', // the socket file is not there
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** The driver gives these no code. */
const unavailableTexts = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Query read timeout',
  'Client has encountered a connection error',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end',
];

/** The SQLSTATE or system code of an error, if it has one. */
export function failureCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function isRepeatable(error: unknown): boolean {
  const code = failureCode(error);
  return code !== undefined && repeatable.has(code);
}

export function isUnavailable(error: unknown): boolean {
  const code = failureCode(error);
  if (code !== undefined && (unavailable.has(code) || code.startsWith('08'))) return true;
  return error instanceof Error && unavailableTexts.some((text) => error.message.includes(text));
}

/** The error as callers know it: `database-unavailable` when the server is gone, else the error itself. */
export function translated(error: unknown): unknown {
  if (error instanceof TrustError || !isUnavailable(error)) return error;
  return new TrustError('database-unavailable', 'the database does not answer', { cause: error });
}
