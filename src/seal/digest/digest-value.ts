// The seal's act over a digest: a CMS for a PDF, an SES_Signature for an OFD; ETSI EN 319 142-1, GM/T 0031-2025, clause 7.

import { digest } from '../../crypto/digest.ts';
import type { Signer } from '../../crypto/signer.ts';
import type { TimestampAuthority } from '../../pki/timestamp.ts';
import { pdfSignatureValue } from '../pdf-signature-value.ts';
import { signSes } from '../ses/sign-ses.ts';
import type { AuthorisedSeal } from '../stamp-policy.ts';
import type { ToSign } from './digest-order.ts';
import type { DigestStampingRow } from './digest-store.ts';

/** Throws key-…, timestamp-refused. */
export async function digestValue(work: {
  row: Pick<DigestStampingRow, 'request' | 'signing_time'>;
  seal: AuthorisedSeal;
  signed: ToSign;
  signer: Signer;
  timestamps: TimestampAuthority;
}): Promise<Uint8Array> {
  const { row, seal, signed, signer, timestamps } = work;
  const isTimed = row.request.level === 'B-T';
  if (signed.path === undefined)
    return pdfSignatureValue({
      contentDigest: signed.digest,
      seal,
      signer,
      suite: row.request.policy,
      ...(isTimed ? { timestamps } : {}),
    });
  const timestamp = (signature: Uint8Array): Promise<Uint8Array> =>
    timestamps.stamp({ digestAlgorithm: 'SM3', digest: digest('SM3', signature) }, 'gm');
  return signSes({
    dataHash: signed.digest,
    path: signed.path,
    sealDer: seal.sesSeal,
    signer,
    certificate: seal.certificate,
    signedAt: row.signing_time,
    ...(isTimed ? { timestamp } : {}),
  });
}
