// Path validation and CRLs; RFC 5280, 5 and 6, with the verdicts of ETSI EN 319 102-1.

import assert from 'node:assert/strict';
import type { KeyPurpose } from '../../../src/crypto/signer.ts';
import { addSeconds, moment } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import * as fc from 'fast-check';
import * as write from '../../../src/codec/der-write.ts';
import { readDer } from '../../../src/codec/der.ts';
import type { Certificate } from '../../../src/pki/certificate.ts';
import { parseCertificate } from '../../../src/pki/certificate.ts';
import type { Crl } from '../../../src/pki/crl.ts';
import { parseCrl } from '../../../src/pki/crl.ts';
import { buildCrl } from '../../../src/pki/crl-build.ts';
import { CrlRevocationSource } from '../../../src/pki/crl-revocation.ts';
import type { PathRequest } from '../../../src/pki/path.ts';
import { validatePath } from '../../../src/pki/path.ts';
import type { RevocationSource } from '../../../src/pki/revocation.ts';
import { needOpenssl } from '../../support/openssl.ts';
import type { Identity } from './sandbox-pki.ts';
import { allGood, at, memorySigner, sandboxPki } from './sandbox-pki.ts';

const pki = await sandboxPki();

function request(change: Partial<PathRequest> = {}): PathRequest {
  const { root, ca, seal } = pki;
  return {
    leaf: seal.certificate,
    intermediates: [ca.certificate],
    anchors: [root.certificate],
    at,
    purpose: 'seal',
    revocation: allGood,
    ...change,
  };
}

const judged = (change: Partial<PathRequest>) => {
  const { trusted, verdict, findings } = validatePath(request(change));
  return { trusted, ...verdict, codes: findings.map(({ code }) => code) };
};

/** A certificate signed outside of lint: the TBS of a good one with members changed. */
async function forged(
  base: Certificate,
  issuer: Identity,
  change: (members: Uint8Array[]) => Uint8Array[],
): Promise<Certificate> {
  const [tbs, algorithm] = readDer(base.der).children;
  const changed = write.sequence(...change((tbs?.children ?? []).map(({ raw }) => raw)));
  const signature = write.bitString(await issuer.signer.sign(changed, 'der'));
  return parseCertificate(write.sequence(changed, algorithm?.raw ?? new Uint8Array(), signature));
}

const extension = (oid: string, critical: boolean, value: Uint8Array) =>
  write.sequence(write.oid(oid), ...(critical ? [write.boolean(true)] : []), write.octetString(value));
const extensions = (...list: Uint8Array[]) => write.context(3, write.sequence(...list));

