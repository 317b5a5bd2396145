// The API of the audit log, and the log itself as static resources for mirrors and witnesses (C2SP tlog-tiles).

import { Router } from 'express';
import type { AuditEntry } from '../audit/audit-entry.ts';
import { type EntryCounts, usesPerLicence } from '../audit/counts/entry-counts.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { AuditProofs, InclusionProof } from '../audit/proofs.ts';
import type { LogTiles } from '../audit/log-tiles.ts';
import * as contract from '../contract/audit.ts';
import { AuditedReading } from '../audit/audited-reading.ts';
import { toBase64, toHex } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Binding, binder } from './api.ts';
import { auditExport } from './audit-export.ts';
import { askedIn, entryJson, present, spanOf } from './audit-json.ts';
import { entryNamed, leafNamed, placeOf } from './audit-entry-place.ts';
import { proofWaitMs as waitMs, receiptFile } from './receipt-file.ts';
import { type HolderNames, isShown } from './receipt-parts.ts';

export interface AuditServices {
  readonly audit: AuditLog;
  readonly proofs: AuditProofs;
  readonly licences: HolderNames;
  readonly counts: EntryCounts;
  readonly clock: Clock;
}

export function auditHandlers(
  bind: ReturnType<typeof binder>,
  { audit, proofs, licences, counts, clock }: AuditServices,
): Binding[] {
  const reading = new AuditedReading(audit);
  return [
    bind(contract.listEntries, async ({ principal, query }) => {
      const page = await reading.search(principal, { ...askedIn(query), limit: query.limit });
      return { json: { items: page.items.map(entryJson), nextCursor: page.nextCursor } };
    }),
    bind(contract.exportEntries, async ({ principal, query: { format, ...query }, language }) => ({
      stream: auditExport({ audit, proofs, reading }, principal, { asked: askedIn(query), format, language }),
    })),
    bind(contract.countEntries, async ({ query: { from, until, ...query } }) => {
      const { items, ...position } = await counts.over({
        ...present(query),
        by: query.by,
        ...spanOf(clock, query.by, from, until),
      });
      return { json: { items: items.map((one) => ({ ...one, startsAt: one.startsAt.toISOString() })), ...position } };
    }),
    bind(contract.getLicenceUse, async ({ query: { from, until } }) => {
      const items = await counts.licenceUse(spanOf(clock, 'day', from, until));
      return { json: { items: items.map((one) => ({ ...one, usesPerLicence: usesPerLicence(one) })) } };
    }),
    bind(contract.getEntry, async ({ principal, params }) => {
      const entry = await entryNamed(audit, params.entry);
      await reading.opened(principal, entry);
      return { json: entryJson(entry) };
    }),
    bind(contract.getProof, async ({ params }) => {
      const { index, leaf } = await leafNamed(audit, params.entry, { waitMs });
      const proof = await proofs.inclusion(index, { waitMs });
      return {
        json: {
          index: proof.index,
          leafHash: toHex(proof.leafHash),
          leaf: leaf === null ? null : toBase64(leaf),
          path: proof.path.map(toHex),
          checkpoint: proof.checkpoint,
        },
      };
    }),
    bind(contract.getReceipt, async ({ principal, params }) => ({
      file: await receiptFile({ audit, proofs, licences }, principal, params.entry),
    })),
    bind(contract.listObjectProofs, async ({ principal, params, query }) => {
      const page = await audit.entries({ ...present(query), limit: query.limit, objectId: params.objectId });
      const visible: AuditEntry[] = [];
      for (const entry of page.items) if (await isShown(principal, entry, licences)) visible.push(entry);
      const indexes = await Promise.all(visible.map((entry) => placeOf(audit, entry, { waitMs })));
      const proven = await proofs.inclusions(indexes, { waitMs });
      const items = visible.map((entry, i) => provenJson(entry, proven[i]));
      return { json: { items, checkpoint: proven[0]?.checkpoint ?? null, nextCursor: page.nextCursor } };
    }),
    bind(contract.getConsistency, async ({ query: { from, to } }) => {
      const { fromRoot, toRoot, path, ...proof } = await proofs.consistency(from, to);
      return { json: { ...proof, fromRoot: toHex(fromRoot), toRoot: toHex(toRoot), path: path.map(toHex) } };
    }),
  ];
}

function provenJson(entry: AuditEntry, proof: InclusionProof | undefined) {
  if (proof === undefined) throw new TrustError('internal', 'an entry has no proof');
  return {
    entryId: entry.entryId,
    at: entry.at.toISOString(),
    action: entry.action,
    outcome: entry.outcome,
    index: proof.index,
    leafHash: toHex(proof.leafHash),
    leaf: toBase64(entry.leaf),
    path: proof.path.map(toHex),
  };
}

const immutable = 'public, max-age=31536000, immutable';

/** Mounted at /log. Public: leaves carry no personal data. */
export function logEndpoints(tiles: LogTiles): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/checkpoint', async (_request, response) => {
    response
      .type('text/plain')
      .set('cache-control', 'no-cache')
      .send(await tiles.checkpoint());
  });
  router.get('/key', (_request, response) => {
    response.type('text/plain').set('cache-control', 'public, max-age=3600').send(`${tiles.verifierKey()}\n`);
  });
  // C2SP tlog-tiles, "Pruning": full bundles that end at or below it may be gone.
  router.get('/minimum-index', async (_request, response) => {
    response
      .type('text/plain')
      .set('cache-control', 'no-cache')
      .send(`${await tiles.minimumIndex()}\n`);
  });
  router.get('/tile/*path', async (request, response) => {
    const bytes = await tiles.resource(request.path.slice(1));
    if (bytes === undefined) throw new TrustError('not-found', 'the log has no such tile');
    // Full and partial tiles of a published size never change.
    response.type('application/octet-stream').set('cache-control', immutable).send(Buffer.from(bytes));
  });
  return router;
}
