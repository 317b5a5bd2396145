// The OCSP responder over a real register, asked and judged by OpenSSL, also over HTTP; RFC 6960, RFC 5019.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import express from 'express';
import supertest from 'supertest';
import { OcspResponder } from '../../../src/authority/ocsp-responder.ts';
import type { CaName } from '../../../src/authority/hierarchy.ts';
import { readDer } from '../../../src/codec/der.ts';
import * as write from '../../../src/codec/der-write.ts';
import { toBase64 } from '../../../src/kernel/bytes.ts';
import { addSeconds, frozenClock } from '../../../src/kernel/clock.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { house } from '../../../src/kernel/principal.ts';
import { ocspEndpoints } from '../../../src/http/ocsp.ts';
import { problemHandler } from '../../../src/http/problem.ts';
import type { Certificate } from '../../../src/pki/certificate.ts';
import { isSignedBy, parseCertificate } from '../../../src/pki/certificate.ts';
import type { CertIdDigest } from '../../../src/pki/ocsp.ts';
import { certIdDigests, issuerHashes } from '../../../src/pki/ocsp.ts';
import { verifySignature } from '../../../src/crypto/verify.ts';
import { needOpenssl } from '../../support/openssl.ts';
import type { AuthorityHouse } from './authority-house.ts';
import { authorityHouse } from './authority-house.ts';

const nonce = (length: number) =>
  write.context(
    2,
    write.sequence(
      write.sequence(
        write.oid('1.3.6.1.5.5.7.48.1.2'),
        write.octetString(write.octetString(new Uint8Array(length).fill(5))),
      ),
    ),
  );

function certIdOf(issuer: Certificate, serial: Uint8Array, digest: CertIdDigest = 'SHA-1'): Uint8Array {
  const { name, key } = issuerHashes(issuer, digest);
  return write.sequence(
    write.sequence(write.oid(certIdDigests[digest].oid), write.nullValue()),
    write.octetString(name),
    write.octetString(key),
    write.unsignedInteger(serial),
  );
}

const requestFor = (certIds: readonly Uint8Array[], ...rest: Uint8Array[]) =>
  write.sequence(write.sequence(write.sequence(...certIds.map((id) => write.sequence(id))), ...rest));

/** What stands in a response: its status, and of a basic one the certificate statuses by their tags. */
function read(der: Uint8Array) {
  const [status, bytes] = readDer(der).children;
  const basic = bytes?.children[0]?.children[1]?.content;
  if (basic === undefined) return { status: status?.content[0], certs: [] as number[] };
  const [tbs, , signature, certificates] = readDer(basic).children;
  const single = tbs?.children[2]?.children ?? [];
  return {
    status: status?.content[0],
    certs: single.map(({ children }) => children[1]?.tag),
    tbs: tbs?.raw,
    signature: signature?.content.subarray(1),
    responder: certificates?.children[0]?.children[0]?.raw,
    hasNonce: Buffer.from(basic).includes(Buffer.from('2b0601050507300102', 'hex')),
  };
}

const good = 0x80;
const revoked = 0xa1;
const unknown = 0x82;

