// A certificate revocation list, read strictly and kept with the bytes it came in; RFC 5280, 5.

import { elementsIn, malformed, readDer, readDerShallow } from '../codec/der.ts';
import type { DerElement } from '../codec/der.ts';
import { contextTag, expectTag, integerOf, onlyChild, smallIntegerOf, tags, timeOf } from '../codec/der-value.ts';
import { extensionOids } from '../codec/oids.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { SignedStructure } from './certificate-signature.ts';
import { readCertificateAlgorithm, signatureOctetsOf } from './certificate-signature.ts';
import type { CrlEntryIndex } from './crl-entries.ts';
import { isReason, readCrlEntries } from './crl-entries.ts';
import type { IssuingDistributionPoint } from './distribution-point.ts';
import { readIssuingDistributionPoint } from './distribution-point.ts';
import type { Extension } from './extensions.ts';
import { readExtensions } from './extensions.ts';

export { isReason };

export interface Crl extends SignedStructure {
  readonly der: Uint8Array;
  readonly issuerDer: Uint8Array;
  readonly signatureAlgorithmOid: string;
  readonly thisUpdate: Date;
  readonly nextUpdate?: Date;
  readonly number?: bigint;
  /** In a delta CRL: the number of the complete CRL that it goes on from (5.2.4). */
  readonly deltaBase?: bigint;
  readonly authorityKeyId?: Uint8Array;
  readonly issuingDistributionPoint?: IssuingDistributionPoint;
  /** Certificates of the CRL issuer itself, by `serialHexOf`. */
  readonly entries: CrlEntryIndex;
  /** In an indirect CRL: certificates of other issuers, by `nameKey` of the issuer, then by `serialHexOf` (5.3.3). */
  readonly otherEntries: ReadonlyMap<string, CrlEntryIndex>;
  /** Critical extensions of the list or of an entry that were not processed: the list must not be used (5.2, 5.3). */
  readonly criticalUnknown: readonly string[];
}

/** Room for a million entries with long serial numbers. */
const maxCrlBytes = 64 * 1024 * 1024;

/** Extensions of the list that are processed, or that mean nothing for validation. */
const knownExtensions: ReadonlySet<string> = new Set([
  extensionOids.authorityKeyIdentifier,
  extensionOids.issuerAltName,
  extensionOids.crlNumber,
  extensionOids.deltaCrlIndicator,
  extensionOids.issuingDistributionPoint,
  extensionOids.freshestCrl,
]);

/** Throws `malformed-certificate`. */
export function parseCrl(der: Uint8Array): Crl {
  try {
    return readCrl(der);
  } catch (error) {
    if (!isTrustError(error, 'malformed-der')) throw error;
    throw new TrustError('malformed-certificate', `CRL: ${error.message}`, { cause: error });
  }
}

function readCrl(der: Uint8Array): Crl {
  const list = expectTag(readDerShallow(der, { maxBytes: maxCrlBytes }), tags.sequence, 'CertificateList');
  const [tbs, algorithm, signature, ...surplus] = elementsIn(list.content, 3);
  if (tbs?.tag !== tags.sequence || algorithm === undefined || signature === undefined || surplus.length > 0)
    throw malformed('CertificateList has other members');
  const { issuerDer, extensions, revoked, ...head } = readTbsCertList(tbs, algorithm.raw);
  const entries = readCrlEntries(revoked?.content ?? new Uint8Array(), issuerDer);
  const criticalUnknown = [...extensions.values()]
    .filter(({ oid, critical }) => critical && !knownExtensions.has(oid))
    .map(({ oid }) => oid);
  return {
    ...head,
    ...readCrlExtensions(extensions),
    der,
    tbs: tbs.raw,
    issuerDer,
    entries: entries.own,
    otherEntries: entries.others,
    criticalUnknown: [...criticalUnknown, ...entries.criticalUnknown],
    signature: signatureOctetsOf(readDer(signature.raw)),
  };
}

