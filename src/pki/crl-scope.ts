// Whether a CRL covers a certificate by one of its distribution points, and for which reasons; RFC 5280, 6.3.3 (b) and (d).

import type { Certificate } from './certificate.ts';
import type { Crl } from './crl.ts';
import type { DistributionPoint, ReasonMask } from './distribution-point.ts';
import { allReasons, pointNameKeys } from './distribution-point.ts';
import { directoryNameKey } from './general-name.ts';
import { sameName } from './name-match.ts';
import { equalBytes } from '../kernel/bytes.ts';

/** The reasons for which `crl` tells the status of `certificate`; 0 when it is not for this certificate and distribution point. */
export function reasonsCovered(crl: Crl, certificate: Certificate, point: DistributionPoint): ReasonMask {
  const { issuingDistributionPoint: scope } = crl;
  if (!issuerFits(crl, certificate, point)) return 0;
  if (scope === undefined) return point.reasons ?? allReasons;
  if (scope.name !== undefined && !nameFits(crl, certificate, point)) return 0; // (b) (2) (i)
  const isAuthority = certificate.basicConstraints?.ca === true;
  if (scope.onlyUserCertificates && isAuthority) return 0; // (b) (2) (ii)
  if (scope.onlyAuthorityCertificates && !isAuthority) return 0; // (b) (2) (iii)
  if (scope.onlyAttributeCertificates) return 0; // (b) (2) (iv)
  return (scope.reasons ?? allReasons) & (point.reasons ?? allReasons); // (d)
}

/**
 * The points to try, in order: those of the certificate, then every CRL of the issuer itself, as if a point named it
 * (6.3.3, last paragraphs).
 */
export function pointsOf({ crlDistributionPoints = [], issuerDer }: Certificate): DistributionPoint[] {
  const name = { kind: 'directoryName', name: issuerDer, raw: issuerDer } as const;
  return [...crlDistributionPoints, { name: { kind: 'full', names: [name] } }];
}

/** (b) (1): a CRL issuer named by the point must have made an indirect CRL; else it is the certificate's issuer. */
function issuerFits(crl: Crl, certificate: Certificate, { crlIssuer }: DistributionPoint): boolean {
  if (crlIssuer === undefined) return sameName(crl.issuerDer, certificate.issuerDer);
  const named = crlIssuer.some((name) => name.kind === 'directoryName' && sameName(name.name, crl.issuerDer));
  return named && crl.issuingDistributionPoint?.indirect === true;
}

/** (b) (2) (i): one of the CRL's names is one of the point's, or of its CRL issuer where the point has none. */
function nameFits(crl: Crl, certificate: Certificate, { name, crlIssuer = [] }: DistributionPoint): boolean {
  const scope = crl.issuingDistributionPoint?.name;
  if (scope === undefined) return true;
  const named = crlIssuer.flatMap((issuer) => (issuer.kind === 'directoryName' ? [issuer.name] : []));
  const wanted =
    name === undefined ? named.map(directoryNameKey) : pointNameKeys(name, named[0] ?? certificate.issuerDer);
  const offered = new Set(pointNameKeys(scope, crl.issuerDer));
  return wanted.some((key) => offered.has(key));
}

/** (c): a delta CRL goes on from a complete one of the same issuer, key and scope whose number it allows (5.2.4). */
export function continues(delta: Crl, complete: Crl): boolean {
  if (delta.deltaBase === undefined || complete.deltaBase !== undefined) return false;
  if (!sameName(delta.issuerDer, complete.issuerDer)) return false;
  if (!sameOptional(delta.issuingDistributionPoint?.der, complete.issuingDistributionPoint?.der)) return false;
  if (!sameOptional(delta.authorityKeyId, complete.authorityKeyId)) return false;
  if (delta.number === undefined || complete.number === undefined) return false;
  return complete.number >= delta.deltaBase && complete.number < delta.number;
}

function sameOptional(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b);
}
