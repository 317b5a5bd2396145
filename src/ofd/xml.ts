// A strict reader of the XML of OFD that knows where everything stands, so that text can be put in without writing the rest again; XML 1.0, Namespaces in XML 1.0.

import { fromUtf8 } from '../kernel/bytes.ts';
import { malformed, maxXmlAttributes, maxXmlDepth, maxXmlElements, maxXmlPrefixes, unsupported } from './limits.ts';

export const ofdNamespace = 'http://www.ofdspec.org/2016';

export interface XmlElement {
  readonly prefix: string;
  /** Without its prefix. */
  readonly name: string;
  readonly namespace: string;
  /** Those without a prefix; OFD has no others. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** All character data right inside. */
  readonly text: string;
  /** Of the text of the file: the `<` of the start tag, behind it, the `<` of the end tag (of an empty-element tag its end), behind everything. */
  readonly start: number;
  readonly contentStart: number;
  readonly contentEnd: number;
  readonly end: number;
  readonly selfClosed: boolean;
}

export interface XmlFile {
  /** Exactly the file: its UTF-8 gives the same octets. */
  readonly text: string;
  readonly root: XmlElement;
  readonly elementCount: number;
}

/** Throws malformed-ofd, unsupported-ofd. There are no document types, no entities of one's own, no processing instructions. */
export function readXml(bytes: Uint8Array, name: string): XmlFile {
  const text = fromUtf8(bytes);
  if (text === undefined) throw unsupported(`${name} is not in UTF-8`);
  return { text, ...new XmlReader(text, name).read() };
}

/** The OFD children of this name. */
export function childrenOf(element: XmlElement | undefined, name: string): XmlElement[] {
  return element?.children.filter((child) => child.name === name && child.namespace === ofdNamespace) ?? [];
}

/** Throws malformed-ofd when there are several. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  const [child, second] = childrenOf(element, name);
  if (second !== undefined) throw malformed(`${element?.name ?? ''} has two ${name}`);
  return child;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface OpenElement {
  readonly element: Writable<XmlElement>;
  readonly children: XmlElement[];
  readonly qualifiedName: string;
  readonly namespaces: ReadonlyMap<string, string>;
}

const noAttributes: ReadonlyMap<string, string> = new Map();
const qualified = '[\\p{L}_][\\p{L}\\p{M}\\p{N}_.\\-]*(?::[\\p{L}_][\\p{L}\\p{M}\\p{N}_.\\-]*)?';
const declaration =
  /^\uFEFF?(?:<\?xml\s+version\s*=\s*(?:"1\.0"|'1\.0')(?:\s+encoding\s*=\s*(?:"([\w.-]+)"|'([\w.-]+)'))?(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>)?/;
// Counted, for a million attributes would overflow the stack of the matcher.
const startTag = new RegExp(
  `<(${qualified})((?:\\s+${qualified}\\s*=\\s*(?:"[^"<]*"|'[^'<]*')){0,${maxXmlAttributes}})\\s*(/?)>`,
  'uy',
);
const attribute = new RegExp(`\\s+(${qualified})\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, 'uy');
const endTag = new RegExp(`</(${qualified})\\s*>`, 'uy');
/** XML 1.0, 2.2: what no document may contain. */
const noCharacter = /(?![\t\n\r\x7f-\x9f])\p{Cc}|[\ufffe\uffff]/u;
const entities: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['apos', "'"],
  ['quot', '"'],
]);
const xmlNamespaces = new Map([['xml', 'http://www.w3.org/XML/1998/namespace']]);

class XmlReader {
  readonly #text: string;
  readonly #name: string;
  readonly #open: OpenElement[] = [];
  #root: XmlElement | undefined;
  #at = 0;
  #elements = 0;

  constructor(text: string, name: string) {
    this.#text = text;
    this.#name = name;
  }