type Head = Pick<
  Crl,
  'issuerDer' | 'thisUpdate' | 'nextUpdate' | 'signatureAlgorithm' | 'signatureAlgorithmOid' | 'foreignAlgorithm'
> & { readonly revoked: DerElement | undefined; readonly extensions: ReadonlyMap<string, Extension> };

/** All but the revoked certificates, which are too many to be read as one tree. */
function readTbsCertList(tbs: DerElement, outerAlgorithm: Uint8Array): Head {
  const members = [...elementsIn(tbs.content, 7)];
  const next = (): DerElement => {
    const member = members.shift();
    if (member === undefined) throw malformed('TBSCertList ends early');
    return member;
  };
  const optional = (...wanted: number[]): DerElement | undefined =>
    wanted.includes(members[0]?.tag ?? -1) ? next() : undefined;

  const version = optional(tags.integer);
  if (version !== undefined && smallIntegerOf(readDer(version.raw)) !== 1) throw malformed('version is not 2');
  const { oid, name, foreign, raw } = readCertificateAlgorithm(
    expectTag(readDer(next().raw), tags.sequence, 'signature'),
  );
  if (!equalBytes(raw, outerAlgorithm)) throw malformed('the two signature algorithms differ'); // 5.1.1.2
  const issuer = expectTag(readDer(next().raw), tags.sequence, 'issuer');
  const thisUpdate = timeOf(next());
  const nextUpdate = optional(tags.utcTime, tags.generalizedTime);
  const revoked = optional(tags.sequence);
  const extensionsElement = optional(contextTag(0));
  if (members.length > 0) throw malformed('TBSCertList has surplus members');
  if (version === undefined && extensionsElement !== undefined) throw malformed('extensions in version 1');
  return {
    issuerDer: issuer.raw,
    thisUpdate,
    signatureAlgorithmOid: oid,
    ...(nextUpdate === undefined ? {} : { nextUpdate: timeOf(nextUpdate) }),
    ...(name === undefined ? {} : { signatureAlgorithm: name }),
    ...(foreign === undefined ? {} : { foreignAlgorithm: foreign }),
    revoked,
    extensions:
      extensionsElement === undefined
        ? new Map()
        : readExtensions(onlyChild(readDer(extensionsElement.raw), 'crlExtensions')),
  };
}

type CrlExtensions = Pick<Crl, 'number' | 'deltaBase' | 'authorityKeyId' | 'issuingDistributionPoint'>;

function readCrlExtensions(extensions: ReadonlyMap<string, Extension>): CrlExtensions {
  const valueOf = (oid: string): Uint8Array | undefined => extensions.get(oid)?.value;
  const number = valueOf(extensionOids.crlNumber);
  const base = valueOf(extensionOids.deltaCrlIndicator);
  const point = valueOf(extensionOids.issuingDistributionPoint);
  const keyIdentifier = valueOf(extensionOids.authorityKeyIdentifier);
  const keyId = keyIdentifier === undefined ? undefined : authorityKeyIdOf(keyIdentifier);
  return {
    ...(number === undefined ? {} : { number: crlNumberOf(number) }),
    ...(base === undefined ? {} : { deltaBase: crlNumberOf(base) }),
    ...(point === undefined ? {} : { issuingDistributionPoint: readIssuingDistributionPoint(point) }),
    ...(keyId === undefined ? {} : { authorityKeyId: keyId }),
  };
}

/** CRLNumber ::= INTEGER (0..MAX), at most 20 octets (5.2.3). */
function crlNumberOf(value: Uint8Array): bigint {
  const element = expectTag(readDer(value), tags.integer, 'CRLNumber');
  if (element.content.length > 21) throw malformed('CRLNumber too long');
  const number = integerOf(element);
  if (number < 0n) throw malformed('CRLNumber is negative');
  return number;
}

function authorityKeyIdOf(value: Uint8Array): Uint8Array | undefined {
  const { children } = expectTag(readDer(value), tags.sequence, 'AuthorityKeyIdentifier');
  return children.find(({ tag }) => tag === 0x80)?.content;
}
