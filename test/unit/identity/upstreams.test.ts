// Platforms that people may come from: what their file may say, and what is made of what they say; docs/upstream.md.

import assert from 'node:assert/strict';
import { FieldCipher } from '../../../src/crypto/field-cipher.ts';
import { arrivalOf, ArrivalSeal } from '../../../src/identity/upstream/upstream-arrival.ts';
import { methodsOf } from '../../../src/identity/upstream/upstream-source.ts';
import { strengthOf } from '../../../src/identity/levels/levels.ts';
import { frozenClock } from '../../../src/kernel/clock.ts';
import { readUpstreams } from '../../../src/upstreams-file.ts';

const one = {
  id: 'province',
  name: '省平台',
  nameEn: 'Province',
  issuer: 'https://id.example',
  clientId: 'yinxin',
  clientSecret: 'a secret of sixteen',
  levels: { high: 4 },
  person: { name: 'name', idNumber: 'id_number' },
};

function source() {
  const read = readUpstreams(JSON.stringify([one]), { https: true });
  const [first] = typeof read === 'string' ? [] : read;
  if (first === undefined) throw new Error(JSON.stringify(read));
  return first;
}

describe('platforms in UPSTREAMS_FILE', () => {
  it('have defaults that promise little', () => {
    const { scopes, otherwise, evidenceDays, idTokenAlg, levels } = source();
    assert.deepEqual([scopes, otherwise, evidenceDays, idTokenAlg], [['openid'], 1, 90, 'RS256']);
    assert.deepEqual([...levels], [['high', 4]]);
  });

  for (const [fault, text, said] of [
    ['no JSON', '{', /list of platforms/],
    ['a member that is none', JSON.stringify([{ ...one, secret: 'x' }]), /unrecognized_keys/],
    ['a level that does not exist', JSON.stringify([{ ...one, levels: { high: 6 } }]), /0\.levels\.high/],
    ['level 4 for a login of which nothing is said', JSON.stringify([{ ...one, otherwise: 4 }]), /list of platforms/],
    ['a short secret', JSON.stringify([{ ...one, clientSecret: 'short' }]), /0\.clientSecret too_small/],
    ['an id twice', JSON.stringify([one, one]), /twice/],
    ['plain http in production', JSON.stringify([{ ...one, issuer: 'http://id.example' }]), /https/],
  ] as const) {
    it(`are refused with ${fault}, without a word of the secret`, () => {
      const read = readUpstreams(text, { https: true });
      assert.ok(typeof read === 'string', 'it was taken');
      assert.match(read, said);
      assert.doesNotMatch(read, /secret of sixteen|short/);
    });
  }
});

describe('who comes from a platform', () => {
  it('has the level that the deployment gives to the login, and no other', () => {
    assert.equal(arrivalOf(source(), { sub: 'a', acr: 'high' })?.level, 4);
    for (const acr of ['HIGH', 'other', 4, ['high'], undefined, 'constructor', '__proto__'])
      assert.equal(arrivalOf(source(), { sub: 'a', acr })?.level, 1, String(acr));
    assert.equal(arrivalOf(source(), { acr: 'high' }), undefined);
    assert.deepEqual(
      ([1, 3, 4, 5] as const).map((level) => strengthOf(methodsOf(level))),
      [3, 3, 4, 5],
    );
  });

  it('is a person with a name and a good number, or none', () => {
    const good = { sub: 'a', name: '测试丙', id_number: '990000190001010016' };
    assert.deepEqual(arrivalOf(source(), good)?.person, {
      name: '测试丙',
      idType: 'resident-id',
      idNumber: '990000190001010016',
    });
    for (const bad of [
      { id_number: '990000190001010017' },
      { id_number: 990000190001010000 },
      { name: '测试\u202e丙' },
      { name: '' },
      { name: '测'.repeat(61) },
      { name: ['测试丙'] },
    ])
      assert.equal(arrivalOf(source(), { ...good, ...bad })?.person, undefined, JSON.stringify(bad));
  });

  it('is kept sealed for one sign-in and a quarter of an hour', () => {
    const clock = frozenClock('2026-11-21T08:00:00Z');
    const seal = new ArrivalSeal({ cipher: new FieldCipher({ keyEncryptionKey: new Uint8Array(32).fill(7) }), clock });
    const arrival = { upstream: 'province', sub: 'a', level: 4, linking: true } as const;
    const sealed = seal.seal(arrival, 'uid-1');
    assert.deepEqual(seal.open(sealed, 'uid-1'), arrival);
    assert.equal(seal.open(sealed, 'uid-2'), undefined);
    assert.equal(seal.open(`${sealed.slice(0, -2)}AA`, 'uid-1'), undefined);
    assert.equal(seal.open('', 'uid-1'), undefined);
    clock.advance(15 * 60_000 + 1000);
    assert.equal(seal.open(sealed, 'uid-1'), undefined);
  });
});
