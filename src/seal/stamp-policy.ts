// Whether a seal may sign now: its state and validity, its certificate, and the seal itself as its maker signed it; GM/T 0031-2025, 6.2.1 a to c.

import type { Authority } from '../authority/authority.ts';
import { anchorsAmong } from '../authority/own-anchors.ts';
import type { VectorPicture } from '../codec/picture.ts';
import { sha256 } from '../crypto/digest.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Finding, Verdict } from '../kernel/report.ts';
import type { Certificate } from '../pki/certificate.ts';
import { validatePath } from '../pki/path.ts';
import { decodeFace } from './picture/face.ts';
import type { FurtherKey, SigningPolicy } from './seal-record.ts';
import { requireInUse, type SealForUse } from './seals.ts';
import { checkSeal, makerCertificateOf } from './ses/check-seal.ts';

/** A key of a seal that may act, with what it is certified by. */
export interface SealKey extends FurtherKey {
  readonly certificate: Certificate;
  readonly chain: readonly Certificate[];
}

/** Its own key, certificate and chain are those that sign first. */
export interface AuthorisedSeal extends SealForUse, SealKey {
  readonly picture: VectorPicture;
  /** Signs after it, under the policy `dual`. */
  readonly second: SealKey | undefined;
}

/**
 * `policy` says which keys of a seal of both suites will act; without one it is the key that its SES seal was made for. Throws
 * seal-not-active (details.reason) and seal-expired. An expired certificate is met here, not by the reader of the file.
 */
export async function authoriseSeal(input: {
  seal: SealForUse;
  policy?: SigningPolicy;
  authority: Authority;
  at: Date;
}): Promise<AuthorisedSeal> {
  const { seal, policy, authority, at } = input;
  requireInUse(seal.record, at);
  const { further } = seal;
  const [first, second] = await Promise.all([
    authoriseKey(policy === 'intl' && further !== undefined ? further : seal, input),
    policy === 'dual' && further !== undefined ? authoriseKey(further, { seal, authority, at }) : undefined,
  ]);
  return { ...seal, ...first, second, picture: pictureOf(seal.face) };
}

/** Faces of seals that are known to this process are the same objects at every use (seal-forms.ts). */
const pictures = new WeakMap<Uint8Array, VectorPicture>();

function pictureOf(face: Uint8Array): VectorPicture {
  const picture = pictures.get(face) ?? decodeFace(face);
  pictures.set(face, picture);
  return picture;
}

async function authoriseKey(
  { keyName, certificateSha256 }: FurtherKey,
  { seal, authority, at }: { seal: SealForUse; authority: Authority; at: Date },
): Promise<SealKey> {
  // Asked at the same moment, and so of the same state of the register.
  const [{ certificate, chain }, own, intermediates] = await Promise.all([
    authority.certificateOf(keyName),
    authority.authorities(),
    authority.intermediates(),
  ]);
  if (!equalBytes(sha256(certificate.der), certificateSha256)) {
    throw unusable('seal-certificate-not-listed', 'the key has another certificate than the seal was made for');
  }
  const anchors = anchorsAmong(own);
  const maker = makerCertificateOf(seal.sesSeal);
  const asked = [certificate, ...chain, ...maker, ...intermediates, ...anchors];
  const revocation = await authority.revocation(asked, undefined, own);
  const path = validatePath({ leaf: certificate, intermediates: chain, anchors, at, purpose: 'seal', revocation });
  if (!path.trusted) {
    await requireNoneOnHold(authority, [certificate, ...chain], at);
    throw untrusted(path.verdict, path.findings);
  }
  const [fault] = checkSeal({
    sesSeal: seal.sesSeal,
    face: seal.face,
    sealCode: seal.record.sealCode,
    signerCertificate: certificate.der,
    at,
    anchors,
    intermediates,
    revocation,
  });
  if (fault !== undefined) throw unusable(fault.code, fault.detail);
  return { keyName, certificateSha256, certificate, chain };
}

/** A certificate on hold is no revoked one: the seal may stamp again when it is resumed. */
async function requireNoneOnHold(authority: Authority, chain: readonly Certificate[], at: Date): Promise<void> {
  for (const [place, { serialHex }] of chain.entries()) {
    const answer = await authority.statusAt(serialHex, at);
    if (answer.status !== 'revoked' || answer.reason !== 'certificateHold') continue;
    const whose = place === 0 ? 'its certificate' : 'the certificate of its authority';
    throw unusable('certificate-on-hold', `${whose} is suspended since ${answer.revokedAt.toISOString()}`);
  }
}

function untrusted(verdict: Verdict, findings: readonly Finding[]): TrustError {
  const detail = findings[0]?.detail ?? 'its certificate leads to no anchor';
  if (verdict.subIndication === 'EXPIRED')
    return new TrustError('seal-expired', 'the certificate of the seal has expired');
  return unusable(findings[0]?.code ?? 'seal-certificate-not-trusted', detail);
}

function unusable(reason: string, detail: string): TrustError {
  return new TrustError('seal-not-active', `the seal may not act: ${detail}`, { details: { reason } });
}
