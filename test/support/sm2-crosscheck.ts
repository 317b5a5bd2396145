// SM2 both ways against the openssl command line, which makes Z and the DER of its own: random keys, random messages, and damaged signatures.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { generateKeyPair } from '../../src/crypto/key-material.ts';
import { createSigner, type Signer } from '../../src/crypto/signer.ts';
import { verifySignature } from '../../src/crypto/verify.ts';
import { toBase64 } from '../../src/kernel/bytes.ts';
import { randomBytes } from '../../src/kernel/clock.ts';

export interface Crosscheck {
  /** Signatures compared, half of them made here and half by openssl. */
  readonly compared: number;
  readonly damaged: number;
  /** One line for each disagreement. */
  readonly disagreements: readonly string[];
}

const signaturesPerKey = 8;
const damagedEvery = 10;
const maxMessageBytes = 2048;
const options = ['dgst', '-sm3', '-sigopt', 'distid:1234567812345678'];
const run = promisify(execFile);

/** `count` signatures; `atOnce` processes of openssl at a time. */
export async function crosscheckSm2({ count, atOnce }: { count: number; atOnce: number }): Promise<Crosscheck> {
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-crosscheck-'));
  const result = { compared: 0, damaged: 0, disagreements: [] as string[] };
  let next = 0;
  const lane = async (number: number): Promise<void> => {
    const path = (name: string) => join(directory, `${number}-${name}`);
    let bench = newBench(path);
    for (let i = next++; i < count; i = next++) {
      if (i % signaturesPerKey === 0) bench = newBench(path);
      const data = randomBytes((i * 37) % maxMessageBytes);
      writeFileSync(path('message'), data);
      const fault = i % 2 === 0 ? await oursToThem(bench, data, i) : await theirsToUs(bench, data, i);
      if (fault !== undefined) result.disagreements.push(`${i}: ${fault}`);
      result.compared++;
      if (i % damagedEvery < 2) result.damaged++;
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, (_, number) => lane(number)));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return result;
}

interface Bench {
  readonly signer: Signer;
  readonly path: (name: string) => string;
}

function newBench(path: (name: string) => string): Bench {
  const { pkcs8, spki } = generateKeyPair('SM2');
  writeFileSync(path('public.pem'), pem('PUBLIC KEY', spki));
  writeFileSync(path('private.pem'), pem('PRIVATE KEY', pkcs8));
  return { signer: createSigner({ keyName: 'crosscheck', purpose: 'seal', algorithm: 'SM2', pkcs8, spki }), path };
}

async function oursToThem({ signer, path }: Bench, data: Uint8Array, i: number): Promise<string | undefined> {
  const signature = await signer.sign(data, 'der');
  const judge = async (bytes: Uint8Array): Promise<boolean> => {
    writeFileSync(path('signature'), bytes);
    return run('openssl', [...options, '-verify', path('public.pem'), '-signature', path('signature'), path('message')])
      .then(() => true)
      .catch(() => false);
  };
  if (!(await judge(signature))) return 'openssl refuses ours';
  return i % damagedEvery < 2 && (await judge(damaged(signature, i))) ? 'openssl accepts a damaged one' : undefined;
}

async function theirsToUs({ signer, path }: Bench, data: Uint8Array, i: number): Promise<string | undefined> {
  await run('openssl', [...options, '-sign', path('private.pem'), '-out', path('signature'), path('message')]);
  const signature = new Uint8Array(readFileSync(path('signature')));
  const claim = { algorithm: 'SM2', spki: signer.spki, data, signature, form: 'der' } as const;
  if (!verifySignature(claim)) return 'we refuse theirs';
  const accepted = i % damagedEvery < 2 && verifySignature({ ...claim, signature: damaged(signature, i) });
  return accepted ? 'we accept a damaged one' : undefined;
}

/** One bit inside r or s, so that it stays well-formed. */
function damaged(signature: Uint8Array, i: number): Uint8Array {
  const at = signature.length - 1 - (i % 30);
  return signature.with(at, (signature[at] ?? 0) ^ (1 << (i % 8)));
}

function pem(label: string, der: Uint8Array): string {
  const lines = toBase64(der).replaceAll(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
