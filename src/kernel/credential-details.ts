// Digests that one seal may sign for software that keeps the documents (远程签章授权); Cloud Signature Consortium API 2.2, 8.4 (authorization_details), RFC 9396 section 2.

import { fromBase64, utf8 } from './bytes.ts';
import { uuidFromId } from './ids.ts';
import { isPlainText } from './plain-text.ts';

/** The first as clients of 2.0 and 2.1 name it, the second as those of 2.2 do. */
export const credentialTypes = ['credential', 'https://cloudsignatureconsortium.org/2025/credential'] as const;
export type CredentialType = (typeof credentialTypes)[number];

export interface DocumentDigest {
  /** Base64 of 32 bytes: what will be signed, not the digest of a file (in PAdES that of the signed attributes). */
  readonly hash: string;
  /** What the software calls the document; people read it before they agree. */
  readonly label?: string;
  readonly hashType?: 'DTBSR';
}

/** Each of these digests once, with one seal. Names are the standard's. */
export interface CredentialUse {
  readonly type: CredentialType;
  /** The seal (`seal_…`). */
  readonly credentialID: string;
  readonly numSignatures: number;
  readonly documentDigests: readonly DocumentDigest[];
  readonly hashAlgorithmOID: string;
}

/** SHA-256. */
export const digestOid = '2.16.840.1.101.3.4.2.1';
/** So many digests a person agrees to at once. */
export const mostDigests = 20;
const digestSizeBytes = 32;
const maxLabelLength = 100;
/** The token carries them in a header of every call. */
const maxSizeBytes = 3500;

/** `locations` is judged where the request is known, and is no part of what is agreed to. */
const members = ['type', 'credentialID', 'numSignatures', 'documentDigests', 'hashAlgorithmOID', 'locations'];
const digestMembers = ['hash', 'label', 'hashType'];

export function isCredentialType(value: unknown): value is CredentialType {
  return credentialTypes.some((type) => type === value);
}

/** Strictly the standard's members, each digest named once, and as many signatures as digests. `undefined` otherwise. */
export function credentialUse(given: ReadonlyMap<string, unknown>): CredentialUse | undefined {
  const type = given.get('type');
  const credentialID = given.get('credentialID');
  const listed = given.get('documentDigests');
  if (!isCredentialType(type) || [...given.keys()].some((name) => !members.includes(name))) return undefined;
  if (typeof credentialID !== 'string' || uuidFromId('seal', credentialID) === undefined) return undefined;
  if (given.get('hashAlgorithmOID') !== digestOid) return undefined;
  if (!Array.isArray(listed) || listed.length === 0 || listed.length > mostDigests) return undefined;
  const documentDigests = listed.map(documentDigest).filter((digest) => digest !== undefined);
  const numSignatures = given.has('numSignatures') ? given.get('numSignatures') : listed.length;
  const isWhole = documentDigests.length === listed.length && numSignatures === listed.length;
  if (!isWhole || new Set(documentDigests.map(({ hash }) => hash)).size !== listed.length) return undefined;
  const use = { type, credentialID, numSignatures: listed.length, documentDigests, hashAlgorithmOID: digestOid };
  return utf8(JSON.stringify(use)).length > maxSizeBytes ? undefined : use;
}

/** The digest of base64 text in its one spelling. `undefined`: no SHA-256 digest. */
export function digestOf(text: unknown): Uint8Array | undefined {
  const bytes = typeof text === 'string' && text.length <= 64 ? fromBase64(text) : undefined;
  return bytes?.length === digestSizeBytes ? bytes : undefined;
}

function documentDigest(value: unknown): DocumentDigest | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const given = new Map<string, unknown>(Object.entries(value));
  const hash = given.get('hash');
  const label = given.get('label') ?? undefined;
  const hashType = given.get('hashType') ?? undefined;
  if ([...given.keys()].some((name) => !digestMembers.includes(name))) return undefined;
  if (typeof hash !== 'string' || digestOf(hash) === undefined) return undefined;
  if (label !== undefined && (typeof label !== 'string' || !isPlainText(label, maxLabelLength))) return undefined;
  if (hashType !== undefined && hashType !== 'DTBSR') return undefined;
  return { hash, ...(label === undefined ? {} : { label }), ...(hashType === undefined ? {} : { hashType }) };
}

/** The one among details that is of this kind. */
export function credentialUseOf(details: readonly { readonly type: string }[]): CredentialUse | undefined {
  return details.find(isCredentialUse);
}

function isCredentialUse(detail: { readonly type: string }): detail is CredentialUse {
  return isCredentialType(detail.type);
}
