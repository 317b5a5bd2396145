// A certificate revocation list, read strictly and kept with the bytes it came in; RFC 5280, 5.

import { malformed, readDer } from '../codec/der.ts';
import type { DerElement } from '../codec/der.ts';
import {
  bitStringOctetsOf,
  contextTag,
  DerCursor,
  integerOf,
  onlyChild,
  smallIntegerOf,
  tags,
  timeOf,
} from '../codec/der-value.ts';
import { extensionOids } from '../codec/oids.ts';
import type { AlgorithmName } from '../crypto/algorithms.ts';
import { verifySignature } from '../crypto/verify.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { readSignatureAlgorithm } from './algorithm-identifier.ts';
import type { Certificate } from './certificate.ts';
import { serialHexOf } from './certificate.ts';
import type { Extension } from './extensions.ts';
import { readExtensions } from './extensions.ts';
import { sameName } from './name.ts';
import type { RevocationReason } from './revocation.ts';
import { revocationReasons } from './revocation.ts';

export interface CrlEntry {
  readonly revokedAt: Date;
  readonly reason: RevocationReason;
}

export interface Crl {
  readonly der: Uint8Array;
  readonly tbs: Uint8Array;
  readonly issuerDer: Uint8Array;
  readonly thisUpdate: Date;
  readonly nextUpdate?: Date;
  readonly number?: bigint;
  readonly authorityKeyId?: Uint8Array;
  /** By `serialHexOf`. */
  readonly entries: ReadonlyMap<string, CrlEntry>;
  /** Critical extensions of the list or of an entry that were not processed: the list must not be used (5.2, 5.3). */
  readonly criticalUnknown: readonly string[];
  readonly signatureAlgorithm?: AlgorithmName;
  readonly signature: Uint8Array;
}

/** Room for some 300,000 entries. */
const maxCrlBytes = 16 * 1024 * 1024;
const maxCrlElements = 3_000_000;

/** Throws `malformed-certificate`. */
export function parseCrl(der: Uint8Array): Crl {
  try {
    return readCrl(der);
  } catch (error) {
    if (!isTrustError(error, 'malformed-der')) throw error;
    throw new TrustError('malformed-certificate', `CRL: ${error.message}`, { cause: error });
  }
}

/**
 * What forbids relying on `crl` at `now` for certificates of `issuer`; `undefined` when nothing does (RFC 5280, 6.3.3).
 * The issuer must be the CA itself: indirect CRLs and CRLs for some reasons only have a critical extension and are refused.
 */
export function crlProblem(crl: Crl, issuer: Certificate, now: Date): string | undefined {
  if (!sameName(crl.issuerDer, issuer.subjectDer)) return 'the CRL is of another issuer';
  const keyIdDiffers =
    crl.authorityKeyId !== undefined &&
    issuer.subjectKeyId !== undefined &&
    !equalBytes(crl.authorityKeyId, issuer.subjectKeyId);
  if (keyIdDiffers) return 'the CRL is of another key of the issuer';
  if (issuer.keyUsage !== undefined && !issuer.keyUsage.has('cRLSign')) return 'the issuer may not sign CRLs';
  if (crl.criticalUnknown.length > 0) return `critical extension ${crl.criticalUnknown.join(', ')} is not understood`;
  if (crl.thisUpdate > now) return 'the CRL is from the future';
  if (crl.nextUpdate === undefined || crl.nextUpdate < now) return 'the CRL is out of date';
  const { signatureAlgorithm: algorithm, tbs: data, signature } = crl;
  const signed =
    algorithm !== undefined && verifySignature({ algorithm, spki: issuer.spki, data, signature, form: 'der' });
  return signed ? undefined : 'the signature of the CRL is bad';
}

