// Proves the order of stamping under failure: nothing is released without its audit entry, nothing is signed twice for one key, nothing stays in doubt.

import assert from 'node:assert/strict';
import { addSeconds, type Clock, systemClock } from '../../../src/kernel/clock.ts';
import { type ErrorCode, isTrustError, TrustError } from '../../../src/kernel/errors.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { house } from '../../../src/kernel/principal.ts';
import { StampingLedger } from '../../../src/seal/stamping-ledger.ts';
import { StampingStore } from '../../../src/seal/stamping-store.ts';
import { type FaultPoint, faultPoints } from '../../../src/seal/stamping.ts';
import { requestKey, type SealHouse, sealHouse, sealOrder, stampRequest, system, uploaded } from './seal-house.ts';

const caller = system('client-one');
const attemptSeconds = 10;
/** Longer than any machine takes for one stamping. */
const joinWaitMs = 120_000;

function refusal(code: ErrorCode): (error: unknown) => boolean {
  return (error) => isTrustError(error, code);
}

describe('stamping under failure (security.md, faults)', () => {
  let of: SealHouse;
  let sealNumber = 1000;
  /** The clock of the reconciler, which comes after the time of an attempt. */
  const later: Clock = { now: () => addSeconds(systemClock.now(), attemptSeconds + 1) };

  before(async () => {
    of = await sealHouse();
  });
  after(async () => of.close());

  const newSeal = async () =>
    of.maker.make(
      house,
      sealOrder(`990100${String(sealNumber++).padStart(8, '0')}`, newId('organisation', systemClock)),
    );

  /** What the audit log says of a stamping, oldest first. */
  const outcomes = async (stampingId: string): Promise<string[]> => {
    const { items } = await of.audit.entries({ objectId: stampingId, limit: 50 });
    return items.map(({ outcome, code }) => (code === null ? outcome : `${outcome} ${code}`)).reverse();
  };

  const rowOf = async (key: string) => {
    const { rows } = await of.database.query<{
      stamping_id: string;
      status: string;
      attempt: number;
      product_document_id: string | null;
    }>({
      text: 'SELECT stamping_id, status, attempt, product_document_id FROM seal.stamping WHERE request_key = $1',
      values: [key],
    });
    return rows[0];
  };

  const documentCount = async (): Promise<number> => {
    const { rows } = await of.database.query<{ count: number }>({ text: 'SELECT count(*) FROM seal.document' });
    return rows[0]?.count ?? 0;
  };

  /** Starts a stamping whose process stops at `point` for ever, and waits until it is there. */
  const stopAt = async (point: FaultPoint, key: string, documentId: string): Promise<void> => {
    await new Promise<void>((reached, rejected) => {
      const faults = (at: FaultPoint): void | Promise<void> => {
        if (at !== point) return undefined;
        reached();
        return new Promise(() => undefined);
      };
      const stamps = of.stamps({ attemptSeconds, faults });
      stamps.stamp(caller, stampRequest(of, documentId), requestKey(key)).catch(rejected);
    });
  };

  for (const point of faultPoints) {
    it(`a process that dies when it is ${point} leaves nothing in doubt, and the request can be repeated`, async () => {
      const documentId = await uploaded(of, caller);
      const key = `crash-${point}`;
      const before = await documentCount();
      await stopAt(point, key, documentId);
      const stopped = await rowOf(key);
      const signs = point !== 'authorised' && point !== 'prepared';
      const released = point === 'released';
      assert.equal(stopped?.status, signs ? (released ? 'done' : 'intended') : undefined);
      assert.equal(await documentCount(), before + (released ? 1 : 0));

      const request = stampRequest(of, documentId);
      if (stopped?.status === 'intended') {
        const impatient = of.stamps({ joinWaitMs: 0 }).stamp(caller, request, requestKey(key));
        await assert.rejects(
          impatient,
          (error) =>
            refusal('stamping-not-ready')(error) && isTrustError(error) && error.details?.['retryAfterSeconds'] === 2,
        );
        assert.equal(await of.stamps({ attemptSeconds }).voidAbandoned(), 0, 'not before its time');
        assert.equal(await of.stamps({ attemptSeconds, clock: later }).voidAbandoned(), 1);
        assert.equal((await rowOf(key))?.status, 'voided');
      }
      const record = await of.stamps().stamp(caller, request, requestKey(key));
      assert.equal(record.status, 'done');
      const row = await rowOf(key);
      assert.equal(row?.attempt, stopped?.status === 'intended' ? 2 : 1);
      if (stopped !== undefined) assert.equal(row?.stamping_id, stopped.stamping_id);
      assert.deepEqual(
        await outcomes(record.stampingId),
        stopped?.status === 'intended'
          ? ['intended', 'voided stamping-in-doubt', 'intended', 'done']
          : ['intended', 'done'],
      );
      assert.equal(await documentCount(), before + 1);
    });
  }

  it('an attempt that comes late releases nothing once it was voided', async () => {
    const documentId = await uploaded(of, caller);
    const faults = async (point: FaultPoint): Promise<void> => {
      if (point === 'read-back') await of.stamps({ attemptSeconds, clock: later }).voidAbandoned();
    };
    const before = await documentCount();
    const late = of.stamps({ attemptSeconds, faults }).stamp(caller, stampRequest(of, documentId), requestKey('late'));
    await assert.rejects(late, refusal('stamping-in-doubt'));
    assert.equal(await documentCount(), before);
    assert.equal((await rowOf('late'))?.status, 'voided');
  });

  it('several processes void an abandoned attempt once', async () => {
    const documentId = await uploaded(of, caller);
    await stopAt('signed', 'once', documentId);
    const counts = await Promise.all(
      Array.from({ length: 6 }, () => of.stamps({ attemptSeconds, clock: later }).voidAbandoned()),
    );
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      1,
    );
  });

  it('a seal stopped between the intent and the release releases nothing', async () => {
    for (const point of ['intended', 'signed', 'read-back'] as const) {
      const seal = await newSeal();
      const documentId = await uploaded(of, caller);
      const faults = async (at: FaultPoint): Promise<void> => {
        if (at === point) await of.seals.changeStatus(house, seal.sealId, 'lost', 'test');
      };
      const before = await documentCount();
      const request = stampRequest(of, documentId, { sealId: seal.sealId });
      const stamping = of.stamps({ faults }).stamp(caller, request, requestKey(`stopped-${point}`));
      await assert.rejects(stamping, refusal('seal-not-active'));
      assert.equal((await rowOf(`stopped-${point}`))?.status, 'voided');
      assert.equal(await documentCount(), before);
    }
  });

  it('a product that our verifier does not find good is voided, not released', async () => {
    const documentId = await uploaded(of, caller);
    const verifier = { judge: async () => ({ signatures: [] }) };
    const before = await documentCount();
    const stamping = of.stamps({ verifier }).stamp(caller, stampRequest(of, documentId), requestKey('bad-product'));
    await assert.rejects(stamping, refusal('product-not-verified'));
    const row = await rowOf('bad-product');
    assert.deepEqual([row?.status, row?.product_document_id], ['voided', null]);
    assert.equal(await documentCount(), before);
  });

  it('no B-T is claimed when the time-stamp authority refuses', async () => {
    const documentId = await uploaded(of, caller);
    const timestamps = {
      stamp: async (): Promise<Uint8Array> => {
        throw new TrustError('timestamp-refused', 'test');
      },
    };
    const request = stampRequest(of, documentId);
    await assert.rejects(
      of.stamps({ timestamps }).stamp(caller, request, requestKey('no-tsa')),
      refusal('timestamp-refused'),
    );
    const record = await of.stamps().stamp(caller, request, requestKey('no-tsa'));
    assert.deepEqual(await outcomes(record.stampingId), ['intended', 'voided timestamp-refused', 'intended', 'done']);
  });

  it('a failure after the commit does not undo the deed', async () => {
    const documentId = await uploaded(of, caller);
    const faults = (point: FaultPoint): void => {
      if (point === 'released') throw new TrustError('database-unavailable', 'the answer to COMMIT was lost');
    };
    const record = await of.stamps({ faults }).stamp(caller, stampRequest(of, documentId), requestKey('lost-answer'));
    assert.equal(record.status, 'done');
  });

  it('thirty requests of one key at once sign once, and all of them answer with that stamping', async () => {
    const documentId = await uploaded(of, caller);
    const nodes = [of.stamps({ joinWaitMs }), of.stamps({ joinWaitMs })];
    const records = await Promise.all(
      Array.from({ length: 30 }, (_, place) =>
        (nodes[place % 2] ?? of.stamps()).stamp(caller, stampRequest(of, documentId), requestKey('many')),
      ),
    );
    const [{ stampingId } = { stampingId: '' }] = records;
    assert.deepEqual(
      [...new Set(records.map((record) => `${record.stampingId} ${record.status}`))],
      [`${stampingId} done`],
    );
    assert.deepEqual(await outcomes(stampingId), ['intended', 'done']);
    const again = await of.stamps().stamp(caller, stampRequest(of, documentId), requestKey('many'));
    assert.equal(again.stampingId, stampingId);
    const other = requestKey('many', 'another body');
    await assert.rejects(
      of.stamps().stamp(caller, stampRequest(of, documentId), other),
      refusal('idempotency-key-reused'),
    );
  });

  it('a request that waited for an equal one fails as that did, and signs nothing itself', async () => {
    const documentId = await uploaded(of, caller);
    const faults = (point: FaultPoint): void => {
      if (point === 'intended') throw new TrustError('key-unavailable', 'test');
    };
    const first = of.stamps({ faults }).stamp(caller, stampRequest(of, documentId), requestKey('together'));
    await assert.rejects(first, refusal('key-unavailable'));
    /** Shows the row as it was while the first was under way, and then as it is. */
    let looks = 0;
    class Late extends StampingStore {
      override async sameRequest(...asked: Parameters<StampingStore['sameRequest']>) {
        const row = await super.sameRequest(...asked);
        looks += 1;
        return row !== undefined && looks < 3 ? { ...row, status: 'intended' as const } : row;
      }
    }
    const store = new Late({ clock: systemClock, attemptSeconds });
    const { database, audit, seals, documents } = of;
    const mandateHolds = async () => true;
    const ledger = new StampingLedger({
      database,
      audit,
      clock: systemClock,
      seals,
      documents,
      store,
      mandateHolds,
      joinWaitMs,
    });
    await assert.rejects(ledger.earlier('client:client-one', requestKey('together')), refusal('key-unavailable'));
    assert.equal(looks, 3);
    assert.deepEqual([(await rowOf('together'))?.status, (await rowOf('together'))?.attempt], ['voided', 1]);
  });
});
