// CRL processing; RFC 5280, 5.2, 5.3 and 6.3.3, beyond what PKITS has.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import * as write from '../../../src/codec/der-write.ts';
import { extensionOids } from '../../../src/codec/oids.ts';
import { concatBytes } from '../../../src/kernel/bytes.ts';
import { addSeconds } from '../../../src/kernel/clock.ts';
import { unknownFinding, wordsOfFinding } from '../../../src/kernel/words/findings.ts';
import type { Crl } from '../../../src/pki/crl.ts';
import { parseCrl } from '../../../src/pki/crl.ts';
import { serialHexOf } from '../../../src/pki/certificate.ts';
import { buildCrl } from '../../../src/pki/crl-build.ts';
import { readCrlEntries } from '../../../src/pki/crl-entries.ts';
import { CrlRevocationSource } from '../../../src/pki/crl-revocation.ts';
import { authority, codesOf, extension, forge, forgeCrl, generalNames, judged, name, signed, usage } from './forge.ts';
import { cpuMs } from '../../support/cpu-time.ts';
import type { Identity } from './sandbox-pki.ts';
import { at } from './sandbox-pki.ts';

const url = 'http://localhost/crl/1';
const pointName = (address: string) => write.context(0, write.context(0, generalNames.uri(address)));
const points = (...list: Uint8Array[]) => extension(extensionOids.crlDistributionPoints, write.sequence(...list));
const scope = (...members: Uint8Array[]) =>
  extension(extensionOids.issuingDistributionPoint, write.sequence(...members), true);
const deltaOf = (base: number) => extension(extensionOids.deltaCrlIndicator, write.integer(base), true);
const yes = Uint8Array.of(0xff);

const root = await forge({ subject: name('CN=Root'), extensions: [authority()] });
const ca = await forge({ subject: name('CN=CA'), issuer: root, extensions: [authority(), usage(5, 6)] });
const rootCrl = await forgeCrl({ issuer: root });

async function leafWith(...extensions: Uint8Array[]): Promise<Identity> {
  return forge({ subject: name('CN=Leaf'), issuer: ca, serial: 7, extensions });
}
const plain = await leafWith();

/** What the path of `leaf` says when these lists and that of the root are all there is. */
function codes(leaf: Identity, crls: readonly Crl[], others: readonly Identity[] = []): string[] {
  const revocation = new CrlRevocationSource({ crls: [rootCrl, ...crls], now: at });
  return codesOf(judged(root, [leaf, ca, ...others], { revocation }));
}

