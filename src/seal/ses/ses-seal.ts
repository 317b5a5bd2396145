// The electronic seal (SES_Seal, version 5) as data: encoder and strict reader; GM/T 0031-2025, clause 6.

import type { DerElement } from '../../codec/der.ts';
import { malformed, readDer } from '../../codec/der.ts';
import {
  bitStringOctetsOf,
  booleanOf,
  contextTag,
  DerCursor,
  expectTag,
  generalizedTimeOf,
  octetsOf,
  oidOf,
  onlyChild,
  smallIntegerOf,
  stringOf,
  tags,
} from '../../codec/der-value.ts';
import {
  bitString,
  generalizedTime,
  ia5String,
  integer,
  octetString,
  oid,
  sequence,
  utf8String,
} from '../../codec/der-write.ts';

/** ExtData: SEQUENCE { extnID OID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING } */
export interface SesExtension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

/** SES_SealInfo with its property and picture unfolded. */
export interface SesSealInfo {
  /** Vid: who made the software, ASCII. */
  readonly vendor: string;
  /** esID: the seal code (印章编码), ASCII. */
  readonly esId: string;
  /** 1: unit, 2: person; further numbers are vendors' own. */
  readonly type: number;
  readonly name: string;
  /** Certificates (DER) of those who may sign with the seal, compared byte by byte. */
  readonly certificates: readonly Uint8Array[];
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
  /** The bytes the maker signed. */
  readonly infoDer: Uint8Array;
  readonly makerCertificate: Uint8Array;
  readonly signatureAlgorithmOid: string;
  readonly signature: Uint8Array;
  /** Time-stamp token over the signature value, if any. */
  readonly timeStamp: Uint8Array | undefined;
}

const version = 5;
const certificatesInFull = 1;
/** A picture may be large, the structure around it is small. */
const limits = { maxBytes: 2 * 1024 * 1024, maxDepth: 10, maxElements: 1000 };

/**
 * SES_SealInfo ::= SEQUENCE { header, esID IA5String, property, picture, extDatas OPTIONAL }
 * SES_Header ::= SEQUENCE { ID IA5String("ES"), version INTEGER, Vid IA5String }
 * SES_ESPropertyInfo ::= SEQUENCE { type INTEGER, name UTF8String, certListType INTEGER(1), certList SEQUENCE OF OCTET STRING,
 *   createDate, validStart, validEnd GeneralizedTime }
 * SES_ESPictureInfo ::= SEQUENCE { type IA5String, data OCTET STRING, width INTEGER(mm), height INTEGER(mm) }
 */
export function encodeSealInfo(info: SesSealInfo): Uint8Array {
  const property = sequence(
    integer(info.type),
    utf8String(info.name),
    integer(certificatesInFull),
    sequence(...info.certificates.map(octetString)),
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
    sequence(ia5String('ES'), integer(version), ia5String(info.vendor)),
    ia5String(info.esId),
    property,
    picture,
    ...(info.extensions.length === 0 ? [] : [sequence(...info.extensions.map(encodeExtension))]),
  );
}

/** DER forbids a DEFAULT value, so only our non-critical form is written. */
function encodeExtension({ oid: id, value }: SesExtension): Uint8Array {
  return sequence(oid(id), octetString(value));
}

/** SES_Seal ::= SEQUENCE { eSealInfo, cert OCTET STRING, signAlgID OID, signedValue BIT STRING, timeStamp [0] BIT STRING OPTIONAL } */
export function encodeSeal(seal: {
  infoDer: Uint8Array;
  makerCertificate: Uint8Array;
  signatureAlgorithmOid: string;
  signature: Uint8Array;
}): Uint8Array {
  return sequence(
    seal.infoDer,
    octetString(seal.makerCertificate),
    oid(seal.signatureAlgorithmOid),
    bitString(seal.signature),
  );
}

/** Throws malformed-der; also for versions other than 5. */
export function parseSeal(der: Uint8Array): SesSeal {
  const seal = new DerCursor(readDer(der, limits), 'SES_Seal');
  const infoElement = seal.take(tags.sequence);
  const makerCertificate = octetsOf(seal.any());
  const signatureAlgorithmOid = oidOf(seal.any());
  const signature = bitStringOctetsOf(seal.any());
  const stamp = seal.optional(contextTag(0));
  seal.end();
  return {
    info: parseInfo(infoElement),
    infoDer: infoElement.raw,
    makerCertificate,
    signatureAlgorithmOid,
    signature,
    timeStamp: stamp === undefined ? undefined : bitStringOctetsOf(onlyChild(stamp, 'timeStamp')),
  };
}

function parseInfo(element: DerElement): SesSealInfo {
  const info = new DerCursor(element, 'SES_SealInfo');
  const header = new DerCursor(info.any(), 'SES_Header');
  if (ia5Of(header.any()) !== 'ES') throw malformed('SES_Header without ES');
  if (smallIntegerOf(header.take(tags.integer)) !== version) throw malformed('SES_Header of another version');
  const vendor = ia5Of(header.any());
  header.end();
  const esId = ia5Of(info.any());
  const property = parseProperty(info.any());
  const picture = parsePicture(info.any());
  const extensions = info.optional(tags.sequence)?.children.map(parseExtension) ?? [];
  info.end();
  return { vendor, esId, ...property, picture, extensions };
}

function parseProperty(element: DerElement) {
  const property = new DerCursor(element, 'SES_ESPropertyInfo');
  const type = smallIntegerOf(property.take(tags.integer));
  const name = stringOf(property.take(tags.utf8String));
  if (smallIntegerOf(property.take(tags.integer)) !== certificatesInFull) throw malformed('certListType is not 1');
  const certificates = property.take(tags.sequence).children.map(octetsOf);
  const createdAt = generalizedTimeOf(property.any());
  const validFrom = generalizedTimeOf(property.any());
  const validUntil = generalizedTimeOf(property.any());
  property.end();
  return { type, name, certificates, createdAt, validFrom, validUntil };
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

/** Vendors write FALSE although it is the default, which DER forbids; both are accepted. */
function parseExtension(element: DerElement): SesExtension {
  const extension = new DerCursor(element, 'ExtData');
  const id = oidOf(extension.any());
  const critical = extension.optional(tags.boolean);
  const value = octetsOf(extension.any());
  extension.end();
  return { oid: id, critical: critical !== undefined && booleanOf(critical), value };
}

function ia5Of(element: DerElement): string {
  return stringOf(expectTag(element, tags.ia5String, 'IA5String'));
}
