// The time-stamp authority of somebody else, when TSA_URL names one, and whom it must be certified by.

import { join } from 'node:path';
import type { Config } from './config.ts';
import type { Clock } from './kernel/clock.ts';
import { HttpTimestampAuthority } from './pki/http-timestamp.ts';
import { validatePath } from './pki/path.ts';
import type { RevocationSource } from './pki/revocation.ts';
import type { TimestampAuthority } from './pki/timestamp.ts';
import { readAnchors } from './trust-anchors.ts';

/** `undefined`: our own is used. Throws `configuration-invalid` for anchors that cannot be read. */
export function foreignTimestamps(config: Config, clock: Clock): TimestampAuthority | undefined {
  const { timestampUrl: url, certsDirectory } = config;
  if (url === undefined) return undefined;
  const anchors = readAnchors(join(certsDirectory, 'anchors'))['time-stamp'];
  return new HttpTimestampAuthority({
    url,
    clock,
    isTrusted: (leaf, intermediates, at) =>
      validatePath({ leaf, intermediates, anchors, at, purpose: 'time-stamp', revocation: notAskedNow }).trusted,
  });
}

/** Whether the authority's certificate was revoked is for those who verify the seal later: they must ask then in any case. */
const notAskedNow: RevocationSource = { check: () => ({ status: 'good' }) };
