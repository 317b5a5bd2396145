// Which of our own authorities are trust anchors now; RFC 5280, 6.1.1 (d).

import type { Certificate } from '../pki/certificate.ts';
import type { StoredCertificate } from './certificate-store.ts';
import { caOf, isAnchor, isIssuerName } from './hierarchy.ts';

/** Nobody asks for the status of an anchor (RFC 5280, 6.1), so a root that two people have revoked or suspended is none. */
export function anchorsAmong(authorities: readonly StoredCertificate[]): Certificate[] {
  return authorities
    .filter(
      ({ keyName = '', revocation }) => revocation === undefined && isIssuerName(keyName) && isAnchor(caOf(keyName)),
    )
    .map(({ certificate }) => certificate);
}
