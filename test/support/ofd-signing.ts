// Signs OFDs in tests with seals of any making: a good signature whose every part can be bent on purpose.

import { digestAlgorithms, signatureAlgorithms } from '../../src/crypto/algorithms.ts';
import { digest } from '../../src/crypto/digest.ts';
import { moment } from '../../src/kernel/clock.ts';
import { readOfd } from '../../src/ofd/document.ts';
import { OfdPackage } from '../../src/ofd/package.ts';
import { type OfdSignatureOrder, type PreparedOfdSignature, prepareOfdSignature } from '../../src/ofd/prepare.ts';
import { encodeSeal, encodeSealInfo, type SesSealInfo } from '../../src/seal/ses/ses-seal.ts';
import { signSes, type SesOrder } from '../../src/seal/ses/sign-ses.ts';
import { at, type Identity, type SandboxPki } from '../unit/pki/sandbox-pki.ts';
import { utf8 } from '../../src/kernel/bytes.ts';

export function sealInfo(pki: SandboxPki, change: Partial<SesSealInfo> = {}): SesSealInfo {
  return {
    version: 5,
    vendor: 'Yinxin',
    esId: '99010000000001',
    type: 1,
    name: '测试市行政审批局',
    certificates: [pki.seal.certificate.der],
    certificateDigests: [],
    createdAt: moment('2026-02-01T00:00:00Z'),
    validFrom: moment('2026-02-01T00:00:00Z'),
    validUntil: moment('2027-02-01T00:00:00Z'),
    picture: { type: 'PNG', data: utf8('picture'), widthMm: 42, heightMm: 42 },
    extensions: [],
    ...change,
  };
}

export async function madeSeal(
  pki: SandboxPki,
  change: Partial<SesSealInfo> = {},
  maker: Identity = pki.maker,
): Promise<Uint8Array> {
  const infoDer = encodeSealInfo(sealInfo(pki, change));
  return encodeSeal({
    infoDer,
    makerCertificate: maker.certificate.der,
    signatureAlgorithmOid: signatureAlgorithms[maker.signer.algorithm].oid,
    signature: await maker.signer.sign(infoDer, 'der'),
  });
}

export type Bending = Partial<Omit<OfdSignatureOrder, 'file'>> & {
  readonly ses?: Partial<SesOrder>;
  /** In place of the SES value. */
  readonly value?: (prepared: PreparedOfdSignature) => Promise<Uint8Array>;
};

export function prepared(pki: SandboxPki, source: Uint8Array, change: Bending = {}): PreparedOfdSignature {
  return prepareOfdSignature({
    file: readOfd(OfdPackage.open(source)),
    type: 'Seal',
    mode: 'continue',
    stamps: [{ pageId: '1', boundary: { xMm: 100, yMm: 200, widthMm: 42, heightMm: 42 } }],
    signatureMethodOid: signatureAlgorithms[pki.seal.signer.algorithm].oid,
    checkMethodOid: digestAlgorithms.SM3.oid,
    digest: (content) => digest('SM3', content),
    signingTime: at,
    ...change,
  });
}

export async function signedOfd(pki: SandboxPki, source: Uint8Array, change: Bending = {}): Promise<Uint8Array> {
  const sealDer = change.seal ?? change.ses?.sealDer ?? (await madeSeal(pki));
  const update = prepared(pki, source, { seal: sealDer, ...change });
  const { signer, certificate } = pki.seal;
  const order = { ...update, sealDer, signer, certificate, signedAt: at, ...change.ses };
  return update.embed(await (change.value === undefined ? signSes(order) : change.value(update)));
}
