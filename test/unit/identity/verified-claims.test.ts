// What `verified_claims` asks for and what is answered; OpenID Connect for Identity Assurance 1.0, sections 5.3 to 5.7.

import assert from 'node:assert/strict';
import { readVerifiedClaims } from '../../../src/identity/levels/verified-claims-request.ts';
import { verifiedClaims, type VerifiedFacts } from '../../../src/identity/levels/verified-claims.ts';
import { verifiedFacts } from '../../../src/identity/levels/verified-facts.ts';
import { moment } from '../../../src/kernel/clock.ts';

const person = { name: '测试甲', idType: 'resident-id', idNumber: '990000199003070013' } as const;
const establishedAt = moment('2026-05-22T08:30:40Z');
const now = moment('2026-11-22T08:00:00Z');
const held = (
  level: 2 | 3 | 4 | 5,
  method: 'self-stated' | 'population-register' | 'face' | 'bank-card' | 'in-person',
) => ({ level, method, source: 'population-gateway', reference: 'R-1', establishedAt, expiresAt: undefined }) as const;

const byFace = verifiedFacts(person, [held(4, 'face'), held(3, 'population-register')]);
const byBank = verifiedFacts(person, [held(4, 'bank-card'), held(3, 'population-register')]);
const all = new Set(['name', 'birthdate', 'gender', 'nationalities', 'x_resident_id']);

function ask(request: unknown, facts: VerifiedFacts | undefined = byFace, agreed: ReadonlySet<string> = all) {
  const requests = readVerifiedClaims(request);
  if (typeof requests === 'string') assert.fail(requests);
  assert.ok(facts !== undefined);
  return verifiedClaims(requests, facts, { agreed, now });
}
const framework = { trust_framework: null };
const claims = { name: null };

describe('OpenID Connect for Identity Assurance 1.0: answering verified_claims', () => {
  it('5.1: says what was asked for and nothing else', () => {
    assert.deepEqual(ask({ verification: framework, claims }), {
      verification: { trust_framework: 'x_cn_realname' },
      claims: { name: '测试甲' },
    });
    const more = { trust_framework: null, assurance_level: null, time: null };
    assert.deepEqual(
      ask({
        verification: more,
        claims: { birthdate: {}, gender: { essential: false }, x_resident_id: null, nationalities: null },
      }),
      {
        verification: { trust_framework: 'x_cn_realname', assurance_level: '4', time: '2026-05-22T08:30Z' },
        claims: {
          birthdate: '1990-03-07',
          gender: 'male',
          x_resident_id: '990000199003070013',
          nationalities: ['CHN'],
        },
      },
    );
  });

  it('5.4: filters evidence by its type and by how it was checked, and shows it as the filter asks', () => {
    const evidence = (checkMethod: string) => [
      {
        type: { value: 'electronic_record' },
        check_details: [{ check_method: { value: checkMethod }, organization: null }],
      },
    ];
    const asked = (checkMethod: string) => ({
      verification: { ...framework, evidence: evidence(checkMethod) },
      claims,
    });
    assert.deepEqual(ask(asked('bvr')), {
      verification: {
        trust_framework: 'x_cn_realname',
        evidence: [
          { type: 'electronic_record', check_details: [{ check_method: 'bvr', organization: 'population-gateway' }] },
        ],
      },
      claims: { name: '测试甲' },
    });
    assert.equal(ask(asked('bvr'), byBank), undefined, 'a bank card is no look at a face');
    assert.equal(ask(asked('vpip')), undefined);
    const eitherType = [{ type: { value: 'document' } }, { type: { value: 'electronic_record' }, time: null }];
    assert.deepEqual(ask({ verification: { ...framework, evidence: eitherType }, claims }), {
      verification: {
        trust_framework: 'x_cn_realname',
        evidence: [
          { type: 'electronic_record', time: '2026-05-22T08:30Z' },
          { type: 'electronic_record', time: '2026-05-22T08:30Z' },
        ],
      },
      claims: { name: '测试甲' },
    });
  });

  it('5.5.1 and 5.7.4: a requirement on the verification takes the whole element away, one on a claim that claim', () => {
    assert.equal(ask({ verification: { trust_framework: { value: 'eidas' } }, claims }), undefined);
    assert.notEqual(
      ask({ verification: { trust_framework: { values: ['eidas', 'x_cn_realname'] } }, claims }),
      undefined,
    );
    assert.equal(ask({ verification: { ...framework, assurance_level: { value: '5' } }, claims }), undefined);
    assert.deepEqual(
      ask({ verification: framework, claims: { name: { value: '测试乙' }, gender: { values: ['male', 'female'] } } }),
      {
        verification: { trust_framework: 'x_cn_realname' },
        claims: { gender: 'male' },
      },
    );
    assert.equal(
      ask({ verification: framework, claims: { name: { value: '测试乙' } } }),
      undefined,
      'no claim is left',
    );
    assert.equal(
      ask({ verification: { ...framework, x_other: { value: 1 } }, claims }),
      undefined,
      'a requirement that is not understood',
    );
    assert.deepEqual(
      ask({ verification: { ...framework, x_other: null }, claims }),
      ask({ verification: framework, claims }),
    );
  });

  it('5.5.2: max_age counts from the last second of the time to the request', () => {
    const ageSeconds = (now.getTime() - moment('2026-05-22T08:30:59Z').getTime()) / 1000;
    const asked = (maxAge: number) => ask({ verification: { ...framework, time: { max_age: maxAge } }, claims });
    assert.notEqual(asked(ageSeconds), undefined);
    assert.equal(asked(ageSeconds - 1), undefined);
    assert.equal(ask({ verification: framework, claims: { birthdate: { max_age: 1 } } }), undefined);
  });

  it('5.6: answers each element of a list by itself', () => {
    const list = [
      { verification: { trust_framework: { value: 'eidas' } }, claims },
      { verification: framework, claims },
      { verification: framework, claims: { gender: null } },
    ];
    const answer = ask(list);
    assert.ok(Array.isArray(answer));
    assert.deepEqual(
      answer.map((element) => element.claims),
      [{ name: '测试甲' }, { gender: 'male' }],
    );
    assert.equal(ask(list.slice(0, 1)), undefined);
  });

  it('5.7.3: releases no claim that was not agreed to', () => {
    const asked = { verification: framework, claims: { name: null, x_resident_id: null } };
    assert.deepEqual(ask(asked, byFace, new Set(['name'])), {
      verification: { trust_framework: 'x_cn_realname' },
      claims: { name: '测试甲' },
    });
    assert.equal(ask(asked, byFace, new Set()), undefined);
  });

  it('knows no fact by the names that every object has', () => {
    const asked = JSON.parse(
      '{"verification":{"trust_framework":null,"__proto__":null},"claims":{"name":null,"constructor":null,"__proto__":null}}',
    ) as unknown;
    assert.deepEqual(ask(asked), { verification: { trust_framework: 'x_cn_realname' }, claims: { name: '测试甲' } });
  });

  it('verifies nothing below level 3, and says of a window that the document was seen', () => {
    assert.equal(verifiedFacts(person, [held(2, 'self-stated')]), undefined);
    const window = ask(
      {
        verification: {
          ...framework,
          evidence: [{ type: { value: 'document' }, check_details: [{ check_method: null }], document_details: null }],
        },
        claims,
      },
      verifiedFacts(person, [held(5, 'in-person')]),
    );
    assert.ok(window !== undefined && 'verification' in window);
    assert.deepEqual(window.verification['evidence'], [
      {
        type: 'document',
        check_details: [{ check_method: 'vpip' }, { check_method: 'pvp' }],
        document_details: { type: 'idcard' },
      },
    ]);
  });
});

