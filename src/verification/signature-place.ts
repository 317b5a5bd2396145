// What the file says about a signature before its cryptography is looked at: form, coverage, and later revisions; ISO 32000-2, 12.8.

import { finding } from '../kernel/report.ts';
import { changesAfter } from '../pdf/changes.ts';
import type { PdfDocument } from '../pdf/reader.ts';
import type { PdfSignature } from '../pdf/signatures.ts';
import type { SealRegister } from '../seal/seals.ts';
import type { Coverage, SignatureReport } from './document-report.ts';
import { failed, type Point } from './points.ts';
import { contentsSpelledOneWay } from './raw-signatures.ts';
import type { TrustGround } from './trust.ts';

export interface SignatureInput {
  readonly bytes: Uint8Array;
  readonly document: PdfDocument;
  readonly signature: PdfSignature;
  readonly ground: TrustGround;
  readonly seals: SealRegister;
}

/** The faults the reader found, and digits that were respelled. */
export function formPoints({ bytes, signature }: SignatureInput): Point[] {
  const points: Point[] = signature.findings.map((what) =>
    what.severity === 'error' ? failed('FORMAT_FAILURE', what) : { finding: what },
  );
  if (!contentsSpelledOneWay(bytes, signature)) {
    const detail = 'the digits of Contents are of both cases';
    points.push(failed('FORMAT_FAILURE', finding('signature-contents-respelled', 'error', detail)));
  }
  return points;
}

/** Later revisions by default deny; what is not permitted decides. */
export function laterChanges(
  document: PdfDocument,
  signature: PdfSignature,
): { changes: SignatureReport['changes']; points: readonly Point[] } {
  const { changes, verdict } = changesAfter(document, signature);
  const shown = changes.map(({ kind, object, page, detail }) => ({
    kind,
    ...(object === undefined ? {} : { object: String(object) }),
    ...(page === undefined ? {} : { page }),
    detail,
  }));
  if (verdict !== 'suspicious') return { changes: shown, points: [] };
  const detail = changes.find(({ permitted }) => !permitted)?.detail ?? 'the file was changed after this signature';
  return { changes: shown, points: [failed('FORMAT_FAILURE', finding('changed-after-signing', 'error', detail))] };
}

export function coverageOf(signature: PdfSignature): Coverage {
  // Its parts are well formed, but they end where no revision does.
  if (signature.findings.some(({ code }) => code === 'byte-range-end')) return 'partial';
  if (signature.coversWholeFile) return 'whole-file';
  return signature.revisionEnd > 0 ? 'revision' : 'partial';
}
