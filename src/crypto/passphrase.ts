// The key-encryption key from a passphrase: scrypt, with salt and cost in a file beside the keys; RFC 7914, NIST SP 800-132 section 5.3.

import { createHmac, scryptSync } from 'node:crypto';
import {
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { fromBase64url, toBase64url, toHex } from '../kernel/bytes.ts';
import { randomBytes } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { member, parseJson } from './key-text.ts';

/** 128 MiB and about 0.4 s a guess. */
const presentCost = { N: 2 ** 17, r: 8, p: 1 } as const;
const leastN = 2 ** 15;
/** What a file may ask for: one that asks for more would stop every start. */
const most = { N: 2 ** 20, r: 16, p: 4 } as const;
const saltBytes = 32;
/** NIST SP 800-63B section 5.1.1.2 has eight for what a server can throttle; nobody throttles whoever has copied the files. */
const leastPassphraseCharacters = 16;

const fileName = 'key-encryption-parameters.json';

interface Parameters {
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Uint8Array;
  /** Tells a wrong passphrase at once, and helps nobody who could not as well try to unseal a key. */
  readonly check: string;
}

/**
 * 32 bytes. At first use salt and check are written into `directory`, once, by whoever of several processes is first.
 * Throws `configuration-invalid`: too short, not the one that the keys were made with, or the file of parameters was damaged.
 */
export function keyFromPassphrase(passphrase: string, directory: string): Uint8Array {
  const normal = passphrase.normalize('NFKC');
  if (Array.from(normal).length < leastPassphraseCharacters) {
    throw new TrustError(
      'configuration-invalid',
      `the passphrase has less than ${leastPassphraseCharacters} characters`,
    );
  }
  const path = join(directory, fileName);
  const known = readParameters(path) ?? makeParameters(normal, directory, path);
  const key = derive(normal, known);
  if (checkOf(key) !== known.check) {
    key.fill(0);
    throw new TrustError('configuration-invalid', 'the passphrase is not the one that the keys were made with');
  }
  return key;
}

function derive(passphrase: string, { N, r, p, salt }: Omit<Parameters, 'check'>): Uint8Array {
  return new Uint8Array(scryptSync(passphrase, salt, 32, { N, r, p, maxmem: 256 * N * r }));
}

function checkOf(key: Uint8Array): string {
  return toBase64url(
    new Uint8Array(createHmac('sha256', key).update('yinxin passphrase check v1').digest().subarray(0, 9)),
  );
}

function makeParameters(passphrase: string, directory: string, path: string): Parameters {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const cost = { ...presentCost, salt: randomBytes(saltBytes) };
  const key = derive(passphrase, cost);
  const content = { version: 1, kdf: 'scrypt', ...presentCost, salt: toBase64url(cost.salt), check: checkOf(key) };
  key.fill(0);
  const draft = `${path}.${toHex(randomBytes(8))}`;
  const descriptor = openSync(draft, 'wx', 0o600);
  try {
    writeSync(descriptor, `${JSON.stringify(content, null, 2)}\n`);
    fsyncSync(descriptor);
    linkSync(draft, path); // two first starts at once: the second link fails, and both go by the first one's salt
  } catch (error) {
    if (member(error, 'code') !== 'EEXIST') throw error;
  } finally {
    closeSync(descriptor);
    rmSync(draft, { force: true });
  }
  return readParameters(path) ?? damaged();
}

function readParameters(path: string): Parameters | undefined {
  let text: string;
  try {
    const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      text = readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (member(error, 'code') === 'ENOENT') return undefined;
    throw new TrustError('configuration-invalid', `${fileName} cannot be read`, { cause: error });
  }
  const json = text.length > 4096 ? undefined : parseJson(text);
  const [N, r, p] = [member(json, 'N'), member(json, 'r'), member(json, 'p')];
  const salt = fromBase64url(String(member(json, 'salt')));
  const check = member(json, 'check');
  if (member(json, 'version') !== 1 || member(json, 'kdf') !== 'scrypt' || typeof check !== 'string') return damaged();
  if (!isCost(N, leastN, most.N) || !Number.isInteger(Math.log2(N))) return damaged();
  if (!isCost(r, 8, most.r) || !isCost(p, 1, most.p) || salt?.length !== saltBytes) return damaged();
  return { N, r, p, salt, check };
}

function isCost(value: unknown, least: number, greatest: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= greatest;
}

function damaged(): never {
  throw new TrustError('configuration-invalid', `${fileName} was damaged: restore it from the backup of the keys`);
}
