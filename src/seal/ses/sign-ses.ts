// Making the signature value with a seal (SES_Signature) over a document's signature file; GM/T 0031-2025, clause 7, GB/T 38540-2020.

import { signatureAlgorithms } from '../../crypto/algorithms.ts';
import type { Signer } from '../../crypto/signer.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { parseSeal } from './ses-seal.ts';
import { encodeSesSignature, encodeTbsSign } from './ses-signature.ts';

export interface SesOrder {
  /** SM3 of what is to be signed, in OFD of Signature.xml, and its path as the verifier will see it. */
  readonly dataHash: Uint8Array;
  readonly path: string;
  readonly sealDer: Uint8Array;
  readonly signer: Signer;
  readonly certificate: Certificate;
  readonly signedAt: Date;
  /** Given the signature value, a TimeStampToken over it. */
  readonly timestamp?: (signatureValue: Uint8Array) => Promise<Uint8Array>;
}

/** DER, of the version of the seal. Throws malformed-der, key-…, and RangeError for a seal of version 1 or a path that is not ASCII. */
export async function signSes(order: SesOrder): Promise<Uint8Array> {
  const { dataHash, path, sealDer, signer, certificate, signedAt } = order;
  const { version } = parseSeal(sealDer).info;
  if (version === 1) throw new RangeError('seals of version 1 are read, not used');
  const tbsDer = encodeTbsSign({ version, sealDer, signedAt, dataHash, propertyInfo: path });
  const signature = await signer.sign(tbsDer, 'der');
  const timeStamp = await order.timestamp?.(signature);
  return encodeSesSignature({
    tbsDer,
    certificate: certificate.der,
    signatureAlgorithmOid: signatureAlgorithms[signer.algorithm].oid,
    signature,
    ...(timeStamp === undefined ? {} : { timeStamp }),
  });
}
