// Whether the key of a certificate made the signature value of a seal or of a signature with one; GB/T 35276-2017, and what makers write instead.

import { algorithmNameOf } from '../../crypto/algorithms.ts';
import type { SignatureForm } from '../../crypto/signer.ts';
import { verifiedBefore } from '../../crypto/verified-before.ts';
import { verifySignature } from '../../crypto/verify.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { algorithmsFor } from '../../pki/public-key.ts';

export interface SignedValue {
  readonly algorithmOid: string;
  readonly certificate: Certificate;
  /** The octets as they came. */
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

/** In which form it is right: DER, or r‖s as some write SM2; `undefined` when it is wrong or the algorithm is not that of the key. */
export function formOfSignedValue(value: SignedValue): SignatureForm | undefined {
  const { algorithmOid, certificate, data, signature } = value;
  const { spki, publicKey } = certificate;
  const algorithm = algorithmNameOf(algorithmOid);
  if (algorithm === undefined || !algorithmsFor(publicKey).includes(algorithm)) return undefined;
  const holds = (form: SignatureForm) =>
    verifiedBefore({ scheme: `${algorithm} ${form}`, spki, data, signature }, () =>
      verifySignature({ algorithm, spki, data, signature, form }),
    );
  if (holds('der')) return 'der';
  return algorithm === 'SM2' && holds('raw') ? 'raw' : undefined;
}
