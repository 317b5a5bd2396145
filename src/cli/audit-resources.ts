// The resources of a tree of known size, each in its partial or its full form; C2SP tlog-tiles, "Partial Tiles".

import { hashSizeBytes } from '../tlog/merkle.ts';
import { type TileAddress, tileWidth } from '../tlog/tile.ts';
import { tilePath } from '../tlog/tile-path.ts';
import type { LogSource } from './audit-log-source.ts';

/** 256 leaves of 65,535 bytes and their lengths. */
const maxBundleSizeBytes = tileWidth * 65_537;
export const maxNoteSizeBytes = 1_000_000;

/** The hashes of a tile, exactly as many as its address says; `undefined` when they are not there. */
export async function readTile(source: LogSource, address: TileAddress): Promise<Uint8Array | undefined> {
  const { level, index, width } = address;
  const sizeBytes = width * hashSizeBytes;
  const fullSizeBytes = tileWidth * hashSizeBytes;
  const most = 2 * fullSizeBytes; // a tile that is too long is a bad tile; only one without end makes the source unreadable
  const exact = await source.read(tilePath({ level, index, width }), most);
  if (exact?.length === sizeBytes || width === tileWidth) return exact?.length === sizeBytes ? exact : undefined;
  // A partial tile may be gone once the full one is there.
  const full = await source.read(tilePath({ level, index, width: tileWidth }), most);
  return full?.length === fullSizeBytes ? full.subarray(0, sizeBytes) : undefined;
}

export interface OfferedBundle {
  readonly bytes: Uint8Array;
  /** It is the full one, of which only the first leaves belong to this tree. */
  readonly cut: boolean;
}

/** The bundle of a tile of level 0. */
export async function readBundle(source: LogSource, { index, width }: TileAddress): Promise<OfferedBundle | undefined> {
  const exact = await source.read(tilePath({ level: 'entries', index, width }), maxBundleSizeBytes);
  if (exact !== undefined || width === tileWidth) return exact && { bytes: exact, cut: false };
  const full = await source.read(tilePath({ level: 'entries', index, width: tileWidth }), maxBundleSizeBytes);
  return full && { bytes: full, cut: true };
}
