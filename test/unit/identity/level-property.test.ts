// Whatever happens in whatever order, no token carries more than the evidence nor less than the client's floor: a model of accounts,
// sign-ins, tokens and mandates over the rules that the service itself uses; docs/levels.md.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  counts,
  type CountedEvidence,
  type EvidenceMethod,
  evidenceMethods,
  expiryOf,
  highestUnprovenLevel,
  isEvidenceMethod,
  levelOf,
  levelOfMethod,
} from '../../../src/identity/levels/evidence-rules.ts';
import { highestOnlineLevel } from '../../../src/identity/levels/identity-checks.ts';
import {
  type LaterStep,
  nextStep,
  type Proven,
  provenStrength,
  together,
} from '../../../src/identity/sign-in/journey.ts';
import {
  acrOf,
  acrWish,
  answeredLevel,
  exchangedLevel,
  levelOfAcr,
  lowerLevel,
  stillStands,
} from '../../../src/identity/levels/levels.ts';
import { agentLevel, allows, permittedTerms } from '../../../src/identity/mandates/mandate-rules.ts';
import { faceProof } from '../../../src/identity/levels/raise-level-step.ts';
import { addSeconds, moment } from '../../../src/kernel/clock.ts';
import { TrustError } from '../../../src/kernel/errors.ts';
import type { MandateScope } from '../../../src/kernel/mandate-scopes.ts';
import type { RealNameLevel } from '../../../src/kernel/principal.ts';

const sequences = 10_000;
/** The same sequences at every run; a failure prints seed and path, and the shortest sequence that fails. */
const seed = 20_261_122;

const daySeconds = 24 * 3600;
const levels = [0, 1, 2, 3, 4, 5] as const;
const methods = Object.keys(evidenceMethods).filter(isEvidenceMethod);
const logins: readonly Proven[] = [['pwd'], ['sms'], ['hwk', 'pin'], ['pwd', 'otp'], ['face', 'pwd']].map((amr) => ({
  amr,
  counting: amr,
}));

interface Piece extends CountedEvidence {
  readonly method: EvidenceMethod;
}
interface Mandate {
  readonly scope: readonly MandateScope[];
  readonly validUntil: Date;
}
/** What a code, a refresh token or an exchanged token stands on. */
interface Basis {
  readonly acr: string | undefined;
  readonly client: number;
  readonly mandate: Mandate | undefined;
}
interface Session {
  readonly acr: string | undefined;
}
/** How often what the property is about happened. */
type Seen = Record<'issued' | 'refused' | 'raised' | 'lost' | 'exchanged' | 'acting', number>;

const command = fc.oneof(
  fc.record({
    do: fc.constant('verify'),
    method: fc.constantFrom(...methods),
    days: fc.integer({ min: -1, max: 500 }),
  }),
  fc.record({ do: fc.constant('wait'), days: fc.integer({ min: 0, max: 400 }) }),
  fc.record({ do: fc.constant('withdraw'), method: fc.constantFrom(...methods) }),
  fc.record({ do: fc.constant('rename') }),
  fc.record({ do: fc.constant('raise-floor'), client: fc.nat(2), floor: fc.constantFrom(...levels) }),
  fc.record({
    do: fc.constant('sign-in'),
    client: fc.nat(2),
    login: fc.constantFrom(...logins),
    // Asked for: acr_values, an essential acr, both or neither.
    voluntary: fc.subarray([...levels], { maxLength: 2 }),
    essential: fc.option(fc.subarray([...levels], { minLength: 1 })),
    faceMatches: fc.boolean(),
  }),
  fc.record({ do: fc.constant('single-sign-on'), client: fc.nat(2), voluntary: fc.subarray([...levels]) }),
  fc.record({ do: fc.constant('refresh'), token: fc.nat(20) }),
  fc.record({ do: fc.constant('exchange'), token: fc.nat(20), client: fc.nat(2) }),
  fc.record({
    do: fc.constant('appoint'),
    scope: fc.subarray<MandateScope>(['seal:read', 'seal:use', 'licence:apply', 'organisation:manage'], {
      maxLength: 2,
    }),
    days: fc.integer({ min: -1, max: 900 }),
  }),
  fc.record({ do: fc.constant('revoke-mandate') }),
);
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

