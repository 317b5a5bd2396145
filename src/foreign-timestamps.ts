// The time-stamp authority of somebody else, when TSA_URL names one, and whom it must be certified by.

import type { AnchorRegister } from './authority/anchor-register.ts';
import type { Config } from './config.ts';
import type { Clock } from './kernel/clock.ts';
import { embeddedRevocation, readEmbeddedRevocation } from './pki/embedded-revocation.ts';
import { HttpTimestampAuthority } from './pki/http-timestamp.ts';
import { validatePath } from './pki/path.ts';
import type { TimestampAuthority } from './pki/timestamp.ts';

/** `undefined`: our own is used. */
export function foreignTimestamps(
  { timestampUrl: url }: Pick<Config, 'timestampUrl'>,
  { clock, anchors }: { clock: Clock; anchors: Pick<AnchorRegister, 'byPurpose' | 'lists'> },
): TimestampAuthority | undefined {
  if (url === undefined) return undefined;
  return new HttpTimestampAuthority({
    url,
    clock,
    // As verification will: a token that it would not rely on is refused before a key acts for nothing.
    doubt: async ({ signerCertificate: leaf, certificates, revocationData, genTime: at }) => {
      if (leaf === undefined || at === undefined) return 'it names no certificate';
      const [{ 'time-stamp': trusted }, crls] = await Promise.all([anchors.byPurpose(), anchors.lists()]);
      const kept = { crls, responses: [], leftOut: 0 };
      const material = { now: clock.now(), certificates };
      const { trusted: isTrusted, findings } = validatePath({
        leaf,
        intermediates: certificates,
        anchors: trusted,
        at,
        purpose: 'time-stamp',
        revocation: embeddedRevocation([kept, readEmbeddedRevocation(revocationData)], material),
      });
      return isTrusted ? undefined : (findings[0]?.detail ?? 'its certificate leads to no anchor for time stamps');
    },
  });
}
