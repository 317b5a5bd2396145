// What a judge of documents trusts in tests without a database: a root for everything, no certificate revoked, no seal in the register.

import type { Authority } from '../../src/authority/authority.ts';
import { frozenClock } from '../../src/kernel/clock.ts';
import type { TrustAnchors } from '../../src/pki/trust-anchor.ts';
import type { SealRegister } from '../../src/seal/seals.ts';
import type { DocumentJudgeOptions } from '../../src/verification/pdf-judge.ts';
import { allGood, at, type SandboxPki } from '../unit/pki/sandbox-pki.ts';

export interface TestTrust {
  readonly now?: Date;
  readonly anchors?: Partial<TrustAnchors>;
}

export function judgeOptions(pki: SandboxPki, { now = at, anchors = {} }: TestTrust = {}): DocumentJudgeOptions {
  const roots = [pki.root.certificate];
  const all: TrustAnchors = { seal: roots, 'time-stamp': roots, licence: roots, 'seal-maker': roots, ...anchors };
  const authority = {
    authorities: async () => [],
    intermediates: async () => [pki.ca.certificate],
    foreignAnchors: { byPurpose: async () => all, lists: async () => [] },
    revocation: async () => ({ ...allGood, ownAnswer: () => ({ status: 'good' }) }),
  };
  const seals = { byCertificate: async () => undefined };
  return {
    authority: authority as unknown as Authority,
    seals: seals as unknown as SealRegister,
    clock: frozenClock(now),
  };
}
