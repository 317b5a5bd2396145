// Signatures whose certificates have ended since: what time stamps and stored lists prove of the time when they were good; ETSI EN 319 102-1, 5.5 and 5.6.

import assert from 'node:assert/strict';
import { addSeconds, moment } from '../../../src/kernel/clock.ts';
import { storeBehind, timeStampBehind } from '../../support/archive-samples.ts';
import { leafOf, PastWorld, signedAt } from '../../support/past-world.ts';
import { issued, memorySigner, sandboxPki, sealOrder } from '../pki/sandbox-pki.ts';

const world = await PastWorld.make();
const { pki, laterTsa } = world;
const hour = 3_600;
const passed = 'TOTAL-PASSED null';

const archivedAt = addSeconds(signedAt, 2 * hour);
const renewedAt = moment('2027-12-01T00:00:00Z');
/** Signer and first time-stamp authority have ended a year ago. */
const later = moment('2029-01-01T00:00:00Z');
const soon = addSeconds(signedAt, 90 * 24 * hour);

/** Lists from an hour after the signature. */
const lt = await world.withLists(await world.signed(), addSeconds(signedAt, hour));
const lta = await world.stamped(lt, { at: archivedAt });
/** With lists that tell of the first archive time stamp, and a new one by another authority. */
const renewed = await world.stamped(
  storeBehind(lta, {
    Certs: [pki.ca.certificate.der],
    CRLs: [...(await world.lists(addSeconds(signedAt, hour))), ...(await world.lists(addSeconds(renewedAt, -60)))],
  }),
  { by: laterTsa, at: renewedAt },
);

describe('EN 319 102-1, 5.5: lists in the file answer for the time of the signature', () => {
  it('when they have lapsed since and nothing has ended', async () => {
    for (const file of [lt, lta]) assert.equal((await world.judged(file, soon)).verdict, passed);
  });

  it('when the certificate of the signer has ended, as long as that of the time stamp has not', async () => {
    const signer = await leafOf(pki.ca, 'seal-signer', { from: '2026-01-01', until: '2026-07-01' });
    const alone = await world.signed({ signer });
    const file = await world.withLists(alone, addSeconds(signedAt, hour));
    const { verdict, reports, codes } = await world.judged(file, soon);
    assert.deepEqual([verdict, reports[0]?.trusted], [passed, true]);
    assert.equal(reports[0]?.provenTime, signedAt.toISOString());
    assert.ok(codes.includes('good-at-proven-time'));
    const bare = await world.judged(alone, soon);
    assert.equal(bare.first, 'INDETERMINATE OUT_OF_BOUNDS_NO_POE', 'lists leave out what has ended');
    assert.ok(bare.codes.includes('crl-missing') || bare.codes.includes('crl-from-future'), bare.codes.join(' '));
  });

  it('but whether the time-stamp authority is good now, only somebody who knows can tell', async () => {
    const { first, codes } = await world.judged(lt, soon, 'no lists');
    assert.equal(first, 'INDETERMINATE TRY_LATER');
    assert.ok(codes.includes('time-stamp-not-trusted'));
  });

  it('and without a time stamp nothing is proven', async () => {
    const signer = await leafOf(pki.ca, 'seal-signer', { from: '2026-01-01', until: '2026-07-01' });
    const file = await world.withLists(await world.signed({ signer, stamps: [] }), addSeconds(signedAt, hour));
    assert.equal((await world.judged(file, soon)).first, 'INDETERMINATE OUT_OF_BOUNDS_NO_POE');
  });

  it('a certificate revoked after the time stamp was good, one revoked before it was not', async () => {
    const after = [{ who: pki.seal, at: addSeconds(signedAt, 30 * 24 * hour) }];
    assert.equal((await world.judged(lt, soon, after)).verdict, passed);
    const before = [{ who: pki.seal, at: addSeconds(signedAt, -hour) }];
    assert.equal((await world.judged(lt, soon, before)).first, 'INDETERMINATE REVOKED_NO_POE');
  });

  it('a content time stamp after the end proves that it was signed too late', async () => {
    const content = addSeconds(signedAt, -60);
    const file = await world.signed({ content });
    const revoked = [{ who: pki.seal, at: addSeconds(signedAt, -hour) }];
    assert.equal((await world.judged(file, soon, revoked)).first, 'TOTAL-FAILED REVOKED');
    const signer = await leafOf(pki.ca, 'seal-signer', { from: '2026-01-01', until: '2026-05-01' });
    const late = await world.signed({ signer, content });
    assert.equal((await world.judged(late, soon)).first, 'TOTAL-FAILED EXPIRED');
    const unborn = await leafOf(pki.ca, 'seal-signer', { from: '2026-07-01', until: '2028-01-01' });
    assert.equal(
      (await world.judged(await world.signed({ signer: unborn }), soon)).first,
      'TOTAL-FAILED NOT_YET_VALID',
    );
  });
});

