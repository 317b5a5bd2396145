// Page ranges as callers write them, `1-3,7`.

import { TrustError } from '../kernel/errors.ts';

/** Ascending, each once; all pages when nothing is said. Throws placement-outside-page. */
export function pagesIn(text: string | undefined, pageCount: number): number[] {
  const all = Array.from({ length: pageCount }, (_, index) => index + 1);
  if (text === undefined) return all;
  const chosen = new Set<number>();
  for (const part of text.split(',')) {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (!(from >= 1 && from <= to && to <= pageCount)) {
      const details = to > pageCount ? { details: { page: to } } : {};
      throw new TrustError('placement-outside-page', 'a range of pages is none of this document', details);
    }
    for (let page = from; page <= to; page++) chosen.add(page);
  }
  return all.filter((page) => chosen.has(page));
}
