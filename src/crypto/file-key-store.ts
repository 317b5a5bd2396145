// A KeyStore of one file a key, the private part sealed as JWE (A256GCMKW, A256GCM) under the key-encryption key; RFC 7516, RFC 7518 section 4.7.

import { createHmac } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import jose from 'node-jose';
import { fromBase64url, fromUtf8, toBase64url, toHex } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import { moment, randomBytes } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { isAlgorithmName } from './algorithms.ts';
import { sha256 } from './digest.ts';
import { generateKeyPair } from './key-material.ts';
import type { KeyDescription, KeyRequest, KeyState, KeyStore } from './key-store.ts';
import type { KeyPurpose, Signer } from './signer.ts';
import { createSigner } from './signer.ts';

export interface FileKeyStoreOptions {
  readonly directory: string;
  /** 32 bytes; stays outside the directory and outside the database. */
  readonly keyEncryptionKey: Uint8Array;
  readonly clock: Clock;
}

/** A file name on every system and no path. */
const namePattern = /^[a-z0-9][a-z0-9_-]{0,94}$/;
const suffix = '.key.json';
/** An RSA-3072 key sealed is about 4 KiB. */
const maxFileBytes = 16 * 1024;

const purposes: readonly KeyPurpose[] = [
  'root-ca',
  'issuing-ca',
  'seal-maker',
  'seal',
  'time-stamp',
  'licence-issuer',
  'oidc',
  'log',
];
const states: readonly KeyState[] = ['pending', 'active', 'retiring', 'retired', 'destroyed'];

interface KeyFile {
  readonly description: KeyDescription;
  readonly sealed: string;
}

export class FileKeyStore implements KeyStore {
  readonly #directory: string;
  readonly #kek: Uint8Array;
  readonly #kekId: string;
  readonly #clock: Clock;
  /** Unsealed signers by the digest of what they were unsealed from: a file changed by another process is read anew. */
  readonly #signers = new Map<string, Signer>();

