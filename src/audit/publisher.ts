// Signs the head of the log as a checkpoint, by rules that never let it sign two histories; C2SP tlog-checkpoint, "Signatures".

import type { Signer } from '../crypto/signer.ts';
import { sha256 } from '../crypto/digest.ts';
import type { Database, Queryable } from '../db/database.ts';
import { equalBytes } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { type Checkpoint, checkpointText, parseCheckpoint } from '../tlog/checkpoint.ts';
import { emptyRoot } from '../tlog/merkle.ts';
import { encodeVerifierKey, type NoteKey, noteKey, parseNote, signNote, verifyNote } from '../tlog/note.ts';
import { latestSigned, showCheckpoint, signersOf, storeCheckpoint } from './checkpoint-store.ts';
import type { NoteMemory } from './note-memory.ts';
import { verifyEd25519 } from './note-signature.ts';
import { type Head, rangeHashes, readHead, signerName, type StoredCheckpoint } from './tree-store.ts';

interface PublisherOptions {
  readonly database: Pick<Database, 'query' | 'transaction'>;
  /** EdDSA, purpose `log`. */
  readonly signer: Signer;
  /** Name of the log in its checkpoints, e.g. `trust.example.cn/log`. */
  readonly origin: string;
  readonly clock: Clock;
  /** Asked before the first signature of this process, told before every checkpoint is stored. */
  readonly memory?: NoteMemory;
  /** So many witnesses must cosign before a checkpoint is shown; at 0 it is shown as soon as it is stored. */
  readonly cosignatures: number;
}

export class Publisher {
  readonly verifierKey: string;
  /** Name and key id, as the signature lines name the key. */
  readonly signer: string;
  readonly #options: PublisherOptions;
  readonly #key: NoteKey;
  #memoryAsked = false;
  /** What this process published last, as the right edge of the tree: comparing it is cheaper than hashing the root. */
  #published: { size: number; root: Uint8Array; frontier: Uint8Array } | undefined;

  /** Throws `key-purpose-wrong`, `algorithm-not-supported`, or `configuration-invalid` for an origin that cannot be a key name. */
  constructor(options: PublisherOptions) {
    const { signer, origin } = options;
    if (signer.purpose !== 'log') throw new TrustError('key-purpose-wrong', 'the log is signed by a key of its own');
    if (signer.algorithm !== 'EdDSA') throw new TrustError('algorithm-not-supported', 'a log key is an Ed25519 key');
    const key = noteKey(sha256, origin, signer.spki);
    if (key === undefined) throw new TrustError('configuration-invalid', `not a name for a log: ${origin}`);
    this.#options = options;
    this.#key = key;
    this.verifierKey = encodeVerifierKey(key);
    this.signer = signerName(this.verifierKey);
  }

