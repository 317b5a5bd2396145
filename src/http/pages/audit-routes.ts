// Routes of the auditor's pages: search, one entry, its receipt, export.

import { Router } from 'express';
import type { AuditEntry } from '../../audit/audit-entry.ts';
import type { Asked, AuditedReading } from '../../audit/audited-reading.ts';
import type { EntryCounts } from '../../audit/counts/entry-counts.ts';
import { sha256 } from '../../crypto/digest.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import type { Principal } from '../../kernel/principal.ts';
import { type Language, words } from '../../kernel/words/language.ts';
import type { LicenceCatalogue } from '../../licence/catalogue.ts';
import { countsHtml } from './audit-counts.ts';
import { isTrustError } from '../../kernel/errors.ts';
import { parseCheckpoint } from '../../tlog/checkpoint.ts';
import { parseNote } from '../../tlog/note.ts';
import { verifyInclusion } from '../../tlog/proof.ts';
import { auditExport, type ExportServices } from '../audit-export.ts';
import { entryNamed, placeOf } from '../audit-entry-place.ts';
import { present } from '../audit-json.ts';
import { proofWaitMs, type ReceiptServices, receiptFile } from '../receipt-file.ts';
import { entryIdIn } from './activity-routes.ts';
import { type AuditEntryPage, auditEntryPage } from './audit-entry-page.ts';
import { auditPage, auditPath } from './audit-page.ts';
import { sendStream } from '../stream-reply.ts';
import { sendFile, sendPage } from './send-page.ts';
import { daySpanIn, textIn } from './span-form.ts';
import { requirePageScope, signedInOnly, type VisitOptions } from './visit.ts';

export interface AuditRoutesOptions extends VisitOptions {
  readonly reading: AuditedReading;
  readonly counts: EntryCounts;
  readonly catalogue: Pick<LicenceCatalogue, 'types'>;
  readonly clock: Clock;
  readonly receipts: ReceiptServices & ExportServices;
}

const entriesOnPage = 50;

export function auditRoutes(options: AuditRoutesOptions): Router {
  const { reading, receipts } = options;
  const router = Router({ caseSensitive: true });

  router.get(
    auditPath,
    signedInOnly(options, async ({ request: { query }, response, principal, frame }) => {
      requirePageScope(principal, 'audit.read');
      const asked = askedIn(query);
      const cursor = textIn(query, 'cursor');
      const wanted = { ...asked, limit: entriesOnPage, ...(cursor === undefined ? {} : { cursor }) };
      // Opening the page looks at nobody; pressing the button, or a link that says what to look for, does.
      const searches = textIn(query, 'search') !== undefined || Object.keys(asked).length > 0;
      const found = searches ? await reading.search(principal, wanted) : undefined;
      sendPage(
        response,
        auditPage({
          frame,
          asked,
          span: daySpanIn(query),
          isLater: cursor !== undefined,
          ...(found === undefined ? { counts: await overview(options, principal, frame.language) } : { found }),
        }),
      );
    }),
  );

  router.get(
    `${auditPath}/export`,
    signedInOnly(options, async ({ request: { query }, response, principal, frame: { language } }) => {
      requirePageScope(principal, 'audit.read');
      const format = query['format'] === 'jsonl' ? 'jsonl' : 'csv';
      await sendStream(
        response,
        auditExport({ ...receipts, reading }, principal, { asked: askedIn(query), format, language }),
      );
    }),
  );

  router.get(
    `${auditPath}/:entryId`,
    signedInOnly(options, async ({ request, response, principal, frame }) => {
      requirePageScope(principal, 'audit.read');
      const entry = await entryNamed(receipts.audit, entryIdIn(request.params['entryId']));
      await reading.opened(principal, entry);
      const proof = await proofOf(receipts, entry);
      sendPage(response, auditEntryPage({ frame, entry, ...(proof === undefined ? {} : { proof }) }));
    }),
  );

  router.get(
    `${auditPath}/:entryId/receipt`,
    signedInOnly(options, async ({ request, response, principal }) => {
      requirePageScope(principal, 'audit.read');
      sendFile(response, await receiptFile(receipts, principal, entryIdIn(request.params['entryId'])));
    }),
  );
  return router;
}

const chartDays = 30;

/** What the page shows while nothing is searched: how much was done lately, and how much licences are used. */
async function overview({ counts, catalogue, clock }: AuditRoutesOptions, principal: Principal, language: Language) {
  const until = clock.now();
  const span = { from: addSeconds(until, -(chartDays - 1) * 86_400), until };
  const [counted, uses, types] = await Promise.all([
    counts.over({ by: 'day', ...span }),
    counts.licenceUse(span),
    catalogue.types(principal, { limit: 100 }),
  ]);
  const names = new Map(types.items.map(({ typeCode, name }) => [typeCode, words(name.zh, name.en)]));
  return countsHtml({ language, counted, uses, names, ...span });
}

export function askedIn(query: Readonly<Record<string, unknown>>): Asked {
  const { from, until } = daySpanIn(query);
  const names = ['action', 'outcome', 'code', 'clientId', 'actorId', 'subjectId', 'objectId'] as const;
  const texts = Object.fromEntries(names.map((name) => [name, textIn(query, name)]));
  return present({ ...texts, from, until });
}

/** `undefined` while no signed tree covers the entry. */
async function proofOf(
  { audit, proofs }: AuditRoutesOptions['receipts'],
  entry: AuditEntry,
): Promise<AuditEntryPage['proof']> {
  try {
    const waiting = { waitMs: proofWaitMs };
    const { index, path, checkpoint } = await proofs.inclusion(await placeOf(audit, entry, waiting), waiting);
    const tree = parseCheckpoint(parseNote(checkpoint)?.text ?? '');
    if (tree === undefined) return undefined;
    const holds = verifyInclusion(sha256, { index, path, leafHash: entry.leafHash, size: tree.size, root: tree.root });
    return { index, treeSize: tree.size, steps: path.length, holds };
  } catch (error) {
    if (isTrustError(error, 'audit-entry-not-sequenced')) return undefined;
    throw error;
  }
}
