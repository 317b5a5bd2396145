// Cosignatures and the request to a witness: the examples of the specifications, what we sign ourselves, and hostile spellings.

import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import * as fc from 'fast-check';
import { verifyEd25519 } from '../../../src/audit/note-signature.ts';
import { toBase64, toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { cosign, cosignatureOf } from '../../../src/tlog/cosignature.ts';
import {
  encodeVerifierKey,
  type NoteKey,
  noteKey,
  parseNote,
  parseVerifierKey,
  signatureTypes,
  verifyNote,
} from '../../../src/tlog/note.ts';
import { encodeAddCheckpoint, parseAddCheckpoint } from '../../../src/tlog/witness-request.ts';

const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(data).digest());
const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
const seconds = 1_679_315_147;

function makeKey(name: string): { key: NoteKey; signWith: (data: Uint8Array) => Promise<Uint8Array> } {
  const pair = generateKeyPairSync('ed25519');
  const spki = new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' }));
  const key = noteKey(sha256, name, spki, signatureTypes.cosignature);
  assert.ok(key !== undefined);
  return { key, signWith: async (data) => new Uint8Array(sign(null, data, pair.privateKey)) };
}

async function cosigned(name = 'witness.example/w1') {
  const { key, signWith } = makeKey(name);
  const line = await cosign(text, key, seconds, signWith);
  return { key, line, signWith };
}

function noteWith(...lines: string[]) {
  const note = parseNote(`${text}\n${lines.join('')}`);
  assert.ok(note !== undefined);
  return note;
}

describe('C2SP tlog-cosignature', () => {
  it('computes the key id over name, newline, 0x04 and the key, and writes the verifier key with 0x04', () => {
    const { key } = makeKey('witness.example/w1');
    const input = Buffer.concat([utf8('witness.example/w1\n'), Buffer.of(4), key.publicKey]);
    assert.equal(toHex(key.id), createHash('sha256').update(input).digest('hex').slice(0, 8));
    const written = encodeVerifierKey(key);
    assert.equal(Buffer.from(written.split('+').slice(2).join('+'), 'base64')[0], 4);
    assert.deepEqual(parseVerifierKey(sha256, written, signatureTypes.cosignature), key);
    assert.equal(parseVerifierKey(sha256, written), undefined, 'it is no key of a log');
  });

  it('signs the two lines of the header and the whole text, and verifies with the time', async () => {
    const signed: Uint8Array[] = [];
    const { key, signWith } = makeKey('witness.example/w1');
    const line = await cosign(text, key, seconds, async (data) => {
      signed.push(data);
      return signWith(data);
    });
    assert.equal(Buffer.from(signed[0] ?? []).toString(), `cosignature/v1\ntime 1679315147\n${text}`);
    assert.deepEqual(cosignatureOf(noteWith(line), key, verifyEd25519), { line, epochSeconds: seconds });
  });

  it('reads the time of the example in the specification as a big-endian 64-bit number', () => {
    // Source: C2SP tlog-cosignature, the example at its beginning; its key is not published.
    const line =
      '\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n';
    const { key } = makeKey('witness.example.com/w1');
    const named = { ...key, id: Uint8Array.of(0x8d, 0x66, 0xcf, 0x3f) };
    let message = '';
    const said = cosignatureOf(noteWith(line), named, (_key, data) => {
      message = Buffer.from(data).toString();
      return true;
    });
    assert.deepEqual(said, { line, epochSeconds: 1_679_315_147 });
    assert.equal(message, `cosignature/v1\ntime 1679315147\n${text}`);
  });

  it('is spoilt by another text, another time, a zero time, a short signature, a second bad line', async () => {
    const { key, line, signWith } = await cosigned();
    const other = parseNote(`${text.replace('20852163', '20852164')}\n${line}`);
    assert.ok(other !== undefined);
    assert.equal(cosignatureOf(other, key, verifyEd25519), undefined);
    const bytes = Buffer.from(line.trim().split(' ')[2] ?? '', 'base64');
    const relined = (changed: Uint8Array) => `\u2014 ${key.name} ${toBase64(changed)}\n`;
    const later = Uint8Array.from(bytes);
    later[11] = (later[11] ?? 0) ^ 1;
    assert.equal(cosignatureOf(noteWith(relined(later)), key, verifyEd25519), undefined);
    const timeless = await cosign(text, key, 0, signWith);
    assert.equal(cosignatureOf(noteWith(timeless), key, verifyEd25519), undefined);
    assert.equal(cosignatureOf(noteWith(relined(bytes.subarray(0, -1))), key, verifyEd25519), undefined);
    assert.equal(cosignatureOf(noteWith(line, relined(later)), key, verifyEd25519), undefined);
  });

  it('ignores other witnesses, and a key of a log never counts as a witness nor the other way round', async () => {
    const { key, line } = await cosigned();
    const stranger = await cosigned('witness.example/w2');
    const note = noteWith(stranger.line, line);
    assert.equal(cosignatureOf(note, key, verifyEd25519)?.line, line);
    assert.equal(cosignatureOf(note, makeKey(key.name).key, verifyEd25519), undefined);
    assert.equal(verifyNote(note, key, verifyEd25519), false);
    assert.equal(cosignatureOf(note, { ...key, type: signatureTypes.note }, verifyEd25519), undefined);
  });
});

describe('C2SP tlog-witness, the request to add a checkpoint', () => {
  const checkpoint = `${text}\n\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n`;
  // Source: C2SP tlog-witness, the example request, with one of its two signatures.
  const example = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

${checkpoint}`;

  it('reads the example of the specification and writes it back', () => {
    const request = parseAddCheckpoint(utf8(example));
    assert.ok(request !== undefined);
    assert.equal(request.oldSize, 20_852_014);
    assert.equal(request.proof.length, 4);
    assert.equal(request.checkpoint, checkpoint);
    assert.equal(encodeAddCheckpoint(request), example);
    const first = { oldSize: 0, proof: [], checkpoint };
    assert.deepEqual(parseAddCheckpoint(utf8(encodeAddCheckpoint(first))), first);
  });

  it('refuses other spellings of the size, of hashes, more than 63 of them, and what is not UTF-8', () => {
    const line = `${toBase64(new Uint8Array(32))}\n`;
    const bad = [
      example.replace('old 2', 'old 02'),
      example.replace('old 20852014', 'old -1'),
      example.replace('old 20852014', 'old 1e3'),
      example.replace('old 20852014', `old ${'9'.repeat(17)}`),
      example.replace('old ', 'new '),
      example.replace('PlRN', 'PlR'),
      example.replace('Kj/0=\n\n', 'Kj/0=\n'),
      `old 1\n${line.repeat(64)}\n${checkpoint}`,
      '',
    ];
    for (const body of bad) assert.equal(parseAddCheckpoint(utf8(body)), undefined, body.slice(0, 40));
    assert.equal(parseAddCheckpoint(Uint8Array.of(...utf8('old 1\n\n'), 0xff)), undefined);
    assert.equal(parseAddCheckpoint(utf8(`old 1\n${line.repeat(63)}\n${checkpoint}`))?.proof.length, 63);
  });

  it('takes any bytes without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (bytes, more) => {
        parseAddCheckpoint(bytes);
        parseAddCheckpoint(utf8(`old 1\n\n${more}`));
      }),
    );
  });
});
