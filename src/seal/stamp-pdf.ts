// One stamp on one PDF: what shows the seal and reserves the signature, and the key's act over it; ETSI EN 319 142-1, 5 (PAdES B-B, B-T).

import { digest, digestOf } from '../crypto/digest.ts';
import type { Signer } from '../crypto/signer.ts';
import { openPdf } from '../pdf/reader.ts';
import { type PreparedSignature, prepareSignature } from '../pdf/prepare.ts';
import { buildSignedData } from '../pki/cms.ts';
import type { TimestampAuthority } from '../pki/timestamp.ts';
import type { AuthorisedSeal } from './stamp-policy.ts';
import { positionOf, type StampOrder } from './stamp-request.ts';

export interface PreparedPdf {
  readonly pageCount: number;
  readonly update: PreparedSignature;
}

const digestAlgorithm = 'SHA-256';
/** Signer info, attributes, signature and the framing of the certificates. */
const cmsBytes = 2048;
/** A token of ours with its chain has some 3 kB; of another authority, up to twice that. */
const timeStampBytes = 8192;

/** Nothing is signed yet. Throws malformed-pdf, encrypted-pdf, locked-pdf, unsupported-pdf, placement-…. */
export function preparePdf(input: {
  source: Uint8Array;
  order: StampOrder;
  seal: AuthorisedSeal;
  signingTime: Date;
}): PreparedPdf {
  const { source, order, seal, signingTime } = input;
  const document = openPdf(source);
  const certificates = [seal.certificate, ...seal.chain].reduce((size, { der }) => size + der.length, 0);
  const update = prepareSignature({
    document,
    stamps: order.placements.map(positionOf),
    picture: seal.picture,
    reason: order.purpose,
    signingTime,
    contentsSizeBytes: cmsBytes + certificates + (order.level === 'B-T' ? timeStampBytes : 0),
  });
  return { pageCount: document.pages.length, update };
}

/** The finished file. Throws key-…, timestamp-refused. */
export async function signPdf(
  { update }: PreparedPdf,
  { order, seal, signer, timestamps }: PdfSigning,
): Promise<Uint8Array> {
  const timestamp = async (signature: Uint8Array): Promise<Uint8Array> =>
    timestamps.stamp({ digestAlgorithm, digest: digest(digestAlgorithm, signature) });
  const cms = await buildSignedData({
    contentDigest: digestOf(digestAlgorithm, update.signedParts),
    digestAlgorithm,
    signer,
    certificate: seal.certificate,
    chain: seal.chain,
    ...(order.level === 'B-T' ? { timestamp } : {}),
  });
  return update.embed(cms);
}

interface PdfSigning {
  readonly order: StampOrder;
  readonly seal: AuthorisedSeal;
  readonly signer: Signer;
  readonly timestamps: TimestampAuthority;
}
