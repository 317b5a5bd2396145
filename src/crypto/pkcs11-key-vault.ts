// Private keys that never leave a hardware token: RSA and P-256, made, used and ended through PKCS#11; OASIS PKCS #11 v2.40 (mechanisms), 2.1 and 2.3.

import { createPublicKey } from 'node:crypto';
import { concatBytes, fromHex, toBase64url, toHex } from '../kernel/bytes.ts';
import { randomBytes } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import type { AlgorithmName } from './algorithms.ts';
import { digest } from './digest.ts';
import { digestSignatureVerifies, maySignDigests, requireDigest } from './digest-signer.ts';
import type { KeyIdentity } from './key-store.ts';
import type { Handle, Pkcs11Library } from './pkcs11-library.ts';
import type { Pkcs11Token, Session } from './pkcs11-token.ts';
import type { PrivateKey, PrivateKeyVault, StoredKey } from './private-key-vault.ts';
import { rawToDerSignature } from './signature-form.ts';
import type { SignatureForm } from './signer.ts';
import { verifySignature } from './verify.ts';

const rsaBits = 3072;
const idBytes = 16;
const p256 = {
  parameters: bytes('06082a8648ce3d030107'),
  spki: bytes('3059301306072a8648ce3d020106082a8648ce3d03010703420004'),
};
/** DigestInfo of SHA-256 before the digest (RFC 8017, 9.2, note 1). */
const sha256Info = bytes('3031300d060960864801650304020105000420');

export class Pkcs11KeyVault implements PrivateKeyVault {
  /** SM2 cannot be made of CKM_ECDSA: it needs (1+d)⁻¹, and vendors have mechanisms of their own for it. */
  readonly algorithms: readonly AlgorithmName[] = ['ES256', 'RS256', 'PS256'];
  readonly #token: Pkcs11Token;

  constructor({ token }: { token: Pkcs11Token }) {
    this.#token = token;
  }

  holds(stored: StoredKey): boolean {
    return 'token' in stored;
  }

  /** A crash after this leaves a key in the token that no file names: it signs nothing, and its label says what it was to be. */
  async make({ name, algorithm }: Omit<KeyIdentity, 'spki'>): Promise<{ spki: Uint8Array; stored: StoredKey }> {
    const id = toHex(randomBytes(idBytes));
    const spki = await this.#token.run((session) => generate(session, { name, algorithm, id }));
    return { spki, stored: { token: { label: this.#token.label, id } } };
  }

  /** The token is not asked yet: a service can start while its token is away. */
  async open(identity: KeyIdentity, stored: StoredKey): Promise<PrivateKey> {
    const id = this.#idOf(stored, identity.name);
    return {
      sign: async (data, form) => {
        const raw = await this.#token.run((session) => signIn(session, { id, identity, data }));
        const signature = inForm(identity.algorithm, raw, form);
        // Believed only when it verifies: a wrong object under this id, or a device that errs, must not put its fault into the world.
        const { algorithm, spki, name } = identity;
        if (signature === undefined || !verifySignature({ algorithm, spki, data, signature, form })) {
          throw new TrustError('key-unavailable', `the hardware token signed with another key than ${name}`);
        }
        return signature;
      },
      ...(maySignDigests(identity) && {
        signDigest: async (hash: Uint8Array) => {
          requireDigest(hash);
          const raw = await this.#token.run((session) => signHash(session, { id, identity, hash }));
          const signature = rawToDerSignature(raw);
          const { spki, name } = identity;
          if (signature === undefined || !digestSignatureVerifies({ spki, digest: hash, signature }))
            throw new TrustError('key-unavailable', `the hardware token signed with another key than ${name}`);
          return signature;
        },
      }),
    };
  }

  async destroy(stored: StoredKey): Promise<void> {
    const id = this.#idOf(stored, 'to be destroyed');
    await this.#token.run(async (session) => {
      const { library, handle, keys } = session;
      for (const objectClass of [library.constants.CKO_PRIVATE_KEY, library.constants.CKO_PUBLIC_KEY]) {
        for (const object of find(session, { id, objectClass })) library.api.C_DestroyObject(handle, object);
      }
      keys.delete(id);
    });
  }

  #idOf(stored: StoredKey, name: string): string {
    if (!('token' in stored) || stored.token.label !== this.#token.label) {
      throw new TrustError('key-unavailable', `key ${name} is in another hardware token`);
    }
    return stored.token.id;
  }
}

interface NewKey {
  readonly name: string;
  readonly algorithm: AlgorithmName;
  readonly id: string;
}

