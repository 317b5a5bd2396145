// The key store that the settings ask for, and what an operator should be told about it at start.

import type { Config } from './config.ts';
import { FileKeyStore } from './crypto/file-key-store.ts';
import type { KeyKeeping } from './crypto/key-store.ts';
import { openPkcs11KeyStore } from './crypto/pkcs11-key-store.ts';
import type { Clock } from './kernel/clock.ts';
import type { Log } from './kernel/log.ts';

/** Throws `configuration-invalid`: no binding, no such module, no such token, wrong PIN. */
export async function openKeyStore(config: Config, { clock, log }: { clock: Clock; log: Log }): Promise<KeyKeeping> {
  const { keysDirectory: directory, keyEncryptionKey, pkcs11 } = config;
  const options = { directory, keyEncryptionKey, clock };
  const keys =
    pkcs11 === undefined
      ? new FileKeyStore(options)
      : await openPkcs11KeyStore({ ...options, token: { ...pkcs11, log } });
  for (const warning of await keys.warnings()) log.warn({ warning }, 'the key store is open to others');
  return keys;
}
