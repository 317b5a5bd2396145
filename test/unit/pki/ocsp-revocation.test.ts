// Which OCSP responses tell the status of a certificate, and which are believed in nothing; RFC 6960, 3.2, 4.2.2.

import assert from 'node:assert/strict';
import { readDer } from '../../../src/codec/der.ts';
import * as write from '../../../src/codec/der-write.ts';
import { ocspOids, purposeOids } from '../../../src/codec/oids.ts';
import { addSeconds } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { parseOcspResponse } from '../../../src/pki/basic-ocsp-response.ts';
import type { Certificate } from '../../../src/pki/certificate.ts';
import { CrlRevocationSource } from '../../../src/pki/crl-revocation.ts';
import type { CertStatus } from '../../../src/pki/ocsp.ts';
import { certIdDigests, issuerHashes } from '../../../src/pki/ocsp.ts';
import { buildOcspFailure, buildOcspResponse } from '../../../src/pki/ocsp-response.ts';
import { OcspRevocationSource } from '../../../src/pki/ocsp-revocation.ts';
import { validatePath } from '../../../src/pki/path.ts';
import type { RevocationAnswer } from '../../../src/pki/revocation.ts';
import { authority, extension, forge, forgeCrl, name } from './forge.ts';
import type { Identity } from './sandbox-pki.ts';
import { at, memorySigner } from './sandbox-pki.ts';

const ocspSigning = extension('2.5.29.37', write.sequence(write.oid(purposeOids.ocspSigning)));
const noCheck = extension(ocspOids.noCheck, write.nullValue());
const good: CertStatus = { status: 'good' };
const revoked: CertStatus = { status: 'revoked', revokedAt: addSeconds(at, -7200), reason: 'keyCompromise' };

const root = await forge({ subject: name('CN=Root'), extensions: [authority()] });
const ca = await forge({ subject: name('CN=CA'), issuer: root, extensions: [authority(0)] });
const leaf = await forge({ subject: name('CN=Leaf'), issuer: ca, serial: 7 });
const responder = (extensions: Uint8Array[], issuer: Identity = ca, serial = 20, notAfter?: Date) =>
  forge({
    subject: name('CN=Responder'),
    issuer,
    serial,
    signer: memorySigner('ocsp'),
    extensions,
    ...(notAfter === undefined ? {} : { notAfter }),
  });
const delegate = await responder([ocspSigning, noCheck]);

interface Draft {
  readonly by?: Identity;
  readonly status?: CertStatus;
  readonly about?: Certificate;
  readonly issuer?: Certificate;
  readonly thisUpdate?: Date;
  readonly nextUpdate?: Date;
}

function certIdOf(certificate: Certificate, issuer: Certificate, digest: 'SHA-1' | 'SHA-256' = 'SHA-1'): Uint8Array {
  const hashes = issuerHashes(issuer, digest);
  const algorithm = write.sequence(write.oid(certIdDigests[digest].oid));
  const serial = write.tlv(0x02, certificate.serial);
  return write.sequence(algorithm, write.octetString(hashes.name), write.octetString(hashes.key), serial);
}

function respond(draft: Draft = {}): Promise<Uint8Array> {
  const { by = delegate, status = good, about = leaf.certificate, issuer = ca.certificate } = draft;
  const { thisUpdate = addSeconds(at, -60), nextUpdate = addSeconds(at, 3600) } = draft;
  const answers = [{ certId: certIdOf(about, issuer), status }];
  return buildOcspResponse({
    signer: by.signer,
    responder: by.certificate,
    answers,
    producedAt: thisUpdate,
    nextUpdate,
  });
}

/** A response put together by hand, for what our own writer would not write. */
async function handmade(parts: {
  by?: Identity;
  certificates?: readonly Certificate[];
  responderId?: Uint8Array;
  single?: readonly Uint8Array[];
  rest?: readonly Uint8Array[];
}): Promise<Uint8Array> {
  const { by = delegate, rest = [] } = parts;
  const time = write.generalizedTime(addSeconds(at, -60));
  const until = write.context(0, write.generalizedTime(addSeconds(at, 3600)));
  const single = parts.single ?? [write.primitiveContext(0, new Uint8Array()), time, until];
  const byName = parts.responderId ?? write.context(1, by.certificate.subjectDer);
  const id = certIdOf(leaf.certificate, ca.certificate, 'SHA-256');
  const tbs = write.sequence(byName, time, write.sequence(write.sequence(id, ...single)), ...rest);
  const basic = write.sequence(
    tbs,
    write.sequence(write.oid('1.2.840.10045.4.3.2')),
    write.bitString(await by.signer.sign(tbs, 'der')),
    write.context(0, write.sequence(...(parts.certificates ?? [by.certificate]).map(({ der }) => der))),
  );
  const bytes = write.sequence(write.oid(ocspOids.basic), write.octetString(basic));
  return write.sequence(write.tlv(0x0a, Uint8Array.of(0)), write.context(0, bytes));
}

