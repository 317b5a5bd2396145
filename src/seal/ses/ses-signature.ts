// The signature made with a seal (SES_Signature) as data: encoder of versions 4 and 5, strict reader of 1, 4 and 5; GM/T 0031-2014, GB/T 38540-2020, GM/T 0031-2025, clause 7.

import type { DerElement } from '../../codec/der.ts';
import { malformed, readDer } from '../../codec/der.ts';
import {
  bitStringOctetsOf,
  contextTag,
  DerCursor,
  oidOf,
  onlyChild,
  primitiveContextTag,
  smallIntegerOf,
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
  sequence,
  tlv,
} from '../../codec/der-write.ts';
import { fromUtf8, utf8 } from '../../kernel/bytes.ts';
import { isTrustError } from '../../kernel/errors.ts';
import { sealOf, type SesSeal } from './ses-seal.ts';
import {
  ia5Of,
  parseExtension,
  sesLimits,
  type SesExtension,
  sesTimeOf,
  type SesVersion,
  takeSigned,
  timeStampOf,
} from './ses-value.ts';

export interface SesSignature {
  /** Of the seal; of the signature itself `tbsVersion`, which must be the same. */
  readonly version: SesVersion;
  readonly tbsVersion: number;
  /** TBS_Sign as it came: what the signature is over. */
  readonly tbsDer: Uint8Array;
  readonly seal: SesSeal;
  readonly sealDer: Uint8Array;
  /** timeInfo: claimed by the signer; `undefined` when version 1 holds something else there. */
  readonly signedAt: Date | undefined;
  readonly dataHash: Uint8Array;
  /** Names what `dataHash` is of; in OFD the path of Signature.xml. */
  readonly propertyInfo: string;
  readonly extensions: readonly SesExtension[];
  /** Of the signer, DER. */
  readonly certificate: Uint8Array;
  readonly signatureAlgorithmOid: string;
  readonly signature: Uint8Array;
  /** Time-stamp token over the signature value, if any. */
  readonly timeStamp: Uint8Array | undefined;
}

/**
 * TBS_Sign ::= SEQUENCE { version, eseal, timeInfo GeneralizedTime, dataHash BIT STRING, propertyInfo IA5String, extDatas [0] OPTIONAL }
 * RangeError for a `propertyInfo` that is not ASCII.
 */
export function encodeTbsSign(tbs: {
  version: 4 | 5;
  sealDer: Uint8Array;
  signedAt: Date;
  dataHash: Uint8Array;
  propertyInfo: string;
}): Uint8Array {
  return sequence(
    integer(tbs.version),
    tbs.sealDer,
    generalizedTime(tbs.signedAt),
    bitString(tbs.dataHash),
    ia5String(tbs.propertyInfo),
  );
}

/** SES_Signature ::= SEQUENCE { toSign, cert OCTET STRING, signatureAlgID OID, signature BIT STRING, timeStamp [0] BIT STRING OPTIONAL } */
export function encodeSesSignature(signed: {
  tbsDer: Uint8Array;
  certificate: Uint8Array;
  signatureAlgorithmOid: string;
  signature: Uint8Array;
  timeStamp?: Uint8Array;
}): Uint8Array {
  return sequence(
    signed.tbsDer,
    octetString(signed.certificate),
    oid(signed.signatureAlgorithmOid),
    bitString(signed.signature),
    ...(signed.timeStamp === undefined ? [] : [context(0, bitString(signed.timeStamp))]),
  );
}

/** Throws malformed-der. */
export function parseSesSignature(der: Uint8Array): SesSignature {
  const element = readDer(der, sesLimits);
  const [tbs] = element.children;
  if (tbs === undefined) throw malformed('SES_Signature without toSign');
  return element.children.length === 2 ? signatureOfVersion1(element) : laterSignature(element);
}

/** SES_Signature ::= SEQUENCE { toSign, signature BIT STRING }; the signer stands inside TBS_Sign. */
function signatureOfVersion1(element: DerElement): SesSignature {
  const outer = new DerCursor(element, 'SES_Signature');
  const toSign = outer.take(tags.sequence);
  const signature = bitStringOctetsOf(outer.any());
  outer.end();
  const tbs = new DerCursor(toSign, 'TBS_Sign');
  const common = takeCommon(tbs, (time) => timeInsideOf(bitStringOctetsOf(time)));
  const certificate = tbs.take(tags.octetString).content;
  const signatureAlgorithmOid = oidOf(tbs.any());
  tbs.end();
  if (common.version !== 1) throw malformed('a seal of another version');
  return {
    ...common,
    tbsDer: toSign.raw,
    extensions: [],
    certificate,
    signatureAlgorithmOid,
    signature,
    timeStamp: undefined,
  };
}

function laterSignature(element: DerElement): SesSignature {
  const outer = new DerCursor(element, 'SES_Signature');
  const toSign = outer.take(tags.sequence);
  const { certificate, algorithmOid, signature } = takeSigned(outer);
  const timeStamp = timeStampOf(outer.optional(contextTag(0)) ?? outer.optional(primitiveContextTag(0)));
  outer.end();
  const tbs = new DerCursor(toSign, 'TBS_Sign');
  const common = takeCommon(tbs, sesTimeOf);
  const extDatas = tbs.optional(contextTag(0));
  tbs.end();
  if (common.version === 1) throw malformed('a seal of another version');
  const extensions = extDatas === undefined ? [] : onlyChild(extDatas, 'extDatas').children.map(parseExtension);
  return {
    ...common,
    tbsDer: toSign.raw,
    extensions,
    certificate,
    signatureAlgorithmOid: algorithmOid,
    signature,
    timeStamp,
  };
}

function takeCommon(tbs: DerCursor, timeIn: (element: DerElement) => Date | undefined) {
  const tbsVersion = smallIntegerOf(tbs.take(tags.integer));
  const sealElement = tbs.take(tags.sequence);
  const seal = sealOf(sealElement);
  const signedAt = timeIn(tbs.any());
  const dataHash = bitStringOctetsOf(tbs.any());
  const propertyInfo = ia5Of(tbs.any());
  return { version: seal.info.version, tbsVersion, seal, sealDer: sealElement.raw, signedAt, dataHash, propertyInfo };
}

/** timeInfo of version 1 is a BIT STRING around whatever its maker took for a time: a DER time, digits, or a time stamp. */
function timeInsideOf(octets: Uint8Array): Date | undefined {
  const digits = /^(\d{14})Z?$/.exec(fromUtf8(octets) ?? '')?.[1];
  try {
    return sesTimeOf(digits === undefined ? readDer(octets) : readDer(tlv(tags.generalizedTime, utf8(`${digits}Z`))));
  } catch (error) {
    if (isTrustError(error, 'malformed-der')) return undefined;
    throw error;
  }
}
