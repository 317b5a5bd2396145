// The canonical half of ECDSA on P-256 (SEC 1 v2, 4.1; s against n-s): of the two signatures that anybody can turn into each other, one is accepted.

import { fromHex, toHex } from '../kernel/bytes.ts';

const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Whether s of a raw r‖s signature is in the lower half. */
export function isLowS(signature: Uint8Array): boolean {
  return signature.length === 64 && sOf(signature) <= order / 2n;
}

/** The same signature with s in the lower half. */
export function toLowS(signature: Uint8Array): Uint8Array {
  if (signature.length !== 64 || isLowS(signature)) return signature;
  const canonical = signature.slice();
  canonical.set(fromHex((order - sOf(signature)).toString(16).padStart(64, '0')) ?? [], 32);
  return canonical;
}

function sOf(signature: Uint8Array): bigint {
  return BigInt(`0x${toHex(signature.subarray(32))}`);
}
