// Tree hashes and proofs against the classical Certificate Transparency vectors and against each other.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { concatBytes, fromHex, toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { Frontier } from '../../../src/tlog/frontier.ts';
import { encodeEntryBundle, hashEntryBundle, leadingLeaves } from '../../../src/tlog/entry-bundle.ts';
import { emptyRoot, innerNodes, leafHash, nodeHash, rootOf } from '../../../src/tlog/merkle.ts';
import { consistencyRanges, inclusionRanges, verifyConsistency, verifyInclusion } from '../../../src/tlog/proof.ts';
import {
  hashesOf,
  hashOfParts,
  hashOfRange,
  nodeOfPart,
  type TilePart,
  tilesOfRanges,
  tileWidthAt,
} from '../../../src/tlog/tile.ts';

const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(data).digest());

// Source: the 8-leaf tree of the Certificate Transparency reference implementation's tests, with its published proofs.
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const vectorHashes = leaves.map((hex) => leafHash(sha256, fromHex(hex) ?? new Uint8Array()));

/** The definition of RFC 9162, 2.1.1, word for word. */
function definition(hashes: readonly Uint8Array[]): Uint8Array {
  const [first, second] = hashes;
  if (first === undefined) return emptyRoot(sha256);
  if (second === undefined) return first;
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return nodeHash(sha256, definition(hashes.slice(0, k)), definition(hashes.slice(k)));
}

/** A log kept in memory, built by the frontier and read through its tiles, as the service does it. */
class MemoryLog {
  readonly hashes: Uint8Array[] = [];
  readonly tiles = new Map<string, Uint8Array>();
  frontier = Frontier.empty(sha256);

  constructor(size: number) {
    for (let i = 0; i < size; i++) {
      const hash = leafHash(sha256, utf8(`leaf ${i}`));
      this.hashes.push(hash);
      for (const tile of this.frontier.push(hash)) this.tiles.set(`${tile.level}/${tile.index}`, tile.data);
    }
  }

  hashesOf(ranges: readonly { start: number; end: number }[], size: number): Uint8Array[] {
    const loaded = new Map<string, Uint8Array>();
    for (const { level, index, width } of tilesOfRanges(ranges, size)) {
      assert.equal(width, tileWidthAt(level, index, size));
      const bytes = this.tiles.get(`${level}/${index}`) ?? this.frontier.partialTile(level);
      loaded.set(`${level}/${index}`, bytes.subarray(0, width * 32));
    }
    return ranges.map((range) =>
      hashOfRange(sha256, range, (level, index) => loaded.get(`${level}/${index}`) ?? new Uint8Array()),
    );
  }

  root(size: number): Uint8Array {
    return rootOf(sha256, this.hashes.slice(0, size));
  }
}

