// The authorities and service keys of a deployment, from one declaration: in each suite a root, two issuing CAs, and who acts under them; RFC 5280, 3.2.

import type { AlgorithmName } from '../crypto/algorithms.ts';
import type { KeyPurpose } from '../crypto/signer.ts';
import type { DistinguishedName } from '../pki/name.ts';
import type { CertificateProfile } from '../pki/profiles.ts';

/** `intl`: ES256, or RSA by choice; `gm`: SM2 with SM3 (国密). An algorithm of one suite never signs a certificate of the other. */
export type Suite = 'intl' | 'gm';

export interface HierarchyMember {
  /** Name of the key; of an authority also its name in URLs. */
  readonly keyName: string;
  readonly profile: CertificateProfile;
  readonly issuer: IssuerName;
  readonly algorithm: AlgorithmName;
  readonly subject: DistinguishedName;
  readonly validDays: number;
  /** Renewed by itself, with the same key, when less than a third of its life is left. */
  readonly renewed: boolean;
}

export interface HierarchyOrder {
  /** Names then say that nothing here is worth any trust. */
  readonly sandbox: boolean;
  /** Of the international suite; keys that are there already stay as they are. */
  readonly algorithm: InternationalAlgorithm;
}

export const internationalAlgorithms = ['ES256', 'ES384', 'RS256'] as const;
export type InternationalAlgorithm = (typeof internationalAlgorithms)[number];

export const rootName = 'root-ca';
export const sealCaName = 'seal-ca';
export const serviceCaName = 'service-ca';
/** The root of mobile documents: ISO/IEC 18013-5 has the documents' signers right under it, and knows no SM2. */
export const mdocCaName = 'mdoc-ca';

export const caNames = [
  rootName,
  sealCaName,
  serviceCaName,
  mdocCaName,
  'root-ca-sm2',
  'seal-ca-sm2',
  'service-ca-sm2',
] as const;
export type CaName = (typeof caNames)[number];

/**
 * One key of an authority: the first is named like the authority, those that took its place `seal-ca-g2`, `seal-ca-g3` …
 * (RFC 4210, 4.4). Certificates say by which of them they were issued; each has its own CRL, OCSP responder and addresses.
 */
export type IssuerName = CaName | `${CaName}-g${number}`;

/** Where the paths of seals, licences and time stamps end. */
export const anchorNames = [rootName, 'root-ca-sm2'] as const satisfies readonly CaName[];

export const timeStampKeyNames: Readonly<Record<Suite, string>> = { intl: 'tsa', gm: 'tsa-sm2' };
export const sealMakerKeyNames: Readonly<Record<Suite, string>> = { intl: 'seal-maker', gm: 'seal-maker-sm2' };
export const licenceIssuerKeyName = 'licence-issuer';

const selfSigned: ReadonlySet<string> = new Set<CaName>([rootName, 'root-ca-sm2', mdocCaName]);

export function isCaName(text: string): text is CaName {
  return caNames.some((name) => name === text);
}

const generationEnding = /-g([2-9]|[1-9]\d{1,2})$/;

export function isIssuerName(text: string): text is IssuerName {
  return isCaName(text.replace(generationEnding, ''));
}

/** The authority that a key belongs to. */
export function caOf(issuer: IssuerName): CaName {
  const ca = issuer.replace(generationEnding, '');
  if (!isCaName(ca)) throw new RangeError(`${issuer} is no authority of ours`);
  return ca;
}

/** 1 for the first key of an authority. */
export function generationOf(issuer: IssuerName): number {
  return Number(generationEnding.exec(issuer)?.[1] ?? 1);
}

export function issuerName(ca: CaName, generation: number): IssuerName {
  return generation === 1 ? ca : `${ca}-g${generation}`;
}

export function isSelfSigned(issuer: IssuerName): boolean {
  return selfSigned.has(caOf(issuer));
}

export function suiteOf(algorithm: AlgorithmName): Suite {
  return algorithm === 'SM2' ? 'gm' : 'intl';
}

export function suiteOfCa(issuer: IssuerName): Suite {
  return caOf(issuer).endsWith('-sm2') ? 'gm' : 'intl';
}

/** Whether paths of ours end there. */
export function isAnchor(ca: CaName): boolean {
  return anchorNames.some((name) => name === ca);
}

