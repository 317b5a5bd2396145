// The authority over a real database: hierarchy, issuing, revocation and CRLs; RFC 5280, judged by OpenSSL.

import assert from 'node:assert/strict';
import { hierarchyMembers } from '../../../src/authority/hierarchy.ts';
import { toHex } from '../../../src/kernel/bytes.ts';
import { addSeconds } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { house } from '../../../src/kernel/principal.ts';
import { parseCertificate } from '../../../src/pki/certificate.ts';
import { parseCrl } from '../../../src/pki/crl.ts';
import type { PathPurpose } from '../../../src/pki/path-rules.ts';
import { validatePath } from '../../../src/pki/path.ts';
import { needOpenssl } from '../../support/openssl.ts';
import type { AuthorityHouse } from './authority-house.ts';
import { authorityHouse, recorded, trustFor } from './authority-house.ts';

const memberNames = hierarchyMembers({ sandbox: true, algorithm: 'ES256' })
  .map(({ keyName }) => keyName)
  .sort();

const sealRequest = (keyName: string) =>
  ({
    keyName,
    profile: 'seal-signer',
    subject: { country: 'CN', organisation: 'XTEXT 市政务服务局', commonName: 'XTEXT 市政务服务局电子印章' },
    validDays: 700,
  }) as const;

async function newSeal({ keys, authority }: AuthorityHouse, keyName: string) {
  await keys.create({ name: keyName, purpose: 'seal', algorithm: 'ES256' });
  return authority.issueFor(sealRequest(keyName), house);
}

describe('RFC 5280: the hierarchy of the sandbox', () => {
  let setup: AuthorityHouse;
  before(async () => {
    setup = await authorityHouse();
  });
  after(() => setup.close());

  it('is made once by two processes at once, with every key bound to one certificate', async () => {
    const other = setup.another();
    await Promise.all([setup.authority.ensureHierarchy(), other.authority.ensureHierarchy()]);
    await setup.authority.ensureHierarchy();
    const { rows } = await setup.database.query<{ key_name: string }>({
      text: 'SELECT key_name FROM pki.key_binding ORDER BY key_name',
    });
    assert.deepEqual(
      rows.map((row) => row.key_name),
      memberNames,
    );
    for (const { key_name: keyName } of rows) {
      const mine = await setup.authority.certificateOf(keyName);
      const theirs = await other.authority.certificateOf(keyName);
      assert.deepEqual(mine.certificate.der, theirs.certificate.der);
    }
    const issued = await setup.database.query<{ state: string; count: number }>({
      text: `SELECT state, count(*) AS count FROM pki.certificate GROUP BY state HAVING state <> 'voided'`,
    });
    assert.deepEqual(issued.rows, [{ state: 'issued', count: memberNames.length }]);
  });

  it('gives an installation from before the SM2 part at its next start, and leaves what it has', async () => {
    const { database, authority } = setup;
    const before = await authority.certificateOf('seal-ca');
    const later = `key_name LIKE '%-sm2' OR key_name LIKE 'ocsp-%' OR key_name = 'mdoc-ca'`;
    await database.query({ text: `DELETE FROM pki.key_binding WHERE ${later}` });
    await assert.rejects(authority.certificateOf('root-ca-sm2'), (error) =>
      isTrustError(error, 'certificate-not-found'),
    );
    await setup.another().authority.ensureHierarchy();
    assert.equal((await authority.certificateOf('seal-ca-sm2')).certificate.signatureAlgorithm, 'SM2');
    assert.deepEqual((await authority.certificateOf('seal-ca')).certificate.der, before.certificate.der);
    await database.query({
      text: `UPDATE pki.certificate SET state = 'voided', der = NULL, issued_at = NULL
      WHERE certificate_id NOT IN (SELECT certificate_id FROM pki.key_binding)`,
    });
  });

  it('renews a responder with its key when a third of its life is left, and nothing else', async () => {
    const { authority, clock } = setup;
    const [responder, maker] = [
      await authority.certificateOf('ocsp-seal-ca'),
      await authority.certificateOf('seal-maker'),
    ];
    clock.advance(61 * 86_400_000);
    await authority.ensureHierarchy();
    const renewed = await authority.certificateOf('ocsp-seal-ca');
    assert.notEqual(renewed.certificate.serialHex, responder.certificate.serialHex);
    assert.deepEqual(renewed.certificate.spki, responder.certificate.spki);
    const makerNow = await authority.certificateOf('seal-maker');
    assert.equal(makerNow.certificate.serialHex, maker.certificate.serialHex);
    clock.advance(-61 * 86_400_000);
  });

  it('says Sandbox in every name, with country CN, under serials of its own', async () => {
    const serials = new Set<string>();
    for (const keyName of memberNames) {
      const { certificate } = await setup.authority.certificateOf(keyName);
      assert.match(certificate.subject.commonName ?? '', /Sandbox/);
      assert.equal(certificate.subject.country, 'CN');
      serials.add(certificate.serialHex);
    }
    assert.equal(serials.size, memberNames.length);
  });

  it('gives each service key a path that is good for its purpose and no other', async () => {
    const intermediates = await setup.authority.intermediates();
    const purposes: Record<string, PathPurpose> = {
      tsa: 'time-stamp',
      'seal-maker': 'seal-maker',
      'licence-issuer': 'licence',
    };
    for (const [keyName, own] of Object.entries(purposes)) {
      const { certificate: leaf } = await setup.authority.certificateOf(keyName);
      const trust = await trustFor(setup.authority, [leaf, ...intermediates]);
      for (const purpose of ['time-stamp', 'seal-maker', 'licence', 'seal'] as const) {
        const result = validatePath({ leaf, intermediates, at: setup.clock.now(), purpose, ...trust });
        assert.equal(result.trusted, purpose === own, `${keyName} for ${purpose}`);
      }
    }
  });

  it('records the intent of every certificate before its outcome', async () => {
    const outcomes = await recorded(setup.audit, 'certificate.issued');
    assert.ok(outcomes.filter((outcome) => outcome === 'done').length >= memberNames.length);
    assert.equal(outcomes.filter((outcome) => outcome === 'intended').length, outcomes.length / 2);
    assert.equal(outcomes[0], 'intended');
  });
});

