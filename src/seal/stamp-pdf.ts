// One stamp on one PDF: what shows the seal and reserves the signature, and the key's act over it; ETSI EN 319 142-1, 5 and 6 (PAdES B-B to B-LTA).

import type { Suite } from '../authority/hierarchy.ts';
import { digestOf } from '../crypto/digest.ts';
import type { Signer } from '../crypto/signer.ts';
import type { ByteSource } from '../pdf/byte-source.ts';
import type { FieldLock } from '../pdf/permissions.ts';
import { openPdf } from '../pdf/reader.ts';
import { type PreparedSignature, prepareSignature } from '../pdf/prepare.ts';
import type { TimestampAuthority } from '../pki/timestamp.ts';
import { pdfDigestAlgorithms, pdfSignatureValue } from './pdf-signature-value.ts';
import type { LongTerm } from './long-term/long-term.ts';
import type { AuthorisedSeal, SealKey } from './stamp-policy.ts';
import { placingPdf } from './placing/placing-pdf.ts';
import { resolvePlacements } from './placing/resolve.ts';
import type { FieldsToLock, StampOrder } from './stamp-request.ts';

export interface PreparedPdf {
  readonly pageCount: number;
  /** Places where it shows the seal. */
  readonly stampCount: number;
  readonly update: PreparedSignature;
}

/** Nothing is signed yet. Throws malformed-pdf, encrypted-pdf, locked-pdf, unsupported-pdf, placement-…, field-…, certification-not-first. */
export async function preparePdf(input: {
  source: Uint8Array | ByteSource;
  order: Pick<StampOrder, 'placements' | 'purpose' | 'level' | 'certify' | 'lock'>;
  seal: Pick<AuthorisedSeal, 'picture'>;
  signingTime: Date;
  /** Room for the signature value. */
  contentsSizeBytes: number;
}): Promise<PreparedPdf> {
  const { source, order, seal, signingTime, contentsSizeBytes } = input;
  const document = openPdf(source);
  const { places, field } = await resolvePlacements(order.placements, {
    document: placingPdf(document, source),
    size: seal.picture,
  });
  const update = prepareSignature({
    document,
    stamps: places,
    ...(field === undefined ? {} : { existingField: field }),
    picture: seal.picture,
    reason: order.purpose,
    signingTime,
    certify: mdpLevels[order.certify],
    lock: fieldLockOf(order.lock),
    timestamped: order.level !== 'B-B',
    contentsSizeBytes,
  });
  const stampCount = places.length + (field === undefined ? 0 : 1);
  return { pageCount: document.pages.length, stampCount, update };
}

/** ISO 32000-2, table 257. */
export const mdpLevels = { none: undefined, 'no-changes': 1, forms: 2, annotations: 3 } as const;

function fieldLockOf(lock: FieldsToLock): FieldLock | undefined {
  if (lock === 'none') return undefined;
  if (lock === 'all') return { action: 'All', fields: [] };
  return 'include' in lock ? { action: 'Include', fields: lock.include } : { action: 'Exclude', fields: lock.exclude };
}

/** The finished file. Throws key-…, timestamp-refused, revocation-data-missing. */
export async function signPdf({ update }: PreparedPdf, work: PdfSigning): Promise<Uint8Array> {
  const { order, longTerm } = work;
  const suite = order.policy === 'gm' ? 'gm' : 'intl';
  const signed = update.embed(await signatureOver(update, { ...work, suite }));
  return longTerm.raised(signed, { level: order.level, fieldNames: [update.fieldName], suite });
}

/** The key acts, for all levels but B-B with a time stamp. */
export async function signatureOver(
  { signedParts }: Pick<PreparedSignature, 'signedParts'>,
  work: { order: StampOrder; seal: SealKey; signer: Signer; timestamps: TimestampAuthority; suite: Suite },
): Promise<Uint8Array> {
  const { order, seal, signer, timestamps, suite } = work;
  return pdfSignatureValue({
    contentDigest: digestOf(pdfDigestAlgorithms[suite], signedParts),
    seal,
    signer,
    suite,
    ...(order.level === 'B-B' ? {} : { timestamps }),
  });
}

interface PdfSigning {
  readonly order: StampOrder;
  readonly seal: AuthorisedSeal;
  readonly signer: Signer;
  readonly timestamps: TimestampAuthority;
  readonly longTerm: LongTerm;
}
