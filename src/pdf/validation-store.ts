// Adding certificates and revocation data to a PDF's document security store; ETSI EN 319 142-1, 5.4.2, ISO 32000-2, 12.8.4.3.

import { createHash } from 'node:crypto';
import { toHex } from '../kernel/bytes.ts';
import { isTrustError } from '../kernel/errors.ts';
import { decodeStream } from './filters.ts';
import { ReadBudget } from './limits.ts';
import { PdfArray, PdfDict, PdfName, PdfRef, PdfStream, dictOf } from './objects.ts';
import type { PdfObject } from './objects.ts';
import type { PdfDocument } from './reader.ts';
import { IncrementalUpdate } from './update.ts';
import type { AppendedUpdate } from './update.ts';

/** What one signature or time stamp needs to be validated, as DER. */
export interface SignatureMaterial {
  /** Its whole value with padding, by whose digest /VRI names it (5.4.2.3). */
  readonly paddedContents: Uint8Array;
  readonly certificates: readonly Uint8Array[];
  readonly ocspResponses: readonly Uint8Array[];
  readonly crls: readonly Uint8Array[];
}

/** Key of the store, key in /VRI, and where the values come from. */
const kinds = [
  { store: 'Certs', vri: 'Cert', from: 'certificates' },
  { store: 'OCSPs', vri: 'OCSP', from: 'ocspResponses' },
  { store: 'CRLs', vri: 'CRL', from: 'crls' },
] as const;

/**
 * A revision that says nothing but this. What the store holds already stays in it and is not written again; `undefined` when nothing is
 * new. Throws unsupported-pdf when no object number is left.
 */
export function addValidationData(
  document: PdfDocument,
  materials: readonly SignatureMaterial[],
): AppendedUpdate | undefined {
  const { file } = document;
  const catalog = file.catalog();
  const held = catalog.get('DSS');
  const store = file.dict(catalog, 'DSS') ?? dictOf({ Type: new PdfName('DSS') });
  const update = new IncrementalUpdate({ file });
  const lists = new Map(kinds.map(({ store: key }) => [key, new StreamList(document, store.get(key), update)]));
  const entries = materials.map((material): [string, PdfObject] => {
    const parts = kinds.flatMap(({ store: key, vri, from }) => {
      const refs = material[from].flatMap((der) => lists.get(key)?.refOf(der) ?? []);
      return refs.length === 0 ? [] : [[vri, new PdfArray(refs)] as const];
    });
    return [vriKey(material), new PdfDict([['Type', new PdfName('VRI')], ...parts])];
  });
  if (![...lists.values()].some(({ grown }) => grown)) return undefined;
  const arrays = [...lists].map(([key, list]) => [key, list.items.length === 0 ? null : new PdfArray(list.items)]);
  const related = file.dict(store, 'VRI') ?? dictOf({});
  const next = store.with({
    ...Object.fromEntries(arrays),
    VRI: update.add(related.with(Object.fromEntries(entries))),
  });
  if (held instanceof PdfRef && file.resolve(held) !== null) update.put(held, next);
  else update.put(file.catalogRef, catalog.with({ DSS: update.add(next) }));
  return update.append();
}

/** SHA-1 names here and vouches for nothing. */
function vriKey({ paddedContents }: SignatureMaterial): string {
  return createHash('sha1').update(paddedContents).digest('hex').toUpperCase();
}

/** One array of the store with its streams known by what they hold. */
class StreamList {
  readonly items: PdfObject[];
  grown = false;
  readonly #update: IncrementalUpdate;
  readonly #known = new Map<string, PdfRef>();

  constructor({ file }: PdfDocument, held: PdfObject, update: IncrementalUpdate) {
    this.#update = update;
    const array = file.resolve(held);
    this.items = array instanceof PdfArray ? [...array.items] : [];
    const budget = new ReadBudget();
    for (const item of this.items) {
      const stream = file.resolve(item);
      if (!(item instanceof PdfRef) || !(stream instanceof PdfStream)) continue;
      try {
        this.#known.set(keyOf(decodeStream(stream, (object) => file.resolve(object), budget)), item);
      } catch (error) {
        // A stream of somebody else's that cannot be read stays where it is.
        if (!isTrustError(error, 'malformed-pdf') && !isTrustError(error, 'unsupported-pdf')) throw error;
      }
    }
  }

  refOf(der: Uint8Array): PdfRef {
    const key = keyOf(der);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const ref = this.#update.add(new PdfStream(dictOf({}), der));
    this.#known.set(key, ref);
    this.items.push(ref);
    this.grown = true;
    return ref;
  }
}

function keyOf(data: Uint8Array): string {
  return toHex(createHash('sha256').update(data).digest());
}
