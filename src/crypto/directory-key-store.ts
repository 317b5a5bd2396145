// A KeyStore whose keys are described by files in a folder and whose private parts lie in vaults; any number of processes share the folder.

import { equalBytes } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { DigestSigner } from './digest-signer.ts';
import { KeyDirectory } from './key-directory.ts';
import type { KeyDeed, KeyStage } from './key-life.ts';
import { familyAfter, familyOf, isFamilyName, isKeyName, requireRotatable, versionName } from './key-life.ts';
import type { KeyDescription, KeyExamination, KeyIdentity, KeyKeeping, KeyRequest } from './key-store.ts';
import type { KeyFile } from './key-text.ts';
import { KeyText } from './key-text.ts';
import type { PrivateKey, PrivateKeyVault } from './private-key-vault.ts';
import type { KeyPurpose, Signer } from './signer.ts';

export interface DirectoryKeyStoreOptions {
  readonly directory: string;
  /** 32 bytes; stays outside the directory and outside the database. */
  readonly keyEncryptionKey: Uint8Array;
  readonly clock: Clock;
}

/** What is known of a family, and the stamp by which a change is noticed. */
interface Family {
  readonly stamp: string;
  readonly generation: number;
  readonly keys: readonly KeyDescription[];
  readonly files: ReadonlyMap<string, KeyFile>;
}

/** Two operators and a timer at once are three; more in a row is a fault of the file system. */
const maxAttempts = 20;

export class DirectoryKeyStore implements KeyKeeping {
  readonly #directory: KeyDirectory;
  readonly #vaults: readonly PrivateKeyVault[];
  readonly #clock: Clock;
  readonly #families = new Map<string, Family>();
  readonly #opened = new Map<string, { readonly file: KeyFile; readonly key: PrivateKey }>();

  /** A new key goes into the first vault that has its algorithm. */
  constructor(options: DirectoryKeyStoreOptions, vaults: readonly PrivateKeyVault[]) {
    const { directory, keyEncryptionKey, clock } = options;
    this.#directory = new KeyDirectory({ path: directory, text: new KeyText(keyEncryptionKey) });
    this.#vaults = vaults;
    this.#clock = clock;
  }

  async create(request: KeyRequest): Promise<KeyDescription> {
    if (!isFamilyName(request.name)) throw new TrustError('malformed-identifier', 'key name is not a-z, 0-9, _ and -');
    const existing = await this.find(request.name);
    if (existing !== undefined) return matching(existing, request);
    await this.#make(request, 'active');
    const made = await this.find(request.name); // ours, or that of a process that was faster: its key is the key
    if (made === undefined) throw new TrustError('key-unavailable', `key ${request.name} vanished while being made`);
    return matching(made, request);
  }

  async find(name: string): Promise<KeyDescription | undefined> {
    return (await this.family(name)).find((key) => key.name === name);
  }

