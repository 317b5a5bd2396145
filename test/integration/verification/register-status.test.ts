// The status of our own certificates comes from the register: few statements however many are revoked, and true on every node at once.

import assert from 'node:assert/strict';
import type { Database } from '../../../src/db/database.ts';
import { frozenClock } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { house } from '../../../src/kernel/principal.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { sandboxPki } from '../../unit/pki/sandbox-pki.ts';
import {
  requestKey,
  type SealHouse,
  sealHouse,
  sealOrder,
  stampRequest,
  system,
  uploaded,
} from '../seal/seal-house.ts';

const caller = system('client-one');
const revokedRows = 100_000;

/** Names of the statements that `work` sends. */
async function statementsOf({ pool }: Database, work: () => Promise<unknown>): Promise<string[]> {
  const names: string[] = [];
  const query = pool.query.bind(pool);
  const counted = (statement: { name?: string; text: string }) => {
    names.push(statement.name ?? statement.text);
    return query(statement);
  };
  Object.assign(pool, { query: counted });
  try {
    await work();
  } finally {
    Object.assign(pool, { query });
  }
  return names.sort();
}

describe('RFC 5280, 6.3: the status of our own certificates is asked of the register', () => {
  const clock = frozenClock('2026-11-21T08:00:00Z');
  let of: SealHouse;
  let product: Uint8Array;
  let sealNumber = 7000;

  before(async () => {
    of = await sealHouse(clock);
    product = await stamped(of.seal.sealId);
    await of.database.query({
      text: `INSERT INTO pki.certificate (certificate_id, serial_hex, issuer_name, profile, state, der, not_before, not_after,
          intended_at, issued_at, revoked_at, revocation_reason)
        SELECT gen_random_uuid(), '01' || lpad(to_hex(n), 30, '0'), 'seal-ca', 'tls-client', 'issued', '\\x00',
          $2::timestamptz, $2::timestamptz + interval '1 year', $2, $2, $2, 'superseded'
        FROM generate_series(1, $1::int) AS n`,
      values: [revokedRows, clock.now()],
    });
    await of.database.query({ text: 'ANALYZE pki.certificate' });
  });
  after(async () => of?.close());

  let stampings = 0;
  const stamped = async (sealId: string): Promise<Uint8Array> => {
    const stamps = of.stamps();
    const request = stampRequest(of, await uploaded(of, caller, samplePdf()), { sealId });
    const { stampingId } = await stamps.stamp(caller, request, requestKey(`status-${++stampings}`));
    return stamps.document(caller, stampingId);
  };
  const verdict = async (bytes: Uint8Array, judge = of.judge) => {
    const { indication, subIndication } = (await judge.judge(bytes)).verdict;
    return `${indication} ${subIndication}`;
  };

  it(`takes three statements a file of one signature, none of them for a list, with ${revokedRows} revoked certificates`, async () => {
    assert.equal(await verdict(product), 'TOTAL-PASSED null');
    const names = await statementsOf(of.database, () => of.judge.judge(product));
    assert.deepEqual(names, ['pki-anchors-in-force', 'pki-state', 'seal-by-certificate']);
    const { rows } = await of.database.query({ text: 'SELECT 1 FROM pki.crl' });
    assert.equal(rows.length, 0);
    const text = `EXPLAIN SELECT der FROM pki.certificate WHERE serial_hex = ANY ($1::text[]) AND state = 'issued'`;
    const plan = await of.database.query<{ 'QUERY PLAN': string }>({ text, values: [['01ab', '02cd', '03ef']] });
    assert.match(plan.rows.map((row) => row['QUERY PLAN']).join('\n'), /certificate_serial_hex_key/);
  });

  it('sees each deed on every node in the next verification, and keeps what was proven to be signed before it', async () => {
    const node = await of.anotherNode();
    try {
      const seal = await of.maker.make(
        house,
        sealOrder(`990100${String(sealNumber++).padStart(8, '0')}`, newId('organisation', clock)),
      );
      const before = await stamped(seal.sealId);
      const { certificate } = await of.authority.certificateOf(`seal-${seal.sealCode}`);
      const both = async (bytes: Uint8Array) => [await verdict(bytes), await verdict(bytes, node.judge)];
      const passed = 'TOTAL-PASSED null';
      assert.deepEqual(await both(before), [passed, passed]);
      clock.advance(60_000);
      await node.authority.suspend(certificate.serialHex, house);
      clock.advance(60_000);
      assert.deepEqual(await both(before), [passed, passed]);
      await of.authority.resume(certificate.serialHex, house);
      const between = await stamped(seal.sealId);
      clock.advance(60_000);
      const { certificate: tsa } = await of.authority.certificateOf('tsa');
      assert.deepEqual(await both(between), [passed, passed]);
      await of.authority.suspend(tsa.serialHex, house);
      // Its time stamps prove nothing while the authority is suspended; the seal's certificate is good now.
      assert.deepEqual((await node.judge.judge(between)).signatures[0]?.report.level, 'B-B');
      await node.authority.resume(tsa.serialHex, house);
      assert.deepEqual((await of.judge.judge(between)).signatures[0]?.report.level, 'B-T');
      await node.authority.revoke(certificate.serialHex, 'keyCompromise', house);
      assert.deepEqual(await both(between), [passed, passed]);
      clock.advance(-60_000);
    } finally {
      await node.close();
    }
  });

  it('takes trust from a root that two people have revoked, and a suspended one has it again when it is resumed', async () => {
    const { authority } = of;
    const { certificate: root } = await authority.certificateOf('root-ca');
    const holds = async () => [(await authority.anchors()).length, await verdict(product)];
    assert.deepEqual(await holds(), [2, 'TOTAL-PASSED null']);
    await authority.suspend(root.serialHex, house);
    assert.deepEqual(await holds(), [1, 'INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND']);
    await assert.rejects(stamped(of.seal.sealId), (error) => isTrustError(error, 'seal-not-active'));
    await authority.resume(root.serialHex, house);
    assert.deepEqual(await holds(), [2, 'TOTAL-PASSED null']);
  });

  it('is never good for a certificate that our key has signed and the register does not know', async () => {
    const { authority } = of;
    const { certificate: known, chain } = await authority.certificateOf('seal-maker');
    const [issuer] = chain;
    assert.ok(issuer);
    const forged = (await sandboxPki()).seal.certificate;
    const elsewhere = { check: () => ({ status: 'good' }) as const };
    const source = await authority.revocation([forged, known], elsewhere);
    assert.equal(source.check(known, issuer).status, 'good');
    assert.equal(source.check(forged, issuer).status, 'unknown');
    const shadow = { ...issuer, der: forged.der, serialHex: forged.serialHex };
    assert.equal(source.check(forged, shadow).status, 'unknown', 'our key, certified by somebody else too');
    const altered = { ...known, der: known.der.with(40, (known.der[40] ?? 0) ^ 1) };
    assert.equal(source.check(altered, issuer).status, 'unknown');
    assert.equal(source.check(known, { ...issuer, der: forged.der }).status, 'good');
    assert.equal(
      source.check(forged, forged).status,
      'good',
      'whom the register does not know is asked about elsewhere',
    );
  });
});
