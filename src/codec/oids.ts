// Object identifiers by the names their standards give them.

/** X.520 and RFC 4519 attribute types of distinguished names; ETSI EN 319 412-1, 5.1.4 for organizationIdentifier. */
export const nameOids = {
  commonName: '2.5.4.3',
  serialNumber: '2.5.4.5',
  country: '2.5.4.6',
  locality: '2.5.4.7',
  stateOrProvince: '2.5.4.8',
  organisation: '2.5.4.10',
  organisationalUnit: '2.5.4.11',
  organisationIdentifier: '2.5.4.97',
} as const;

/** RFC 5280, 4.2. */
export const extensionOids = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  invalidityDate: '2.5.29.24',
  deltaCrlIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  certificateIssuer: '2.5.29.29',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  freshestCrl: '2.5.29.46',
  inhibitAnyPolicy: '2.5.29.54',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
} as const;

export const accessMethodOids = { ocsp: '1.3.6.1.5.5.7.48.1', caIssuers: '1.3.6.1.5.5.7.48.2' } as const;

/** RFC 6960, 4.2.1 and 4.4.1; RFC 6960, 4.2.2.2.1 for noCheck. */
export const ocspOids = {
  basic: '1.3.6.1.5.5.7.48.1.1',
  nonce: '1.3.6.1.5.5.7.48.1.2',
  noCheck: '1.3.6.1.5.5.7.48.1.5',
} as const;

/** RFC 5652, RFC 5035, RFC 3161. */
export const cmsOids = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  countersignature: '1.2.840.113549.1.9.6',
  algorithmProtection: '1.2.840.113549.1.9.52',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signatureTimeStampToken: '1.2.840.113549.1.9.16.2.14',
  contentTimestamp: '1.2.840.113549.1.9.16.2.20',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  tstInfo: '1.2.840.113549.1.9.16.1.4',
  /** RFC 5940: an OCSPResponse among the revocation data of a message. */
  ocspResponseInfo: '1.3.6.1.5.5.7.16.2',
  /** ISO 32000-2, 12.8.3.3.2, signed: adbe-revocationInfoArchival. */
  revocationInfoArchival: '1.2.840.113583.1.1.8',
} as const;

/** GB/T 35275-2017 (GM/T 0010-2012): the structures of PKCS #7 under identifiers of their own. */
export const gmCmsOids = {
  data: '1.2.156.10197.6.1.4.2.1',
  signedData: '1.2.156.10197.6.1.4.2.2',
} as const;

/**
 * The arc of this project's own identifiers: 2.25 followed by a UUID as a number (X.667, clause 6), which nobody has to assign.
 * .1 extended key usages, .2 time-stamp policies.
 */
export const yinxinArc = '2.25.53280100489232594618449182394115620326';

/** RFC 5280, 4.2.1.12; RFC 9336 for documentSigning; our own for keys that act inside this system only. */
export const purposeOids = {
  any: '2.5.29.37.0',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  documentSigning: '1.3.6.1.5.5.7.3.36',
  /** Readers built on S/MIME code (OpenSSL, MuPDF) call a document signature's certificate unsuitable without it. */
  emailProtection: '1.3.6.1.5.5.7.3.4',
  /** ISO/IEC 18013-5, B.1.4: signs mobile driving licences and documents of that form. */
  mdocSigning: '1.0.18013.5.1.2',
  sealMaking: `${yinxinArc}.1.1`,
  licenceIssuing: `${yinxinArc}.1.2`,
} as const;

/** Time-stamp policy of the sandbox authority: RFC 3161 tokens, accuracy 1 s, software keys, no claims beyond testing. */
export const sandboxTimeStampPolicyOid = `${yinxinArc}.2.1`;

/** The policy of each of our authorities: the same promises, signed with ES256 or with SM2. */
export const timeStampPolicyOids = { intl: sandboxTimeStampPolicyOid, gm: `${yinxinArc}.2.2` } as const;
