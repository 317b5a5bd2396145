// Cosignatures: a witness says that it saw a checkpoint as the newest of its log, and when; C2SP tlog-cosignature, Ed25519 (type 0x04).

import { concatBytes, utf8 } from '../kernel/bytes.ts';
import {
  type NoteKey,
  signatureLine,
  signaturesOf,
  signatureTypes,
  type SignedNote,
  type VerifyEd25519,
} from './note.ts';

export interface Cosignature {
  /** Signature line of the note, with its newline. */
  readonly line: string;
  /** When the witness signed, in whole seconds since 1970; never 0. */
  readonly epochSeconds: number;
}

const timestampSizeBytes = 8;
const signatureSizeBytes = 64;

/** The signature line of a witness under the text of a checkpoint. */
export async function cosign(
  text: string,
  key: NoteKey,
  epochSeconds: number,
  sign: (data: Uint8Array) => Promise<Uint8Array>,
): Promise<string> {
  const timestamp = new Uint8Array(timestampSizeBytes);
  new DataView(timestamp.buffer).setBigUint64(0, BigInt(epochSeconds));
  const signature = concatBytes(timestamp, await sign(cosignedMessage(text, epochSeconds)));
  return signatureLine({ name: key.name, keyId: key.id, signature });
}

/**
 * What this witness says under the note. `undefined` when it says nothing, and when any signature under its name and id
 * is bad: such a note is spoilt.
 */
export function cosignatureOf(note: SignedNote, key: NoteKey, verify: VerifyEd25519): Cosignature | undefined {
  if (key.type !== signatureTypes.cosignature) return undefined;
  const found: Cosignature[] = [];
  for (const entry of signaturesOf(note, key)) {
    const { signature } = entry;
    if (signature.length !== timestampSizeBytes + signatureSizeBytes) return undefined;
    const epochSeconds = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0));
    if (epochSeconds === 0 || !Number.isSafeInteger(epochSeconds)) return undefined;
    const message = cosignedMessage(note.text, epochSeconds);
    if (!verify(key.publicKey, message, signature.subarray(timestampSizeBytes))) return undefined;
    found.push({ line: signatureLine(entry), epochSeconds });
  }
  return found[0];
}

function cosignedMessage(text: string, epochSeconds: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${epochSeconds}\n${text}`);
}
