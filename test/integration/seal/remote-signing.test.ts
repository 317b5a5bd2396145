// Remote signing over the database: each digest that was allowed once, whoever asks how often and where, and nothing released without its entries; docs/csc.md.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { digestSignatureVerifies } from '../../../src/crypto/digest-signer.ts';
import { toBase64, toBase64url } from '../../../src/kernel/bytes.ts';
import { addSeconds, systemClock } from '../../../src/kernel/clock.ts';
import { digestOid } from '../../../src/kernel/credential-details.ts';
import { type ErrorCode, isTrustError, TrustError } from '../../../src/kernel/errors.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { house, type Principal, type RepresentedParty } from '../../../src/kernel/principal.ts';
import { RemoteSeals } from '../../../src/seal/remote/remote-seals.ts';
import type { SealRecord } from '../../../src/seal/seal-record.ts';
import { openPolicy, type UsePolicy } from '../../../src/seal/use/use-policy.ts';
import { requestKey, type SealHouse, sealHouse, sealOrder } from './seal-house.ts';

const fresh = () => new Uint8Array(randomBytes(32));
const refused =
  (code: ErrorCode, reason?: string) =>
  (error: unknown): boolean =>
    isTrustError(error, code) && (reason === undefined || error.details?.['reason'] === reason);