  read(): Pick<XmlFile, 'root' | 'elementCount'> {
    if (noCharacter.test(this.#text)) throw this.#fault('a character that XML has not');
    const [head, ...encodings] = declaration.exec(this.#text) ?? [''];
    const encoding = encodings.find((value) => value !== undefined);
    if (encoding !== undefined && encoding.toUpperCase() !== 'UTF-8') throw unsupported(`XML in ${encoding}`);
    this.#at = head.length;
    while (this.#at < this.#text.length) this.#next();
    if (this.#root === undefined || this.#open.length > 0) throw this.#fault('it ends early');
    return { root: this.#root, elementCount: this.#elements };
  }

  #next(): void {
    const markup = this.#text.indexOf('<', this.#at);
    const end = markup < 0 ? this.#text.length : markup;
    if (end > this.#at) this.#characters(this.#text.slice(this.#at, end));
    this.#at = end;
    if (markup < 0) return;
    if (this.#text.startsWith('<!--', markup)) this.#comment();
    else if (this.#text.startsWith('<![CDATA[', markup)) this.#cdata();
    else if (this.#text.startsWith('</', markup)) this.#close();
    else if (this.#text.startsWith('<!', markup)) throw this.#fault('a document type');
    else this.#start();
  }

  #characters(raw: string): void {
    const open = this.#open.at(-1);
    if (open === undefined) {
      if (/[^ \t\r\n]/.test(raw)) throw this.#fault('text outside the root');
      return;
    }
    if (raw.includes(']]>')) throw this.#fault(']]> in text');
    open.element.text += this.#unescaped(raw);
  }

  #comment(): void {
    const end = this.#text.indexOf('--', this.#at + 4);
    if (end < 0 || this.#text[end + 2] !== '>') throw this.#fault('a comment without its end');
    this.#at = end + 3;
  }

  #cdata(): void {
    const open = this.#open.at(-1);
    const end = this.#text.indexOf(']]>', this.#at);
    if (end < 0 || open === undefined) throw this.#fault('CDATA without its end');
    open.element.text += this.#text.slice(this.#at + 9, end);
    this.#at = end + 3;
  }

  #start(): void {
    if (this.#root !== undefined) throw this.#fault('two roots');
    if (++this.#elements > maxXmlElements || this.#open.length >= maxXmlDepth)
      throw unsupported(`${this.#name} is too large`);
    startTag.lastIndex = this.#at;
    const [whole, qualifiedName = '', attributes = '', slash] = startTag.exec(this.#text) ?? [];
    if (whole === undefined) throw this.#fault('a damaged tag');
    const start = this.#at;
    this.#at += whole.length;
    const given = attributes === '' ? noAttributes : this.#attributes(attributes);
    const namespaces = this.#namespaces(given);
    const children: XmlElement[] = [];
    const selfClosed = slash === '/';
    const places = { start, contentStart: this.#at, contentEnd: this.#at, end: this.#at };
    const { prefix, name, namespace } = this.#expanded(qualifiedName, namespaces);
    const plain = given.size === 0 ? given : new Map([...given].filter(([key]) => !/:|^xmlns$/.test(key)));
    const element = { prefix, name, namespace, attributes: plain, children, text: '', selfClosed, ...places };
    this.#open.push({ element, children, qualifiedName, namespaces });
    if (selfClosed) this.#finish(this.#at);
  }

  #close(): void {
    endTag.lastIndex = this.#at;
    const [whole, qualifiedName] = endTag.exec(this.#text) ?? [];
    if (whole === undefined || qualifiedName !== this.#open.at(-1)?.qualifiedName) throw this.#fault('a wrong end tag');
    const contentEnd = this.#at;
    this.#at += whole.length;
    this.#finish(contentEnd);
  }

  #finish(contentEnd: number): void {
    const open = this.#open.pop();
    if (open === undefined) throw this.#fault('a wrong end tag');
    const { element } = open;
    element.contentEnd = contentEnd;
    element.end = this.#at;
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#root = element;
    else parent.children.push(element);
  }

  #attributes(raw: string): Map<string, string> {
    const found = new Map<string, string>();
    attribute.lastIndex = 0;
    for (let match = attribute.exec(raw); match !== null; match = attribute.exec(raw)) {
      const [, name = '', double, single] = match;
      if (found.has(name)) throw this.#fault(`attribute ${name} twice`);
      found.set(name, this.#unescaped((double ?? single ?? '').replace(/[\t\r\n]/g, ' ')));
    }
    return found;
  }

  #namespaces(attributes: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const outer = this.#open.at(-1)?.namespaces ?? xmlNamespaces;
    if (attributes.size === 0) return outer;
    const declared = [...attributes].filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'));
    if (declared.length === 0) return outer;
    const known = new Map([...outer, ...declared.map(([name, uri]) => [name.slice(6), uri] as const)]);
    // Each declaration copies what is known outside: many of both would cost their product.
    if (known.size > maxXmlPrefixes) throw unsupported(`${this.#name} has more than ${maxXmlPrefixes} prefixes`);
    return known;
  }

  #expanded(qualifiedName: string, namespaces: ReadonlyMap<string, string>) {
    const [first = '', second] = qualifiedName.split(':');
    const [prefix, name] = second === undefined ? ['', first] : [first, second];
    const namespace = namespaces.get(prefix) ?? '';
    if (prefix !== '' && namespace === '') throw this.#fault(`prefix ${prefix} stands for nothing`);
    return { prefix, name, namespace };
  }

  #unescaped(raw: string): string {
    const text = raw.replace(/\r\n?/g, '\n');
    if (!text.includes('&')) return text;
    return text.replace(/&(?:(#\d{1,7}|#x[\da-fA-F]{1,6}|\w{1,8});)?/g, (_, name: string | undefined) =>
      this.#character(name),
    );
  }

  #character(name: string | undefined): string {
    const known = entities.get(name ?? '');
    if (known !== undefined) return known;
    if (name?.startsWith('#') !== true) throw this.#fault('an entity of its own');
    const point = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    const character = point > 0x10ffff || (point >= 0xd800 && point < 0xe000) ? '\0' : String.fromCodePoint(point);
    if (noCharacter.test(character)) throw this.#fault('a character that XML has not');
    return character;
  }

  #fault(reason: string) {
    return malformed(`${this.#name}: ${reason}`);
  }
}
