// At each start the audit log is told which settings are in force, if they differ from the last time: by a digest, without the secret ones.

import { sha256 } from './crypto/digest.ts';
import { toBase64url, utf8 } from './kernel/bytes.ts';
import { house } from './kernel/principal.ts';
import type { Services } from './services.ts';

const objectId = 'configuration';
/** Keys, passwords, and addresses that may hold one. */
const secret = new Set(['keyEncryptionKey', 'databaseUrl', 'pin']);

/** Of two nodes that start at once both may say it. Throws what the log throws. */
export async function recordConfiguration({ audit, config }: Pick<Services, 'audit' | 'config'>): Promise<void> {
  const objectSha256 = configurationDigest(config);
  const { items } = await audit.entries({ action: 'configuration.changed', objectId, limit: 1 });
  if (items[0]?.objectSha256 === toBase64url(objectSha256)) return;
  const facts = { what: 'settings', kind: config.mode };
  await audit.append(house, { action: 'configuration.changed', outcome: 'done', objectId, objectSha256, facts });
}

/** Over the settings in the order of their names; one that is added later changes the digest once. */
export function configurationDigest(config: object): Uint8Array {
  return sha256(utf8(JSON.stringify(publicOf(config))));
}

function publicOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.entries(value)
    .filter(([name]) => !secret.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => [name, publicOf(inner)]);
}
