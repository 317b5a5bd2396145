// The PKCS#11 library of a hardware token, loaded once a process through one binding; OASIS PKCS #11 v2.40 (base), sections 5.4 to 5.6.

import type { PKCS11 } from 'pkcs11js';
import { TrustError } from '../kernel/errors.ts';

export type Binding = typeof import('pkcs11js');
export type Handle = Buffer;

/** After these nothing that this process knew of the token holds any more: sessions, log-in, handles of objects. */
const lostCodes = new Set([
  0x05, // CKR_GENERAL_ERROR
  0x06, // CKR_FUNCTION_FAILED
  0x30, // CKR_DEVICE_ERROR
  0x32, // CKR_DEVICE_REMOVED
  0x60, // CKR_KEY_HANDLE_INVALID
  0x82, // CKR_OBJECT_HANDLE_INVALID
  0xb0, // CKR_SESSION_CLOSED
  0xb3, // CKR_SESSION_HANDLE_INVALID
  0xe0, // CKR_TOKEN_NOT_PRESENT
  0xe1, // CKR_TOKEN_NOT_RECOGNIZED
  0x101, // CKR_USER_NOT_LOGGED_IN
  0x190, // CKR_CRYPTOKI_NOT_INITIALIZED
]);

const pinCodes = new Set([0xa0, 0xa1, 0xa2, 0xa3, 0xa4]); // CKR_PIN_INCORRECT … CKR_PIN_LOCKED

export function tokenIsLost(error: unknown): boolean {
  return lostCodes.has(codeOf(error));
}

export function pinIsRefused(error: unknown): boolean {
  return pinCodes.has(codeOf(error));
}

export function sessionsAreUsedUp(error: unknown): boolean {
  return codeOf(error) === 0xb1; // CKR_SESSION_COUNT
}

/** The CKR_ name, which says nothing of keys or PINs. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && /^CKR_[A-Z0-9_]+$/.test(error.message) ? error.message : 'the call failed';
}

function codeOf(error: unknown): number {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : -1;
}

const hint = 'npm rebuild pkcs11js --ignore-scripts=false';

let binding: Promise<Binding> | undefined;

function loadBinding(): Promise<Binding> {
  binding ??= import('pkcs11js').then(
    (module: { default: Binding }) => module.default,
    () => {
      throw new TrustError(
        'configuration-invalid',
        `KEY_STORE=pkcs11 needs the package pkcs11js, compiled on this machine: ${hint}`,
      );
    },
  );
  return binding;
}

export class Pkcs11Library {
  readonly api: PKCS11;
  readonly constants: Binding;
  readonly #path: string;
  #initialised = false;

  private constructor(path: string, { api, constants }: { api: PKCS11; constants: Binding }) {
    this.#path = path;
    this.api = api;
    this.constants = constants;
  }

  /** Throws `configuration-invalid`. */
  static async load(path: string): Promise<Pkcs11Library> {
    const constants = await loadBinding();
    const api = new constants.PKCS11();
    try {
      api.load(path);
    } catch (error) {
      throw new TrustError('configuration-invalid', `${path} is not a PKCS#11 library that can be loaded`, {
        cause: error,
      });
    }
    return new Pkcs11Library(path, { api, constants });
  }

  get path(): string {
    return this.#path;
  }

  /** No call may be in flight: the library forgets everything, and looks for its tokens anew. */
  restart(): void {
    this.stop();
    // Without the flag the library takes no locks, and calls from the thread pool end in a segmentation fault.
    this.api.C_Initialize({ flags: this.constants.CKF_OS_LOCKING_OK });
    this.#initialised = true;
  }

  stop(): void {
    if (!this.#initialised) return;
    this.#initialised = false;
    try {
      this.api.C_Finalize();
    } catch {
      // a library that has lost its token may refuse even this; the next C_Initialize decides
    }
  }
}