describe('EN 319 102-1, 5.6.3.4: archive time stamps, the newest first', () => {
  it('keep a signature good after its signer and its time-stamp authority have both ended', async () => {
    const { verdict, shown, reports } = await world.judged(renewed, later);
    assert.deepEqual([verdict, shown], [passed, [passed, passed, passed]]);
    const proven = [signedAt.toISOString(), renewedAt.toISOString(), null];
    assert.deepEqual(
      reports.map(({ provenTime }) => provenTime),
      proven,
    );
  });

  it('do so only when they were renewed in time', async () => {
    for (const file of [lt, lta]) {
      const { verdict, codes } = await world.judged(file, later);
      assert.equal(verdict, 'INDETERMINATE OUT_OF_BOUNDS_NO_POE');
      assert.ok(codes.includes('time-stamp-not-trusted'));
    }
    const tooLate = await world.stamped(lta, { by: laterTsa, at: moment('2028-02-01T00:00:00Z') });
    const { shown } = await world.judged(tooLate, later);
    assert.deepEqual(shown.slice(1), ['INDETERMINATE OUT_OF_BOUNDS_NO_POE', passed]);
    assert.notEqual(shown[0], passed);
  });

  it('prove nothing without the lists of that time, or with those of somebody else', async () => {
    const without = await world.stamped(await world.stamped(await world.signed(), { at: archivedAt }), {
      by: laterTsa,
      at: renewedAt,
    });
    assert.notEqual((await world.judged(without, later)).first, passed);
    const taken = storeBehind(renewed, {});
    assert.notEqual((await world.judged(taken, later)).first, passed);
    const stranger = await PastWorld.make();
    const foreign = [...(await stranger.lists(addSeconds(signedAt, hour))), ...(await stranger.lists(renewedAt))];
    const swapped = storeBehind(renewed, { Certs: [stranger.pki.ca.certificate.der], CRLs: foreign });
    const { first, codes } = await world.judged(swapped, later);
    assert.equal(first, 'INDETERMINATE OUT_OF_BOUNDS_NO_POE');
    assert.ok(codes.includes('time-stamp-not-trusted'));
  });

  it('outlive a time-stamp authority that was revoked after they were covered, and not before', async () => {
    const second = await world.stamped(
      storeBehind(lta, {
        Certs: [pki.ca.certificate.der],
        CRLs: [
          ...(await world.lists(addSeconds(signedAt, hour))),
          ...(await world.lists(moment('2027-01-01T00:00:00Z'))),
        ],
      }),
      { by: laterTsa, at: moment('2027-01-02T00:00:00Z') },
    );
    const revoked = (on: string) => [{ who: pki.tsa, at: moment(`${on}T00:00:00Z`) }];
    const now = moment('2027-06-01T00:00:00Z');
    assert.deepEqual((await world.judged(second, now, revoked('2027-03-01'))).shown, [passed, passed, passed]);
    const early = await world.judged(second, now, revoked('2026-12-15'));
    assert.deepEqual(early.shown.slice(1), ['INDETERMINATE REVOKED_NO_POE', passed]);
    assert.equal(early.reports[0]?.provenTime, '2027-01-02T00:00:00.000Z', 'by the second one alone');
  });

  it('prove nothing when they are forged: of a stranger, over something else, dated back, or in an impossible order', async () => {
    const stranger = await sandboxPki();
    const strange = { by: stranger.tsa, at: renewedAt };
    const good = { by: laterTsa, at: renewedAt };
    const over = await timeStampBehind(lta, () => world.token(new Uint8Array(32), good));
    const forged: readonly (readonly [Uint8Array, string])[] = [
      [await world.stamped(lta, strange), 'INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND'],
      [over, 'TOTAL-FAILED HASH_FAILURE'],
      [await world.stamped(lta, { by: laterTsa, at: moment('2026-06-02T00:00:00Z') }), 'TOTAL-FAILED NOT_YET_VALID'],
      [
        await world.stamped(lta, { by: laterTsa, at: moment('2035-01-01T00:00:00Z') }),
        'INDETERMINATE SIG_CONSTRAINTS_FAILURE',
      ],
      [await world.stamped(lta, { by: pki.seal, at: renewedAt }), 'INDETERMINATE CHAIN_CONSTRAINTS_FAILURE'],
    ];
    for (const [file, verdict] of forged) {
      const { shown } = await world.judged(file, later);
      assert.equal(shown[2], verdict);
      assert.notEqual(shown[0], passed, verdict);
    }
    const after = await world.stamped(await world.stamped(lt, { by: laterTsa, at: renewedAt }), {
      by: laterTsa,
      at: addSeconds(renewedAt, -24 * hour),
    });
    const { shown, codes } = await world.judged(after, addSeconds(renewedAt, hour));
    assert.equal(shown[1], 'INDETERMINATE TIMESTAMP_ORDER_FAILURE');
    assert.ok(!codes.includes('time-stamps-out-of-order'));
    const stampedLater = await world.signed({ stamps: [{ at: addSeconds(signedAt, 24 * hour) }] });
    const covered = await world.judged(await world.stamped(stampedLater, { at: archivedAt }), soon);
    assert.equal(covered.first, 'INDETERMINATE TIMESTAMP_ORDER_FAILURE');
  });
});