async function generate({ library, handle }: Session, { name, algorithm, id }: NewKey): Promise<Uint8Array> {
  const { api, constants: c } = library;
  const common = [
    { type: c.CKA_TOKEN, value: true },
    { type: c.CKA_ID, value: Buffer.from(id, 'hex') },
    { type: c.CKA_LABEL, value: name },
  ];
  const isEc = algorithm === 'ES256';
  const publicPart = isEc
    ? [{ type: c.CKA_EC_PARAMS, value: Buffer.from(p256.parameters) }]
    : [
        { type: c.CKA_MODULUS_BITS, value: rsaBits },
        { type: c.CKA_PUBLIC_EXPONENT, value: Buffer.of(1, 0, 1) },
      ];
  const mechanism = { mechanism: isEc ? c.CKM_EC_KEY_PAIR_GEN : c.CKM_RSA_PKCS_KEY_PAIR_GEN };
  const pair = await api.C_GenerateKeyPairAsync(
    handle,
    mechanism,
    [...common, { type: c.CKA_VERIFY, value: true }, ...publicPart],
    [
      ...common,
      { type: c.CKA_SIGN, value: true },
      { type: c.CKA_PRIVATE, value: true },
      { type: c.CKA_SENSITIVE, value: true },
      { type: c.CKA_EXTRACTABLE, value: false },
    ],
  );
  return isEc ? ecSpki(library, handle, pair.publicKey) : rsaSpki(library, handle, pair.publicKey);
}

function ecSpki({ api, constants: c }: Pkcs11Library, session: Handle, key: Handle): Uint8Array {
  const point = attribute(api.C_GetAttributeValue(session, key, [{ type: c.CKA_EC_POINT }]));
  // A DER OCTET STRING around the uncompressed point; some devices give the point alone.
  const plain = point.length === 67 ? point.subarray(2) : point;
  if (plain.length !== 65 || plain[0] !== 4) throw new TrustError('key-unavailable', 'the token made no P-256 key');
  return concatBytes(p256.spki, plain.subarray(1));
}

function rsaSpki({ api, constants: c }: Pkcs11Library, session: Handle, key: Handle): Uint8Array {
  const read = (type: number) => attribute(api.C_GetAttributeValue(session, key, [{ type }]));
  const [n, e] = [read(c.CKA_MODULUS), read(c.CKA_PUBLIC_EXPONENT)].map(toBase64url);
  const imported = createPublicKey({ key: { kty: 'RSA', n: n ?? '', e: e ?? '' }, format: 'jwk' });
  return new Uint8Array(imported.export({ format: 'der', type: 'spki' }));
}

function attribute(found: readonly { readonly value?: unknown }[]): Uint8Array {
  const value = found[0]?.value;
  if (!(value instanceof Uint8Array)) throw new TrustError('key-unavailable', 'the token keeps a public key to itself');
  return value;
}

/** The digest is computed here: the device gets 32 bytes, whatever the size of the document. */
function signIn(
  session: Session,
  { id, identity, data }: { id: string; identity: KeyIdentity; data: Uint8Array },
): Promise<Uint8Array> {
  return signHash(session, { id, identity, hash: digest('SHA-256', data) });
}

async function signHash(
  session: Session,
  { id, identity, hash }: { id: string; identity: KeyIdentity; hash: Uint8Array },
): Promise<Uint8Array> {
  const { api, constants: c } = session.library;
  const key = privateKey(session, id);
  if (key === undefined) throw new TrustError('key-unavailable', `the hardware token has no key ${identity.name}`);
  switch (identity.algorithm) {
    case 'ES256':
      api.C_SignInit(session.handle, { mechanism: c.CKM_ECDSA }, key);
      return copyOf(await api.C_SignAsync(session.handle, Buffer.from(hash), Buffer.alloc(64)));
    case 'RS256':
      api.C_SignInit(session.handle, { mechanism: c.CKM_RSA_PKCS }, key);
      return copyOf(
        await api.C_SignAsync(session.handle, Buffer.from(concatBytes(sha256Info, hash)), Buffer.alloc(1024)),
      );
    case 'PS256': {
      const parameter = { type: c.CK_PARAMS_RSA_PSS, hashAlg: c.CKM_SHA256, mgf: c.CKG_MGF1_SHA256, saltLen: 32 };
      api.C_SignInit(session.handle, { mechanism: c.CKM_RSA_PKCS_PSS, parameter }, key);
      return copyOf(await api.C_SignAsync(session.handle, Buffer.from(hash), Buffer.alloc(1024)));
    }
    default:
      throw new TrustError('algorithm-not-supported', `no ${identity.algorithm} in a hardware token`);
  }
}

function privateKey(session: Session, id: string): Handle | undefined {
  const known = session.keys.get(id);
  if (known !== undefined) return known;
  const [found] = find(session, { id, objectClass: session.library.constants.CKO_PRIVATE_KEY });
  if (found !== undefined) session.keys.set(id, found);
  return found;
}

function find({ library, handle }: Session, { id, objectClass }: { id: string; objectClass: number }): Handle[] {
  const { api, constants: c } = library;
  api.C_FindObjectsInit(handle, [
    { type: c.CKA_CLASS, value: objectClass },
    { type: c.CKA_ID, value: Buffer.from(id, 'hex') },
  ]);
  try {
    return api.C_FindObjects(handle, 2);
  } finally {
    api.C_FindObjectsFinal(handle);
  }
}

function inForm(algorithm: AlgorithmName, raw: Uint8Array, form: SignatureForm): Uint8Array | undefined {
  return algorithm === 'ES256' && form === 'der' ? rawToDerSignature(raw) : raw;
}

function copyOf(buffer: Buffer): Uint8Array {
  return Uint8Array.from(buffer);
}

function bytes(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array();
}
