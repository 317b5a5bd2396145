// CRLs of the authority, full and delta, after every kind of change, judged by OpenSSL; RFC 5280, 5.

import assert from 'node:assert/strict';
import { newUuid } from '../../../src/kernel/ids.ts';
import { addSeconds, randomBytes } from '../../../src/kernel/clock.ts';
import { toHex } from '../../../src/kernel/bytes.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { house } from '../../../src/kernel/principal.ts';
import { parseCertificate } from '../../../src/pki/certificate.ts';
import { parseCrl } from '../../../src/pki/crl.ts';
import { CrlRevocationSource } from '../../../src/pki/crl-revocation.ts';
import { needOpenssl } from '../../support/openssl.ts';
import type { AuthorityHouse } from './authority-house.ts';
import { authorityHouse, publicUrl } from './authority-house.ts';

describe('RFC 5280, 5: the CRLs that the authority publishes', () => {
  let setup: AuthorityHouse;
  let seals = 0;
  const newSeal = async () => {
    const keyName = `seal-crl-${++seals}`;
    await setup.keys.create({ name: keyName, purpose: 'seal', algorithm: 'ES256' });
    const subject = { country: 'CN', organisation: 'XTEXT 市数据局', commonName: 'XTEXT 市数据局电子印章' };
    return setup.authority.issueFor({ keyName, profile: 'seal-signer', subject, validDays: 300 }, house);
  };
  const full = async (on = setup.authority) => parseCrl(await on.crl('seal-ca'));
  const delta = async (on = setup.authority) => parseCrl(await on.crl('seal-ca', 'delta'));

  before(async () => {
    setup = await authorityHouse();
    await setup.authority.ensureHierarchy();
  });
  after(() => setup.close());

  it('name their scope and their delta, which names its base (5.2.4, 5.2.5, 5.2.6)', async () => {
    const [list, change] = [await full(), await delta()];
    assert.deepEqual(list.criticalUnknown, []);
    assert.equal(list.deltaBase, undefined);
    assert.equal(change.deltaBase, list.number);
    assert.equal(change.number, list.number);
    const text = (der: Uint8Array) => Buffer.from(der).toString('latin1');
    assert.match(text(list.der), new RegExp(`${publicUrl}/crl/seal-ca.crl`));
    assert.match(text(list.der), new RegExp(`${publicUrl}/crl/seal-ca.delta.crl`));
    assert.deepEqual(list.issuingDistributionPoint?.der, change.issuingDistributionPoint?.der);
  });

  it('hold a revocation in the next list of every process, full and delta, under a higher number', async () => {
    const other = setup.another().authority;
    const { serialHex } = await newSeal();
    const before = await full(other);
    await setup.authority.revoke(serialHex, 'keyCompromise', house);
    for (const on of [other, setup.authority]) {
      assert.equal((await full(on)).entries.get(serialHex)?.reason, 'keyCompromise');
      assert.equal((await delta(on)).entries.get(serialHex)?.reason, 'keyCompromise');
    }
    assert.ok(((await full()).number ?? 0n) > (before.number ?? 0n));
    assert.deepEqual((await full(other)).der, (await full()).der);
  });

  it('hold a suspension as certificateHold, drop it when it ends, and say removeFromCRL in the delta (5.3.1)', async () => {
    const { serialHex } = await newSeal();
    await setup.authority.suspend(serialHex, house);
    assert.equal((await full()).entries.get(serialHex)?.reason, 'certificateHold');
    const held = setup.clock.now();
    setup.clock.advance(5000);
    await setup.authority.resume(serialHex, house);
    assert.equal((await full()).entries.has(serialHex), false);
    assert.match(
      Buffer.from(await setup.authority.crl('seal-ca', 'delta')).toString('hex'),
      new RegExp(`${serialHex}.{30}.{22}0a0108`),
    );
    assert.equal((await setup.authority.statusAt(serialHex, held)).status, 'good');
    await setup.authority.suspend(serialHex, house);
    const heldAgain = setup.clock.now();
    setup.clock.advance(5000);
    await setup.authority.revoke(serialHex, 'cessationOfOperation', house);
    const status = await setup.authority.statusAt(serialHex, setup.clock.now());
    assert.deepEqual(status, { status: 'revoked', revokedAt: heldAgain, reason: 'cessationOfOperation' });
  });

  it('know no way back from a revocation, and no end of a suspension that is none', async () => {
    const { serialHex } = await newSeal();
    const forbidden = (error: unknown) => isTrustError(error, 'certificate-transition-forbidden');
    await assert.rejects(setup.authority.resume(serialHex, house), forbidden);
    await setup.authority.revoke(serialHex, 'superseded', house);
    await assert.rejects(setup.authority.resume(serialHex, house), forbidden);
    await assert.rejects(setup.authority.suspend(serialHex, house), forbidden);
    const missing = (error: unknown) => isTrustError(error, 'certificate-not-found');
    await assert.rejects(setup.authority.suspend('0badcafe', house), missing);
    await assert.rejects(setup.authority.resume('0badcafe', house), missing);
  });

  it('are made by order too, with the next number', async () => {
    const { number = 0n } = await full();
    assert.equal(await setup.authority.regenerateCrl('seal-ca'), Number(number) + 1);
    assert.equal((await full()).number, number + 1n);
  });

  it('leave a very large full list as it is until it is due, and put the change into the delta at once', async () => {
    const issuer = 'service-ca';
    const certificateIds = Array.from({ length: 50_100 }, () => newUuid(setup.clock));
    const serials = certificateIds.map(() => `01${toHex(randomBytes(15))}`);
    await setup.database.query({
      text: `INSERT INTO pki.certificate (certificate_id, serial_hex, issuer_name, profile, state, der, not_before, not_after,
          intended_at, issued_at, revoked_at, revocation_reason)
        SELECT u.id, u.serial, $3, 'tls-client', 'issued', '\\x00', $4, $5, $4, $4, $4, 'superseded'
        FROM unnest($1::uuid[], $2::text[]) AS u (id, serial)`,
      values: [certificateIds, serials, issuer, setup.clock.now(), addSeconds(setup.clock.now(), 86_400)],
    });
    await setup.authority.regenerateCrl(issuer);
    const large = parseCrl(await setup.authority.crl(issuer));
    assert.equal(large.entries.size, serials.length);
    const licence = await setup.authority.certificateOf('licence-issuer');
    const { serialHex } = licence.certificate;
    await setup.authority.suspend(serialHex, house);
    assert.equal(
      parseCrl(await setup.authority.crl(issuer, 'delta')).entries.get(serialHex)?.reason,
      'certificateHold',
    );
    assert.deepEqual(await setup.authority.crl(issuer), large.der);
    const continued = parseCrl(await setup.authority.crl(issuer, 'delta'));
    const lists = new CrlRevocationSource({ crls: [large, continued], now: setup.clock.now() });
    const service = parseCertificate(await setup.authority.caCertificate(issuer));
    assert.equal(lists.check(licence.certificate, service).status, 'revoked');
    setup.clock.advance(13 * 3600 * 1000);
    assert.equal(parseCrl(await setup.authority.crl(issuer)).entries.has(serialHex), true);
    setup.clock.advance(-13 * 3600 * 1000);
  });

  it('are believed by openssl, full list with delta', async function () {
    const openssl = needOpenssl(this);
    try {
      const base = await setup.authority.crl('seal-ca');
      const [good, bad] = [await newSeal(), await newSeal()];
      await setup.authority.revoke(bad.serialHex, 'keyCompromise', house);
      const change = await setup.authority.crl('seal-ca', 'delta');
      const [root] = await setup.authority.anchors();
      assert.ok(root);
      const block = (der: Uint8Array) => ({ label: 'CERTIFICATE', der });
      const lists = [base, change, await setup.authority.crl('root-ca')].map((der) => ({ label: 'X509 CRL', der }));
      const anchors = openssl.writePem('anchors.pem', [block(root.der), ...lists]);
      const middle = openssl.writePem('sub.pem', [block(await setup.authority.caCertificate('seal-ca'))]);
      const options = ['-crl_check_all', '-extended_crl', '-use_deltas', '-CAfile', anchors, '-untrusted', middle];
      const check = (name: string, der: Uint8Array) =>
        openssl.run('verify', ...options, openssl.writePem(name, [block(der)])).output;
      assert.match(check('good.pem', good.certificate.der), /good\.pem: OK/);
      assert.match(check('bad.pem', bad.certificate.der), /certificate revoked/);
      const shown = openssl.run(
        'crl',
        '-inform',
        'DER',
        '-in',
        openssl.write('d.crl', change),
        '-noout',
        '-text',
      ).output;
      assert.match(shown, /Delta CRL Indicator: critical/);
      assert.match(shown, /Issuing Distribution Point: critical/);
    } finally {
      openssl.remove();
    }
  });

  it('do not write the reason "unspecified" (5.3.1)', async () => {
    const { serialHex } = await newSeal();
    await setup.authority.revoke(serialHex, 'unspecified', house);
    const der = await setup.authority.crl('seal-ca');
    assert.ok(parseCrl(der).entries.has(serialHex));
    assert.equal(Buffer.from(der).toString('hex').includes('0603551d1504030a0100'), false);
  });
});