  /**
   * Publishes the present head; `undefined` when this process has published it already.
   * `audit-fork`: the database is older than, or other than, what was signed before. Nothing is signed then, and an
   * operator must decide.
   */
  async publish(): Promise<Checkpoint | undefined> {
    const { database, clock, memory, cosignatures } = this.#options;
    // Rule 1: size and root come from a committed head; the signature exists in memory only. The last checkpoint is read
    // first: another process may publish between the two, and what was signed before the head was read is no fork.
    const last = await latestSigned(database);
    const head = await readHead(database);
    const { size } = head.frontier;
    const frontier = head.frontier.encode();
    if (size === this.#published?.size && equalBytes(frontier, this.#published.frontier)) return undefined;
    await this.#refuseForks(last, head);
    const checkpoint: Checkpoint = { origin: this.#options.origin, size, root: head.frontier.root() };
    const note = await this.#sign(checkpoint);
    // A crash here loses a signature that nobody has seen; the next one is over the same size and root.
    await memory?.write(note);
    // A crash here leaves a note outside whose tree is committed: only a database that loses it is refused.
    await database.transaction(async (tx) => {
      // Rule 2: a size that was signed with another root stops everything.
      await storeCheckpoint(tx, checkpoint, { signer: this.signer, note, clock });
      // Rule 3: where witnesses must have seen it first, it is shown by src/audit/cosigning.ts.
      if (cosignatures === 0) await showCheckpoint(tx, { size, signer: this.signer }, { cosignatures, cosigners: [] });
    });
    // A crash here leaves a stored note; every process serves it, and publishing again finds it.
    this.#published = { size, root: checkpoint.root, frontier };
    return checkpoint;
  }

  /** The signed checkpoint of no leaves: it contradicts no tree, so it is safe to show when nothing else is known. */
  async emptyTree(): Promise<StoredCheckpoint> {
    const empty = { size: 0, root: emptyRoot(sha256) };
    return { ...empty, note: await this.#sign({ origin: this.#options.origin, ...empty }) };
  }

  async #sign(checkpoint: Checkpoint): Promise<string> {
    const { signer } = this.#options;
    return signNote(checkpointText(checkpoint), this.#key, (data) => signer.sign(data, 'raw'));
  }

  /** Everything that was signed before must be a prefix of what is signed now (RFC 9162, 2.1.4). */
  async #refuseForks(last: StoredCheckpoint | undefined, head: Head): Promise<void> {
    const { database } = this.#options;
    if (last !== undefined) {
      await this.#refuseOtherKey(last.size);
      await requirePrefix(database, head, last, 'its own last checkpoint');
    }
    // A standby that lagged behind may have taken the place of the database while this process went on.
    const own = this.#published;
    if (own !== undefined && own.size !== last?.size) await requirePrefix(database, head, own, 'what was signed here');
    if (this.#memoryAsked) return;
    const remembered = await this.#remembered();
    if (remembered !== undefined) await requirePrefix(database, head, remembered, 'the checkpoint in LOG_MEMORY_FILE');
    this.#memoryAsked = true;
  }

  async #remembered(): Promise<Checkpoint | undefined> {
    const text = await this.#options.memory?.read();
    if (text === undefined) return undefined;
    const note = parseNote(text);
    const checkpoint = note === undefined ? undefined : parseCheckpoint(note.text);
    if (note === undefined || checkpoint === undefined)
      throw new TrustError('configuration-invalid', 'LOG_MEMORY_FILE: holds no signed checkpoint');
    if (checkpoint.origin !== this.#options.origin) return undefined; // the log goes on under another name
    if (!verifyNote(note, this.#key, verifyEd25519))
      throw new TrustError(
        'configuration-invalid',
        'LOG_MEMORY_FILE: its checkpoint is not signed by the key of this log',
      );
    return checkpoint;
  }

  /** A log keeps its key: one that was lost and made anew under the same name would look like another log to every witness. */
  async #refuseOtherKey(size: number): Promise<void> {
    const own = this.signer;
    const sameName = (await signersOf(this.#options.database, size)).filter((signer) => nameIn(signer) === nameIn(own));
    if (sameName.length > 0 && !sameName.includes(own))
      throw new TrustError(
        'audit-fork',
        'this log was signed by another key: KEYS_DIR is not the one of this database',
      );
  }
}

function nameIn(signer: string): string {
  return signer.slice(0, signer.lastIndexOf('+'));
}

async function requirePrefix(
  database: Queryable,
  head: Head,
  earlier: { size: number; root: Uint8Array },
  what: string,
): Promise<void> {
  const { size } = head.frontier;
  if (earlier.size > size)
    throw new TrustError('audit-fork', `restored from an old state: ${size} leaves, ${what} has ${earlier.size}`);
  if (earlier.size === 0) return;
  const [root] = await rangeHashes(database, head, [{ start: 0, end: earlier.size }], size);
  if (root === undefined || !equalBytes(root, earlier.root))
    throw new TrustError('audit-fork', `the tree does not continue ${what} of size ${earlier.size}`);
}
