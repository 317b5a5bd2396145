// A small log without a database for tests of witnesses: leaves, signed checkpoints of any size, consistency proofs; RFC 9162, C2SP.

import assert from 'node:assert/strict';
import { sha256 } from '../../src/crypto/digest.ts';
import { utf8 } from '../../src/kernel/bytes.ts';
import { checkpointText } from '../../src/tlog/checkpoint.ts';
import { leafHash, rootOf } from '../../src/tlog/merkle.ts';
import { encodeVerifierKey, noteKey, signNote } from '../../src/tlog/note.ts';
import { consistencyRanges } from '../../src/tlog/proof.ts';
import { logSigner } from './audit.ts';

export interface WitnessTree {
  readonly verifierKey: string;
  root(size: number): Uint8Array;
  note(size: number, root?: Uint8Array): Promise<string>;
  proof(first: number, second: number): Uint8Array[];
}

/** The same origin always has the same leaves, and a new key each time. */
export function witnessTree(origin: string): WitnessTree {
  const leaves = Array.from({ length: 40 }, (_, i) => leafHash(sha256, utf8(`${origin} ${i}`)));
  const signer = logSigner();
  const key = noteKey(sha256, origin, signer.spki);
  assert.ok(key !== undefined);
  const root = (size: number) => rootOf(sha256, leaves.slice(0, size));
  return {
    verifierKey: encodeVerifierKey(key),
    root,
    note: (size, other = root(size)) =>
      signNote(checkpointText({ origin, size, root: other }), key, (data) => signer.sign(data, 'raw')),
    proof: (first, second) =>
      consistencyRanges(first, second).map(({ start, end }) => rootOf(sha256, leaves.slice(start, end))),
  };
}