describe('docs/csc.md: a digest is signed once under one leave', function () {
  let of: SealHouse;
  let spki: Uint8Array;
  let codes = 0;

  before(async () => {
    of = await sealHouse();
    spki = (await of.authority.certificateOf(of.seal.keyName)).certificate.spki;
  });
  after(async () => of.close());

  /** Somebody whose mandate allows the seal, with the token for these digests. */
  function allowed(
    digests: readonly Uint8Array[],
    { seal = of.seal, ...change }: Partial<Principal> & { seal?: SealRecord } = {},
  ): Principal {
    const actingFor: RepresentedParty = {
      ...seal.organisation,
      mandateId: newId('mandate', systemClock),
      role: 'agent',
      scope: ['seal:use', 'seal:apply'],
      validUntil: addSeconds(systemClock.now(), 3600),
    };
    return {
      kind: 'person',
      accountId: newId('account', systemClock),
      clientId: 'signer',
      scopes: new Set(['credential']),
      roles: new Set(),
      level: 4,
      actingFor,
      tokenId: newId('entry', systemClock),
      authorizationDetails: [
        {
          type: 'credential',
          credentialID: seal.sealId,
          numSignatures: digests.length,
          documentDigests: digests.map((digest, i) => ({ hash: toBase64(digest), label: `文件 ${i + 1}` })),
          hashAlgorithmOID: digestOid,
        },
      ],
      ...change,
    };
  }

  const system = (clientId = 'system-one'): Principal => ({
    kind: 'system',
    clientId,
    scopes: new Set(['credential']),
    roles: new Set(),
    level: 0,
  });

  const sign = (principal: Principal, digests: readonly Uint8Array[], seal = of.seal, remote = of.remote()) =>
    remote.sign(principal, { sealId: seal.sealId, digests });

  async function statesOf(...digests: readonly Uint8Array[]): Promise<string[]> {
    const { rows } = await of.database.query<{ state: string }>({
      text: `SELECT status || ' ' || attempt AS state FROM seal.remote_signature WHERE digest = ANY ($1) ORDER BY 1`,
      values: [digests],
    });
    return rows.map(({ state }) => state);
  }

  /** Of its entries in the audit log, by name: two of one millisecond have no order. */
  async function outcomesOf(digest: Uint8Array): Promise<string[]> {
    const { items } = await of.audit.entries({ action: 'seal.remote-signature', limit: 200 });
    return items
      .filter(({ objectSha256 }) => objectSha256 === toBase64url(digest))
      .map(({ outcome }) => outcome)
      .toSorted();
  }

  async function ownSeal(rules?: Partial<UsePolicy>): Promise<SealRecord> {
    const code = `9903${String(codes++).padStart(10, '0')}`;
    const seal = await of.maker.make(house, sealOrder(code, newId('organisation', systemClock)));
    if (rules !== undefined) {
      const keeper = allowed([fresh()], { seal, scopes: new Set(['seal.apply']), authenticatedAt: systemClock.now() });
      const policy = { rules: { ...openPolicy, ...rules }, reason: '内控要求', basedOn: 0 };
      await of.office.usePolicies.set(keeper, seal.sealId, policy, requestKey(`remote-${code}`));
    }
    return seal;
  }

  it('signs in the order asked for, with an intent and an outcome in the log for each digest', async () => {
    const digests = [fresh(), fresh(), fresh()];
    const signatures = await sign(allowed(digests), digests);
    assert.ok(
      signatures.every((signature, i) => digestSignatureVerifies({ spki, digest: digests[i] ?? fresh(), signature })),
    );
    assert.deepEqual(await statesOf(...digests), ['done 1', 'done 1', 'done 1']);
    for (const digest of digests) assert.deepEqual(await outcomesOf(digest), ['done', 'intended']);
  });

  it('signs with the P-256 key of a seal of both suites, whose certificate the credential has', async () => {
    const order = sealOrder(`9903${String(codes++).padStart(10, '0')}`, newId('organisation', systemClock));
    const seal = await of.maker.make(house, { ...order, suite: 'both' });
    const digest = fresh();
    const { database, authority, seals } = of;
    const { certificate, certificateStatus } = await new RemoteSeals({
      database,
      authority,
      seals,
      clock: systemClock,
    }).get(allowed([digest], { seal }), seal.sealId);
    assert.equal(certificateStatus, 'good');
    const [signature = fresh()] = await sign(allowed([digest], { seal }), [digest], seal);
    assert.ok(digestSignatureVerifies({ spki: certificate.spki, digest, signature }));
    const { items } = await of.audit.entries({ objectId: seal.sealId, action: 'seal.remote-signature', limit: 5 });
    const intended = items.find(({ outcome }) => outcome === 'intended');
    assert.equal(intended?.facts['keyName'], (await seals.forUse(seal.sealId)).further?.keyName);
  });

  it('gives one of 50 rivals the signature, at two nodes', async () => {
    const digest = fresh();
    const principal = allowed([digest]);
    const nodes = [of.remote(), of.remote()];
    const rivals = Array.from({ length: 50 }, (_, i) => sign(principal, [digest], of.seal, nodes[i % 2]));
    const results = await Promise.allSettled(rivals);
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const result of results) if (result.status === 'rejected') assert.ok(refused('scope-missing')(result.reason));
    assert.deepEqual(await statesOf(digest), ['done 1']);
    assert.equal((await outcomesOf(digest)).filter((outcome) => outcome === 'done').length, 1);
  });

  it('gives rivals over overlapping lots of digests each digest once, and no lot in part', async () => {
    const digests = Array.from({ length: 4 }, fresh);
    const principal = allowed(digests);
    const lots = Array.from({ length: 12 }, (_, i) => {
      const pair = [digests[i % 4] ?? fresh(), digests[(i + 1) % 4] ?? fresh()];
      return sign(principal, i % 2 === 0 ? pair : pair.toReversed());
    });
    const results = await Promise.allSettled(lots);
    for (const result of results) if (result.status === 'rejected') assert.ok(refused('scope-missing')(result.reason));
    const won = results.filter(({ status }) => status === 'fulfilled').length;
    assert.equal((await statesOf(...digests)).length, 2 * won);
    assert.ok(won === 1 || won === 2);
  });

  it('refuses a second time after a restart, by itself or among others, and signs what is left', async () => {
    const [first, second] = [fresh(), fresh()];
    const principal = allowed([first, second]);
    await sign(principal, [first]);
    await assert.rejects(sign(principal, [first]), refused('scope-missing'));
    await assert.rejects(sign(principal, [second, first]), refused('scope-missing'));
    assert.equal((await sign(principal, [second])).length, 1);
  });

  it('counts for the token: another leave for the same digest is another', async () => {
    const digest = fresh();
    await sign(allowed([digest]), [digest]);
    await sign(allowed([digest]), [digest]);
    assert.deepEqual(await statesOf(digest), ['done 1', 'done 1']);
  });

  const one = fresh();
  const wrong: readonly (readonly [string, () => Principal, readonly Uint8Array[], ErrorCode])[] = [
    ['a digest that is not in the token', () => allowed([fresh()]), [one], 'scope-missing'],
    ['one that is beside one that is not', () => allowed([one]), [one, fresh()], 'scope-missing'],
    [
      'another seal than that of the token',
      () =>
        allowed([one], {
          authorizationDetails:
            allowed([one], { seal: { ...of.seal, sealId: newId('seal', systemClock) } }).authorizationDetails ?? [],
        }),
      [one],
      'scope-missing',
    ],
    [
      'a person without details',
      () => {
        const { authorizationDetails: _details, ...rest } = allowed([one]);
        return rest;
      },
      [one],
      'scope-missing',
    ],
    [
      'a token without a name',
      () => {
        const { tokenId: _name, ...rest } = allowed([one]);
        return rest;
      },
      [one],
      'scope-missing',
    ],
    [
      'without the scope',
      () => ({ ...allowed([one]), scopes: new Set(['service', 'seal.stamp']) }),
      [one],
      'scope-missing',
    ],
    [
      'a person who acts for nobody',
      () => {
        const { actingFor: _party, ...rest } = allowed([one]);
        return rest;
      },
      [one],
      'forbidden',
    ],
    ['no digest', () => allowed([one]), [], 'malformed-request'],
    ['a digest twice', () => allowed([one]), [one, one], 'malformed-request'],
    ['21 digests', system, Array.from({ length: 21 }, fresh), 'malformed-request'],
    ['a digest of 31 bytes', system, [one.subarray(1)], 'malformed-request'],
  ];
  for (const [what, principal, digests, code] of wrong) {
    it(`refuses ${what}, and no key acts`, async () => {
      const noKeys = of.remote({ faults: () => assert.fail('a key was about to act') });
      await assert.rejects(sign(principal(), digests, of.seal, noKeys), refused(code));
      assert.deepEqual(await statesOf(one), []);
    });
  }

  it('lets a system sign what it likes with a seal that was let to it, and with no other', async () => {
    const digest = fresh();
    await sign(system(), [digest]);
    await sign(system(), [digest]);
    assert.deepEqual(await statesOf(digest), ['done 1', 'done 1']);
    const organisationId = newId('organisation', systemClock);
    const { systems: _all, ...order } = sealOrder('99040000000001', organisationId);
    const own = await of.maker.make(house, { ...order, systems: ['system-one'] });
    await sign(system(), [fresh()], own);
    await assert.rejects(sign(system('system-two'), [fresh()], own), refused('forbidden', 'seal-not-let'));
  });

  it('refuses a seal in SM2: its digest holds the public key of the signer', async () => {
    const order = { ...sealOrder('99040000000002', newId('organisation', systemClock)), suite: 'gm' as const };
    const seal = await of.maker.make(house, order);
    await assert.rejects(sign(system(), [fresh()], seal), refused('algorithm-not-supported'));
  });

  it('releases nothing of a seal that was stopped while its key acted, and voids what was begun', async () => {
    const seal = await ownSeal();
    const digests = [fresh(), fresh()];
    const stopping = of.remote({
      faults: async (point) => {
        if (point === 'signed') await of.seals.changeStatus(house, seal.sealId, 'suspended', '停用');
      },
    });
    const principal = allowed(digests, { seal });
    await assert.rejects(sign(principal, digests, seal, stopping), refused('seal-not-active'));
    assert.deepEqual(await statesOf(...digests), ['voided 1', 'voided 1']);
    assert.deepEqual(await outcomesOf(digests[0] ?? fresh()), ['intended', 'voided']);
    await assert.rejects(sign(principal, digests, seal), refused('seal-not-active'));
    await of.seals.changeStatus(house, seal.sealId, 'active', '恢复');
    assert.equal((await sign(principal, digests, seal)).length, 2);
    assert.deepEqual(await statesOf(...digests), ['done 2', 'done 2']);
  });

  it('releases nothing when the mandate ended while the key acted', async () => {
    const digest = fresh();
    const ended = of.remote({ mandateHolds: async () => false });
    await assert.rejects(
      sign(allowed([digest]), [digest], of.seal, ended),
      refused('use-not-allowed', 'mandate-ended'),
    );
    assert.deepEqual(await statesOf(digest), ['voided 1']);
  });

  it('lets a digest whose signing failed be tried again with the same token', async () => {
    const digest = fresh();
    const principal = allowed([digest]);
    const failing = of.remote({
      faults: () => {
        throw new TrustError('key-unavailable', 'gone');
      },
    });
    await assert.rejects(sign(principal, [digest], of.seal, failing), refused('key-unavailable'));
    await sign(principal, [digest]);
    assert.deepEqual(
      [await statesOf(digest), await outcomesOf(digest)],
      [['done 2'], ['done', 'intended', 'intended', 'voided']],
    );
  });

  it('ends what a crash left: voided once, and a late outcome releases nothing', async () => {
    const digest = fresh();
    const late = of.remote({
      attemptSeconds: 0,
      faults: async (point) => {
        if (point === 'signed') assert.equal(await of.remote().voidAbandoned(), 1);
      },
    });
    await assert.rejects(sign(allowed([digest]), [digest], of.seal, late), refused('stamping-in-doubt'));
    assert.deepEqual([await statesOf(digest), await outcomesOf(digest)], [['voided 1'], ['intended', 'voided']]);
    assert.equal(await of.remote().voidAbandoned(), 0);
  });

  it('answers with the signature when only the answer to the commit was lost', async () => {
    const digest = fresh();
    const deaf = of.remote({
      faults: (point) => {
        if (point === 'released') throw new TrustError('database-unavailable', 'gone');
      },
    });
    assert.equal((await sign(allowed([digest]), [digest], of.seal, deaf)).length, 1);
    assert.deepEqual(await statesOf(digest), ['done 1']);
  });

  const limits: readonly (readonly [string, Partial<UsePolicy>, ErrorCode])[] = [
    ['purposes', { purposes: ['出具证明'] }, 'use-not-allowed'],
    ['classes of documents', { documentClasses: ['contract'] }, 'document-class-required'],
    ['levels', { levels: ['B-T'] }, 'use-not-allowed'],
    ['users', { users: [newId('account', systemClock)] }, 'use-not-allowed'],
    ['approvers', { approvers: 1 }, 'approval-required'],
  ];
  for (const [what, rules, code] of limits) {
    it(`keeps to a policy of use that names ${what}`, async () => {
      const seal = await ownSeal(rules);
      const digest = fresh();
      await assert.rejects(sign(allowed([digest], { seal }), [digest], seal), refused(code));
      assert.deepEqual(await statesOf(digest), []);
    });
  }

  it('takes a place of the quota a digest, gives it back when nothing comes of it, and counts what was signed before there was one', async () => {
    const seal = await ownSeal();
    await sign(system(), [fresh(), fresh()], seal);
    const keeper = allowed([fresh()], { seal, scopes: new Set(['seal.apply']), authenticatedAt: systemClock.now() });
    const quota = { ...openPolicy.quota, sealPerDay: 5 };
    await of.office.usePolicies.set(
      keeper,
      seal.sealId,
      { rules: { ...openPolicy, quota }, reason: '内控要求', basedOn: 0 },
      requestKey('remote-quota'),
    );
    const failing = of.remote({
      faults: () => {
        throw new TrustError('key-unavailable', 'gone');
      },
    });
    await assert.rejects(sign(system(), [fresh(), fresh()], seal, failing), refused('key-unavailable'));
    await sign(system(), [fresh(), fresh()], seal);
    await assert.rejects(sign(system(), [fresh(), fresh()], seal), refused('quota-exhausted'));
    await sign(system(), [fresh()], seal);
    const rivals = await Promise.allSettled(Array.from({ length: 5 }, () => sign(system(), [fresh()], seal)));
    for (const result of rivals) assert.ok(result.status === 'rejected' && refused('quota-exhausted')(result.reason));
  });

  it('writes refused uses into the log, with the reason', async () => {
    const { items } = await of.audit.entries({ objectId: of.seal.sealId, limit: 100 });
    const codes = new Set(items.filter(({ outcome }) => outcome === 'failed').map(({ code }) => code));
    for (const code of ['scope-missing', 'forbidden', 'malformed-request']) assert.ok(codes.has(code), code);
    assert.ok(items.every(({ action }) => action !== 'stamping'));
  });
});
