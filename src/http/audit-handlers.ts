// The API of the audit log, and the log itself as static resources for mirrors and witnesses (C2SP tlog-tiles).

import { Router } from 'express';
import type { AuditEntry } from '../audit/audit-entry.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { LogTiles } from '../audit/log-tiles.ts';
import * as contract from '../contract/audit.ts';
import { toBase64, toHex } from '../kernel/bytes.ts';
import { moment } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Binding, binder } from './api.ts';

export function auditHandlers(bind: ReturnType<typeof binder>, audit: AuditLog): Binding[] {
  return [
    bind(contract.listEntries, async ({ query: { from, until, ...query } }) => {
      const page = await audit.entries({
        ...present(query),
        limit: query.limit,
        ...(from === undefined ? {} : { from: moment(from) }),
        ...(until === undefined ? {} : { until: moment(until) }),
      });
      return { json: { items: page.items.map(entryJson), nextCursor: page.nextCursor } };
    }),
    bind(contract.getEntry, async ({ params }) => ({ json: entryJson(await audit.entry(params.index)) })),
    bind(contract.getProof, async ({ params }) => {
      const [proof, entry] = await Promise.all([audit.proof(params.index), audit.entry(params.index)]);
      return {
        json: {
          index: proof.index,
          leafHash: toHex(proof.leafHash),
          leaf: toBase64(entry.leaf),
          path: proof.path.map(toHex),
          checkpoint: proof.checkpoint,
        },
      };
    }),
  ];
}

/** Without the members that are undefined. */
function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

function entryJson(entry: AuditEntry) {
  return {
    entryId: entry.entryId,
    index: entry.index,
    at: entry.at.toISOString(),
    action: entry.action,
    outcome: entry.outcome,
    clientId: entry.clientId,
    objectId: entry.objectId,
    purpose: entry.purpose,
    code: entry.code,
    leaf: toBase64(entry.leaf),
    leafHash: toHex(entry.leafHash),
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
  router.get('/tile/*path', async (request, response) => {
    const bytes = await tiles.resource(request.path.slice(1));
    if (bytes === undefined) throw new TrustError('not-found', 'the log has no such tile');
    // Full and partial tiles of a published size never change.
    response.type('application/octet-stream').set('cache-control', immutable).send(Buffer.from(bytes));
  });
  return router;
}
