// The check of a certificate before it is signed: each rule cites the clause it comes from, and one broken rule stops the signature.

import { readDer } from '../codec/der.ts';
import { DerCursor, tags } from '../codec/der-value.ts';
import { nullValue } from '../codec/der-write.ts';
import { extensionOids, ocspOids } from '../codec/oids.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { addSeconds } from '../kernel/clock.ts';
import { isPlainText } from '../kernel/plain-text.ts';
import type { Certificate, CertificateContent } from './certificate.ts';
import { sameName } from './name-match.ts';
import type { CertificateProfile, ProfileRules } from './profiles.ts';
import { certificateProfiles } from './profiles.ts';
import { algorithmsFor, isWeakKey, keyIdentifierOf } from './public-key.ts';

export interface LintContext {
  readonly profile: CertificateProfile;
  /** The issuer's certificate; absent for a self-signed root. */
  readonly issuer?: Certificate;
  /** The issuer's public key. */
  readonly issuerSpki: Uint8Array;
}

export interface BrokenRule {
  readonly rule: string;
  readonly clause: string;
}

interface Rule extends BrokenRule {
  holds(content: CertificateContent, context: LintContext, rules: ProfileRules): boolean;
}

const secondsPerDay = 86_400;
/** Each attribute has an upper bound of its own, all of them smaller. */
const maxTextLength = 1000;