  async family(name: string): Promise<readonly KeyDescription[]> {
    return (await this.#family(name))?.keys ?? [];
  }

  async list(): Promise<KeyDescription[]> {
    const families = new Set((await this.#directory.names()).map(familyOf));
    const found = await Promise.all([...families].map((name) => this.family(name)));
    return found.flat();
  }

  async examine(): Promise<KeyExamination[]> {
    const names = await this.#directory.names();
    return Promise.all(
      names.map(async (name): Promise<KeyExamination> => {
        try {
          const description = await this.find(name);
          return description === undefined ? { name, fault: 'belongs to no family' } : { name, description };
        } catch (error) {
          return { name, fault: isTrustError(error) ? error.message : 'cannot be read' };
        }
      }),
    );
  }

  warnings(): Promise<string[]> {
    return this.#directory.warnings();
  }

  async signer(name: string, purpose: KeyPurpose): Promise<Signer> {
    const { active, key } = await this.#active(name, purpose);
    return {
      keyName: active.name,
      purpose,
      algorithm: active.algorithm,
      spki: active.spki,
      sign: async (data, form) => {
        await this.#requireSigning(active);
        return key.sign(data, form);
      },
    };
  }

  async digestSigner(name: string): Promise<DigestSigner> {
    const { active, key } = await this.#active(name, 'seal');
    const { algorithm, spki } = active;
    const { signDigest } = key;
    if (algorithm !== 'ES256' || signDigest === undefined)
      throw new TrustError('algorithm-not-supported', `no digest made elsewhere is signed with a ${algorithm} key`);
    return {
      keyName: active.name,
      algorithm,
      spki,
      signDigest: async (digest) => {
        await this.#requireSigning(active);
        return signDigest(digest);
      },
    };
  }

  async #active(name: string, purpose: KeyPurpose): Promise<{ active: KeyDescription; key: PrivateKey }> {
    const family = await this.#family(name);
    const named = family?.keys.find((key) => key.name === name);
    if (family === undefined || named === undefined) throw new TrustError('key-not-found', `no key ${name}`);
    if (named.purpose !== purpose) throw new TrustError('key-purpose-wrong', `key ${name} is not for ${purpose}`);
    const active = name === familyOf(name) ? family.keys.find((key) => key.state === 'active') : named;
    if (active?.state !== 'active') throw stateWrong(named);
    return { active, key: await this.#open(active.name, family) };
  }

  /** A deed that began before a rotation is finished; one that began before a retirement is not. */
  async #requireSigning(key: KeyDescription): Promise<void> {
    const now = await this.find(key.name);
    if (now?.state !== 'active' && now?.state !== 'retiring') throw stateWrong(now ?? key);
  }

  async prepare(family: string): Promise<KeyDescription> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const known = await this.#known(family);
      const pending = known.keys.find((key) => key.state === 'pending');
      if (pending !== undefined) return pending;
      const latest = known.keys.at(-1);
      if (latest === undefined) break;
      const { purpose, algorithm, owner } = latest;
      requireRotatable(family, purpose);
      const name = versionName(family, known.keys.length + 1);
      // A crash after this leaves a key that no life names; the next rotation takes it.
      await this.#make({ name, purpose, algorithm, ...(owner === undefined ? {} : { owner }) }, 'pending');
      const stages: KeyStage[] = [...known.keys.map(stageOf), { name, state: 'pending' }];
      if (await this.#writeLife(known, family, stages)) return this.#required(name);
    }
    throw new TrustError('key-unavailable', `the life of key ${family} cannot be written`);
  }

  async change(name: string, deed: Exclude<KeyDeed, 'supersede'>): Promise<KeyDescription> {
    const family = familyOf(name);
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const known = await this.#known(family);
      const file = known.files.get(name);
      const present = known.keys.find((key) => key.name === name);
      // Committed as destroyed, and then a crash: what is left to do is done now.
      const halfDestroyed = deed === 'destroy' && present?.state === 'destroyed' && file?.stored !== undefined;
      if (!halfDestroyed) {
        const stages = familyAfter(known.keys.map(stageOf), name, deed, this.#clock.now());
        if (!(await this.#writeLife(known, family, stages))) continue;
      }
      if (deed === 'destroy' && file !== undefined) await this.#destroy(file);
      return this.#required(name);
    }
    throw new TrustError('key-unavailable', `the life of key ${family} cannot be written`);
  }

  async #make(request: KeyRequest, firstState: 'active' | 'pending'): Promise<void> {
    const vault = this.#vaults.find(({ algorithms }) => algorithms.includes(request.algorithm));
    if (vault === undefined) throw new TrustError('algorithm-not-supported', `no vault for ${request.algorithm} keys`);
    const { name, purpose, algorithm, owner } = request;
    const start = { name, purpose, algorithm, ...(owner === undefined ? {} : { owner }), createdAt: this.#clock.now() };
    const { spki, stored } = await vault.make(start);
    const won = await this.#directory.writeKey({ identity: { ...start, spki }, firstState, stored });
    if (!won) await vault.destroy(stored);
  }

  async #destroy(file: KeyFile): Promise<void> {
    this.#opened.delete(file.identity.name);
    if (file.stored === undefined) return;
    await this.#vaultOf(file).destroy(file.stored);
    await this.#directory.erase(file);
  }

  #vaultOf({ identity, stored }: KeyFile): PrivateKeyVault {
    const vault = stored && this.#vaults.find((candidate) => candidate.holds(stored));
    if (vault === undefined)
      throw new TrustError('key-unavailable', `the private part of key ${identity.name} is not in this store`);
    return vault;
  }

  async #open(name: string, { files }: Family): Promise<PrivateKey> {
    const file = files.get(name);
    if (file?.stored === undefined) throw new TrustError('key-unavailable', `key ${name} has no private part`);
    const known = this.#opened.get(name);
    if (known?.file === file) return known.key;
    const key = await this.#vaultOf(file).open(file.identity, file.stored);
    this.#opened.set(name, { file, key });
    return key;
  }

