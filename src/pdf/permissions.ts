// What signatures forbid later: DocMDP, FieldMDP and field locks (ISO 32000-2, 12.8.2.2 to 12.8.2.4 and table 236).

import type { PdfField } from './fields.ts';
import type { PdfFile } from './file.ts';
import { PdfArray, PdfDict, PdfName, PdfRef, asDict } from './objects.ts';
import type { PdfObject } from './objects.ts';
import { textOf } from './text.ts';

/** 1 nothing but long-term validation data; 2 filling forms and signing; 3 annotating too. */
export type MdpLevel = 1 | 2 | 3;

export interface FieldLock {
  readonly action: 'All' | 'Include' | 'Exclude';
  readonly fields: readonly string[];
}

export interface SignatureLocks {
  readonly docMdp: MdpLevel | undefined;
  readonly fieldLocks: readonly FieldLock[];
}

export interface PdfPermissions {
  /** The strictest that any signature sets. */
  readonly docMdp: MdpLevel | undefined;
  readonly fieldLocks: readonly FieldLock[];
  /** The catalog's /Perms names a certifying signature. */
  readonly certified: boolean;
}

/** From the references of the signature dictionary, and from the lock of its field. */
export function signatureLocks(file: PdfFile, signature: PdfDict, field: PdfField): SignatureLocks {
  const levels: MdpLevel[] = [];
  const fieldLocks: FieldLock[] = [];
  const references = file.get(signature, 'Reference');
  for (const item of references instanceof PdfArray ? references.items : []) {
    const reference = asDict(file.resolve(item));
    if (reference === undefined) continue;
    const method = file.get(reference, 'TransformMethod');
    const parameters = asDict(file.get(reference, 'TransformParams')) ?? new PdfDict([]);
    if (!(method instanceof PdfName)) continue;
    if (method.value === 'DocMDP') levels.push(levelOf(file.get(parameters, 'P')));
    if (method.value === 'FieldMDP') fieldLocks.push(fieldLockOf(file, parameters));
  }
  const lock = asDict(file.get(field.dict, 'Lock'));
  if (lock !== undefined) {
    if (file.get(lock, 'P') !== null) levels.push(levelOf(file.get(lock, 'P')));
    fieldLocks.push(fieldLockOf(file, lock));
  }
  return { docMdp: strictest(levels), fieldLocks };
}

/** `signatures` are those that are there: an unsigned field's lock is not in force. */
export function readPermissions(file: PdfFile, signatures: readonly SignatureLocks[]): PdfPermissions {
  const perms = asDict(file.get(file.catalog(), 'Perms'));
  return {
    docMdp: strictest(signatures.flatMap((signature) => signature.docMdp ?? [])),
    fieldLocks: signatures.flatMap((signature) => signature.fieldLocks),
    certified: perms !== undefined && perms.get('DocMDP') instanceof PdfRef,
  };
}

export function isFieldLocked(locks: readonly FieldLock[], name: string): boolean {
  return locks.some((lock) => {
    if (lock.action === 'All') return true;
    const named = lock.fields.some((field) => name === field || name.startsWith(`${field}.`));
    return lock.action === 'Include' ? named : !named;
  });
}

/** Table 257: 2 when absent; what cannot be read is taken as the strictest. */
function levelOf(object: PdfObject): MdpLevel {
  if (object === null) return 2;
  return object === 2 || object === 3 ? object : 1;
}

function strictest(levels: readonly MdpLevel[]): MdpLevel | undefined {
  return levels.reduce<MdpLevel | undefined>(
    (least, level) => (least === undefined || level < least ? level : least),
    undefined,
  );
}

function fieldLockOf(file: PdfFile, dict: PdfDict): FieldLock {
  const action = file.get(dict, 'Action');
  const array = file.get(dict, 'Fields');
  const fields = array instanceof PdfArray ? array.items.flatMap((item) => textOf(file.resolve(item)) ?? []) : [];
  if (action instanceof PdfName && (action.value === 'Include' || action.value === 'Exclude'))
    return { action: action.value, fields };
  return { action: 'All', fields };
}
