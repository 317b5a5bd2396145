// Prepares one signature of an OFD: its place in the package, its list, its references; what remains is the signature value; GB/T 33190-2016, clause 18.

import { toBase64, utf8 } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';
import type { OfdDocument, OfdFile } from './document.ts';
import { unsupported } from './limits.ts';
import type { OfdPackage } from './package.ts';
import { listSignatures, type OfdSignature, readSignature } from './signatures.ts';
import { type Box, boxText } from './values.ts';
import { childOf, type XmlFile } from './xml.ts';
import { edited, escaped, insertion, tagName, type XmlEdit } from './xml-edit.ts';
import { type NewEntry, updatedZip } from './zip-update.ts';

/** Where a picture of the seal is shown. */
export interface StampPlace {
  readonly pageId: string;
  readonly boundary: Box;
  /** What of it is shown, counted from its own corner; all when absent. */
  readonly clip?: Box;
}

export interface OfdSignatureOrder {
  readonly file: OfdFile;
  /** `Seal`: with a seal (SES); `Sign`: without (GB/T 35275). */
  readonly type: 'Seal' | 'Sign';
  /** `lock`: the list of signatures is protected too, so that nobody may sign after this one. */
  readonly mode: 'continue' | 'lock';
  readonly stamps: readonly StampPlace[];
  /** Seal.esl. */
  readonly seal?: Uint8Array;
  readonly signatureMethodOid: string;
  readonly checkMethodOid: string;
  readonly digest: (content: Uint8Array) => Uint8Array;
  readonly signingTime: Date;
}

export interface PreparedOfdSignature {
  /** Signature.xml: what the value is to be over. */
  readonly signed: Uint8Array;
  /** Its absolute path in the package, which the value names. */
  readonly path: string;
  /** The finished file. */
  embed(value: Uint8Array): Uint8Array;
}

const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
const namespace = 'xmlns:ofd="http://www.ofdspec.org/2016"';
const provider = '<ofd:Provider ProviderName="Yinxin" Version="1" Company="Yinxin"/>';

/** Nothing is signed yet. Throws malformed-ofd, unsupported-ofd, locked-ofd. */
export function prepareOfdSignature(order: OfdSignatureOrder): PreparedOfdSignature {
  const { file, signingTime } = order;
  const { package: from } = file;
  const [document, second] = file.documents;
  if (document === undefined || second !== undefined) throw unsupported('it holds several documents');
  if (from.directory.prefixBytes > 0) throw unsupported('something stands before the package');
  const earlier = earlierSignatures(file);
  const places = placesOf(from, document);
  const numbers = numbersAfter(from, document, earlier);
  const added: NewEntry[] = listEntries(file, document, { ...order, places, numbers });
  if (order.seal !== undefined) added.push({ name: places.seal, content: order.seal });
  const signed = utf8(description({ ...order, places, numbers, references: referencesOf(order, places, added) }));
  return {
    signed,
    path: `/${places.signature}`,
    embed: (value) => {
      const own = [
        { name: places.signature, content: signed },
        { name: places.value, content: value },
      ];
      return updatedZip(from.directory, [...added, ...own], signingTime);
    },
  };
}

/** A signature that protects the list of signatures would break by a further one: locked-ofd. */
export function earlierSignatures(file: OfdFile): OfdSignature[] {
  const earlier = listSignatures(file).map((listed) => readSignature(file.package, listed));
  const lock = earlier.find(({ references, list }) => references.some((reference) => reference.file === list));
  if (lock !== undefined) throw new TrustError('locked-ofd', `OFD: signature ${lock.id} allows no further one`);
  return earlier;
}

interface Places {
  readonly list: string;
  readonly signature: string;
  readonly seal: string;
  readonly value: string;
}

function placesOf(from: OfdPackage, { file, signatureList }: OfdDocument): Places {
  const folder = `${file.replace(/[^/]*$/, '')}Signs`;
  const list = signatureList ?? `${folder}/Signatures.xml`;
  if (signatureList === undefined && from.find(list) !== undefined)
    throw unsupported('a list of signatures without use');
  const taken = new Set(from.names.map((name) => name.toLowerCase().split('/').slice(0, -1).join('/')));
  let number = 0;
  while (taken.has(`${folder}/Sign_${number}`.toLowerCase())) number += 1;
  const own = `${folder}/Sign_${number}`;
  return { list, signature: `${own}/Signature.xml`, seal: `${own}/Seal.esl`, value: `${own}/SignedValue.dat` };
}

interface Numbers {
  readonly signature: string;
  /** Of the stamp at this place of the order. */
  readonly stamp: (place: number) => string;
  readonly last: (stamps: number) => string;
}