function readCrl(der: Uint8Array): Crl {
  const outer = new DerCursor(readDer(der, { maxBytes: maxCrlBytes, maxElements: maxCrlElements }), 'CertificateList');
  const tbs = outer.take(tags.sequence);
  const algorithm = outer.take(tags.sequence);
  const signature = bitStringOctetsOf(outer.take(tags.bitString));
  outer.end();

  const cursor = new DerCursor(tbs, 'TBSCertList');
  const version = cursor.optional(tags.integer);
  if (version !== undefined && smallIntegerOf(version) !== 1) throw malformed('version is not 2');
  const { name, raw } = readSignatureAlgorithm(cursor.take(tags.sequence));
  if (!equalBytes(raw, algorithm.raw)) throw malformed('the two signature algorithms differ'); // 5.1.1.2
  const issuerDer = cursor.take(tags.sequence).raw;
  const thisUpdate = timeOf(cursor.any());
  const isTime = cursor.peekTag() === tags.utcTime || cursor.peekTag() === tags.generalizedTime;
  const nextUpdate = isTime ? timeOf(cursor.any()) : undefined;
  const revoked = cursor.optional(tags.sequence);
  const extensionsElement = cursor.optional(contextTag(0));
  cursor.end();
  if (version === undefined && extensionsElement !== undefined) throw malformed('extensions in version 1');
  const extensions =
    extensionsElement === undefined
      ? new Map<string, Extension>()
      : readExtensions(onlyChild(extensionsElement, 'crlExtensions'));
  const known = new Set<string>([extensionOids.authorityKeyIdentifier, extensionOids.crlNumber]);
  const criticalUnknown = [...extensions.values()]
    .filter(({ oid: type, critical }) => critical && !known.has(type))
    .map((e) => e.oid);
  const entries = new Map<string, CrlEntry>();
  for (const element of revoked?.children ?? []) {
    const { serialHex, entry, critical } = readEntry(element);
    if (entries.has(serialHex)) throw malformed('a serial number twice');
    entries.set(serialHex, entry);
    criticalUnknown.push(...critical);
  }
  const number = extensions.get(extensionOids.crlNumber);
  const keyId = authorityKeyId(extensions.get(extensionOids.authorityKeyIdentifier));
  return {
    der,
    tbs: tbs.raw,
    issuerDer,
    thisUpdate,
    ...(nextUpdate === undefined ? {} : { nextUpdate }),
    ...(number === undefined ? {} : { number: integerOf(readDer(number.value)) }),
    ...(keyId === undefined ? {} : { authorityKeyId: keyId }),
    entries,
    criticalUnknown,
    ...(name === undefined ? {} : { signatureAlgorithm: name }),
    signature,
  };
}

function readEntry(element: DerElement): { serialHex: string; entry: CrlEntry; critical: string[] } {
  const cursor = new DerCursor(element, 'revokedCertificate');
  const serialHex = serialHexOf(cursor.take(tags.integer).content);
  const revokedAt = timeOf(cursor.any());
  const extensionsElement = cursor.optional(tags.sequence);
  cursor.end();
  const extensions = extensionsElement === undefined ? new Map<string, Extension>() : readExtensions(extensionsElement);
  const known = new Set<string>([extensionOids.reasonCode, extensionOids.invalidityDate]);
  const critical = [...extensions.values()].filter((e) => e.critical && !known.has(e.oid)).map((e) => e.oid);
  const code = extensions.get(extensionOids.reasonCode);
  return { serialHex, entry: { revokedAt, reason: code === undefined ? 'unspecified' : reasonOf(code) }, critical };
}

function reasonOf({ value }: Extension): RevocationReason {
  const element = readDer(value);
  if (element.tag !== tags.enumerated) throw malformed('reasonCode is not ENUMERATED');
  const code = smallIntegerOf(element);
  for (const reason of Object.keys(revocationReasons)) {
    if (isReason(reason) && revocationReasons[reason] === code) return reason;
  }
  return 'unspecified';
}

export function isReason(text: string): text is RevocationReason {
  return Object.hasOwn(revocationReasons, text);
}

function authorityKeyId(keyIdentifier: Extension | undefined): Uint8Array | undefined {
  if (keyIdentifier === undefined) return undefined;
  return readDer(keyIdentifier.value).children.find(({ tag }) => tag === 0x80)?.content;
}
