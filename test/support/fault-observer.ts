// Somebody outside who believes nobody: follows the checkpoints of a log and hashes every leaf himself; C2SP tlog-tiles, RFC 9162.

import { verifyEd25519 } from '../../src/audit/note-signature.ts';
import { sha256 } from '../../src/crypto/digest.ts';
import { toHex } from '../../src/kernel/bytes.ts';
import { type Checkpoint, parseCheckpoint } from '../../src/tlog/checkpoint.ts';
import { decodeEntryBundle } from '../../src/tlog/entry-bundle.ts';
import { Frontier } from '../../src/tlog/frontier.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { type NoteKey, parseNote, parseVerifierKey, verifyNote } from '../../src/tlog/note.ts';
import { tilePath } from '../../src/tlog/tile-path.ts';
import { tileWidth } from '../../src/tlog/tile.ts';

export class FaultObserver {
  /** Ids of entries in the order of the log, as the leaves say. */
  readonly entryIds: string[] = [];
  readonly faults: string[] = [];
  readonly #url: string;
  readonly #key: NoteKey;
  readonly #frontier = Frontier.empty(sha256);
  readonly #seen = new Map<number, string>();
  #largest = 0;

  constructor({ url, verifierKey }: { url: string; verifierKey: string }) {
    const key = parseVerifierKey(sha256, verifierKey);
    if (key === undefined) throw new Error('not the key of a log');
    this.#url = url;
    this.#key = key;
  }

  get checkpoints(): number {
    return this.#seen.size;
  }

  /** Notes a checkpoint that was seen anywhere; its leaves are checked by the next `verify`. */
  see(text: string): Checkpoint | undefined {
    const note = parseNote(text);
    const checkpoint = note === undefined ? undefined : parseCheckpoint(note.text);
    if (note === undefined || checkpoint === undefined || !verifyNote(note, this.#key, verifyEd25519)) {
      this.faults.push(`not a signed checkpoint: ${text.slice(0, 80)}`);
      return undefined;
    }
    const root = toHex(checkpoint.root);
    const known = this.#seen.get(checkpoint.size);
    if (known !== undefined && known !== root) this.faults.push(`two roots of size ${checkpoint.size}`);
    this.#seen.set(checkpoint.size, root);
    this.#largest = Math.max(this.#largest, checkpoint.size);
    return checkpoint;
  }

  /** What is served now; silence is no fault, the service may be dead. */
  async look(): Promise<Checkpoint | undefined> {
    try {
      const response = await fetch(`${this.#url}/log/checkpoint`, { signal: AbortSignal.timeout(2000) });
      return response.status === 200 ? this.see(await response.text()) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Reads all leaves up to the largest checkpoint ever seen. Every checkpoint must be the root of its leaves: then none contradicts another. */
  async verify(): Promise<void> {
    const served = await this.look();
    if (served === undefined || served.size < this.#largest)
      this.faults.push(`size ${this.#largest} was seen, ${served?.size ?? 'nothing'} is served`);
    else {
      const sizes = [...this.#seen.keys()].filter((size) => size > this.#frontier.size).toSorted((a, b) => a - b);
      for (const size of sizes) await this.#advance(size, served.size);
    }
  }

  async #advance(size: number, servedSize: number): Promise<void> {
    while (this.#frontier.size < size) {
      const index = Math.floor(this.#frontier.size / tileWidth);
      const width = Math.min(tileWidth, servedSize - index * tileWidth);
      const response = await fetch(`${this.#url}/log/${tilePath({ level: 'entries', index, width })}`);
      const leaves = decodeEntryBundle(new Uint8Array(await response.arrayBuffer()), width);
      if (response.status !== 200 || leaves === undefined)
        throw new Error(`no entry bundle ${index}: ${response.status}`);
      for (const leaf of leaves.slice(this.#frontier.size - index * tileWidth, size - index * tileWidth)) {
        this.#frontier.push(leafHash(sha256, leaf));
        const { id } = JSON.parse(new TextDecoder().decode(leaf)) as { id: string };
        this.entryIds.push(id);
      }
    }
    if (toHex(this.#frontier.root()) !== this.#seen.get(size))
      this.faults.push(`the leaves do not give the root of size ${size}`);
  }
}
