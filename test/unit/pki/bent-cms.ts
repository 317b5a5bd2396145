// A CMS message taken apart into the members of its only signer, and put together again, signed anew where that is wanted; RFC 5652, 5.

import type { DerElement } from '../../../src/codec/der.ts';
import { readDer } from '../../../src/codec/der.ts';
import { oidOf } from '../../../src/codec/der-value.ts';
import * as write from '../../../src/codec/der-write.ts';
import type { Signer } from '../../../src/crypto/signer.ts';

export interface CmsParts {
  readonly outerType: string;
  readonly version: number;
  /** DER of the digest algorithm identifiers. */
  readonly digests: readonly Uint8Array[];
  /** DER of EncapsulatedContentInfo. */
  readonly contentInfo: Uint8Array;
  readonly certificates: readonly Uint8Array[];
  /** DER of the members of RevocationInfoChoices. */
  readonly revocation: readonly Uint8Array[];
  readonly sid: Uint8Array;
  readonly digest: Uint8Array;
  /** Absent: a signature over the content directly. */
  readonly attributes?: readonly Uint8Array[] | undefined;
  readonly algorithm: Uint8Array;
  /** Octets of the signature value. */
  readonly signature: Uint8Array;
  readonly unsigned: readonly Uint8Array[];
}

export function takeApart(cms: Uint8Array): CmsParts {
  const [type, wrapped] = readDer(cms).children;
  const data = wrapped?.children[0]?.children ?? [];
  const [version, digests, contentInfo] = data;
  const signer = data.at(-1)?.children[0]?.children ?? [];
  const certificates = data.find(({ tag }) => tag === 0xa0);
  const [, sid, digest] = signer;
  const attributes = signer.find(({ tag }) => tag === 0xa0);
  const signature = signer.find(({ tag }) => tag === 0x04);
  const algorithm = signer[signer.findIndex(({ tag }) => tag === 0x04) - 1];
  return {
    outerType: type === undefined ? '' : oidOf(type),
    version: version?.content[0] ?? 0,
    digests: membersOf(digests),
    contentInfo: rawOf(contentInfo),
    certificates: membersOf(certificates),
    revocation: membersOf(data.find(({ tag }) => tag === 0xa1)),
    sid: rawOf(sid),
    digest: rawOf(digest),
    attributes: attributes === undefined ? undefined : membersOf(attributes),
    algorithm: rawOf(algorithm),
    signature: signature?.content ?? new Uint8Array(),
    unsigned: membersOf(signer.find(({ tag }) => tag === 0xa1)),
  };
}

/** Signed again over the attributes when `signer` is given, else with the signature value of the parts. */
export async function putTogether(parts: CmsParts, signer?: Signer): Promise<Uint8Array> {
  const { outerType, version, digests, contentInfo, certificates, sid, digest, attributes, algorithm, unsigned } =
    parts;
  const signed = write.tlv(0x31, ...(attributes ?? []));
  const signature = signer === undefined ? parts.signature : await signer.sign(signed, 'der');
  const signerInfo = write.sequence(
    write.integer(sid[0] === 0x30 ? 1 : 3),
    sid,
    digest,
    ...(attributes === undefined ? [] : [write.context(0, ...attributes)]),
    algorithm,
    write.octetString(signature),
    ...(unsigned.length === 0 ? [] : [write.context(1, ...unsigned)]),
  );
  const data = write.sequence(
    write.integer(version),
    write.tlv(0x31, ...digests),
    contentInfo,
    ...(certificates.length === 0 ? [] : [write.context(0, ...certificates)]),
    ...(parts.revocation.length === 0 ? [] : [write.context(1, ...parts.revocation)]),
    write.tlv(0x31, signerInfo),
  );
  return write.sequence(write.oid(outerType), write.context(0, data));
}

/** DER of an Attribute with these values. */
export function attribute(type: string, ...values: readonly Uint8Array[]): Uint8Array {
  return write.sequence(write.oid(type), write.tlv(0x31, ...values));
}

function membersOf(element: DerElement | undefined): Uint8Array[] {
  return element?.children.map(({ raw }) => raw) ?? [];
}

function rawOf(element: DerElement | undefined): Uint8Array {
  return element?.raw ?? new Uint8Array();
}
