// The test PKI, from one declaration: a root, an issuing CA, and leaves of every profile, with keys in memory.

import { generateKeyPair } from '../../../src/crypto/key-material.ts';
import type { KeyPurpose, Signer } from '../../../src/crypto/signer.ts';
import { createSigner } from '../../../src/crypto/signer.ts';
import { moment, randomBytes } from '../../../src/kernel/clock.ts';
import type { Certificate } from '../../../src/pki/certificate.ts';
import type { CertificateOrder } from '../../../src/pki/issue.ts';
import { issueCertificate } from '../../../src/pki/issue.ts';
import type { RevocationSource } from '../../../src/pki/revocation.ts';

export interface Identity {
  readonly signer: Signer;
  readonly certificate: Certificate;
}

export interface SandboxPki {
  readonly root: Identity;
  readonly ca: Identity;
  readonly seal: Identity;
  readonly maker: Identity;
  readonly tsa: Identity;
  readonly licence: Identity;
}

export const notBefore = moment('2026-01-01T00:00:00Z');
export const at = moment('2026-06-01T00:00:00Z');
export const allGood: RevocationSource = { check: () => ({ status: 'good' }) };

export function memorySigner(purpose: KeyPurpose, algorithm: 'ES256' | 'SM2' = 'ES256'): Signer {
  return createSigner({ keyName: purpose, purpose, algorithm, ...generateKeyPair(algorithm) });
}

export function serial(): Uint8Array {
  const octets = randomBytes(16);
  return octets.with(0, 0x40 | ((octets[0] ?? 0) & 0x3f));
}

/** A good order of a leaf, to be damaged by tests. */
export function sealOrder(issuer: Identity, spki: Uint8Array): CertificateOrder {
  return {
    profile: 'seal-signer',
    subject: { country: 'CN', organisation: 'XTEXT 市数据局', commonName: 'XTEXT 市数据局电子印章' },
    spki,
    issuer,
    serial: serial(),
    notBefore,
    notAfter: moment('2028-01-01T00:00:00Z'),
    urls: { crl: 'http://localhost:3000/crl/ca.crl', caIssuers: 'http://localhost:3000/ca/ca.cer' },
  };
}

export function issued(order: CertificateOrder): Promise<Certificate> {
  return issueCertificate(order);
}

export async function sandboxPki(algorithm: 'ES256' | 'SM2' = 'ES256'): Promise<SandboxPki> {
  const rootSigner = memorySigner('root-ca', algorithm);
  const root = {
    signer: rootSigner,
    certificate: await issued({
      profile: 'root-ca',
      subject: { country: 'CN', commonName: 'Test Root' },
      spki: rootSigner.spki,
      issuer: { signer: rootSigner },
      serial: serial(),
      notBefore,
      notAfter: moment('2045-01-01T00:00:00Z'),
      urls: {},
    }),
  };
  const caSigner = memorySigner('issuing-ca', algorithm);
  const ca = {
    signer: caSigner,
    certificate: await issued({
      ...sealOrder(root, caSigner.spki),
      profile: 'issuing-ca',
      subject: { country: 'CN', commonName: 'Test Issuing CA' },
      notAfter: moment('2035-01-01T00:00:00Z'),
    }),
  };
  const leaf = async (profile: CertificateOrder['profile'], purpose: KeyPurpose): Promise<Identity> => {
    const signer = memorySigner(purpose, algorithm);
    return { signer, certificate: await issued({ ...sealOrder(ca, signer.spki), profile }) };
  };
  return {
    root,
    ca,
    seal: await leaf('seal-signer', 'seal'),
    maker: await leaf('seal-maker', 'seal-maker'),
    tsa: await leaf('time-stamp', 'time-stamp'),
    licence: await leaf('licence-issuer', 'licence-issuer'),
  };
}
