// The authorities and service keys of the sandbox, from one declaration: one root, two issuing CAs, and who acts under them; RFC 5280, 3.2.

import type { AlgorithmName } from '../crypto/algorithms.ts';
import type { CertificateProfile } from '../pki/profiles.ts';
import type { DistinguishedName } from '../pki/name.ts';

export interface HierarchyMember {
  /** Name of the key; of an authority also its name in URLs. */
  readonly keyName: string;
  readonly profile: CertificateProfile;
  readonly subject: DistinguishedName;
  readonly validDays: number;
}

export const rootName = 'root-ca';
export const sealCaName = 'seal-ca';
export const serviceCaName = 'service-ca';
export const timeStampKeyName = 'tsa';
export const sealMakerKeyName = 'seal-maker';
export const licenceIssuerKeyName = 'licence-issuer';

export const caNames = [rootName, sealCaName, serviceCaName] as const;
export type CaName = (typeof caNames)[number];

export const hierarchyAlgorithm: AlgorithmName = 'ES256';

/** In the order in which they are made: each issuer before what it issues. */
export const hierarchy: readonly HierarchyMember[] = [
  { keyName: rootName, profile: 'root-ca', subject: named('Yinxin Sandbox Root CA'), validDays: 7300 },
  { keyName: sealCaName, profile: 'issuing-ca', subject: named('Yinxin Sandbox Seal CA'), validDays: 3650 },
  { keyName: serviceCaName, profile: 'issuing-ca', subject: named('Yinxin Sandbox Service CA'), validDays: 3650 },
  {
    keyName: timeStampKeyName,
    profile: 'time-stamp',
    subject: named('Yinxin Sandbox Time Stamp Authority'),
    validDays: 1825,
  },
  { keyName: sealMakerKeyName, profile: 'seal-maker', subject: named('Yinxin Sandbox Seal Maker'), validDays: 1825 },
  {
    keyName: licenceIssuerKeyName,
    profile: 'licence-issuer',
    subject: named('Yinxin Sandbox Licence Issuer'),
    validDays: 1825,
  },
];

/** Which authority issues a profile; the root issues itself. */
export const issuerOfProfile: Readonly<Record<CertificateProfile, CaName>> = {
  'root-ca': rootName,
  'issuing-ca': rootName,
  'seal-signer': sealCaName,
  'seal-maker': sealCaName,
  'licence-issuer': serviceCaName,
  'time-stamp': serviceCaName,
};

export function isCaName(text: string): text is CaName {
  return caNames.some((name) => name === text);
}

function named(commonName: string): DistinguishedName {
  return { country: 'CN', organisation: 'Yinxin Sandbox', commonName };
}
