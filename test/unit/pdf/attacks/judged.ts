// What is said of an attacked document: the verdict, and every later change or fault as a short word.

import { isTrustError } from '../../../../src/kernel/errors.ts';
import { changesAfter } from '../../../../src/pdf/changes.ts';
import { openPdf } from '../../../../src/pdf/reader.ts';
import type { PdfJudge } from '../../../../src/verification/pdf-judge.ts';

export interface Told {
  readonly indication: string;
  /** Of the first signature: `-page` is a change of a page that is refused, `+signature` one that is allowed. */
  readonly changes: readonly string[];
  /** Codes of errors and warnings of the file and of all its signatures. */
  readonly codes: readonly string[];
}

export async function toldBy(judge: PdfJudge, bytes: Uint8Array): Promise<Told> {
  try {
    const { verdict, signatures, findings } = await judge.judge(bytes);
    const all = [...findings, ...signatures.flatMap(({ report }) => report.findings)];
    const codes = all.filter(({ severity }) => severity !== 'info').map(({ code }) => code);
    return { indication: verdict.indication, changes: changesIn(bytes), codes: [...new Set(codes)] };
  } catch (error) {
    if (!isTrustError(error)) throw error;
    return { indication: 'refused', changes: [], codes: [error.code] };
  }
}

function changesIn(bytes: Uint8Array): string[] {
  try {
    const document = openPdf(bytes);
    const [signature] = document.signatures;
    if (signature === undefined) return [];
    const { changes } = changesAfter(document, signature);
    return [...new Set(changes.map(({ kind, permitted }) => `${permitted ? '+' : '-'}${kind}`))];
  } catch (error) {
    if (!isTrustError(error)) throw error;
    return [];
  }
}
