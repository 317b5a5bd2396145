// Certificates from requests, renewals, and deeds that take two administrators, over a real register; RFC 2986, RFC 5280, ISO/IEC 18013-5 B.1.4.

import assert from 'node:assert/strict';
import { sha256 } from '../../../src/crypto/digest.ts';
import { toBase64 } from '../../../src/kernel/bytes.ts';
import type { ErrorCode } from '../../../src/kernel/errors.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import type { Principal } from '../../../src/kernel/principal.ts';
import type { Certificate } from '../../../src/pki/certificate.ts';
import { isSignedBy, parseCertificate } from '../../../src/pki/certificate.ts';
import { csrFromPem } from '../../../src/pki/csr.ts';
import { canonicalDeed } from '../../../src/authority/authority-deed.ts';
import { needOpenssl, type OpensslBench } from '../../support/openssl.ts';
import type { AuthorityHouse } from './authority-house.ts';
import { administrator, authorityHouse, recorded } from './authority-house.ts';

const system: Principal = {
  kind: 'system',
  clientId: 'sandbox-system',
  scopes: new Set(['pki.read', 'pki.manage']),
  roles: new Set(),
  level: 0,
};
const [one, two] = [administrator('acc_one'), administrator('acc_two')];
const refused = (code: ErrorCode) => (error: unknown) => isTrustError(error, code);
const distid = 'distid:1234567812345678';

const keyOptions: Record<string, string[]> = {
  'P-256': ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'RSA-2048': ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  SM2: ['genpkey', '-algorithm', 'SM2'],
};

/** A request made by openssl, with extensions that it has no right to. */
function requestOf(openssl: OpensslBench, kind: string, name: string): Uint8Array {
  const key = openssl.path(`${name}.key`);
  assert.ok(openssl.run(...(keyOptions[kind] ?? []), '-out', key).good);
  const asked = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'];
  const subject = ['-subj', '/C=CN/O=XTEXT org/CN=XTEXT request'];
  const digest = kind === 'SM2' ? ['-sm3', '-sigopt', distid] : ['-sha256'];
  const file = openssl.path(`${name}.csr`);
  const made = openssl.run('req', '-new', '-key', key, ...digest, ...subject, ...asked, '-out', file);
  assert.ok(made.good, made.output);
  return csrFromPem(Buffer.from(openssl.read(`${name}.csr`)).toString());
}

