// Building a certificate revocation list, full or delta, also of a million entries; RFC 5280, 5.

import {
  bitString,
  boolean,
  certificateTime,
  context,
  integer,
  octetString,
  oid,
  primitiveContext,
  sequence,
  tlv,
} from '../codec/der-write.ts';
import { extensionOids } from '../codec/oids.ts';
import type { Signer } from '../crypto/signer.ts';
import { concatBytes, utf8 } from '../kernel/bytes.ts';
import { writeSignatureAlgorithm } from './algorithm-identifier.ts';
import type { Certificate } from './certificate.ts';
import type { RevocationReason } from './revocation.ts';
import { revocationReasons } from './revocation.ts';

export interface CrlOrderEntry {
  /** Unsigned big-endian number. */
  readonly serial: Uint8Array;
  readonly revokedAt: Date;
  /** `removeFromCRL` stands in a delta only: the certificate is no longer suspended (5.3.1). */
  readonly reason: RevocationReason | 'removeFromCRL';
}

export interface CrlHead {
  readonly issuer: { readonly certificate: Certificate; readonly signer: Signer };
  readonly number: bigint;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** The full list that a delta continues (5.2.4); absent for a full list. */
  readonly baseNumber?: bigint;
  /** The scope of the list: the addresses in the certificates it speaks of, names of one and the same point (5.2.5). */
  readonly distributionPoint?: readonly string[];
  /** Where the deltas to a full list are found (5.2.6). */
  readonly freshestCrl?: readonly string[];
}

export interface CrlOrder extends CrlHead {
  readonly entries: Iterable<CrlOrderEntry>;
}

/** DER of a CRL, version 2. Throws `key-…` of the signer. */
export async function buildCrl({ entries, ...head }: CrlOrder): Promise<Uint8Array> {
  const list = new CrlEntries();
  for (const entry of entries) list.add(entry);
  return signCrl(head, list);
}

/** The revoked certificates of a list as one run of DER, added one by one, in any order. */
export class CrlEntries {
  readonly #full: Uint8Array[] = [];
  #current = new Uint8Array(firstBlockBytes);
  #used = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add({ serial, revokedAt, reason }: CrlOrderEntry): void {
    if (this.#used + maxEntryBytes > this.#current.length) this.#newBlock();
    const block = this.#current;
    const start = this.#used;
    let at = start + 2; // the length is known at the end, and always under 128
    at = writeSerial(block, at, serial);
    at = writeTime(block, at, revokedAt);
    if (reason !== 'unspecified') {
      block.set(reasonTemplate, at); // 5.3.1: the reason "unspecified" is not written
      at += reasonTemplate.length;
      block[at - 1] = reason === 'removeFromCRL' ? removeFromCrl : revocationReasons[reason];
    }
    block[start] = 0x30;
    block[start + 1] = at - start - 2;
    this.#used = at;
    this.#count++;
  }

  /** The blocks in order. */
  blocks(): Uint8Array[] {
    return [...this.#full, this.#current.subarray(0, this.#used)];
  }

  #newBlock(): void {
    this.#full.push(this.#current.subarray(0, this.#used));
    this.#current = new Uint8Array(blockBytes);
    this.#used = 0;
  }
}

export async function signCrl(head: CrlHead, entries: CrlEntries): Promise<Uint8Array> {
  const { issuer, thisUpdate, nextUpdate } = head;
  const algorithm = writeSignatureAlgorithm(issuer.signer.algorithm);
  const blocks = entries.blocks();
  const tbs = concatBytes(
    ...wrapped(0x30, [
      integer(1),
      algorithm,
      issuer.certificate.subjectDer,
      certificateTime(thisUpdate),
      certificateTime(nextUpdate),
      ...(entries.count === 0 ? [] : wrapped(0x30, blocks)), // 5.1.2.6: absent when empty
      context(0, sequence(...extensionsOf(head))),
    ]),
  );
  const signature = await issuer.signer.sign(tbs, 'der');
  return concatBytes(...wrapped(0x30, [tbs, algorithm, bitString(signature)]));
}

