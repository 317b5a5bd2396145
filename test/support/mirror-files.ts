// A log as files in the layout of C2SP tlog-tiles, of any size and without a database: what a mirror holds.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256 } from '../../src/crypto/digest.ts';
import { generateKeyPair } from '../../src/crypto/key-material.ts';
import { createSigner, type Signer } from '../../src/crypto/signer.ts';
import { toBase64url, utf8 } from '../../src/kernel/bytes.ts';
import { idFromUuid } from '../../src/kernel/ids.ts';
import { checkpointText } from '../../src/tlog/checkpoint.ts';
import { encodeEntryBundle } from '../../src/tlog/entry-bundle.ts';
import { Frontier } from '../../src/tlog/frontier.ts';
import { hashSizeBytes, leafHash } from '../../src/tlog/merkle.ts';
import { encodeVerifierKey, type NoteKey, noteKey, signNote } from '../../src/tlog/note.ts';
import { tileWidth } from '../../src/tlog/tile.ts';
import { tilePath } from '../../src/tlog/tile-path.ts';

export interface MirrorFiles {
  readonly directory: string;
  readonly size: number;
  readonly signer: Signer;
  readonly origin: string;
  readonly leafAt?: (index: number) => Uint8Array;
}

/** Answers with the verifier key. */
export async function writeMirror(files: MirrorFiles): Promise<string> {
  const { directory, size, signer, origin, leafAt = syntheticLeaf } = files;
  const frontier = Frontier.empty(sha256);
  for (let index = 0; frontier.size < size; index++) {
    const width = Math.min(tileWidth, size - frontier.size);
    const leaves = Array.from({ length: width }, (_, i) => leafAt(index * tileWidth + i));
    const hashes = new Uint8Array(width * hashSizeBytes);
    leaves.forEach((leaf, i) => {
      hashes.set(leafHash(sha256, leaf), i * hashSizeBytes);
    });
    writeResource(directory, tilePath({ level: 'entries', index, width }), encodeEntryBundle(leaves));
    if (width < tileWidth) {
      for (let i = 0; i < width; i++) frontier.push(hashes.subarray(i * hashSizeBytes, (i + 1) * hashSizeBytes));
      continue;
    }
    for (const { level, index: place, data } of frontier.pushTile(hashes))
      writeResource(directory, tilePath({ level, index: place, width }), data);
  }
  for (let level = 0; tileWidth ** level <= size; level++) {
    const partial = frontier.partialTile(level);
    const index = Math.floor(size / tileWidth ** (level + 1));
    if (partial.length > 0)
      writeResource(directory, tilePath({ level, index, width: partial.length / hashSizeBytes }), partial);
  }
  const key = logKey(signer, origin);
  const checkpoint = { origin, size, root: frontier.root() };
  writeResource(
    directory,
    'checkpoint',
    await signNote(checkpointText(checkpoint), key, (data) => signer.sign(data, 'raw')),
  );
  writeResource(directory, 'key', `${encodeVerifierKey(key)}\n`);
  return encodeVerifierKey(key);
}

export function freshLogSigner(): Signer {
  return createSigner({ keyName: 'log', purpose: 'log', algorithm: 'EdDSA', ...generateKeyPair('EdDSA') });
}

export function logKey(signer: Signer, origin: string): NoteKey {
  const key = noteKey(sha256, origin, signer.spki);
  if (key === undefined) throw new RangeError('not a log key');
  return key;
}

/** As the service spells a stamping, 370 bytes. */
export function syntheticLeaf(index: number): Uint8Array {
  const id = idFromUuid(
    'entry',
    `01900000-${hex(Math.floor(index / 4096), 4)}-7${hex(index % 4096, 3)}-8000-${hex(index, 12)}`,
  );
  const commitment = toBase64url(sha256(utf8(`${index}`)));
  return utf8(
    `{"action":"stamping","actor":"${commitment}","client":"sandbox-system","events":1,"facts":{"attempt":${index},"level":"B-T","policy":"intl"},"id":"${id}","object":"stp_01jd0000000000000000000000","outcome":"done","sha256":"${commitment}","v":2}`,
  );
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

export function writeResource(directory: string, path: string, bytes: Uint8Array | string): void {
  const file = join(directory, ...path.split('/'));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}
