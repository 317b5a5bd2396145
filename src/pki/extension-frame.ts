// The extensions of a certificate to be issued: what all of one profile and issuer have alike is made by @peculiar/x509, once; RFC 5280, 4.2.

import 'reflect-metadata'; // @peculiar/x509 needs it loaded before itself
import * as x509 from '@peculiar/x509';
import { namedBits, nullValue, octetString, oid, primitiveContext, sequence } from '../codec/der-write.ts';
import { extensionOids, ocspOids } from '../codec/oids.ts';
import type { Signer } from '../crypto/signer.ts';
import { concatBytes, toHex, utf8 } from '../kernel/bytes.ts';
import type { Certificate } from './certificate.ts';
import type { KeyUsage } from './extensions.ts';
import { keyUsages } from './extensions.ts';
import type { CertificateProfile } from './profiles.ts';
import { certificateProfiles } from './profiles.ts';
import { keyIdentifierOf } from './public-key.ts';

export interface IssuerUrls {
  readonly crl?: string;
  readonly caIssuers?: string;
  readonly ocsp?: string;
  /** How to reach the issuer, for profiles that say it. */
  readonly contact?: string;
}

export interface ExtensionOrder {
  readonly profile: CertificateProfile;
  /** Of the subject. */
  readonly spki: Uint8Array;
  readonly issuer: { readonly certificate?: Certificate; readonly signer: Signer };
  readonly urls: IssuerUrls;
}

/** The extensions before and after the subject key identifier, the only one that differs between certificates of a kind. */
interface ExtensionFrame {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** The general library takes ten times as long as the signature. Few are in use at once: profiles × issuers × addresses. */
const frames = new Map<string, ExtensionFrame>();
const maxFrames = 100;

/** Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension. */
export function writeExtensions({ profile, spki, issuer, urls }: ExtensionOrder): Uint8Array {
  const authorityKeyId = toHex(issuer.certificate?.subjectKeyId ?? keyIdentifierOf(issuer.signer.spki));
  const { crl, caIssuers, ocsp, contact } = urls;
  const name = JSON.stringify([profile, authorityKeyId, crl, caIssuers, ocsp, contact]);
  let frame = frames.get(name);
  if (frame === undefined) {
    frame = frameOf(profile, authorityKeyId, urls);
    if (frames.size >= maxFrames) frames.clear();
    frames.set(name, frame);
  }
  const subjectKeyId = octetString(octetString(keyIdentifierOf(spki)));
  return sequence(frame.before, sequence(oid(extensionOids.subjectKeyIdentifier), subjectKeyId), frame.after);
}

function frameOf(profile: CertificateProfile, authorityKeyId: string, urls: IssuerUrls): ExtensionFrame {
  const rules = certificateProfiles[profile];
  const before = [new x509.Extension(extensionOids.keyUsage, true, arrayBuffer(keyUsageBits(rules.keyUsage)))];
  if (rules.basicConstraints) {
    before.unshift(new x509.BasicConstraintsExtension(rules.ca, rules.pathLength, true));
  }
  const after: x509.Extension[] = [new x509.AuthorityKeyIdentifierExtension(authorityKeyId)];
  if (rules.extendedKeyUsage.length > 0) {
    after.push(new x509.ExtendedKeyUsageExtension([...rules.extendedKeyUsage], rules.extendedKeyUsageCritical));
  }
  if (rules.noCheck) after.push(new x509.Extension(ocspOids.noCheck, false, arrayBuffer(nullValue())));
  if (rules.issuerAltName && urls.contact !== undefined) {
    const names = sequence(primitiveContext(6, utf8(urls.contact)));
    after.push(new x509.Extension(extensionOids.issuerAltName, false, arrayBuffer(names)));
  }
  if (urls.crl !== undefined) after.push(new x509.CRLDistributionPointsExtension([urls.crl]));
  const access = {
    ...(urls.ocsp === undefined || rules.noCheck ? {} : { ocsp: urls.ocsp }),
    ...(urls.caIssuers === undefined ? {} : { caIssuers: urls.caIssuers }),
  };
  if (Object.keys(access).length > 0) after.push(new x509.AuthorityInfoAccessExtension(access));
  return { before: run(before), after: run(after) };
}

function run(extensions: readonly x509.Extension[]): Uint8Array {
  return concatBytes(...extensions.map(({ rawData }) => new Uint8Array(rawData)));
}

function keyUsageBits(usages: readonly KeyUsage[]): Uint8Array {
  return namedBits(usages.map((usage) => keyUsages.indexOf(usage)));
}

function arrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
