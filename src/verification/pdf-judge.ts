// Judges every signature of a PDF and the file as a whole; ETSI EN 319 102-1, clause 5.1, over ISO 32000-2, 12.8.

import { setImmediate as othersFirst } from 'node:timers/promises';
import type { Authority } from '../authority/authority.ts';
import type { Clock } from '../kernel/clock.ts';
import { isTrustError } from '../kernel/errors.ts';
import { type Finding, finding, type Verdict, worstVerdict } from '../kernel/report.ts';
import { boundSignedBytes } from '../pdf/limits.ts';
import { openPdf, type PdfDocument } from '../pdf/reader.ts';
import type { SealRegister } from '../seal/seals.ts';
import { claimsSignature, hiddenSignatures } from './raw-signatures.ts';
import { type JudgedSignature, judgeSignature } from './signature-judge.ts';
import { fileMaterial } from './file-material.ts';
import { judgeArchiveStamps } from './past/archive-stamps.ts';
import { TrustGround } from './trust.ts';

export interface DocumentJudgeOptions {
  readonly authority: Authority;
  readonly seals: SealRegister;
  readonly clock: Clock;
}

export interface JudgedDocument {
  readonly verdict: Verdict;
  readonly pageCount: number;
  readonly signatures: readonly JudgedSignature[];
  readonly findings: readonly Finding[];
}

export const formatFailure: Verdict = { indication: 'TOTAL-FAILED', subIndication: 'FORMAT_FAILURE' };

export class PdfJudge {
  readonly #options: DocumentJudgeOptions;

  constructor(options: DocumentJudgeOptions) {
    this.#options = options;
  }

  /** Throws malformed-pdf, encrypted-pdf, unsupported-pdf for files that cannot be read and claim no signature. */
  async judge(bytes: Uint8Array): Promise<JudgedDocument> {
    await othersFirst();
    const opened = opening(bytes);
    if (!('document' in opened)) return opened;
    const { document } = opened;
    boundSignedBytes(document.signatures.map(({ revisionEnd }) => revisionEnd));
    const { authority, seals, clock } = this.#options;
    const material = fileMaterial(document);
    const ground = await TrustGround.of(authority, clock.now(), material);
    const inputs = document.signatures.map((signature) => ({ bytes, document, signature, ground, seals }));
    const archive = await judgeArchiveStamps(inputs);
    const signatures: JudgedSignature[] = [];
    for (const input of inputs) {
      await othersFirst(); // one signature may cost a second of one core, and a file has up to a hundred
      signatures.push(await judgeSignature(input, archive));
    }
    const findings = [...fileFindings(bytes, document), ...material.findings, ...ground.findings()];
    const own = findings.some(({ severity }) => severity === 'error') ? [formatFailure] : [];
    const { indication, subIndication } = worstVerdict([...own, ...signatures.map(({ report }) => report)]);
    const verdict = { indication, subIndication };
    return { verdict, pageCount: document.pages.length, signatures, findings };
  }
}

/** A file that cannot be read and carries the mark of a signature was damaged after signing: that is a verdict, not a refusal. */
function opening(bytes: Uint8Array): { document: PdfDocument } | JudgedDocument {
  try {
    return { document: openPdf(bytes) };
  } catch (error) {
    if (!isTrustError(error, 'malformed-pdf') || !claimsSignature(bytes)) throw error;
    const findings = [finding('malformed-pdf', 'error', error.message)];
    return { verdict: formatFailure, pageCount: 0, signatures: [], findings };
  }
}

function fileFindings(bytes: Uint8Array, document: PdfDocument): Finding[] {
  const findings: Finding[] = [];
  const hidden = hiddenSignatures(bytes, document.signatures);
  if (hidden > 0) {
    findings.push(
      finding('signature-hidden', 'error', `${hidden} signatures of the file are shown by no signature field`),
    );
  }
  if (document.signatures.length === 0 && hidden === 0) {
    findings.push(finding('no-signature', 'warning', 'the document carries no signature'));
  }
  return findings;
}
