// The signatures of an OFD as its files describe them: Signatures.xml and each Signature.xml; GB/T 33190-2016, clause 18.

import { readDerShallow } from '../codec/der.ts';
import { tags } from '../codec/der-value.ts';
import { fromBase64 } from '../kernel/bytes.ts';
import { isTrustError } from '../kernel/errors.ts';
import { type OfdDocument, type OfdFile, requireRoot } from './document.ts';
import { malformed, maxEntries, maxSignatures, maxStamps, unsupported } from './limits.ts';
import type { OfdPackage } from './package.ts';
import { attributeOf, type Box, boxOf, momentOf, textIn } from './values.ts';
import { childOf, childrenOf, type XmlElement } from './xml.ts';

export interface OfdReference {
  /** As written. */
  readonly location: string;
  /** The file it names; `undefined` when there is none. */
  readonly file: string | undefined;
  /** `undefined` when it is no base64. */
  readonly checkValue: Uint8Array | undefined;
}

export interface OfdStamp {
  readonly id: string;
  readonly pageId: string;
  /** Where the picture lies on the page. */
  readonly boundary: Box;
  /** What of it is shown, counted from its own corner. */
  readonly clip: Box | undefined;
}

/** An entry of Signatures.xml. */
export interface ListedSignature {
  readonly id: string;
  readonly type: string;
  readonly document: OfdDocument;
  /** Signatures.xml, which lists it. */
  readonly list: string;
  /** Signature.xml; `undefined` when there is none. */
  readonly file: string | undefined;
}

export interface OfdSignature extends ListedSignature {
  readonly file: string;
  /** Signature.xml as it came: what the signature value is over. */
  readonly bytes: Uint8Array;
  readonly checkMethod: string | undefined;
  readonly claimedTime: Date | undefined;
  readonly references: readonly OfdReference[];
  readonly stamps: readonly OfdStamp[];
  /** Seal.esl; `undefined` when none is named. */
  readonly sealFile: string | undefined;
  /** SignedValue.dat; `undefined` when the file is missing. */
  readonly valueFile: string | undefined;
}

/** The entries of every Signatures.xml. Throws malformed-ofd, unsupported-ofd. */
export function listSignatures({ package: from, documents }: OfdFile): ListedSignature[] {
  const listed = documents.flatMap((document) => {
    const list = document.signatureList;
    if (list === undefined) return [];
    const { root } = from.xml(list);
    requireRoot(root, 'Signatures', list);
    return childrenOf(root, 'Signature').map((entry): ListedSignature => {
      const file = from.resolve(list, attributeOf(entry, 'BaseLoc'));
      return { id: attributeOf(entry, 'ID'), type: entry.attributes.get('Type') ?? 'Seal', document, list, file };
    });
  });
  if (listed.length > maxSignatures) throw unsupported(`it has more than ${maxSignatures} signatures`);
  const files = listed.flatMap(({ file }) => file ?? []);
  if (new Set(files).size !== files.length) throw malformed('two signatures are one file');
  return listed;
}

/** Throws malformed-ofd, unsupported-ofd. */
export function readSignature(from: OfdPackage, listed: ListedSignature): OfdSignature {
  const { file } = listed;
  if (file === undefined) throw malformed(`signature ${listed.id} leads nowhere`);
  const { root } = from.xml(file);
  requireRoot(root, 'Signature', file);
  const info = childOf(root, 'SignedInfo');
  if (info === undefined) throw malformed(`${file} has no SignedInfo`);
  const references = childOf(info, 'References');
  const read = childrenOf(references, 'Reference').map((reference) => readReference(from, file, reference));
  const stamps = childrenOf(info, 'StampAnnot').map(readStamp);
  if (read.length > maxEntries || stamps.length > maxStamps) throw unsupported(`${file} is too large`);
  return {
    ...listed,
    file,
    bytes: from.content(file),
    checkMethod: references?.attributes.get('CheckMethod'),
    claimedTime: momentOf(textIn(info, 'SignatureDateTime') ?? ''),
    references: read,
    stamps,
    sealFile: located(from, file, textIn(childOf(info, 'Seal'), 'BaseLoc')),
    valueFile: located(from, file, textIn(root, 'SignedValue')),
  };
}

/** What can be known of a signature's files though its description may be damaged. */
export function filesOfSignature(from: OfdPackage, listed: ListedSignature): string[] {
  try {
    const { file, sealFile, valueFile } = readSignature(from, listed);
    return [file, sealFile, valueFile].filter((name) => name !== undefined);
  } catch (error) {
    if (!isTrustError(error)) throw error;
    return listed.file === undefined ? [] : [listed.file];
  }
}

/**
 * Whether a file is of the kind that signatures are made of, whatever names it: else a signature could call any file its own, and the
 * others would not say that they leave it out.
 */
export function isPartOfSignature(from: OfdPackage, name: string): boolean {
  try {
    const content = from.value(name);
    if (content.length === rawSignatureBytes) return true;
    if (content[0] !== tags.sequence) return from.xml(name).root.name === 'Signature';
    readDerShallow(content, { maxBytes: content.length });
    return true;
  } catch (error) {
    if (!isTrustError(error)) throw error;
    return false;
  }
}

/** r‖s of SM2. */
const rawSignatureBytes = 64;

function located(from: OfdPackage, file: string, location: string | undefined): string | undefined {
  return location === undefined ? undefined : from.resolve(file, location);
}

function readReference(from: OfdPackage, file: string, reference: XmlElement): OfdReference {
  const location = attributeOf(reference, 'FileRef');
  const checkValue = fromBase64((textIn(reference, 'CheckValue') ?? '').replace(/\s/g, ''));
  return { location, file: from.resolve(file, location), checkValue };
}

function readStamp(stamp: XmlElement): OfdStamp {
  const clip = stamp.attributes.get('Clip')?.trim();
  return {
    id: stamp.attributes.get('ID') ?? '',
    pageId: attributeOf(stamp, 'PageRef'),
    boundary: boxOf(attributeOf(stamp, 'Boundary')),
    clip: clip === undefined || clip === '' ? undefined : boxOf(clip),
  };
}