const crlOf = async (issuer: Identity, ...serials: number[]) =>
  forgeCrl({ issuer, entries: serials.map((serial) => ({ serial })) });
const noLists = new CrlRevocationSource({ crls: [], now: at });

function asked(responses: readonly Uint8Array[], otherwise = noLists): RevocationAnswer {
  const source = new OcspRevocationSource({ responses: responses.map(parseOcspResponse), now: at, otherwise });
  const path = { above: [ca.certificate, root.certificate], others: [], algorithms: 'current' } as const;
  return source.check(leaf.certificate, ca.certificate, path);
}

const codeOf = (answer: RevocationAnswer) => (answer.status === 'unknown' ? answer.code : answer.status);

describe('RFC 6960, 3.2 and 4.2.2: an OCSP response as a source of status', () => {
  it('tells good and revoked, by the issuer itself or by its responder, named by key or by name', async () => {
    assert.deepEqual(asked([await respond()]), good);
    assert.deepEqual(asked([await respond({ by: ca })]), good);
    assert.deepEqual(asked([await handmade({})]), good);
    assert.deepEqual(asked([await respond({ status: revoked })]), revoked);
  });

  it('costs a bounded number of signature checks, however many certificates bear the name of the responder', async () => {
    const stranger = () => forge({ subject: name('CN=Responder'), signer: memorySigner('ocsp') });
    const crowd = await Promise.all(Array.from({ length: 16 }, async () => (await stranger()).certificate));
    const hostile = await handmade({ certificates: crowd });
    const older = await respond({ thisUpdate: addSeconds(at, -600) });
    assert.deepEqual(asked([hostile, hostile, hostile, older]), good);
    const drowned = asked([hostile, hostile, hostile, hostile, older]);
    assert.equal(codeOf(drowned), 'ocsp-signature-wrong', 'after 64 checks nothing is believed any more');
  });

  it('is believed by path validation for each certificate of the path', async () => {
    const responses = [await respond(), await respond({ by: root, about: ca.certificate, issuer: root.certificate })];
    const judge = (some: readonly Uint8Array[]) =>
      validatePath({
        leaf: leaf.certificate,
        intermediates: [ca.certificate],
        anchors: [root.certificate],
        at,
        purpose: 'any',
        revocation: new OcspRevocationSource({ responses: some.map(parseOcspResponse), now: at, otherwise: noLists }),
      });
    assert.equal(judge(responses).trusted, true);
    assert.deepEqual(
      judge(responses.slice(0, 1)).findings.map(({ code }) => code),
      ['crl-missing'],
    );
  });

  it('by a stranger tells nothing (4.2.2.2)', async () => {
    const stranger = await forge({ subject: name('CN=CA'), extensions: [authority()] });
    const theirs = await responder([ocspSigning, noCheck], stranger);
    const byRoot = await responder([ocspSigning, noCheck], root);
    const unfit = await responder([noCheck]);
    const otherPurpose = extension('2.5.29.37', write.sequence(write.oid(purposeOids.any)));
    const expired = await responder([ocspSigning, noCheck], ca, 21, addSeconds(at, -1));
    const isCa = await responder([ocspSigning, noCheck, authority()], ca, 22);
    for (const by of [
      stranger,
      theirs,
      byRoot,
      unfit,
      await responder([otherPurpose, noCheck]),
      expired,
      isCa,
      leaf,
      root,
    ]) {
      assert.equal(codeOf(asked([await respond({ by })])), 'ocsp-responder-not-trusted', by.certificate.serialHex);
    }
  });

  it('by a responder without nocheck counts when a CRL knows the responder, and never when it is revoked (4.2.2.2.1)', async () => {
    const checked = await responder([ocspSigning], ca, 30);
    const answer = await respond({ by: checked });
    const lists = (...serials: number[]) =>
      crlOf(ca, ...serials).then((crl) => new CrlRevocationSource({ crls: [crl], now: at }));
    assert.equal(codeOf(asked([answer])), 'ocsp-responder-not-trusted');
    assert.equal(codeOf(asked([answer], await lists())), 'good');
    const alone = await lists(30);
    const source = new OcspRevocationSource({
      responses: [parseOcspResponse(answer)],
      now: at,
      otherwise: {
        check: (certificate, issuer, path) =>
          certificate.serialHex === '1e'
            ? alone.check(certificate, issuer, path)
            : { status: 'unknown', detail: 'no CRL for it' },
      },
    });
    assert.equal(codeOf(source.check(leaf.certificate, ca.certificate)), 'ocsp-responder-not-trusted');
  });

  it('counts within its time only, and not at all when it names no end (4.2.2.1)', async () => {
    assert.equal(codeOf(asked([await respond({ nextUpdate: addSeconds(at, -1) })])), 'ocsp-out-of-date');
    assert.equal(codeOf(asked([await respond({ thisUpdate: addSeconds(at, 1) })])), 'ocsp-from-future');
    const time = write.generalizedTime(addSeconds(at, -60));
    const endless = await handmade({ single: [write.primitiveContext(0, new Uint8Array()), time] });
    assert.equal(codeOf(asked([endless])), 'ocsp-out-of-date');
  });

  it('about another certificate, or of another issuer of that name, is no answer', async () => {
    const other = await forge({ subject: name('CN=Other'), issuer: ca, serial: 8 });
    const namesake = await forge({ subject: name('CN=CA'), issuer: root, extensions: [authority()] });
    for (const draft of [{ about: other.certificate }, { issuer: namesake.certificate }]) {
      assert.equal(codeOf(asked([await respond(draft)])), 'crl-missing');
    }
  });

  it('says that it does not know, which is not good; a CRL may know better', async () => {
    const unknown = await respond({ status: { status: 'unknown' } });
    assert.equal(codeOf(asked([unknown])), 'ocsp-status-unknown');
    const lists = new CrlRevocationSource({ crls: [await crlOf(ca)], now: at });
    assert.equal(codeOf(asked([unknown], lists)), 'good');
  });

  it('never outweighs a CRL that knows of a revocation, and the newer response outweighs the older', async () => {
    const lists = new CrlRevocationSource({ crls: [await crlOf(ca, 7)], now: at });
    assert.equal(codeOf(asked([await respond()], lists)), 'revoked');
    const older = await respond({ thisUpdate: addSeconds(at, -600) });
    const newer = await respond({ status: revoked });
    assert.equal(codeOf(asked([older, newer])), 'revoked');
    assert.equal(codeOf(asked([newer, older])), 'revoked');
  });

  it('with a changed octet in what is signed, or in the signature, tells nothing', async () => {
    const der = await respond();
    for (const place of [90, der.indexOf(0xa0, 40) + 20, der.length - delegate.certificate.der.length - 20]) {
      const changed = der.with(place, (der[place] ?? 0) ^ 1);
      try {
        const answer = asked([changed]);
        assert.notEqual(answer.status, 'good', `octet ${place}`);
      } catch (error) {
        assert.ok(isTrustError(error, 'malformed-ocsp'), String(error));
      }
    }
  });

  it('with a critical extension in the response or in the part about the certificate tells nothing (4.4)', async () => {
    const critical = write.context(1, write.sequence(extension('1.2.3.4', write.nullValue(), true)));
    const time = write.generalizedTime(addSeconds(at, -60));
    const until = write.context(0, write.generalizedTime(addSeconds(at, 3600)));
    const single = [write.primitiveContext(0, new Uint8Array()), time, until, critical];
    for (const parts of [{ rest: [critical] }, { single }]) {
      assert.equal(codeOf(asked([await handmade(parts)])), 'ocsp-extension-unknown');
    }
  });

  it('is malformed-ocsp when it is a failure, is no basic response or names no responder', async () => {
    const basic = await respond();
    const [status, wrapped] = readDer(basic).children;
    const other = write.sequence(write.oid('1.2.3'), write.octetString(Uint8Array.of(0x30, 0)));
    for (const der of [
      buildOcspFailure('tryLater'),
      write.sequence(status?.raw ?? new Uint8Array()),
      write.sequence(status?.raw ?? new Uint8Array(), write.context(0, other)),
      Uint8Array.of(...basic, 0),
      wrapped?.raw ?? new Uint8Array(),
      await handmade({ responderId: write.context(3, write.nullValue()) }),
      await handmade({ single: [write.primitiveContext(3, new Uint8Array()), write.generalizedTime(at)] }),
    ]) {
      assert.throws(
        () => parseOcspResponse(der),
        (error) => isTrustError(error, 'malformed-ocsp'),
      );
    }
  });
});
