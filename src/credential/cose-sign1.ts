// COSE_Sign1 (RFC 9052 section 4.2): read and written in deterministic CBOR, with the bytes that its signature covers.

import { type CborMap, type CborReading, CborTag, decodeCbor, encodeCbor } from '../codec/cbor.ts';
import { fault, type Outcome, success } from './outcome.ts';

/** RFC 9052 section 2: the tag that says COSE_Sign1 and neither COSE_Sign (98) nor COSE_Encrypt0 (16). */
const coseSign1Tag = 18;

/** COSE algorithm numbers (RFC 9053) that may sign a licence; SM2 is in the private range until a number is registered. */
export const coseAlgorithms = { ES256: -7, EdDSA: -8, SM2: -65_537 } as const;
export type CoseAlgorithm = keyof typeof coseAlgorithms;

/** RFC 9052 section 3.1. */
export const coseHeader = { algorithm: 1, keyId: 4 } as const;

export interface CoseSign1 {
  /** As signed: decoded again by nobody. */
  readonly protectedBytes: Uint8Array;
  readonly protectedHeader: CborMap;
  readonly unprotectedHeader: CborMap;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/** RFC 9052 section 4.4: `Sig_structure` of one signer, the bytes to sign or to check. */
export function sigStructure(protectedBytes: Uint8Array, externalAad: Uint8Array, payload: Uint8Array): Uint8Array {
  return encodeCbor(['Signature1', protectedBytes, externalAad, payload]);
}

export function encodeCoseSign1(message: Pick<CoseSign1, 'protectedBytes' | 'payload' | 'signature'>): Uint8Array {
  return encodeCbor(new CborTag(coseSign1Tag, [message.protectedBytes, new Map(), message.payload, message.signature]));
}

/** Findings: `cbor-malformed`, `cose-malformed`. What the headers must hold is for the form that is carried inside. */
export function readCoseSign1(bytes: Uint8Array, reading: Omit<CborReading, 'tags'>): Outcome<CoseSign1> {
  try {
    const item = decodeCbor(bytes, { ...reading, tags: [coseSign1Tag] });
    if (!(item instanceof CborTag)) return fault('cose-malformed', 'not tagged as COSE_Sign1');
    if (!Array.isArray(item.value) || item.value.length !== 4) return fault('cose-malformed', 'not an array of four');
    const [protectedBytes, unprotectedHeader, payload, signature] = item.value;
    if (!(protectedBytes instanceof Uint8Array)) return fault('cose-malformed', 'protected header is no byte string');
    if (!(unprotectedHeader instanceof Map)) return fault('cose-malformed', 'unprotected header is no map');
    if (!(payload instanceof Uint8Array)) return fault('cose-malformed', 'payload is detached or no byte string');
    if (!(signature instanceof Uint8Array)) return fault('cose-malformed', 'signature is no byte string');
    const protectedHeader = decodeCbor(protectedBytes, reading);
    if (!(protectedHeader instanceof Map)) return fault('cose-malformed', 'protected header is no map');
    return success({ protectedBytes, protectedHeader, unprotectedHeader, payload, signature });
  } catch {
    return fault('cbor-malformed', 'not CBOR as it must be written, or beyond the limits');
  }
}
