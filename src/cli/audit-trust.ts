// Which checkpoints an auditor believes: signed by a key of the log, and seen by enough witnesses; C2SP tlog-checkpoint, tlog-cosignature.

import { createPublicKey, verify } from 'node:crypto';
import { sha256 } from '../crypto/digest.ts';
import { moment } from '../kernel/clock.ts';
import { type Checkpoint, parseCheckpoint } from '../tlog/checkpoint.ts';
import { cosignatureOf } from '../tlog/cosignature.ts';
import {
  type NoteKey,
  parseNote,
  parseVerifierKey,
  signaturesOf,
  signatureTypes,
  spkiOf,
  verifyNote,
} from '../tlog/note.ts';
import { type AuditReport, bad, undecided } from './audit-report.ts';

/** Verifier keys as text, `name+hash+base64`. */
export interface TrustGiven {
  /** Keys of the log: the present one, and those that it had before. */
  readonly keys: readonly string[];
  readonly witnesses?: readonly string[];
  /** So many of the witnesses must have cosigned; all of them when absent. */
  readonly need?: number;
}

export interface Trust {
  readonly keys: readonly NoteKey[];
  readonly witnesses: readonly NoteKey[];
  readonly need: number;
}

export interface OpenedCheckpoint extends Checkpoint {
  readonly note: string;
  readonly cosignedBy: readonly { readonly witness: string; readonly at: string }[];
}

/** A report when one of the keys is none. */
export function trustOf({ keys, witnesses = [], need = witnesses.length }: TrustGiven): Trust | AuditReport {
  const own = keys.map((text) => parseVerifierKey(sha256, text));
  const others = witnesses.map((text) => parseVerifierKey(sha256, text, signatureTypes.cosignature));
  if (own.length === 0 || own.includes(undefined))
    return undecided('key-malformed', 'the verifier key is not of the form name+hash+base64');
  if (others.includes(undefined))
    return undecided('witness-key-malformed', 'the key of a witness is not of the form name+hash+base64 with type 4');
  const known = others.flatMap((key) => key ?? []);
  const distinct = new Set(known.map(({ publicKey }) => publicKey.join())).size;
  if (!Number.isInteger(need) || need < 0 || need > distinct)
    return undecided('witness-policy-impossible', `${need} of ${distinct} witnesses cannot be had`);
  return { keys: own.flatMap((key) => key ?? []), witnesses: known, need };
}

export function openCheckpoint(text: string, trust: Trust): OpenedCheckpoint | AuditReport {
  const note = parseNote(text);
  const checkpoint = note === undefined ? undefined : parseCheckpoint(note.text);
  if (note === undefined || checkpoint === undefined) return bad('checkpoint-malformed', 'not a signed checkpoint');
  const about = { origin: checkpoint.origin, size: checkpoint.size };
  const key = trust.keys.find((known) => signaturesOf(note, known).length > 0) ?? trust.keys[0];
  if (key === undefined || !verifyNote(note, key, verifyEd25519))
    return bad('checkpoint-signature-bad', `the checkpoint bears no valid signature of ${key?.name}`, about);
  if (checkpoint.origin !== key.name)
    return bad('checkpoint-origin-differs', `the checkpoint is of ${checkpoint.origin}, not of ${key.name}`, about);
  const cosignedBy: { witness: string; at: string }[] = [];
  const keysHeard = new Set<string>(); // one witness that is named twice, or has two names, is still one
  for (const witness of trust.witnesses) {
    const said = cosignatureOf(note, witness, verifyEd25519);
    if (said === undefined && signaturesOf(note, witness).length > 0)
      return bad('cosignature-bad', `the cosignature of ${witness.name} is not valid`, about);
    if (said === undefined) continue;
    cosignedBy.push({ witness: witness.name, at: isoOf(said.epochSeconds) });
    keysHeard.add(witness.publicKey.join());
  }
  if (keysHeard.size < trust.need)
    return bad('cosignatures-missing', `${keysHeard.size} of the ${trust.need} witnesses asked for cosigned`, about);
  return { ...checkpoint, note: text, cosignedBy };
}

const lastSecondOfDates = 8.64e12;

/** A witness can say any number of seconds. */
function isoOf(epochSeconds: number): string {
  return epochSeconds > lastSecondOfDates ? 'at no time' : moment(epochSeconds * 1000).toISOString();
}

function verifyEd25519(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(spkiOf({ publicKey })), format: 'der', type: 'spki' });
    return verify(null, data, key, signature);
  } catch {
    return false;
  }
}
