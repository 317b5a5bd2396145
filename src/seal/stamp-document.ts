// One stamp on one document: what shows the seal and reserves the signature, and the key's act over it; ETSI EN 319 142-1, 5 (PAdES B-B, B-T), GM/T 0031-2025.

import { digest, sha256 } from '../crypto/digest.ts';
import type { KeyStore } from '../crypto/key-store.ts';
import type { Signer } from '../crypto/signer.ts';
import { TrustError } from '../kernel/errors.ts';
import { buildSignedData } from '../pki/cms.ts';
import type { TimestampAuthority } from '../pki/timestamp.ts';
import { type PreparedSignature, prepareSignature } from '../pdf/prepare.ts';
import { openPdf } from '../pdf/reader.ts';
import { isPdf } from './documents.ts';
import { signSes } from './ses/sign-ses.ts';
import { type PreparedOfd, prepareOfd } from './stamp-ofd.ts';
import type { AuthorisedSeal } from './stamp-policy.ts';
import type { StampOrder } from './stamp-request.ts';

export interface PreparedStamp {
  readonly source: Uint8Array;
  readonly sourceSha256: Uint8Array;
  readonly pageCount: number;
  /** What the key acts over, and the finished document. */
  act(work: Acting): Promise<Uint8Array>;
}

interface Acting {
  readonly order: StampOrder;
  readonly seal: AuthorisedSeal;
  readonly signer: Signer;
  readonly timestamps: TimestampAuthority;
}

const digestAlgorithm = 'SHA-256';
/** Signer info, attributes, signature and the framing of the certificates. */
const cmsBytes = 2048;
/** A token of ours with its chain has some 3 kB; of another authority, up to twice that. */
const timeStampBytes = 8192;

/**
 * Nothing is signed yet. Throws policy-not-supported unless document, seal and policy are of one suite; malformed-…, encrypted-pdf,
 * locked-…, unsupported-…, placement-….
 */
export function prepareStamp(input: {
  source: Uint8Array;
  order: StampOrder;
  seal: AuthorisedSeal;
  signingTime: Date;
}): PreparedStamp {
  const { source, order, seal, signingTime } = input;
  if (!seal.record.policies.includes(order.policy) || isPdf(source) !== (order.policy === 'intl')) {
    throw new TrustError(
      'policy-not-supported',
      `the policy ${order.policy} is none of this seal or this kind of document`,
    );
  }
  const sourceSha256 = sha256(source);
  if (order.policy === 'gm') {
    const ofd = prepareOfd({ source, placements: order.placements, seal, now: signingTime });
    return { source, sourceSha256, pageCount: ofd.pageCount, act: (work) => signOfd(ofd, work) };
  }
  const document = openPdf(source);
  const certificates = [seal.certificate, ...seal.chain].reduce((size, { der }) => size + der.length, 0);
  const update = prepareSignature({
    document,
    stamps: order.positions,
    picture: seal.picture,
    reason: order.purpose,
    signingTime,
    contentsSizeBytes: cmsBytes + certificates + (order.level === 'B-T' ? timeStampBytes : 0),
  });
  return { source, sourceSha256, pageCount: document.pages.length, act: (work) => signPdf(update, work) };
}

/** The key acts, and for B-T the time-stamp authority over its signature. Throws key-…, timestamp-refused. */
export async function signStamp(input: {
  stamp: PreparedStamp;
  order: StampOrder;
  seal: AuthorisedSeal;
  keys: KeyStore;
  timestamps: TimestampAuthority;
}): Promise<Uint8Array> {
  const { stamp, order, seal, keys, timestamps } = input;
  return stamp.act({ order, seal, signer: await keys.signer(seal.keyName, 'seal'), timestamps });
}

async function signOfd({ update, signingTime }: PreparedOfd, work: Acting): Promise<Uint8Array> {
  const { order, seal, signer, timestamps } = work;
  const timestamp = (signature: Uint8Array): Promise<Uint8Array> =>
    timestamps.stamp({ digestAlgorithm: 'SM3', digest: digest('SM3', signature) }, 'gm');
  const value = await signSes({
    signed: update.signed,
    path: update.path,
    sealDer: seal.sesSeal,
    signer,
    certificate: seal.certificate,
    signedAt: signingTime,
    ...(order.level === 'B-T' ? { timestamp } : {}),
  });
  return update.embed(value);
}

async function signPdf(update: PreparedSignature, { order, seal, signer, timestamps }: Acting): Promise<Uint8Array> {
  const timestamp = async (signature: Uint8Array): Promise<Uint8Array> =>
    timestamps.stamp({ digestAlgorithm, digest: digest(digestAlgorithm, signature) });
  const cms = await buildSignedData({
    contentDigest: digest(digestAlgorithm, ...update.signedParts),
    digestAlgorithm,
    signer,
    certificate: seal.certificate,
    chain: seal.chain,
    ...(order.level === 'B-T' ? { timestamp } : {}),
  });
  return update.embed(cms);
}