const rules: readonly Rule[] = [
  { rule: 'version is 3', clause: 'RFC 5280, 4.1.2.1', holds: ({ version }) => version === 3 },
  {
    rule: 'serial number is positive, at most 20 octets and long enough to be unguessable',
    clause: 'RFC 5280, 4.1.2.2; CA/Browser Forum BR 7.1 (64 bits)',
    holds: ({ serial }) => serial.length >= 9 && serial.length <= 20 && ((serial[0] ?? 0x80) & 0x80) === 0,
  },
  {
    rule: 'signature algorithm is one the issuer key may use',
    clause: 'RFC 5280, 4.1.2.3',
    holds: ({ signatureAlgorithm }, { issuer }) =>
      signatureAlgorithm !== undefined &&
      (issuer === undefined || algorithmsFor(issuer.publicKey).includes(signatureAlgorithm)),
  },
  {
    rule: 'issuer is the subject of the issuing certificate, octet by octet',
    clause: 'RFC 5280, 4.1.2.4, 6.1.3 (a)(4)',
    holds: ({ issuerDer, subjectDer }, { issuer }) => equalBytes(issuerDer, issuer?.subjectDer ?? subjectDer),
  },
  {
    rule: 'notBefore is before notAfter',
    clause: 'RFC 5280, 4.1.2.5',
    holds: ({ notBefore, notAfter }) => notBefore < notAfter,
  },
  {
    rule: 'validity lies within that of the issuer',
    clause: 'RFC 5280, 6.1.3 (a)(2): every certificate of the path is checked at one moment',
    holds: ({ notBefore, notAfter }, { issuer }) =>
      issuer === undefined || (notBefore >= issuer.notBefore && notAfter <= issuer.notAfter),
  },
  {
    rule: 'validity is no longer than the profile allows',
    clause: 'certificate profile, maxDays',
    holds: ({ notBefore, notAfter }, _, { maxDays }) => notAfter <= addSeconds(notBefore, maxDays * secondsPerDay),
  },
  {
    rule: 'subject has a country and a common name, each at most its upper bound',
    clause: 'RFC 5280, 4.1.2.6 and appendix A.1 (ub-common-name 64, ub-organization-name 64)',
    holds: ({ subject: { country, commonName, organisation } }) =>
      /^[A-Z]{2}$/.test(country ?? '') &&
      lengthWithin(commonName, 1, 64) &&
      (organisation === undefined || lengthWithin(organisation, 1, 64)),
  },
  {
    rule: 'subject reads as it is written: no control, format or private characters, nothing blank or with outer spaces',
    clause: 'RFC 5280, 7.1; RFC 4518, 2.2 to 2.6 (they make no other name, but another look)',
    holds: ({ subject }) => Object.values(subject).every(readsAsWritten),
  },
  {
    rule: 'subject of an end entity is not the name of its issuer',
    clause: 'RFC 5280, 4.1.2.6 and 6.1 (a self-issued certificate speaks for the authority)',
    holds: ({ subjectDer, issuerDer }, _, { ca }) => ca || !sameName(subjectDer, issuerDer),
  },
  {
    rule: 'public key is of the registry and not weak',
    clause: 'RFC 5280, 4.1.2.7; NIST SP 800-131A',
    holds: ({ publicKey }) => algorithmsFor(publicKey).length > 0 && !isWeakKey(publicKey),
  },
  {
    rule: 'subject key is not that of the issuer unless self-signed',
    clause: 'RFC 5280, 4.2.1.1 (a self-issued end entity would chain to itself)',
    holds: ({ spki }, { issuer, issuerSpki }) => equalBytes(spki, issuerSpki) === (issuer === undefined),
  },
  {
    rule: 'basicConstraints is critical and says what the profile says, or is not there where the profile has none',
    clause: 'RFC 5280, 4.2.1.9; ISO/IEC 18013-5, B.1.4',
    holds: ({ extensions, basicConstraints }, _, { ca, pathLength, basicConstraints: wanted }) => {
      const extension = extensions.get(extensionOids.basicConstraints);
      if (!wanted) return extension === undefined;
      return extension?.critical === true && basicConstraints?.ca === ca && basicConstraints.pathLength === pathLength;
    },
  },
  {
    rule: 'keyUsage is critical and exactly that of the profile',
    clause: 'RFC 5280, 4.2.1.3',
    holds: ({ extensions, keyUsage }, _, profile) =>
      extensions.get(extensionOids.keyUsage)?.critical === true && sameSet(keyUsage ?? [], profile.keyUsage),
  },
  {
    rule: 'extendedKeyUsage is exactly that of the profile, critical where it must be',
    clause: 'RFC 5280, 4.2.1.12; RFC 3161, 2.3; RFC 9336, 3; ISO/IEC 18013-5, B.1.4',
    holds: ({ extensions, extendedKeyUsage }, _, profile) => {
      const extension = extensions.get(extensionOids.extendedKeyUsage);
      if (profile.extendedKeyUsage.length === 0) return extension === undefined;
      const criticality = extension?.critical === profile.extendedKeyUsageCritical;
      return criticality && sameSet(extendedKeyUsage ?? [], profile.extendedKeyUsage);
    },
  },
  {
    rule: 'subjectKeyIdentifier is not critical and derives from the key',
    clause: 'RFC 5280, 4.2.1.2; RFC 7093, 2 (1)',
    holds: ({ extensions, subjectKeyId, spki }) =>
      extensions.get(extensionOids.subjectKeyIdentifier)?.critical === false &&
      equalBytes(subjectKeyId ?? new Uint8Array(), keyIdentifierOf(spki)),
  },
  {
    rule: 'authorityKeyIdentifier is not critical and is the subject key identifier of the issuer',
    clause: 'RFC 5280, 4.2.1.1',
    holds: ({ extensions, authorityKeyId, subjectKeyId }, { issuer }) =>
      extensions.get(extensionOids.authorityKeyIdentifier)?.critical === false &&
      equalBytes(
        authorityKeyId ?? new Uint8Array(),
        (issuer === undefined ? subjectKeyId : issuer.subjectKeyId) ?? new Uint8Array(1),
      ),
  },
  {
    rule: 'a certificate under an issuer says where its CRL and the issuer certificate are',
    clause: 'RFC 5280, 4.2.1.13 and 4.2.2.1',
    holds: ({ crlUrls, caIssuersUrls }, { issuer }) =>
      issuer === undefined
        ? [...crlUrls, ...caIssuersUrls].every(isHttpUrl)
        : [...crlUrls, ...caIssuersUrls].every(isHttpUrl) && crlUrls.length > 0 && caIssuersUrls.length > 0,
  },
  {
    rule: 'where the status is asked for is an http address, and an OCSP responder names none',
    clause: 'RFC 5280, 4.2.2.1; RFC 6960, 4.2.2.2.1',
    holds: ({ ocspUrls }, _, { noCheck }) => ocspUrls.every(isHttpUrl) && (!noCheck || ocspUrls.length === 0),
  },
  {
    rule: 'nocheck stands in certificates of OCSP responders and in no other, as NULL, not critical',
    clause: 'RFC 6960, 4.2.2.2.1',
    holds: ({ extensions }, _, { noCheck }) => {
      const extension = extensions.get(ocspOids.noCheck);
      if (!noCheck) return extension === undefined;
      return extension?.critical === false && equalBytes(extension.value, nullValue());
    },
  },
  {
    rule: 'issuerAltName says how to reach the issuer where the profile asks for it, not critical',
    clause: 'ISO/IEC 18013-5, B.1.2 and B.1.4; RFC 5280, 4.2.1.7',
    holds: ({ extensions }, _, { issuerAltName }) => {
      const extension = extensions.get(extensionOids.issuerAltName);
      if (!issuerAltName) return extension === undefined;
      return extension?.critical === false && readDer(extension.value).children.length > 0;
    },
  },
  {
    rule: 'a signer of mobile documents is of the country of its root, on a curve that every reader knows',
    clause: 'ISO/IEC 18013-5, B.1.4 and table B.3',
    holds: ({ subject, publicKey }, { profile, issuer }) =>
      profile !== 'mdoc-issuer' ||
      (subject.country === issuer?.subject.country &&
        subject.stateOrProvince === issuer?.subject.stateOrProvince &&
        algorithmsFor(publicKey).some((name) => ['ES256', 'ES384', 'EdDSA'].includes(name))),
  },
  {
    rule: 'issuer may issue this: a CA whose path length allows it',
    clause: 'RFC 5280, 6.1.4 (k), (l), (m), (n)',
    holds: (_, { issuer }, { ca }) =>
      issuer === undefined ||
      (issuer.basicConstraints?.ca === true &&
        issuer.keyUsage?.has('keyCertSign') === true &&
        !(ca && issuer.basicConstraints.pathLength === 0)),
  },
  {
    rule: 'no critical extension that we would not understand ourselves',
    clause: 'RFC 5280, 4.2',
    holds: ({ criticalUnknown }) => criticalUnknown.length === 0,
  },
  {
    rule: 'defaults are not written out',
    clause: 'ITU-T X.690, 11.5',
    holds: ({ extensions }) => !writesDefaults(extensions.get(extensionOids.basicConstraints)?.value),
  },
];

