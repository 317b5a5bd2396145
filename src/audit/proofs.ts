// Proofs out of the audit log: that an entry is in it, and that a later tree continues an earlier one; RFC 9162, 2.1.3 and 2.1.4.

import { sha256 } from '../crypto/digest.ts';
import type { Queryable } from '../db/database.ts';
import { monotonicMs } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { emptyRoot, innerNodes } from '../tlog/merkle.ts';
import { consistencyRanges, inclusionRanges, type Range } from '../tlog/proof.ts';
import { hashOfParts, nodeOfPart, type TileAddress, tilesOfRanges, tileWidth, tileWidthAt } from '../tlog/tile.ts';
import { nameOf, TileCache, type TileNodes } from './tile-cache.ts';
import { latestCheckpoint, readHead, readTiles, type StoredCheckpoint } from './tree-store.ts';

/** RFC 9162, 2.1.3: the path from the leaf to the root of the checkpoint. */
export interface InclusionProof {
  readonly index: number;
  readonly leafHash: Uint8Array;
  /** Sibling of the leaf first. */
  readonly path: readonly Uint8Array[];
  /** Signed note. */
  readonly checkpoint: string;
}

/** RFC 9162, 2.1.4: the tree of `from` leaves is a prefix of the tree of `to` leaves. */
export interface ConsistencyProof {
  readonly from: number;
  readonly to: number;
  readonly fromRoot: Uint8Array;
  readonly toRoot: Uint8Array;
  readonly path: readonly Uint8Array[];
  /** The newest signed note; its tree has at least `to` leaves. */
  readonly checkpoint: string;
}

/** One tree, for as long as somebody proves leaves under it. */
export interface ProvenTree {
  readonly size: number;
  /** Signed note. */
  readonly checkpoint: string;
  /** In the order of `indexes`, all below `size`. */
  readonly inclusions: (indexes: readonly number[]) => Promise<InclusionProof[]>;
}

/** A published tree: its checkpoint, and the partial tiles at its right edge by level. */
interface PublishedTree {
  readonly checkpoint: StoredCheckpoint;
  readonly edge: readonly TileNodes[];
  readonly readAtMs: number;
}

const defaultFreshMs = 200;
const pollMs = 50;

export interface AuditProofsOptions {
  readonly database: Queryable;
  readonly verifierKey?: string;
  /** Checkpoints come once a second; one that was read so long ago is not asked for again. */
  readonly freshMs?: number;
}

export class AuditProofs {
  readonly #database: Queryable;
  readonly #verifierKey: string | undefined;
  readonly #freshMs: number;
  readonly #tiles: TileCache;
  #tree: PublishedTree | undefined;

  /** `verifierKey`: only checkpoints of this key; see LogRunner. */
  constructor({ database, verifierKey, freshMs = defaultFreshMs }: AuditProofsOptions) {
    this.#database = database;
    this.#freshMs = freshMs;
    this.#verifierKey = verifierKey;
    this.#tiles = new TileCache({ database });
  }

  /**
   * Inclusion under the newest checkpoint. `audit-entry-not-found`: there is no such leaf. `audit-entry-not-sequenced`: no
   * checkpoint covers it, nor did one within `waitMs`; it comes in a second or so.
   */
  async inclusion(index: number, { waitMs = 0 }: { waitMs?: number } = {}): Promise<InclusionProof> {
    const [proof] = await this.inclusions([index], { waitMs });
    if (proof === undefined) throw notFound(index);
    return proof;
  }

  /** The same of several leaves under one checkpoint, in the order of `indexes`. */
  async inclusions(indexes: readonly number[], { waitMs = 0 }: { waitMs?: number } = {}): Promise<InclusionProof[]> {
    for (const index of indexes) if (!Number.isSafeInteger(index) || index < 0) throw notFound(index);
    if (indexes.length === 0) return [];
    return this.#inclusionsIn(await this.#covering(1 + Math.max(...indexes), waitMs), indexes);
  }

  /** The newest published tree, of `size` leaves at least, to prove many leaves under it one after another; refusals as `inclusion`. */
  async tree({ size, waitMs }: { size: number; waitMs: number }): Promise<ProvenTree> {
    const tree = await this.#covering(size, waitMs);
    const { size: covered, note } = tree.checkpoint;
    return { size: covered, checkpoint: note, inclusions: (indexes) => this.#inclusionsIn(tree, indexes) };
  }

  async #inclusionsIn(tree: PublishedTree, indexes: readonly number[]): Promise<InclusionProof[]> {
    const { size, note } = tree.checkpoint;
    const ranges = indexes.map((index) => [{ start: index, end: index + 1 }, ...inclusionRanges(index, size)]);
    const hashOf = await this.#hashing(tree, ranges.flat());
    return indexes.map((index, i) => {
      const [leafHash = new Uint8Array(), ...path] = (ranges[i] ?? []).map(hashOf);
      return { index, leafHash, path, checkpoint: note };
    });
  }