describe('RFC 2986: certificates from requests', () => {
  let setup: AuthorityHouse;
  let openssl: OpensslBench;
  let requests = 0;
  before(async function () {
    openssl = needOpenssl(this);
    setup = await authorityHouse();
    await setup.authority.ensureHierarchy();
  });
  after(async () => {
    openssl?.remove();
    await setup?.close();
  });
  const issue = (csr: Uint8Array, changes = {}) =>
    setup.authority.office.issue(system, { csr, profile: 'tls-client', validDays: 90, ...changes });
  const request = (kind = 'P-256') => requestOf(openssl, kind, `request-${++requests}`);
  const block = ({ der }: { der: Uint8Array }) => ({ label: 'CERTIFICATE', der });

  for (const kind of Object.keys(keyOptions)) {
    it(`over a ${kind} key are of the suite of the key, as the profile says and not as the request asks`, async () => {
      const { certificate, issuerName } = await issue(request(kind));
      assert.equal(issuerName, kind === 'SM2' ? 'service-ca-sm2' : 'service-ca');
      assert.equal(certificate.basicConstraints?.ca, false);
      assert.deepEqual([...(certificate.keyUsage ?? [])], ['digitalSignature']);
      assert.deepEqual(certificate.extendedKeyUsage, ['1.3.6.1.5.5.7.3.2']);
      assert.deepEqual(certificate.ocspUrls, [`http://localhost:3000/ocsp/${issuerName}`]);
      assert.equal(certificate.subject.commonName, 'XTEXT request');
      const issuer = parseCertificate(await setup.authority.caCertificate(issuerName));
      assert.ok(isSignedBy(certificate, issuer));
      const ca = openssl.writePem('ca.pem', [block(issuer)]);
      const leaf = openssl.writePem('leaf.pem', [block(certificate)]);
      // OpenSSL gives the SM2 identity to the leaf only: each link is judged by itself.
      const identity = kind === 'SM2' ? ['-vfyopt', distid] : [];
      const judged = openssl.run('verify', '-partial_chain', '-x509_strict', '-CAfile', ca, ...identity, leaf);
      assert.match(judged.output, /leaf\.pem: OK/);
    });
  }

  it('have every link of the SM2 hierarchy good in the eyes of openssl', async () => {
    const links: [string, string][] = [
      ['root-ca-sm2', 'seal-ca-sm2'],
      ['root-ca-sm2', 'service-ca-sm2'],
      ['seal-ca-sm2', 'seal-maker-sm2'],
      ['service-ca-sm2', 'tsa-sm2'],
      ['service-ca-sm2', 'licence-issuer-sm2'],
      ['service-ca-sm2', 'ocsp-service-ca-sm2'],
    ];
    for (const [issuer, subject] of links) {
      const ca = openssl.writePem('ca.pem', [block({ der: await setup.authority.caCertificate(issuer) })]);
      const leaf = openssl.writePem('leaf.pem', [block((await setup.authority.certificateOf(subject)).certificate)]);
      const judged = openssl.run('verify', '-partial_chain', '-CAfile', ca, '-vfyopt', distid, leaf);
      assert.match(judged.output, /leaf\.pem: OK/, `${subject}: ${judged.output}`);
    }
  });

  it('for signers of mobile documents follow ISO/IEC 18013-5, B.1.4, right under their root', async () => {
    const { certificate, issuerName } = await issue(request(), { profile: 'mdoc-issuer', validDays: 457 });
    assert.equal(issuerName, 'mdoc-ca');
    assert.equal(certificate.basicConstraints, undefined);
    assert.deepEqual(certificate.extendedKeyUsage, ['1.0.18013.5.1.2']);
    assert.equal(certificate.extensions.get('2.5.29.37')?.critical, true);
    assert.equal(certificate.extensions.get('2.5.29.18')?.critical, false);
    assert.deepEqual(certificate.crlUrls, ['http://localhost:3000/crl/mdoc-ca.crl']);
    const root = parseCertificate(await setup.authority.caCertificate('mdoc-ca'));
    assert.equal(root.basicConstraints?.pathLength, 0);
    assert.ok(isSignedBy(root, root) && isSignedBy(certificate, root));
    const judged = openssl.run(
      'verify',
      '-CAfile',
      openssl.writePem('root.pem', [block(root)]),
      openssl.writePem('ds.pem', [block(certificate)]),
    );
    assert.match(judged.output, /ds\.pem: OK/);
    await assert.rejects(issue(request(), { profile: 'mdoc-issuer', validDays: 458 }), refused('malformed-request'));
    await assert.rejects(issue(request('SM2'), { profile: 'mdoc-issuer' }), refused('csr-key-refused'));
  });

  it('are made once for one Idempotency-Key, and refused for another body under it', async () => {
    const requestKey = { owner: 'sandbox-system', key: 'k1', bodySha256: sha256(Uint8Array.of(1)) };
    const order = { csr: request(), profile: 'tls-client', validDays: 30 } as const;
    const { office } = setup.authority;
    const first = await office.issue(system, order, requestKey);
    const again = await office.issue(system, order, requestKey);
    assert.equal(again.certificate.serialHex, first.certificate.serialHex);
    const other = { ...requestKey, bodySha256: sha256(Uint8Array.of(2)) };
    await assert.rejects(office.issue(system, order, other), refused('idempotency-key-reused'));
    const failing = { ...requestKey, key: 'k2' };
    const bad = { ...order, subject: { country: 'CN', commonName: 'x'.repeat(65) } };
    await assert.rejects(office.issue(system, bad, failing), refused('malformed-request'));
    await office.issue(system, order, failing); // a failure gives the key free
    const together = { ...requestKey, key: 'k3' };
    const both = await Promise.allSettled([1, 2, 3].map(() => office.issue(system, order, together)));
    const serials = both.flatMap((result) =>
      result.status === 'fulfilled' ? [result.value.certificate.serialHex] : [],
    );
    assert.equal(new Set(serials).size, 1);
  });

  it('are not made for authorities, responders, without the scope, or over a key that was compromised', async () => {
    await assert.rejects(issue(request(), { profile: 'issuing-ca' }), refused('approval-required'));
    await assert.rejects(issue(request(), { profile: 'ocsp-responder' }), refused('forbidden'));
    const poor: Principal = { ...system, scopes: new Set(['pki.read']) };
    const order = { csr: request(), profile: 'tls-client', validDays: 9 } as const;
    await assert.rejects(setup.authority.office.issue(poor, order), refused('scope-missing'));
    const { certificate } = await issue(order.csr);
    await setup.authority.revoke(certificate.serialHex, 'keyCompromise', one);
    await assert.rejects(issue(order.csr), refused('csr-key-refused'));
    const shared = request();
    const [lost, kept] = [(await issue(shared)).certificate, (await issue(shared)).certificate];
    await setup.authority.revoke(lost.serialHex, 'keyCompromise', one);
    const renewal = setup.authority.office.renew(system, kept.serialHex, {});
    await assert.rejects(renewal, refused('csr-key-refused'), 'nor renewed over it');
  });

  it('are renewed over the same key or a new one, and not when they are revoked or suspended', async () => {
    const { office } = setup.authority;
    const { certificate } = await issue(request());
    const same = await office.renew(system, certificate.serialHex, {});
    assert.deepEqual(same.certificate.spki, certificate.spki);
    assert.notEqual(same.certificate.serialHex, certificate.serialHex);
    const rekeyed = await office.renew(system, certificate.serialHex, { csr: request(), validDays: 20 });
    assert.notDeepEqual(rekeyed.certificate.spki, certificate.spki);
    assert.deepEqual(rekeyed.certificate.subject, certificate.subject);
    await office.change(system, certificate.serialHex, { kind: 'suspend' });
    await assert.rejects(office.renew(system, certificate.serialHex, {}), refused('certificate-transition-forbidden'));
    await office.change(system, certificate.serialHex, { kind: 'resume' });
    await office.renew(system, certificate.serialHex, {});
    await office.change(system, certificate.serialHex, { kind: 'revoke', reason: 'superseded' });
    await assert.rejects(office.renew(system, certificate.serialHex, {}), refused('certificate-transition-forbidden'));
  });

  it('are listed newest first, page by page, each once', async () => {
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await setup.authority.office.list(system, { issuerName: 'service-ca', limit: 3, cursor });
      seen.push(...page.items.map(({ certificate }) => certificate.serialHex));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    assert.ok(seen.length > 8);
    assert.equal(new Set(seen).size, seen.length);
    await assert.rejects(setup.authority.office.list(system, { limit: 3, cursor: 'x' }), refused('cursor-invalid'));
  });
});

