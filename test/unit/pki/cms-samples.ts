// Signers of every algorithm with certificates of the test PKI, and time-stamp tokens, for tests of CMS messages.

import { sandboxTimeStampPolicyOid } from '../../../src/codec/oids.ts';
import type { AlgorithmName, DigestName } from '../../../src/crypto/algorithms.ts';
import { signatureAlgorithms } from '../../../src/crypto/algorithms.ts';
import type { KeyPairBytes } from '../../../src/crypto/key-material.ts';
import { generateKeyPair } from '../../../src/crypto/key-material.ts';
import { createSigner } from '../../../src/crypto/signer.ts';
import { writeDigestAlgorithm } from '../../../src/pki/algorithm-identifier.ts';
import type { TimestampOrder } from '../../../src/pki/timestamp-token.ts';
import { buildTimestampToken } from '../../../src/pki/timestamp-token.ts';
import { at, type Identity, issued, type SandboxPki, sealOrder, serial } from './sandbox-pki.ts';

export interface SealSigner extends Identity {
  readonly keys: KeyPairBytes;
  readonly digestAlgorithm: DigestName;
}

/** A seal's key of this algorithm, certified by the issuing CA of the test PKI. */
export async function sealSigner({ ca }: SandboxPki, algorithm: AlgorithmName): Promise<SealSigner> {
  const keys = generateKeyPair(algorithm);
  const signer = createSigner({ keyName: algorithm, purpose: 'seal', algorithm, ...keys });
  const certificate = await issued(sealOrder(ca, signer.spki));
  return { signer, certificate, keys, digestAlgorithm: signatureAlgorithms[algorithm].digest };
}

/** A token of the test PKI's authority over this SHA-256 digest. */
export async function stamp(
  pki: SandboxPki,
  imprint: Uint8Array,
  change: Partial<TimestampOrder> = {},
): Promise<Uint8Array> {
  return buildTimestampToken({
    imprint: { digestIdentifier: writeDigestAlgorithm('SHA-256'), digest: imprint },
    policyOid: sandboxTimeStampPolicyOid,
    serial: serial(),
    genTime: at,
    accuracy: { seconds: 1 },
    signer: pki.tsa.signer,
    certificate: pki.tsa.certificate,
    embedded: [pki.tsa.certificate, pki.ca.certificate],
    ...change,
  });
}