describe('OpenID Connect for Identity Assurance 1.0: malformed requests', () => {
  const malformed: Record<string, unknown> = {
    nothing: null,
    'an empty list': [],
    'a text': 'name',
    'no verification': { claims },
    'no claims': { verification: framework },
    'no claim': { verification: framework, claims: {} },
    'a member that is none': { verification: framework, claims, more: 1 },
    'no trust framework': { verification: {}, claims },
    'a trust framework by text': { verification: { trust_framework: 'x_cn_realname' }, claims },
    'evidence that is no list': { verification: { ...framework, evidence: { type: null } }, claims },
    'evidence without a type': { verification: { ...framework, evidence: [{ time: null }] }, claims },
    'evidence with several types': {
      verification: { ...framework, evidence: [{ type: { values: ['document'] } }] },
      claims,
    },
    'evidence of any type': { verification: { ...framework, evidence: [{ type: null }] }, claims },
    'value and values': { verification: framework, claims: { name: { value: '1', values: ['1'] } } },
    'values that are none': { verification: framework, claims: { name: { values: [] } } },
    'too many values': { verification: framework, claims: { name: { values: Array.from({ length: 21 }, String) } } },
    'a claim by truth': { verification: framework, claims: { name: true } },
    'essential by text': { verification: framework, claims: { name: { essential: 'yes' } } },
    'an age before birth': { verification: { ...framework, time: { max_age: -1 } }, claims },
    'an age by text': { verification: { ...framework, time: { max_age: '1' } }, claims },
    'a purpose of one letter': { verification: framework, claims: { name: { purpose: 'x' } } },
    'too many elements': Array.from({ length: 6 }, () => ({ verification: framework, claims })),
    'too many claims': {
      verification: framework,
      claims: Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`c${i}`, null])),
    },
    'depth without end': { verification: { ...framework, x: deep(9) }, claims },
  };
  for (const [what, request] of Object.entries(malformed)) {
    it(`refuses ${what}, in words`, () => {
      assert.equal(typeof readVerifiedClaims(request), 'string');
    });
  }
});

function deep(levels: number): unknown {
  return levels === 0 ? null : { down: deep(levels - 1) };
}
