// Signs OFDs in tests with seals of any making: a good signature whose every part can be bent on purpose.

import {
  bitString,
  ia5String,
  integer,
  octetString,
  oid,
  sequence,
  certificateTime,
  utf8String,
} from '../../src/codec/der-write.ts';
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
  timestamp?: (signature: Uint8Array) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const infoDer = encodeSealInfo(sealInfo(pki, change));
  const signature = await maker.signer.sign(infoDer, 'der');
  return encodeSeal({
    infoDer,
    makerCertificate: maker.certificate.der,
    signatureAlgorithmOid: signatureAlgorithms[maker.signer.algorithm].oid,
    signature,
    ...(timestamp === undefined ? {} : { timeStamp: await timestamp(signature) }),
  });
}

/** A seal of version 1, which we do not make, written after the grammar of GM/T 0031-2014, 6.1: signed over three of its parts. */
export async function version1Seal(pki: SandboxPki, change: { validUntil?: Date } = {}): Promise<Uint8Array> {
  const { signer, certificate } = pki.maker;
  const { validFrom, validUntil, createdAt, esId, name, vendor, picture } = sealInfo(pki, change);
  const info = sequence(
    sequence(ia5String('ES'), integer(1), ia5String(vendor)),
    ia5String(esId),
    sequence(
      integer(1),
      utf8String(name),
      sequence(octetString(pki.seal.certificate.der)),
      ...[createdAt, validFrom, validUntil].map(certificateTime),
    ),
    sequence(ia5String(picture.type), octetString(picture.data), integer(picture.widthMm), integer(picture.heightMm)),
  );
  const signed = [octetString(certificate.der), oid(signatureAlgorithms[signer.algorithm].oid)] as const;
  const value = await signer.sign(sequence(info, ...signed), 'der');
  return sequence(info, sequence(...signed, bitString(value)));
}

/** A signature of version 1 (GM/T 0031-2014, 6.2): the signer and the algorithm stand inside what is signed. */
export async function version1Signature(
  pki: SandboxPki,
  { signed, path }: { signed: Uint8Array; path: string },
  change: { seal?: Uint8Array; timeInfo?: Uint8Array } = {},
): Promise<Uint8Array> {
  const { signer, certificate } = pki.seal;
  const toSign = sequence(
    integer(1),
    change.seal ?? (await version1Seal(pki)),
    bitString(change.timeInfo ?? certificateTime(at)),
    bitString(digest('SM3', signed)),
    ia5String(path),
    octetString(certificate.der),
    oid(signatureAlgorithms[signer.algorithm].oid),
  );
  return sequence(toSign, bitString(await signer.sign(toSign, 'der')));
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
  const dataHash = digest('SM3', update.signed);
  const order = { ...update, dataHash, sealDer, signer, certificate, signedAt: at, ...change.ses };
  return update.embed(await (change.value === undefined ? signSes(order) : change.value(update)));
}
