// Seals and certificates as a report shows them.

import type { Certificate } from '../pki/certificate.ts';
import type { DistinguishedName } from '../pki/name.ts';
import type { SealRecord } from '../seal/seal-record.ts';
import type { SignatureReport } from './document-report.ts';

export function sealShown({ sealId, sealCode, name, organisation, status }: SealRecord): SignatureReport['seal'] {
  return { sealId, sealCode, name, organisation: { name: organisation.name, uscc: organisation.uscc }, status };
}

export function certificateShown(certificate: Certificate): SignatureReport['certificate'] {
  return {
    subject: nameShown(certificate.subject),
    issuer: nameShown(certificate.issuer),
    serial: certificate.serialHex,
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
  };
}

const labels: readonly (readonly [keyof DistinguishedName, string])[] = [
  ['commonName', 'CN'],
  ['organisationalUnit', 'OU'],
  ['organisation', 'O'],
  ['organisationIdentifier', 'organizationIdentifier'],
  ['locality', 'L'],
  ['stateOrProvince', 'ST'],
  ['country', 'C'],
];

/** RFC 4514 in manner: the particular first, special characters escaped so that a value cannot pose as another attribute. */
function nameShown(name: DistinguishedName): string {
  return labels
    .flatMap(([attribute, label]) => {
      const value = name[attribute];
      return value === undefined ? [] : [`${label}=${value.replace(/[\\,+"<>;=]/g, '\\$&')}`];
    })
    .join(', ');
}
