// Text put into an XML file whose every other character stays as it was; XML 1.0.

import type { XmlElement } from './xml.ts';

/** One place of a file and what shall stand there. */
export interface XmlEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Edits must not overlap. */
export function edited(text: string, edits: readonly XmlEdit[]): string {
  let out = '';
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at);
}

/** In front of everything inside, or behind it. An empty-element tag is opened. */
export function insertion(file: string, inside: XmlElement, place: 'first' | 'last', text: string): XmlEdit {
  const { selfClosed, start, end, contentStart, contentEnd } = inside;
  if (!selfClosed) {
    const at = place === 'first' ? contentStart : contentEnd;
    return { start: at, end: at, text };
  }
  const tag = file.slice(start, end).replace(/\s*\/>$/, '>');
  return { start, end, text: `${tag}${text}</${tagName(inside, inside.name)}>` };
}

/** With the prefix that `like` has, which stands for OFD there. */
export function tagName(like: XmlElement, name: string): string {
  return like.prefix === '' ? name : `${like.prefix}:${name}`;
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
