// One stamp on one PDF in both suites: an SM2 signature that shows nothing, then a P-256 signature that shows the seal; ETSI EN 319 142-1, 5 and 6.

import type { Signer } from '../crypto/signer.ts';
import { TrustError } from '../kernel/errors.ts';
import { openPdf } from '../pdf/reader.ts';
import { type PreparedSignature, prepareSignature } from '../pdf/prepare.ts';
import type { TimestampAuthority } from '../pki/timestamp.ts';
import type { LongTerm } from './long-term/long-term.ts';
import { pdfValueRoomBytes } from './pdf-signature-value.ts';
import { mdpLevels, type PreparedPdf, preparePdf, signatureOver } from './stamp-pdf.ts';
import type { AuthorisedSeal } from './stamp-policy.ts';
import type { StampOrder } from './stamp-request.ts';

export interface PreparedDual {
  readonly pageCount: number;
  /** SM2. Readers that do not know SM2 show the last signature as good, and its picture can be clicked. */
  readonly first: PreparedSignature;
  /** P-256, over the file with the first. */
  readonly second: (signed: Uint8Array) => Promise<PreparedPdf>;
}

interface DualStamp {
  readonly source: Uint8Array;
  readonly order: StampOrder;
  readonly seal: AuthorisedSeal;
  readonly signingTime: Date;
}

/** Nothing is signed yet, and what speaks against either signature is told. Throws as `preparePdf` does, policy-not-supported. */
export async function prepareDual({ source, order, seal, signingTime }: DualStamp): Promise<PreparedDual> {
  const timeStamped = order.level !== 'B-B';
  const { second: secondKey } = seal;
  if (secondKey === undefined) throw new TrustError('policy-not-supported', 'the seal has one key only');
  const visible = (file: Uint8Array) =>
    preparePdf({
      source: file,
      order: { ...order, certify: 'none' },
      seal,
      signingTime,
      contentsSizeBytes: pdfValueRoomBytes(secondKey, { timeStamped }),
    });
  const { pageCount, update, stampCount } = await visible(source);
  if (order.certify === 'no-changes' || (order.certify === 'forms' && stampCount > 1))
    throw new TrustError('locked-pdf', `the first of two signatures would forbid the second, ${update.fieldName}`);
  const first = prepareSignature({
    document: openPdf(source),
    stamps: [],
    picture: seal.picture,
    reason: order.purpose,
    signingTime,
    certify: mdpLevels[order.certify],
    timestamped: timeStamped,
    contentsSizeBytes: pdfValueRoomBytes(seal, { timeStamped }),
  });
  return { pageCount, first, second: visible };
}

/** Both signatures or none: nothing leaves before the second stands. Throws key-…, timestamp-refused, revocation-data-missing. */
export async function signDual({ first, second }: PreparedDual, work: DualSigning): Promise<Uint8Array> {
  const { order, seal, signer, secondSigner, longTerm } = work;
  if (seal.second === undefined || secondSigner === undefined)
    throw new TrustError('policy-not-supported', 'the seal has one key only');
  const once = first.embed(await signatureOver(first, { ...work, suite: 'gm', signer }));
  const { update } = await second(once);
  const last = { ...work, seal: seal.second, signer: secondSigner, suite: 'intl' } as const;
  const twice = update.embed(await signatureOver(update, last));
  const fieldNames = [first.fieldName, update.fieldName];
  return longTerm.raised(twice, { level: order.level, fieldNames, suite: 'intl' });
}

interface DualSigning {
  readonly order: StampOrder;
  readonly seal: AuthorisedSeal;
  readonly signer: Signer;
  readonly secondSigner: Signer | undefined;
  readonly timestamps: TimestampAuthority;
  readonly longTerm: LongTerm;
}
