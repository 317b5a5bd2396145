// The view of a verification that was refused or never answered: an error code is a reason for 无法判断, never a verdict of its own.

import { wordsOfError } from './errors.ts';
import { words } from './language.ts';
import type { ReportView } from './report-view.ts';
import { documentVerdictWords, licenceVerdictWords } from './verdicts.ts';

export type Subject = 'document' | 'licence';

/** `code`: of the problem document, or `no-answer` when there was none. `requestId`: the number to quote. */
export function failedView(subject: Subject, code: string, requestId?: string): ReportView {
  const verdict = subject === 'licence' && notACode.includes(code) ? 'nothing' : 'undecided';
  return {
    verdict,
    words: (subject === 'licence' ? licenceVerdictWords : documentVerdictWords)[verdict],
    facts: [],
    findings: [{ severity: 'error', code, words: code === 'no-answer' ? noAnswer : wordsOfError(code) }],
    parts: [],
    ...(requestId !== undefined && { verificationId: requestId }),
  };
}

const notACode = ['malformed-qr', 'malformed-base45', 'malformed-base32', 'malformed-cbor'];
const noAnswer = words(
  '没有连上核验服务。请检查网络后再试。',
  'The verification service did not answer. Check your connection and try again.',
);
