// The export of a search in the audit log as an answer: JSON lines with proofs, or CSV; made at the reader's pace, and itself an entry.

import type { Asked, AuditedReading } from '../audit/audited-reading.ts';
import { type ExportSources, startExport } from '../audit/export.ts';
import type { Principal } from '../kernel/principal.ts';
import type { Language } from '../kernel/words/language.ts';
import { csvHead, csvRow } from './audit-csv.ts';
import { endLine, entryLine, headLine } from './audit-lines.ts';
import type { StreamReply } from './stream-reply.ts';

export type ExportServices = ExportSources;

interface Wanted {
  readonly asked: Asked;
  readonly format: 'csv' | 'jsonl';
  readonly language: Language;
}

export function auditExport(
  { reading, ...sources }: ExportServices & { readonly reading: Pick<AuditedReading, 'exported'> },
  principal: Principal,
  { asked, format, language }: Wanted,
): StreamReply {
  async function* chunks(signal: AbortSignal) {
    const { tree, pages } = await startExport(sources, asked, signal);
    await reading.exported(principal, asked, { format, outcome: 'intended' });
    let entries = 0;
    let isWhole = false;
    try {
      yield format === 'csv' ? csvHead(language) : headLine(tree, asked);
      for await (const page of pages) {
        entries += page.length;
        if (page.length > 0)
          yield page.map((one) => (format === 'csv' ? csvRow(one, language) : entryLine(one))).join('');
      }
      if (format === 'jsonl') yield endLine(entries);
      isWhole = !signal.aborted;
    } finally {
      // Also when the reader went away: so many entries had left the house.
      await reading.exported(principal, asked, { format, outcome: isWhole ? 'done' : 'failed', entries });
    }
  }
  return {
    mediaType: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl',
    fileName: `audit.${format}`,
    chunks,
  };
}
