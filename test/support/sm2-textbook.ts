// SM2 signatures from the formulas of GB/T 32918.2-2016, 6.1 and 7.1, in plain integers: slow, variable-time, and independent of OpenSSL.

import { digest } from '../../src/crypto/digest.ts';
import { concatBytes, fromHex, toHex, utf8 } from '../../src/kernel/bytes.ts';

const p = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const a = p - 3n;
const b = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n;
const n = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;

type Point = { readonly x: bigint; readonly y: bigint } | undefined;
const generator: Point = {
  x: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  y: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
};

function modulo(value: bigint, m: bigint): bigint {
  const rest = value % m;
  return rest < 0n ? rest + m : rest;
}

function inverse(value: bigint, m: bigint): bigint {
  let [r0, r1, t0, t1] = [m, modulo(value, m), 0n, 1n];
  while (r1 !== 0n) {
    const q = r0 / r1;
    [r0, r1] = [r1, r0 - q * r1];
    [t0, t1] = [t1, t0 - q * t1];
  }
  return modulo(t0, m);
}

function add(left: Point, right: Point): Point {
  if (left === undefined) return right;
  if (right === undefined) return left;
  if (left.x === right.x && modulo(left.y + right.y, p) === 0n) return undefined;
  const slope =
    left.x === right.x
      ? (3n * left.x * left.x + a) * inverse(2n * left.y, p)
      : (right.y - left.y) * inverse(right.x - left.x, p);
  const x = modulo(slope * slope - left.x - right.x, p);
  return { x, y: modulo(slope * (left.x - x) - left.y, p) };
}

export function multiply(k: bigint, point: Point = generator): Point {
  let sum: Point;
  let doubled = point;
  for (let rest = k; rest > 0n; rest >>= 1n) {
    if (rest & 1n) sum = add(sum, doubled);
    doubled = add(doubled, doubled);
  }
  return sum;
}

/** `e` of GB/T 32918.2-2016, 5.5 and 6.1: SM3 over Z and the message. `spki` ends with the uncompressed point. */
export function messageDigest(spki: Uint8Array, message: Uint8Array): bigint {
  const id = utf8('1234567812345678');
  const coordinates = [a, b, 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n];
  coordinates.push(0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n);
  const z = digest('SM3', Uint8Array.of(0, id.length * 8), id, ...coordinates.map(octets), spki.subarray(-64));
  return integer(digest('SM3', z, message));
}

export function signWithNonce(d: bigint, e: bigint, k: bigint): { r: bigint; s: bigint } {
  const r = modulo(e + (multiply(k)?.x ?? 0n), n);
  const s = modulo(inverse(1n + d, n) * (k - r * d), n);
  return { r, s };
}

/** r‖s. */
export function verifies(spki: Uint8Array, message: Uint8Array, raw: Uint8Array): boolean {
  const [r, s] = [integer(raw.subarray(0, 32)), integer(raw.subarray(32))];
  if (raw.length !== 64 || r < 1n || r >= n || s < 1n || s >= n) return false;
  const t = modulo(r + s, n);
  if (t === 0n) return false;
  const publicPoint = { x: integer(spki.subarray(-64, -32)), y: integer(spki.subarray(-32)) };
  const sum = add(multiply(s), multiply(t, publicPoint));
  return sum !== undefined && modulo(messageDigest(spki, message) + sum.x, n) === r;
}

export function integer(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes) || '0'}`);
}

export function octets(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, '0')) ?? new Uint8Array();
}

export function rawOf({ r, s }: { r: bigint; s: bigint }): Uint8Array {
  return concatBytes(octets(r), octets(s));
}
