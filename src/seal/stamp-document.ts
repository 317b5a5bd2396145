// One stamp on one document of either kind: prepared before the intent, signed after it; GM/T 0031-2025, ETSI EN 319 142-1.

import { sha256 } from '../crypto/digest.ts';
import type { KeyStore } from '../crypto/key-store.ts';
import type { Signer } from '../crypto/signer.ts';
import { TrustError } from '../kernel/errors.ts';
import type { TimestampAuthority } from '../pki/timestamp.ts';
import { isPdf } from './documents.ts';
import type { LongTerm } from './long-term/long-term.ts';
import { pdfValueRoomBytes } from './pdf-signature-value.ts';
import { prepareOfd, signOfd } from './stamp-ofd.ts';
import { preparePdf, signPdf } from './stamp-pdf.ts';
import { prepareDual, signDual } from './stamp-pdf-dual.ts';
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
  /** Of the seal's second key, under the policy `dual`. */
  readonly secondSigner: Signer | undefined;
  readonly timestamps: TimestampAuthority;
  readonly longTerm: LongTerm;
}

/**
 * Nothing is signed yet. Throws policy-not-supported unless the seal has the policy and the document is one for it, level-not-supported; malformed-…, encrypted-pdf,
 * locked-…, unsupported-…, placement-….
 */
export async function prepareStamp(input: {
  source: Uint8Array;
  order: StampOrder;
  seal: AuthorisedSeal;
  signingTime: Date;
}): Promise<PreparedStamp> {
  const { source, order, seal, signingTime } = input;
  if (!seal.record.policies.includes(order.policy) || (!isPdf(source) && order.policy !== 'gm')) {
    throw new TrustError(
      'policy-not-supported',
      `the policy ${order.policy} is none of this seal or this kind of document`,
    );
  }
  const sourceSha256 = sha256(source);
  if (!isPdf(source)) {
    if (order.level !== 'B-B' && order.level !== 'B-T')
      throw new TrustError('level-not-supported', `an OFD has no level ${order.level}`);
    const { placements, form, certify, lock } = order;
    if ((certify !== 'none' && certify !== 'no-changes') || lock !== 'none')
      throw new TrustError('malformed-request', 'an OFD allows all that follows, or nothing');
    const last = certify === 'no-changes';
    const ofd = await prepareOfd({ source, placements, seal, now: signingTime, form, last });
    return { source, sourceSha256, pageCount: ofd.pageCount, act: (work) => signOfd(ofd, work) };
  }
  if (order.form !== 'seal') throw new TrustError('malformed-request', 'a signature that shows no seal is for OFD');
  if (order.policy === 'dual') {
    const dual = await prepareDual({ source, order, seal, signingTime });
    return { source, sourceSha256, pageCount: dual.pageCount, act: (work) => signDual(dual, work) };
  }
  const pdf = await preparePdf({
    source,
    order,
    seal,
    signingTime,
    contentsSizeBytes: pdfValueRoomBytes(seal, { timeStamped: order.level !== 'B-B' }),
  });
  return { source, sourceSha256, pageCount: pdf.pageCount, act: (work) => signPdf(pdf, work) };
}

/** The key acts, then whoever else the level asks for. Throws key-…, timestamp-refused, revocation-data-missing. */
export async function signStamp(input: {
  stamp: PreparedStamp;
  order: StampOrder;
  seal: AuthorisedSeal;
  keys: KeyStore;
  timestamps: TimestampAuthority;
  longTerm: LongTerm;
}): Promise<Uint8Array> {
  const { stamp, order, seal, keys, timestamps, longTerm } = input;
  const signer = await keys.signer(seal.keyName, 'seal');
  const secondSigner = seal.second === undefined ? undefined : await keys.signer(seal.second.keyName, 'seal');
  return stamp.act({ order, seal, signer, secondSigner, timestamps, longTerm });
}
