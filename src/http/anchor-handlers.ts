// Trust anchors of others over the management API.

import type { AnchorRegister, ListedAnchor } from '../authority/anchor-register.ts';
import type { AnchorDeed } from '../authority/authority-deed.ts';
import { listTrustAnchors } from '../contract/trust-anchors.ts';
import { toBase64, toHex } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';
import { pemOf } from '../pki/pem.ts';
import { anchorPurposes, anchorsFromFile } from '../pki/trust-anchor.ts';
import type { Binding, binder } from './api.ts';

export function anchorHandlers(bind: ReturnType<typeof binder>, anchors: AnchorRegister): Binding[] {
  return [
    bind(listTrustAnchors, async ({ principal }) => ({
      json: { items: (await anchors.list(principal)).map(anchorJson) },
    })),
  ];
}

export function anchorJson({ certificate, sha256, purposes, added }: ListedAnchor) {
  return {
    sha256: toHex(sha256),
    purposes: [...purposes],
    source: added === undefined ? ('folder' as const) : ('register' as const),
    subject: { ...certificate.subject },
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    proposedBy: added?.proposedBy ?? null,
    approvedBy: added?.approvedBy ?? null,
    addedAt: added?.at.toISOString() ?? null,
    pem: pemOf('CERTIFICATE', certificate.der),
  };
}

/** In the one spelling that a deed has. Throws `malformed-certificate` unless the file is one certificate of an authority. */
export function addAnchorDeed(file: Uint8Array, purposes: readonly string[]): AnchorDeed {
  const sorted = anchorPurposes.filter((purpose) => purposes.includes(purpose));
  const [certificate, ...surplus] = anchorsFromFile(file, sorted);
  if (certificate === undefined || surplus.length > 0) {
    throw new TrustError('malformed-certificate', 'a trust anchor is one certificate');
  }
  return { kind: 'add-anchor', certificate: toBase64(certificate.der), purposes: sorted.join(',') };
}
