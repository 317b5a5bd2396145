// The signature value of a PDF (CMS) over a digest of its signed range, and the room it takes; ETSI EN 319 142-1, 5 and 6.2.

import type { Suite } from '../authority/hierarchy.ts';
import type { DigestName } from '../crypto/algorithms.ts';
import { digest } from '../crypto/digest.ts';
import type { Signer } from '../crypto/signer.ts';
import type { Certificate } from '../pki/certificate.ts';
import { buildSignedData } from '../pki/cms.ts';
import type { TimestampAuthority } from '../pki/timestamp.ts';

/** The certificate that a seal signs under, and those above it. */
export interface Certified {
  readonly certificate: Certificate;
  readonly chain: readonly Certificate[];
}

/** Of the international suite. */
export const pdfDigestAlgorithm = 'SHA-256';
/** Of each suite. */
export const pdfDigestAlgorithms = { intl: pdfDigestAlgorithm, gm: 'SM3' } as const satisfies Record<Suite, DigestName>;
/** Signer info, attributes, signature and the framing of the certificates. */
const cmsBytes = 2048;
/** A token of ours with its chain has some 3 kB; of another authority, up to twice that. */
export const timeStampBytes = 8192;

/** Reckoned before anything is signed: a value that does not fit would cost a signature. */
export function pdfValueRoomBytes(
  { certificate, chain }: Certified,
  { timeStamped }: { timeStamped: boolean },
): number {
  const certificates = [certificate, ...chain].reduce((size, { der }) => size + der.length, 0);
  return cmsBytes + certificates + (timeStamped ? timeStampBytes : 0);
}

/** The key acts, and when asked for the time-stamp authority over its signature. Throws key-…, timestamp-refused. */
export async function pdfSignatureValue(order: {
  contentDigest: Uint8Array;
  seal: Certified;
  signer: Signer;
  /** Absent: without a time stamp. */
  timestamps?: TimestampAuthority;
  /** Of the signer's key and of the digest; default `intl`. */
  suite?: Suite;
}): Promise<Uint8Array> {
  const { contentDigest, seal, signer, timestamps, suite = 'intl' } = order;
  const digestAlgorithm = pdfDigestAlgorithms[suite];
  return buildSignedData({
    contentDigest,
    digestAlgorithm,
    signer,
    certificate: seal.certificate,
    chain: seal.chain,
    ...(timestamps === undefined
      ? {}
      : {
          timestamp: (signature) =>
            timestamps.stamp({ digestAlgorithm, digest: digest(digestAlgorithm, signature) }, suite),
        }),
  });
}
