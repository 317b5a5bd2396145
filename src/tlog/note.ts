// Signed notes and verifier keys; C2SP signed-note, "Format", "Signature types" and "Verifier keys".

import { concatBytes, equalBytes, fromBase64, fromHex, fromUtf8, toBase64, toHex, utf8 } from '../kernel/bytes.ts';
import type { Sha256 } from './merkle.ts';

/** What an Ed25519 key signs: the text of the note, or (src/tlog/cosignature.ts) that it was seen at some time. */
export const signatureTypes = { note: 0x01, cosignature: 0x04 } as const;
export type SignatureType = (typeof signatureTypes)[keyof typeof signatureTypes];

const publicKeySizeBytes = 32;
const signatureSizeBytes = 64;
const keyIdSizeBytes = 4;
const maxSignatures = 64; // a reader must take at least 16; the rest is a limit against hostile notes
const maxNoteSizeBytes = 1_000_000;

/** DER of AlgorithmIdentifier Ed25519 and the BIT STRING header (RFC 8410, 4); the 32 bytes of the key follow. */
const ed25519SpkiPrefix = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);

export interface NoteKey {
  readonly type: SignatureType;
  readonly name: string;
  readonly id: Uint8Array;
  readonly publicKey: Uint8Array;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

export interface SignedNote {
  /** With its final newline: the bytes that are signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Checks an Ed25519 signature; handed in because this room holds no keys. */
export type VerifyEd25519 = (publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array) => boolean;

/** The note key of an Ed25519 public key in SPKI form; `undefined` when it is another kind of key or the name is not allowed. */
export function noteKey(
  sha256: Sha256,
  name: string,
  spki: Uint8Array,
  type: SignatureType = signatureTypes.note,
): NoteKey | undefined {
  const prefix = spki.subarray(0, ed25519SpkiPrefix.length);
  if (!equalBytes(prefix, ed25519SpkiPrefix) || spki.length !== ed25519SpkiPrefix.length + publicKeySizeBytes)
    return undefined;
  if (!isKeyName(name)) return undefined;
  return fromPublicKey(sha256, type, name, spki.slice(ed25519SpkiPrefix.length));
}

export function spkiOf(key: Pick<NoteKey, 'publicKey'>): Uint8Array {
  return concatBytes(ed25519SpkiPrefix, key.publicKey);
}

/** `name+hash+base64`. */
export function encodeVerifierKey(key: NoteKey): string {
  return `${key.name}+${toHex(key.id)}+${toBase64(concatBytes(Uint8Array.of(key.type), key.publicKey))}`;
}

/** `undefined` when malformed, of another type, or when the hash is not the hash of the rest. */
export function parseVerifierKey(
  sha256: Sha256,
  text: string,
  type: SignatureType = signatureTypes.note,
): NoteKey | undefined {
  const match = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim());
  const [, name, idText, keyText] = match ?? [];
  if (name === undefined || idText === undefined || keyText === undefined || !isKeyName(name)) return undefined;
  const id = fromHex(idText);
  const material = fromBase64(keyText);
  if (material?.[0] !== type || material.length !== 1 + publicKeySizeBytes) return undefined;
  const key = fromPublicKey(sha256, type, name, material.slice(1));
  return id !== undefined && equalBytes(id, key.id) ? key : undefined;
}

/** Signs a text that ends in a newline. */
export async function signNote(
  text: string,
  key: NoteKey,
  sign: (data: Uint8Array) => Promise<Uint8Array>,
): Promise<string> {
  if (!text.endsWith('\n') || hasControls(text)) throw new RangeError('not the text of a note');
  const signature = await sign(utf8(text));
  return `${text}\n${signatureLine({ name: key.name, keyId: key.id, signature })}`;
}

export function signatureLine({ name, keyId, signature }: NoteSignature): string {
  return `\u2014 ${name} ${toBase64(concatBytes(keyId, signature))}\n`;
}

/** The signatures under the name and id of a key. */
export function signaturesOf(note: SignedNote, key: NoteKey): NoteSignature[] {
  return note.signatures.filter(({ name, keyId }) => name === key.name && equalBytes(keyId, key.id));
}

/** `undefined` when it is not a signed note. Says nothing about the signatures: see `verifyNote`. */
export function parseNote(note: string | Uint8Array): SignedNote | undefined {
  if (note.length > maxNoteSizeBytes) return undefined;
  const whole = typeof note === 'string' ? note : fromUtf8(note);
  if (whole === undefined || hasControls(whole)) return undefined;
  const split = whole.lastIndexOf('\n\n');
  if (split < 0 || !whole.endsWith('\n')) return undefined;
  const lines = whole.slice(split + 2, -1).split('\n');
  if (lines.length > maxSignatures) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const [dash, name, encoded, ...more] = line.split(' ');
    const bytes = encoded === undefined ? undefined : fromBase64(encoded);
    if (dash !== '\u2014' || name === undefined || !isKeyName(name) || more.length > 0) return undefined;
    if (bytes === undefined || bytes.length <= keyIdSizeBytes) return undefined;
    const signature = bytes.subarray(keyIdSizeBytes);
    signatures.push({ name, keyId: bytes.subarray(0, keyIdSizeBytes), signature });
  }
  return { text: whole.slice(0, split + 1), signatures };
}

/**
 * True when the note bears a valid signature by this key. Signatures of unknown keys are ignored; one bad signature
 * under the known name and id spoils the note.
 */
export function verifyNote(note: SignedNote, key: NoteKey, verify: VerifyEd25519): boolean {
  const own = signaturesOf(note, key);
  const data = utf8(note.text);
  return (
    key.type === signatureTypes.note &&
    own.length > 0 &&
    own.every(({ signature }) => signature.length === signatureSizeBytes && verify(key.publicKey, data, signature))
  );
}

function fromPublicKey(sha256: Sha256, type: SignatureType, name: string, publicKey: Uint8Array): NoteKey {
  const hash = sha256(concatBytes(utf8(name), Uint8Array.of(0x0a, type), publicKey));
  return { type, name, id: hash.slice(0, keyIdSizeBytes), publicKey };
}

function isKeyName(name: string): boolean {
  return name.length > 0 && name.length <= 255 && !/[\s+]/u.test(name) && !hasControls(name);
}

/** Control characters other than newline make a note invalid. */
function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 && unit !== 0x0a) return true;
  }
  return false;
}
