// What each kind of certificate of ours contains; RFC 5280, RFC 3161 section 2.3, RFC 6960 section 4.2.2.2, RFC 9336, ISO/IEC 18013-5 annex B.

import { purposeOids } from '../codec/oids.ts';
import type { KeyPurpose } from '../crypto/signer.ts';
import type { KeyUsage } from './extensions.ts';

export const certificateProfileNames = [
  'root-ca',
  'issuing-ca',
  'seal-signer',
  'seal-maker',
  'licence-issuer',
  'time-stamp',
  'ocsp-responder',
  'tls-client',
  'mdoc-root',
  'mdoc-issuer',
] as const;
export type CertificateProfile = (typeof certificateProfileNames)[number];

export interface ProfileRules {
  /** The purpose a key must have been made for. */
  readonly keyPurpose: KeyPurpose;
  /** The purposes of keys that may issue it. */
  readonly issuerPurposes: readonly KeyPurpose[];
  readonly ca: boolean;
  readonly pathLength?: number;
  /** False where the profile's standard leaves no room for a critical extension of no use. */
  readonly basicConstraints: boolean;
  readonly keyUsage: readonly KeyUsage[];
  readonly extendedKeyUsage: readonly string[];
  /** RFC 3161, 2.3 demands it for time stamps, ISO/IEC 18013-5, B.1.4 for signers of mobile documents. */
  readonly extendedKeyUsageCritical: boolean;
  /** id-pkix-ocsp-nocheck: nobody asks whether a responder itself is revoked, so it lives a short time. */
  readonly noCheck: boolean;
  /** How to reach the issuer, which ISO/IEC 18013-5 wants in its certificates. */
  readonly issuerAltName: boolean;
  readonly maxDays: number;
}

const end = {
  issuerPurposes: ['issuing-ca'],
  ca: false,
  basicConstraints: true,
  extendedKeyUsageCritical: false,
  noCheck: false,
  issuerAltName: false,
} as const;

const authority = {
  ca: true,
  basicConstraints: true,
  keyUsage: ['keyCertSign', 'cRLSign'],
  extendedKeyUsage: [],
  extendedKeyUsageCritical: false,
  noCheck: false,
  issuerAltName: false,
} as const;

export const certificateProfiles: Readonly<Record<CertificateProfile, ProfileRules>> = {
  'root-ca': { ...authority, keyPurpose: 'root-ca', issuerPurposes: ['root-ca'], maxDays: 20 * 366 },
  'issuing-ca': {
    ...authority,
    keyPurpose: 'issuing-ca',
    issuerPurposes: ['root-ca'],
    pathLength: 0,
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
  'ocsp-responder': {
    ...end,
    keyPurpose: 'ocsp',
    issuerPurposes: ['root-ca', 'issuing-ca'],
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [purposeOids.ocspSigning],
    noCheck: true,
    maxDays: 100,
  },
  'tls-client': {
    ...end,
    keyPurpose: 'tls-client',
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [purposeOids.clientAuth],
    maxDays: 398,
  },
  // ISO/IEC 18013-5, B.1.2: the root that signers of mobile documents stand right under.
  'mdoc-root': {
    ...authority,
    keyPurpose: 'issuing-ca',
    issuerPurposes: ['issuing-ca'],
    pathLength: 0,
    issuerAltName: true,
    maxDays: 20 * 366,
  },
  // ISO/IEC 18013-5, B.1.4.
  'mdoc-issuer': {
    ...end,
    keyPurpose: 'mdoc-issuer',
    basicConstraints: false,
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [purposeOids.mdocSigning],
    extendedKeyUsageCritical: true,
    issuerAltName: true,
    maxDays: 457,
  },
};

export function isCertificateProfile(text: string): text is CertificateProfile {
  return Object.hasOwn(certificateProfiles, text);
}
