// Moves closed months of the audit log from the database to files: written, made durable, read back and hashed up to a signed root, and only then dropped.

import { sha256 } from '../../crypto/digest.ts';
import { failureCode } from '../../db/failures.ts';
import { equalBytes, toHex, utf8 } from '../../kernel/bytes.ts';
import { type Clock, randomBytes } from '../../kernel/clock.ts';
import { isTrustError, TrustError } from '../../kernel/errors.ts';
import { newUuid, type Uuid } from '../../kernel/ids.ts';
import { requireKeeper } from '../../kernel/permissions.ts';
import type { Principal } from '../../kernel/principal.ts';
import { tileWidth, tileWidthAt } from '../../tlog/tile.ts';
import type { AuditLog } from '../audit-log.ts';
import { rangeHashes, readHead } from '../tree-store.ts';
import type { ArchiveFolder } from './archive-folder.ts';
import {
  type ArchiveDatabase,
  archivedSize,
  countRows,
  detach,
  dropDetached,
  endLease,
  hasLateEntries,
  holdLease,
  isArchived,
  monthsBefore,
  shownCheckpoint,
  stillHolds,
  storeArchived,
  tilesOfMonth,
} from './archive-store.ts';
import { tidyDefaultPartition, type Tidied } from './default-partition.ts';
import { checkpointPath, folderCheckpoint, keyPath } from './folder-checkpoint.ts';
import { encodeManifest, manifestPath } from './manifest.ts';
import { checkMonth } from './month-check.ts';
import { logPath, type MonthPlan, tilesCovering, writeMonth } from './month-files.ts';
import { firstKeptMonth, leastRetentionMonths, type Month, monthNamed } from './month.ts';

interface ArchiverOptions {
  readonly database: ArchiveDatabase;
  readonly audit: Pick<AuditLog, 'append' | 'record'>;
  readonly clock: Clock;
  readonly folder: ArchiveFolder;
  readonly verifierKey: string;
  /** Months before it are wholly older than this; not less than `leastRetentionMonths`. */
  readonly retentionMonths: number;
}

export interface ArchiveReport {
  readonly archived: readonly { readonly month: string; readonly entries: number }[];
  /** The first month that cannot go yet, and why; those after it wait for it. */
  readonly waiting?: { readonly month: string; readonly reason: string };
  readonly defaultPartition: Tidied;
}

const detachAttempts = 5;
const lockNotHad = '55P03';

export class LogArchiver {
  readonly #options: ArchiverOptions;
  readonly #holder: Uuid;

  /** Throws `configuration-invalid` for a retention below six months. */
  constructor(options: ArchiverOptions) {
    if (!(options.retentionMonths >= leastRetentionMonths))
      throw new TrustError('configuration-invalid', `entries stay for at least ${leastRetentionMonths} months`);
    this.#options = options;
    this.#holder = newUuid(options.clock);
  }