describe('EN 319 142-1, 6.3: the level of a signature is what stands in the file and was accepted', () => {
  const now = addSeconds(signedAt, 24 * hour);
  const levelOf = async (file: Uint8Array, at = now) => (await world.judged(file, at)).levels[0];

  it('B-B without a time stamp, B-T with one of its own or over the document', async () => {
    const bare = await world.signed({ stamps: [] });
    assert.equal(await levelOf(bare), 'B-B');
    assert.equal(await levelOf(await world.signed()), 'B-T');
    const { levels, reports } = await world.judged(await world.stamped(bare, { at: archivedAt }), now);
    assert.deepEqual(levels, ['B-T', null]);
    assert.deepEqual([reports[0]?.timeSource, reports[0]?.signingTime], ['time-stamp', archivedAt.toISOString()]);
    const strange = await timeStampBehind(bare, async (imprint) =>
      (await PastWorld.make()).token(imprint, { at: archivedAt }),
    );
    assert.equal(await levelOf(strange), 'B-B');
  });

  it('B-LT with certificates and status data of both paths, B-LTA with a time stamp over all of it', async () => {
    assert.equal(await levelOf(lt), 'B-LT');
    assert.equal(await levelOf(lta), 'B-LTA');
    assert.equal(await levelOf(renewed, later), 'B-LTA');
    assert.equal(await levelOf(lta, later), 'B-B', 'no time stamp is accepted any more');
    const store = { Certs: [pki.ca.certificate.der], CRLs: await world.lists(addSeconds(signedAt, hour)) };
    const behind = storeBehind(await world.stamped(await world.signed(), { at: archivedAt }), store);
    assert.equal(await levelOf(behind), 'B-LT', 'the store is not under the time stamp');
    const twice = await world.stamped(behind, { at: addSeconds(archivedAt, hour) });
    assert.equal(await levelOf(twice), 'B-LTA');
  });

  it('B-T when the status of one certificate is missing, older than the signature, or of somebody else', async () => {
    const signed = await world.signed();
    const [root, issuing] = await world.lists(addSeconds(signedAt, hour));
    const stranger = await PastWorld.make();
    for (const CRLs of [
      [],
      [root],
      [issuing],
      await world.lists(addSeconds(signedAt, -30 * 24 * hour)),
      await stranger.lists(addSeconds(signedAt, hour)),
    ]) {
      const lists = CRLs.flatMap((list) => list ?? []);
      assert.equal(await levelOf(storeBehind(signed, { Certs: [pki.ca.certificate.der], CRLs: lists })), 'B-T');
    }
  });
});

/** An authority that ends in 2027, the signature of somebody whom it certified, and the lists to that. */
const signer = memorySigner('issuing-ca');
const ca = {
  signer,
  certificate: await issued({
    ...sealOrder(pki.root, signer.spki),
    profile: 'issuing-ca',
    notAfter: moment('2027-01-01T00:00:00Z'),
    subject: { country: 'CN', commonName: 'Test Short CA' },
  }),
};
const seal = await leafOf(ca, 'seal-signer', { from: '2026-01-01', until: '2026-12-01' });
const listed = addSeconds(signedAt, hour);
const CRLs = [...(await world.lists(listed)), ...(await world.lists(listed, [], [ca]))];
const store = { Certs: [ca.certificate.der, pki.ca.certificate.der], CRLs };
const plain = await world.signed({ signer: seal, ca });

