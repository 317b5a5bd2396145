// The two kinds of file in a key folder, as text: a key with its private part put away, and a generation of a family's life.
// Each carries a MAC under a key derived from the key-encryption key: a file that was edited, or made elsewhere, is refused.

import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { fromBase64url, toBase64url } from '../kernel/bytes.ts';
import { moment } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { isAlgorithmName } from './algorithms.ts';
import type { KeyStage, KeyState } from './key-life.ts';
import { isKeyName, keyStates } from './key-life.ts';
import type { KeyIdentity } from './key-store.ts';
import type { StoredKey } from './private-key-vault.ts';
import { keyPurposes } from './signer.ts';

export interface KeyFile {
  readonly identity: KeyIdentity;
  /** Where the key begins; from its first change on the life of its family says where it stands. */
  readonly firstState: KeyState;
  /** Absent once the key is destroyed. */
  readonly stored?: StoredKey;
}

/** Generation `n` stands in a file of its own that is made once, so a change is lost to nobody: whoever is second must look again. */
export interface LifeGeneration {
  readonly family: string;
  readonly generation: number;
  readonly at: Date;
  readonly stages: readonly KeyStage[];
}

/** An RSA-4096 key sealed is about 5 KiB; a family of a hundred keys is about 20 KiB. */
export const maxKeyFileBytes = 16 * 1024;
export const maxLifeFileBytes = 256 * 1024;

export class KeyText {
  /** Names the key-encryption key without saying anything of it. */
  readonly kekId: string;
  readonly #macKey: Uint8Array;

  constructor(keyEncryptionKey: Uint8Array) {
    if (keyEncryptionKey.length !== 32)
      throw new TrustError('configuration-invalid', 'key-encryption key is not 32 bytes');
    this.kekId = kekIdOf(keyEncryptionKey);
    this.#macKey = new Uint8Array(hkdfSync('sha256', keyEncryptionKey, '', 'yinxin key files v1', 32));
  }

  printKey({ identity, firstState, stored }: KeyFile): string {
    const { name, purpose, algorithm, owner, createdAt, spki } = identity;
    return this.#print({
      version: 2,
      name,
      purpose,
      algorithm,
      ...(owner === undefined ? {} : { owner }),
      state: firstState,
      createdAt: createdAt.toISOString(),
      spki: toBase64url(spki),
      ...stored,
    });
  }

  printLife({ family, generation, at, stages }: LifeGeneration): string {
    return this.#print({ version: 1, family, generation, at: at.toISOString(), keys: stages });
  }

  /** Throws `key-unavailable`. */
  parseKey(text: string, name: string): KeyFile {
    const json = parseJson(text);
    // Version 1 had no MAC and is still read: what matters in it is bound to the sealed part.
    if (member(json, 'version') !== 1) this.#check(json, `file of key ${name}`);
    const identity = identityOf(json);
    const firstState = keyStates.find((known) => known === member(json, 'state'));
    if (identity?.name !== name || identity === undefined || firstState === undefined) throw malformed(`key ${name}`);
    const stored = storedOf(json);
    return { identity, firstState, ...(stored === undefined ? {} : { stored }) };
  }

  /** Throws `key-unavailable`. */
  parseLife(text: string, family: string, generation: number): LifeGeneration {
    const what = `life of key ${family}, generation ${generation}`;
    const json = parseJson(text);
    this.#check(json, `file of the ${what}`);
    const keys = member(json, 'keys');
    const at = momentOf(member(json, 'at'));
    const stages = Array.isArray(keys) ? keys.map(stageOf) : [];
    const known = stages.filter((stage) => stage !== undefined);
    const good = member(json, 'family') === family && member(json, 'generation') === generation;
    if (!good || at === undefined || known.length === 0 || known.length !== stages.length) throw malformed(what);
    return { family, generation, at, stages: known };
  }

  #print(content: Record<string, unknown>): string {
    const full = { ...content, kek: this.kekId };
    return `${JSON.stringify({ ...full, mac: this.#mac(full) }, null, 2)}\n`;
  }

  #check(json: unknown, what: string): void {
    if (typeof json !== 'object' || json === null) throw malformed(what);
    const content = Object.fromEntries(Object.entries(json).filter(([name]) => name !== 'mac'));
    const kek = member(json, 'kek');
    const mac = member(json, 'mac');
    if (typeof kek !== 'string' || typeof mac !== 'string') throw malformed(what);
    if (kek !== this.kekId)
      throw new TrustError('key-unavailable', `${what} was made under another key-encryption key`);
    const expected = Buffer.from(this.#mac(content));
    const given = Buffer.from(mac);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new TrustError('key-unavailable', `${what} was altered`);
    }
  }

  #mac(content: object): string {
    return toBase64url(new Uint8Array(createHmac('sha256', this.#macKey).update(JSON.stringify(content)).digest()));
  }
}

export function kekIdOf(keyEncryptionKey: Uint8Array): string {
  return toBase64url(createHmac('sha256', keyEncryptionKey).update('yinxin kek id v1').digest().subarray(0, 9));
}

function identityOf(json: unknown): KeyIdentity | undefined {
  const name = member(json, 'name');
  const purpose = keyPurposes.find((known) => known === member(json, 'purpose'));
  const algorithm = member(json, 'algorithm');
  const owner = member(json, 'owner');
  const createdAt = momentOf(member(json, 'createdAt'));
  const spki = fromBase64url(text(member(json, 'spki')));
  if (typeof name !== 'string' || !isKeyName(name) || purpose === undefined) return undefined;
  if (typeof algorithm !== 'string' || !isAlgorithmName(algorithm)) return undefined;
  if (createdAt === undefined || spki === undefined || spki.length === 0) return undefined;
  return { name, purpose, algorithm, ...(typeof owner === 'string' ? { owner } : {}), createdAt, spki };
}

function storedOf(json: unknown): StoredKey | undefined {
  const sealed = member(json, 'sealed');
  if (typeof sealed === 'string') return { sealed };
  const token = member(json, 'token');
  const label = member(token, 'label');
  const id = member(token, 'id');
  return typeof label === 'string' && typeof id === 'string' ? { token: { label, id } } : undefined;
}

const stageDates = ['activatedAt', 'retiringAt', 'retiredAt', 'destroyedAt'] as const;

function stageOf(json: unknown): KeyStage | undefined {
  const name = member(json, 'name');
  const state = keyStates.find((known) => known === member(json, 'state'));
  if (typeof name !== 'string' || !isKeyName(name) || state === undefined) return undefined;
  const dates = stageDates.flatMap((date) => {
    const at = momentOf(member(json, date));
    return at === undefined ? [] : [[date, at] as const];
  });
  return { name, state, ...Object.fromEntries(dates) };
}

function momentOf(value: unknown): Date | undefined {
  const good = typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/.test(value);
  try {
    return good ? moment(value) : undefined;
  } catch {
    return undefined;
  }
}

export function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function malformed(what: string): TrustError {
  return new TrustError('key-unavailable', `${what} is malformed`);
}
