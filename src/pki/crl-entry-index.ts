// An index from serial numbers to the entries of a CRL, for a million of them: eight bytes an entry where a Map would need hundreds.

import { malformed } from '../codec/der.ts';
import { randomBytes } from '../kernel/clock.ts';
import type { EntryPlaces } from './crl-entry-walk.ts';
import { entryAt } from './crl-entry-walk.ts';

const firstSlots = 64;
/** Clusters at half load stay under a hundred; longer ones were made to be slow. */
const maxProbes = 512;

/** A hash table with open addressing over offsets into the list. */
export class CrlEntryTable {
  readonly #list: Uint8Array;
  /** Of this table alone: nobody can choose serial numbers that meet in one slot. */
  readonly #seed = randomBytes(4).reduce((seed, octet) => (seed << 8) | octet, 0);
  /** Offset of the entry plus 1; 0 is an empty slot. */
  #slots = new Uint32Array(firstSlots);
  #size = 0;

  constructor(list: Uint8Array) {
    this.#list = list;
  }

  get size(): number {
    return this.#size;
  }

  /** Throws `malformed-der` when the serial number is there already. */
  add({ start, serialStart, serialEnd }: EntryPlaces): void {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    const slot = this.#slotOf(this.#list, serialStart, serialEnd);
    if (this.#slots[slot] !== 0) throw malformed('a serial number twice');
    this.#slots[slot] = start + 1;
    this.#size++;
  }

  /** `serial`: content of the INTEGER. */
  find(serial: Uint8Array): EntryPlaces | undefined {
    const held = this.#slots[this.#slotOf(serial, 0, serial.length)] ?? 0;
    return held === 0 ? undefined : entryAt(this.#list, held - 1);
  }

  /** The slot that holds this serial number, or the empty one where it would go. */
  #slotOf(bytes: Uint8Array, start: number, end: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(this.#seed, bytes, start, end) & mask;
    for (let probes = 0; probes < maxProbes; probes++) {
      const held = this.#slots[slot] ?? 0;
      if (held === 0 || this.#isSerialOf(held - 1, bytes, start, end)) return slot;
      slot = (slot + 1) & mask;
    }
    throw malformed('serial numbers made to collide');
  }

  /** Entries in the table were checked: their serial numbers are short, so that the INTEGER has one octet of length. */
  #isSerialOf(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const list = this.#list;
    const first = list[entry + 1] ?? 0;
    const integer = entry + 2 + (first < 0x80 ? 0 : first & 0x7f);
    if (list[integer + 1] !== end - start) return false;
    for (let i = start; i < end; i++) if (list[integer + 2 + i - start] !== bytes[i]) return false;
    return true;
  }

  #grow(): void {
    const former = this.#slots;
    this.#slots = new Uint32Array(former.length * 2);
    for (const held of former) {
      if (held === 0) continue;
      const { serialStart, serialEnd } = entryAt(this.#list, held - 1);
      this.#slots[this.#slotOf(this.#list, serialStart, serialEnd)] = held;
    }
  }
}

/** Multiplies and folds each octet, then mixes, so that consecutive numbers do not stand side by side. */
function hashOf(seed: number, bytes: Uint8Array, start: number, end: number): number {
  let hash = seed;
  for (let i = start; i < end; i++) {
    hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x5bd1e995);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
