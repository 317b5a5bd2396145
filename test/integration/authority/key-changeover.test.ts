// A new key for an authority: RFC 4210, 4.4. What was signed before and after is good, CRL and OCSP of the old key go on, and OpenSSL agrees.

import assert from 'node:assert/strict';
import type { Authority } from '../../../src/authority/authority.ts';
import type { CaName } from '../../../src/authority/hierarchy.ts';
import { OcspResponder } from '../../../src/authority/ocsp-responder.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { house } from '../../../src/kernel/principal.ts';
import type { Certificate } from '../../../src/pki/certificate.ts';
import { isSignedBy, parseCertificate } from '../../../src/pki/certificate.ts';
import { parseCrl } from '../../../src/pki/crl.ts';
import { CrlRevocationSource } from '../../../src/pki/crl-revocation.ts';
import { validatePath } from '../../../src/pki/path.ts';
import { needOpenssl, type OpensslBench } from '../../support/openssl.ts';
import type { AuthorityHouse } from './authority-house.ts';
import { administrator, authorityHouse } from './authority-house.ts';

const [one, two] = [administrator('acc_one'), administrator('acc_two')];

describe('RFC 4210, 4.4: an authority with a new key', () => {
  let setup: AuthorityHouse;
  let openssl: OpensslBench;
  let seals = 0;
  before(async function () {
    openssl = needOpenssl(this);
    setup = await authorityHouse();
    await setup.authority.ensureHierarchy();
  });
  after(async () => {
    openssl?.remove();
    await setup?.close();
  });

  async function rekey(authority: CaName): Promise<string> {
    const { proposals } = setup.authority;
    const { proposalId, deedSha256 } = await proposals.propose(one, { kind: 'rekey', authority });
    const { result = '' } = await proposals.approve(two, proposalId, deedSha256);
    return result;
  }
  async function newSeal(authority: Authority, algorithm: 'ES256' | 'SM2' = 'ES256') {
    const keyName = `seal-${++seals}`;
    await setup.keys.create({ name: keyName, purpose: 'seal', algorithm });
    const subject = { country: 'CN', organisation: 'XTEXT org', commonName: 'XTEXT seal' };
    return authority.issueFor({ keyName, profile: 'seal-signer', subject, validDays: 365 }, house);
  }
  const crls = async (from: Authority = setup.authority) => {
    const names = await from.issuers();
    return (await Promise.all(names.map((name) => from.crl(name)))).map(parseCrl);
  };
  /** As a stranger would, from what we publish: certificates, links and CRLs, and the anchors that they have. */
  async function judged(leaf: Certificate, anchors: readonly Certificate[]) {
    const { authority, clock } = setup;
    const intermediates = await authority.intermediates();
    const now = clock.now();
    const revocation = new CrlRevocationSource({ crls: await crls(), now, certificates: intermediates });
    return validatePath({ leaf, intermediates, anchors, at: now, purpose: 'seal', revocation });
  }
  const ca = async (name: string) => parseCertificate(await setup.authority.caCertificate(name));
  const pem = (name: string, ...certificates: readonly Certificate[]) =>
    openssl.writePem(
      name,
      certificates.map(({ der }) => ({ label: 'CERTIFICATE', der })),
    );

  it('issues with it from then on, on every node, under the same name', async () => {
    const other = setup.another().authority;
    const before = await newSeal(setup.authority);
    const serial = await rekey('seal-ca');
    const [old, next] = [await ca('seal-ca'), await ca('seal-ca-g2')];
    assert.equal(next.serialHex, serial);
    assert.deepEqual(next.subjectDer, old.subjectDer);
    assert.notDeepEqual(next.spki, old.spki);
    assert.ok(isSignedBy(next, await ca('root-ca')));
    for (const node of [setup.authority, other]) {
      const record = await newSeal(node);
      assert.equal(record.issuerName, 'seal-ca-g2');
      assert.ok(isSignedBy(record.certificate, next) && !isSignedBy(record.certificate, old));
      assert.deepEqual(record.certificate.crlUrls, ['http://localhost:3000/crl/seal-ca-g2.crl']);
      assert.deepEqual(record.certificate.ocspUrls, ['http://localhost:3000/ocsp/seal-ca-g2']);
      assert.deepEqual(record.certificate.caIssuersUrls, ['http://localhost:3000/ca/seal-ca-g2.cer']);
      const bound = await other.certificateOf(record.keyName ?? '');
      assert.deepEqual(bound.chain[0]?.der, next.der);
    }
    assert.deepEqual((await setup.authority.certificateOf(before.keyName ?? '')).chain[0]?.der, old.der);
  });

  it('has certificates from before and after that are good, and revoked each by the list of its own key', async () => {
    const anchors = [await ca('root-ca')];
    const [after, other] = [await newSeal(setup.authority), await newSeal(setup.authority)];
    const { items } = await setup.authority.office.list(one, {
      profile: 'seal-signer',
      issuerName: 'seal-ca',
      limit: 1,
    });
    const [before] = items;
    assert.ok(before !== undefined);
    for (const { certificate } of [before, after, other])
      assert.deepEqual((await judged(certificate, anchors)).findings, []);
    await setup.authority.revoke(before.certificate.serialHex, 'superseded', one);
    await setup.authority.revoke(after.serialHex, 'keyCompromise', one);
    const [old, next] = [
      parseCrl(await setup.authority.crl('seal-ca')),
      parseCrl(await setup.authority.crl('seal-ca-g2')),
    ];
    assert.deepEqual([old.entries.has(before.certificate.serialHex), old.entries.has(after.serialHex)], [true, false]);
    assert.deepEqual(
      [next.entries.has(before.certificate.serialHex), next.entries.has(after.serialHex)],
      [false, true],
    );
    for (const { certificate } of [before, after])
      assert.equal((await judged(certificate, anchors)).verdict.subIndication, 'REVOKED');
    assert.equal((await judged(other.certificate, anchors)).trusted, true);
  });

  it('answers OCSP for the certificates of each key by a responder of that key, renewed by itself', async () => {
    const { database, audit, keys, clock } = setup;
    const responder = new OcspResponder({ database, audit, keys, clock, log: silentLog });
    const asked = async (issuer: string, leaf: Certificate, digest: string) => {
      const [issuerFile, leafFile] = [pem('issuer.pem', await ca(issuer)), pem('leaf.pem', leaf)];
      const request = openssl.path('request.der');
      const made = openssl.run(
        'ocsp',
        `-${digest}`,
        '-issuer',
        issuerFile,
        '-cert',
        leafFile,
        '-no_nonce',
        '-reqout',
        request,
      );
      assert.ok(made.good, made.output);
      const { der } = await responder.respond(issuer, openssl.read('request.der'));
      const reply = openssl.write('reply.der', der);
      const root = pem('root.pem', await ca('root-ca'));
      const words = ['-respin', reply, '-issuer', issuerFile, `-${digest}`, '-cert', leafFile, '-CAfile', root];
      const { output } = openssl.run(
        'ocsp',
        ...words,
        '-verify_other',
        issuerFile,
        '-attime',
        String(Math.floor(clock.now().getTime() / 1000)),
      );
      assert.match(output, /Response verify OK/, output);
      return /leaf\.pem: (\w+)/.exec(output)?.[1];
    };
    const { certificate } = await newSeal(setup.authority);
    const tsa = (await setup.authority.certificateOf('seal-maker')).certificate;
    for (const digest of ['sha1', 'sha256']) {
      assert.equal(await asked('seal-ca-g2', certificate, digest), 'good');
      assert.equal(await asked('seal-ca', tsa, digest), 'good');
    }
    await responder.close();
    const responderSerial = async () => (await setup.authority.certificateOf('ocsp-seal-ca-g2')).certificate.serialHex;
    const first = await responderSerial();
    setup.clock.advance(61 * 86_400_000);
    await setup.authority.renewDue();
    assert.notEqual(await responderSerial(), first);
    setup.clock.advance(-61 * 86_400_000);
    const unknown = await responder.respond('seal-ca-g7', openssl.read('request.der'));
    assert.equal(unknown.der[4], 6, 'unauthorized');
  });

  it('can be the root: links lead from either root to what is under the other', async () => {
    const anchors = [await ca('root-ca')];
    const { certificate: before } = await newSeal(setup.authority);
    await rekey('root-ca');
    const [old, next] = [await ca('root-ca'), await ca('root-ca-g2')];
    assert.ok(isSignedBy(next, next) && !isSignedBy(next, old));
    assert.deepEqual(next.subjectDer, old.subjectDer);
    const [newWithOld, oldWithNew] = [await ca('root-ca-g2-by-root-ca'), await ca('root-ca-by-root-ca-g2')];
    assert.ok(isSignedBy(newWithOld, old) && isSignedBy(oldWithNew, next));
    assert.deepEqual([newWithOld.spki, oldWithNew.spki], [next.spki, old.spki]);
    await rekey('seal-ca');
    assert.ok(isSignedBy(await ca('seal-ca-g3'), next));
    const { certificate: after } = await newSeal(setup.authority);
    for (const leaf of [before, after]) {
      for (const trusted of [[old], [next], [old, next]]) {
        const result = await judged(leaf, trusted);
        assert.equal(result.trusted, true, JSON.stringify(result.findings));
      }
    }
    assert.deepEqual(
      (await setup.authority.anchors()).filter(({ subjectDer }) => Buffer.compare(subjectDer, old.subjectDer) === 0)
        .length,
      2,
    );
    assert.equal((await judged(before, anchors)).trusted, true);
  });

  it('has each root list speak for its own key only, so that neither hides what the other has revoked', async () => {
    const { proposals } = setup.authority;
    const next = await ca('seal-ca-g3');
    const { certificate } = await newSeal(setup.authority);
    const { proposalId, deedSha256 } = await proposals.propose(one, {
      kind: 'revoke',
      serial: next.serialHex,
      reason: 'cACompromise',
    });
    await proposals.approve(two, proposalId, deedSha256);
    for (const root of ['root-ca', 'root-ca-g2']) {
      const crl = parseCrl(await setup.authority.crl(root));
      assert.equal(crl.entries.has(next.serialHex), root === 'root-ca-g2');
      assert.ok(crl.issuingDistributionPoint !== undefined, `${root} says whose list it is`);
    }
    for (const anchor of ['root-ca', 'root-ca-g2'])
      assert.match((await judged(certificate, [await ca(anchor)])).verdict.subIndication ?? '', /^REVOKED_CA/);
  });

  it('is good in the eyes of openssl, before and after, from the old root and from the new', async () => {
    await rekey('seal-ca');
    const { items } = await setup.authority.office.list(one, {
      profile: 'seal-maker',
      issuerName: 'seal-ca',
      limit: 1,
    });
    const before = items[0]?.certificate;
    const { certificate: after, issuerName } = await newSeal(setup.authority);
    assert.ok(before !== undefined);
    assert.equal(issuerName, 'seal-ca-g4');
    const untrusted = pem('untrusted.pem', ...(await setup.authority.intermediates()));
    const lists = openssl.writePem(
      'crls.pem',
      (await crls()).map(({ der }) => ({ label: 'X509 CRL', der })),
    );
    const at = ['-attime', String(Math.floor(setup.clock.now().getTime() / 1000))];
    for (const anchor of ['root-ca', 'root-ca-g2']) {
      const root = pem('root.pem', await ca(anchor));
      for (const leaf of [before, after]) {
        const words = [
          '-crl_check',
          '-CRLfile',
          lists,
          ...at,
          '-CAfile',
          root,
          '-untrusted',
          untrusted,
          pem('leaf.pem', leaf),
        ];
        const { output } = openssl.run('verify', '-x509_strict', ...words);
        assert.match(output, /leaf\.pem: OK/, `${anchor}: ${output}`);
      }
    }
  });

  it('works for SM2 and for mobile documents, and is done once when two approvals meet', async () => {
    const sm2 = await newSeal(setup.authority, 'SM2');
    assert.equal(sm2.issuerName, 'seal-ca-sm2');
    await rekey('seal-ca-sm2');
    await rekey('mdoc-ca');
    const after = await newSeal(setup.authority, 'SM2');
    assert.equal(after.issuerName, 'seal-ca-sm2-g2');
    for (const { certificate } of [sm2, after])
      assert.equal((await judged(certificate, [await ca('root-ca-sm2')])).trusted, true);
    const root = await ca('mdoc-ca-g2');
    assert.ok(isSignedBy(root, root));
    const { proposals } = setup.authority;
    const deed = { kind: 'rekey', authority: 'service-ca' } as const;
    const both = await Promise.all([proposals.propose(one, deed), proposals.propose(one, deed)]);
    const results = await Promise.allSettled(
      both.map(({ proposalId, deedSha256 }) => proposals.approve(two, proposalId, deedSha256)),
    );
    const done = results.filter(({ status }) => status === 'fulfilled').length;
    const names = (await setup.authority.issuers()).filter((name) => name.startsWith('service-ca-g'));
    assert.equal(names.length, done, 'as many keys as deeds that say they are done');
    for (const result of results)
      if (result.status === 'rejected')
        assert.ok(isTrustError(result.reason, 'certificate-transition-forbidden'), String(result.reason));
  });

  it('is renewed key by key, and its responders take their successors under the same key', async () => {
    const { proposals } = setup.authority;
    for (const name of ['root-ca', 'root-ca-g2'] as const) {
      const present = await ca(name);
      const { proposalId, deedSha256 } = await proposals.propose(one, { kind: 'renew', serial: present.serialHex });
      await proposals.approve(two, proposalId, deedSha256);
      const renewed = await ca(name);
      assert.notEqual(renewed.serialHex, present.serialHex);
      assert.deepEqual(renewed.spki, present.spki);
      assert.ok(isSignedBy(renewed, renewed));
    }
    await setup.keys.prepare('ocsp-seal-ca');
    await setup.authority.certifySuccessor('ocsp-seal-ca', 'ocsp-seal-ca.v2', house);
    assert.ok(isSignedBy((await setup.authority.certificateOf('ocsp-seal-ca.v2')).certificate, await ca('seal-ca')));
  });

  it('is retired when it is replaced and all it issued has expired; its last list stays, and nothing fails', async () => {
    const keeper = setup.another().authority;
    await assert.rejects(keeper.requireRetirable('seal-ca-g4'), (error) => isTrustError(error, 'key-state-wrong'));
    await assert.rejects(keeper.requireRetirable('seal-ca'), /have not expired/);
    await keeper.requireRetirable('tsa');
    const years = 11 * 366 * 86_400_000;
    setup.clock.advance(years);
    await keeper.requireRetirable('seal-ca');
    await assert.rejects(keeper.requireRetirable('seal-ca-g4'), /it is the one that issues/);
    setup.clock.advance(-years);
    const list = await setup.authority.crl('seal-ca-sm2');
    await setup.keys.change('seal-ca-sm2', 'retire');
    setup.clock.advance(2 * 86_400_000);
    assert.deepEqual(await setup.authority.crl('seal-ca-sm2'), list);
    await setup.authority.ensureHierarchy();
    setup.clock.advance(61 * 86_400_000);
    await setup.authority.ensureHierarchy();
  });

  it('is asked for in time: who nears the end is told, and a responder that cannot outlive its authority is cut short', async () => {
    const nearing = async () =>
      (await setup.authority.serviceCertificates()).filter(({ nearsEnd }) => nearsEnd).map(({ keyName }) => keyName);
    assert.deepEqual(await nearing(), []);
    setup.clock.advance(1300 * 86_400_000);
    await setup.authority.renewDue();
    const told = await nearing();
    for (const name of ['tsa', 'seal-maker', 'licence-issuer', 'tsa-sm2']) assert.ok(told.includes(name), name);
    assert.ok(!told.some((name) => name.startsWith('ocsp-') || name.startsWith('root-ca')), told.join(' '));
    setup.clock.advance((3650 - 1300 - 100) * 86_400_000);
    assert.ok((await nearing()).includes('seal-ca-g4'));
    await setup.authority.ensureHierarchy();
    setup.clock.advance(30 * 86_400_000);
    await setup.authority.ensureHierarchy(); // RFC 6960: responders of authorities with less left than a responder lives
    const responder = (await setup.authority.certificateOf('ocsp-seal-ca-g4')).certificate;
    assert.ok(responder.notAfter <= (await ca('seal-ca-g4')).notAfter);
  });
});
