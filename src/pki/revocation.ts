// Where a path validation learns whether a certificate was revoked; RFC 5280, 6.3.

import type { Certificate } from './certificate.ts';

/** RFC 5280, 5.3.1. */
export const revocationReasons = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
} as const;

export type RevocationReason = keyof typeof revocationReasons;

export type RevocationAnswer =
  | { readonly status: 'good' }
  | { readonly status: 'revoked'; readonly revokedAt: Date; readonly reason: RevocationReason }
  /** Nothing trustworthy is known: never taken for good. */
  | { readonly status: 'unknown'; readonly detail: string };

export interface RevocationSource {
  /** The status of `certificate`, issued by `issuer`; a later revocation than the moment asked about is reported too. */
  check(certificate: Certificate, issuer: Certificate): RevocationAnswer;
}
