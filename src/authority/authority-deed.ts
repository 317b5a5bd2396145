// The deeds on roots and issuing CAs that take two administrators, as data: what one proposes is, digest for digest, what the other approves.

import { parseCanonicalJson, canonicalJson, type PlainObject } from '../audit/canonical-json.ts';
import { sha256 } from '../crypto/digest.ts';
import { fromUtf8, utf8 } from '../kernel/bytes.ts';
import type { DistinguishedName } from '../pki/name.ts';
import { isReason } from '../pki/crl.ts';
import type { AnchorPurpose } from '../pki/trust-anchor.ts';
import { anchorPurposes } from '../pki/trust-anchor.ts';
import type { FinalReason } from './authority.ts';
import type { CaName } from './hierarchy.ts';
import { isCaName } from './hierarchy.ts';

/** Deeds on trust anchors of others. `certificate` is base64 of the DER; `purposes` as `purposesIn` reads them; `sha256` is hex. */
export type AnchorDeed =
  | { readonly kind: 'add-anchor'; readonly certificate: string; readonly purposes: string }
  | { readonly kind: 'withdraw-anchor'; readonly sha256: string };

export type AuthorityDeed = CertificateDeed | AnchorDeed;

export type CertificateDeed =
  | { readonly kind: 'revoke'; readonly serial: string; readonly reason: FinalReason }
  | { readonly kind: 'suspend' | 'resume'; readonly serial: string }
  | { readonly kind: 'renew'; readonly serial: string }
  /** A new key and certificate for an authority, which issues under them from then on (RFC 4210, 4.4). */
  | { readonly kind: 'rekey'; readonly authority: CaName }
  /** A subordinate authority whose key is somewhere else; `csr` is base64 of the DER. */
  | { readonly kind: 'issue'; readonly csr: string; readonly subject: DistinguishedName; readonly validDays: number };

export interface CanonicalDeed {
  readonly text: string;
  readonly sha256: Uint8Array;
}

export function canonicalDeed(deed: AuthorityDeed): CanonicalDeed {
  const bytes = canonicalJson({ ...deed });
  return { text: fromUtf8(bytes) ?? '', sha256: sha256(bytes) };
}

/** `undefined` when the text is not the canonical spelling of a deed: then somebody has touched it. */
export function parseDeed(text: string): AuthorityDeed | undefined {
  const value = parseCanonicalJson(utf8(text));
  if (value === undefined) return undefined;
  const { kind, serial, reason, authority, csr, subject, validDays, certificate, purposes, sha256: digest } = value;
  switch (kind) {
    case 'revoke':
      if (typeof serial !== 'string' || typeof reason !== 'string' || !isFinalReason(reason)) return undefined;
      return { kind, serial, reason };
    case 'suspend':
    case 'resume':
    case 'renew':
      return typeof serial === 'string' ? { kind, serial } : undefined;
    case 'rekey':
      return typeof authority === 'string' && isCaName(authority) ? { kind, authority } : undefined;
    case 'issue': {
      if (typeof csr !== 'string' || typeof validDays !== 'number' || typeof subject !== 'object') return undefined;
      return { kind, csr, subject: namesIn(subject), validDays };
    }
    case 'add-anchor':
      if (typeof certificate !== 'string' || typeof purposes !== 'string') return undefined;
      return purposesIn(purposes) === undefined ? undefined : { kind, certificate, purposes };
    case 'withdraw-anchor':
      return typeof digest === 'string' && /^[0-9a-f]{64}$/.test(digest) ? { kind, sha256: digest } : undefined;
    default:
      return undefined;
  }
}

export function isAnchorDeed(deed: AuthorityDeed): deed is AnchorDeed {
  return deed.kind === 'add-anchor' || deed.kind === 'withdraw-anchor';
}

/** Joined by commas, in the order of `anchorPurposes`, so that one choice has one spelling; `undefined` for any other text. */
export function purposesIn(text: string): AnchorPurpose[] | undefined {
  const wanted = text.split(',');
  const purposes = anchorPurposes.filter((purpose) => wanted.includes(purpose));
  return purposes.length > 0 && purposes.join(',') === text ? purposes : undefined;
}

export function isFinalReason(text: string): text is FinalReason {
  return isReason(text) && text !== 'certificateHold';
}

function namesIn(subject: PlainObject): DistinguishedName {
  return Object.fromEntries(Object.entries(subject).filter(([, value]) => typeof value === 'string'));
}
