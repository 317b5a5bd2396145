// What a verification says, in the words of ETSI EN 319 102-1 (clause 5.1.3): a bad document is a result, never an exception.

/** EN 319 102-1 table 1: main status indications. */
export type Indication = 'TOTAL-PASSED' | 'TOTAL-FAILED' | 'INDETERMINATE';

/** EN 319 102-1 tables 2 and 3: sub-indications. */
export type SubIndication =
  | 'FORMAT_FAILURE'
  | 'HASH_FAILURE'
  | 'SIG_CRYPTO_FAILURE'
  | 'REVOKED'
  | 'EXPIRED'
  | 'NOT_YET_VALID'
  | 'SIG_CONSTRAINTS_FAILURE'
  | 'CHAIN_CONSTRAINTS_FAILURE'
  | 'CERTIFICATE_CHAIN_GENERAL_FAILURE'
  | 'CRYPTO_CONSTRAINTS_FAILURE'
  | 'POLICY_PROCESSING_ERROR'
  | 'TIMESTAMP_ORDER_FAILURE'
  | 'NO_SIGNING_CERTIFICATE_FOUND'
  | 'NO_CERTIFICATE_CHAIN_FOUND'
  | 'REVOKED_NO_POE'
  | 'REVOKED_CA_NO_POE'
  | 'OUT_OF_BOUNDS_NOT_REVOKED'
  | 'OUT_OF_BOUNDS_NO_POE'
  | 'REVOCATION_OUT_OF_BOUNDS_NO_POE'
  | 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE'
  | 'NO_POE'
  | 'TRY_LATER'
  | 'SIGNED_DATA_NOT_FOUND';

export type Severity = 'error' | 'warning' | 'info';

/** One observation. `code` is stable kebab-case; `detail` is plain English for the log and the API; pages choose words by code. */
export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly detail: string;
}

export interface Verdict {
  readonly indication: Indication;
  readonly subIndication: SubIndication | null;
}

const rank: Record<Indication, number> = { 'TOTAL-PASSED': 0, INDETERMINATE: 1, 'TOTAL-FAILED': 2 };

/** The worst verdict of several; the first of equals wins. An empty list is INDETERMINATE, never good. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  const [first, ...rest] = verdicts;
  if (first === undefined) return { indication: 'INDETERMINATE', subIndication: 'SIGNED_DATA_NOT_FOUND' };
  return rest.reduce((worst, next) => (rank[next.indication] > rank[worst.indication] ? next : worst), first);
}

export function finding(code: string, severity: Severity, detail: string): Finding {
  return { code, severity, detail };
}
