// `yinxin audit mirror`: keeps a copy of a log in a folder, as files in the layout of C2SP tlog-tiles, and keeps nothing that the signed root does not cover.

import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { equalBytes } from '../kernel/bytes.ts';
import { finding } from '../kernel/report.ts';
import { leadingLeaves } from '../tlog/entry-bundle.ts';
import { type TileAddress, tilesOfLevel, tileWidth, tileWidthAt } from '../tlog/tile.ts';
import { tilePath } from '../tlog/tile-path.ts';
import { directorySource, type LogSource, SourceUnreadable } from './audit-log-source.ts';
import { rememberedNote } from './audit-memory.ts';
import { undecided } from './audit-report.ts';
import { type OfferedBundle, readBundle, readTile } from './audit-resources.ts';
import { AuthenticTiles, edgeAddress, TileAltered } from './audit-tiles.ts';
import { type OpenedCheckpoint, type Trust, type TrustGiven, trustOf } from './audit-trust.ts';
import { badEntry, forkSince, type LogReport, newestCheckpoint, openRemembered } from './audit-verify.ts';
import { type Fault, faultIn, type Progress, tileFault } from './audit-verify-tree.ts';

export interface MirrorInput extends TrustGiven {
  readonly source: LogSource;
  readonly directory: string;
  readonly progress?: Progress;
}

const prefetch = 8;

/**
 * Fetches what is new and checks each resource before it is written. The checkpoint of the folder is the memory: it is replaced last,
 * when all below it is there, so a run that was cut off is taken up again, and a log that shrank or forked is refused.
 */
export async function mirrorLog(input: MirrorInput): Promise<LogReport> {
  const trust = trustOf(input);
  if ('exitStatus' in trust) return trust;
  try {
    return await mirrored(input, trust);
  } catch (error) {
    if (error instanceof SourceUnreadable) return undecided('source-unreadable', error.message);
    if (error instanceof TileAltered) return badEntry(tileFault(error.address), {});
    throw error;
  }
}

async function mirrored(input: MirrorInput, trust: Trust): Promise<LogReport> {
  const { source, directory } = input;
  const now = await newestCheckpoint(source, trust);
  if ('exitStatus' in now) return now;
  const about = { origin: now.origin, size: now.size };
  const note = rememberedNote(join(directory, 'checkpoint'));
  const before = note === undefined ? undefined : openRemembered(note, trust);
  if (before !== undefined && 'exitStatus' in before) return before;
  const had = before?.size ?? 0;
  if (now.size < had)
    return badEntry({ code: 'log-shrank', detail: `it had ${had} entries before`, index: now.size }, about);
  const tiles = await AuthenticTiles.open(source, now);
  const fault = (before && (await forkSince(tiles, now, before))) ?? (await fetchEntries(input, tiles, { had, now }));
  if (fault !== undefined) return badEntry(fault, about);
  await writeUpperTiles(directory, tiles, { had, size: now.size });
  write(directory, 'key', `${input.keys.join('\n')}\n`);
  write(directory, 'checkpoint', now.note);
  removeOldEdge(directory, { had, size: now.size });
  const findings = [finding('log-mirrored', 'info', `${now.size - had} new entries, ${now.size} in all`)];
  return { exitStatus: 0, findings, ...about, note: now.note };
}

interface Group {
  readonly address: TileAddress;
  readonly hashes: Uint8Array;
  readonly bundle: OfferedBundle | undefined;
}

async function fetchEntries(
  { source, directory, progress }: MirrorInput,
  tiles: AuthenticTiles,
  { had, now }: { had: number; now: OpenedCheckpoint },
): Promise<Fault | undefined> {
  const own = directorySource(directory);
  const waiting: Promise<Group>[] = [];
  const store = ({ address, hashes, bundle }: Group): Fault | undefined => {
    const fault = faultIn(bundle, address, hashes);
    if (fault !== undefined) return fault;
    const { index, width } = address;
    write(directory, tilePath(address), hashes);
    write(directory, tilePath({ level: 'entries', index, width }), bundle?.bytes ?? new Uint8Array());
    progress?.(index * tileWidth + width, now.size);
    return undefined;
  };
  for (const address of tilesOfLevel(0, now.size, Math.floor(had / tileWidth))) {
    const next = groupOf(own, source, tiles, address);
    next.catch(() => undefined); // met when its turn comes
    waiting.push(next);
    const ready = waiting.length >= prefetch ? waiting.shift() : undefined;
    const fault = ready === undefined ? undefined : store(await ready);
    if (fault !== undefined) return fault;
  }
  for (const last of waiting) {
    const fault = store(await last);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** What an interrupted run left is used, if it is what the signed root says. */
async function groupOf(own: LogSource, source: LogSource, tiles: AuthenticTiles, address: TileAddress): Promise<Group> {
  const hashes = await tiles.hashes(0, address.index);
  const [kept, keptTile] = await Promise.all([readBundle(own, address), readTile(own, address)]);
  const isKept = keptTile !== undefined && equalBytes(keptTile, hashes) && faultIn(kept, address, hashes) === undefined;
  const bundle = isKept ? kept : await readBundle(source, address);
  // Of a full bundle in the place of a partial one only the part under this root is checked, so only that is kept.
  if (bundle?.cut !== true) return { address, hashes, bundle };
  const { sizeBytes } = leadingLeaves(bundle.bytes, address.width);
  return { address, hashes, bundle: { bytes: bundle.bytes.subarray(0, sizeBytes), cut: false } };
}

async function writeUpperTiles(
  directory: string,
  tiles: AuthenticTiles,
  { had, size }: { had: number; size: number },
): Promise<void> {
  for (let level = 1; tileWidth ** level <= size; level++)
    for (const address of tilesOfLevel(level, size, Math.floor(had / tileWidth ** (level + 1))))
      write(directory, tilePath(address), await tiles.hashes(level, address.index));
}

/** The partial tiles of the tree that was there before: longer ones have taken their place. */
function removeOldEdge(directory: string, { had, size }: { had: number; size: number }): void {
  for (let level = 0; tileWidth ** level <= had; level++) {
    const { index, width } = edgeAddress(level, had);
    if (width === 0 || tileWidthAt(level, index, size) === width) continue;
    rmSync(join(directory, tilePath({ level, index, width })), { force: true });
    if (level === 0) rmSync(join(directory, tilePath({ level: 'entries', index, width })), { force: true });
  }
}

/** Whole or not at all, whenever we are cut off. */
function write(directory: string, path: string, bytes: Uint8Array | string): void {
  const file = join(directory, ...path.split('/'));
  const folder = dirname(file);
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.new`, bytes);
  renameSync(`${file}.new`, file);
}
