// What a judge of documents trusts in tests without a database: a root for everything, one certificate revoked at most, no seal in the register.

import type { Authority } from '../../src/authority/authority.ts';
import { frozenClock } from '../../src/kernel/clock.ts';
import type { Certificate } from '../../src/pki/certificate.ts';
import type { RevocationAnswer } from '../../src/pki/revocation.ts';
import type { TrustAnchors } from '../../src/pki/trust-anchor.ts';
import type { SealRegister } from '../../src/seal/seals.ts';
import type { DocumentJudgeOptions } from '../../src/verification/pdf-judge.ts';
import { at, type SandboxPki } from '../unit/pki/sandbox-pki.ts';

export interface TestTrust {
  readonly now?: Date;
  readonly anchors?: Partial<TrustAnchors>;
  readonly revoked?: { readonly certificate: Certificate; readonly at: Date };
}

export function judgeOptions(
  pki: SandboxPki,
  { now = at, anchors = {}, revoked }: TestTrust = {},
): DocumentJudgeOptions {
  const roots = [pki.root.certificate];
  const all: TrustAnchors = { seal: roots, 'time-stamp': roots, licence: roots, 'seal-maker': roots, ...anchors };
  const ownAnswer = (certificate: Certificate): RevocationAnswer =>
    certificate.serialHex === revoked?.certificate.serialHex
      ? { status: 'revoked', revokedAt: revoked.at, reason: 'keyCompromise' }
      : { status: 'good' };
  const authority = {
    authorities: async () => [],
    intermediates: async () => [pki.ca.certificate],
    foreignAnchors: { byPurpose: async () => all, lists: async () => [] },
    revocation: async () => ({ check: ownAnswer, ownAnswer }),
  };
  const seals = { byCertificate: async () => undefined };
  return {
    authority: authority as unknown as Authority,
    seals: seals as unknown as SealRegister,
    clock: frozenClock(now),
  };
}