/** The rules that `content` breaks; empty means it may be signed. */
export function lintCertificate(content: CertificateContent, context: LintContext): BrokenRule[] {
  const profile = certificateProfiles[context.profile];
  return rules.filter((rule) => !rule.holds(content, context, profile)).map(({ rule, clause }) => ({ rule, clause }));
}

/** U+FFFD stands for what was no text. */
function readsAsWritten(text: string): boolean {
  return isPlainText(text, maxTextLength) && text === text.trim() && !text.includes('\ufffd');
}

function lengthWithin(text: string | undefined, least: number, most: number): boolean {
  const length = Array.from(text ?? '').length; // upper bounds count characters, not UTF-16 units
  return length >= least && length <= most;
}

function sameSet(actual: Iterable<string>, expected: Iterable<string>): boolean {
  return [...actual].sort().join(' ') === [...expected].sort().join(' ');
}

function isHttpUrl(url: string): boolean {
  return /^https?:\/\/[^\s]+$/.test(url);
}

/** cA FALSE written out in BasicConstraints. */
function writesDefaults(basicConstraints: Uint8Array | undefined): boolean {
  if (basicConstraints === undefined) return false;
  return new DerCursor(readDer(basicConstraints), 'BasicConstraints').optional(tags.boolean)?.content[0] === 0;
}
