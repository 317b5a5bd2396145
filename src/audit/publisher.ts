// Signs the head of the log as a checkpoint, by rules that never let it sign two histories; C2SP tlog-checkpoint, "Signatures".

import type { Signer } from '../crypto/signer.ts';
import { sha256 } from '../crypto/digest.ts';
import type { Database, Queryable } from '../db/database.ts';
import { equalBytes } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { type Checkpoint, checkpointText } from '../tlog/checkpoint.ts';
import { encodeVerifierKey, type NoteKey, noteKey, signNote } from '../tlog/note.ts';
import { type Head, latestCheckpoint, logId, rangeHashes, readHead, signerName } from './tree-store.ts';

/** What somebody outside remembers of this log: a witness, or a note kept on another disk. */
export type RememberedCheckpoint = () => Promise<{ size: number; root: Uint8Array } | undefined>;

interface PublisherOptions {
  readonly database: Pick<Database, 'query' | 'transaction'>;
  /** EdDSA, purpose `log`. */
  readonly signer: Signer;
  /** Name of the log in its checkpoints, e.g. `trust.example.cn/log`. */
  readonly origin: string;
  readonly clock: Clock;
  /** Asked before the first signature of this process. Absent: the log trusts its own database. */
  readonly remembered?: RememberedCheckpoint;
}

export class Publisher {
  readonly verifierKey: string;
  readonly #options: PublisherOptions;
  readonly #key: NoteKey;
  #askedOutside = false;
  /** What this process published last, as the right edge of the tree: comparing it is cheaper than hashing the root. */
  #published: { size: number; frontier: Uint8Array } | undefined;

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
  }

  /**
   * Publishes the present head; `undefined` when this process has published it already.
   * `audit-fork`: the database is older than, or other than, what was signed before. Nothing is signed then, and an
   * operator must decide.
   */
  async publish(): Promise<Checkpoint | undefined> {
    const { database } = this.#options;
    // Rule 1: size and root come from a committed head; the signature exists in memory only.
    const head = await readHead(database);
    const { size } = head.frontier;
    const frontier = head.frontier.encode();
    if (size === this.#published?.size && equalBytes(frontier, this.#published.frontier)) return undefined;
    await this.#refuseForks(head);
    const checkpoint: Checkpoint = { origin: this.#options.origin, size, root: head.frontier.root() };
    const note = await signNote(checkpointText(checkpoint), this.#key, (data) =>
      this.#options.signer.sign(data, 'raw'),
    );
    // A crash here loses a signature that nobody has seen; the next one is over the same size and root.
    await this.#store(checkpoint, note);
    // A crash here leaves a stored note; every process serves it, and publishing again finds it.
    this.#published = { size, frontier };
    return checkpoint;
  }

  /** Everything that was signed before must be a prefix of what is signed now (RFC 9162, 2.1.4). */
  async #refuseForks(head: Head): Promise<void> {
    const { database, remembered } = this.#options;
    const last = await latestCheckpoint(database);
    if (last !== undefined) {
      await this.#refuseOtherKey(last.size);
      await requirePrefix(database, head, last, 'its own last checkpoint');
    }
    if (remembered === undefined || this.#askedOutside) return;
    const outside = await remembered();
    if (outside !== undefined) await requirePrefix(database, head, outside, 'a checkpoint known outside');
    this.#askedOutside = true;
  }

  /** A log keeps its key: one that was lost and made anew under the same name would look like another log to every witness. */
  async #refuseOtherKey(size: number): Promise<void> {
    const { rows } = await this.#options.database.query<{ signer: string }>({
      name: 'audit-checkpoint-signers',
      text: 'SELECT signer FROM audit.log_checkpoint WHERE log_id = $1 AND size = $2',
      values: [logId, size],
    });
    const own = signerName(this.verifierKey);
    const sameName = rows.map(({ signer }) => signer).filter((signer) => nameIn(signer) === nameIn(own));
    if (sameName.length > 0 && !sameName.includes(own))
      throw new TrustError(
        'audit-fork',
        'this log was signed by another key: KEYS_DIR is not the one of this database',
      );
  }

  /** Rule 2: two that publish at once store one note; a size that was signed with another root stops everything. */
  async #store(checkpoint: Checkpoint, note: string): Promise<void> {
    const { database, clock } = this.#options;
    await database.transaction(async (tx) => {
      await tx.query({
        name: 'audit-checkpoint-insert',
        text: `INSERT INTO audit.log_checkpoint (log_id, size, signer, root, note, published_at)
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
        values: [logId, checkpoint.size, signerName(this.verifierKey), checkpoint.root, note, clock.now()],
      });
      const { rows } = await tx.query<{ root: Uint8Array }>({
        name: 'audit-checkpoint-roots',
        text: 'SELECT root FROM audit.log_checkpoint WHERE log_id = $1 AND size = $2',
        values: [logId, checkpoint.size],
      });
      if (!rows.every(({ root }) => equalBytes(root, checkpoint.root)))
        throw new TrustError('audit-fork', `another root was signed for size ${checkpoint.size}`);
    });
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
