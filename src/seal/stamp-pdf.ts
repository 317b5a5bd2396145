// One stamp on one PDF: what shows the seal and reserves the signature, and the key's act over it; ETSI EN 319 142-1, 5 (PAdES B-B, B-T).

import { digestOf } from '../crypto/digest.ts';
import type { Signer } from '../crypto/signer.ts';
import { openPdf } from '../pdf/reader.ts';
import { type PreparedSignature, prepareSignature } from '../pdf/prepare.ts';
import type { TimestampAuthority } from '../pki/timestamp.ts';
import { pdfDigestAlgorithm, pdfSignatureValue, pdfValueRoomBytes } from './pdf-signature-value.ts';
import type { AuthorisedSeal } from './stamp-policy.ts';
import { positionOf, type StampOrder } from './stamp-request.ts';

export interface PreparedPdf {
  readonly pageCount: number;
  readonly update: PreparedSignature;
}

/** Nothing is signed yet. Throws malformed-pdf, encrypted-pdf, locked-pdf, unsupported-pdf, placement-…. */
export function preparePdf(input: {
  source: Uint8Array;
  order: StampOrder;
  seal: AuthorisedSeal;
  signingTime: Date;
}): PreparedPdf {
  const { source, order, seal, signingTime } = input;
  const document = openPdf(source);
  const update = prepareSignature({
    document,
    stamps: order.placements.map(positionOf),
    picture: seal.picture,
    reason: order.purpose,
    signingTime,
    contentsSizeBytes: pdfValueRoomBytes(seal, { timeStamped: order.level === 'B-T' }),
  });
  return { pageCount: document.pages.length, update };
}

/** The finished file. Throws key-…, timestamp-refused. */
export async function signPdf(
  { update }: PreparedPdf,
  { order, seal, signer, timestamps }: PdfSigning,
): Promise<Uint8Array> {
  const value = await pdfSignatureValue({
    contentDigest: digestOf(pdfDigestAlgorithm, update.signedParts),
    seal,
    signer,
    ...(order.level === 'B-T' ? { timestamps } : {}),
  });
  return update.embed(value);
}

interface PdfSigning {
  readonly order: StampOrder;
  readonly seal: AuthorisedSeal;
  readonly signer: Signer;
  readonly timestamps: TimestampAuthority;
}