describe('Deeds on roots and issuing CAs take two administrators', () => {
  let setup: AuthorityHouse;
  let seal: Certificate;
  before(async () => {
    setup = await authorityHouse();
    await setup.authority.ensureHierarchy();
    seal = parseCertificate(await setup.authority.caCertificate('seal-ca'));
  });
  after(() => setup.close());
  const propose = (kind: 'suspend' | 'resume' = 'suspend') =>
    setup.authority.proposals.propose(one, { kind, serial: seal.serialHex });
  const status = async () => (await setup.authority.statusAt(seal.serialHex, setup.clock.now())).status;

  it('and are refused to one alone, person or system', async () => {
    const { office } = setup.authority;
    const change = { kind: 'revoke', reason: 'cessationOfOperation' } as const;
    await assert.rejects(office.change(one, seal.serialHex, change), refused('approval-required'));
    await assert.rejects(office.change(system, seal.serialHex, change), refused('approval-required'));
    await assert.rejects(office.renew(one, seal.serialHex, {}), refused('approval-required'));
    assert.equal(await status(), 'good');
  });

  it('who must be administrators in person', async () => {
    const { proposals } = setup.authority;
    const deed = { kind: 'suspend', serial: seal.serialHex } as const;
    await assert.rejects(proposals.propose(system, deed), refused('forbidden'));
    await assert.rejects(proposals.propose({ ...one, roles: new Set(['auditor']) }, deed), refused('forbidden'));
    const { proposalId, deedSha256 } = await propose();
    await assert.rejects(proposals.approve(system, proposalId, deedSha256), refused('forbidden'));
    await proposals.reject(one, proposalId);
  });

  it('of whom the one who proposed cannot approve', async () => {
    const { proposals } = setup.authority;
    const { proposalId, deedSha256, state } = await propose();
    assert.equal(state, 'open');
    await assert.rejects(proposals.approve(one, proposalId, deedSha256), refused('proposal-self-approval'));
    assert.equal(await status(), 'good');
    await proposals.reject(one, proposalId);
  });

  it('and the other approves the digest that was read, no other', async () => {
    const { proposals } = setup.authority;
    const { proposalId, deedSha256 } = await propose();
    assert.deepEqual(Uint8Array.from(deedSha256), canonicalDeed({ kind: 'suspend', serial: seal.serialHex }).sha256);
    const changed = proposals.approve(two, proposalId, sha256(Uint8Array.of(1)));
    await assert.rejects(changed, refused('proposal-changed'));
    await setup.database.query({
      text: `UPDATE pki.proposal SET deed = replace(deed, 'suspend', 'renew')`,
    });
    await assert.rejects(proposals.approve(two, proposalId, deedSha256), refused('proposal-changed'));
    assert.equal(await status(), 'good');
    assert.equal((await proposals.get(two, proposalId)).state, 'failed');
  });

  it('and are done once, however many approve at once', async () => {
    const { proposals } = setup.authority;
    const { proposalId, deedSha256 } = await propose();
    const three = administrator('acc_three');
    const results = await Promise.allSettled(
      [two, three, two].map((who) => proposals.approve(who, proposalId, deedSha256)),
    );
    assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
    assert.equal((await proposals.get(one, proposalId)).state, 'executed');
    const held = await status();
    assert.equal(held, 'revoked');
    await assert.rejects(proposals.approve(two, proposalId, deedSha256), refused('proposal-not-open'));
    const back = await propose('resume');
    const { state, result } = await proposals.approve(two, back.proposalId, back.deedSha256);
    assert.deepEqual([state, result], ['executed', seal.serialHex]);
    assert.equal(await status(), 'good');
    const decided = await recorded(setup.audit, 'authority.deed-decided');
    assert.ok(decided.includes('intended') && decided.includes('done'));
  });

  it('and are open for a day', async () => {
    const { proposals } = setup.authority;
    const { proposalId, deedSha256 } = await propose();
    setup.clock.advance(86_400_000);
    await assert.rejects(proposals.approve(two, proposalId, deedSha256), refused('proposal-not-open'));
    assert.equal((await proposals.get(one, proposalId)).state, 'expired');
    setup.clock.advance(-86_400_000);
    await proposals.reject(two, proposalId);
  });

  it('can renew an authority with its key, and issue one over the key of a request', async function () {
    const openssl = needOpenssl(this);
    try {
      const { proposals } = setup.authority;
      const renewal = await proposals.propose(one, { kind: 'renew', serial: seal.serialHex });
      await proposals.approve(two, renewal.proposalId, renewal.deedSha256);
      const renewed = parseCertificate(await setup.authority.caCertificate('seal-ca'));
      assert.notEqual(renewed.serialHex, seal.serialHex);
      assert.deepEqual(renewed.spki, seal.spki);
      const csr = toBase64(requestOf(openssl, 'P-256', 'sub'));
      const subject = { country: 'CN', organisation: 'XTEXT', commonName: 'XTEXT 下级机构' };
      const order = await proposals.propose(one, { kind: 'issue', csr, subject, validDays: 365 });
      const done = await proposals.approve(two, order.proposalId, order.deedSha256);
      const made = await setup.authority.office.get(one, done.result ?? '');
      assert.equal(made.profile, 'issuing-ca');
      assert.equal(made.certificate.basicConstraints?.pathLength, 0);
      assert.equal(made.certificate.subject.commonName, 'XTEXT 下级机构');
    } finally {
      openssl.remove();
    }
  });

  it('and are not proposed for what needs none, is not there, or cannot be done', async () => {
    const { proposals } = setup.authority;
    const { certificate } = await setup.authority.certificateOf('tsa');
    const deed = (serial: string) => ({ kind: 'suspend', serial }) as const;
    await assert.rejects(proposals.propose(one, deed(certificate.serialHex)), refused('malformed-request'));
    await assert.rejects(proposals.propose(one, deed('0badcafe')), refused('certificate-not-found'));
    const bad = { kind: 'issue', csr: 'AAAA', subject: { country: 'CN', commonName: 'x' }, validDays: 9 } as const;
    await assert.rejects(proposals.propose(one, bad), refused('malformed-csr'));
    await assert.rejects(proposals.approve(two, 'prp_x', new Uint8Array(32)), refused('proposal-not-found'));
  });
});