  constructor({ directory, keyEncryptionKey, clock }: FileKeyStoreOptions) {
    if (keyEncryptionKey.length !== 32)
      throw new TrustError('configuration-invalid', 'key-encryption key is not 32 bytes');
    this.#directory = directory;
    this.#kek = Uint8Array.from(keyEncryptionKey);
    this.#kekId = toBase64url(
      createHmac('sha256', keyEncryptionKey).update('yinxin kek id v1').digest().subarray(0, 9),
    );
    this.#clock = clock;
  }

  async create(request: KeyRequest): Promise<KeyDescription> {
    if (!namePattern.test(request.name))
      throw new TrustError('malformed-identifier', 'key name is not a-z, 0-9, _ and -');
    const existing = await this.find(request.name);
    if (existing !== undefined) return matching(existing, request);
    const { pkcs8, spki } = generateKeyPair(request.algorithm);
    const description: KeyDescription = { ...request, state: 'active', createdAt: this.#clock.now(), spki };
    const sealed = await this.#seal(description, pkcs8);
    pkcs8.fill(0);
    if (await this.#writeOnce(request.name, fileText({ description, sealed }))) return description;
    const winner = await this.find(request.name); // another process was first: its key is the key
    if (winner === undefined) throw new TrustError('key-unavailable', `key ${request.name} vanished while being made`);
    return matching(winner, request);
  }

  async find(name: string): Promise<KeyDescription | undefined> {
    return (await this.#read(name))?.description;
  }

  async list(): Promise<KeyDescription[]> {
    const names = await readdir(this.#directory).catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return [];
      throw unavailable('key directory cannot be read', error);
    });
    const found: KeyDescription[] = [];
    for (const name of names.filter((entry) => entry.endsWith(suffix)).sort()) {
      const description = await this.find(name.slice(0, -suffix.length));
      if (description !== undefined) found.push(description);
    }
    return found;
  }

  async signer(name: string, purpose: KeyPurpose): Promise<Signer> {
    const file = await this.#read(name);
    if (file === undefined) throw new TrustError('key-not-found', `no key ${name}`);
    const { description, sealed } = file;
    if (description.purpose !== purpose) throw new TrustError('key-purpose-wrong', `key ${name} is not for ${purpose}`);
    if (description.state !== 'active') throw new TrustError('key-state-wrong', `key ${name} is ${description.state}`);
    const cacheId = `${name} ${toHex(sha256(new TextEncoder().encode(fileText(file))))}`;
    const cached = this.#signers.get(cacheId);
    if (cached !== undefined) return cached;
    const pkcs8 = await this.#unseal(description, sealed);
    const signer = createSigner({
      keyName: name,
      purpose,
      algorithm: description.algorithm,
      pkcs8,
      spki: description.spki,
    });
    pkcs8.fill(0);
    this.#signers.set(cacheId, signer);
    return signer;
  }

  async #read(name: string): Promise<KeyFile | undefined> {
    if (!namePattern.test(name)) return undefined;
    let bytes: Uint8Array;
    try {
      bytes = await readFile(join(this.#directory, name + suffix));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw unavailable(`key ${name} cannot be read`, error);
    }
    const file = bytes.length > maxFileBytes ? undefined : parseFile(fromUtf8(bytes) ?? '');
    if (file === undefined || file.description.name !== name) {
      throw new TrustError('key-unavailable', `file of key ${name} is malformed`);
    }
    return file;
  }

  /** False when the name is taken. The file appears whole or not at all: a crash leaves at most a `.tmp` nobody reads. */
  async #writeOnce(name: string, text: string): Promise<boolean> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const temporary = join(this.#directory, `.${name}.${toHex(randomBytes(8))}.tmp`);
    try {
      const handle = await open(temporary, 'wx', 0o600);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await link(temporary, join(this.#directory, name + suffix)); // unlike rename, link refuses an existing name
      await syncDirectory(this.#directory);
      return true;
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      throw unavailable(`key ${name} cannot be written`, error);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async #seal(description: KeyDescription, pkcs8: Uint8Array): Promise<string> {
    const key = await this.#joseKey();
    const payload = JSON.stringify({ binding: bindingOf(description), pkcs8: toBase64url(pkcs8) });
    const options = {
      format: 'compact',
      contentAlg: 'A256GCM',
      fields: { alg: 'A256GCMKW', kid: this.#kekId },
    } as const;
    return jose.JWE.createEncrypt(options, key).update(Buffer.from(payload)).final();
  }

  async #unseal(description: KeyDescription, sealed: string): Promise<Uint8Array> {
    this.#checkHeader(description.name, sealed);
    let opened: unknown;
    try {
      const result = await jose.JWE.createDecrypt(await this.#joseKey()).decrypt(sealed);
      opened = JSON.parse(result.plaintext.toString('utf8'));
    } catch {
      throw new TrustError('key-unavailable', `key ${description.name} cannot be unsealed`);
    }
    const binding = member(opened, 'binding');
    const pkcs8 = fromBase64url(text(member(opened, 'pkcs8')));
    // The binding keeps a file's readable part honest: another purpose, name or public key put there does not unseal.
    if (binding !== bindingOf(description) || pkcs8 === undefined) {
      throw new TrustError('key-unavailable', `file of key ${description.name} was altered`);
    }
    return pkcs8;
  }

  /** Before any decryption: exactly our two algorithms and our key. No zip (it inflates without limit), no PBES2 (it counts without limit). */
  #checkHeader(name: string, sealed: string): void {
    const [first = '', ...rest] = sealed.split('.');
    const header = parseJson(fromUtf8(fromBase64url(first) ?? new Uint8Array()) ?? '');
    const members = typeof header === 'object' && header !== null ? Object.keys(header).sort().join(' ') : '';
    const good =
      rest.length === 4 &&
      members === 'alg enc iv kid tag' &&
      member(header, 'alg') === 'A256GCMKW' &&
      member(header, 'enc') === 'A256GCM';
    if (!good) throw new TrustError('key-unavailable', `key ${name} is sealed in a way that is not allowed`);
    if (member(header, 'kid') !== this.#kekId) {
      throw new TrustError('key-unavailable', `key ${name} is sealed under another key-encryption key`);
    }
  }

  #joseKey(): Promise<jose.JWK.Key> {
    return jose.JWK.asKey({ kty: 'oct', kid: this.#kekId, alg: 'A256GCMKW', k: toBase64url(this.#kek) });
  }
}

/** What the sealed part repeats of the readable part. */
function bindingOf({ name, purpose, algorithm, spki }: KeyDescription): string {
  return `${name} ${purpose} ${algorithm} ${toHex(sha256(spki))}`;
}

function matching(existing: KeyDescription, request: KeyRequest): KeyDescription {
  if (existing.purpose !== request.purpose || existing.algorithm !== request.algorithm) {
    throw new TrustError(
      'key-purpose-wrong',
      `key ${request.name} exists for ${existing.purpose}, ${existing.algorithm}`,
    );
  }
  return existing;
}

function fileText({ description, sealed }: KeyFile): string {
  const { name, purpose, algorithm, state, createdAt, spki } = description;
  const content = {
    version: 1,
    name,
    purpose,
    algorithm,
    state,
    createdAt: createdAt.toISOString(),
    spki: toBase64url(spki),
    sealed,
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function parseFile(content: string): KeyFile | undefined {
  const json = parseJson(content);
  const purpose = purposes.find((known) => known === member(json, 'purpose'));
  const state = states.find((known) => known === member(json, 'state'));
  const algorithm = text(member(json, 'algorithm'));
  const spki = fromBase64url(text(member(json, 'spki')));
  const createdAt = text(member(json, 'createdAt'));
  if (member(json, 'version') !== 1 || purpose === undefined || state === undefined) return undefined;
  if (!isAlgorithmName(algorithm) || spki === undefined || !/^\d{4}-\d\d-\d\dT[\d:.]{8,12}Z$/.test(createdAt))
    return undefined;
  const description = {
    name: text(member(json, 'name')),
    purpose,
    algorithm,
    state,
    createdAt: moment(createdAt),
    spki,
  };
  return { description, sealed: text(member(json, 'sealed')) };
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function hasCode(error: unknown, code: string): boolean {
  return member(error, 'code') === code;
}

function unavailable(message: string, cause: unknown): TrustError {
  return isTrustError(cause) ? cause : new TrustError('key-unavailable', message, { cause });
}

/** So that the name survives a power cut; Windows cannot open directories and needs no such thing. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
