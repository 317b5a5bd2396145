// NIST SP 800-57 part 1, section 7: a key goes through its states in one direction, and a family always knows which key signs.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { FileKeyStore } from '../../../src/crypto/file-key-store.ts';
import {
  familyAfter,
  familyOf,
  isKeyName,
  type KeyDeed,
  stageAfter,
  versionName,
} from '../../../src/crypto/key-life.ts';
import { verifySignature } from '../../../src/crypto/verify.ts';
import { equalBytes, utf8 } from '../../../src/kernel/bytes.ts';
import { frozenClock } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';

const at = new Date('2026-11-21T08:00:00Z');
const wrongState = (error: unknown) => isTrustError(error, 'key-state-wrong');
const deeds: readonly KeyDeed[] = ['activate', 'supersede', 'retire', 'destroy'];

describe('SP 800-57 part 1, 7: states of a key', () => {
  const allowed = [
    'pending activate',
    'pending destroy',
    'active supersede',
    'active retire',
    'retiring retire',
    'retired destroy',
  ];

  for (const state of ['pending', 'active', 'retiring', 'retired', 'destroyed'] as const) {
    for (const deed of deeds) {
      const good = allowed.includes(`${state} ${deed}`);
      it(`${good ? 'lets' : 'does not let'} a ${state} key ${deed}`, () => {
        const act = () => stageAfter({ name: 'k', state }, deed, at);
        if (good) assert.notEqual(act().state, state);
        else assert.throws(act, wrongState);
      });
    }
  }

  it('never leave a family with two active keys, whatever is done in whatever order', () => {
    const step = fc.record({ name: fc.constantFrom('k', 'k.v2', 'k.v3'), deed: fc.constantFrom(...deeds) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let stages = familyAfter(
          ['k', 'k.v2', 'k.v3'].map((name) => ({ name, state: 'pending' as const })),
          'k',
          'activate',
          at,
        );
        for (const { name, deed } of steps) {
          try {
            stages = familyAfter(stages, name, deed, at);
          } catch (error) {
            assert.ok(wrongState(error));
          }
          assert.ok(stages.filter(({ state }) => state === 'active').length <= 1);
        }
      }),
    );
  });

  it('name later keys after the first, unambiguously', () => {
    assert.equal(versionName('tsa', 1), 'tsa');
    assert.equal(versionName('tsa', 12), 'tsa.v12');
    assert.equal(familyOf('tsa.v12'), 'tsa');
    for (const name of ['tsa.v1', 'tsa.v0', 'tsa.v02', 'tsa.x', 'tsa.v2.v3', '../a', 'a/b.v2'])
      assert.equal(isKeyName(name), false);
  });
});

