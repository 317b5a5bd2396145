// Everything a document consists of: the objects that can be reached from the trailer (ISO 32000-2, 7.5.5), each read once.

import type { PdfFile } from './file.ts';
import { PdfRef, childrenOf } from './objects.ts';
import type { PdfObject } from './objects.ts';

/** Reads them all and calls `visit` for each reference. Throws malformed-pdf when one of them needs repair. */
export function readReachable(file: PdfFile, visit: (ref: PdfRef) => void): void {
  const seen = new Set<number>();
  const stack: PdfObject[] = [file.catalogRef, file.newest.trailer.get('Info')];
  for (let object = stack.pop(); object !== undefined; object = stack.pop()) {
    if (object instanceof PdfRef) {
      visit(object);
      if (seen.has(object.number)) continue;
      seen.add(object.number);
      stack.push(file.resolve(object));
    } else for (const child of childrenOf(object)) if (typeof child === 'object' && child !== null) stack.push(child);
  }
}
