// The offline checker of the audit log: judges a proof or a whole log by its own hashing, never by what a server says of itself.

import { createPublicKey, verify } from 'node:crypto';
import { sha256 } from '../crypto/digest.ts';
import { equalBytes, fromBase64, fromHex, fromUtf8 } from '../kernel/bytes.ts';
import { type Finding, finding } from '../kernel/report.ts';
import { type Checkpoint, parseCheckpoint } from '../tlog/checkpoint.ts';
import { leafHash } from '../tlog/merkle.ts';
import { type NoteKey, parseNote, parseVerifierKey, spkiOf, verifyNote } from '../tlog/note.ts';
import { verifyInclusion } from '../tlog/proof.ts';
import { type ProofFile, parseProofFile } from '../tlog/proof-file.ts';
import { type LogSource, SourceUnreadable } from './audit-log-source.ts';
import { findFirstBadEntry } from './audit-verify-tree.ts';

/** 0: good. 1: bad. 2: it could not be judged (unreachable, unreadable, no key). */
export type ExitStatus = 0 | 1 | 2;

export interface AuditReport {
  readonly exitStatus: ExitStatus;
  readonly findings: readonly Finding[];
  readonly origin?: string;
  /** Number of entries that the checkpoint covers. */
  readonly size?: number;
  /** Of a proof: the entry that was proved. */
  readonly index?: number;
  /** Of a whole log: the first entry that is not what the checkpoint covers, when it can be named. */
  readonly firstBadEntry?: number;
}

type GivenProof = ProofFile & { readonly leafHash?: Uint8Array };

/**
 * One proof: C2SP tlog-proof text, or the JSON of `GET /api/v1/audit/entries/{index}/proof` (with `leaf`, base64, when
 * the entry is to be bound to it). `verifierKey`: `name+hash+base64`. `leaf`: the entry's bytes from elsewhere.
 */
export function verifyProof(input: { file: Uint8Array; verifierKey: string; leaf?: Uint8Array }): AuditReport {
  const key = parseVerifierKey(sha256, input.verifierKey);
  if (key === undefined) return undecided('key-malformed', 'the verifier key is not of the form name+hash+base64');
  const proof: GivenProof | undefined = parseProofFile(input.file) ?? parseProofJson(input.file);
  if (proof === undefined) return undecided('proof-malformed', 'neither a tlog-proof nor the JSON of a proof');
  const opened = openCheckpoint(proof.checkpoint, key);
  if ('exitStatus' in opened) return opened;
  const about = { origin: opened.origin, size: opened.size, index: proof.index };
  const leaf = input.leaf ?? proof.leaf;
  const ownHash = leaf === undefined ? undefined : leafHash(sha256, leaf);
  if (ownHash !== undefined && proof.leafHash !== undefined && !equalBytes(ownHash, proof.leafHash))
    return bad('leaf-differs', 'the entry is not the one that the proof is about', about);
  const hash = ownHash ?? proof.leafHash;
  if (hash === undefined) return undecided('leaf-missing', 'the proof holds no entry: give the bytes of the entry too');
  const good = verifyInclusion(sha256, { ...proof, leafHash: hash, size: opened.size, root: opened.root });
  if (!good) return bad('inclusion-failed', `entry ${proof.index} is not in the tree of the checkpoint`, about);
  const findings = [finding('included', 'info', `entry ${proof.index} of ${opened.size} is under the signed root`)];
  if (ownHash === undefined)
    findings.push(
      finding('leaf-hash-only', 'warning', 'only a hash was proved: the bytes of the entry were not given'),
    );
  return { exitStatus: 0, findings, ...about };
}

/**
 * A whole log: every entry is hashed, the root is computed from all of them and compared with the signed one.
 * Without `verifierKey` the key that the source offers is used, which is a warning: it proves that the log agrees with
 * itself, not whose log it is.
 */
