// The electronic seal (SES_Seal) as data: encoder of versions 4 and 5, strict reader of 1, 4 and 5; GM/T 0031-2014, GB/T 38540-2020, GM/T 0031-2025, clause 6.

import type { DerElement } from '../../codec/der.ts';
import { malformed, readDer } from '../../codec/der.ts';
import {
  contextTag,
  DerCursor,
  octetsOf,
  primitiveContextTag,
  smallIntegerOf,
  stringOf,
  tags,
} from '../../codec/der-value.ts';
import {
  bitString,
  context,
  generalizedTime,
  ia5String,
  integer,
  octetString,
  oid,
  printableString,
  sequence,
  utf8String,
} from '../../codec/der-write.ts';
import {
  encodeExtension,
  ia5Of,
  parseExtension,
  sesLimits,
  type SesExtension,
  sesTimeOf,
  type SesVersion,
  takeSigned,
  timeStampOf,
} from './ses-value.ts';

/** A certificate that may sign with a seal, by its digest; `algorithm` is a name such as SM3, or an object identifier. */
export interface CertificateDigest {
  readonly algorithm: string;
  readonly value: Uint8Array;
}

/** SES_SealInfo with its property and picture unfolded. */
export interface SesSealInfo {
  readonly version: SesVersion;
  /** Vid: who made the software, ASCII. */
  readonly vendor: string;
  /** esID: the seal code (印章编码), ASCII. */
  readonly esId: string;
  /** 1: unit, 2: person; further numbers are vendors' own. */
  readonly type: number;
  readonly name: string;
  /** Certificates (DER) of those who may sign with the seal, compared byte by byte. */
  readonly certificates: readonly Uint8Array[];
  /** In their place, if the list is one of digests. */
  readonly certificateDigests: readonly CertificateDigest[];
  readonly createdAt: Date;
  readonly validFrom: Date;
  readonly validUntil: Date;
  readonly picture: {
    readonly type: string;
    readonly data: Uint8Array;
    readonly widthMm: number;
    readonly heightMm: number;
  };
  readonly extensions: readonly SesExtension[];
}

export interface SesSeal {
  readonly info: SesSealInfo;
  readonly infoDer: Uint8Array;
  /** The bytes the maker signed: the information alone, in version 1 with certificate and algorithm. */
  readonly signedBytes: Uint8Array;
  readonly makerCertificate: Uint8Array;
  readonly signatureAlgorithmOid: string;
  readonly signature: Uint8Array;
  /** Time-stamp token over the signature value, if any. */
  readonly timeStamp: Uint8Array | undefined;
}

const certificatesInFull = 1;
const certificatesByDigest = 2;

/**
 * RangeError for version 1 and for a seal code that is not ASCII.
 * SES_SealInfo ::= SEQUENCE { header, esID IA5String, property, picture, extDatas OPTIONAL }
 * SES_Header ::= SEQUENCE { ID IA5String("ES"), version INTEGER, Vid IA5String }
 * SES_ESPropertyInfo ::= SEQUENCE { type INTEGER, name UTF8String, certListType INTEGER, certList,
 *   createDate, validStart, validEnd GeneralizedTime }
 * SES_ESPictureInfo ::= SEQUENCE { type IA5String, data OCTET STRING, width INTEGER(mm), height INTEGER(mm) }
 */
export function encodeSealInfo(info: SesSealInfo): Uint8Array {
  if (info.version === 1) throw new RangeError('seals of version 1 are read, not made');
  const byDigest = info.certificateDigests.length > 0;
  const property = sequence(
    integer(info.type),
    utf8String(info.name),
    integer(byDigest ? certificatesByDigest : certificatesInFull),
    sequence(...(byDigest ? info.certificateDigests.map(encodeDigest) : info.certificates.map(octetString))),
    generalizedTime(info.createdAt),
    generalizedTime(info.validFrom),
    generalizedTime(info.validUntil),
  );
  const picture = sequence(
    ia5String(info.picture.type),
    octetString(info.picture.data),
    integer(info.picture.widthMm),
    integer(info.picture.heightMm),
  );
  return sequence(
    sequence(ia5String('ES'), integer(info.version), ia5String(info.vendor)),
    ia5String(info.esId),
    property,
    picture,
    ...(info.extensions.length === 0 ? [] : [sequence(...info.extensions.map(encodeExtension))]),
  );
}

function encodeDigest({ algorithm, value }: CertificateDigest): Uint8Array {
  return sequence(printableString(algorithm), octetString(value));
}

/** SES_Seal ::= SEQUENCE { eSealInfo, cert OCTET STRING, signAlgID OID, signedValue BIT STRING, timeStamp [0] BIT STRING OPTIONAL } */
export function encodeSeal(seal: {
  infoDer: Uint8Array;
  makerCertificate: Uint8Array;
  signatureAlgorithmOid: string;
  signature: Uint8Array;
  /** Token over the signature value; since version 5. */
  timeStamp?: Uint8Array | undefined;
}): Uint8Array {
  return sequence(
    seal.infoDer,
    octetString(seal.makerCertificate),
    oid(seal.signatureAlgorithmOid),
    bitString(seal.signature),
    ...(seal.timeStamp === undefined ? [] : [context(0, bitString(seal.timeStamp))]),
  );
}

