// A receipt (回执): the proof that an entry is in the log, the entry itself, and those sealed parts of it that its holder may show;
// C2SP tlog-proof, whose `extra` line is canonical JSON (RFC 8785):
//
//   { "leaf": the entry as it stands in the log, "opened"?: { "actor"?: { "salt": base64url, "text": … }, "about"?: … }, "v": 1 }
//
// The path of the proof starts at the hash of the leaf. What is opened is bound to it by the commitment of the same name in the leaf,
// SHA-256(salt ‖ text). So every byte of a receipt is either proved, or it is no receipt.

import { sha256 } from '../crypto/digest.ts';
import { concatBytes, fromBase64url, fromUtf8, toBase64url, utf8 } from '../kernel/bytes.ts';
import { encodeProofFile, parseProofFile, type ProofFile } from '../tlog/proof-file.ts';
import { canonicalJson, type PlainObject, type PlainValue, parseCanonicalJson } from './canonical-json.ts';

/** The names of the commitments in a leaf: who acted, and whom it is about. */
export const partNames = ['actor', 'about'] as const;
export type PartName = (typeof partNames)[number];

/** What opens a commitment. */
export interface Opening {
  readonly salt: Uint8Array;
  readonly text: Uint8Array;
}

export type Openings = Readonly<Partial<Record<PartName, Opening>>>;

export interface Receipt {
  readonly proof: Pick<ProofFile, 'index' | 'path' | 'checkpoint'>;
  readonly leaf: Uint8Array;
  readonly opened: Openings;
}

const version = 1;

export function encodeReceipt({ proof, leaf, opened }: Receipt): string {
  const parts: Record<string, PlainObject> = {};
  for (const name of partNames) {
    const opening = opened[name];
    if (opening !== undefined) parts[name] = { salt: toBase64url(opening.salt), text: textOf(opening.text) };
  }
  const some = Object.keys(parts).length > 0;
  const extra = canonicalJson({ leaf: textOf(leaf), opened: some ? parts : undefined, v: version });
  return encodeProofFile({ ...proof, extra });
}

/** `undefined` when it is none. Nothing in it is verified: see `openedParts` and verifyInclusion. */
export function parseReceipt(file: Uint8Array): Receipt | undefined {
  const proof = parseProofFile(file);
  const json = proof?.extra === undefined ? undefined : parseCanonicalJson(proof.extra);
  if (proof === undefined || json === undefined) return undefined;
  const { leaf, opened = {}, v, ...others } = json;
  if (v !== version || typeof leaf !== 'string' || Object.keys(others).length > 0) return undefined;
  const openings = readOpenings(opened);
  return openings && { proof, leaf: utf8(leaf), opened: openings };
}

/** What the parts say, when each is what the leaf commits to; else the name of the first that is not. */
export function openedParts(
  leaf: PlainObject,
  opened: Openings,
): { said: Readonly<Partial<Record<PartName, PlainObject>>> } | { wrong: PartName } {
  const said: Partial<Record<PartName, PlainObject>> = {};
  for (const name of partNames) {
    const opening = opened[name];
    if (opening === undefined) continue;
    const part = parseCanonicalJson(opening.text);
    const commitment = toBase64url(sha256(concatBytes(opening.salt, opening.text)));
    if (part === undefined || leaf[name] !== commitment) return { wrong: name };
    said[name] = part;
  }
  return { said };
}

function readOpenings(value: PlainValue): Openings | undefined {
  if (typeof value !== 'object') return undefined;
  const openings: Partial<Record<PartName, Opening>> = {};
  for (const [name, part] of Object.entries(value)) {
    const known = partNames.find((one) => one === name);
    if (known === undefined || typeof part !== 'object') return undefined;
    const { salt, text, ...others } = part;
    const bytes = typeof salt === 'string' ? fromBase64url(salt) : undefined;
    if (bytes === undefined || typeof text !== 'string' || Object.keys(others).length > 0) return undefined;
    openings[known] = { salt: bytes, text: utf8(text) };
  }
  return openings;
}

/** Leaves and sealed parts are canonical JSON, so they are text. */
function textOf(bytes: Uint8Array): string {
  const text = fromUtf8(bytes);
  if (text === undefined) throw new RangeError('not UTF-8');
  return text;
}