describe('EN 319 102-1, 5.6.2.2: after an authority has ended, what it signed must be proven to be older', () => {
  const now = moment('2027-06-01T00:00:00Z');

  it('by a time stamp over the store from before the end', async () => {
    const file = await world.stamped(storeBehind(plain, store), { at: archivedAt });
    assert.equal((await world.judged(file, now)).first, passed);
  });

  it('a list that may have been made since is none', async () => {
    const unproven = await world.judged(storeBehind(plain, store), now);
    assert.equal(unproven.first, 'INDETERMINATE REVOCATION_OUT_OF_BOUNDS_NO_POE');
    assert.ok(unproven.codes.includes('existence-not-proven'));
    const late = await world.stamped(storeBehind(plain, store), { by: laterTsa, at: moment('2027-02-01T00:00:00Z') });
    assert.equal((await world.judged(late, now)).first, 'INDETERMINATE REVOCATION_OUT_OF_BOUNDS_NO_POE');
    const behind = storeBehind(await world.stamped(plain, { at: archivedAt }), store);
    assert.equal((await world.judged(behind, now)).first, 'INDETERMINATE REVOCATION_OUT_OF_BOUNDS_NO_POE');
  });

  it('nor after an authority was revoked', async () => {
    const revoked = [{ who: ca, at: moment('2026-08-01T00:00:00Z') }];
    const file = storeBehind(plain, store);
    assert.notEqual((await world.judged(file, soon, revoked)).first, passed);
    const proven = await world.stamped(file, { at: archivedAt });
    assert.equal((await world.judged(proven, soon, revoked)).first, passed);
    const tooLate = [{ who: ca, at: addSeconds(signedAt, -hour) }];
    const { first, codes } = await world.judged(proven, soon, tooLate);
    assert.deepEqual([first?.split(' ')[0], codes.includes('issuer-revoked')], ['INDETERMINATE', true]);
  });
});

describe('EN 319 102-1, 5.6.2.2.4: what the operator knows of a revocation is not drowned by what a file brings', () => {
  const listedAt = addSeconds(signedAt, 10 * 24 * hour);

  async function drowned(more: (stranger: PastWorld) => Promise<readonly Uint8Array[]>): Promise<string | undefined> {
    const [tsa, kept] = await Promise.all([
      leafOf(ca, 'time-stamp', { from: '2026-01-01', until: '2027-01-01' }),
      world.lists(listedAt, [{ who: pki.seal, at: addSeconds(signedAt, -hour) }], [pki.ca]),
    ]);
    const file = storeBehind(await world.signed({ stamps: [{ by: tsa, at: signedAt }] }), {
      Certs: [ca.certificate.der, pki.ca.certificate.der],
      CRLs: [
        ...(await world.lists(addSeconds(signedAt, -3 * hour), [], [pki.ca])),
        ...(await world.lists(addSeconds(soon, -60), [], [pki.root, ca])),
        ...(await more(await PastWorld.make())),
      ],
    });
    return (await world.judged(file, soon, { kept })).first;
  }

  it('that the signer was revoked before counts though that list has lapsed', async () => {
    assert.equal(await drowned(async () => []), 'INDETERMINATE REVOKED_NO_POE');
  });

  it('nor does it help to bring more lists than are looked at, newer and in the name of the same authority', async () => {
    const at = (place: number) => addSeconds(soon, -50 + place);
    const junk = await drowned(async (stranger) =>
      (
        await Promise.all(Array.from({ length: 9 }, (_, place) => stranger.lists(at(place), [], [stranger.pki.ca])))
      ).flat(),
    );
    assert.equal(junk, 'INDETERMINATE REVOKED_NO_POE');
    const everyName = await drowned(async (stranger) =>
      (await Promise.all(Array.from({ length: 16 }, (_, place) => stranger.lists(at(place))))).flat(),
    );
    assert.notEqual(everyName, passed);
  });

  it('nor does a list from after the end of the authority count for nothing: it tells that the signer was revoked before', async () => {
    const file = await world.stamped(storeBehind(plain, store), { at: archivedAt });
    const now = moment('2027-06-01T00:00:00Z');
    const told = async (at: Date) => {
      const revoked = await world.lists(addSeconds(now, -60), [{ who: seal, at }], [ca]);
      return (await world.judged(file, now, { kept: [...(await world.lists(addSeconds(now, -60))), ...revoked] }))
        .first;
    };
    assert.equal(await told(addSeconds(signedAt, -hour)), 'INDETERMINATE REVOKED_NO_POE');
    assert.equal(await told(addSeconds(signedAt, hour)), passed);
  });
});
