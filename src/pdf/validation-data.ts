// What a PDF brings along for the validation of its signatures: the document security store; ETSI EN 319 142-1, 5.4.2.2.

import { isTrustError } from '../kernel/errors.ts';
import type { PdfFile } from './file.ts';
import { decodeStream } from './filters.ts';
import { ReadBudget } from './limits.ts';
import { PdfArray, PdfDict, PdfRef, PdfStream } from './objects.ts';
import type { PdfObject } from './objects.ts';

/** As they stand in the file: trusted for nothing. */
export interface ValidationData {
  readonly certificates: readonly Uint8Array[];
  readonly crls: readonly Uint8Array[];
  readonly ocspResponses: readonly Uint8Array[];
  /** Where in the file each of the values above stands, by the value itself. */
  readonly places: ReadonlyMap<Uint8Array, FilePlace>;
  /** Streams that cannot be read, and those beyond the limits. */
  readonly leftOut: number;
}

/** Bytes of the file: the first, and the one behind the last. */
export interface FilePlace {
  readonly start: number;
  readonly end: number;
}

/** Signatures of ten years with their time stamps have fewer. */
const maxStreams = 100;
/** Of all streams together, inflated. A CRL of 300,000 entries is 10 MB. */
const maxBytes = 16 * 1024 * 1024;

/**
 * The arrays Certs, CRLs and OCSPs; what /VRI says of them is a hint that nobody needs. A store that is broken holds nothing: it is
 * not signed, and no signature is any the worse for it.
 */
export function readValidationData(file: PdfFile): ValidationData {
  const reader = new StreamReader(file);
  const store = reader.resolved(file.catalog().get('DSS'));
  const of = (key: string): Uint8Array[] => (store instanceof PdfDict ? reader.streamsOf(store.get(key)) : []);
  const data = { certificates: of('Certs'), ocspResponses: of('OCSPs'), crls: of('CRLs') };
  return { ...data, places: reader.places, leftOut: reader.leftOut };
}

class StreamReader {
  readonly #file: PdfFile;
  /** Its own: what a store costs must not make the file itself unreadable. */
  readonly #budget = new ReadBudget();
  #streams = 0;
  #bytes = 0;
  leftOut = 0;
  readonly places = new Map<Uint8Array, FilePlace>();

  constructor(file: PdfFile) {
    this.#file = file;
  }

  resolved(object: PdfObject): PdfObject {
    try {
      return this.#file.resolve(object);
    } catch (error) {
      if (!isTrustError(error, 'malformed-pdf')) throw error;
      this.leftOut++;
      return null;
    }
  }

  streamsOf(object: PdfObject): Uint8Array[] {
    const array = this.resolved(object);
    if (!(array instanceof PdfArray)) return [];
    const room = Math.max(0, maxStreams - this.#streams);
    this.leftOut += Math.max(0, array.items.length - room);
    return array.items.slice(0, room).flatMap((item) => {
      const data = this.#dataOf(this.resolved(item));
      const place = this.#placeOf(item);
      if (place !== undefined) for (const value of data) this.places.set(value, place);
      return data;
    });
  }

  /** A stream is an object of its own (7.3.8.1); the whole of it, dictionary and all. */
  #placeOf(item: PdfObject): FilePlace | undefined {
    const entry = item instanceof PdfRef ? this.#file.entries.get(item.number) : undefined;
    if (!(item instanceof PdfRef) || entry?.kind !== 'plain') return undefined;
    try {
      const end = this.#file.endOfObjectAt(item.number, entry.offset, entry.generation);
      return { start: entry.offset, end };
    } catch (error) {
      if (!isTrustError(error, 'malformed-pdf') && !isTrustError(error, 'unsupported-pdf')) throw error;
      return undefined;
    }
  }

  #dataOf(stream: PdfObject): Uint8Array[] {
    this.#streams++;
    const data = stream instanceof PdfStream ? this.#decoded(stream) : undefined;
    if (data === undefined || this.#bytes + data.length > maxBytes) {
      this.leftOut++;
      return [];
    }
    this.#bytes += data.length;
    return [data];
  }

  #decoded(stream: PdfStream): Uint8Array | undefined {
    try {
      return decodeStream(stream, (object) => this.#file.resolve(object), this.#budget);
    } catch (error) {
      if (isTrustError(error, 'malformed-pdf') || isTrustError(error, 'unsupported-pdf')) return undefined;
      throw error;
    }
  }
}