/** The purpose that the key of an authority was made for. */
export function caPurpose(issuer: IssuerName): KeyPurpose {
  const ca = caOf(issuer);
  return ca === rootName || ca === 'root-ca-sm2' ? 'root-ca' : 'issuing-ca';
}

export function ocspKeyName(issuer: IssuerName): string {
  return `ocsp-${issuer}`;
}

const issuers: Readonly<Record<Suite, Readonly<Record<'root' | 'seal' | 'service', CaName>>>> = {
  intl: { root: rootName, seal: sealCaName, service: serviceCaName },
  gm: { root: 'root-ca-sm2', seal: 'seal-ca-sm2', service: 'service-ca-sm2' },
};

/** Which authority issues a profile over keys of a suite. The root issues itself; OCSP responders are made for each authority. */
export function issuerOf(profile: CertificateProfile, suite: Suite): CaName {
  switch (profile) {
    case 'root-ca':
    case 'issuing-ca':
    case 'ocsp-responder':
      return issuers[suite].root;
    case 'seal-signer':
    case 'seal-maker':
      return issuers[suite].seal;
    case 'licence-issuer':
    case 'time-stamp':
    case 'tls-client':
      return issuers[suite].service;
    case 'mdoc-root':
    case 'mdoc-issuer':
      return mdocCaName;
  }
}

/** In the order in which they are made: each issuer before what it issues. */
export function hierarchyMembers(order: HierarchyOrder): readonly HierarchyMember[] {
  return [...suiteMembers('intl', order), ...mdocMembers(order), ...suiteMembers('gm', order)];
}

function suiteMembers(suite: Suite, { sandbox, algorithm: international }: HierarchyOrder): HierarchyMember[] {
  const { root, seal, service } = issuers[suite];
  const gm = suite === 'gm';
  const algorithm = gm ? 'SM2' : international;
  const member = (
    keyName: string,
    profile: CertificateProfile,
    issuer: CaName,
    words: { name: string; validDays: number },
  ): HierarchyMember => ({
    keyName,
    profile,
    issuer,
    algorithm,
    subject: named(`${words.name}${gm ? ' SM2' : ''}`, sandbox),
    validDays: words.validDays,
    renewed: profile === 'ocsp-responder',
  });
  const suffixed = (keyName: string) => (gm ? `${keyName}-sm2` : keyName);
  return [
    member(root, 'root-ca', root, { name: 'Root CA', validDays: 7300 }),
    member(seal, 'issuing-ca', root, { name: 'Seal CA', validDays: 3650 }),
    member(service, 'issuing-ca', root, { name: 'Service CA', validDays: 3650 }),
    member(timeStampKeyNames[suite], 'time-stamp', service, { name: 'Time Stamp Authority', validDays: 1825 }),
    member(sealMakerKeyNames[suite], 'seal-maker', seal, { name: 'Seal Maker', validDays: 1825 }),
    member(suffixed(licenceIssuerKeyName), 'licence-issuer', service, { name: 'Licence Issuer', validDays: 1825 }),
    member(ocspKeyName(root), 'ocsp-responder', root, { name: 'Root OCSP Responder', validDays: 90 }),
    member(ocspKeyName(seal), 'ocsp-responder', seal, { name: 'Seal OCSP Responder', validDays: 90 }),
    member(ocspKeyName(service), 'ocsp-responder', service, { name: 'Service OCSP Responder', validDays: 90 }),
  ];
}

/** ISO/IEC 18013-5, B.1: ES256 whatever the other authorities use, because every reader must know it. */
function mdocMembers({ sandbox }: HierarchyOrder): HierarchyMember[] {
  const member = { issuer: mdocCaName, algorithm: 'ES256' } as const;
  return [
    {
      ...member,
      keyName: mdocCaName,
      profile: 'mdoc-root',
      subject: named('Mobile Document CA', sandbox),
      validDays: 7300,
      renewed: false,
    },
    {
      ...member,
      keyName: ocspKeyName(mdocCaName),
      profile: 'ocsp-responder',
      subject: named('Mobile Document OCSP Responder', sandbox),
      validDays: 90,
      renewed: true,
    },
  ];
}

function named(commonName: string, sandbox: boolean): DistinguishedName {
  const house = sandbox ? 'Yinxin Sandbox' : 'Yinxin';
  return { country: 'CN', organisation: house, commonName: `${house} ${commonName}` };
}
