// Certificates: issued by profile and lint, read strictly; RFC 5280, 4, judged by OpenSSL.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { DerElement } from '../../../src/codec/der.ts';
import { readDer } from '../../../src/codec/der.ts';
import * as write from '../../../src/codec/der-write.ts';
import { concatBytes } from '../../../src/kernel/bytes.ts';
import { moment } from '../../../src/kernel/clock.ts';
import { isTrustError, TrustError } from '../../../src/kernel/errors.ts';
import { isSignedBy, parseCertificate } from '../../../src/pki/certificate.ts';
import type { CertificateOrder } from '../../../src/pki/issue.ts';
import { issueCertificate } from '../../../src/pki/issue.ts';
import { certificateProfiles } from '../../../src/pki/profiles.ts';
import { needOpenssl } from '../../support/openssl.ts';
import { issued, memorySigner, sandboxPki, sealOrder } from './sandbox-pki.ts';

const pki = await sandboxPki();

describe('RFC 5280, 4.2: certificates of the profiles', () => {
  it('say what their profile says', () => {
    const { root, ca, seal, maker, tsa, licence } = pki;
    const profiles = {
      'root-ca': root,
      'issuing-ca': ca,
      'seal-signer': seal,
      'seal-maker': maker,
      'time-stamp': tsa,
      'licence-issuer': licence,
    } as const;
    for (const profile of [
      'root-ca',
      'issuing-ca',
      'seal-signer',
      'seal-maker',
      'time-stamp',
      'licence-issuer',
    ] as const) {
      const { certificate } = profiles[profile];
      const rules = certificateProfiles[profile];
      assert.equal(certificate.version, 3);
      assert.equal(certificate.basicConstraints?.ca, rules.ca);
      assert.equal(certificate.basicConstraints.pathLength, rules.pathLength);
      assert.deepEqual([...(certificate.keyUsage ?? [])], rules.keyUsage);
      assert.deepEqual(certificate.extendedKeyUsage ?? [], rules.extendedKeyUsage);
      assert.deepEqual(certificate.criticalUnknown, []);
    }
  });

  it('keep Chinese names as they were ordered', () => {
    assert.equal(pki.seal.certificate.subject.organisation, 'XTEXT 市数据局');
    assert.equal(pki.seal.certificate.issuer.commonName, 'Test Issuing CA');
  });

  it('are signed by their issuer and nobody else, over the bytes as received', () => {
    const { root, ca, seal } = pki;
    assert.equal(isSignedBy(seal.certificate, ca.certificate), true);
    assert.equal(isSignedBy(ca.certificate, root.certificate), true);
    assert.equal(isSignedBy(seal.certificate, root.certificate), false);
    const { tbs } = seal.certificate;
    const damaged = { ...seal.certificate, tbs: tbs.with(tbs.length - 1, (tbs[tbs.length - 1] ?? 0) ^ 1) };
    assert.equal(isSignedBy(damaged, ca.certificate), false);
  });

  it('are read by openssl as what they are meant to be', function () {
    const openssl = needOpenssl(this);
    try {
      const { root, ca, seal, tsa } = pki;
      const [anchor, middle, leaf, stamp] = [root, ca, seal, tsa].map(({ certificate: { der } }, index) =>
        openssl.writePem(`${index}.pem`, [{ label: 'CERTIFICATE', der }]),
      );
      assert.ok(anchor && middle && leaf && stamp);
      const text = openssl.run('x509', '-noout', '-text', '-nameopt', 'utf8', '-in', leaf).output;
      assert.match(text, /Version: 3/);
      assert.match(text, /O=XTEXT 市数据局/);
      assert.match(text, /Key Usage: critical\s+Digital Signature, Non Repudiation/);
      assert.match(text, /Basic Constraints: critical\s+CA:FALSE/);
      assert.match(text, /URI:http:\/\/localhost:3000\/crl\/ca\.crl/);
      const stampText = openssl.run('x509', '-noout', '-text', '-in', stamp).output;
      assert.match(stampText, /Extended Key Usage: critical\s+Time Stamping/);
      const judged = openssl.run(
        'verify',
        '-x509_strict',
        '-attime',
        '1780272000',
        '-CAfile',
        anchor,
        '-untrusted',
        middle,
        leaf,
      );
      assert.equal(judged.good, true, judged.output);
      const dump = openssl.run('asn1parse', '-in', leaf);
      assert.equal(dump.good, true);
      assert.equal(dump.output.includes('Error'), false);
    } finally {
      openssl.remove();
    }
  });
});