  /**
   * Archives the months before `before` (`YYYY-MM`), by default all that the retention lets go, oldest first. `forbidden` for all but
   * administrators and the house; `malformed-request` for a month that must stay; `audit-archive-refused` when another process is at
   * it, and when files, entries and tree do not agree. Whatever is thrown: nothing is lost, and the next call goes on.
   */
  async run(principal: Principal, { before }: { before?: string } = {}): Promise<ArchiveReport> {
    requireKeeper(principal);
    const { database, clock, retentionMonths } = this.#options;
    const limit = firstKeptMonth(clock.now(), retentionMonths);
    if (before !== undefined && (monthNamed(before) === undefined || before > limit))
      throw new TrustError('malformed-request', `entries stay for ${retentionMonths} months: before ${limit} at most`);
    await this.#goOn();
    try {
      // A crash after the last month was detached left its table; its entries are in the files.
      await dropDetached(database);
      const defaultPartition = await tidyDefaultPartition(database);
      const archived: { month: string; entries: number }[] = [];
      for (const month of await monthsBefore(database, before ?? limit)) {
        const outcome = await this.#archive(principal, month);
        if (typeof outcome === 'string')
          return { archived, waiting: { month: month.name, reason: outcome }, defaultPartition };
        archived.push({ month: month.name, entries: outcome });
      }
      return { archived, defaultPartition };
    } catch (error) {
      if (failureCode(error) !== lockNotHad) throw error;
      throw new TrustError('audit-archive-refused', 'the table is held by a long transaction: try again later');
    } finally {
      await endLease(database, this.#holder);
    }
  }

  /** How many entries were archived, or why the month must wait. */
  async #archive(principal: Principal, month: Month): Promise<number | string> {
    const { database, audit, folder } = this.#options;
    const plan = await this.#plan(month);
    if (typeof plan === 'string') return plan;
    const deed = { action: 'log.archived', objectId: month.name } as const;
    await audit.append(principal, { ...deed, outcome: 'intended' });
    let entries: number;
    // A crash up to the detaching leaves files that nobody needs yet, and an intent; the next run writes them again.
    try {
      const goOn = () => this.#goOn();
      const rows = await writeMonth(plan, { database, folder, goOn });
      const inPartition = await countRows(database, month);
      await checkMonth(plan, rows, { database, folder, goOn });
      const manifestSha256 = await this.#seal(plan, rows);
      const facts = { entries: rows.entries, size: plan.checkpoint.size, manifest: toHex(manifestSha256) };
      const { endIndex, checkpoint } = plan;
      const done = { month, entries: rows.entries, endIndex, checkpointSize: checkpoint.size, manifestSha256 };
      const late = await this.#detach(plan, inPartition === rows.entries, async (tx) => {
        await storeArchived(tx, done, this.#options.clock.now());
        await audit.record(tx, principal, { ...deed, outcome: 'done', facts });
      });
      if (late !== undefined) {
        await audit.append(principal, { ...deed, outcome: 'voided' });
        return late;
      }
      entries = rows.entries;
    } catch (error) {
      await this.#recordFailure(principal, month, error).catch(() => undefined); // the cause is what matters
      throw error;
    }
    // A crash here leaves the detached table, and old partial tiles beside the longer ones: the next run drops the one, nobody asks for the others.
    await dropDetached(database);
    await this.#removeOldEdge(plan);
    return entries;
  }

  /** Unless it was only the answer to the commit that was lost. */
  async #recordFailure(principal: Principal, { name }: Month, error: unknown): Promise<void> {
    const { database, audit } = this.#options;
    if (await isArchived(database, name)) return;
    const code = isTrustError(error) ? error.code : 'internal';
    await audit.append(principal, { action: 'log.archived', objectId: name, outcome: 'failed', code });
  }

  /** What would be written, or why the month is not closed. */
  async #plan(month: Month): Promise<MonthPlan | string> {
    const { database, verifierKey } = this.#options;
    const head = await readHead(database);
    const fullTiles = Math.floor(head.frontier.size / tileWidth);
    if (await hasLateEntries(database, month, fullTiles)) return notInFullTiles;
    const tiles = await tilesOfMonth(database, month);
    const endIndex = tiles === undefined ? 0 : (tiles.last + 1) * tileWidth;
    const coveredSize = await this.#coveredSize();
    const checkpoint = await shownCheckpoint(database, Math.max(endIndex, coveredSize), verifierKey);
    if (checkpoint === undefined) return 'no checkpoint that may be shown covers all of its entries yet';
    if (tilesCovering(checkpoint.size) > fullTiles) return notInFullTiles;
    const firstNewTile = tilesCovering(coveredSize);
    const firstTile = tiles?.first ?? firstNewTile;
    return { month, head, firstNewTile, coveredSize, firstTile, endIndex, checkpoint };
  }

  /** The size of the tree that the folder has. `audit-archive-refused` when it is not the folder of this log. */
  async #coveredSize(): Promise<number> {
    const { database, folder } = this.#options;
    const needed = await archivedSize(database);
    const { size, root } = (await folderCheckpoint(folder)) ?? { size: 0, root: new Uint8Array() };
    if (size < needed)
      throw new TrustError('audit-archive-refused', `the folder has ${size} leaves, ${needed} were archived before`);
    if (size === 0) return 0;
    const head = await readHead(database);
    const [own] = size > head.frontier.size ? [] : await rangeHashes(database, head, [{ start: 0, end: size }], size);
    if (own === undefined || !equalBytes(own, root))
      throw new TrustError('audit-archive-refused', 'the folder is the archive of another log');
    return size;
  }

  /** Checkpoint and manifest come last: they say that what they speak of is there. Returns the digest of the manifest. */
  async #seal(
    { month, endIndex, checkpoint }: MonthPlan,
    rows: Awaited<ReturnType<typeof writeMonth>>,
  ): Promise<Uint8Array> {
    const { folder, verifierKey } = this.#options;
    const manifest = encodeManifest({
      month: month.name,
      entries: rows.entries,
      endIndex,
      checkpointSize: checkpoint.size,
      rootHex: toHex(checkpoint.root),
      rowsSha256Hex: toHex(rows.sha256),
      blocks: rows.blocks,
    });
    await folder.write(manifestPath(month.name), manifest);
    await folder.write(keyPath, utf8(`${verifierKey}\n`));
    await folder.write(checkpointPath, utf8(checkpoint.note));
    await folder.sync();
    const digest = sha256(manifest);
    if (!equalBytes(await folder.digest(manifestPath(month.name)), digest))
      throw new TrustError('audit-archive-refused', 'the manifest is not what was written');
    return digest;
  }

  /** In one transaction the month is no part of the log's table any more, and known to be archived. Why not, if not. */
  async #detach(
    { month, head }: MonthPlan,
    complete: boolean,
    record: (tx: Parameters<typeof detach>[0]) => Promise<void>,
  ): Promise<string | undefined> {
    if (!complete)
      throw new TrustError('audit-archive-refused', `${month.name} has rows that are no leaves of the tree`);
    const { database } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        await database.transaction(async (tx) => {
          await detach(tx, month);
          // Under the lock nobody writes: whoever committed late is seen here, and whoever comes later finds the default partition.
          if (await hasLateEntries(tx, month, Math.floor(head.frontier.size / tileWidth))) throw new LateEntry();
          if (!(await stillHolds(tx, this.#holder))) throw lost();
          await record(tx);
        });
        return undefined;
      } catch (error) {
        if (error instanceof LateEntry) return 'an entry of it was committed late';
        if (failureCode(error) !== lockNotHad) throw error;
        if (attempt === detachAttempts) return 'a transaction that may still write into it is open';
        await pause();
      }
    }
  }

  /** The partial tiles of the tree that was there before: longer ones have taken their place. */
  async #removeOldEdge({ coveredSize, checkpoint }: MonthPlan): Promise<void> {
    for (let level = 1; tileWidth ** level <= coveredSize; level++) {
      const index = Math.floor(coveredSize / tileWidth ** (level + 1));
      const width = tileWidthAt(level, index, coveredSize);
      if (width === 0 || width === tileWidthAt(level, index, checkpoint.size)) continue;
      await this.#options.folder.remove(logPath({ level, index, width }));
    }
  }

  async #goOn(): Promise<void> {
    if (!(await holdLease(this.#options.database, this.#holder))) throw lost();
  }
}

class LateEntry extends Error {}

const notInFullTiles = 'an entry of it is in the queue, or in the last group of 256 leaves that is not full yet';

function lost(): TrustError {
  return new TrustError('audit-archive-refused', 'another process archives, or one died at it within the last minute');
}

/** So that writers who queued behind the lock get through. */
async function pause(): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, 100 + (randomBytes(1)[0] ?? 0));
  });
}
