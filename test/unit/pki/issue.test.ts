// Certificates of the profiles that are not of every day, and the lint that stands before each signature; RFC 6960, ISO/IEC 18013-5 annex B.

import assert from 'node:assert/strict';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import * as write from '../../../src/codec/der-write.ts';
import { generateKeyPair } from '../../../src/crypto/key-material.ts';
import { createSigner } from '../../../src/crypto/signer.ts';
import { toHex } from '../../../src/kernel/bytes.ts';
import { moment } from '../../../src/kernel/clock.ts';
import type { Certificate } from '../../../src/pki/certificate.ts';
import { isSignedBy } from '../../../src/pki/certificate.ts';
import type { CertificateOrder } from '../../../src/pki/issue.ts';
import { issueCertificate } from '../../../src/pki/issue.ts';
import { lintCertificate } from '../../../src/pki/lint.ts';
import type { CertificateProfile } from '../../../src/pki/profiles.ts';
import { certificateProfiles } from '../../../src/pki/profiles.ts';
import { keyIdentifierOf } from '../../../src/pki/public-key.ts';
import { issued, memorySigner, notBefore, sandboxPki, sealOrder, serial } from './sandbox-pki.ts';

const pki = await sandboxPki();
const ocsp = 'http://localhost:3000/ocsp/ca';

function orderOf(profile: CertificateProfile, changes: Partial<CertificateOrder> = {}): CertificateOrder {
  const { spki } = memorySigner(certificateProfiles[profile].keyPurpose);
  const order = sealOrder(pki.ca, spki);
  const notAfter = moment('2026-03-01T00:00:00Z');
  return { ...order, profile, notAfter, urls: { ...order.urls, ocsp, contact: 'http://localhost:3000' }, ...changes };
}

/** The rules that a certificate of one profile breaks when it is held against another. */
function brokenAs(certificate: Certificate, profile: CertificateProfile): string {
  const context = { profile, issuer: pki.ca.certificate, issuerSpki: pki.ca.certificate.spki };
  return lintCertificate(certificate, context)
    .map(({ rule, clause }) => `${rule} (${clause})`)
    .join('; ');
}

describe('RFC 6960, 4.2.2.2: the certificate of an OCSP responder', () => {
  it('has nocheck and no address to ask at, and may do nothing else', async () => {
    const certificate = await issued(orderOf('ocsp-responder'));
    assert.deepEqual(certificate.extendedKeyUsage, ['1.3.6.1.5.5.7.3.9']);
    assert.deepEqual(certificate.extensions.get('1.3.6.1.5.5.7.48.1.5')?.value, write.nullValue());
    assert.deepEqual(certificate.ocspUrls, []);
    assert.equal(brokenAs(certificate, 'ocsp-responder'), '');
    assert.match(brokenAs(certificate, 'tls-client'), /nocheck stands in .*RFC 6960, 4\.2\.2\.2\.1/);
    const client = await issued(orderOf('tls-client'));
    assert.match(brokenAs(client, 'ocsp-responder'), /nocheck/);
    assert.match(brokenAs(client, 'ocsp-responder'), /responder names none/);
  });

  it('lives a hundred days at most, since nobody asks whether it was revoked', async () => {
    const order = orderOf('ocsp-responder', { notAfter: moment('2026-05-01T00:00:00Z') });
    await assert.rejects(issueCertificate(order), /validity is no longer than the profile allows/);
  });
});

describe('ISO/IEC 18013-5, B.1: certificates of mobile documents', () => {
  it('name how to reach the issuer, have no basicConstraints and a critical purpose', async () => {
    const certificate = await issued(orderOf('mdoc-issuer'));
    assert.equal(certificate.basicConstraints, undefined);
    assert.equal(certificate.extensions.get('2.5.29.37')?.critical, true);
    assert.ok(certificate.extensions.has('2.5.29.18'));
    assert.match(brokenAs(certificate, 'licence-issuer'), /B\.1\.4/);
  });

  it('are not signed without that address, or for another country than the root', async () => {
    const order = orderOf('mdoc-issuer');
    const { contact: _none, ...urls } = order.urls;
    await assert.rejects(issueCertificate({ ...order, urls }), /issuerAltName .*B\.1\.2/);
    const abroad = { ...order, subject: { country: 'UT', commonName: 'XTEXT' } };
    await assert.rejects(issueCertificate(abroad), /country of its root/);
  });
});