describe('Lint: what would break a rule is not signed', () => {
  const signed: Uint8Array[] = [];
  const watched = (order: CertificateOrder): CertificateOrder => {
    const { signer } = order.issuer;
    const spying = {
      ...signer,
      sign: async (data: Uint8Array, form: 'der' | 'raw') => {
        signed.push(data);
        return signer.sign(data, form);
      },
    };
    return { ...order, issuer: { ...order.issuer, signer: spying } };
  };
  const broken = async (change: (order: CertificateOrder) => CertificateOrder): Promise<string> => {
    signed.length = 0;
    const order = watched(change(sealOrder(pki.ca, memorySigner('seal').spki)));
    const error: unknown = await issueCertificate(order).then(
      () => assert.fail('was signed'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof TrustError && error.code === 'certificate-lint-failed', String(error));
    assert.equal(signed.length, 0);
    return error.message;
  };

  const cases: Record<string, { change: (order: CertificateOrder) => CertificateOrder; clause: RegExp }> = {
    'a serial that can be guessed': { change: (o) => ({ ...o, serial: Uint8Array.of(1, 2, 3) }), clause: /4\.1\.2\.2/ },
    'a serial over 20 octets': { change: (o) => ({ ...o, serial: new Uint8Array(21).fill(1) }), clause: /4\.1\.2\.2/ },
    'an end before the beginning': {
      change: (o) => ({ ...o, notAfter: moment('2025-01-01T00:00:00Z') }),
      clause: /4\.1\.2\.5/,
    },
    'an end after that of the issuer': {
      change: (o) => ({ ...o, notAfter: moment('2036-01-01T00:00:00Z') }),
      clause: /6\.1\.3 \(a\)\(2\)/,
    },
    'a life longer than the profile allows': {
      change: (o) => ({ ...o, notAfter: moment('2030-01-01T00:00:00Z') }),
      clause: /maxDays/,
    },
    'a subject without a common name': { change: (o) => ({ ...o, subject: { country: 'CN' } }), clause: /4\.1\.2\.6/ },
    'a subject without a country': { change: (o) => ({ ...o, subject: { commonName: 'x' } }), clause: /4\.1\.2\.6/ },
    'a common name over 64 characters': {
      change: (o) => ({ ...o, subject: { country: 'CN', commonName: '章'.repeat(65) } }),
      clause: /ub-common-name/,
    },
    'the name of the issuer': {
      change: (o) => ({ ...o, subject: { country: 'CN', commonName: 'test issuing  CA' } }),
      clause: /self-issued/,
    },
    'the key of the issuer itself': { change: (o) => ({ ...o, spki: pki.ca.signer.spki }), clause: /4\.2\.1\.1/ },
    'no place of a CRL': { change: (o) => ({ ...o, urls: {} }), clause: /4\.2\.1\.13/ },
    'a place that is no URL': {
      change: (o) => ({ ...o, urls: { crl: 'ca.crl', caIssuers: 'ca.cer' } }),
      clause: /4\.2\.1\.13/,
    },
  };
  for (const [sentence, { change, clause }] of Object.entries(cases)) {
    it(`refuses ${sentence} and names the clause`, async () => assert.match(await broken(change), clause));
  }

  it('refuses a subject that does not read as it is written (RFC 4518, 2.2 to 2.6)', async () => {
    const texts = {
      NUL: 'bank.example\0.evil',
      'a line end': 'a\nb',
      'a C1 control': 'a\u0085b',
      'right-to-left override': 'abc\u202egpj.exe',
      'a space without width': 'ad\u200bmin',
      'private use': 'a\ue000b',
      'half a character': 'a\ud800b',
      blank: '   ',
      'outer spaces': ' Test ',
    };
    for (const [what, text] of Object.entries(texts)) {
      for (const attribute of ['commonName', 'organisation'] as const) {
        const subject = { country: 'CN', commonName: 'x', [attribute]: text };
        assert.match(await broken((order) => ({ ...order, subject })), /RFC 4518/, `${what} in ${attribute}`);
      }
    }
  });

  it('refuses an issuing CA below an issuing CA of path length zero', async () => {
    const order = {
      ...sealOrder({ ...pki.ca, signer: { ...pki.ca.signer, purpose: 'root-ca' } }, memorySigner('issuing-ca').spki),
    };
    await assert.rejects(issueCertificate({ ...order, profile: 'issuing-ca' }), /6\.1\.4/);
  });

  it('refuses an issuing key of another purpose', async () => {
    const order = sealOrder({ ...pki.ca, signer: pki.root.signer }, memorySigner('seal').spki);
    await assert.rejects(issueCertificate(order), (error) => isTrustError(error, 'key-purpose-wrong'));
  });

  it('does not release a certificate whose signature does not verify', async () => {
    const signer = {
      ...pki.ca.signer,
      sign: (data: Uint8Array, form: 'der' | 'raw') => pki.root.signer.sign(data, form),
    };
    const order = sealOrder({ ...pki.ca, signer }, memorySigner('seal').spki);
    await assert.rejects(issueCertificate(order), (error) => isTrustError(error, 'key-unavailable'));
  });
});

describe('RFC 5280, 4.1: certificates from outside', () => {
  const refused = (der: Uint8Array) =>
    assert.throws(
      () => parseCertificate(der),
      (error) => isTrustError(error, 'malformed-certificate'),
    );
  /** The certificate with its TBS members changed; the signature no longer matters. */
  const rebuilt = (change: (members: DerElement[]) => Uint8Array[]): Uint8Array => {
    const [tbs, ...rest] = readDer(pki.seal.certificate.der).children;
    return write.sequence(write.sequence(...change([...(tbs?.children ?? [])])), ...rest.map(({ raw }) => raw));
  };
  const raws = (members: readonly DerElement[]) => members.map(({ raw }) => raw);
  const withExtensions = (change: (extensions: Uint8Array[]) => Uint8Array[]) =>
    rebuilt((members) => {
      const extensions = raws(members[7]?.children[0]?.children ?? []);
      return [...raws(members.slice(0, 7)), write.context(3, write.sequence(...change(extensions)))];
    });

  it('are read again byte by byte', () => {
    assert.deepEqual(parseCertificate(pki.seal.certificate.der).tbs, pki.seal.certificate.tbs);
    assert.deepEqual(parseCertificate(rebuilt(raws)), pki.seal.certificate);
  });

  it('are refused with octets after them, truncated, or empty', () => {
    const { der } = pki.seal.certificate;
    refused(concatBytes(der, Uint8Array.of(0)));
    refused(der.subarray(0, der.length - 1));
    refused(new Uint8Array());
  });

  it('are refused when the two signature algorithms differ (4.1.1.2)', () => {
    const sha384 = write.sequence(write.oid('1.2.840.10045.4.3.3'));
    refused(rebuilt((members) => raws(members).with(2, sha384)));
  });

  it('are refused with an extension twice (4.2)', () => {
    refused(withExtensions((extensions) => [...extensions, extensions[0] ?? new Uint8Array()]));
  });

  it('are refused with extensions in version 1 (4.1.2.9) or with the default version written out', () => {
    refused(rebuilt((members) => raws(members).slice(1)));
    refused(rebuilt((members) => raws(members).with(0, write.context(0, write.integer(0)))));
  });

  it('name critical extensions that nobody here understands', () => {
    const extension = write.sequence(write.oid('1.2.3.4'), write.boolean(true), write.octetString(write.nullValue()));
    const der = withExtensions((extensions) => [...extensions, extension]);
    assert.deepEqual(parseCertificate(der).criticalUnknown, ['1.2.3.4']);
  });

  it('show every value of a repeated attribute', () => {
    const commonName = (text: string) => write.setOf(write.sequence(write.oid('2.5.4.3'), write.utf8String(text)));
    const der = rebuilt((members) => raws(members).with(5, write.sequence(commonName('good'), commonName('evil'))));
    assert.equal(parseCertificate(der).subject.commonName, 'good / evil');
  });

  it('throw malformed-certificate and nothing else when any octet is changed', () => {
    const { der } = pki.seal.certificate;
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), (index, octet) => {
        try {
          parseCertificate(der.with(index, octet));
        } catch (error) {
          assert.ok(isTrustError(error, 'malformed-certificate'), String(error));
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('are never taken for a good one when any octet is changed', async () => {
    const certificate = await issued(sealOrder(pki.ca, memorySigner('seal').spki));
    const { der } = certificate;
    for (let index = 0; index < der.length; index++) {
      try {
        const damaged = parseCertificate(der.with(index, (der[index] ?? 0) ^ 0x01));
        assert.equal(isSignedBy(damaged, pki.ca.certificate), false, `octet ${index}`);
      } catch (error) {
        assert.ok(isTrustError(error, 'malformed-certificate'), String(error));
      }
    }
  });
});
