// Notes, verifier keys, checkpoints, tile paths and bundles: the examples of the specifications, and hostile spellings.

import assert from 'node:assert/strict';
import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import * as fc from 'fast-check';
import { equalBytes, utf8 } from '../../../src/kernel/bytes.ts';
import { checkpointText, parseCheckpoint } from '../../../src/tlog/checkpoint.ts';
import { decodeEntryBundle, encodeEntryBundle } from '../../../src/tlog/entry-bundle.ts';
import {
  encodeVerifierKey,
  noteKey,
  parseNote,
  parseVerifierKey,
  signNote,
  spkiOf,
  verifyNote,
} from '../../../src/tlog/note.ts';
import { encodeProofFile, parseProofFile } from '../../../src/tlog/proof-file.ts';
import { parseTilePath, tilePath } from '../../../src/tlog/tile-path.ts';
import { tilesOfLevel } from '../../../src/tlog/tile.ts';

const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(data).digest());

function verifyEd25519(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  const prefix = Buffer.from('302a300506032b6570032100', 'hex');
  const key = createPublicKey({ key: Buffer.concat([prefix, publicKey]), format: 'der', type: 'spki' });
  return verify(null, data, key, signature);
}

// Source: C2SP signed-note, section "Example".
const exampleKey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const exampleNote =
  'This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';

describe('C2SP signed-note', () => {
  const key = parseVerifierKey(sha256, exampleKey);
  assert.ok(key !== undefined);

  it('verifies the example of the specification, and not after one changed byte', () => {
    const note = parseNote(exampleNote);
    assert.ok(note !== undefined);
    assert.equal(verifyNote(note, key, verifyEd25519), true);
    const changed = parseNote(exampleNote.replace('example message', 'example massage'));
    assert.ok(changed !== undefined);
    assert.equal(verifyNote(changed, key, verifyEd25519), false);
  });

  it('writes the verifier key back as it was', () => {
    assert.equal(encodeVerifierKey(key), exampleKey);
  });

  it('refuses a verifier key whose hash is of another name', () => {
    assert.equal(parseVerifierKey(sha256, exampleKey.replace('example.com/foo', 'example.com/bar')), undefined);
    assert.equal(parseVerifierKey(sha256, exampleKey.replace('+A', '+B')), undefined);
  });

  it('signs what it verifies, ignores unknown signers, and is spoilt by a bad signature of the known one', async () => {
    const pair = generateKeyPairSync('ed25519');
    const own = noteKey(sha256, 'log.example/log', pair.publicKey.export({ format: 'der', type: 'spki' }));
    assert.ok(own !== undefined);
    assert.deepEqual([...spkiOf(own)], [...pair.publicKey.export({ format: 'der', type: 'spki' })]);
    const text = await signNote('印信\n\nsecond paragraph\n', own, async (data) => sign(null, data, pair.privateKey));
    const note = parseNote(text);
    assert.ok(note !== undefined);
    assert.equal(note.text, '印信\n\nsecond paragraph\n');
    assert.equal(verifyNote(note, own, verifyEd25519), true);
    assert.equal(verifyNote(note, key, verifyEd25519), false);
    const strange = exampleNote.slice(exampleNote.indexOf('\u2014'));
    const both = parseNote(text + strange);
    assert.ok(both !== undefined);
    assert.equal(verifyNote(both, own, verifyEd25519), true);
    assert.equal(verifyNote(both, key, verifyEd25519), false);
  });

  it('refuses control characters, a missing blank line, and signature lines of another form', () => {
    const bad = [
      exampleNote.replace('an example', 'an\texample'),
      exampleNote.replace('\n\n', '\n'),
      exampleNote.slice(0, -1),
      exampleNote.replace('\u2014', '-'),
      exampleNote.replace('Uw2Q', 'Uw2?'),
      exampleNote.replace('foo ', 'foo  '),
      `${exampleNote}\n`,
    ];
    for (const text of bad) assert.equal(parseNote(text), undefined, JSON.stringify(text));
    assert.equal(parseNote(new Uint8Array([0xff, 0x0a, 0x0a])), undefined);
  });
});

