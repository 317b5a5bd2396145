// Private keys sealed under the key-encryption key as JWE (A256GCMKW, A256GCM), which their file carries; RFC 7516, RFC 7518 section 4.7.

import jose from 'node-jose';
import { fromBase64url, fromUtf8, toBase64url, toHex } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';
import { algorithmNames } from './algorithms.ts';
import { sha256 } from './digest.ts';
import { generateKeyPair } from './key-material.ts';
import type { KeyIdentity } from './key-store.ts';
import { kekIdOf, member, parseJson } from './key-text.ts';
import type { PrivateKey, PrivateKeyVault, StoredKey } from './private-key-vault.ts';
import { createSigner } from './signer.ts';

export class SealedKeyVault implements PrivateKeyVault {
  readonly algorithms = algorithmNames;
  readonly #kek: Uint8Array;
  readonly #kekId: string;

  constructor({ keyEncryptionKey }: { keyEncryptionKey: Uint8Array }) {
    this.#kek = Uint8Array.from(keyEncryptionKey);
    this.#kekId = kekIdOf(keyEncryptionKey);
  }

  holds(stored: StoredKey): boolean {
    return 'sealed' in stored;
  }

  async make(request: Omit<KeyIdentity, 'spki'>): Promise<{ spki: Uint8Array; stored: StoredKey }> {
    const { pkcs8, spki } = generateKeyPair(request.algorithm);
    const payload = Buffer.concat([Buffer.from(`${bindingOf({ ...request, spki })}\0`), pkcs8]);
    const options = {
      format: 'compact',
      contentAlg: 'A256GCM',
      fields: { alg: 'A256GCMKW', kid: this.#kekId },
    } as const;
    const encryption = jose.JWE.createEncrypt(options, await this.#joseKey()).update(payload);
    const sealed = await encryption.final();
    pkcs8.fill(0);
    payload.fill(0);
    return { spki, stored: { sealed } };
  }

  async open(identity: KeyIdentity, stored: StoredKey): Promise<PrivateKey> {
    if (!('sealed' in stored)) throw new TrustError('key-unavailable', `key ${identity.name} is not a sealed key`);
    const payload = await this.#unseal(identity.name, stored.sealed);
    try {
      const { binding, pkcs8 } = partsOf(payload);
      // The binding keeps a file's readable part honest: another purpose, name or public key put there does not unseal.
      if (binding !== bindingOf(identity) || pkcs8 === undefined) {
        throw new TrustError('key-unavailable', `file of key ${identity.name} was altered`);
      }
      return createSigner({ ...identity, keyName: identity.name, pkcs8 });
    } finally {
      payload.fill(0); // the copy inside the engine's key object is the one that stays
    }
  }

  /** The file holds all there is; whoever owns the file overwrites it. */
  async destroy(): Promise<void> {}

  async #unseal(name: string, sealed: string): Promise<Buffer> {
    this.#checkHeader(name, sealed);
    try {
      return (await jose.JWE.createDecrypt(await this.#joseKey()).decrypt(sealed)).plaintext;
    } catch {
      throw new TrustError('key-unavailable', `key ${name} cannot be unsealed`); // no cause: it could quote what it read
    }
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
function bindingOf({ name, purpose, algorithm, spki }: Omit<KeyIdentity, 'createdAt'>): string {
  return `${name} ${purpose} ${algorithm} ${toHex(sha256(spki))}`;
}

/** Binding, NUL, PKCS #8; files of version 1 held both in JSON. */
function partsOf(payload: Buffer): { binding: unknown; pkcs8: Uint8Array | undefined } {
  if (payload[0] === 0x7b) {
    const json = parseJson(payload.toString('utf8'));
    const pkcs8 = member(json, 'pkcs8');
    return { binding: member(json, 'binding'), pkcs8: typeof pkcs8 === 'string' ? fromBase64url(pkcs8) : undefined };
  }
  const end = payload.indexOf(0);
  if (end < 0) return { binding: undefined, pkcs8: undefined };
  return { binding: payload.toString('utf8', 0, end), pkcs8: payload.subarray(end + 1) };
}
