// Copies of our CA certificates as PEM files in certs/, for people and tools; the database is what counts.

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Authority } from './authority/authority.ts';
import { toBase64, toHex } from './kernel/bytes.ts';
import { randomBytes } from './kernel/clock.ts';

export async function mirrorCertificates(authority: Authority, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const links = await authority.links();
  for (const name of [...(await authority.issuers()), ...links.map((link) => link.name)]) {
    const lines = toBase64(await authority.caCertificate(name)).match(/.{1,64}/g) ?? [];
    const pem = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
    const path = join(directory, `${name}.pem`);
    if ((await readFile(path, 'utf8').catch(() => '')) === pem) continue;
    // A name of its own: two containers that share the folder both run as process 1.
    const draft = `${path}.${toHex(randomBytes(8))}`;
    await writeFile(draft, pem);
    await rename(draft, path); // whole or not at all, also for a reader in between
  }
}
