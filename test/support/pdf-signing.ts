// Really signed PDFs for tests without a database: our update, a CMS of a test PKI, and the judge that trusts it.

import { digest, sha256 } from '../../src/crypto/digest.ts';
import { buildSignedData } from '../../src/pki/cms.ts';
import { type PreparedSignature, prepareSignature, type SignatureRequest } from '../../src/pdf/prepare.ts';
import { PdfJudge } from '../../src/verification/pdf-judge.ts';
import { stamp } from '../unit/pki/cms-samples.ts';
import { at, type Identity, type SandboxPki } from '../unit/pki/sandbox-pki.ts';
import { request } from '../unit/pdf/signing.ts';
import { judgeOptions, type TestTrust } from './test-trust.ts';

export interface PdfSigning extends Partial<SignatureRequest> {
  readonly level?: 'B-B' | 'B-T';
  readonly signer?: Identity;
}

/** A good signature of the test PKI over the whole file. */
export async function signedPdf(pki: SandboxPki, source: Uint8Array, order: PdfSigning = {}): Promise<Uint8Array> {
  const { level = 'B-B', signer = pki.seal, ...change } = order;
  const contentsSizeBytes = level === 'B-T' ? 4_000 : 1_900;
  const update = prepareSignature(request(source, { signingTime: at, contentsSizeBytes, ...change }));
  return update.embed(await cmsOver(pki, update, { level, signer }));
}

function cmsOver(
  pki: SandboxPki,
  { signedParts }: PreparedSignature,
  { level, signer }: { level: 'B-B' | 'B-T'; signer: Identity },
): Promise<Uint8Array> {
  const timestamp = (value: Uint8Array): Promise<Uint8Array> => stamp(pki, sha256(value));
  const digestAlgorithm = signer.signer.algorithm === 'SM2' ? 'SM3' : 'SHA-256';
  return buildSignedData({
    contentDigest: digest(digestAlgorithm, ...signedParts),
    digestAlgorithm,
    ...signer,
    chain: [pki.ca.certificate],
    ...(level === 'B-T' ? { timestamp } : {}),
  });
}

export function pdfJudge(pki: SandboxPki, trust: TestTrust = {}): PdfJudge {
  return new PdfJudge(judgeOptions(pki, trust));
}