describe('RFC 6960: the OCSP responder', () => {
  let setup: AuthorityHouse;
  let responder: OcspResponder;
  let issuer: Certificate;
  let seals = 0;
  const another = () => new OcspResponder({ ...setup.another(), ...pick(setup) });
  const pick = ({ database, audit, keys, clock }: AuthorityHouse) => ({ database, audit, keys, clock, log: silentLog });
  const newSeal = async () => {
    const keyName = `seal-ocsp-${++seals}`;
    await setup.keys.create({ name: keyName, purpose: 'seal', algorithm: 'ES256' });
    const subject = { country: 'CN', organisation: 'XTEXT 市数据局', commonName: 'XTEXT 市数据局电子印章' };
    return setup.authority.issueFor({ keyName, profile: 'seal-signer', subject, validDays: 300 }, house);
  };
  const ask = async (serial: Uint8Array, on = responder) =>
    read((await on.respond('seal-ca', requestFor([certIdOf(issuer, serial)]))).der);

  before(async () => {
    setup = await authorityHouse();
    await setup.authority.ensureHierarchy();
    responder = new OcspResponder(pick(setup));
    issuer = parseCertificate(await setup.authority.caCertificate('seal-ca'));
  });
  after(() => setup.close());

  it('says good, revoked and unknown, with a certificate of its own that the authority issued for it (4.2.2.2)', async () => {
    const [one, two] = [await newSeal(), await newSeal()];
    await setup.authority.revoke(two.serialHex, 'keyCompromise', house);
    const ids = [one.certificate.serial, two.certificate.serial, Uint8Array.of(77)];
    const { der } = await responder.respond('seal-ca', requestFor(ids.map((serial) => certIdOf(issuer, serial))));
    const answer = read(der);
    assert.deepEqual(answer.certs, [good, revoked, unknown]);
    assert.ok(answer.responder && answer.tbs && answer.signature);
    const certificate = parseCertificate(answer.responder);
    assert.ok(isSignedBy(certificate, issuer));
    assert.deepEqual(certificate.extendedKeyUsage, ['1.3.6.1.5.5.7.3.9']);
    assert.ok(certificate.extensions.has('1.3.6.1.5.5.7.48.1.5'), 'nocheck');
    const { spki } = certificate;
    const check = { algorithm: 'ES256', spki, data: answer.tbs, signature: answer.signature, form: 'der' } as const;
    assert.ok(verifySignature(check));
  });

  it('answers for every authority of both suites, each under a responder of its own', async () => {
    const under: Partial<Record<CaName, string>> = {
      'root-ca': 'seal-ca',
      'service-ca': 'tsa',
      'seal-ca-sm2': 'seal-maker-sm2',
      'root-ca-sm2': 'seal-ca-sm2',
    };
    for (const [ca, keyName] of Object.entries(under)) {
      const authority = parseCertificate(await setup.authority.caCertificate(ca));
      const { certificate } = await setup.authority.certificateOf(keyName);
      const { der } = await responder.respond(ca, requestFor([certIdOf(authority, certificate.serial, 'SHA-256')]));
      const answer = read(der);
      assert.deepEqual(answer.certs, [good], ca);
      assert.ok(answer.responder && isSignedBy(parseCertificate(answer.responder), authority));
    }
  });

  it('has a revocation in the very next answer of every process', async () => {
    const { certificate, serialHex } = await newSeal();
    const other = another();
    assert.deepEqual((await ask(certificate.serial)).certs, [good]);
    assert.deepEqual((await ask(certificate.serial, other)).certs, [good]);
    await setup.authority.revoke(serialHex, 'cessationOfOperation', house);
    assert.deepEqual((await ask(certificate.serial)).certs, [revoked]);
    assert.deepEqual((await ask(certificate.serial, other)).certs, [revoked]);
  });

  it('has a revocation at once, though the clock of the process that is asked is behind', async () => {
    const { certificate, serialHex } = await newSeal();
    const behind = new OcspResponder({ ...pick(setup), clock: frozenClock(addSeconds(setup.clock.now(), -20)) });
    assert.deepEqual((await ask(certificate.serial, behind)).certs, [good]);
    await setup.authority.revoke(serialHex, 'keyCompromise', house);
    assert.deepEqual((await ask(certificate.serial, behind)).certs, [revoked]);
    assert.deepEqual((await ask(certificate.serial, behind)).certs, [revoked]);
  });

  it("signs once what is asked without a nonce, and again when half of the answer's life has passed (RFC 5019, 2.2)", async () => {
    const { certificate } = await newSeal();
    const request = requestFor([certIdOf(issuer, certificate.serial)]);
    const first = await responder.respond('seal-ca', request);
    assert.ok(first.cacheable);
    assert.deepEqual((await responder.respond('seal-ca', request)).der, first.der);
    setup.clock.advance(31 * 60 * 1000);
    const later = await responder.respond('seal-ca', request);
    assert.notDeepEqual(later.der, first.der);
    assert.ok(later.cacheable && later.cacheable.thisUpdate > first.cacheable.thisUpdate);
    setup.clock.advance(-31 * 60 * 1000);
  });

  it('keeps no answer about a serial that nobody has, so that strangers cannot push out the others', async () => {
    const { certificate } = await newSeal();
    const known = requestFor([certIdOf(issuer, certificate.serial)]);
    const first = await responder.respond('seal-ca', known);
    for (let serial = 1; serial <= 3; serial++) {
      const { der, cacheable } = await responder.respond(
        'seal-ca',
        requestFor([certIdOf(issuer, Uint8Array.of(serial))]),
      );
      assert.deepEqual([read(der).certs, cacheable], [[unknown], undefined]);
    }
    assert.deepEqual((await responder.respond('seal-ca', known)).der, first.der);
  });

  it('repeats a nonce and gives such an answer to nobody else (RFC 9654)', async () => {
    const { certificate } = await newSeal();
    const certIds = [certIdOf(issuer, certificate.serial)];
    const withNonce = await responder.respond('seal-ca', requestFor(certIds, nonce(32)));
    assert.equal(withNonce.cacheable, undefined);
    assert.equal(read(withNonce.der).hasNonce, true);
    assert.equal(read((await responder.respond('seal-ca', requestFor(certIds))).der).hasNonce, false);
  });

  it('is unauthorized for other issuers and malformedRequest for what is no request (4.2.1)', async () => {
    const { certificate } = await newSeal();
    const root = parseCertificate(await setup.authority.caCertificate('root-ca'));
    const own = certIdOf(issuer, certificate.serial);
    const status = async (ca: string, der: Uint8Array) => read((await responder.respond(ca, der)).der).status;
    assert.equal(await status('seal-ca', requestFor([certIdOf(root, certificate.serial)])), 6);
    assert.equal(await status('seal-ca', requestFor([own, certIdOf(root, certificate.serial)])), 6);
    assert.equal(await status('service-ca', requestFor([own])), 6);
    assert.equal(await status('nobody', requestFor([own])), 6);
    assert.equal(await status('seal-ca', Uint8Array.of(0x30, 0)), 1);
    assert.equal(await status('seal-ca', requestFor([own], nonce(0))), 1);
  });

  it('writes one intent before its key answers for ten minutes, and the count after them', async () => {
    const fresh = another();
    const ca = 'mdoc-ca'; // nobody else asks about it here
    const authority = parseCertificate(await setup.authority.caCertificate(ca));
    const { certificate } = await setup.authority.certificateOf('ocsp-mdoc-ca');
    const request = requestFor([certIdOf(authority, certificate.serial)], nonce(8));
    for (let i = 0; i < 5; i++) await fresh.respond(ca, request);
    const entries = async () => (await setup.audit.entries({ objectId: ca, action: 'ocsp.answering', limit: 9 })).items;
    assert.deepEqual(
      (await entries()).map(({ outcome }) => outcome),
      ['intended'],
    );
    setup.clock.advance(10); // entries of two processes in one millisecond have no order
    await fresh.close();
    const [done] = await entries();
    assert.equal(done?.outcome, 'done');
    assert.match(Buffer.from(done.leaf).toString(), /"answers":5/);
  });

  describe('over HTTP', () => {
    let server: Server;
    let url: string;
    before(async () => {
      const app = express();
      app.disable('etag');
      app.use(ocspEndpoints(responder));
      app.use(problemHandler(silentLog));
      server = app.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    });
    after(() => server.close());

    it('answers GET with the headers that caches go by, and 304 to whoever has it (RFC 5019, 6.2)', async () => {
      const { certificate } = await newSeal();
      const encoded = encodeURIComponent(toBase64(requestFor([certIdOf(issuer, certificate.serial)])));
      const first = await supertest(url).get(`/ocsp/seal-ca/${encoded}`).responseType('blob');
      assert.equal(first.status, 200);
      assert.equal(first.headers['content-type'], 'application/ocsp-response');
      assert.match(first.headers['cache-control'] ?? '', /max-age=60, public, no-transform, must-revalidate/);
      assert.ok(Date.parse(first.headers['expires'] ?? '') > Date.parse(first.headers['last-modified'] ?? ''));
      assert.deepEqual(read(new Uint8Array(first.body)).certs, [good]);
      const again = await supertest(url)
        .get(`/ocsp/seal-ca/${encoded}`)
        .set('if-none-match', first.headers['etag'] ?? '');
      assert.equal(again.status, 304);
      const unescaped = toBase64(requestFor([certIdOf(issuer, certificate.serial)]));
      const plain = await supertest(url).get(`/ocsp/seal-ca/${unescaped}`).responseType('blob');
      assert.deepEqual(plain.body, first.body);
    });

    it('tells a revocation of the very second to whoever asks by date (RFC 9110, 8.8.2.2)', async () => {
      const { certificate, serialHex } = await newSeal();
      const path = `/ocsp/seal-ca/${encodeURIComponent(toBase64(requestFor([certIdOf(issuer, certificate.serial)])))}`;
      const before = await supertest(url).get(path).responseType('blob');
      await setup.authority.revoke(serialHex, 'keyCompromise', house);
      const since = before.headers['last-modified'] ?? '';
      const after = await supertest(url).get(path).set('if-modified-since', since).responseType('blob');
      assert.deepEqual([after.status, after.headers['last-modified']], [200, since]);
      assert.deepEqual(read(new Uint8Array(after.body)).certs, [revoked]);
    });

    it('keeps no answer with a nonce and tells malformed requests in its own form', async () => {
      const { certificate } = await newSeal();
      const body = Buffer.from(requestFor([certIdOf(issuer, certificate.serial)], nonce(16)));
      const post = () => supertest(url).post('/ocsp/seal-ca').type('application/ocsp-request').responseType('blob');
      const answer = await post().send(body);
      assert.equal(answer.headers['cache-control'], 'no-store');
      assert.equal(read(new Uint8Array(answer.body)).hasNonce, true);
      const malformed = await supertest(url).get('/ocsp/seal-ca/!!!').responseType('blob');
      assert.equal(malformed.status, 200);
      assert.equal(read(new Uint8Array(malformed.body)).status, 1);
      assert.equal((await post().send(Buffer.alloc(5000))).status, 413);
      assert.equal((await supertest(url).post('/ocsp/seal-ca').type('text/plain').send('x')).status, 415);
    });

    it('satisfies openssl ocsp, by file and live, for good and revoked certificates', async function () {
      const openssl = needOpenssl(this);
      try {
        const [alive, dead] = [await newSeal(), await newSeal()];
        await setup.authority.revoke(dead.serialHex, 'keyCompromise', house);
        const pem = (name: string, ...list: Certificate[]) =>
          openssl.writePem(
            name,
            list.map(({ der }) => ({ label: 'CERTIFICATE', der })),
          );
        const root = pem('root.pem', ...(await setup.authority.anchors()).slice(0, 1));
        const sub = pem('sub.pem', issuer);
        const aliveFile = pem('alive.pem', alive.certificate);
        const deadFile = pem('dead.pem', dead.certificate);
        const trust = ['-CAfile', root, '-verify_other', sub, '-validity_period', '86400'];
        for (const digest of ['-sha1', '-sha256']) {
          const query = openssl.path(`q${digest}.der`);
          openssl.run('ocsp', digest, '-issuer', sub, '-cert', aliveFile, '-cert', deadFile, '-reqout', query);
          const { der } = await responder.respond('seal-ca', openssl.read(`q${digest}.der`));
          const file = openssl.write(`r${digest}.der`, der);
          // -no_nonce: else openssl compares with a nonce that it makes up now, not with that of the query.
          const files = ['-respin', file, '-reqin', query, '-no_nonce', '-attime', String(epoch(setup))];
          const subjects = ['-issuer', sub, digest, '-cert', aliveFile, '-cert', deadFile];
          const judged = openssl.run('ocsp', ...files, ...subjects, ...trust);
          assert.match(judged.output, /Response verify OK/, judged.output);
          assert.match(judged.output, /alive\.pem: good/);
          assert.match(judged.output, /dead\.pem: revoked[\s\S]*Reason: keyCompromise/);
          assert.doesNotMatch(judged.output, /WARNING: no nonce/);
        }
        const asked = ['-url', `${url}/ocsp/seal-ca`, '-issuer', sub, '-cert', aliveFile];
        const live = await openssl.runAsync('ocsp', ...asked, ...trust);
        assert.match(live.output, /Response verify OK/, live.output);
        assert.match(live.output, /alive\.pem: good/);
      } finally {
        openssl.remove();
      }
    });
  });
});

function epoch({ clock }: AuthorityHouse): number {
  return Math.floor(clock.now().getTime() / 1000);
}
