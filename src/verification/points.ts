// An observation on a signature together with what it means for the verdict; ETSI EN 319 102-1, tables 1 to 3.

import type { Finding, SubIndication, Verdict } from '../kernel/report.ts';
import { finding, worstVerdict } from '../kernel/report.ts';

export interface Point {
  readonly finding: Finding;
  /** Absent when the observation is only told. */
  readonly verdict?: Verdict;
}

export function failed(subIndication: SubIndication, what: Finding): Point {
  return { finding: what, verdict: { indication: 'TOTAL-FAILED', subIndication } };
}

/** It cannot be decided with what is known. */
export function open(subIndication: SubIndication, what: Finding): Point {
  return { finding: what, verdict: { indication: 'INDETERMINATE', subIndication } };
}

/** Passed when nothing speaks against it; of equals the first point names the reason. */
export function verdictOf(points: readonly Point[]): Verdict {
  const verdicts = points.flatMap(({ verdict }) => (verdict === undefined ? [] : [verdict]));
  return verdicts.length === 0 ? { indication: 'TOTAL-PASSED', subIndication: null } : worstVerdict(verdicts);
}

/** Whatever a step above may overlook: only what is intact, valid and trusted can pass. */
export function undoubted(good: boolean): Point[] {
  if (good) return [];
  return [
    open('SIG_CONSTRAINTS_FAILURE', finding('signature-not-good', 'info', 'it is not intact, valid and trusted')),
  ];
}