describe('C2SP tlog-checkpoint', () => {
  const example = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';

  it('reads the example of the specification and writes it back', () => {
    const checkpoint = parseCheckpoint(example);
    assert.equal(checkpoint?.origin, 'example.com/behind-the-sofa');
    assert.equal(checkpoint.size, 20_852_163);
    assert.equal(checkpointText(checkpoint), example);
  });

  it('refuses leading zeroes, signs, short roots and empty lines', () => {
    for (const bad of [
      example.replace('2085', '02085'),
      example.replace('2085', '+2085'),
      example.replace('2I=', ''),
      `${example}\n`,
      'a\n1\n',
      example.replace('20852163', '9007199254740993'),
    ])
      assert.equal(parseCheckpoint(bad), undefined, JSON.stringify(bad));
  });
});

describe('C2SP tlog-tiles', () => {
  it('writes the paths of the specification', () => {
    assert.equal(tilePath({ level: 0, index: 1_234_067, width: 256 }), 'tile/0/x001/x234/067');
    assert.equal(tilePath({ level: 'entries', index: 0, width: 5 }), 'tile/entries/000.p/5');
    assert.equal(tilePath({ level: 2, index: 1000, width: 256 }), 'tile/2/x001/000');
  });

  it('reads back every path that it writes', () => {
    const address = fc.record({
      level: fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 })),
      index: fc.maxSafeNat(),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(address, (value) => {
        assert.deepEqual(parseTilePath(tilePath(value)), { ...value });
      }),
    );
  });

  it('knows one spelling of each path only', () => {
    for (const bad of [
      'tile/0/x000/001',
      'tile/00/001',
      'tile/64/001',
      'tile/0/1',
      'tile/0/001.p/0',
      'tile/0/001.p/256',
      'tile/0/001.p/05',
      'tile/0/../001',
      '/tile/0/001',
      'tile/0/001/002',
      'tile/data/001',
      `tile/0/${'x001/'.repeat(30)}001`,
    ])
      assert.equal(parseTilePath(bad), undefined, bad);
  });

  it('divides a tree of 70,000 leaves as the specification does', () => {
    const widths = [0, 1, 2, 3].map((level) => [...tilesOfLevel(level, 70_000)].map(({ width }) => width));
    assert.equal(widths[0]?.length, 274);
    assert.equal(widths[0]?.at(-1), 112);
    assert.deepEqual(widths[1], [256, 17]);
    assert.deepEqual(widths[2], [1]);
    assert.deepEqual(widths[3], []);
  });

  it('reads back every bundle that it writes, and no bundle with a byte more or less', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (leaves) => {
        const bundle = encodeEntryBundle(leaves);
        const read = decodeEntryBundle(bundle, leaves.length);
        assert.equal(read?.length, leaves.length);
        assert.ok(read.every((leaf, i) => equalBytes(leaf, leaves[i] ?? new Uint8Array(1))));
        assert.equal(decodeEntryBundle(bundle, leaves.length + 1), undefined);
        assert.equal(decodeEntryBundle(new Uint8Array([...bundle, 0]), leaves.length), undefined);
        if (bundle.length > 0) assert.equal(decodeEntryBundle(bundle.subarray(0, -1), leaves.length), undefined);
      }),
    );
    assert.throws(() => encodeEntryBundle([new Uint8Array(65_536)]), RangeError);
    assert.equal(decodeEntryBundle(encodeEntryBundle([new Uint8Array(65_535)]), 1)?.[0]?.length, 65_535);
  });
});

describe('C2SP tlog-proof', () => {
  it('reads back what it writes and refuses what it would not write', () => {
    const proof = {
      index: 7,
      path: [sha256(utf8('a')), sha256(utf8('b'))],
      checkpoint: exampleNote,
      extra: utf8('{}'),
    };
    const text = encodeProofFile(proof);
    assert.deepEqual(parseProofFile(text), { ...proof, extra: new Uint8Array(utf8('{}')) });
    assert.deepEqual(parseProofFile(utf8(encodeProofFile({ index: 0, path: [], checkpoint: exampleNote }))), {
      index: 0,
      path: [],
      checkpoint: exampleNote,
    });
    for (const bad of [
      text.replace('@v1', '@v2'),
      text.replace('index 7', 'index 07'),
      text.replace('index 7\n', ''),
      text.replace('extra ', 'extra !'),
      text.replace('\n\n', '\nAAAA\n\n'),
    ])
      assert.equal(parseProofFile(bad), undefined, bad);
  });
});
