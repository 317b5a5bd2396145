// The time-stamp authority of somebody else, when TSA_URL names one, and whom it must be certified by.

import type { AnchorRegister } from './authority/anchor-register.ts';
import type { Config } from './config.ts';
import type { Clock } from './kernel/clock.ts';
import { HttpTimestampAuthority } from './pki/http-timestamp.ts';
import { validatePath } from './pki/path.ts';
import type { RevocationSource } from './pki/revocation.ts';
import type { TimestampAuthority } from './pki/timestamp.ts';

/** `undefined`: our own is used. */
export function foreignTimestamps(
  { timestampUrl: url }: Config,
  { clock, anchors }: { clock: Clock; anchors: AnchorRegister },
): TimestampAuthority | undefined {
  if (url === undefined) return undefined;
  return new HttpTimestampAuthority({
    url,
    clock,
    isTrusted: async (leaf, intermediates, at) => {
      const { 'time-stamp': trusted } = await anchors.byPurpose();
      const request = {
        leaf,
        intermediates,
        anchors: trusted,
        at,
        purpose: 'time-stamp',
        revocation: notAskedNow,
      } as const;
      return validatePath(request).trusted;
    },
  });
}

/** Whether the authority's certificate was revoked is for those who verify the seal later: they must ask then in any case. */
const notAskedNow: RevocationSource = { check: () => ({ status: 'good' }) };
