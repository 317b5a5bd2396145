// The leaf: one spelling, readable without keys; and the sealed parts that belong to it.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { canonicalJson, parseCanonicalJson } from '../../../src/audit/canonical-json.ts';
import { encodeLeaf, firstIdAt, momentOf, parseLeaf } from '../../../src/audit/leaf.ts';
import { SealingKey } from '../../../src/audit/sealing-key.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { concatBytes, fromUtf8, toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { frozenClock } from '../../../src/kernel/clock.ts';
import { newUuid } from '../../../src/kernel/ids.ts';
import { house } from '../../../src/kernel/principal.ts';

const entryId = '019b76da-a800-7001-8000-000000000001';
const none = {
  object: undefined,
  objectSha256: undefined,
  subject: undefined,
  actorCommitment: undefined,
  subjectCommitment: undefined,
};

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

describe('audit leaf, version 2', () => {
  it('is these very bytes: old leaves must hash the same for ever', () => {
    const event = { action: 'stamping', outcome: 'done', facts: { level: 'B-T' } } as const;
    const clerk = { ...house, kind: 'person', accountId: 'acc_1', clientId: 'desk', level: 4 } as const;
    const bytes = new Uint8Array(32);
    const parts = { object: 'stp_1', objectSha256: bytes, subject: 'org_1' };
    const leaf = encodeLeaf(entryId, clerk, event, { ...parts, actorCommitment: bytes, subjectCommitment: bytes });
    const zeros = 'A'.repeat(43);
    assert.equal(
      fromUtf8(leaf),
      `{"about":"${zeros}","action":"stamping","actor":"${zeros}","client":"desk","events":2,"facts":{"level":"B-T"},` +
        `"id":"ent_01kdvdna00e00r000000000001","level":4,"object":"stp_1","outcome":"done","sha256":"${zeros}",` +
        `"subject":"org_1","v":2}`,
    );
    const read = parseLeaf(leaf);
    assert.equal(read?.entryId, entryId);
    assert.equal(read.at.toISOString(), '2026-01-01T00:00:00.000Z');
    assert.deepEqual([read.clientId, read.object, read.subject, read.level], ['desk', 'stp_1', 'org_1', 4]);
    assert.deepEqual([read.actorCommitment, read.subjectCommitment, read.objectSha256], [zeros, zeros, zeros]);
  });

  it('is refused when its version is another, as of an earlier build, or its spelling is not canonical', () => {
    const leaf = fromUtf8(encodeLeaf(entryId, house, { action: 'consent', outcome: 'done' }, none)) ?? '';
    assert.notEqual(parseLeaf(utf8(leaf)), undefined);
    assert.equal(parseLeaf(utf8(leaf.replace('"v":2', '"v":1'))), undefined);
    assert.equal(parseLeaf(utf8(`${leaf} `)), undefined);
    assert.equal(parseLeaf(new Uint8Array([0xff])), undefined);
  });

  it('bears the time of its UUID, and a span of time is a span of ids', () => {
    const clock = frozenClock('2026-07-08T09:10:11.123Z');
    const id = newUuid(clock);
    assert.equal(momentOf(id).toISOString(), '2026-07-08T09:10:11.123Z');
    assert.ok(firstIdAt(clock.now()) <= id);
    clock.advance(1);
    assert.ok(id < firstIdAt(clock.now()));
  });
});

describe('sealed part of an entry', () => {
  const key = new SealingKey(new Uint8Array(32).fill(1));
  const part = { account: 'acc_1', purpose: '查询', personal: { name: '张三' } };

  it('opens for its own entry, role and key only', () => {
    const { sealed } = key.seal(entryId, 'actor', part);
    assert.deepEqual(key.open(entryId, 'actor', sealed)?.part, part);
    assert.equal(key.open('019b76da-a800-7001-8000-000000000002', 'actor', sealed), undefined);
    assert.equal(key.open(entryId, 'subject', sealed), undefined);
    assert.equal(new SealingKey(new Uint8Array(32).fill(2)).open(entryId, 'actor', sealed), undefined);
    for (const [place, byte] of sealed.entries()) {
      const altered = Uint8Array.from(sealed);
      altered[place] = byte ^ 1;
      assert.equal(key.open(entryId, 'actor', altered), undefined, `byte ${place}`);
    }
    assert.equal(key.open(entryId, 'actor', sealed.subarray(0, 20)), undefined);
  });

  it('is committed to with a salt that lies nowhere, and that opens the commitment to whoever is shown it', () => {
    const { sealed, commitment } = key.seal(entryId, 'actor', part);
    const opened = key.open(entryId, 'actor', sealed);
    assert.ok(opened !== undefined);
    assert.equal(toHex(sha256(concatBytes(opened.salt, opened.text))), toHex(commitment));
    assert.ok(!toHex(sealed).includes(toHex(opened.salt)));
    const other = new SealingKey(new Uint8Array(32).fill(2));
    assert.notDeepEqual(other.seal(entryId, 'actor', part).commitment, commitment);
    const another = '019b76da-a800-7001-8000-000000000002';
    assert.notDeepEqual(key.seal(another, 'actor', part).commitment, commitment);
  });

  it('never uses a nonce for two texts', () => {
    const nonce = (text: string): string => toHex(key.seal(entryId, 'actor', { text }).sealed.subarray(0, 12));
    assert.notEqual(nonce('a'), nonce('b'));
    assert.equal(nonce('a'), nonce('a'));
  });

  it('is refused above 65,535 bytes', () => {
    assert.throws(() => key.seal(entryId, 'actor', { text: 'x'.repeat(65_536) }), { code: 'request-too-large' });
  });
});

describe('tags of the index columns', () => {
  it('are equal for one id under one key, and unlike for another use, id or key', () => {
    const [a, b] = [1, 2].map((fill) => new SealingKey(new Uint8Array(32).fill(fill)));
    assert.ok(a !== undefined && b !== undefined);
    assert.deepEqual(a.tag('subject', 'acc_1'), a.tag('subject', 'acc_1'));
    const tags = [
      a.tag('subject', 'acc_1'),
      a.tag('object', 'acc_1'),
      a.tag('subject', 'acc_2'),
      b.tag('subject', 'acc_1'),
    ];
    assert.equal(new Set(tags.map(toHex)).size, 4);
    assert.ok(tags.every(({ length }) => length === 15));
  });
});
