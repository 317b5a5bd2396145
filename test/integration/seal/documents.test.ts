// Proves the store of documents: what is taken, once a request key, and that nobody reads another's.

import assert from 'node:assert/strict';
import { sha256 } from '../../../src/crypto/digest.ts';
import { equalBytes, utf8 } from '../../../src/kernel/bytes.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import { newId } from '../../../src/kernel/ids.ts';
import type { Principal } from '../../../src/kernel/principal.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { maxDocumentBytes, requestKey, type SealHouse, sealHouse, system } from './seal-house.ts';

const pdf = 'application/pdf';

function refusal(code: ErrorCode): (error: unknown) => boolean {
  return (error) => isTrustError(error, code);
}

describe('store of documents', () => {
  let of: SealHouse;
  const one = system('client-one');
  const bytes = samplePdf({ pageCount: 3 });
  let count = 0;
  const put = async (content: Uint8Array, mediaType = pdf) =>
    of.documents.put(one, { bytes: content, mediaType }, requestKey(`key-${count++}`));

  before(async () => {
    of = await sealHouse();
  });
  after(async () => of.close());

  it('keeps the very bytes, says what they are, and records it', async () => {
    const record = await put(bytes);
    assert.deepEqual([record.mediaType, record.sizeBytes, record.pageCount], [pdf, bytes.length, 3]);
    assert.ok(equalBytes(record.sha256, sha256(bytes)));
    assert.ok(equalBytes(await of.documents.get(one, record.documentId), bytes));
    const { items } = await of.audit.entries({ objectId: record.documentId, limit: 10 });
    assert.deepEqual(
      items.map(({ action, outcome }) => [action, outcome]),
      [['document.uploaded', 'done']],
    );
  });

  it('stores a repeated request once, and refuses another body under its key', async () => {
    const upload = { bytes, mediaType: pdf };
    const many = await Promise.all(
      Array.from({ length: 10 }, () => of.documents.put(one, upload, requestKey('same', 'a'))),
    );
    assert.equal(new Set(many.map(({ documentId }) => documentId)).size, 1);
    await assert.rejects(of.documents.put(one, upload, requestKey('same', 'b')), refusal('idempotency-key-reused'));
    const other = await of.documents.put(system('client-two'), upload, requestKey('same', 'b'));
    assert.notEqual(other.documentId, many[0]?.documentId);
  });

  it('refuses what is too large, not a PDF, damaged, or encrypted', async () => {
    await assert.rejects(put(new Uint8Array(maxDocumentBytes + 1)), refusal('request-too-large'));
    await assert.rejects(put(utf8('hello')), refusal('unsupported-media-type'));
    await assert.rejects(put(new Uint8Array()), refusal('unsupported-media-type'));
    await assert.rejects(put(bytes, 'application/ofd'), refusal('unsupported-media-type'));
    await assert.rejects(put(utf8(' %PDF-1.7')), refusal('unsupported-media-type'));
    await assert.rejects(put(utf8('%PDF-1.7 nothing')), refusal('malformed-pdf'));
    const encrypted = samplePdf({ trailer: '/Encrypt << /Filter /Standard /V 1 /R 2 /O () /U () /P 0 >>' });
    await assert.rejects(put(encrypted), refusal('encrypted-pdf'));
  });

  it('does not tell another client, or another person of the same client, that a document exists', async () => {
    const { documentId } = await put(bytes);
    const person = (accountId: string): Principal => ({
      ...system('web'),
      kind: 'person',
      accountId,
    });
    await assert.rejects(of.documents.get(system('client-two'), documentId), refusal('document-not-found'));
    const key = requestKey('of a person');
    const theirs = await of.documents.put(person('acc_a'), { bytes, mediaType: pdf }, key);
    await assert.rejects(of.documents.get(person('acc_b'), theirs.documentId), refusal('document-not-found'));
    await assert.rejects(of.documents.get(one, newId('document', systemClock)), refusal('document-not-found'));
    await assert.rejects(of.documents.get(one, 'doc_x'), refusal('document-not-found'));
    const reader = system('client-one', 'seal.read');
    await assert.rejects(of.documents.put(reader, { bytes, mediaType: pdf }, key), refusal('scope-missing'));
  });
});
