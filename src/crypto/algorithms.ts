// The registry of digest and signature algorithms this house accepts; RFC 5480, 5758, 8017, 8410, GM/T 0006-2012. What is not here is refused.

export type DigestName = 'SHA-256' | 'SHA-384' | 'SHA-512' | 'SM3';
export type AlgorithmName = 'ES256' | 'ES384' | 'EdDSA' | 'RS256' | 'PS256' | 'SM2';

export interface DigestAlgorithm {
  readonly oid: string;
  readonly sizeBytes: number;
  /** The name node:crypto knows it by. */
  readonly nodeName: 'sha256' | 'sha384' | 'sha512' | 'sm3';
}

export const digestAlgorithms: Readonly<Record<DigestName, DigestAlgorithm>> = {
  'SHA-256': { oid: '2.16.840.1.101.3.4.2.1', sizeBytes: 32, nodeName: 'sha256' },
  'SHA-384': { oid: '2.16.840.1.101.3.4.2.2', sizeBytes: 48, nodeName: 'sha384' },
  'SHA-512': { oid: '2.16.840.1.101.3.4.2.3', sizeBytes: 64, nodeName: 'sha512' },
  SM3: { oid: '1.2.156.10197.1.401', sizeBytes: 32, nodeName: 'sm3' },
};

export interface SignatureAlgorithm {
  /** Signature algorithm in certificates and CMS. */
  readonly oid: string;
  /** What stands in the parameters of its AlgorithmIdentifier: nothing, NULL (RFC 4055, 5) or RSASSA-PSS-params. */
  readonly parameters: 'absent' | 'null' | 'pss';
  /** Digest of the data; for EdDSA the one CMS pairs with it (RFC 8419, 3.1). */
  readonly digest: DigestName;
  /** Algorithm of the key in SubjectPublicKeyInfo. */
  readonly keyOid: string;
  readonly curveOid?: string;
  /** JOSE `alg`; SM2 has no registered name and never appears in a JOSE header of ours. */
  readonly jose?: string;
  /** COSE algorithm identifier (RFC 9053); that of SM2 is of the range for private use until one is registered. */
  readonly cose?: number;
  /** Size of r‖s for the two-integer signatures. */
  readonly rawSizeBytes?: number;
}

const ecPublicKey = '1.2.840.10045.2.1';
const rsaEncryption = '1.2.840.113549.1.1.1';

export const signatureAlgorithms: Readonly<Record<AlgorithmName, SignatureAlgorithm>> = {
  ES256: {
    oid: '1.2.840.10045.4.3.2',
    parameters: 'absent',
    digest: 'SHA-256',
    keyOid: ecPublicKey,
    curveOid: '1.2.840.10045.3.1.7',
    jose: 'ES256',
    cose: -7,
    rawSizeBytes: 64,
  },
  ES384: {
    oid: '1.2.840.10045.4.3.3',
    parameters: 'absent',
    digest: 'SHA-384',
    keyOid: ecPublicKey,
    curveOid: '1.3.132.0.34',
    jose: 'ES384',
    cose: -35,
    rawSizeBytes: 96,
  },
  EdDSA: {
    oid: '1.3.101.112',
    parameters: 'absent',
    digest: 'SHA-512',
    keyOid: '1.3.101.112',
    jose: 'EdDSA',
    cose: -8,
  },
  RS256: {
    oid: '1.2.840.113549.1.1.11',
    parameters: 'null',
    digest: 'SHA-256',
    keyOid: rsaEncryption,
    jose: 'RS256',
    cose: -257,
  },
  PS256: {
    oid: '1.2.840.113549.1.1.10',
    parameters: 'pss',
    digest: 'SHA-256',
    keyOid: rsaEncryption,
    jose: 'PS256',
    cose: -37,
  },
  SM2: {
    oid: '1.2.156.10197.1.501',
    parameters: 'absent',
    digest: 'SM3',
    keyOid: ecPublicKey,
    curveOid: '1.2.156.10197.1.301',
    cose: -65_537,
    rawSizeBytes: 64,
  },
};

export const algorithmNames: readonly AlgorithmName[] = ['ES256', 'ES384', 'EdDSA', 'RS256', 'PS256', 'SM2'];
export const digestNames: readonly DigestName[] = ['SHA-256', 'SHA-384', 'SHA-512', 'SM3'];

export function digestNameOf(oid: string): DigestName | undefined {
  return digestNames.find((name) => digestAlgorithms[name].oid === oid);
}

export function algorithmNameOf(signatureOid: string): AlgorithmName | undefined {
  return algorithmNames.find((name) => signatureAlgorithms[name].oid === signatureOid);
}

export function isAlgorithmName(text: string): text is AlgorithmName {
  return Object.hasOwn(signatureAlgorithms, text);
}