describe('RFC 5280, 6.3.3: a CRL tells the status of a certificate', () => {
  it('when it is of the issuer and in force, newest first', async () => {
    const older = await forgeCrl({ issuer: ca, thisUpdate: addSeconds(at, -600) });
    const newer = await forgeCrl({ issuer: ca, number: 2, entries: [{ serial: 7, reason: 1 }] });
    assert.deepEqual(codes(plain, [older]), []);
    assert.deepEqual(codes(plain, [older, newer]), ['revoked']);
    assert.deepEqual(codes(plain, []), ['crl-missing']);
  });

  it('at a bounded number of signature checks, however many lists and certificates bear the name of the issuer', async () => {
    const crowd = await Promise.all(Array.from({ length: 8 }, () => forge({ subject: name('CN=CA') })));
    const liar = await forge({ subject: name('CN=CA') });
    const lists = (count: number) => Promise.all(Array.from({ length: count }, () => forgeCrl({ issuer: liar })));
    const honest = () => forgeCrl({ issuer: ca, thisUpdate: addSeconds(at, -600) });
    // Each list is tried under the nine keys of that name; what was checked once costs nothing again.
    assert.deepEqual(codes(plain, [...(await lists(6)), await honest()], crowd), []);
    assert.deepEqual(codes(plain, [...(await lists(8)), await honest()], crowd), ['crl-signature-wrong']);
  });

  it('when its scope is that of a distribution point (b) (2)', async () => {
    const leaf = await leafWith(points(write.sequence(pointName(url))));
    const part = await forgeCrl({ issuer: ca, extensions: [scope(pointName(url))] });
    const otherPart = await forgeCrl({ issuer: ca, extensions: [scope(pointName(`${url}0`))] });
    assert.deepEqual(codes(leaf, [part]), []);
    assert.deepEqual(codes(leaf, [otherPart]), ['crl-scope-other']);
    assert.deepEqual(codes(plain, [part]), ['crl-scope-other']);
    for (const [flag, expected] of [
      [1, []],
      [2, ['crl-scope-other']],
      [5, ['crl-scope-other']],
    ] as const) {
      const crl = await forgeCrl({ issuer: ca, extensions: [scope(write.primitiveContext(flag, yes))] });
      assert.deepEqual(codes(plain, [crl]), expected);
    }
  });

  it('for some reasons only until all are covered (d), (e)', async () => {
    const reasons = (...bits: number[]) => scope(write.primitiveContext(3, write.namedBits(bits).subarray(2)));
    const compromise = await forgeCrl({ issuer: ca, extensions: [reasons(1, 2)] });
    const rest = await forgeCrl({ issuer: ca, extensions: [reasons(3, 4, 5, 6, 7, 8)] });
    assert.deepEqual(codes(plain, [compromise]), ['crl-reasons-incomplete']);
    assert.deepEqual(codes(plain, [rest, compromise]), []);
  });

  it('not when an extension of it or of any entry is critical and unknown (5.2, 5.3)', async () => {
    const odd = extension('1.2.3.4', write.nullValue(), true);
    assert.deepEqual(codes(plain, [await forgeCrl({ issuer: ca, extensions: [odd] })]), ['crl-extension-unknown']);
    const entry = await forgeCrl({ issuer: ca, entries: [{ serial: 99, extra: odd }] });
    assert.deepEqual(codes(plain, [entry]), ['crl-extension-unknown']);
  });

  it('not when a delta stands alone, and with its list as the delta says (5.2.4)', async () => {
    const hold = await forgeCrl({ issuer: ca, number: 5, entries: [{ serial: 7, reason: 6 }] });
    const lifted = { issuer: ca, number: 6, entries: [{ serial: 7, reason: 8 }] };
    const delta = await forgeCrl({ ...lifted, extensions: [deltaOf(5)] });
    assert.deepEqual(codes(plain, [delta]), ['crl-delta-alone']);
    assert.deepEqual(codes(plain, [hold]), ['revoked']);
    assert.deepEqual(codes(plain, [hold, delta]), []);
    const tooNew = await forgeCrl({ ...lifted, number: 9, extensions: [deltaOf(6)] });
    assert.deepEqual(codes(plain, [hold, tooNew]), ['revoked']);
    // removeFromCRL in a complete list lifts nothing: it has no meaning there (5.3.1).
    assert.deepEqual(codes(plain, [await forgeCrl({ ...lifted, number: 7 })]), ['revoked']);
  });

  it('beyond its time when a delta in force goes on from it (5.2.4)', async () => {
    const stale = await forgeCrl({
      issuer: ca,
      number: 5,
      thisUpdate: addSeconds(at, -900),
      nextUpdate: addSeconds(at, -300),
    });
    const fresh = await forgeCrl({ issuer: ca, number: 6, extensions: [deltaOf(4)] });
    assert.deepEqual(codes(plain, [stale]), ['crl-out-of-date']);
    assert.deepEqual(codes(plain, [stale, fresh]), []);
  });

  it('when the issuer named by the certificate made an indirect CRL, and its path is good (b) (1), (f)', async () => {
    const other = await forge({ subject: name('CN=CRLs'), issuer: root, serial: 3, extensions: [usage(6)] });
    const named = write.context(2, generalNames.directory(name('CN=CRLs')));
    const leaf = await leafWith(points(write.sequence(named)));
    const indirect = scope(write.primitiveContext(4, yes));
    const entries = [{ serial: 7, reason: 1, issuer: name('CN=CA') }];
    const good = await forgeCrl({ issuer: other, extensions: [indirect] });
    const bad = await forgeCrl({ issuer: other, extensions: [indirect], entries });
    assert.deepEqual(codes(leaf, [good], [other]), []);
    assert.deepEqual(codes(leaf, [bad], [other]), ['revoked']);
    // The same serial number of the CRL issuer's own certificates is another certificate (5.3.3).
    const own = await forgeCrl({ issuer: other, extensions: [indirect], entries: [{ serial: 7 }] });
    assert.deepEqual(codes(leaf, [own], [other]), []);
    assert.deepEqual(codes(leaf, [await forgeCrl({ issuer: other })], [other]), ['crl-missing']);
    assert.deepEqual(codes(leaf, [good]), ['crl-issuer-not-trusted']);
    const stranger = await forge({ subject: name('CN=CRLs'), extensions: [usage(6)] });
    const foreign = await forgeCrl({ issuer: stranger, extensions: [indirect] });
    assert.deepEqual(codes(leaf, [foreign], [stranger]), ['crl-issuer-not-trusted']);
  });

  it('not when the CRL issuer was itself revoked, may not sign CRLs, or vouches for itself', async () => {
    const signerOf = (serial: number, ...bits: number[]) =>
      forge({ subject: name('CN=CA'), issuer: ca, serial, extensions: [usage(...bits)] });
    const [deputy, mute] = [await signerOf(20, 6), await signerOf(21, 0)];
    const byDeputy = await forgeCrl({ issuer: deputy, thisUpdate: addSeconds(at, -30) });
    // Nobody but the deputy's own list tells the status of the deputy.
    assert.deepEqual(codes(plain, [byDeputy], [deputy]), ['crl-issuer-not-trusted']);
    assert.deepEqual(codes(plain, [await forgeCrl({ issuer: mute })], [mute]), ['crl-issuer-key-usage']);
    const revoked = await forgeCrl({
      issuer: ca,
      entries: [{ serial: 20, reason: 1 }],
      extensions: [scope(write.primitiveContext(3, write.namedBits([1]).subarray(2)))],
    });
    assert.deepEqual(codes(plain, [byDeputy, revoked], [deputy]), ['crl-issuer-not-trusted']);
  });
});

