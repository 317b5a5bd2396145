// What each kind of certificate of ours contains; RFC 5280, RFC 3161 section 2.3, RFC 9336.

import { purposeOids } from '../codec/oids.ts';
import type { KeyPurpose } from '../crypto/signer.ts';
import type { KeyUsage } from './extensions.ts';

export type CertificateProfile =
  | 'root-ca'
  | 'issuing-ca'
  | 'seal-signer'
  | 'seal-maker'
  | 'licence-issuer'
  | 'time-stamp';

export interface ProfileRules {
  /** The purpose a key must have been made for. */
  readonly keyPurpose: KeyPurpose;
  /** The purpose of the issuing key. */
  readonly issuerPurpose: KeyPurpose;
  readonly ca: boolean;
  readonly pathLength?: number;
  readonly keyUsage: readonly KeyUsage[];
  readonly extendedKeyUsage: readonly string[];
  /** RFC 3161, 2.3 demands it for time stamps. */
  readonly extendedKeyUsageCritical: boolean;
  readonly maxDays: number;
}

const end = { issuerPurpose: 'issuing-ca', ca: false, extendedKeyUsageCritical: false } as const;

export const certificateProfiles: Readonly<Record<CertificateProfile, ProfileRules>> = {
  'root-ca': {
    keyPurpose: 'root-ca',
    issuerPurpose: 'root-ca',
    ca: true,
    keyUsage: ['keyCertSign', 'cRLSign'],
    extendedKeyUsage: [],
    extendedKeyUsageCritical: false,
    maxDays: 20 * 366,
  },
  'issuing-ca': {
    keyPurpose: 'issuing-ca',
    issuerPurpose: 'root-ca',
    ca: true,
    pathLength: 0,
    keyUsage: ['keyCertSign', 'cRLSign'],
    extendedKeyUsage: [],
    extendedKeyUsageCritical: false,
    maxDays: 10 * 366,
  },
  'seal-signer': {
    ...end,
    keyPurpose: 'seal',
    keyUsage: ['digitalSignature', 'nonRepudiation'],
    extendedKeyUsage: [purposeOids.documentSigning, purposeOids.emailProtection],
    maxDays: 3 * 366,
  },
  'seal-maker': {
    ...end,
    keyPurpose: 'seal-maker',
    keyUsage: ['digitalSignature', 'nonRepudiation'],
    extendedKeyUsage: [purposeOids.sealMaking],
    maxDays: 5 * 366,
  },
  'licence-issuer': {
    ...end,
    keyPurpose: 'licence-issuer',
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [purposeOids.licenceIssuing],
    maxDays: 5 * 366,
  },
  'time-stamp': {
    ...end,
    keyPurpose: 'time-stamp',
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [purposeOids.timeStamping],
    extendedKeyUsageCritical: true,
    maxDays: 5 * 366,
  },
};
