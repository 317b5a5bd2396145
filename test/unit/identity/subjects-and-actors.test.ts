// Pairwise subjects and the chain of actors, as pure rules; OpenID Connect Core 1.0 section 8.1, RFC 8693 section 4.1.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FieldCipher } from '../../../src/crypto/field-cipher.ts';
import { actOf, actorsIn, actorsWith, maxActors } from '../../../src/identity/grants/actor-chain.ts';
import { accountOfSubject, sealedAccount, Subjects } from '../../../src/identity/tokens/subjects.ts';
import { frozenClock } from '../../../src/kernel/clock.ts';
import { newId } from '../../../src/kernel/ids.ts';

const cipher = new FieldCipher({ keyEncryptionKey: new Uint8Array(32).fill(7) });
const clock = frozenClock('2026-11-22T00:00:00Z');

describe('OpenID Connect Core 8.1: pairwise subjects', () => {
  const client = (sector: string | undefined, redirectUris: string[] = []) => ({
    subjectType: 'pairwise',
    redirectUris,
    metadata: () => (sector === undefined ? {} : { sector }),
  });
  const subjects = new Subjects({ cipher });
  const accountId = newId('account', clock);

  it('are the same for every client of a sector, and different for every sector, account and house', () => {
    const here = subjects.of(accountId, client('city.example'));
    assert.equal(subjects.of(accountId, client('city.example')), here);
    assert.equal(subjects.of(accountId, client(undefined, ['https://city.example/in'])), here);
    assert.notEqual(subjects.of(accountId, client('town.example')), here);
    assert.notEqual(subjects.of(newId('account', clock), client('city.example')), here);
    const elsewhere = new Subjects({ cipher: new FieldCipher({ keyEncryptionKey: new Uint8Array(32).fill(8) }) });
    assert.notEqual(elsewhere.of(accountId, client('city.example')), here);
    assert.match(here, /^pw-[A-Za-z0-9_-]{43}$/);
    assert.equal(subjects.of(accountId, { metadata: () => ({}) }), accountId);
  });

  it('are led back to the account by what is sealed in the same token only', () => {
    const sub = subjects.pairwise(accountId, 'city.example');
    const account = sealedAccount(accountId, 'token-1', cipher);
    assert.equal(accountOfSubject({ sub, jti: 'token-1', account }, cipher), accountId);
    assert.throws(() => accountOfSubject({ sub, jti: 'token-2', account }, cipher), { code: 'key-unavailable' });
    assert.equal(accountOfSubject({ sub, jti: 'token-1' }, cipher), undefined);
    assert.equal(accountOfSubject({ sub: accountId, jti: 'token-1', account: 7 }, cipher), undefined);
    assert.equal(accountOfSubject({ sub: accountId, jti: 'token-1' }, cipher), accountId);
  });
});

describe('RFC 8693 4.1: the chain of actors', () => {
  it('reads back what it writes, and nothing that is longer or says more', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z0-9-]{3,12}$/), { maxLength: maxActors + 2 }), (actors) => {
        const read = actorsIn(actOf(actors));
        if (actors.length > maxActors) assert.equal(read, undefined);
        else assert.deepEqual(read, actors);
      }),
    );
    for (const claim of ['portal', [], { act: { sub: 'x' } }, { sub: '' }, { sub: 'x', iss: 'y' }, null])
      assert.equal(actorsIn(claim), undefined, JSON.stringify(claim));
  });

  it('puts the present actor outermost, once, and ends where it would grow too long', () => {
    assert.deepEqual(actorsWith('b', ['a']), ['b', 'a']);
    assert.deepEqual(actorsWith('a', ['a']), ['a']);
    assert.equal(actorsWith('z', ['a', 'b', 'c', 'd']), undefined);
  });
});