describe('RFC 5280, 4.2: what certificates of a kind have alike is made once', () => {
  const extension = ({ extensions }: Certificate, oid: string) => extensions.get(oid)?.value;
  const [authorityKeyId, crl] = ['2.5.29.35', '2.5.29.31'];

  it('and each has its own subject key identifier, in the octets that another library writes', async () => {
    for (const order of [orderOf('tls-client'), orderOf('tls-client'), orderOf('tls-client')]) {
      const certificate = await issueCertificate(order);
      const keyId = toHex(keyIdentifierOf(order.spki));
      const theirs = new x509.X509Certificate(Uint8Array.from(certificate.der));
      const extension = theirs.getExtension(x509.SubjectKeyIdentifierExtension);
      assert.equal(extension?.keyId, keyId);
      assert.deepEqual(extension.rawData, new x509.SubjectKeyIdentifierExtension(keyId).rawData);
    }
  });

  it('and another issuer, profile or address is another kind', async () => {
    const first = await issueCertificate(orderOf('tls-client'));
    const { urls } = orderOf('tls-client');
    const moved = await issueCertificate(orderOf('tls-client', { urls: { ...urls, crl: 'http://elsewhere/ca.crl' } }));
    assert.deepEqual([first.crlUrls, moved.crlUrls], [[urls.crl], ['http://elsewhere/ca.crl']]);
    const other = await sandboxPki();
    const theirs = await issueCertificate(orderOf('tls-client', { issuer: other.ca }));
    assert.deepEqual(theirs.authorityKeyId, other.ca.certificate.subjectKeyId);
    assert.deepEqual(first.authorityKeyId, pki.ca.certificate.subjectKeyId);
    const again = await issueCertificate(orderOf('tls-client'));
    for (const oid of [authorityKeyId, crl]) assert.deepEqual(extension(again, oid), extension(first, oid));
  });
});

describe('RFC 5280, 4: issuing in both suites', () => {
  const root = (algorithm: 'SM2' | 'RS256' | 'ES384') => {
    const pair = generateKeyPair(algorithm);
    const signer = createSigner({ keyName: 'r', purpose: 'root-ca', algorithm, ...pair });
    return {
      signer,
      order: {
        profile: 'root-ca',
        subject: { country: 'CN', commonName: 'XTEXT 根' },
        spki: signer.spki,
        issuer: { signer },
        serial: serial(),
        notBefore,
        notAfter: moment('2045-01-01T00:00:00Z'),
        urls: {},
      } as const,
    };
  };
  for (const algorithm of ['SM2', 'RS256', 'ES384'] as const) {
    it(`a root over ${algorithm} signs itself, and another library reads of it what was ordered`, async () => {
      const { order } = root(algorithm);
      const certificate = await issueCertificate(order);
      assert.equal(certificate.signatureAlgorithm, algorithm);
      assert.ok(isSignedBy(certificate, certificate));
      const read = new x509.X509Certificate(Uint8Array.from(certificate.der));
      assert.equal(read.subjectName.getField('CN')[0], 'XTEXT 根');
      assert.equal(read.notAfter.toISOString(), '2045-01-01T00:00:00.000Z');
      assert.equal(read.getExtension(x509.BasicConstraintsExtension)?.ca, true);
    });
  }

  it('no certificate is signed by a key that is not that of the issuing certificate', async () => {
    const order = orderOf('tls-client');
    const other = { certificate: pki.ca.certificate, signer: memorySigner('issuing-ca') };
    await assert.rejects(issueCertificate({ ...order, issuer: other }), /not that of the issuing certificate/);
  });
});
