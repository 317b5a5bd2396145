// What a verification trusts at one moment: anchors, known authorities and revocation data, gathered once a file.

import type { Authority } from '../authority/authority.ts';
import type { Certificate } from '../pki/certificate.ts';
import type { RevocationSource } from '../pki/revocation.ts';

export interface Trust {
  readonly anchors: readonly Certificate[];
  readonly revocation: RevocationSource;
  readonly now: Date;
}

export async function trustOf(authority: Authority, now: Date): Promise<Trust> {
  const [anchors, revocation] = await Promise.all([authority.anchors(), authority.revocation()]);
  return { anchors, revocation, now };
}
