// Files of certificates, CRLs and OCSP responses by path: one file, or every file of a folder whose name says that it is one.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TrustError } from './kernel/errors.ts';

export interface NamedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const endings = {
  certificates: /\.(pem|crt|cer|der)$/i,
  crls: /\.(crl|pem|der)$/i,
  responses: /\.(ors|der)$/i, // RFC 6960, C.2
} as const;

/** A list of a million revocations has 40 MB. */
const maxFileBytes = 64 * 1024 * 1024;
const maxFiles = 2000;

/** In the order of their names. A file named itself may be called anything. Throws `malformed-request` when there is no such path. */
export function filesOf(path: string, kind: keyof typeof endings): NamedFile[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new TrustError('malformed-request', `there is no ${path}`);
  if (!found.isDirectory()) return [readNamed(path)];
  const names = readdirSync(path).filter((name) => endings[kind].test(name));
  if (names.length > maxFiles) throw new TrustError('malformed-request', `${path} has ${names.length} files`);
  return names.sort().map((name) => readNamed(join(path, name)));
}

function readNamed(path: string): NamedFile {
  const { size } = statSync(path);
  if (size > maxFileBytes) throw new TrustError('malformed-request', `${path} is too long`);
  return { path, bytes: Uint8Array.from(readFileSync(path)) };
}
