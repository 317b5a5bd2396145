// What may be a trust anchor; RFC 5280, 6.1.1 (d): a name and a key that we were told to trust, here always in a certificate.

import { TrustError } from '../kernel/errors.ts';
import type { Certificate } from './certificate.ts';
import { isSameCertificate, isSignedBy, parseCertificate } from './certificate.ts';
import { sameName } from './name-match.ts';
import { derBlocks } from './pem.ts';

/** What somebody else's authority may be trusted for: each a purpose of path validation. Our own roots are trusted for all of them. */
export const anchorPurposes = ['seal', 'time-stamp', 'licence', 'seal-maker'] as const;
export type AnchorPurpose = (typeof anchorPurposes)[number];

export type TrustAnchors = Readonly<Record<AnchorPurpose, readonly Certificate[]>>;

export const noAnchors: TrustAnchors = { seal: [], 'time-stamp': [], licence: [], 'seal-maker': [] };

export function isAnchorPurpose(text: string): text is AnchorPurpose {
  return anchorPurposes.some((purpose) => purpose === text);
}

/** Those of several sources together, purpose by purpose. */
export function joinedAnchors(sources: readonly TrustAnchors[]): TrustAnchors {
  const of = (purpose: AnchorPurpose): Certificate[] => sources.flatMap((anchors) => anchors[purpose]);
  return { seal: of('seal'), 'time-stamp': of('time-stamp'), licence: of('licence'), 'seal-maker': of('seal-maker') };
}

/** A bundle of certificates with explanations around it stays below this. */
const maxFileBytes = 2 * 1024 * 1024;

/**
 * The trust anchors in a PEM or DER file, for these purposes. Trusting too much is worse than trusting nothing, so one certificate that is
 * no authority, or whose own signature is broken, spoils the file; for seal makers alone, the certificate of one maker is one too
 * (`isListedMaker`). Throws `malformed-certificate`.
 */
export function anchorsFromFile(file: Uint8Array, purposes: readonly AnchorPurpose[]): Certificate[] {
  if (file.length > maxFileBytes) throw refused('the file is too long');
  const anchors = derBlocks(file, 'CERTIFICATE').map(parseCertificate);
  const ofMakers = purposes.length === 1 && purposes[0] === 'seal-maker';
  for (const anchor of anchors) {
    const name = anchor.subject.commonName ?? anchor.serialHex;
    const { keyUsage } = anchor;
    const selfIssued = sameName(anchor.subjectDer, anchor.issuerDer);
    if (!isAuthority(anchor)) {
      const maySign = keyUsage === undefined || keyUsage.has('digitalSignature') || keyUsage.has('nonRepudiation');
      if (ofMakers && anchor.version === 3 && maySign) continue;
      throw refused(`${name} is no authority`);
    }
    if (keyUsage !== undefined && !keyUsage.has('keyCertSign')) throw refused(`${name} may not sign certificates`);
    if (selfIssued && !isSignedBy(anchor, anchor))
      throw refused(`${name} did not sign itself, or not in a way known here`);
  }
  return anchors;
}

/** Roots of version 1 have no extensions to say that they are authorities. */
export function isAuthority({ version, basicConstraints, subjectDer, issuerDer }: Certificate): boolean {
  return version === 3 ? basicConstraints?.ca === true : sameName(subjectDer, issuerDer);
}

/**
 * Whether a seal maker (制章者) is trusted by name: makers of other systems have certificates that say nothing of seals, so under a trusted
 * authority anybody's would do; instead the certificate of the maker itself is put among the anchors.
 */
export function isListedMaker(maker: Certificate, anchors: TrustAnchors): boolean {
  return !isAuthority(maker) && anchors['seal-maker'].some((anchor) => isSameCertificate(anchor, maker));
}

function refused(detail: string): TrustError {
  return new TrustError('malformed-certificate', `trust anchor: ${detail}`);
}
