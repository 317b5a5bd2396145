// What can be given under a mandate (授权), and the party that a token names; docs/mandates.md.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type Appointer,
  allows,
  permittedTerms,
  requireRecentPerson,
  requireTerm,
} from '../../../src/identity/mandates/mandate-rules.ts';
import { maskedName } from '../../../src/identity/mandates/mandates.ts';
import { sandboxOrganisationRegister } from '../../../src/identity/mandates/organisation-register.ts';
import { mandateIn, partyClaim } from '../../../src/identity/mandates/party-claim.ts';
import { addSeconds, moment } from '../../../src/kernel/clock.ts';
import { mandateScopes } from '../../../src/kernel/mandate-scopes.ts';
import { anonymous, house, type RepresentedParty } from '../../../src/kernel/principal.ts';

const now = moment('2026-11-22T00:00:00Z');
const day = 86_400;
const inAYear = addSeconds(now, 365 * day);
const representative: Appointer = { role: 'representative', scope: mandateScopes, validUntil: inAYear };
const terms = { scope: ['seal:use'] as const, validUntil: inAYear, purpose: '用印' };
const refused = (code: string) => ({ code });

describe('docs/mandates.md: nobody gives more than they have', () => {
  it('lets a representative give every scope, in the order of the list and each once', () => {
    const wanted = { ...terms, scope: [...mandateScopes].reverse().flatMap((word) => [word, word]) };
    assert.deepEqual(permittedTerms(representative, wanted, now).scope, mandateScopes);
  });

  it('never lets an agent give what the own mandate does not allow', () => {
    const some = fc.subarray([...mandateScopes]);
    fc.assert(
      fc.property(some, some, (own, wanted) => {
        const agent: Appointer = { role: 'agent', scope: own, validUntil: inAYear };
        const give = () => permittedTerms(agent, { ...terms, scope: wanted }, now).scope;
        const within = wanted.every((word) => allows(own, word)) && !wanted.includes('organisation:manage');
        if (within && wanted.length > 0) assert.deepEqual(give(), wanted);
        else assert.throws(give, refused(wanted.length === 0 ? 'malformed-request' : 'forbidden'));
      }),
    );
  });

  it('keeps an agent who is narrowed to seals to those seals', () => {
    const agent: Appointer = { role: 'agent', scope: mandateScopes, sealIds: ['seal_a'], validUntil: inAYear };
    assert.deepEqual(permittedTerms(agent, { ...terms, sealIds: ['seal_a', 'seal_a'] }, now).sealIds, ['seal_a']);
    assert.throws(() => permittedTerms(agent, { ...terms, sealIds: ['seal_b'] }, now), refused('forbidden'));
    assert.throws(() => permittedTerms(agent, terms, now), refused('forbidden'));
    assert.equal(permittedTerms(agent, { ...terms, scope: ['licence:apply'] }, now).sealIds, undefined);
  });

  it('gives a number of uses with the use of seals only, and who has a number passes no use on', () => {
    assert.equal(permittedTerms(representative, { ...terms, maxUses: 3 }, now).maxUses, 3);
    for (const maxUses of [0, 1.5, 100_001])
      assert.throws(() => permittedTerms(representative, { ...terms, maxUses }, now), refused('malformed-request'));
    const reading = { ...terms, scope: ['seal:read'] as const };
    assert.throws(() => permittedTerms(representative, { ...reading, maxUses: 3 }, now), refused('malformed-request'));
    const counted: Appointer = { role: 'agent', scope: mandateScopes, maxUses: 5, validUntil: inAYear };
    assert.throws(() => permittedTerms(counted, terms, now), refused('forbidden'));
    assert.deepEqual(permittedTerms(counted, reading, now).scope, ['seal:read']);
  });

  it('ends every mandate within three years, and an agent’s agent with the agent', () => {
    const agent = { role: 'agent', validUntil: inAYear } as const;
    requireTerm(representative, addSeconds(now, 3 * 365 * day), now);
    requireTerm(agent, inAYear, now);
    for (const end of [now, addSeconds(now, 3 * 366 * day)])
      assert.throws(() => requireTerm(representative, end, now), refused('malformed-request'));
    assert.throws(() => requireTerm(agent, addSeconds(inAYear, 1), now), refused('forbidden'));
  });

  it('refuses a purpose that is blank, too long or does not read as it is written, and a list of no seals', () => {
    for (const purpose of [' ', '长'.repeat(201), '用印\u202e'])
      assert.throws(() => permittedTerms(representative, { ...terms, purpose }, now), refused('malformed-request'));
    assert.throws(() => permittedTerms(representative, { ...terms, sealIds: [] }, now), refused('malformed-request'));
  });

  it('reads seal:use as containing seal:read, and nothing else as containing anything', () => {
    assert.ok(allows(['seal:use'], 'seal:read'));
    assert.ok(!allows(['seal:read'], 'seal:use'));
    assert.ok(!allows(['organisation:manage'], 'seal:read'));
  });
});

