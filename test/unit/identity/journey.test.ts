// What a sign-in asks next, and what its proofs can stand for; RFC 8176, RFC 9470, docs/levels.md.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  amrOf,
  type JourneyFacts,
  laterSteps,
  nextStep,
  provenStrength,
  together,
} from '../../../src/identity/sign-in/journey.ts';
import { lowerLevel } from '../../../src/identity/levels/levels.ts';
import type { RealNameLevel } from '../../../src/kernel/principal.ts';

const proof = (...amr: string[]) => ({ amr, counting: amr });
const password = proof('pwd');
const passkey = proof('hwk', 'user', 'mfa');

function facts(more: Partial<JourneyFacts> = {}): JourneyFacts {
  return {
    proven: password,
    floor: 0,
    accountLevel: 4,
    furtherFactors: [],
    secondFactorAlways: false,
    raiseLevel: false,
    chooseParty: false,
    consent: false,
    passed: [],
    ...more,
  };
}

describe('the journey of a sign-in', () => {
  it('ends after one factor when nothing more is wanted', () => {
    assert.equal(nextStep(facts()), 'settle');
    assert.equal(nextStep(facts({ floor: 3 })), 'settle');
  });

  it('asks for a second factor where the client wants more, and where the person has one', () => {
    const factors = { furtherFactors: [proof('otp')] };
    assert.equal(nextStep(facts({ ...factors })), 'settle');
    assert.equal(nextStep(facts({ ...factors, floor: 4 })), 'second-factor');
    assert.equal(nextStep(facts({ ...factors, secondFactorAlways: true })), 'second-factor');
    const both = together(password, proof('otp'));
    assert.equal(nextStep(facts({ proven: both, floor: 4, secondFactorAlways: true })), 'settle');
  });

  it('asks for no factor that would not help: two things held are one factor, a passkey is two', () => {
    const texted = { proven: proof('sms'), secondFactorAlways: true };
    assert.equal(nextStep(facts({ ...texted, furtherFactors: [proof('otp')] })), 'settle');
    assert.equal(nextStep(facts({ ...texted, furtherFactors: [proof('otp'), password] })), 'second-factor');
    assert.equal(
      nextStep(facts({ proven: passkey, secondFactorAlways: true, furtherFactors: [password, proof('otp')] })),
      'settle',
    );
    const five = { proven: together(password, proof('otp')), floor: 5, accountLevel: 5 } as const;
    assert.equal(nextStep(facts({ ...five, furtherFactors: [passkey] })), 'second-factor');
    assert.equal(nextStep(facts({ ...five, furtherFactors: [proof('sms')] })), 'unmet');
  });

  it('raises the level, then chooses the party, then asks for consent, each once', () => {
    const low = { accountLevel: 2, floor: 3, raiseLevel: true, chooseParty: true, consent: true } as const;
    assert.equal(nextStep(facts(low)), 'raise-level');
    assert.equal(nextStep(facts({ ...low, passed: ['raise-level'] })), 'unmet');
    assert.equal(nextStep(facts({ ...low, accountLevel: 3, passed: ['raise-level'] })), 'choose-party');
    assert.equal(nextStep(facts({ ...low, accountLevel: 3, passed: ['raise-level', 'choose-party'] })), 'consent');
    assert.equal(nextStep(facts({ ...low, accountLevel: 3, passed: [...laterSteps] })), 'settle');
  });

  it('holds a login with a factor that was just bound at level 3', () => {
    const young = { amr: ['pwd', 'otp'], counting: ['pwd'] };
    assert.equal(provenStrength(young), 3);
    assert.equal(nextStep(facts({ proven: young, floor: 4 })), 'unmet');
    assert.equal(provenStrength({ amr: ['hwk', 'user', 'mfa'], counting: [] }), 3);
    assert.equal(provenStrength(together(young, proof('sms'))), 4, 'the older ones count as before');
  });

  it('RFC 8176: says mfa for more than one factor', () => {
    assert.deepEqual(amrOf(password), ['pwd']);
    assert.deepEqual(amrOf(together(password, proof('otp'))), ['pwd', 'otp', 'mfa']);
    assert.deepEqual(amrOf(passkey), ['hwk', 'user', 'mfa']);
  });

  it('comes to an end from everywhere, and settles only what satisfies the client', () => {
    const names = ['pwd', 'otp', 'sms', 'swk', 'hwk', 'user', 'mfa', 'face'];
    const anyProof = fc.record({ amr: fc.subarray(names), counting: fc.subarray(names) }).map(({ amr, counting }) => ({
      amr,
      counting: counting.filter((name) => amr.includes(name)),
    }));
    const level = fc.constantFrom<RealNameLevel>(0, 1, 2, 3, 4, 5);
    fc.assert(
      fc.property(
        fc.record<JourneyFacts>({
          proven: anyProof.filter(({ amr }) => amr.length > 0),
          floor: fc.constantFrom(0, 1, 2, 3, 4, 5, Infinity),
          accountLevel: level,
          furtherFactors: fc.array(anyProof, { maxLength: 4 }),
          secondFactorAlways: fc.boolean(),
          raiseLevel: fc.boolean(),
          chooseParty: fc.boolean(),
          consent: fc.boolean(),
          passed: fc.constant([]),
        }),
        (start) => {
          let now = start;
          for (let asked = 0; asked <= start.furtherFactors.length + laterSteps.length; asked++) {
            const step = nextStep(now);
            const strength = lowerLevel(now.accountLevel, provenStrength(now.proven));
            if (step === 'settle') return strength >= now.floor;
            if (step === 'unmet') return strength < now.floor;
            if (step === 'second-factor') {
              const [first, ...others] = now.furtherFactors;
              if (first === undefined) return false;
              now = { ...now, proven: together(now.proven, first), furtherFactors: others };
            } else {
              if (now.passed.includes(step)) return false;
              now = { ...now, passed: [...now.passed, step] };
            }
          }
          return false;
        },
      ),
    );
  });
});
