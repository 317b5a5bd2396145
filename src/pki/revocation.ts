// Where a path validation learns whether a certificate was revoked; RFC 5280, 6.3.

import type { AlgorithmPolicy } from './algorithm-policy.ts';
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

/** Why nothing is known of a status: the code of the finding it becomes. */
export type RevocationDoubt =
  | 'revocation-unknown'
  /** Of a judgement about the past: what was shown may have been made up since. */
  | 'existence-not-proven'
  | 'crl-missing'
  | 'crl-out-of-date'
  | 'crl-from-future'
  | 'crl-extension-unknown'
  | 'crl-signature-wrong'
  | 'crl-issuer-key-usage'
  | 'crl-issuer-not-trusted'
  | 'crl-scope-other'
  | 'crl-delta-alone'
  | 'crl-reasons-incomplete'
  | 'ocsp-out-of-date'
  | 'ocsp-from-future'
  | 'ocsp-status-unknown'
  | 'ocsp-extension-unknown'
  | 'ocsp-signature-wrong'
  | 'ocsp-responder-not-trusted';

export type RevocationAnswer =
  | { readonly status: 'good' }
  | { readonly status: 'revoked'; readonly revokedAt: Date; readonly reason: RevocationReason }
  /** Nothing trustworthy is known: never taken for good. Default code: `revocation-unknown`. */
  | { readonly status: 'unknown'; readonly detail: string; readonly code?: RevocationDoubt };

/** The path in which a status is asked for: who else may have signed the answer. */
export interface RevocationPath {
  /** What stands above the certificate: its issuer first, the anchor last. Judged with the path itself. */
  readonly above: readonly Certificate[];
  /** Further certificates from the message, trusted for nothing. */
  readonly others: readonly Certificate[];
  readonly algorithms: AlgorithmPolicy;
}

export interface RevocationSource {
  /**
   * The status of `certificate`, issued by `issuer`; a later revocation than the moment asked about is reported too. Without a
   * `path` only the issuer's own key can have signed the answer.
   */
  check(certificate: Certificate, issuer: Certificate, path?: RevocationPath): RevocationAnswer;
}