describe('The life of keys in the file store', () => {
  const clock = frozenClock(at);
  let directory: string;
  const open = (kek = 7) => new FileKeyStore({ directory, keyEncryptionKey: new Uint8Array(32).fill(kek), clock });
  const file = (name: string) => join(directory, name);
  const tsa = { name: 'tsa', purpose: 'time-stamp', algorithm: 'ES256', owner: 'trust office' } as const;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'yinxin-life-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('rotates without a moment without a signer; the old key finishes what it began and stays published', async () => {
    const [here, there] = [open(), open()];
    const first = await here.create(tsa);
    const begun = await there.signer('tsa', 'time-stamp');
    clock.advance(60_000);
    const next = await here.prepare('tsa');
    assert.deepEqual([next.name, next.state, next.owner], ['tsa.v2', 'pending', 'trust office']);
    assert.equal((await there.signer('tsa', 'time-stamp')).keyName, 'tsa');
    await assert.rejects(there.signer('tsa.v2', 'time-stamp'), wrongState);
    await here.change('tsa.v2', 'activate');
    const now = await there.signer('tsa', 'time-stamp');
    assert.equal(now.keyName, 'tsa.v2');
    assert.deepEqual(now.spki, next.spki);
    const data = utf8('a deed that began before the rotation');
    const signature = await begun.sign(data, 'raw');
    assert.ok(verifySignature({ algorithm: 'ES256', spki: first.spki, data, signature, form: 'raw' }));
    const family = await there.family('tsa');
    assert.deepEqual(
      family.map(({ name, state }) => `${name} ${state}`),
      ['tsa retiring', 'tsa.v2 active'],
    );
    assert.deepEqual(family[0]?.retiringAt, clock.now());
    assert.deepEqual(family[1]?.activatedAt, clock.now());
  });

  it('refuses a retired key, also to a signer that was given out before', async () => {
    const store = open();
    await store.create(tsa);
    const signer = await store.signer('tsa', 'time-stamp');
    await open().change('tsa', 'retire');
    await assert.rejects(signer.sign(utf8('x'), 'raw'), wrongState);
    await assert.rejects(store.signer('tsa', 'time-stamp'), wrongState);
  });

  it('keeps of a destroyed key the description and nothing of the private part', async () => {
    const store = open();
    const made = await store.create(tsa);
    const sealed = String(JSON.parse(readFileSync(file('tsa.key.json'), 'utf8')).sealed);
    await assert.rejects(store.change('tsa', 'destroy'), wrongState);
    await store.change('tsa', 'retire');
    const gone = await store.change('tsa', 'destroy');
    assert.equal(gone.state, 'destroyed');
    assert.deepEqual(gone.spki, made.spki);
    for (const name of readdirSync(directory)) assert.ok(!readFileSync(file(name), 'utf8').includes(sealed.slice(-40)));
    assert.equal((await open().find('tsa'))?.owner, 'trust office');
    await assert.rejects(store.change('tsa', 'destroy'), wrongState);
    await assert.rejects(open().signer('tsa', 'time-stamp'), wrongState);
  });

  it('finishes a destruction that a crash cut short', async () => {
    const store = open();
    await store.create(tsa);
    const original = readFileSync(file('tsa.key.json'));
    await store.change('tsa', 'retire');
    await store.change('tsa', 'destroy');
    writeFileSync(file('tsa.key.json'), original); // committed as destroyed, nothing erased yet
    assert.equal((await open().find('tsa'))?.state, 'destroyed');
    await open().change('tsa', 'destroy');
    assert.ok(!readFileSync(file('tsa.key.json'), 'utf8').includes('sealed'));
  });

  it('lets one of many callers at once do a deed', async () => {
    await open().create(tsa);
    const prepared = await Promise.all(Array.from({ length: 6 }, () => open().prepare('tsa')));
    for (const { name, spki } of prepared) assert.ok(name === 'tsa.v2' && equalBytes(spki, prepared[0]?.spki ?? spki));
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => open().change('tsa.v2', 'activate')));
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const outcome of outcomes) if (outcome.status === 'rejected') assert.ok(wrongState(outcome.reason));
    assert.deepEqual(
      (await open().list()).map(({ name, state }) => `${name} ${state}`),
      ['tsa retiring', 'tsa.v2 active'],
    );
  });

  it('takes up a key that a crash left without a life', async () => {
    await open().create(tsa);
    const pending = await open().prepare('tsa');
    rmSync(file('tsa.life.1.json'));
    assert.deepEqual((await open().family('tsa')).length, 1);
    assert.deepEqual((await open().examine()).at(-1), { name: 'tsa.v2', fault: 'belongs to no family' });
    assert.deepEqual((await open().prepare('tsa')).spki, pending.spki);
  });

  it('refuses a life that was edited, cut, made under another key-encryption key, or taken from another family', async () => {
    await open().create(tsa);
    await open().create({ ...tsa, name: 'other' });
    await open().change('tsa', 'retire');
    await open().change('other', 'retire');
    const life = readFileSync(file('tsa.life.1.json'), 'utf8');
    for (const content of [
      life.replace('retired', 'active'),
      life.slice(0, 50),
      '{}',
      readFileSync(file('other.life.1.json'), 'utf8'),
    ]) {
      writeFileSync(file('tsa.life.1.json'), content);
      await assert.rejects(open().signer('tsa', 'time-stamp'), (error) => isTrustError(error, 'key-unavailable'));
    }
    writeFileSync(file('tsa.life.1.json'), life);
    await assert.rejects(open(8).family('tsa'), (error) => isTrustError(error, 'key-unavailable'));
    await assert.rejects(open().signer('tsa', 'time-stamp'), wrongState);
  });

  it('does not rotate a key that is the identity of its holder', async () => {
    for (const purpose of ['root-ca', 'issuing-ca', 'seal', 'log'] as const) {
      await open().create({ name: purpose, purpose, algorithm: 'ES256' });
      await assert.rejects(open().prepare(purpose), (error) => isTrustError(error, 'key-purpose-wrong'));
    }
  });

  it('says key-not-found of a deed on a key that is not there', async () => {
    const store = open();
    const missing = (error: unknown) => isTrustError(error, 'key-not-found');
    await assert.rejects(store.prepare('none'), missing);
    await assert.rejects(store.change('none', 'retire'), missing);
    await assert.rejects(store.change('../x', 'retire'), missing);
  });
});