/** Throws malformed-der. */
export function parseSeal(der: Uint8Array): SesSeal {
  return sealOf(readDer(der, sesLimits));
}

/** A seal that stands inside a signature. Throws malformed-der. */
export function sealOf(element: DerElement): SesSeal {
  return element.children.length === 2 ? sealOfVersion1(element) : laterSeal(element);
}

/** SES_Seal ::= SEQUENCE { esealInfo, signInfo SEQUENCE { cert OCTET STRING, signatureAlgorithm OID, signData BIT STRING } } */
function sealOfVersion1(element: DerElement): SesSeal {
  const seal = new DerCursor(element, 'SES_Seal');
  const info = seal.take(tags.sequence);
  const signInfo = seal.take(tags.sequence);
  seal.end();
  const cursor = new DerCursor(signInfo, 'SES_SignInfo');
  const signed = takeSigned(cursor);
  cursor.end();
  const [certificate, algorithm] = signInfo.children;
  if (certificate === undefined || algorithm === undefined) throw malformed('SES_SignInfo ends early');
  const signedBytes = sequence(info.raw, certificate.raw, algorithm.raw);
  return { ...madeOf(info, signed, [1]), signedBytes, timeStamp: undefined };
}

function laterSeal(element: DerElement): SesSeal {
  const seal = new DerCursor(element, 'SES_Seal');
  const info = seal.take(tags.sequence);
  const signed = takeSigned(seal);
  const timeStamp = timeStampOf(seal.optional(contextTag(0)) ?? seal.optional(primitiveContextTag(0)));
  seal.end();
  const made = madeOf(info, signed, [4, 5]);
  if (timeStamp !== undefined && made.info.version !== 5) throw malformed('a time stamp in a seal before version 5');
  return { ...made, signedBytes: info.raw, timeStamp };
}

function madeOf(info: DerElement, signed: ReturnType<typeof takeSigned>, versions: readonly SesVersion[]) {
  const { certificate: makerCertificate, algorithmOid: signatureAlgorithmOid, signature } = signed;
  return { info: parseInfo(info, versions), infoDer: info.raw, makerCertificate, signatureAlgorithmOid, signature };
}

function parseInfo(element: DerElement, versions: readonly SesVersion[]): SesSealInfo {
  const info = new DerCursor(element, 'SES_SealInfo');
  const header = new DerCursor(info.any(), 'SES_Header');
  if (ia5Of(header.any()) !== 'ES') throw malformed('SES_Header without ES');
  const number = smallIntegerOf(header.take(tags.integer));
  const version = versions.find((known) => known === number);
  if (version === undefined) throw malformed(`SES_Header of version ${number}`);
  const vendor = ia5Of(header.any());
  header.end();
  const esId = ia5Of(info.any());
  const property = parseProperty(info.any(), version);
  const picture = parsePicture(info.any());
  const extensions = info.optional(tags.sequence)?.children.map(parseExtension) ?? [];
  info.end();
  return { version, vendor, esId, ...property, picture, extensions };
}

/** Version 1 has no certListType: the certificates stand there in full. */
function parseProperty(element: DerElement, version: SesVersion) {
  const property = new DerCursor(element, 'SES_ESPropertyInfo');
  const type = smallIntegerOf(property.take(tags.integer));
  const name = stringOf(property.take(tags.utf8String));
  const listType = version === 1 ? certificatesInFull : smallIntegerOf(property.take(tags.integer));
  if (listType !== certificatesInFull && listType !== certificatesByDigest) throw malformed(`certListType ${listType}`);
  const { children } = property.take(tags.sequence);
  const full = listType === certificatesInFull;
  const certificates = full ? children.map(octetsOf) : [];
  const certificateDigests = full ? [] : children.map(parseDigest);
  const createdAt = sesTimeOf(property.any());
  const validFrom = sesTimeOf(property.any());
  const validUntil = sesTimeOf(property.any());
  property.end();
  return { type, name, certificates, certificateDigests, createdAt, validFrom, validUntil };
}

function parseDigest(element: DerElement): CertificateDigest {
  const cursor = new DerCursor(element, 'CertDigestObj');
  const algorithm = stringOf(cursor.any());
  const value = octetsOf(cursor.any());
  cursor.end();
  return { algorithm, value };
}

function parsePicture(element: DerElement): SesSealInfo['picture'] {
  const picture = new DerCursor(element, 'SES_ESPictureInfo');
  const type = ia5Of(picture.any());
  const data = octetsOf(picture.any());
  const widthMm = smallIntegerOf(picture.take(tags.integer));
  const heightMm = smallIntegerOf(picture.take(tags.integer));
  picture.end();
  return { type, data, widthMm, heightMm };
}