describe('RFC 9162, 2.1.1: Merkle tree hash', () => {
  it('of nothing is the hash of nothing', () => {
    assert.equal(toHex(emptyRoot(sha256)), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('equals the roots of the Certificate Transparency vectors', () => {
    const frontier = Frontier.empty(sha256);
    vectorHashes.forEach((hash, i) => {
      frontier.push(hash);
      assert.equal(toHex(frontier.root()), roots[i]);
      assert.equal(toHex(rootOf(sha256, vectorHashes.slice(0, i + 1))), roots[i]);
    });
  });

  it('is the same by the definition, by pairing, and by the frontier, at every size about a tile boundary', () => {
    const log = new MemoryLog(0);
    for (let size = 1; size <= 1100; size++) {
      const hash = leafHash(sha256, utf8(`leaf ${size - 1}`));
      log.hashes.push(hash);
      log.frontier.push(hash);
      if (size < 20 || size % 256 < 3 || size % 97 === 0)
        assert.equal(toHex(log.frontier.root()), toHex(definition(log.hashes)));
    }
  });

  it('survives writing the frontier down and reading it back, also across three levels', () => {
    const log = new MemoryLog(66_000);
    const again = Frontier.decode(sha256, 66_000, log.frontier.encode());
    assert.equal(toHex(again.root()), toHex(log.root(66_000)));
    assert.throws(() => Frontier.decode(sha256, 66_001, log.frontier.encode()), RangeError);
  });
});

describe('Tiles at once', () => {
  it('fill the tree as leaf by leaf does, from every edge of a tile on, and from nowhere else', () => {
    const log = new MemoryLog(66_000);
    const atOnce = Frontier.empty(sha256);
    const full: string[] = [];
    for (let tile = 0; tile < 257; tile++)
      for (const { level, index, root, data } of atOnce.pushTile(
        concatBytes(...log.hashes.slice(256 * tile, 256 * tile + 256)),
      )) {
        assert.deepEqual(data, log.tiles.get(`${level}/${index}`));
        assert.equal(toHex(root), toHex(rootOf(sha256, hashesOf(data))));
        full.push(`${level}/${index}`);
      }
    assert.deepEqual(full.sort(), [...log.tiles.keys()].sort());
    for (const hash of log.hashes.slice(257 * 256)) atOnce.push(hash);
    assert.deepEqual(atOnce.encode(), log.frontier.encode());
    assert.throws(() => atOnce.pushTile(new Uint8Array(8192)), RangeError);
    assert.throws(() => Frontier.empty(sha256).pushTile(new Uint8Array(8191)), RangeError);
  });

  it('give by their inner nodes the hash of every range that a proof names', () => {
    const log = new MemoryLog(70_000);
    const nodes = new Map<string, Uint8Array[]>();
    const part = ({ level, index, ...rest }: TilePart): Uint8Array => {
      const name = `${level}/${index}`;
      const known = nodes.get(name) ?? innerNodes(sha256, log.tiles.get(name) ?? log.frontier.partialTile(level));
      nodes.set(name, known);
      return nodeOfPart(known, { level, index, ...rest });
    };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 69_999 }), fc.integer({ min: 1, max: 70_000 }), (index, first) => {
        for (const range of [...inclusionRanges(index, 70_000), ...consistencyRanges(first, 70_000)])
          assert.deepEqual(hashOfParts(sha256, range, part), log.hashesOf([range], 70_000)[0]);
      }),
      { numRuns: 100 },
    );
    assert.throws(
      () => nodeOfPart(innerNodes(sha256, new Uint8Array(96)), { level: 0, index: 0, offset: 2, count: 2 }),
      RangeError,
    );
  });

  it('of entries are hashed as their leaves are, and a bundle that is cut short or too long is none', () => {
    const leaves = [new Uint8Array(), utf8('leaf'), new Uint8Array(65_535).fill(7)];
    const bundle = encodeEntryBundle(leaves);
    assert.deepEqual(hashEntryBundle(sha256, bundle, 3), concatBytes(...leaves.map((leaf) => leafHash(sha256, leaf))));
    for (const bent of [bundle.subarray(0, -1), concatBytes(bundle, new Uint8Array(1)), bundle.subarray(2)])
      assert.equal(hashEntryBundle(sha256, bent, 3), undefined);
    assert.deepEqual(leadingLeaves(bundle.subarray(0, -1), 3), { leaves: leaves.slice(0, 2), sizeBytes: 8 });
    assert.equal(leadingLeaves(bundle, 2).leaves.length, 2);
    const large = new Uint8Array(70_000).fill(3);
    assert.deepEqual(leafHash(sha256, large), sha256(concatBytes(Uint8Array.of(0), large)));
  });
});

