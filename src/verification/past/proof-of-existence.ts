// What is proven to have existed, and when: each accepted document time stamp proves all that it covers; ETSI EN 319 102-1, 5.6.2.3.

import { sha256 } from '../../crypto/digest.ts';
import { toHex } from '../../kernel/bytes.ts';
import type { PdfSignature } from '../../pdf/signatures.ts';
import type { FilePlace } from '../../pdf/validation-data.ts';

interface Proof {
  readonly at: Date;
  readonly stamp: PdfSignature;
}

/** The set of proofs of one file. It grows while document time stamps are judged, and answers with what it holds by then. */
export class ProofsOfExistence {
  readonly #proofs: Proof[] = [];
  /** Where certificates, lists and responses stand in the file, by the digest of their bytes: one may stand there several times. */
  readonly #places = new Map<string, FilePlace[]>();
  /** Lists of megabytes are asked about again and again. */
  readonly #digests = new WeakMap<Uint8Array, string>();

  note(material: Uint8Array, place: FilePlace): void {
    const digest = this.#digestOf(material);
    const places = this.#places.get(digest);
    if (places === undefined) this.#places.set(digest, [place]);
    else places.push(place);
  }

  /** Only for time stamps whose form, token and authority are good: whoever can add one moves every verdict. */
  add(stamp: PdfSignature, at: Date): void {
    this.#proofs.push({ at, stamp });
  }

  /** The earliest proven moment at which these bytes of the file existed. */
  ofPlace(place: FilePlace): Date | undefined {
    return earliest(this.#proofs.flatMap(({ at, stamp }) => (this.covers(stamp, place) ? [at] : [])));
  }

  /** Whether these bytes are among those that the time stamp is over. */
  covers(stamp: PdfSignature, { start, end }: FilePlace): boolean {
    const gap = contentsOf(stamp);
    return end <= gap.start || (start >= gap.end && end <= stamp.revisionEnd);
  }

  isCovered(stamp: PdfSignature, material: Uint8Array): boolean {
    return this.#placesOf(material).some((place) => this.covers(stamp, place));
  }

  ofSignature(signature: PdfSignature): Date | undefined {
    return this.ofPlace(contentsOf(signature));
  }

  /** Of a certificate, a list or a response, wherever in the file it stands. */
  ofMaterial(material: Uint8Array): Date | undefined {
    return earliest(this.#placesOf(material).flatMap((place) => this.ofPlace(place) ?? []));
  }

  #placesOf(material: Uint8Array): readonly FilePlace[] {
    return this.#places.get(this.#digestOf(material)) ?? [];
  }

  #digestOf(material: Uint8Array): string {
    const known = this.#digests.get(material) ?? toHex(sha256(material));
    this.#digests.set(material, known);
    return known;
  }
}

/** The value of a signature with its delimiters; an empty place at the end of everything when the byte range is unusable. */
export function contentsOf({ byteRange, revisionEnd }: PdfSignature): FilePlace {
  const [, start = 0, end = 0] = byteRange;
  return revisionEnd > 0 ? { start, end } : { start: Number.MAX_SAFE_INTEGER, end: Number.MAX_SAFE_INTEGER };
}

function earliest(times: readonly Date[]): Date | undefined {
  return times.reduce<Date | undefined>((first, at) => (first === undefined || at < first ? at : first), undefined);
}