describe('RFC 5280, 6.1: a path', () => {
  it('is trusted from leaf to anchor, whatever else lies in the bag', () => {
    const { root, ca, tsa, maker } = pki;
    const intermediates = [tsa.certificate, maker.certificate, root.certificate, ca.certificate];
    const result = validatePath(request({ intermediates }));
    assert.deepEqual(result.verdict, { indication: 'TOTAL-PASSED', subIndication: null });
    assert.deepEqual(
      result.chain.map(({ subject }) => subject.commonName),
      ['XTEXT 市数据局电子印章', 'Test Issuing CA', 'Test Root'],
    );
  });

  it('is not found without the issuing CA, without the anchor, or from an anchor of the same name and another key', async () => {
    const missing = {
      trusted: false,
      indication: 'INDETERMINATE',
      subIndication: 'NO_CERTIFICATE_CHAIN_FOUND',
      codes: ['no-path'],
    };
    assert.deepEqual(judged({ intermediates: [] }), missing);
    assert.deepEqual(judged({ anchors: [] }), missing);
    const impostor = await sandboxPki();
    assert.deepEqual(judged({ anchors: [impostor.root.certificate] }), missing);
  });

  it('does not begin and end with the anchor itself', () => {
    assert.equal(judged({ leaf: pki.root.certificate }).trusted, false);
  });

  it('is good for the purpose of the leaf and no other (4.2.1.12)', () => {
    for (const [own, leaf] of [
      ['seal', pki.seal],
      ['seal-maker', pki.maker],
      ['time-stamp', pki.tsa],
      ['licence', pki.licence],
    ] as const) {
      for (const purpose of ['seal', 'seal-maker', 'time-stamp', 'licence'] as const) {
        const result = judged({ leaf: leaf.certificate, purpose });
        assert.equal(result.trusted, own === purpose);
        if (own !== purpose) assert.deepEqual(result.codes, ['leaf-purpose']);
      }
    }
  });

  it('does not lead to a CA as a signer (4.2.1.9)', () => {
    const result = judged({ leaf: pki.ca.certificate, intermediates: [] });
    assert.deepEqual(result.codes, ['leaf-is-ca', 'leaf-key-usage']);
    assert.equal(result.subIndication, 'CHAIN_CONSTRAINTS_FAILURE');
  });

  it('is refused below a certificate that is no CA (6.1.4 (k))', async () => {
    const leaf = await forged(pki.seal.certificate, pki.maker, (tbs) => tbs.with(3, pki.maker.certificate.subjectDer));
    const maker = await forged(pki.maker.certificate, pki.ca, (tbs) => tbs); // both leaves share the subject of the test order
    const result = judged({ leaf, intermediates: [maker, pki.ca.certificate] });
    assert.equal(result.trusted, false);
    assert.ok(result.codes.includes('issuer-not-ca'));
  });

  it('is refused below a CA that may not sign certificates (6.1.4 (n))', async () => {
    const weak = await forged(pki.ca.certificate, pki.root, (tbs) =>
      tbs.with(
        7,
        extensions(
          extension('2.5.29.19', true, write.sequence(write.boolean(true))),
          extension('2.5.29.15', true, write.namedBits([6])),
        ),
      ),
    );
    assert.deepEqual(judged({ intermediates: [weak] }).codes, ['issuer-key-usage']);
  });

  it('is refused beyond a path length (6.1.4 (l), (m))', async () => {
    const signer = memorySigner('issuing-ca');
    const deep = await forged(pki.ca.certificate, pki.ca, (tbs) =>
      tbs
        .with(3, pki.ca.certificate.subjectDer)
        .with(5, write.sequence(write.setOf(write.sequence(write.oid('2.5.4.3'), write.utf8String('Deep CA')))))
        .with(6, signer.spki),
    );
    const leaf = await forged(pki.seal.certificate, { signer, certificate: deep }, (tbs) =>
      tbs.with(3, deep.subjectDer),
    );
    assert.deepEqual(judged({ leaf, intermediates: [deep, pki.ca.certificate] }).codes, ['path-too-long']);
  });

  it('is refused with an unknown critical extension anywhere (6.1.4 (o), 6.1.5 (e))', async () => {
    const odd = extension('1.2.3.4', true, write.nullValue());
    const leaf = await forged(pki.seal.certificate, pki.ca, (tbs) => tbs.with(7, extensions(odd)));
    assert.deepEqual(judged({ leaf }).codes, ['critical-extension-unknown']);
  });

  it('demands timeStamping critical and alone (RFC 3161, 2.3)', async () => {
    const stamping = write.oid('1.3.6.1.5.5.7.3.8');
    for (const usage of [
      extension('2.5.29.37', false, write.sequence(stamping)),
      extension('2.5.29.37', true, write.sequence(stamping, write.oid('1.3.6.1.5.5.7.3.36'))),
    ]) {
      const leaf = await forged(pki.tsa.certificate, pki.ca, (tbs) => tbs.with(7, extensions(usage)));
      assert.deepEqual(judged({ leaf, purpose: 'time-stamp' }).codes, ['leaf-purpose']);
    }
  });

  it('does not take long for a bag of certificates that sign each other', async () => {
    const signers: KeyPurpose[] = Array.from({ length: 12 }, () => 'issuing-ca');
    const bag: Certificate[] = [];
    for (const purpose of signers) {
      const signer = memorySigner(purpose);
      bag.push(
        await forged(pki.ca.certificate, pki.ca, (tbs) =>
          tbs.with(3, pki.ca.certificate.subjectDer).with(6, signer.spki),
        ),
      );
    }
    const leaf = await forged(pki.seal.certificate, pki.ca, (tbs) => tbs);
    assert.equal(judged({ leaf, intermediates: [...bag, ...bag, ...bag] }).trusted, false);
  });
});

