// Every reader of the codec, credential and tlog rooms takes any octets or any text; bad input never passes for good.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { zlibSync } from 'fflate';
import { fromBase32, toBase32 } from '../../../src/codec/base32.ts';
import { fromBase45, toBase45 } from '../../../src/codec/base45.ts';
import { type CborKey, type CborValue, CborTag, decodeCbor, encodeCbor } from '../../../src/codec/cbor.ts';
import { elementsIn, readDer, readDerShallow } from '../../../src/codec/der.ts';
import * as value from '../../../src/codec/der-value.ts';
import * as write from '../../../src/codec/der-write.ts';
import { inflateZlib } from '../../../src/codec/inflate.ts';
import { segmentsFromSvgPath } from '../../../src/codec/picture.ts';
import { readEl1Code } from '../../../src/credential/el1-code.ts';
import { readEl1Text, spellEl1 } from '../../../src/credential/el1-text.ts';
import { verifyEl1 } from '../../../src/credential/el1-verify.ts';
import { parseLicenceIdentifier } from '../../../src/credential/licence-identifier.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { generateKeyPair } from '../../../src/crypto/key-material.ts';
import { createSigner } from '../../../src/crypto/signer.ts';
import { verifySignature } from '../../../src/crypto/verify.ts';
import { equalBytes, fromUtf8, utf8 } from '../../../src/kernel/bytes.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { checkpointText, parseCheckpoint } from '../../../src/tlog/checkpoint.ts';
import { decodeEntryBundle, encodeEntryBundle } from '../../../src/tlog/entry-bundle.ts';
import {
  encodeVerifierKey,
  noteKey,
  parseNote,
  parseVerifierKey,
  signNote,
  verifyNote,
} from '../../../src/tlog/note.ts';
import { encodeProofFile, parseProofFile } from '../../../src/tlog/proof-file.ts';
import { parseTilePath } from '../../../src/tlog/tile-path.ts';
import { at, check, publicUrl, sampleCode, trustedKey } from '../credential/el1-sample.ts';
import { damaged } from './mutations.ts';
import { element, fuzz, fuzzText, seed } from './harness.ts';

const derSample = write.sequence(
  write.integer(-129n),
  write.boolean(true),
  write.oid('2.25.53280100489232594618449182394115620326.1'),
  write.namedBits([0, 6]),
  write.utf8String('印信'),
  write.printableString('XTEXT'),
  write.generalizedTime(at),
  write.certificateTime(at),
  write.tlv(0x1e, Uint8Array.of(0x53, 0x70)),
);

/** Asks each element for every kind of value. */
function readEverything(bytes: Uint8Array): void {
  const kinds = [
    value.booleanOf,
    value.integerOf,
    value.smallIntegerOf,
    value.oidOf,
    value.octetsOf,
    value.bitStringOctetsOf,
    value.namedBitsOf,
    value.stringOf,
    value.ia5ContentOf,
    value.timeOf,
    value.generalizedTimeOf,
  ];
  const root = readDer(bytes);
  for (const member of [root, ...root.children.slice(0, 200)]) {
    for (const kind of kinds) {
      try {
        kind(member);
      } catch (error) {
        if (!isTrustError(error, 'malformed-der')) throw error;
      }
    }
  }
}

fuzz({
  name: 'readDer',
  read: readDer,
  refusals: ['malformed-der'],
  samples: [derSample],
  holds: ({ raw }, octets) => assert.ok(equalBytes(raw, octets)),
});

fuzz({
  name: 'values of DER elements',
  read: readEverything,
  refusals: ['malformed-der'],
  samples: [derSample],
  hostile: {
    'an OID of a megabyte': element(0x06, 1_000_000, 1),
    'a time of a megabyte': element(0x18, 1_000_000, 0x39),
    'a text of a megabyte': element(0x1e, 1_000_000, 0x41),
    'a bit list of a megabyte': element(0x03, 1_000_000, 0x01),
  },
});

fuzz({
  name: 'elementsIn',
  read: (octets: Uint8Array) => [...elementsIn(readDerShallow(octets, { maxBytes: 1 << 22 }).content, 100)],
  refusals: ['malformed-der'],
  samples: [derSample],
});

const cborSample = encodeCbor(
  new Map<CborKey, CborValue>([
    [1, 'text'],
    [-7, Uint8Array.of(1, 2, 3)],
    ['list', [true, null, 2 ** 40, new CborTag(18, [])]],
  ]),
);
fuzz({
  name: 'decodeCbor',
  read: (octets: Uint8Array) => decodeCbor(octets, { tags: [18] }),
  refusals: ['malformed-cbor'],
  samples: [cborSample],
  holds: (decoded, octets) => assert.ok(equalBytes(encodeCbor(decoded), octets)),
});