function extensionsOf({ issuer, number, baseNumber, distributionPoint, freshestCrl }: CrlHead): Uint8Array[] {
  const keyId = issuer.certificate.subjectKeyId ?? new Uint8Array();
  return [
    extension(extensionOids.authorityKeyIdentifier, sequence(primitiveContext(0, keyId))),
    extension(extensionOids.crlNumber, integer(number)),
    ...(baseNumber === undefined ? [] : [extension(extensionOids.deltaCrlIndicator, integer(baseNumber), 'critical')]),
    ...(distributionPoint === undefined
      ? []
      : [extension(extensionOids.issuingDistributionPoint, sequence(fullName(distributionPoint)), 'critical')]),
    ...(freshestCrl === undefined
      ? []
      : [extension(extensionOids.freshestCrl, sequence(sequence(fullName(freshestCrl))))]),
  ];
}

/** distributionPoint [0] DistributionPointName, of which fullName [0] GeneralNames with URIs (4.2.1.13). */
function fullName(urls: readonly string[]): Uint8Array {
  return context(0, context(0, ...urls.map((url) => primitiveContext(6, utf8(url)))));
}

function extension(type: string, value: Uint8Array, critical?: 'critical'): Uint8Array {
  return sequence(oid(type), ...(critical === undefined ? [] : [boolean(true)]), octetString(value));
}

/** Tag and length in front of pieces that are not copied together yet. */
function wrapped(tag: number, pieces: readonly Uint8Array[]): Uint8Array[] {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const header = length < 0x80 ? [length] : longLength(length);
  return [Uint8Array.of(tag, ...header), ...pieces];
}

function longLength(length: number): number[] {
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

const firstBlockBytes = 4096;
const blockBytes = 1024 * 1024;
/** A serial of 64 octets, a time and a reason, with their headers. */
const maxEntryBytes = 100;
const maxSerialBytes = 64;
const removeFromCrl = 8;
/** Extensions { Extension { reasonCode, OCTET STRING { ENUMERATED n } } }, n being the last octet. */
const reasonTemplate = sequence(sequence(oid(extensionOids.reasonCode), octetString(tlv(0x0a, Uint8Array.of(0)))));

function writeSerial(block: Uint8Array, start: number, serial: Uint8Array): number {
  let first = 0;
  while (first < serial.length - 1 && serial[first] === 0) first++;
  const octets = first === 0 ? serial : serial.subarray(first);
  if (octets.length === 0 || octets.length > maxSerialBytes) throw new RangeError('serial number of no possible size');
  const sign = (octets[0] ?? 0) & 0x80 ? 1 : 0;
  block[start] = 0x02;
  block[start + 1] = octets.length + sign;
  block[start + 2] = 0; // overwritten unless a sign octet is needed
  block.set(octets, start + 2 + sign);
  return start + 2 + sign + octets.length;
}

/** UTCTime through 2049 written digit by digit, because this is done a million times; anything else by the ordinary writer. */
function writeTime(block: Uint8Array, start: number, date: Date): number {
  const year = date.getUTCFullYear();
  if (year < 1950 || year > 2049) {
    const time = certificateTime(date);
    block.set(time, start);
    return start + time.length;
  }
  block[start] = 0x17;
  block[start + 1] = 13;
  writeDigits(block, start + 2, year % 100);
  writeDigits(block, start + 4, date.getUTCMonth() + 1);
  writeDigits(block, start + 6, date.getUTCDate());
  writeDigits(block, start + 8, date.getUTCHours());
  writeDigits(block, start + 10, date.getUTCMinutes());
  writeDigits(block, start + 12, date.getUTCSeconds());
  block[start + 14] = 0x5a; // Z
  return start + 15;
}

function writeDigits(block: Uint8Array, start: number, twoDigits: number): void {
  block[start] = 0x30 + Math.floor(twoDigits / 10);
  block[start + 1] = 0x30 + (twoDigits % 10);
}