describe('RFC 5280, 5.1: a CRL is read strictly', () => {
  const rebuilt = (entries: Uint8Array[], version: Uint8Array[] = [write.integer(1)]) =>
    signed(
      write.sequence(
        ...version,
        write.sequence(write.oid('1.2.840.10045.4.3.2')),
        name('CN=CA'),
        write.certificateTime(at),
        write.sequence(...entries),
      ),
      ca.signer,
    );
  const entry = (...members: Uint8Array[]) => write.sequence(write.integer(5), write.certificateTime(at), ...members);

  it('with each serial number once, no surplus members, and no extensions in version 1', async () => {
    assert.equal(parseCrl(await rebuilt([entry()])).entries.size, 1);
    assert.equal(parseCrl(await rebuilt([entry()], [])).entries.size, 1);
    for (const der of [
      await rebuilt([entry(), entry()]),
      await rebuilt([entry(write.integer(1))]),
      await rebuilt([write.sequence(write.integer(5))]),
      await rebuilt([write.integer(5)]),
      await rebuilt([entry()], [write.integer(0)]),
    ]) {
      assert.throws(() => parseCrl(der), { code: 'malformed-certificate' });
    }
  });

  it('with every serial number found again and no other, for any of them', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 160n }), { maxLength: 200 }), (serials) => {
        const contents = serials.map((serial) => write.integerContent(serial));
        const time = write.certificateTime(at);
        const list = contents.map((content) => write.sequence(write.tlv(0x02, content), time));
        const { own } = readCrlEntries(concatBytes(...list), name('CN=CA'));
        assert.equal(own.size, serials.length);
        for (const content of contents) assert.equal(own.has(serialHexOf(content)), true);
        const strangers = serials.map((serial) => serial + 1n).filter((serial) => !serials.includes(serial));
        for (const serial of strangers) assert.equal(own.has(serialHexOf(write.integerContent(serial))), false);
      }),
    );
    for (const text of ['', '-', 'xyz', '0']) {
      assert.equal(readCrlEntries(new Uint8Array(), name('CN=CA')).own.get(text), undefined);
    }
  });

  it('of 200,000 entries in a moment', async () => {
    const revoked = (index: number) => ({
      serial: Uint8Array.of(1, index >> 16, (index >> 8) & 255, index & 255),
      revokedAt: at,
      reason: index % 2 === 0 ? ('keyCompromise' as const) : ('unspecified' as const),
    });
    const der = await buildCrl({
      issuer: ca,
      number: 1n,
      thisUpdate: at,
      nextUpdate: addSeconds(at, 60),
      entries: Array.from({ length: 200_000 }, (_, index) => revoked(index)),
    });
    const start = cpuMs();
    const { entries } = parseCrl(der);
    assert.equal(entries.size, 200_000);
    assert.equal(entries.get('01000002')?.reason, 'keyCompromise');
    assert.equal(entries.get('01000003')?.reason, 'unspecified');
    assert.ok(cpuMs() - start < 50_000, `${cpuMs() - start} ms`);
  });
});

describe('findings of a path', () => {
  it('all have words in both languages', () => {
    const codes = ['crl-missing', 'crl-out-of-date', 'crl-from-future', 'crl-extension-unknown', 'crl-signature-wrong']
      .concat(['crl-issuer-key-usage', 'crl-issuer-not-trusted', 'crl-scope-other', 'crl-delta-alone'])
      .concat(['crl-reasons-incomplete', 'policy-missing', 'policy-mapping-any', 'name-not-permitted'])
      .concat(['name-excluded', 'name-constraints-unsupported', 'issuer-purpose', 'certificate-signature-wrong'])
      .concat(['path-search-limit', 'weak-key', 'weak-algorithm']);
    assert.deepEqual(
      codes.filter((code) => wordsOfFinding(code) === unknownFinding),
      [],
    );
  });
});