describe('docs/levels.md: what tokens carry, in any order of deeds', () => {
  it(`holds over ${sequences} random sequences of verify, expire, downgrade, step-up, refresh, exchange and mandate`, () => {
    const seen: Seen = { issued: 0, refused: 0, raised: 0, lost: 0, exchanged: 0, acting: 0 };
    fc.assert(
      fc.property(fc.array(command, { minLength: 4, maxLength: 24, size: 'max' }), (commands) => {
        const world = new World(seen);
        for (const each of commands) world.perform(each);
      }),
      { numRuns: sequences, seed },
    );
    // A model in which nothing happens proves nothing.
    for (const [what, times] of Object.entries(seen)) assert.ok(times > 500, `${what}: only ${times}`);
  });
});

class World {
  readonly #seen: Seen;
  readonly #floors: RealNameLevel[] = [0, 3, 4];
  #now = moment('2026-11-22T08:00:00Z');
  #evidence: Piece[] = [];
  #session: Session | undefined;
  #mandate: Mandate | undefined;
  readonly #tokens: Basis[] = [];

  constructor(seen: Seen) {
    this.#seen = seen;
  }

  get #level(): RealNameLevel {
    return levelOf(this.#evidence, this.#now);
  }

  perform(deed: Command): void {
    const before = this.#level;
    switch (deed.do) {
      case 'verify':
        this.#establish(deed.method, addSeconds(this.#now, deed.days * daySeconds));
        break;
      case 'wait':
        this.#now = addSeconds(this.#now, deed.days * daySeconds);
        break;
      case 'withdraw':
        this.#withdraw(({ method }) => method === deed.method);
        break;
      case 'rename':
        this.#withdraw(({ level }) => level > highestUnprovenLevel);
        assert.ok(this.#level <= highestUnprovenLevel);
        break;
      case 'raise-floor':
        this.#floors[deed.client] = deed.floor;
        break;
      case 'sign-in':
        this.#signIn(deed);
        break;
      case 'single-sign-on':
        this.#singleSignOn(deed.client, deed.voluntary);
        break;
      case 'refresh':
        this.#redeem(this.#token(deed.token));
        break;
      case 'exchange':
        this.#exchange(this.#token(deed.token), deed.client);
        break;
      case 'appoint':
        this.#appoint(deed.scope, addSeconds(this.#now, deed.days * daySeconds));
        break;
      case 'revoke-mandate':
        this.#mandate = undefined;
        break;
    }
    if (this.#level < before) this.#seen.lost++;
  }

  #establish(method: EvidenceMethod, wantedEnd: Date): void {
    const registered = this.#evidence.some(
      (piece) => piece.method === 'population-register' && counts(piece, this.#now),
    );
    const expiresAt = expiryOf(method, { now: this.#now, expiresAt: wantedEnd, registered });
    if (expiresAt === 'refused') return;
    this.#withdraw((piece) => piece.method === method);
    this.#evidence.push({ method, level: levelOfMethod(method), expiresAt });
    assert.ok(expiresAt === undefined || expiresAt > this.#now);
  }

  #withdraw(which: (piece: Piece) => boolean): void {
    const { evidence, now } = { evidence: this.#evidence, now: this.#now };
    this.#evidence = evidence.map((piece) => (which(piece) ? { ...piece, withdrawnAt: now } : piece));
  }

  /** The journey's own rules decide; a step to raise the level is answered as the command says. */
  #signIn(deed: Extract<Command, { do: 'sign-in' }>): void {
    const { client } = deed;
    const wish = this.#wish(client, deed.voluntary, deed.essential ?? undefined);
    const passed: LaterStep[] = [];
    let proven = deed.login;
    for (let steps = 0; ; steps++) {
      assert.ok(steps < 4, 'a journey has an end');
      const canRaise = this.#level < wish.floor && wish.floor <= highestOnlineLevel;
      const next = nextStep({
        proven,
        floor: wish.floor,
        accountLevel: this.#level,
        furtherFactors: [],
        secondFactorAlways: false,
        raiseLevel: canRaise && !passed.includes('raise-level'),
        chooseParty: false,
        consent: false,
        passed,
      });
      if (next === 'unmet') {
        this.#seen.refused++;
        return;
      }
      if (next === 'settle') break;
      assert.equal(next, 'raise-level');
      passed.push('raise-level');
      this.#establish('population-register', addSeconds(this.#now, 3000 * daySeconds));
      if (wish.floor > 3 && deed.faceMatches) {
        this.#establish('face', addSeconds(this.#now, 3000 * daySeconds));
        proven = together(proven, faceProof);
      }
      this.#seen.raised++;
    }
    this.#session = { acr: acrOf(lowerLevel(this.#level, provenStrength(proven))) };
    this.#authorize(client, wish);
  }

  #singleSignOn(client: number, voluntary: readonly RealNameLevel[]): void {
    if (this.#session !== undefined) this.#authorize(client, this.#wish(client, voluntary, undefined));
  }

  /** As the login policy does for every authorization request. */
  #authorize(client: number, wish: ReturnType<typeof acrWish>): void {
    const present = lowerLevel(levelOfAcr(this.#session?.acr), this.#level);
    if (present < wish.floor) {
      this.#seen.refused++;
      return;
    }
    const code: Basis = { acr: acrOf(answeredLevel(present, wish)), client, mandate: this.#mandate };
    this.#tokens.push(code);
    const stands = stillStands(levelOfAcr(code.acr), this.#level, this.#floor(client));
    assert.ok(stands, 'a sign-in that was settled is good for a token');
    this.#redeem(code);
  }

  #redeem(basis: Basis | undefined): void {
    if (basis === undefined) return;
    const login = levelOfAcr(basis.acr);
    if (!stillStands(login, this.#level, this.#floor(basis.client))) this.#seen.refused++;
    else this.#issue(lowerLevel(login, this.#level), basis);
  }

  #exchange(basis: Basis | undefined, client: number): void {
    if (basis === undefined) return;
    const floors = [this.#floor(basis.client), this.#floor(client)];
    const level = exchangedLevel(levelOfAcr(basis.acr), this.#level, floors);
    if (level === undefined) {
      this.#seen.refused++;
      return;
    }
    const exchanged = { acr: acrOf(level), client, mandate: basis.mandate };
    this.#tokens.push(exchanged);
    assert.ok(level <= levelOfAcr(basis.acr), 'an exchange gives no more than it got');
    this.#issue(level, exchanged);
    this.#seen.exchanged++;
  }

  /** What the whole is about: judged against the evidence itself, not by the rules that led here. */
  #issue(level: RealNameLevel, { client, mandate }: Basis): void {
    const best = Math.max(
      0,
      ...this.#evidence
        .filter((piece) => piece.withdrawnAt === undefined && (piece.expiresAt ?? addSeconds(this.#now, 1)) > this.#now)
        .map((piece) => piece.level),
    );
    assert.ok(level <= best, `a token of level ${level} over evidence of level ${best}`);
    assert.ok(level >= this.#floor(client), `a token of level ${level} below the floor ${this.#floor(client)}`);
    this.#seen.issued++;
    if (mandate === undefined || mandate !== this.#mandate || mandate.validUntil <= this.#now) return;
    for (const word of mandate.scope) assert.ok(allows(representative.scope, word), `beyond the appointer: ${word}`);
    this.#seen.acting++;
  }

  #appoint(scope: readonly MandateScope[], validUntil: Date): void {
    if (this.#level < agentLevel) return;
    try {
      this.#mandate = permittedTerms(representative, { scope, validUntil, purpose: 'property' }, this.#now);
    } catch (error) {
      assert.ok(error instanceof TrustError && ['forbidden', 'malformed-request'].includes(error.code));
    }
  }

  #wish(client: number, voluntary: readonly RealNameLevel[], essential: readonly RealNameLevel[] | undefined) {
    const acrs = (asked: readonly RealNameLevel[]) => asked.map((level) => acrOf(level) ?? 'urn:other');
    const claims = essential && { id_token: { acr: { essential: true, values: acrs(essential) } } };
    return acrWish(
      {
        ...(voluntary.length > 0 ? { acr_values: acrs(voluntary).join(' ') } : {}),
        ...(claims === undefined ? {} : { claims: JSON.stringify(claims) }),
      },
      this.#floor(client),
    );
  }

  #token(choice: number): Basis | undefined {
    return this.#tokens[choice % Math.max(1, this.#tokens.length)];
  }

  #floor(client: number): RealNameLevel {
    return this.#floors[client] ?? 0;
  }
}

/** Who appoints in this world: a representative who may all but manage the organisation. */
const representative = {
  role: 'representative',
  scope: ['seal:read', 'seal:use', 'licence:apply'],
  validUntil: moment('2036-01-01T00:00:00Z'),
} as const;
