// Signatures of other people's authorities: trusted when two administrators have added the anchor for the purpose, on every node, and no longer.

import assert from 'node:assert/strict';
import { canonicalDeed, type AnchorDeed } from '../../../src/authority/authority-deed.ts';
import { cmsOids } from '../../../src/codec/oids.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { toBase64, toHex } from '../../../src/kernel/bytes.ts';
import { addSeconds, systemClock } from '../../../src/kernel/clock.ts';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import { administrator } from '../authority/authority-house.ts';
import { ForeignPki, withStore } from './foreign-pki.ts';
import { needOpenssl, type OpensslBench } from '../../support/openssl.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { attribute, putTogether, takeApart } from '../../unit/pki/bent-cms.ts';
import { stamp } from '../../unit/pki/cms-samples.ts';
import { forgeCrl } from '../../unit/pki/forge.ts';
import { sandboxPki } from '../../unit/pki/sandbox-pki.ts';
import { requestKey, type SealHouse, sealHouse, stampRequest, system, uploaded } from '../seal/seal-house.ts';

const caller = system('client-one');
const [one, two] = [administrator('acc_one'), administrator('acc_two')];

describe('RFC 5280, 6.1.1 (d): trust anchors of others, each for its purpose', () => {
  let of: SealHouse;
  let openssl: OpensslBench;
  let pki: ForeignPki;
  let stranger: ForeignPki;
  let plain: Uint8Array;
  let full: Uint8Array;
  let fingerprint: string;

  before(async function () {
    openssl = needOpenssl(this);
    of = await sealHouse();
    pki = new ForeignPki(openssl, 'foreign');
    stranger = new ForeignPki(openssl, 'stranger');
    plain = await pki.signed(samplePdf());
    full = withStore(plain, { CRLs: [pki.crl('root'), pki.crl('ca')] });
    fingerprint = toHex(sha256(pki.root.der));
  });
  after(async () => {
    openssl?.remove();
    await of?.close();
  });

  const agreed = async (deed: AnchorDeed): Promise<string | undefined> => {
    const { proposals } = of.authority;
    const { proposalId } = await proposals.propose(one, deed);
    return (await proposals.approve(two, proposalId, canonicalDeed(deed).sha256)).result;
  };
  const add = (purposes: string, root = pki.root) =>
    agreed({ kind: 'add-anchor', certificate: toBase64(root.der), purposes });
  const withdraw = (root = pki.root) => agreed({ kind: 'withdraw-anchor', sha256: toHex(sha256(root.der)) });
  const judged = async (bytes: Uint8Array, judge = of.judge) => {
    const { verdict, signatures, findings } = await judge.judge(bytes);
    const report = signatures[0]?.report;
    assert.ok(report);
    const codes = [...findings, ...report.findings].map(({ code }) => code);
    return { verdict: `${verdict.indication} ${verdict.subIndication}`, trusted: report.trusted, codes, report };
  };
  const refused = (code: ErrorCode) => (error: unknown) => isTrustError(error, code);
  const untrusted = 'INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND';

  it('a foreign signature is good only while its root is trusted for seals, on every node', async () => {
    const node = await of.anotherNode();
    try {
      const everywhere = async () => {
        const [here, there] = [await judged(full), await judged(full, node.judge)];
        assert.deepEqual([there.verdict, there.trusted], [here.verdict, here.trusted]);
        assert.deepEqual([here.report.intact, here.report.valid], [true, true]);
        return here;
      };
      assert.equal((await everywhere()).verdict, untrusted);
      assert.equal(await add('time-stamp'), fingerprint);
      assert.equal((await everywhere()).verdict, untrusted);
      await withdraw();
      await add('seal');
      const good = await everywhere();
      assert.deepEqual([good.verdict, good.trusted], ['TOTAL-PASSED null', true], good.codes.join(' '));
      assert.equal(good.report.seal, null);
      await withdraw();
      assert.equal((await everywhere()).verdict, untrusted);
    } finally {
      await node.close();
    }
  });

  it('a foreign time stamp proves the time only while its root is trusted for time stamps', async () => {
    const tsa = await sandboxPki();
    const now = systemClock.now();
    const inForce = { thisUpdate: addSeconds(now, -60), nextUpdate: addSeconds(now, 3600) };
    const lists = [await forgeCrl({ issuer: tsa.root, ...inForce }), await forgeCrl({ issuer: tsa.ca, ...inForce })];
    const revocation = [pki.crl('root'), pki.crl('ca'), ...lists.map(({ der }) => der)];
    const stamped = await pki.signed(samplePdf(), async (cms) => {
      const parts = takeApart(cms);
      const token = await stamp(tsa, sha256(parts.signature), { genTime: systemClock.now() });
      return putTogether({ ...parts, revocation, unsigned: [attribute(cmsOids.signatureTimeStampToken, token)] });
    });
    const told = async () => {
      const { verdict, codes, report } = await judged(stamped);
      return [verdict, report.level, report.timeSource, codes.includes('time-stamp-not-trusted')];
    };
    await add('seal');
    await add('seal', tsa.root.certificate);
    // openssl writes a signing time into the CMS, so its signatures are of no baseline level (EN 319 142-1, 6.3).
    assert.deepEqual(await told(), ['TOTAL-PASSED null', null, 'claimed', true]);
    await withdraw(tsa.root.certificate);
    await add('time-stamp', tsa.root.certificate);
    assert.deepEqual(await told(), ['TOTAL-PASSED null', null, 'time-stamp', false]);
    await withdraw(tsa.root.certificate);
    await withdraw();
  });

  it('no authority of ours can be one: its revocation would count no more', async () => {
    for (const name of ['root-ca', 'seal-ca', 'mdoc-ca', 'service-ca-sm2']) {
      const certificate = toBase64(await of.authority.caCertificate(name));
      await assert.rejects(agreed({ kind: 'add-anchor', certificate, purposes: 'seal' }), refused('malformed-request'));
    }
    assert.deepEqual(await of.authority.foreignAnchors.list(one), []);
  });

  it('a root that bears the name of ours is a stranger all the same, and neither takes the other’s place', async () => {
    const { subject } = (await of.authority.certificateOf('root-ca')).certificate;
    const twin = new ForeignPki(openssl, 'twin', {
      root: `/C=${subject.country}/O=${subject.organisation}/CN=${subject.commonName}`,
      ca: `/C=CN/O=${subject.organisation}/CN=${subject.organisation} Seal CA`,
    });
    const theirs = withStore(await twin.signed(samplePdf()), { CRLs: [twin.crl('root'), twin.crl('ca')] });
    assert.equal((await judged(theirs)).verdict, untrusted);
    await add('seal', twin.root);
    assert.equal((await judged(theirs)).verdict, 'TOTAL-PASSED null');
    const source = await uploaded(of, caller, samplePdf());
    const stamps = of.stamps();
    const { stampingId } = await stamps.stamp(caller, stampRequest(of, source), requestKey('twin'));
    const ours = await judged(await stamps.document(caller, stampingId));
    assert.deepEqual([ours.verdict, ours.report.level], ['TOTAL-PASSED null', 'B-T']);
    assert.notEqual(ours.report.seal, null);
    await withdraw(twin.root);
    assert.equal((await judged(theirs)).verdict, untrusted);
  });

  it('are listed with purposes, fingerprint, who and when, and every deed is in the log', async () => {
    await add('seal,licence');
    const [listed, ...others] = await of.authority.foreignAnchors.list(one);
    assert.equal(others.length, 0);
    assert.equal(toHex(listed?.sha256 ?? new Uint8Array()), fingerprint);
    assert.deepEqual(listed?.purposes, ['seal', 'licence']);
    assert.deepEqual([listed?.added?.proposedBy, listed?.added?.approvedBy], ['acc_one', 'acc_two']);
    await withdraw();
    assert.deepEqual(await of.authority.foreignAnchors.list(one), []);
    for (const action of ['trust-anchor.added', 'trust-anchor.withdrawn']) {
      const { items } = await of.audit.entries({ action, limit: 1 });
      assert.deepEqual([items[0]?.outcome, items[0]?.objectId], ['done', fingerprint]);
    }
  });

  it('are refused with a code: twice, none, no authority, without purpose, by one person', async () => {
    const propose = (deed: AnchorDeed) => of.authority.proposals.propose(one, deed);
    const certificate = toBase64(pki.root.der);
    await add('seal');
    await assert.rejects(
      propose({ kind: 'add-anchor', certificate, purposes: 'seal' }),
      refused('trust-anchor-in-force'),
    );
    await withdraw();
    await assert.rejects(propose({ kind: 'withdraw-anchor', sha256: fingerprint }), refused('trust-anchor-not-found'));
    for (const purposes of ['', 'everything', 'time-stamp,seal', 'seal,seal']) {
      await assert.rejects(
        propose({ kind: 'add-anchor', certificate, purposes }),
        refused('malformed-request'),
        purposes,
      );
    }
    const { certificate: leaf } = await of.authority.certificateOf('tsa');
    const noAuthority = { kind: 'add-anchor', certificate: toBase64(leaf.der), purposes: 'seal' } as const;
    await assert.rejects(propose(noAuthority), refused('malformed-certificate'));
    const { proposalId, deedSha256 } = await propose({ kind: 'add-anchor', certificate, purposes: 'seal' });
    await assert.rejects(
      of.authority.proposals.approve(one, proposalId, deedSha256),
      refused('proposal-self-approval'),
    );
    assert.deepEqual(await of.authority.foreignAnchors.list(one), []);
  });

  describe('RFC 5280, 6.3 and RFC 6960: the status of foreign certificates', () => {
    before(() => add('seal'));
    after(() => withdraw());
    const verdict = async (bytes: Uint8Array) => {
      const { verdict: told, codes } = await judged(bytes);
      return [told, ...codes.filter((code) => /^(crl|ocsp|revo)/.test(code))];
    };
    const open = 'INDETERMINATE TRY_LATER';

    it('is open when nothing tells it, and that is said', async () => {
      assert.deepEqual(await verdict(plain), [open, 'crl-missing', 'crl-missing']);
      assert.deepEqual(await verdict(withStore(plain, { CRLs: [pki.crl('ca')] })), [open, 'crl-missing']);
    });

    it('is told by CRLs and OCSP responses in the document security store, or in the signature itself', async () => {
      const store = { OCSPs: [pki.ocsp()], CRLs: [pki.crl('root')] };
      assert.deepEqual(await verdict(withStore(plain, store)), ['TOTAL-PASSED null']);
      const inside = await pki.signed(samplePdf(), (cms) =>
        putTogether({ ...takeApart(cms), revocation: [pki.crl('root'), pki.crl('ca')] }),
      );
      assert.deepEqual(await verdict(inside), ['TOTAL-PASSED null']);
    });

    it('revoked counts from either, and leaves the matter open where no time is proven', async () => {
      const revoked = 'INDETERMINATE REVOKED_NO_POE';
      const list = pki.crl('ca', { revoked: ['signer'] });
      assert.deepEqual(await verdict(withStore(plain, { CRLs: [pki.crl('root'), list] })), [revoked, 'revoked']);
      const both = { CRLs: [pki.crl('root'), pki.crl('ca')], OCSPs: [pki.ocsp({ status: 'R' })] };
      assert.deepEqual(await verdict(withStore(plain, both)), [revoked, 'revoked']);
    });

    it('is not told by strangers who bear the same names, nor by what is out of date', async () => {
      const root = pki.crl('root');
      const strange = await verdict(withStore(plain, { CRLs: [root, stranger.crl('ca')] }));
      assert.deepEqual(strange, [open, 'crl-signature-wrong']);
      const responder = await verdict(withStore(plain, { CRLs: [root], OCSPs: [pki.ocsp({ by: stranger })] }));
      assert.deepEqual(responder, [open, 'ocsp-responder-not-trusted']);
      const stale = await verdict(withStore(plain, { CRLs: [root, pki.crl('ca', { days: 0 })] }));
      assert.deepEqual(stale, [open, 'crl-out-of-date']);
    });

    it('is not harmed by a store that is broken: it is passed over, and that is said', async () => {
      const CRLs = [pki.crl('root'), pki.crl('ca'), Uint8Array.of(0x30, 1)];
      const report = await verdict(withStore(plain, { CRLs, Certs: [Uint8Array.of(1)], OCSPs: [new Uint8Array(9)] }));
      assert.deepEqual(report, ['TOTAL-PASSED null', 'revocation-data-ignored', 'revocation-data-ignored']);
    });
  });
});
