// The PKCS#11 adapter of the KeyStore port: RSA and P-256 keys in a hardware token, the others sealed in files, all described in one folder.

import type { DirectoryKeyStoreOptions } from './directory-key-store.ts';
import { DirectoryKeyStore } from './directory-key-store.ts';
import { Pkcs11KeyVault } from './pkcs11-key-vault.ts';
import type { Pkcs11TokenOptions } from './pkcs11-token.ts';
import { Pkcs11Token } from './pkcs11-token.ts';
import { SealedKeyVault } from './sealed-key-vault.ts';

/** Keys that were in files before stay there and go on; a rotation moves them into the token. Throws `configuration-invalid`. */
export async function openPkcs11KeyStore(
  options: DirectoryKeyStoreOptions & { readonly token: Pkcs11TokenOptions },
): Promise<DirectoryKeyStore> {
  const token = await Pkcs11Token.open(options.token);
  return new DirectoryKeyStore(options, [new Pkcs11KeyVault({ token }), new SealedKeyVault(options)]);
}
