// The files of an OFD by their names, each inflated when it is asked for; GB/T 33190-2016, clause 6 (OFD as a ZIP package).

import { crc32 } from '../codec/crc32.ts';
import { inflateExactly } from '../codec/deflate-data.ts';
import { fromUtf8 } from '../kernel/bytes.ts';
import {
  malformed,
  maxContentBytes,
  maxEntryBytes,
  maxNameLength,
  maxRatio,
  maxValueBytes,
  maxXmlBytes,
  maxXmlWork,
  ratioMattersFromBytes,
  unsupported,
  xmlWorkOfElement,
} from './limits.ts';
import { readXml, type XmlFile } from './xml.ts';
import { hasZipEnd, readZipDirectory, type ZipDirectory, type ZipEntry } from './zip-directory.ts';

export class OfdPackage {
  readonly bytes: Uint8Array;
  readonly directory: ZipDirectory;
  /** By name in lower case: names that differ in case only are refused, so that no two readers see two files. */
  readonly #entries = new Map<string, { readonly name: string; readonly zip: ZipEntry }>();

  #xmlWork = 0;
  readonly #values = new Map<ZipEntry, Uint8Array>();

  private constructor(bytes: Uint8Array, directory: ZipDirectory) {
    this.bytes = bytes;
    this.directory = directory;
  }

  /** Throws malformed-ofd, unsupported-ofd. Nothing is inflated yet. */
  static open(given: Uint8Array): OfdPackage {
    // A Buffer has a slice of its own kind, over memory that it shares with others.
    const bytes = new Uint8Array(given.buffer, given.byteOffset, given.length);
    const opened = new OfdPackage(bytes, readZipDirectory(bytes));
    opened.#gather();
    if (opened.find('OFD.xml') === undefined) throw malformed('it has no OFD.xml');
    return opened;
  }

  #gather(): void {
    let total = 0;
    for (const zip of this.directory.entries) {
      const name = entryName(zip);
      if (name.endsWith('/')) {
        if (zip.sizeBytes > 0) throw malformed(`the folder ${name} has content`);
        continue;
      }
      const key = name.toLowerCase();
      if (this.#entries.has(key)) throw malformed(`two entries are called ${name}`);
      total += zip.sizeBytes;
      if (zip.sizeBytes > maxEntryBytes || total > maxContentBytes) throw unsupported('its content is too large');
      if (zip.sizeBytes > ratioMattersFromBytes && zip.sizeBytes > zip.data.length * maxRatio) {
        throw unsupported(`${name} is packed tighter than any document`);
      }
      this.#entries.set(key, { name, zip });
    }
  }

  /** Throws malformed-ofd. */
  entry(name: string): ZipEntry {
    const entry = this.#entries.get(name.toLowerCase());
    if (entry === undefined) throw malformed(`${name} is missing`);
    return entry.zip;
  }

  /** Paths without a leading slash, in the order of the file. */
  get names(): string[] {
    return [...this.#entries.values()].map(({ name }) => name);
  }

  /** The name as it is written in the package; makers are not exact about case. */
  find(name: string): string | undefined {
    return this.#entries.get(name.toLowerCase())?.name;
  }

  /** Throws malformed-ofd when there is none, or its data is damaged. */
  content(name: string): Uint8Array {
    const { method, data, sizeBytes, crc32: expected } = this.entry(name);
    const content = method === 'stored' ? data : inflateExactly(data, sizeBytes);
    if (content === undefined || crc32(content) !== expected) throw malformed(`the data of ${name} is damaged`);
    return content;
  }

  /** A signature value or a seal, which many signatures may name: inflated once. Throws malformed-ofd, unsupported-ofd. */
  value(name: string): Uint8Array {
    const entry = this.entry(name);
    if (entry.sizeBytes > maxValueBytes) throw unsupported(`${name} is longer than any seal`);
    const value = this.#values.get(entry) ?? this.content(name);
    this.#values.set(entry, value);
    return value;
  }

  /** Throws malformed-ofd, unsupported-ofd. */
  xml(name: string): XmlFile {
    const size = this.#entries.get(name.toLowerCase())?.zip.sizeBytes ?? 0;
    if (size > maxXmlBytes) throw unsupported(`${name} is longer than any XML file of a document`);
    this.#xmlWork += size;
    // Ten thousand documents may be one file.
    if (this.#xmlWork > maxXmlWork) throw unsupported('reading its XML would cost too much');
    const file = readXml(this.content(name), name);
    this.#xmlWork += file.elementCount * xmlWorkOfElement;
    return file;
  }

  /**
   * The file that an ST_Loc inside `from` names: from the root when it begins with a slash, else from the folder of `from`, else,
   * as some makers mean it, from the root all the same. `undefined` when there is none.
   */
  resolve(from: string, location: string): string | undefined {
    const path = location.trim().replaceAll('\\', '/');
    const root = joined('', path.replace(/^\//, ''));
    const beside = path.startsWith('/') ? root : joined(from.replace(/[^/]*$/, ''), path);
    return [beside, root].flatMap((name) => (name === undefined ? [] : (this.find(name) ?? []))).at(0);
  }
}

/** The content is a ZIP, by its first octets or by the end record; whether it is an OFD too is told by reading it. */
export function isOfd(bytes: Uint8Array): boolean {
  const begins = bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
  return begins || hasZipEnd(bytes);
}

/** `undefined` when it leads out of the package. */
function joined(folder: string, path: string): string | undefined {
  const parts: string[] = [];
  for (const part of `${folder}${path}`.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** With slashes the usual way and none in front; refused when it could lead anywhere else than into the package. */
function entryName({ rawName, utf8Name }: ZipEntry): string {
  const text = fromUtf8(rawName);
  if (text === undefined) throw unsupported(utf8Name ? 'a name that is no UTF-8' : 'a name in another character set');
  const name = text.replaceAll('\\', '/').replace(/^\//, '');
  const segments = name.replace(/\/$/, '').split('/');
  const bad =
    name.length > maxNameLength ||
    /^[A-Za-z]:|\p{Cc}/u.test(name) ||
    segments.some((segment) => segment === '' || segment === '.' || segment === '..');
  if (bad) throw malformed('an entry has a name that leads out of the package');
  return name;
}
