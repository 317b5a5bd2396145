// Proves batch stamping (批量签章): each document once whatever crashes or is stopped, under the rights of the one who ordered as they are at that moment.

import assert from 'node:assert/strict';
import { addSeconds, type Clock, systemClock } from '../../../src/kernel/clock.ts';
import { type ErrorCode, isTrustError, TrustError } from '../../../src/kernel/errors.ts';
import { idFromUuid, newId, uuidFromId } from '../../../src/kernel/ids.ts';
import { house, type Principal } from '../../../src/kernel/principal.ts';
import type { BatchRequest } from '../../../src/seal/batch/batch-request.ts';
import { BatchWorker, type BatchWorkerOptions } from '../../../src/seal/batch/batch-worker.ts';
import { StampingBatches } from '../../../src/seal/batch/batches.ts';
import type { AsOfNow } from '../../../src/seal/batch/orderer.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { type FaultPoint, faultPoints } from '../../../src/seal/stamping.ts';
import { requestKey, type SealHouse, sealHouse, sealOrder, system, uploaded } from './seal-house.ts';

const caller = system('client-one');
const unchanged: AsOfNow = async (principal) => principal;

function refusal(code: ErrorCode): (error: unknown) => boolean {
  return (error) => isTrustError(error, code);
}

describe('batch stamping (GB/T 33481, use of seals; one deed a document)', () => {
  let of: SealHouse;
  let batches: StampingBatches;
  let number = 0;
  /** Of a worker that comes when the lease and the attempt of a dead one have ended. */
  const later: Clock = { now: () => addSeconds(systemClock.now(), 120) };

  before(async () => {
    of = await sealHouse();
    const { database, audit, seals, documents } = of;
    batches = new StampingBatches({ database, audit, clock: systemClock, seals, documents });
  });
  after(async () => of.close());

  const worker = (change: Partial<BatchWorkerOptions> = {}) =>
    new BatchWorker({
      database: of.database,
      audit: of.audit,
      clock: systemClock,
      log: silentLog,
      stamping: of.stamps(),
      asOfNow: unchanged,
      ...change,
    });

  const newSeal = async () =>
    of.maker.make(house, sealOrder(`990200${String(number++).padStart(8, '0')}`, newId('organisation', systemClock)));

  const orderOf = async (documentCount: number, change: Partial<BatchRequest> = {}, principal: Principal = caller) => {
    const documents = [];
    for (let i = 0; i < documentCount; i++)
      documents.push({ documentId: await uploaded(of, principal), name: `文件 ${i + 1}.pdf` });
    return {
      sealId: of.seal.sealId,
      documents,
      placements: [{ kind: 'position', page: 1, xMm: 140, yMm: 220 }],
      purpose: '批量出具证明',
      policy: 'intl',
      level: 'B-B',
      ...change,
    } as const;
  };

  const ordered = async (documentCount: number, change: Partial<BatchRequest> = {}, principal: Principal = caller) =>
    batches.order(principal, await orderOf(documentCount, change, principal), requestKey(`batch-${number++}`));

  /** Until nothing is due. */
  const drained = async (by: BatchWorker): Promise<void> => {
    while (await by.step());
  };

  const itemsOf = async (batchId: string, principal: Principal = caller) =>
    (await batches.items(principal, batchId, { limit: 100 })).items;

  /** Of each document of the batch: released stampings, stored products, and what the log says, oldest first. */
  const facts = async (batchId: string, principal: Principal = caller) => {
    const items = await itemsOf(batchId, principal);
    const told = [];
    for (const { documentId } of items) {
      const { rows } = await of.database.query<{ stamping_id: string; status: string; product: boolean }>({
        text: `SELECT s.stamping_id, s.status, d.document_id IS NOT NULL AS product FROM seal.stamping s
          LEFT JOIN seal.document d ON d.document_id = s.product_document_id WHERE s.document_id = $1`,
        values: [uuidFromId('document', documentId)],
      });
      const log = [];
      for (const row of rows) {
        const { items: entries } = await of.audit.entries({
          objectId: idFromUuid('stamping', row.stamping_id),
          limit: 20,
        });
        log.push(...entries.map(({ outcome }) => outcome).reverse());
      }
      told.push({
        released: rows.filter(({ status, product }) => status === 'done' && product).length,
        rows: rows.length,
        log,
      });
    }
    return { items, told };
  };

  const once = { released: 1, rows: 1 };

  it('stamps each document once by workers of two nodes, and tells the progress', async () => {
    const record = await ordered(8);
    assert.deepEqual([record.status, record.documentCount, record.counts.waiting], ['running', 8, 8]);
    await Promise.all([drained(worker()), drained(worker()), drained(worker())]);
    await drained(worker({ clock: later }));
    const end = await batches.get(caller, record.batchId);
    assert.deepEqual([end.status, end.counts], ['ended', { waiting: 0, running: 0, done: 8, failed: 0, cancelled: 0 }]);
    assert.deepEqual([end.ratePerSecond, end.estimatedEndAt], [null, null]);
    const { items, told } = await facts(record.batchId);
    for (const { log, ...counts } of told) assert.deepEqual([counts, log], [once, ['intended', 'done']]);
    assert.equal(new Set(items.map(({ stampingId }) => stampingId)).size, 8);
    assert.deepEqual(
      items.map(({ name, number: place }) => [name, place]),
      items.map((_item, place) => [`文件 ${place + 1}.pdf`, place + 1]),
    );
    const { items: entries } = await of.audit.entries({ objectId: record.batchId, limit: 10 });
    assert.deepEqual(
      entries.map(({ action, facts: told }) => [action, told['stamped'] ?? told['documents']]),
      [
        ['stamping-batch.ended', 8],
        ['stamping-batch.ordered', 8],
      ],
    );
  });

  for (const point of faultPoints) {
    it(`a worker killed when a document is ${point} leaves it to another, who stamps it once`, async () => {
      const record = await ordered(3);
      await new Promise<void>((reached, rejected) => {
        let count = 0;
        const faults = (at: FaultPoint): void | Promise<void> => {
          // The first document is through, the second is where the process dies.
          if (at !== point || ++count !== 2) return undefined;
          reached();
          return new Promise(() => undefined);
        };
        drained(worker({ stamping: of.stamps({ faults }) })).catch(rejected);
      });
      const { counts } = await batches.get(caller, record.batchId);
      assert.deepEqual([counts.done, counts.running, counts.waiting], [1, 1, 1]);
      await of.stamps({ clock: later }).voidAbandoned();
      await drained(worker({ clock: later }));
      const end = await batches.get(caller, record.batchId);
      assert.deepEqual([end.status, end.counts.done], ['ended', 3]);
      const { told } = await facts(record.batchId);
      for (const { log, ...counted } of told) {
        assert.deepEqual(counted, once);
        assert.equal(log.filter((outcome) => outcome === 'done').length, 1);
        assert.equal(log.at(-1), 'done');
      }
    });
  }

  it('a worker that was slow and lost its claim settles nothing', async () => {
    const record = await ordered(1);
    const faults = async (point: FaultPoint): Promise<void> => {
      if (point !== 'read-back') return;
      // Another node finds the lease ended; the request is being worked on, so that one leaves it for later.
      await worker({ clock: later, stamping: of.stamps({ joinWaitMs: 0 }) }).step();
    };
    await worker({ stamping: of.stamps({ faults }) }).step();
    const { counts } = await batches.get(caller, record.batchId);
    assert.deepEqual([counts.done, counts.waiting], [0, 1]);
    const evenLater: Clock = { now: () => addSeconds(systemClock.now(), 600) };
    await drained(worker({ clock: evenLater }));
    const { told } = await facts(record.batchId);
    assert.deepEqual(told, [{ ...once, log: ['intended', 'done'] }]);
  });

  it('once the mandate of the orderer is revoked nothing more is released, not even what the key has signed', async () => {
    const seal = await newSeal();
    const { organisation } = seal;
    const person: Principal = {
      kind: 'person',
      accountId: newId('account', systemClock),
      clientId: 'some-web',
      scopes: new Set(['seal.read', 'seal.stamp']),
      roles: new Set(),
      level: 3,
      actingFor: {
        ...organisation,
        mandateId: newId('mandate', systemClock),
        role: 'agent',
        scope: ['seal:use'],
        validUntil: addSeconds(systemClock.now(), 3600),
      },
    };
    let revoked = false;
    const { actingFor, ...withoutMandate } = person;
    const asOfNow: AsOfNow = async (principal, mandateId) => {
      assert.equal(mandateId, actingFor?.mandateId);
      return revoked || actingFor === undefined ? withoutMandate : { ...principal, actingFor };
    };
    const mandateHolds = async () => !revoked;
    let signed = 0;
    const faults = (point: FaultPoint): void => {
      if (point === 'read-back' && ++signed === 2) revoked = true;
    };
    const record = await ordered(4, { sealId: seal.sealId }, person);
    await drained(worker({ asOfNow, stamping: of.stamps({ faults, mandateHolds }) }));
    await drained(worker({ asOfNow, clock: later }));
    const { items, told } = await facts(record.batchId, person);
    assert.deepEqual(
      items.map(({ status, code }) => [status, code]),
      [
        ['done', null],
        ['failed', 'use-not-allowed'],
        ['failed', 'forbidden'],
        ['failed', 'forbidden'],
      ],
    );
    assert.deepEqual(
      told.map(({ released, log }) => [released, log]),
      [
        [1, ['intended', 'done']],
        [0, ['intended', 'voided']],
        [0, []],
        [0, []],
      ],
    );
    await assert.rejects(batches.retry(withoutMandate, record.batchId), refusal('forbidden'));
  });

  it('a seal stopped in the middle fails the rest, and these alone are stamped when it is resumed and they are retried', async () => {
    const seal = await newSeal();
    const record = await ordered(3, { sealId: seal.sealId });
    let signed = 0;
    const faults = async (point: FaultPoint): Promise<void> => {
      if (point === 'signed' && ++signed === 2) await of.seals.changeStatus(house, seal.sealId, 'suspended', '停用');
    };
    await drained(worker({ stamping: of.stamps({ faults }) }));
    await drained(worker({ clock: later }));
    const stopped = await batches.get(caller, record.batchId);
    assert.deepEqual([stopped.status, stopped.counts.done, stopped.counts.failed], ['ended', 1, 2]);
    assert.deepEqual(
      (await batches.items(caller, record.batchId, { status: 'failed', limit: 10 })).items.map(({ code }) => code),
      ['seal-not-active', 'seal-not-active'],
    );
    await assert.rejects(batches.retry(caller, record.batchId), refusal('seal-not-active'));
    await of.seals.changeStatus(house, seal.sealId, 'active', '恢复');
    assert.equal((await batches.retry(caller, record.batchId)).counts.waiting, 2);
    await drained(worker({ clock: later }));
    const { told } = await facts(record.batchId);
    assert.deepEqual(
      told.map(({ released, rows, log }) => [released, rows, log]),
      [
        [1, 1, ['intended', 'done']],
        [1, 1, ['intended', 'voided', 'intended', 'done']],
        [1, 1, ['intended', 'done']],
      ],
    );
    assert.equal((await batches.retry(caller, record.batchId)).status, 'ended', 'there is nothing left to retry');
  });

  it('cancelled, what is not begun is not done; a document of a dead worker is done only if it was released', async () => {
    const record = await ordered(4);
    let first = true;
    const faults = async (point: FaultPoint): Promise<void> => {
      if (point !== 'prepared' || !first) return;
      first = false;
      assert.equal((await batches.cancel(caller, record.batchId)).status, 'cancelling');
    };
    await drained(worker({ stamping: of.stamps({ faults }) }));
    await drained(worker({ clock: later }));
    const end = await batches.cancel(caller, record.batchId);
    assert.deepEqual([end.status, end.counts.done, end.counts.cancelled], ['ended', 1, 3]);

    for (const [point, released] of [
      ['prepared', 0],
      ['released', 1],
    ] as const) {
      const other = await ordered(1);
      await new Promise<void>((reached, rejected) => {
        const dies = (at: FaultPoint): void | Promise<void> => {
          if (at !== point) return undefined;
          reached();
          return new Promise(() => undefined);
        };
        worker({ stamping: of.stamps({ faults: dies }) })
          .step()
          .catch(rejected);
      });
      await batches.cancel(caller, other.batchId);
      await drained(worker({ clock: later }));
      const { counts } = await batches.get(caller, other.batchId);
      assert.deepEqual([counts.done, counts.cancelled], [released, 1 - released], point);
    }
  });

  it('what passes by itself is tried again after a while, and fails with its code when it does not pass', async () => {
    const record = await ordered(1);
    const faults = (point: FaultPoint): void => {
      if (point === 'intended') throw new TrustError('key-unavailable', 'test');
    };
    const broken = { stamping: of.stamps({ faults }), retrySeconds: [30] };
    await worker(broken).step();
    const { counts } = await batches.get(caller, record.batchId);
    assert.deepEqual([counts.waiting, counts.failed], [1, 0]);
    await drained(worker({ ...broken, clock: later }));
    const [item] = await itemsOf(record.batchId);
    assert.deepEqual([item?.status, item?.code], ['failed', 'key-unavailable']);
  });

  it('batches take turns, so that a small one is not kept waiting by a large one', async () => {
    const large = await ordered(5);
    const small = await ordered(2);
    const by = worker();
    for (let i = 0; i < 4; i++) await by.step();
    const done = async ({ batchId }: { batchId: string }) => (await batches.get(caller, batchId)).counts.done;
    assert.deepEqual([await done(large), await done(small)], [2, 2]);
    await drained(worker({ clock: later }));
  });

  it('one order under one key, refused as a whole for what every document would be refused for', async () => {
    const request = await orderOf(2);
    const key = requestKey('same-order');
    const [one, other] = await Promise.all([batches.order(caller, request, key), batches.order(caller, request, key)]);
    assert.equal(one.batchId, other.batchId);
    await assert.rejects(
      batches.order(caller, request, requestKey('same-order', 'else')),
      refusal('idempotency-key-reused'),
    );
    const refused = async (code: ErrorCode, change: Partial<BatchRequest>, by: Principal = caller) =>
      assert.rejects(batches.order(by, { ...request, ...change }, requestKey(`refused-${number++}`)), refusal(code));
    const [document] = request.documents;
    assert.ok(document !== undefined);
    await refused('malformed-request', { documents: [document, document] });
    await refused('malformed-request', { documents: [] });
    await refused('malformed-request', { documents: [{ ...document, placements: [] }] });
    await refused('document-not-found', { documents: [document, { documentId: newId('document', systemClock) }] });
    await refused('document-not-found', {}, system('client-two'));
    await refused('seal-not-found', { sealId: newId('seal', systemClock) });
    await refused('policy-not-supported', { policy: 'gm' });
    await refused('policy-not-supported', { policy: 'dual' });
    await refused('scope-missing', {}, system('client-one', 'seal.read'));
    await assert.rejects(batches.get(system('client-two'), one.batchId), refusal('stamping-batch-not-found'));
    await assert.rejects(batches.cancel(system('client-two'), one.batchId), refusal('stamping-batch-not-found'));
    assert.deepEqual((await batches.cancel(caller, one.batchId)).counts.cancelled, 2);
    const page = await batches.items(caller, one.batchId, { limit: 1 });
    assert.deepEqual(
      (await batches.items(caller, one.batchId, { limit: 1, cursor: page.nextCursor ?? '' })).items.map(
        ({ number: n }) => n,
      ),
      [2],
    );
    await drained(worker({ clock: later }));
  });

  it('an order that its seal refuses stands in the log, as the stamping of one document would', async () => {
    const order = sealOrder(`990200${String(number++).padStart(8, '0')}`, newId('organisation', systemClock));
    const { sealId } = await of.maker.make(house, { ...order, systems: ['client-two'] });
    await assert.rejects(ordered(1, { sealId }), refusal('forbidden'));
    const { items } = await of.audit.entries({ objectId: sealId, action: 'stamping', limit: 5 });
    assert.deepEqual(
      items.map(({ outcome, code, facts: told }) => [outcome, code, told['reason']]),
      [['failed', 'forbidden', 'seal-not-let']],
    );
  });

  it('a worker that stops has nothing in hand', async () => {
    const record = await ordered(2);
    let stopped: Promise<void> | undefined;
    const stopping: BatchWorker = worker({
      atOnce: 1,
      stamping: of.stamps({
        faults: (point) => {
          if (point === 'prepared') stopped = stopping.stop();
        },
      }),
    });
    const begun = new Promise<void>((resolve) => {
      stopping.start();
      const look = setInterval(() => {
        if (stopped === undefined) return;
        clearInterval(look);
        resolve();
      }, 5);
    });
    await begun;
    await stopped;
    const { counts } = await batches.get(caller, record.batchId);
    assert.deepEqual([counts.done, counts.running, counts.waiting], [1, 0, 1]);
    await drained(worker({ clock: later }));
  });
});
