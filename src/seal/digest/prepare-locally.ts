// The caller's side of a stamping by digest: the document is prepared where it is, its digest taken, and the value put in; what an upload becomes.

import { digest, digestOf } from '../../crypto/digest.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { ByteSource } from '../../pdf/byte-source.ts';
import { pdfDigestAlgorithms } from '../pdf-signature-value.ts';
import { decodeFace } from '../picture/face.ts';
import { prepareOfd } from '../stamp-ofd.ts';
import { preparePdf } from '../stamp-pdf.ts';
import type { Placement } from '../stamp-request.ts';
import type { DigestOrder, ToSign } from './digest-order.ts';
import type { DigestPreparation } from './digest-stamping.ts';

export interface LocalStamp {
  /** What the seal is to sign. */
  readonly signed: ToSign;
  /** The product is this much of the source as it is, then `behind`. Throws product-not-verified when the value does not fit. */
  finish(value: Uint8Array): { readonly keptBytes: number; readonly behind: Uint8Array };
}

export interface LocalWork {
  readonly source: ByteSource;
  readonly placements: readonly Placement[];
  readonly order: Pick<DigestOrder, 'mediaType' | 'purpose' | 'policy' | 'level'>;
  readonly preparation: Pick<
    DigestPreparation,
    'signingTime' | 'contentsSizeBytes' | 'face' | 'sesSeal' | 'widthMm' | 'heightMm'
  >;
}

/**
 * An OFD is read into memory, a PDF is not. Throws malformed-…, encrypted-pdf, locked-…, unsupported-…, placement-…, seam-…, keyword-….
 */
export async function prepareLocally(work: LocalWork): Promise<LocalStamp> {
  return work.order.mediaType === 'application/pdf' ? localPdf(work) : localOfd(work);
}

async function localPdf({ source, placements, order, preparation }: LocalWork): Promise<LocalStamp> {
  const { signingTime, contentsSizeBytes, face } = preparation;
  const picture = decodeFace(face);
  const { update } = await preparePdf({
    source,
    order: { ...order, placements, certify: 'none', lock: 'none' },
    seal: { picture },
    signingTime,
    contentsSizeBytes,
  });
  return {
    signed: { digest: digestOf(pdfDigestAlgorithms[order.policy], update.signedParts), path: undefined },
    finish: (value) => ({ keptBytes: source.length, behind: update.tail(value) }),
  };
}

async function localOfd({ source, placements, preparation }: LocalWork): Promise<LocalStamp> {
  const { widthMm, heightMm, sesSeal, signingTime } = preparation;
  const { update } = await prepareOfd({
    source: wholeOf(source),
    placements,
    seal: { record: { widthMm, heightMm }, sesSeal },
    now: signingTime,
  });
  return {
    signed: { digest: digest('SM3', update.signed), path: update.path },
    finish: (value) => ({ keptBytes: 0, behind: update.embed(value) }),
  };
}

const maxOfdBytes = 256 * 1024 * 1024;

function wholeOf(source: ByteSource): Uint8Array {
  if (source.length > maxOfdBytes)
    throw new TrustError('unsupported-ofd', `an OFD of more than ${maxOfdBytes} bytes is not read`);
  return Buffer.concat([...source.parts(0, source.length)]);
}
