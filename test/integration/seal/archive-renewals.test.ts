// Proves the renewal of archive time stamps (ETSI EN 319 142-1, 5.4.3): a new one over the material of the one before, by request and as a duty that many nodes do once.

import assert from 'node:assert/strict';
import { addSeconds, systemClock } from '../../../src/kernel/clock.ts';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { house } from '../../../src/kernel/principal.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { readValidationData } from '../../../src/pdf/validation-data.ts';
import { ArchiveRenewals, type ArchiveRenewalOptions } from '../../../src/seal/long-term/archive-renewals.ts';
import { LongTerm } from '../../../src/seal/long-term/long-term.ts';
import { ValidationSources } from '../../../src/seal/long-term/validation-sources.ts';
import { judged } from '../../support/foreign-judges.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { requestKey, type SealHouse, sealHouse, stampRequest, system, uploaded } from './seal-house.ts';

const caller = system('client-one');

describe('renewal of archive time stamps', () => {
  let of: SealHouse;
  let count = 0;
  const renewals = (change: Partial<ArchiveRenewalOptions> = {}) => {
    const { database, audit, documents, judge: verifier, timestamps } = of;
    const longTerm = new LongTerm({ sources: new ValidationSources({ ...of, clock: systemClock }), timestamps });
    const log = silentLog;
    return new ArchiveRenewals({ database, audit, clock: systemClock, log, documents, verifier, longTerm, ...change });
  };
  const stamped = async (level: 'B-T' | 'B-LTA' = 'B-LTA') => {
    const request = stampRequest(of, await uploaded(of, caller, samplePdf()), { level });
    const record = await of.stamps().stamp(caller, request, requestKey(`archived-${count++}`));
    return record.productDocumentId ?? '';
  };
  const refused = (does: Promise<unknown>, code: ErrorCode) =>
    assert.rejects(does, (error) => isTrustError(error, code));

  before(async () => {
    of = await sealHouse();
  });
  after(async () => of.close());

  it('puts a time stamp over the one before and its material; the same request key is the same document', async () => {
    const documentId = await stamped();
    const key = requestKey(`renew-${count++}`);
    const renewed = await renewals().renew(caller, documentId, key);
    assert.deepEqual(await renewals().renew(caller, documentId, key), renewed);
    await refused(renewals().renew(caller, renewed.documentId, key), 'idempotency-key-reused');
    const [before, after] = await Promise.all(
      [documentId, renewed.documentId].map((id) => of.documents.get(caller, id)),
    );
    assert.ok(before !== undefined && after !== undefined);
    assert.equal(Buffer.compare(after.subarray(0, before.length), before), 0);
    assert.deepEqual(
      openPdf(after).signatures.map(({ type }) => type),
      ['Sig', 'DocTimeStamp', 'DocTimeStamp'],
    );
    const answers = (bytes: Uint8Array) => readValidationData(openPdf(bytes).file).ocspResponses.length;
    assert.ok(answers(after) > answers(before), 'the store tells of the path of the time stamp before');
    const report = await of.verifier.verify(house, after);
    assert.equal(report.indication, 'TOTAL-PASSED');
    const qpdf = judged(after, 'qpdf', '--check');
    if (qpdf !== undefined) assert.equal(qpdf.status, 0, qpdf.text);
    const { items } = await of.audit.entries({ objectId: documentId, limit: 10 });
    assert.deepEqual(
      items.filter(({ action }) => action === 'archive.renewed').map(({ outcome }) => outcome),
      ['done', 'intended'],
    );
  });

  it('goes on from the last renewal, and makes B-LTA of a document that had no archive time stamp', async () => {
    const first = await stamped('B-T');
    const second = await renewals().renew(caller, first, requestKey(`renew-${count++}`));
    const third = await renewals().renew(caller, second.documentId, requestKey(`renew-${count++}`));
    const fourth = await renewals().renew(caller, second.documentId, requestKey(`renew-${count++}`));
    const counts = await Promise.all(
      [first, second.documentId, third.documentId, fourth.documentId].map(
        async (id) => openPdf(await of.documents.get(caller, id)).signatures.length,
      ),
    );
    assert.deepEqual(counts, [1, 2, 3, 4]);
  });

  it('is done once for each document that is due, however many nodes look', async () => {
    const due = [await stamped(), await stamped(), await stamped()];
    await of.database.query({
      text: `UPDATE seal.archived_document SET holds_until = $1 WHERE document_id IN (
        SELECT product_document_id FROM seal.stamping WHERE product_document_id IS NOT NULL
        ORDER BY stamping_id DESC LIMIT 3)`,
      values: [addSeconds(systemClock.now(), 86_400)],
    });
    const done = await Promise.all([renewals(), renewals(), renewals()].map((node) => node.renewDue()));
    assert.equal(
      done.reduce((sum, each) => sum + each, 0),
      due.length,
    );
    assert.equal(await renewals().renewDue(), 0, 'what was renewed holds for long');
  });

  it('releases nothing that the verifier does not find good, and refuses what it cannot renew', async () => {
    const documentId = await stamped();
    const verifier = { judge: async () => ({ signatures: [] }) };
    const bad = renewals({ verifier }).renew(caller, documentId, requestKey(`renew-${count++}`));
    await refused(bad, 'product-not-verified');
    const { items } = await of.audit.entries({ objectId: documentId, limit: 1 });
    assert.deepEqual([items[0]?.outcome, items[0]?.code], ['voided', 'product-not-verified']);
    const unsigned = await uploaded(of, caller);
    await refused(renewals().renew(caller, unsigned, requestKey(`renew-${count++}`)), 'malformed-request');
    const other = system('client-two');
    await refused(renewals().renew(other, documentId, requestKey(`renew-${count++}`)), 'document-not-found');
  });
});