describe('RFC 9162, 2.1.3 and 2.1.4: proofs', () => {
  const log = new MemoryLog(70_000);

  it('equal the published ones of the 8-leaf vectors', () => {
    const small = new MemoryLog(0);
    for (const hash of vectorHashes) small.frontier.push(hash);
    const path = small.hashesOf(inclusionRanges(5, 8), 8).map(toHex);
    assert.deepEqual(path, [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
    assert.deepEqual(small.hashesOf(consistencyRanges(6, 8), 8).map(toHex), [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
  });

  it('of inclusion hold for every leaf of every small tree, and for no other leaf', () => {
    for (let size = 1; size <= 40; size++) {
      const root = log.root(size);
      for (let index = 0; index < size; index++) {
        const path = log.hashesOf(inclusionRanges(index, size), size);
        for (let claimed = 0; claimed < size; claimed++) {
          const claim = { index: claimed, size, leafHash: log.hashes[index] ?? root, path, root };
          assert.equal(verifyInclusion(sha256, claim), claimed === index);
        }
      }
    }
  });

  it('of inclusion hold at random places, and fail after any change of path, leaf, size or root', () => {
    const place = fc
      .integer({ min: 1, max: 70_000 })
      .chain((size) =>
        fc.record({ size: fc.constant(size), index: fc.integer({ min: 0, max: size - 1 }), bit: fc.nat() }),
      );
    fc.assert(
      fc.property(place, ({ size, index, bit }) => {
        const root = rootByTiles(log, size);
        const good = {
          index,
          size,
          leafHash: log.hashes[index] ?? root,
          path: log.hashesOf(inclusionRanges(index, size), size),
          root,
        };
        assert.equal(verifyInclusion(sha256, good), true);
        const whole = flipped(concatBytes(good.leafHash, ...good.path, good.root), bit);
        const parts = Array.from({ length: whole.length / 32 }, (_, i) => whole.subarray(32 * i, 32 * i + 32));
        const bad = { ...good, leafHash: parts[0] ?? root, path: parts.slice(1, -1), root: parts.at(-1) ?? root };
        assert.equal(verifyInclusion(sha256, bad), false);
        assert.equal(verifyInclusion(sha256, { ...good, path: [...good.path, root] }), false);
        if (good.path.length > 0) assert.equal(verifyInclusion(sha256, { ...good, path: good.path.slice(1) }), false);
        assert.equal(verifyInclusion(sha256, { ...good, index: size }), false);
      }),
      { numRuns: 200 },
    );
  });

  it('of consistency hold between all small trees, and not for another old root', () => {
    for (let second = 1; second <= 40; second++) {
      for (let first = 0; first <= second; first++) {
        const path = log.hashesOf(consistencyRanges(first, second), second);
        const proof = { first, second, firstRoot: log.root(first), secondRoot: log.root(second), path };
        assert.equal(verifyConsistency(sha256, proof), true, `${first} in ${second}`);
        if (first > 0) {
          assert.equal(verifyConsistency(sha256, { ...proof, firstRoot: sha256(proof.firstRoot) }), false);
          assert.equal(verifyConsistency(sha256, { ...proof, secondRoot: sha256(proof.secondRoot) }), false);
        }
      }
    }
  });

  it('of consistency hold at random places', () => {
    const sizes = fc
      .integer({ min: 1, max: 70_000 })
      .chain((second) => fc.record({ second: fc.constant(second), first: fc.integer({ min: 1, max: second }) }));
    fc.assert(
      fc.property(sizes, ({ first, second }) => {
        const path = log.hashesOf(consistencyRanges(first, second), second);
        const [firstRoot, secondRoot] = [rootByTiles(log, first), rootByTiles(log, second)];
        assert.equal(verifyConsistency(sha256, { first, second, firstRoot, secondRoot, path }), true);
      }),
      { numRuns: 200 },
    );
  });

  it('that are malformed are refused without throwing', () => {
    const root = log.root(3);
    const short = { index: 0, size: 3, leafHash: root, path: [new Uint8Array(31)], root };
    assert.equal(verifyInclusion(sha256, short), false);
    assert.equal(verifyInclusion(sha256, { ...short, index: -1, path: [] }), false);
    assert.equal(verifyInclusion(sha256, { ...short, leafHash: new Uint8Array(31), path: [root] }), false);
    const shortRoot = { first: 1, second: 3, firstRoot: new Uint8Array(31), secondRoot: root, path: [root] };
    assert.equal(verifyConsistency(sha256, shortRoot), false);
    assert.equal(verifyInclusion(sha256, { ...short, size: Number.NaN, path: [] }), false);
    const turned = { first: 3, second: 2, firstRoot: root, secondRoot: root, path: [] };
    assert.equal(verifyConsistency(sha256, turned), false);
  });
});

function rootByTiles(log: MemoryLog, size: number): Uint8Array {
  return log.hashesOf([{ start: 0, end: size }], size)[0] ?? emptyRoot(sha256);
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  const at = Math.floor(bit / 8) % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8));
  return copy;
}
