// The documents of a package and their pages with their sizes; GB/T 33190-2016, 7.4 (OFD.xml), 7.5 (Document.xml) and 7.7 (pages).

import { malformed, maxPages, unsupported } from './limits.ts';
import type { OfdPackage } from './package.ts';
import { attributeOf, textIn } from './values.ts';
import { childOf, childrenOf, ofdNamespace, type XmlElement, type XmlFile } from './xml.ts';

export interface OfdPage {
  readonly id: string;
  /** Content.xml of the page. */
  readonly file: string;
}

export interface OfdDocument {
  /** DocBody of OFD.xml. */
  readonly body: XmlElement;
  /** Document.xml. */
  readonly file: string;
  readonly root: XmlElement;
  readonly pages: readonly OfdPage[];
  /** Signatures.xml, when OFD.xml names one. */
  readonly signatureList: string | undefined;
}

export interface OfdFile {
  readonly package: OfdPackage;
  /** OFD.xml. */
  readonly main: XmlFile;
  readonly documents: readonly OfdDocument[];
}

const mainFile = 'OFD.xml';

/** Throws malformed-ofd, unsupported-ofd. */
export function readOfd(from: OfdPackage): OfdFile {
  const main = from.xml(mainFile);
  requireRoot(main.root, 'OFD', mainFile);
  const bodies = childrenOf(main.root, 'DocBody');
  if (bodies.length === 0) throw malformed('it has no document');
  const documents = bodies.map((body) => readDocument(from, body));
  return { package: from, main, documents };
}

/** Throws malformed-ofd unless the root of the file is this element of OFD. */
export function requireRoot(root: XmlElement, name: string, file: string): void {
  if (root.name !== name || root.namespace !== ofdNamespace) throw malformed(`${file} is no ${name}`);
}

function readDocument(from: OfdPackage, body: XmlElement): OfdDocument {
  const file = from.resolve(mainFile, textIn(body, 'DocRoot') ?? '');
  if (file === undefined) throw malformed('DocRoot leads nowhere');
  const { root } = from.xml(file);
  requireRoot(root, 'Document', file);
  const listed = childrenOf(childOf(root, 'Pages'), 'Page');
  if (listed.length > maxPages) throw unsupported(`it has more than ${maxPages} pages`);
  const pages = listed.map((page): OfdPage => {
    const content = from.resolve(file, attributeOf(page, 'BaseLoc'));
    if (content === undefined) throw malformed('a page leads nowhere');
    return { id: attributeOf(page, 'ID'), file: content };
  });
  if (new Set(pages.map(({ id }) => id)).size !== pages.length) throw malformed('two pages have one ID');
  return { body, file, root, pages, signatureList: signatureListOf(from, body) };
}

function signatureListOf(from: OfdPackage, body: XmlElement): string | undefined {
  const location = textIn(body, 'Signatures');
  if (location === undefined) return undefined;
  const list = from.resolve(mainFile, location);
  if (list === undefined) throw malformed('Signatures leads nowhere');
  return list;
}