describe('EN 319 102-1, 5.2.6: validity in time', () => {
  it('passes at both ends of the validity (RFC 5280, 4.1.2.5)', () => {
    const { notBefore, notAfter } = pki.seal.certificate;
    assert.equal(judged({ at: notBefore }).trusted, true);
    assert.equal(judged({ at: notAfter }).trusted, true);
  });

  it('fails with EXPIRED or NOT_YET_VALID when the time is proven, and is open when it is not', () => {
    const { notBefore, notAfter } = pki.seal.certificate;
    const early = addSeconds(notBefore, -1);
    const late = addSeconds(notAfter, 1);
    assert.deepEqual(judged({ at: late }), {
      trusted: false,
      indication: 'TOTAL-FAILED',
      subIndication: 'EXPIRED',
      codes: ['expired'],
    });
    assert.equal(judged({ at: early }).subIndication, 'NOT_YET_VALID');
    assert.equal(judged({ at: early }).indication, 'TOTAL-FAILED');
    const open = judged({ at: late, atIsProven: false });
    assert.deepEqual([open.indication, open.subIndication], ['INDETERMINATE', 'OUT_OF_BOUNDS_NO_POE']);
  });

  it('fails for a revocation before the proven time, not for one after it', () => {
    const revoked = (revokedAt: Date): RevocationSource => ({
      check: ({ serialHex }) =>
        serialHex === pki.seal.certificate.serialHex
          ? { status: 'revoked', revokedAt, reason: 'keyCompromise' }
          : { status: 'good' },
    });
    const early_ = judged({ revocation: revoked(addSeconds(at, -1)) });
    assert.deepEqual([early_.indication, early_.subIndication], ['TOTAL-FAILED', 'REVOKED']);
    assert.equal(judged({ revocation: revoked(addSeconds(at, 1)) }).trusted, true);
    const open = judged({ revocation: revoked(addSeconds(at, 1)), atIsProven: false });
    assert.deepEqual([open.indication, open.subIndication], ['INDETERMINATE', 'REVOKED_NO_POE']);
  });

  it('is open when the issuing CA was revoked, or when nothing is known of the status', () => {
    const caRevoked: RevocationSource = {
      check: (_, issuer) =>
        issuer.subject.commonName === 'Test Root'
          ? { status: 'revoked', revokedAt: at, reason: 'cACompromise' }
          : { status: 'good' },
    };
    assert.equal(judged({ revocation: caRevoked }).subIndication, 'REVOKED_CA_NO_POE');
    const unknown: RevocationSource = { check: () => ({ status: 'unknown', detail: 'no CRL' }) };
    assert.deepEqual(
      [judged({ revocation: unknown }).indication, judged({ revocation: unknown }).subIndication],
      ['INDETERMINATE', 'TRY_LATER'],
    );
  });
});