describe('RFC 5280, 5 and 6: issuing, revoking, and what OpenSSL says of it', () => {
  let setup: AuthorityHouse;
  before(async () => {
    setup = await authorityHouse();
    await setup.authority.ensureHierarchy();
  });
  after(() => setup.close());

  it('points each certificate to the CRL and the certificate of its issuer (4.2.1.13, 4.2.2.1)', async () => {
    const { certificate, issuerName } = await newSeal(setup, 'seal-urls');
    assert.equal(issuerName, 'seal-ca');
    assert.deepEqual(certificate.crlUrls, ['http://localhost:3000/crl/seal-ca.crl']);
    assert.deepEqual(certificate.caIssuersUrls, ['http://localhost:3000/ca/seal-ca.cer']);
    const issuer = parseCertificate(await setup.authority.caCertificate('seal-ca'));
    assert.deepEqual(issuer.subjectDer, certificate.issuerDer);
  });

  it('binds the key to its newest certificate', async () => {
    const first = await newSeal(setup, 'seal-renewed');
    const second = await setup.authority.issueFor(sealRequest('seal-renewed'), house);
    assert.notEqual(first.serialHex, second.serialHex);
    assert.equal((await setup.authority.certificateOf('seal-renewed')).certificate.serialHex, second.serialHex);
  });

  it('leaves a failed order as a failure in the log and no certificate', async () => {
    await setup.keys.create({ name: 'seal-too-long', purpose: 'seal', algorithm: 'ES256' });
    const order = { ...sealRequest('seal-too-long'), validDays: 40_000 };
    await assert.rejects(setup.authority.issueFor(order, house), (error) =>
      isTrustError(error, 'certificate-lint-failed'),
    );
    await assert.rejects(setup.authority.certificateOf('seal-too-long'), (error) =>
      isTrustError(error, 'certificate-not-found'),
    );
    const { items } = await setup.audit.entries({ action: 'certificate.issued', limit: 2 });
    assert.deepEqual(
      items.map(({ outcome }) => outcome),
      ['failed', 'intended'],
    );
  });

  it('refuses a key that was made for something else, and a key that is not there', async () => {
    const wrong = setup.authority.issueFor(sealRequest('seal-maker'), house);
    await assert.rejects(wrong, (error) => isTrustError(error, 'key-purpose-wrong'));
    const missing = setup.authority.issueFor(sealRequest('seal-none'), house);
    await assert.rejects(missing, (error) => isTrustError(error, 'key-not-found'));
  });

  it('has a revocation in the register, in the CRL and in path validation at once, and not before its time', async () => {
    const record = await newSeal(setup, 'seal-revoked');
    const earlier = setup.clock.now();
    const crlBefore = parseCrl(await setup.authority.crl('seal-ca'));
    assert.equal(crlBefore.entries.has(record.serialHex), false);
    setup.clock.advance(2000);
    await setup.authority.revoke(record.serialHex, 'keyCompromise', house);
    const at = setup.clock.now();
    assert.equal((await setup.authority.statusAt(record.serialHex, earlier)).status, 'good');
    assert.deepEqual(await setup.authority.statusAt(record.serialHex, at), {
      status: 'revoked',
      revokedAt: at,
      reason: 'keyCompromise',
    });
    const crl = parseCrl(await setup.authority.crl('seal-ca'));
    assert.equal(crl.entries.get(record.serialHex)?.reason, 'keyCompromise');
    assert.equal((crl.number ?? 0n) > (crlBefore.number ?? 0n), true);
    const intermediates = await setup.authority.intermediates();
    const request = {
      leaf: record.certificate,
      intermediates,
      purpose: 'seal' as const,
      ...(await trustFor(setup.authority, [record.certificate, ...intermediates])),
    };
    assert.deepEqual(validatePath({ ...request, at }).verdict, {
      indication: 'TOTAL-FAILED',
      subIndication: 'REVOKED',
    });
    assert.equal(validatePath({ ...request, at: addSeconds(at, -2) }).trusted, true);
  });

  it('keeps the first revocation and refuses serials it never issued', async () => {
    const record = await newSeal(setup, 'seal-revoked-twice');
    await setup.authority.revoke(record.serialHex, 'superseded', house);
    await setup.authority.revoke(record.serialHex, 'keyCompromise', house);
    const status = await setup.authority.statusAt(record.serialHex, setup.clock.now());
    assert.equal(status.status === 'revoked' && status.reason, 'superseded');
    await assert.rejects(setup.authority.revoke('0badcafe', 'superseded', house), (error) =>
      isTrustError(error, 'certificate-not-found'),
    );
    assert.equal((await setup.authority.statusAt('0badcafe', setup.clock.now())).status, 'unknown');
  });

  it('publishes one CRL until half of its life has passed (5.1.2.5), whoever asks', async () => {
    const first = await setup.authority.crl('root-ca');
    const [again, theirs] = await Promise.all([
      setup.authority.crl('root-ca'),
      setup.another().authority.crl('root-ca'),
    ]);
    assert.deepEqual(again, first);
    assert.deepEqual(theirs, first);
    setup.clock.advance(13 * 3600 * 1000);
    const both = await Promise.all([setup.authority.crl('root-ca'), setup.another().authority.crl('root-ca')]);
    assert.equal(parseCrl(both[0]).number, 2n);
    assert.deepEqual(both[0], both[1]);
    setup.clock.advance(-13 * 3600 * 1000);
  });

  it('has no CRL and no certificate of an authority that is none', async () => {
    for (const name of ['tsa', 'nobody', '../root-ca']) {
      await assert.rejects(setup.authority.crl(name), (error) => isTrustError(error, 'certificate-not-found'));
      await assert.rejects(setup.authority.caCertificate(name), (error) =>
        isTrustError(error, 'certificate-not-found'),
      );
    }
  });

  it('is believed by openssl verify with CRL checks, and its revoked certificates are not', async function () {
    const openssl = needOpenssl(this);
    try {
      const good = await newSeal(setup, 'seal-judged-good');
      const bad = await newSeal(setup, 'seal-judged-bad');
      await setup.authority.revoke(bad.serialHex, 'keyCompromise', house);
      const [root] = await setup.authority.anchors();
      assert.ok(root);
      const lists = await Promise.all(['root-ca', 'seal-ca'].map((ca) => setup.authority.crl(ca)));
      const anchors = openssl.writePem('anchors.pem', [
        { label: 'CERTIFICATE', der: root.der },
        ...lists.map((der) => ({ label: 'X509 CRL', der })),
      ]);
      const middle = (await setup.authority.intermediates()).map(({ der }) => ({ label: 'CERTIFICATE', der }));
      const untrusted = openssl.writePem('middle.pem', middle);
      const options = ['verify', '-x509_strict', '-crl_check_all', '-CAfile', anchors, '-untrusted', untrusted];
      const check = (name: string, der: Uint8Array) =>
        openssl.run(...options, openssl.writePem(name, [{ label: 'CERTIFICATE', der }]));
      const goodJudgement = check('good.pem', good.certificate.der);
      assert.equal(goodJudgement.good, true, goodJudgement.output);
      const badJudgement = check('bad.pem', bad.certificate.der);
      assert.match(badJudgement.output, /certificate revoked/);
      const text = openssl.run('x509', '-noout', '-serial', '-in', openssl.path('good.pem')).output;
      assert.match(text.toLowerCase(), new RegExp(`serial=${good.serialHex}`));
      assert.equal(toHex(good.certificate.serial), good.serialHex);
    } finally {
      openssl.remove();
    }
  });
});