  /** `to`: by default the size of the newest checkpoint. `malformed-request` unless from <= to <= that size. */
  async consistency(from: number, to?: number): Promise<ConsistencyProof> {
    const tree = await this.#newest();
    const { size, note } = tree?.checkpoint ?? { size: 0, note: undefined };
    const last = to ?? size;
    if (tree === undefined || note === undefined)
      throw new TrustError('audit-entry-not-sequenced', 'no checkpoint was published yet', retryDetails);
    if (![from, last].every((n) => Number.isSafeInteger(n) && n >= 0) || from > last || last > size)
      throw new TrustError('malformed-request', `sizes go up, and not beyond ${size}`, { details: { size } });
    const whole = (leaves: number): Range[] => (leaves === 0 ? [] : [{ start: 0, end: leaves }]);
    const path = consistencyRanges(from, last);
    const hashOf = await this.#hashing(tree, [...whole(from), ...whole(last), ...path]);
    const rootOf = (leaves: number): Uint8Array => whole(leaves).map(hashOf)[0] ?? emptyRoot(sha256);
    return { from, to: last, fromRoot: rootOf(from), toRoot: rootOf(last), path: path.map(hashOf), checkpoint: note };
  }

  async #covering(size: number, waitMs: number): Promise<PublishedTree> {
    const began = monotonicMs();
    for (;;) {
      const tree = await this.#newest(size);
      if (tree !== undefined && tree.checkpoint.size >= size) return tree;
      const leftMs = waitMs - (monotonicMs() - began);
      if (leftMs <= 0) {
        if ((await readHead(this.#database)).frontier.size < size) throw notFound(size - 1);
        throw new TrustError('audit-entry-not-sequenced', `no checkpoint covers leaf ${size - 1} yet`, retryDetails);
      }
      await new Promise((resolve) => {
        setTimeout(resolve, Math.min(pollMs, leftMs));
      });
    }
  }

  /** One that was read a moment ago will do when it covers `size`: it is as good a proof. */
  async #newest(size = Number.MAX_SAFE_INTEGER): Promise<PublishedTree | undefined> {
    const now = monotonicMs();
    const known = this.#tree;
    if (known !== undefined && now - known.readAtMs < this.#freshMs && known.checkpoint.size >= size) return known;
    const checkpoint = await latestCheckpoint(this.#database, this.#verifierKey);
    if (checkpoint === undefined) return undefined;
    const edge = known?.checkpoint.size === checkpoint.size ? known.edge : await this.#edgeOf(checkpoint.size);
    this.#tree = { checkpoint, edge, readAtMs: now };
    return this.#tree;
  }

  /** The head is read after the checkpoint, so it is not smaller; what was partial then may be part of a full tile by now. */
  async #edgeOf(size: number): Promise<TileNodes[]> {
    const addresses: TileAddress[] = [];
    for (let level = 0; tileWidth ** level <= size; level++) {
      const index = edgeIndex(level, size);
      addresses.push({ level, index, width: tileWidthAt(level, index, size) });
    }
    const wanted = addresses.filter(({ width }) => width > 0);
    const tiles = await readTiles(this.#database, await readHead(this.#database), wanted);
    return addresses.map((address) => innerNodes(sha256, tiles.get(nameOf(address)) ?? new Uint8Array()));
  }

  /** Everything that `ranges` need is read before the function is handed out. */
  async #hashing(tree: PublishedTree, ranges: readonly Range[]): Promise<(range: Range) => Uint8Array> {
    const { size } = tree.checkpoint;
    const isFull = ({ level, index }: { level: number; index: number }): boolean => index < edgeIndex(level, size);
    const full = await this.#tiles.nodesOf(tilesOfRanges(ranges, size).filter(isFull));
    return (range) =>
      hashOfParts(sha256, range, (part) => {
        const nodes = isFull(part) ? full.get(nameOf(part)) : tree.edge[part.level];
        if (nodes === undefined) throw new TrustError('internal', `tile ${nameOf(part)} of the audit log is missing`);
        return nodeOfPart(nodes, part);
      });
  }
}

const retryDetails = { details: { retryAfterSeconds: 1 } };

/** The place of the partial tile of a level, whether there is one or not. */
function edgeIndex(level: number, size: number): number {
  return Math.floor(size / tileWidth ** (level + 1));
}

function notFound(index: number): TrustError {
  return new TrustError('audit-entry-not-found', `there is no entry ${index}`);
}
