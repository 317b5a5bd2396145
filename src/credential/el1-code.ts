// The static licence code EL1 as bytes: claims in a COSE_Sign1 (RFC 9052) with a fixed pair of headers and "EL1" as external data.

import { encodeCbor } from '../codec/cbor.ts';
import { utf8 } from '../kernel/bytes.ts';
import {
  type CoseAlgorithm,
  coseAlgorithms,
  coseHeader,
  encodeCoseSign1,
  readCoseSign1,
  sigStructure,
} from './cose-sign1.ts';
import { type El1Claims, encodeEl1Claims, readEl1Claims } from './el1-claims.ts';
import { toLowS } from './low-s.ts';
import { fault, type Outcome, success } from './outcome.ts';

/** Binds a signature to this form: the same key may sign other COSE messages, which must not pass as EL1. */
const externalAad = utf8('EL1');
const keyIdBytes = 8;
const signatureBytes = 64; // ES256, Ed25519 and SM2 alike
const limits = { sizeBytes: 1200, depth: 4, items: 16 };

/** An EL1 code that is well formed; nothing about it is trusted yet. */
export interface El1Code {
  readonly algorithm: CoseAlgorithm;
  /** First 8 bytes of the SHA-256 of the issuer key's SubjectPublicKeyInfo. */
  readonly kid: Uint8Array;
  readonly signedBytes: Uint8Array;
  readonly signature: Uint8Array;
  readonly claims: El1Claims;
}

export interface El1Signing {
  readonly algorithm: CoseAlgorithm;
  readonly kid: Uint8Array;
  /** The raw (r‖s or EdDSA) signature over the bytes. */
  sign(signedBytes: Uint8Array): Promise<Uint8Array>;
}

/** The bytes of a new EL1 code. An ES256 signature is brought to its lower half, so that the code has one spelling. */
export async function makeEl1Code(claims: El1Claims, signing: El1Signing): Promise<Uint8Array> {
  const protectedBytes = encodeCbor(
    new Map<number, number | Uint8Array>([
      [coseHeader.algorithm, coseAlgorithms[signing.algorithm]],
      [coseHeader.keyId, signing.kid],
    ]),
  );
  const payload = encodeEl1Claims(claims);
  const signature = await signing.sign(sigStructure(protectedBytes, externalAad, payload));
  return encodeCoseSign1({
    protectedBytes,
    payload,
    signature: signing.algorithm === 'ES256' ? toLowS(signature) : signature,
  });
}

/**
 * Findings: those of `readCoseSign1` and `readEl1Claims`, `cose-header-wrong` (anything but algorithm and key id, or anything
 * unprotected), `algorithm-not-supported`, `signature-malformed`.
 */
export function readEl1Code(bytes: Uint8Array): Outcome<El1Code> {
  const message = readCoseSign1(bytes, { limits });
  if (!message.ok) return message;
  const { protectedBytes, protectedHeader, unprotectedHeader, payload, signature } = message.value;
  if (unprotectedHeader.size !== 0) return fault('cose-header-wrong', 'the unprotected header is not empty');
  const kid = protectedHeader.get(coseHeader.keyId);
  if (protectedHeader.size !== 2 || !protectedHeader.has(coseHeader.algorithm) || !(kid instanceof Uint8Array)) {
    return fault('cose-header-wrong', 'the protected header is not algorithm and key id');
  }
  if (kid.length !== keyIdBytes) return fault('cose-header-wrong', `the key id has ${kid.length} bytes`);
  const algorithm = algorithmOf(protectedHeader.get(coseHeader.algorithm));
  if (algorithm === undefined) return fault('algorithm-not-supported', 'unknown signature algorithm');
  if (signature.length !== signatureBytes) return fault('signature-malformed', 'the signature is not 64 bytes long');
  const claims = readEl1Claims(payload);
  if (!claims.ok) return claims;
  const signedBytes = sigStructure(protectedBytes, externalAad, payload);
  return success({ algorithm, kid, signedBytes, signature, claims: claims.value });
}

function algorithmOf(number: unknown): CoseAlgorithm | undefined {
  const names: CoseAlgorithm[] = ['ES256', 'EdDSA', 'SM2'];
  return names.find((name) => coseAlgorithms[name] === number);
}
