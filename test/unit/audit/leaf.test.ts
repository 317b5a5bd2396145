// The leaf: one spelling, no personal data, readable without keys; and the sealed part that belongs to it.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { canonicalJson, parseCanonicalJson } from '../../../src/audit/canonical-json.ts';
import { openDetail, sealDetail } from '../../../src/audit/detail.ts';
import { encodeLeaf, momentOf, parseLeaf } from '../../../src/audit/leaf.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { FieldCipher } from '../../../src/crypto/field-cipher.ts';
import { fromUtf8, toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { frozenClock } from '../../../src/kernel/clock.ts';
import { newUuid } from '../../../src/kernel/ids.ts';
import { house } from '../../../src/kernel/principal.ts';

const cipher = new FieldCipher({ keyEncryptionKey: new Uint8Array(32).fill(1) });
const entryId = '019b76da-a800-7001-8000-000000000001';
const none = { actorRef: undefined, subjectRef: undefined, objectRef: undefined, detailCommitment: undefined };

describe('RFC 8785: canonical JSON', () => {
  it('sorts members, leaves out what is undefined, and writes no space', () => {
    const text = fromUtf8(canonicalJson({ b: 1, a: { d: true, c: '€\n"' }, x: undefined }));
    assert.equal(text, '{"a":{"c":"€\\n\\"","d":true},"b":1}');
  });

  it('is read back, and no other spelling is read', () => {
    const plain = fc.dictionary(fc.string(), fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean()));
    fc.assert(
      fc.property(plain, (value) => {
        const bytes = canonicalJson(value);
        const read = parseCanonicalJson(bytes);
        assert.ok(read !== undefined);
        assert.deepEqual(canonicalJson(read), bytes);
      }),
    );
    for (const bad of [
      '{"a":1,"a":1}',
      '{ "a":1}',
      '{"b":1,"a":1}',
      '{"a":1.0}',
      '{"a":"\\u0041"}',
      '{"a":null}',
      '[1]',
      '{"a":[1]}',
      '1',
    ])
      assert.equal(parseCanonicalJson(utf8(bad)), undefined, bad);
    assert.throws(() => canonicalJson({ a: Number.NaN }), RangeError);
  });
});

describe('audit leaf, version 1', () => {
  it('is these very bytes: old leaves must hash the same for ever', () => {
    const event = {
      action: 'stamping',
      outcome: 'done',
      objectSha256: new Uint8Array(32),
      facts: { level: 'B-T' },
    } as const;
    const leaf = encodeLeaf(entryId, house, event, { ...none, objectRef: 'stp_1', subjectRef: new Uint8Array(32) });
    assert.equal(
      fromUtf8(leaf),
      `{"action":"stamping","actor":{"kind":"house"},"at":"2026-01-01T00:00:00.000Z","facts":{"level":"B-T"},` +
        `"id":"ent_01kdvdna00e00r000000000001","object":"stp_1","objectSha256":"${'00'.repeat(32)}","outcome":"done",` +
        `"subject":"${'A'.repeat(43)}","v":1}`,
    );
    assert.equal(parseLeaf(leaf)?.entryId, entryId);
    assert.equal(parseLeaf(leaf)?.at.toISOString(), '2026-01-01T00:00:00.000Z');
  });

  it('is refused when its time and its identifier disagree, or its version is another', () => {
    const leaf = fromUtf8(encodeLeaf(entryId, house, { action: 'consent', outcome: 'done' }, none)) ?? '';
    assert.notEqual(parseLeaf(utf8(leaf)), undefined);
    assert.equal(parseLeaf(utf8(leaf.replace('2026-01-01', '2026-01-02'))), undefined);
    assert.equal(parseLeaf(utf8(leaf.replace('"v":1', '"v":2'))), undefined);
    assert.equal(parseLeaf(utf8(`${leaf} `)), undefined);
    assert.equal(parseLeaf(new Uint8Array([0xff])), undefined);
  });

  it('bears the time of its UUID', () => {
    const clock = frozenClock('2026-07-08T09:10:11.123Z');
    assert.equal(momentOf(newUuid(clock)).toISOString(), '2026-07-08T09:10:11.123Z');
  });
});

describe('personal part of an entry', () => {
  const principal = { ...house, kind: 'person', accountId: 'acc_1', origin: '192.0.2.0/24' } as const;
  const event = { action: 'consent', outcome: 'done', purpose: '查询', personal: { name: '张三' } } as const;

  it('opens for its own entry only, and the leaf commits to salt and text', () => {
    const detail = sealDetail(cipher, entryId, principal, event);
    assert.ok(detail !== undefined);
    const opened = openDetail(cipher, entryId, detail.sealed);
    assert.deepEqual([opened?.accountId, opened?.purpose, opened?.personal], ['acc_1', '查询', { name: '张三' }]);
    assert.equal(openDetail(cipher, '019b76da-a800-7001-8000-000000000002', detail.sealed), undefined);
    assert.equal(openDetail(cipher, entryId, null), undefined);
    const salted = cipher.open(detail.sealed, `audit.entry.detail:${entryId}`);
    assert.equal(toHex(detail.commitment), toHex(sha256(salted)));
  });

  it('has another commitment each time, so that equal details cannot be found by guessing', () => {
    const first = sealDetail(cipher, entryId, principal, event);
    const second = sealDetail(cipher, entryId, principal, event);
    assert.notDeepEqual(first?.commitment, second?.commitment);
  });

  it('is absent when there is nothing personal', () => {
    assert.equal(sealDetail(cipher, entryId, house, { action: 'consent', outcome: 'done' }), undefined);
  });
});