/** One counter for signatures and their stamps, beyond every number that was ever used. */
function numbersAfter(from: OfdPackage, document: OfdDocument, earlier: readonly OfdSignature[]): Numbers {
  const { signatureList } = document;
  const root = signatureList === undefined ? undefined : from.xml(signatureList).root;
  const used = [
    childOf(root, 'MaxSignId')?.text ?? '',
    ...earlier.flatMap(({ id, stamps }) => [id, ...stamps.map((stamp) => stamp.id)]),
  ];
  const max = used.reduce((most, id) => Math.max(most, Number(/^\D*(\d{1,9})\s*$/.exec(id)?.[1] ?? 0)), 0);
  const spelled = (number: number) => `s${String(number).padStart(3, '0')}`;
  return {
    signature: spelled(max + 1),
    stamp: (place) => spelled(max + 2 + place),
    last: (stamps) => spelled(max + 1 + stamps),
  };
}

interface Entering extends OfdSignatureOrder {
  readonly places: Places;
  readonly numbers: Numbers;
}

/** Signatures.xml with the new signature in it, and OFD.xml when it has to name that list first. */
function listEntries(file: OfdFile, { body, signatureList }: OfdDocument, order: Entering): NewEntry[] {
  const { places, numbers, stamps, type } = order;
  const { package: from, main } = file;
  const last = numbers.last(stamps.length);
  const attributes = `ID="${numbers.signature}" Type="${type}" BaseLoc="/${escaped(places.signature)}"`;
  if (signatureList !== undefined) {
    const content = utf8(extendedList(from.xml(signatureList), { attributes, last }));
    return [{ name: signatureList, content, replaces: from.entry(signatureList) }];
  }
  const list = `${head}<ofd:Signatures ${namespace}><ofd:MaxSignId>${last}</ofd:MaxSignId><ofd:Signature ${attributes}/></ofd:Signatures>`;
  const tag = tagName(body, 'Signatures');
  const naming = insertion(main.text, body, 'last', `<${tag}>/${escaped(places.list)}</${tag}>`);
  const mainName = from.find('OFD.xml') ?? 'OFD.xml';
  return [
    { name: mainName, content: utf8(edited(main.text, [naming])), replaces: from.entry(mainName) },
    { name: places.list, content: utf8(list) },
  ];
}

function extendedList({ text, root }: XmlFile, { attributes, last }: { attributes: string; last: string }): string {
  const max = childOf(root, 'MaxSignId');
  const tag = tagName(root, 'MaxSignId');
  const counted = `<${tag}>${last}</${tag}>`;
  const entry = `<${tagName(root, 'Signature')} ${attributes}/>`;
  if (max === undefined) {
    // Both into an empty element is one edit; else the number stands first and the entry last.
    if (root.selfClosed) return edited(text, [insertion(text, root, 'last', `${counted}${entry}`)]);
    return edited(text, [insertion(text, root, 'first', counted), insertion(text, root, 'last', entry)]);
  }
  const replaced: XmlEdit = { start: max.start, end: max.end, text: counted };
  return edited(text, [replaced, insertion(text, root, 'last', entry)]);
}

interface Reference {
  readonly name: string;
  readonly value: Uint8Array;
}

/** Everything in the package as it will be, but the signature itself; the list only when it is to be the last signature. */
function referencesOf(
  { file, mode, digest }: OfdSignatureOrder,
  places: Places,
  added: readonly NewEntry[],
): Reference[] {
  const { package: from } = file;
  const replaced = new Map(added.map(({ replaces, content }) => [replaces, content]));
  const kept = from.names.map((name) => ({ name, content: replaced.get(from.entry(name)) }));
  const fresh = added.filter(({ replaces }) => replaces === undefined);
  return [...kept, ...fresh]
    .filter(({ name }) => mode === 'lock' || name !== places.list)
    .map(({ name, content }) => ({ name, value: digest(content ?? from.content(name)) }));
}

interface Describing extends Entering {
  readonly references: readonly Reference[];
}

function description(order: Describing): string {
  const { places, numbers, references, stamps, signatureMethodOid, checkMethodOid, signingTime, seal } = order;
  const time = `${signingTime.toISOString().slice(0, 19).replace(/[-T:]/g, '')}Z`;
  const listed = references.map(
    ({ name, value }) =>
      `<ofd:Reference FileRef="/${escaped(name)}"><ofd:CheckValue>${toBase64(value)}</ofd:CheckValue></ofd:Reference>`,
  );
  const shown = stamps.map(({ pageId, boundary, clip }, place) => {
    const clipped = clip === undefined ? '' : ` Clip="${boxText(clip)}"`;
    return `<ofd:StampAnnot ID="${numbers.stamp(place)}" PageRef="${escaped(pageId)}" Boundary="${boxText(boundary)}"${clipped}/>`;
  });
  const sealed = seal === undefined ? '' : `<ofd:Seal><ofd:BaseLoc>/${escaped(places.seal)}</ofd:BaseLoc></ofd:Seal>`;
  return (
    `${head}<ofd:Signature ${namespace}><ofd:SignedInfo>${provider}` +
    `<ofd:SignatureMethod>${signatureMethodOid}</ofd:SignatureMethod><ofd:SignatureDateTime>${time}</ofd:SignatureDateTime>` +
    `<ofd:References CheckMethod="${checkMethodOid}">${listed.join('')}</ofd:References>${shown.join('')}${sealed}` +
    `</ofd:SignedInfo><ofd:SignedValue>/${escaped(places.value)}</ofd:SignedValue></ofd:Signature>`
  );
}