fuzz({
  name: 'inflateZlib',
  read: (octets: Uint8Array) => inflateZlib(octets, 4096),
  refusals: [],
  samples: [zlibSync(utf8('one two three one two three'))],
  hostile: { 'a bomb of 20 megabytes': zlibSync(new Uint8Array(20_000_000)) },
  holds: (content) => assert.ok(content === undefined || content.length <= 4096),
});

fuzzText({ name: 'fromBase45', read: fromBase45, refusals: ['malformed-base45'], samples: [toBase45(sampleCode)] });
fuzzText({ name: 'fromBase32', read: fromBase32, refusals: ['malformed-base32'], samples: [toBase32(sampleCode)] });
fuzzText({
  name: 'segmentsFromSvgPath',
  read: (text) => segmentsFromSvgPath(text),
  refusals: ['malformed-image'],
  samples: ['M0 0h10v10H0zm1.5-2e1c0 0 1 1 2 2s3 3 4 4q1 1 2 2t3 3a5 5 0 1 0 7 7z'],
  hostile: { 'a million arcs': `M0 0${'a1 1 0 0 0 1 1'.repeat(70_000)}` },
});

fuzz({ name: 'readEl1Code', read: readEl1Code, refusals: [], samples: [sampleCode] });
const spellings = spellEl1(sampleCode, publicUrl);
fuzzText({
  name: 'readEl1Text',
  read: (text) => readEl1Text(text, publicUrl),
  refusals: [],
  samples: [spellings.link, spellings.bare],
});
fuzzText({
  name: 'parseLicenceIdentifier',
  read: parseLicenceIdentifier,
  refusals: [],
  samples: ['1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.X'],
});

describe('verifyEl1', () => {
  it('calls nothing but the very claims that were signed authentic', async () => {
    await fc.assert(
      fc.asyncProperty(damaged([sampleCode]), async (octets) => {
        const code = readEl1Code(octets);
        if (!code.ok) return;
        const { authentic } = await verifyEl1(code.value, trustedKey, { at, check });
        assert.equal(authentic, equalBytes(octets, sampleCode));
      }),
      { seed, numRuns: 300 },
    );
  });
});

const log = createSigner({ keyName: 'log', purpose: 'log', algorithm: 'EdDSA', ...generateKeyPair('EdDSA') });
const key = noteKey(sha256, 'yinxin.example/log', log.spki);
assert.ok(key !== undefined);
const text = checkpointText({ origin: 'yinxin.example/log', size: 5, root: sha256(utf8('root')) });
const note = await signNote(text, key, (data) => log.sign(data, 'raw'));
const verifyNoteText = (octets: Uint8Array): string | undefined => {
  const parsed = parseNote(octets);
  const good =
    parsed !== undefined &&
    verifyNote(parsed, key, (_, data, signature) =>
      verifySignature({ algorithm: 'EdDSA', spki: log.spki, data, signature, form: 'raw' }),
    );
  return good ? parsed.text : undefined;
};
fuzz({
  name: 'parseNote and verifyNote',
  read: verifyNoteText,
  refusals: [],
  samples: [utf8(note)],
  holds: (signed) => assert.ok(signed === undefined || signed === text),
});
fuzzText({ name: 'parseCheckpoint', read: parseCheckpoint, refusals: [], samples: [text] });
fuzzText({
  name: 'parseVerifierKey',
  read: (line) => parseVerifierKey(sha256, line),
  refusals: [],
  samples: [encodeVerifierKey(key)],
});
fuzzText({ name: 'parseTilePath', read: parseTilePath, refusals: [], samples: ['tile/0/x001/234.p/56'] });
fuzz({
  name: 'parseProofFile',
  read: parseProofFile,
  refusals: [],
  samples: [
    utf8(
      encodeProofFile({ index: 3, path: [sha256(utf8('a')), sha256(utf8('b'))], checkpoint: note, extra: utf8('x') }),
    ),
  ],
});
fuzz({
  name: 'decodeEntryBundle',
  read: (octets: Uint8Array) => decodeEntryBundle(octets, 2),
  refusals: [],
  samples: [encodeEntryBundle([utf8('one'), utf8('two')])],
  holds: (leaves, octets) => assert.ok(leaves === undefined || equalBytes(encodeEntryBundle(leaves), octets)),
});
fuzz({ name: 'fromUtf8', read: fromUtf8, refusals: [], samples: [utf8('印信 e-seal')] });