export async function verifyLog(input: { source: LogSource; verifierKey?: string }): Promise<AuditReport> {
  try {
    const keyText = input.verifierKey ?? (await offeredKey(input.source));
    if (keyText === undefined) return undecided('key-missing', 'no verifier key was given, and the source offers none');
    const key = parseVerifierKey(sha256, keyText);
    if (key === undefined) return undecided('key-malformed', 'the verifier key is not of the form name+hash+base64');
    const note = fromUtf8((await input.source.read('checkpoint')) ?? new Uint8Array());
    if (note === undefined || note === '') return undecided('checkpoint-missing', 'the source has no checkpoint');
    const opened = openCheckpoint(note, key);
    if ('exitStatus' in opened) return opened;
    const about = { origin: opened.origin, size: opened.size };
    const fault = await findFirstBadEntry(input.source, opened);
    if (fault !== undefined) {
      const named = fault.index === undefined ? {} : { firstBadEntry: fault.index };
      return { ...bad(fault.code, fault.detail, about), ...named };
    }
    const findings = [finding('log-verified', 'info', `${opened.size} entries hash to the signed root`)];
    if (input.verifierKey === undefined)
      findings.push(finding('key-not-pinned', 'warning', `the key came from the source itself: ${keyText}`));
    return { exitStatus: 0, findings, ...about };
  } catch (error) {
    if (error instanceof SourceUnreadable) return undecided('source-unreadable', error.message);
    throw error;
  }
}

async function offeredKey(source: LogSource): Promise<string | undefined> {
  const bytes = await source.read('key');
  return bytes === undefined ? undefined : fromUtf8(bytes)?.trim();
}

function openCheckpoint(text: string, key: NoteKey): Checkpoint | AuditReport {
  const note = parseNote(text);
  const checkpoint = note === undefined ? undefined : parseCheckpoint(note.text);
  if (note === undefined || checkpoint === undefined) return bad('checkpoint-malformed', 'not a signed checkpoint');
  const about = { origin: checkpoint.origin, size: checkpoint.size };
  if (!verifyNote(note, key, verifyEd25519))
    return bad('checkpoint-signature-bad', `the checkpoint bears no valid signature of ${key.name}`, about);
  if (checkpoint.origin !== key.name)
    return bad('checkpoint-origin-differs', `the checkpoint is of ${checkpoint.origin}, not of ${key.name}`, about);
  return checkpoint;

  function verifyEd25519(_publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
    try {
      const publicKey = createPublicKey({ key: Buffer.from(spkiOf(key)), format: 'der', type: 'spki' });
      return verify(null, data, publicKey, signature);
    } catch {
      return false;
    }
  }
}

function parseProofJson(file: Uint8Array): GivenProof | undefined {
  try {
    const json: unknown = JSON.parse(fromUtf8(file) ?? '');
    if (typeof json !== 'object' || json === null) return undefined;
    const { index, leafHash: hash, path, checkpoint, leaf }: Record<string, unknown> = { ...json };
    const hashBytes = typeof hash === 'string' ? fromHex(hash) : undefined;
    const leafBytes = typeof leaf === 'string' ? fromBase64(leaf) : undefined;
    if (typeof index !== 'number' || typeof checkpoint !== 'string' || !Array.isArray(path)) return undefined;
    if ((hash !== undefined && hashBytes === undefined) || (leaf !== undefined && leafBytes === undefined))
      return undefined;
    const hashes = path.map((item: unknown) => (typeof item === 'string' ? fromHex(item) : undefined));
    if (hashes.includes(undefined)) return undefined;
    return {
      index,
      checkpoint,
      path: hashes.flatMap((item) => (item === undefined ? [] : [item])),
      ...(hashBytes === undefined ? {} : { leafHash: hashBytes }),
      ...(leafBytes === undefined ? {} : { leaf: leafBytes }),
    };
  } catch {
    return undefined;
  }
}

function bad(code: string, detail: string, about: Partial<AuditReport> = {}): AuditReport {
  return { ...about, exitStatus: 1, findings: [finding(code, 'error', detail)] };
}

function undecided(code: string, detail: string): AuditReport {
  return { exitStatus: 2, findings: [finding(code, 'error', detail)] };
}
