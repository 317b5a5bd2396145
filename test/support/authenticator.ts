// An authenticator in software for tests: makes passkeys and signs with them; W3C Web Authentication Level 3, sections 6.1 and 6.5, RFC 9052.

import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { encode } from 'cborg';

export interface AuthenticatorOptions {
  readonly rpId: string;
  readonly origin: string;
  /** A passkey that is kept on several devices. */
  readonly synced?: boolean;
}

/** What a test may bend, to see it refused. */
export interface Bent {
  readonly origin?: string;
  readonly rpId?: string;
  readonly userVerified?: boolean;
  readonly counter?: number;
  readonly userHandle?: string;
}

const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest();

export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #id = randomBytes(32);
  readonly #keys: { readonly privateKey: KeyObject; readonly point: Buffer };
  #counter = 0;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    const { privateKey, publicKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    this.#keys = { privateKey: createPrivateKey(privateKey), point: publicKey.subarray(-64) };
  }

  /** The answer to `navigator.credentials.create` as JSON text. */
  create({ challenge }: { readonly challenge: string }, bent: Bent = {}): string {
    const cose = encode(
      new Map<number, number | Uint8Array>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, this.#keys.point.subarray(0, 32)],
        [-3, this.#keys.point.subarray(32)],
      ]),
    );
    const idLength = Buffer.from([0, this.#id.length]);
    const attested = Buffer.concat([Buffer.alloc(16), idLength, this.#id, cose]);
    const authData = Buffer.concat([this.#data(bent, 0x40), attested]);
    return this.#answer('webauthn.create', challenge, bent, () => ({
      attestationObject: base64url(
        encode(
          new Map<string, unknown>([
            ['fmt', 'none'],
            ['attStmt', new Map()],
            ['authData', authData],
          ]),
        ),
      ),
      transports: ['internal'],
    }));
  }

  /** The answer to `navigator.credentials.get` as JSON text. */
  get({ challenge }: { readonly challenge: string }, bent: Bent = {}): string {
    this.#counter = bent.counter ?? this.#counter + 1;
    const data = this.#data(bent, 0);
    return this.#answer('webauthn.get', challenge, bent, (clientData) => ({
      authenticatorData: base64url(data),
      signature: base64url(sign('sha256', Buffer.concat([data, sha256(clientData)]), this.#keys.privateKey)),
      ...(bent.userHandle === undefined ? {} : { userHandle: bent.userHandle }),
    }));
  }

  #answer(type: string, challenge: string, bent: Bent, more: (clientData: Buffer) => object): string {
    const { origin = this.#options.origin } = bent;
    const clientData = Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
    return JSON.stringify({
      id: base64url(this.#id),
      rawId: base64url(this.#id),
      type: 'public-key',
      clientExtensionResults: {},
      response: { clientDataJSON: base64url(clientData), ...more(clientData) },
    });
  }

  /** Flags: UP 0x01, UV 0x04, BE 0x08, BS 0x10, AT 0x40. */
  #data({ rpId = this.#options.rpId, userVerified = true }: Bent, more: number): Buffer {
    const flags = 0x01 | (userVerified ? 0x04 : 0) | (this.#options.synced === true ? 0x18 : 0) | more;
    const tail = Buffer.alloc(5);
    tail.writeUInt8(flags, 0);
    tail.writeUInt32BE(this.#counter, 1);
    return Buffer.concat([sha256(rpId), tail]);
  }
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
