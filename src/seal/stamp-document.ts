// One stamp on one PDF: the update that shows the seal and reserves the signature, and the key's act over it; ETSI EN 319 142-1, 5 (PAdES B-B, B-T).

import { digest, sha256 } from '../crypto/digest.ts';
import type { KeyStore } from '../crypto/key-store.ts';
import { buildSignedData } from '../pki/cms.ts';
import type { TimestampAuthority } from '../pki/timestamp.ts';
import { type PreparedSignature, prepareSignature } from '../pdf/prepare.ts';
import { openPdf } from '../pdf/reader.ts';
import type { AuthorisedSeal } from './stamp-policy.ts';
import type { StampOrder } from './stamp-request.ts';

export interface PreparedStamp {
  readonly source: Uint8Array;
  readonly sourceSha256: Uint8Array;
  readonly pageCount: number;
  readonly update: PreparedSignature;
}

const digestAlgorithm = 'SHA-256';
/** Signer info, attributes, signature and the framing of the certificates. */
const cmsBytes = 2048;
/** A token of ours with its chain has some 3 kB; of another authority, up to twice that. */
const timeStampBytes = 8192;

/** Nothing is signed yet. Throws malformed-pdf, encrypted-pdf, locked-pdf, unsupported-pdf, placement-outside-page. */
export function prepareStamp(input: {
  source: Uint8Array;
  order: StampOrder;
  seal: AuthorisedSeal;
  signingTime: Date;
}): PreparedStamp {
  const { source, order, seal, signingTime } = input;
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
  return { source, sourceSha256: sha256(source), pageCount: document.pages.length, update };
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
  const signer = await keys.signer(seal.keyName, 'seal');
  const timestamp = async (signature: Uint8Array): Promise<Uint8Array> =>
    timestamps.stamp({ digestAlgorithm, digest: digest(digestAlgorithm, signature) });
  const cms = await buildSignedData({
    contentDigest: digest(digestAlgorithm, ...stamp.update.signedParts),
    digestAlgorithm,
    signer,
    certificate: seal.certificate,
    chain: seal.chain,
    ...(order.level === 'B-T' ? { timestamp } : {}),
  });
  return stamp.update.embed(cms);
}