  async #family(keyName: string): Promise<Family | undefined> {
    if (!isKeyName(keyName)) return undefined;
    const name = familyOf(keyName);
    const known = this.#families.get(name);
    if (known !== undefined && this.#isPresent(name, known)) return known;
    return this.#load(name, known);
  }

  async #known(family: string): Promise<Family> {
    const known = await this.#family(family);
    if (known === undefined || !isFamilyName(family)) throw new TrustError('key-not-found', `no key ${family}`);
    return known;
  }

  /** Reads what there is, and goes by a stamp from before the reading: a change meanwhile is noticed by the next to ask. */
  async #load(name: string, known: Family | undefined): Promise<Family | undefined> {
    let generation = known?.generation ?? 0;
    while (this.#directory.hasLife(name, generation + 1)) generation++;
    const life = generation === 0 ? undefined : await this.#directory.readLife(name, generation);
    const first = life === undefined ? await this.#directory.readKey(name) : undefined;
    if (life === undefined && first === undefined) return undefined;
    const stages = life?.stages ?? [firstStage(first)];
    const stamp = this.#stamp(stages);
    const files = new Map<string, KeyFile>();
    const keys: KeyDescription[] = [];
    for (const stage of stages) {
      const file = await this.#directory.readKey(stage.name);
      if (file === undefined) throw new TrustError('key-unavailable', `file of key ${stage.name} is missing`);
      const same = known?.files.get(stage.name);
      files.set(stage.name, same !== undefined && sameKey(same, file) ? same : file);
      keys.push({ ...file.identity, ...(life === undefined ? firstStage(file) : stage) });
    }
    const family = { stamp, generation, keys, files };
    this.#families.set(name, family);
    return family;
  }

  /** Asked of the folder every time: a generation may have come between the reading of one and the next line. */
  #isPresent(name: string, { generation, stamp, keys }: Family): boolean {
    return !this.#directory.hasLife(name, generation + 1) && stamp === this.#stamp(keys);
  }

  #stamp(keys: readonly { readonly name: string }[]): string {
    return keys.map(({ name }) => this.#directory.keyStamp(name)).join(' | ');
  }

  #writeLife(known: Family, family: string, stages: readonly KeyStage[]): Promise<boolean> {
    return this.#directory.writeLife({ family, generation: known.generation + 1, at: this.#clock.now(), stages });
  }

  async #required(name: string): Promise<KeyDescription> {
    const found = await this.find(name);
    if (found === undefined) throw new TrustError('key-not-found', `no key ${name}`);
    return found;
  }
}

function firstStage(file: KeyFile | undefined): KeyStage {
  if (file === undefined) throw new TrustError('key-unavailable', 'a key vanished while being read');
  const { identity, firstState } = file;
  const active = firstState === 'active' ? { activatedAt: identity.createdAt } : {};
  return { name: identity.name, state: firstState, ...active };
}

function stageOf({ name, state, activatedAt, retiringAt, retiredAt, destroyedAt }: KeyDescription): KeyStage {
  return {
    name,
    state,
    ...(activatedAt === undefined ? {} : { activatedAt }),
    ...(retiringAt === undefined ? {} : { retiringAt }),
    ...(retiredAt === undefined ? {} : { retiredAt }),
    ...(destroyedAt === undefined ? {} : { destroyedAt }),
  };
}

/** The unsealed key of an unchanged file need not be unsealed again because another key of its family changed. */
function sameKey(a: KeyFile, b: KeyFile): boolean {
  const identity = ({ name, purpose, algorithm }: KeyIdentity) => `${name} ${purpose} ${algorithm}`;
  return (
    JSON.stringify(a.stored) === JSON.stringify(b.stored) &&
    identity(a.identity) === identity(b.identity) &&
    equalBytes(a.identity.spki, b.identity.spki)
  );
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

function stateWrong({ name, state }: KeyDescription): TrustError {
  return new TrustError('key-state-wrong', `key ${name} is ${state}`, { details: { state } });
}
