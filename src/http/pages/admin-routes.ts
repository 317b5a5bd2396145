// The route of the admin page, for auditors and administrators.

import { Router } from 'express';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditLog } from '../../audit/audit-log.ts';
import { LogTiles } from '../../audit/log-tiles.ts';
import type { Authority } from '../../authority/authority.ts';
import type { Database } from '../../db/database.ts';
import { isTrustError } from '../../kernel/errors.ts';
import { asObject, textAt } from '../../kernel/words/members.ts';
import type { LicenceCatalogue } from '../../licence/catalogue.ts';
import type { SealRegister } from '../../seal/seals.ts';
import { packageFolder } from '../package-folder.ts';
import { type AdminPage, adminPage } from './admin-page.ts';
import { sendPage } from './send-page.ts';
import { requirePageScope, signedInOnly, type VisitOptions } from './visit.ts';

export interface AdminRoutesOptions extends VisitOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly logVerifierKey: string;
  readonly authority: Pick<Authority, 'anchors' | 'intermediates'>;
  readonly seals: Pick<SealRegister, 'list'>;
  readonly catalogue: Pick<LicenceCatalogue, 'types'>;
}

const shownEntries = 20;
const countedSeals = 100;

export function adminRoutes(options: AdminRoutesOptions): Router {
  const { database, audit, logVerifierKey, authority, seals, catalogue } = options;
  const router = Router({ caseSensitive: true });
  const programVersion = versionOf(join(packageFolder, 'package.json'));
  const tiles = new LogTiles({ database, verifierKey: logVerifierKey });

  router.get(
    '/admin',
    signedInOnly(options, async ({ response, principal, frame }) => {
      requirePageScope(principal, 'audit.read');
      const [version, active, types, latest, anchors, intermediates, waitingEntries, checkpoint] = await Promise.all([
        databaseVersion(database),
        seals.list(principal, { status: 'active', limit: countedSeals }),
        catalogue.types(principal, { limit: 100 }),
        audit.entries({ limit: shownEntries }),
        authority.anchors(),
        authority.intermediates(),
        audit.queueDepth(),
        newestCheckpoint(tiles),
      ]);
      const page: AdminPage = {
        frame,
        mayManage: principal.scopes.has('identity.manage'),
        programVersion,
        runtime: `Node.js ${process.versions.node}`,
        database: version,
        activeSeals: { count: active.items.length, more: active.nextCursor !== null },
        licenceTypes: types.items.length,
        checkpoint,
        waitingEntries,
        verifierKey: logVerifierKey,
        latest: latest.items,
        anchors,
        intermediates,
      };
      sendPage(response, adminPage(page));
    }),
  );
  return router;
}

async function databaseVersion(database: Database): Promise<string> {
  const { rows } = await database.query<{ server_version: string }>({ text: 'SHOW server_version' });
  return rows[0]?.server_version ?? '';
}

/** C2SP tlog-checkpoint: origin, size and root hash are the first three lines. `undefined` before the first one. */
async function newestCheckpoint(tiles: LogTiles): Promise<AdminPage['checkpoint']> {
  try {
    const [origin = '', size = '', root = ''] = (await tiles.checkpoint()).split('\n');
    return { origin, size, root };
  } catch (error) {
    if (isTrustError(error, 'audit-entry-not-sequenced')) return undefined;
    throw error;
  }
}

function versionOf(manifest: string): string {
  return textAt(asObject(JSON.parse(readFileSync(manifest, 'utf8'))), 'version') ?? '';
}
