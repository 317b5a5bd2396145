// The tampering table: whatever is changed in a mirror, wherever it is, is found, and the first bad entry is named; RFC 9162, C2SP tlog-tiles.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { directorySource } from '../../../src/cli/audit-log-source.ts';
import { verifyLog } from '../../../src/cli/audit-verify.ts';
import { concatBytes } from '../../../src/kernel/bytes.ts';
import { parseLeaf } from '../../../src/audit/leaf.ts';
import { idFromUuid } from '../../../src/kernel/ids.ts';
import { decodeEntryBundle, encodeEntryBundle } from '../../../src/tlog/entry-bundle.ts';
import { tilesOfLevel } from '../../../src/tlog/tile.ts';
import { tilePath } from '../../../src/tlog/tile-path.ts';
import { freshLogSigner, syntheticLeaf, writeMirror } from '../../support/mirror-files.ts';

/** Fifteen full tiles and partial ones on two levels. */
const size = 3_900;
const seed = 20_261_121;

interface Place {
  readonly path: string;
  readonly first: number;
  readonly width: number;
}

describe('Tampering with a mirror', () => {
  let directory: string;
  let verifierKey: string;
  const bundles: Place[] = [...tilesOfLevel(0, size)].map(({ index, width }) => ({
    path: tilePath({ level: 'entries', index, width }),
    first: index * 256,
    width,
  }));
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'yinxin-tamper-'));
    verifierKey = await writeMirror({ directory, size, signer: freshLogSigner(), origin: 'trust.example.cn/log' });
  });
  after(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const judge = () => verifyLog({ source: directorySource(directory), verifierKey });
  /** Bends one file, judges, and puts it back. */
  const bent = async (path: string, bend: (bytes: Buffer) => Uint8Array | undefined) => {
    const file = join(directory, path);
    const good = readFileSync(file);
    const bad = bend(Buffer.from(good));
    if (bad === undefined) rmSync(file);
    else writeFileSync(file, bad);
    try {
      return await judge();
    } finally {
      writeFileSync(file, good);
    }
  };
  const flip = (at: number, bit: number) => (bytes: Buffer) => {
    bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
    return bytes;
  };
  const anyBundle = fc.constantFrom(...bundles);
  const tiles = [0, 1].flatMap((level) => [...tilesOfLevel(level, size)]);
  const numbers = { at: fc.nat(), bit: fc.integer({ min: 0, max: 7 }) };
  const table = async <T>(numRuns: number, cases: fc.Arbitrary<T>, check: (one: T) => Promise<void>) =>
    fc.assert(fc.asyncProperty(cases, check), { numRuns, seed, endOnFailure: true });

  it('finds nothing in the log as it is', async () => {
    const report = await judge();
    assert.deepEqual([report.exitStatus, report.size, report.firstBadEntry], [0, size, undefined]);
  });

  it('names the entry of which one bit was flipped: 400 places in entries and their lengths', async () => {
    await table(400, fc.record({ place: anyBundle, ...numbers }), async ({ place, at, bit }) => {
      let expected = -1;
      const report = await bent(place.path, (bytes) => {
        const where = at % bytes.length;
        expected = place.first + entryAt(bytes, where);
        return flip(where, bit)(bytes);
      });
      assert.deepEqual([report.exitStatus, report.firstBadEntry], [1, expected], `${place.path} byte ${at}`);
    });
  });

  it('names the first of two entries that changed places: 150 pairs', async () => {
    await table(150, fc.record({ place: anyBundle, a: fc.nat(), b: fc.nat() }), async ({ place, a, b }) => {
      const [i, j] = [a % place.width, b % place.width].sort((x, y) => x - y);
      if (i === j || i === undefined || j === undefined) return;
      const report = await bent(place.path, (bytes) => {
        const leaves = decodeEntryBundle(bytes, place.width) ?? [];
        const [first, second] = [leaves[i], leaves[j]];
        assert.ok(first !== undefined && second !== undefined);
        leaves[i] = second;
        leaves[j] = first;
        return encodeEntryBundle(leaves);
      });
      const named = parseLeaf(syntheticLeaf(place.first + j))?.entryId ?? '';
      assert.deepEqual(
        [report.exitStatus, report.firstBadEntry, report.firstBadEntryId],
        [1, place.first + i, idFromUuid('entry', named)],
      );
    });
  });

  it('names the entry after which one or many were cut out, put in, or cut off: 200 places', async () => {
    const cases = fc.record({ place: anyBundle, a: fc.nat(), n: fc.integer({ min: 1, max: 40 }), kind: fc.nat(2) });
    await table(200, cases, async ({ place, a, n, kind }) => {
      const i = a % place.width;
      const report = await bent(place.path, (bytes) => {
        const leaves = decodeEntryBundle(bytes, place.width) ?? [];
        if (kind === 0) leaves.splice(i, n);
        else if (kind === 1) leaves.splice(i, 0, syntheticLeaf(size + i));
        else leaves.length = i;
        return encodeEntryBundle(leaves);
      });
      assert.deepEqual([report.exitStatus, report.firstBadEntry], [1, place.first + i]);
    });
  });

  it('names the first of a bundle that is gone, and the place of bytes after the last entry: 60 bundles', async () => {
    await table(60, anyBundle, async ({ path, first, width }) => {
      const gone = await bent(path, () => undefined);
      assert.deepEqual([gone.exitStatus, gone.firstBadEntry], [1, first]);
      const longer = await bent(path, (bytes) => concatBytes(bytes, Uint8Array.of(0)));
      assert.deepEqual([longer.exitStatus, longer.firstBadEntry], [1, first + width - 1]);
    });
  });

  it('names bundle and tile that were both made anew by whoever changed an entry: 60 groups', async () => {
    await table(60, fc.record({ place: anyBundle, at: fc.nat() }), async ({ place, at }) => {
      const index = place.first / 256;
      const tile = join(directory, tilePath({ level: 0, index, width: place.width }));
      const good = readFileSync(tile);
      try {
        const report = await bent(place.path, (bytes) => {
          const i = at % place.width;
          writeFileSync(tile, flip(32 * i, 0)(Buffer.from(good)));
          const leaves = decodeEntryBundle(bytes, place.width) ?? [];
          leaves[i] = syntheticLeaf(size + i);
          return encodeEntryBundle(leaves);
        });
        assert.equal(report.exitStatus, 1);
        const named = report.firstBadEntry ?? -1;
        assert.ok(named >= place.first && named <= place.first + (at % place.width), `${named}`);
      } finally {
        writeFileSync(tile, good);
      }
    });
  });

  it('names the tile of any level of which one bit was flipped, and the first entry below it: 250 places', async () => {
    const cases = fc.record({
      tile: fc.oneof(fc.constantFrom(...tiles), fc.constantFrom(...tiles.slice(-2))),
      ...numbers,
    });
    await table(250, cases, async ({ tile, at, bit }) => {
      const path = tilePath(tile);
      const where = at % (32 * tile.width);
      const report = await bent(path, flip(where, bit));
      const below = 256 ** tile.level * (256 * tile.index + Math.floor(where / 32));
      assert.deepEqual(
        [report.exitStatus, report.findings[0]?.code, report.firstBadEntry],
        [1, 'tile-altered', below],
        path,
      );
      assert.ok(report.findings[0]?.detail.startsWith(path));
    });
  });

  it('finds a tile that is gone, cut short or too long: 40 tiles', async () => {
    await table(40, fc.record({ tile: fc.constantFrom(...tiles), kind: fc.nat(2) }), async ({ tile, kind }) => {
      const path = tilePath(tile);
      const report = await bent(path, (bytes) =>
        kind === 0 ? undefined : kind === 1 ? bytes.subarray(1) : concatBytes(bytes, bytes.subarray(0, 32)),
      );
      assert.deepEqual([report.exitStatus, report.findings[0]?.code], [1, 'tile-altered'], path);
    });
  });

  it('finds one flipped bit anywhere in the note: all of them', async () => {
    const note = readFileSync(join(directory, 'checkpoint'));
    // Nothing of the log need be read: the note alone is judged.
    const source = (bytes: Uint8Array) => ({
      read: async (path: string, most: number) =>
        path === 'checkpoint' ? bytes : directorySource(directory).read(path, most),
    });
    for (let at = 0; at < note.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const report = await verifyLog({ source: source(flip(at, bit)(Buffer.from(note))), verifierKey });
        assert.equal(report.exitStatus, 1, `byte ${at} bit ${bit}`);
        assert.match(report.findings[0]?.code ?? '', /^checkpoint-/);
      }
  });
});

/** Which entry of a bundle a byte belongs to, its length included. */
function entryAt(bundle: Buffer, where: number): number {
  let offset = 0;
  for (let entry = 0; ; entry++) {
    offset += 2 + bundle.readUInt16BE(offset);
    if (where < offset) return entry;
  }
}