describe('RFC 5280, 5: certificate revocation lists', () => {
  const thisUpdate = at;
  const nextUpdate = addSeconds(at, 86_400);
  const order = (change = {}) => ({ issuer: pki.ca, number: 7n, thisUpdate, nextUpdate, entries: [], ...change });
  const entry = (certificate: Certificate, reason: 'keyCompromise' | 'unspecified') => ({
    serial: certificate.serial,
    revokedAt: addSeconds(at, -3600),
    reason,
  });

  it('hold what was revoked and nothing else', async () => {
    const entries = [entry(pki.seal.certificate, 'keyCompromise'), entry(pki.maker.certificate, 'unspecified')];
    const crl = parseCrl(await buildCrl(order({ entries })));
    assert.equal(crl.number, 7n);
    assert.equal(crl.entries.size, 2);
    assert.deepEqual(crl.entries.get(pki.seal.certificate.serialHex), {
      revokedAt: addSeconds(at, -3600),
      reason: 'keyCompromise',
    });
    const source = new CrlRevocationSource({ crls: [crl], now: at });
    assert.equal(source.check(pki.seal.certificate, pki.ca.certificate).status, 'revoked');
    assert.equal(source.check(pki.tsa.certificate, pki.ca.certificate).status, 'good');
  });

  it('are not relied on out of date, from the future, of another issuer or key, altered, or indirect', async () => {
    const crl = parseCrl(await buildCrl(order()));
    const other = await sandboxPki();
    const code = (list: Crl, now: Date, issuer = pki.ca.certificate) => {
      const answer = new CrlRevocationSource({ crls: [list], now }).check(pki.seal.certificate, issuer);
      return answer.status === 'unknown' ? answer.code : answer.status;
    };
    assert.equal(code(crl, at), 'good');
    assert.equal(code(crl, nextUpdate), 'good');
    assert.equal(code(crl, addSeconds(nextUpdate, 1)), 'crl-out-of-date');
    assert.equal(code(crl, addSeconds(thisUpdate, -1)), 'crl-from-future');
    assert.equal(code(parseCrl(await buildCrl(order({ issuer: pki.root }))), at), 'crl-missing');
    assert.equal(code(crl, at, other.ca.certificate), 'crl-signature-wrong');
    assert.equal(code({ ...crl, tbs: crl.tbs.with(20, 0) }, at), 'crl-signature-wrong');
    assert.equal(code({ ...crl, criticalUnknown: ['1.2.3.4'] }, at), 'crl-extension-unknown');
  });

  it('answer as a revocation source, unknown where there is no usable list', async () => {
    const crls = [
      parseCrl(await buildCrl(order({ entries: [entry(pki.seal.certificate, 'keyCompromise')] }))),
      parseCrl(
        await buildCrl(
          order({ issuer: pki.root, nextUpdate: addSeconds(at, -1), thisUpdate: moment('2026-01-02T00:00:00Z') }),
        ),
      ),
    ];
    const source = new CrlRevocationSource({ crls, now: at });
    assert.equal(source.check(pki.seal.certificate, pki.ca.certificate).status, 'revoked');
    assert.equal(source.check(pki.maker.certificate, pki.ca.certificate).status, 'good');
    assert.deepEqual(source.check(pki.ca.certificate, pki.root.certificate), {
      status: 'unknown',
      code: 'crl-out-of-date',
      detail: 'the CRL is out of date',
    });
  });

  it('throw malformed-certificate and nothing else when any octet is changed', async () => {
    const der = await buildCrl(order({ entries: [entry(pki.seal.certificate, 'keyCompromise')] }));
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), (index, octet) => {
        try {
          parseCrl(der.with(index, octet));
        } catch (error) {
          assert.ok(isTrustError(error, 'malformed-certificate'), String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('are read and verified by openssl', async function () {
    const openssl = needOpenssl(this);
    try {
      const der = await buildCrl(order({ entries: [entry(pki.seal.certificate, 'keyCompromise')] }));
      const list = openssl.writePem('crl.pem', [{ label: 'X509 CRL', der }]);
      const issuer = openssl.writePem('ca.pem', [{ label: 'CERTIFICATE', der: pki.ca.certificate.der }]);
      const text = openssl.run('crl', '-in', list, '-noout', '-text', '-CAfile', issuer).output;
      assert.match(text, /verify OK/);
      assert.match(text, /CRL Number:\s+7/);
      assert.match(text, /Key Compromise/);
    } finally {
      openssl.remove();
    }
  });
});