describe('RFC 9470: appointing asks for a recent sign-in', () => {
  const person = { ...anonymous, kind: 'person', accountId: 'acc_1' } as const;

  it('takes one of five minutes ago and no older, and says how recent it must be', () => {
    assert.equal(requireRecentPerson({ ...person, authenticatedAt: addSeconds(now, -300) }, now), 'acc_1');
    assert.throws(() => requireRecentPerson({ ...person, authenticatedAt: addSeconds(now, -301) }, now), {
      code: 'step-up-required',
      details: { maxAgeSeconds: 300 },
    });
    assert.throws(() => requireRecentPerson(person, now), refused('step-up-required'));
  });

  it('is for people', () => {
    assert.throws(() => requireRecentPerson({ ...house, authenticatedAt: now }, now), refused('forbidden'));
  });
});

describe('represented_party', () => {
  const party: RepresentedParty = {
    organisationId: 'org_1',
    uscc: '91990000XTEXT000XQ',
    name: '测试有限公司',
    mandateId: 'man_1',
    role: 'agent',
    scope: ['seal:use'],
    validUntil: inAYear,
  };

  it('says organisation, role, mandate, scope and end, and the name only where names are known', () => {
    const claim = {
      organisation: 'org_1',
      uscc: '91990000XTEXT000XQ',
      role: 'agent',
      mandate: 'man_1',
      scope: ['seal:use'],
      exp: inAYear.getTime() / 1000,
    };
    assert.deepEqual(partyClaim(party, { withName: false }), claim);
    assert.deepEqual(partyClaim({ ...party, sealIds: ['seal_a'] }, { withName: true }), {
      ...claim,
      name: '测试有限公司',
      seals: ['seal_a'],
    });
  });

  it('is read by its mandate alone', () => {
    assert.equal(mandateIn(partyClaim(party, { withName: false })), 'man_1');
    for (const claim of [undefined, null, 'man_1', { mandate: 1 }, []]) assert.equal(mandateIn(claim), undefined);
  });

  it('shows of a name what tells a wrong person from the right one', () => {
    assert.equal(maskedName('测试甲'), '测**');
    assert.equal(maskedName('𠮷一'), '𠮷*');
    assert.equal(maskedName(''), '');
  });
});

describe('the sandbox’s register of organisations', () => {
  const person = { name: '测试辛', idNumber: '990000199202140010' };
  const register = sandboxOrganisationRegister([
    { uscc: '91990000XTEXT000XQ', name: '测试有限公司', representative: person },
    { uscc: '91350100M000100Y43', name: '真实公司', representative: person },
  ]);

  it('names the representative, and answers all else alike', async () => {
    assert.deepEqual(await register.representative('91990000XTEXT000XQ', person, 'r1'), {
      result: 'representative',
      name: '测试有限公司',
      reference: 'sandbox-r1',
    });
    const others = [
      register.representative('91990000XTEXT000XQ', { ...person, name: '测试甲' }, 'r2'),
      register.representative('11990000000000000D', person, 'r3'),
      register.representative('91350100M000100Y43', person, 'r4'),
    ];
    assert.deepEqual(
      await Promise.all(others),
      others.map(() => ({ result: 'mismatch' })),
    );
  });
});
