// The file adapter of the KeyStore port: one file a key, its private part sealed under the key-encryption key.

import type { DirectoryKeyStoreOptions } from './directory-key-store.ts';
import { DirectoryKeyStore } from './directory-key-store.ts';
import { SealedKeyVault } from './sealed-key-vault.ts';

export class FileKeyStore extends DirectoryKeyStore {
  constructor(options: DirectoryKeyStoreOptions) {
    super(options, [new SealedKeyVault(options)]);
  }
}
