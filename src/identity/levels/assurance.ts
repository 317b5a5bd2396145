// `verified_claims` at the OIDC engine: requests are checked when they come, agreed to claim by claim, and answered from what counts at that moment.

import type { ClaimsParameter, KoaContextWithOIDC } from 'oidc-provider';
import type { Clock } from '../../kernel/clock.ts';
import { asObject } from '../../kernel/words/members.ts';
import type { Accounts } from '../accounts/accounts.ts';
import { errors } from '../engine/engine.ts';
import type { Evidence } from './evidence.ts';
import { asEngineObject, readVerifiedClaims, type VerifiedClaimsRequest } from './verified-claims-request.ts';
import { type VerifiedClaims, verifiedClaims } from './verified-claims.ts';
import { verifiableClaims, verifiedFacts } from './verified-facts.ts';

const claimName = 'verified_claims';
/** How a grant names what was agreed to: one entry a claim, so that a later request for more asks again. */
const agreedPrefix = 'verified:';
const places = ['id_token', 'userinfo'] as const;

/** For the engine's `assertClaimsParameter`: a malformed request ends as `invalid_request`, before anybody is asked anything. */
export async function checkVerifiedClaims(ctx: KoaContextWithOIDC, parameter: ClaimsParameter): Promise<void> {
  const whole = asObject(parameter) ?? {};
  let changed = false;
  for (const place of places) {
    const asked = asObject(whole[place]);
    const value = asked?.[claimName];
    if (asked === undefined || value === undefined) continue;
    const requests = readVerifiedClaims(value);
    if (typeof requests === 'string') throw new errors.InvalidRequest(`claims.${place}: ${requests}`);
    if (!Array.isArray(value)) continue;
    Reflect.set(asked, claimName, asEngineObject(value));
    changed = true;
  }
  // The engine leaves out what is asked for by a list, so it gets an object.
  if (changed && ctx.oidc.params !== undefined) ctx.oidc.params['claims'] = JSON.stringify(whole);
}

/** The names that people are asked about for this request and that the grant does not have yet. */
export function missingVerifiedClaims({ oidc }: KoaContextWithOIDC): string[] {
  const { claims: parameter } = oidc.params ?? {};
  const whole = typeof parameter === 'string' ? asObject(JSON.parse(parameter)) : undefined;
  const asked = new Set(
    places
      .flatMap((place) => requestsIn(asObject(whole?.[place])?.[claimName]))
      .flatMap(({ claims }) => [...claims.keys()]),
  );
  const known = new Set(oidc.entities.Grant?.getOIDCClaimsEncountered());
  return verifiableClaims
    .filter((name) => asked.has(name) && !known.has(agreedPrefix + name))
    .map((name) => agreedPrefix + name);
}

export interface AssuranceOptions {
  readonly accounts: Pick<Accounts, 'personOf'>;
  readonly evidence: Pick<Evidence, 'of'>;
  readonly clock: Clock;
}

/** Who answers; nothing is opened for a request that asks for nothing verified. */
export class Assurance {
  readonly #options: AssuranceOptions;

  constructor(options: AssuranceOptions) {
    this.#options = options;
  }

  /** `asked` is the engine's `claims` for this place, already without what the grant does not have. */
  async answer(
    { oidc }: KoaContextWithOIDC,
    accountId: string,
    asked: unknown,
  ): Promise<{ verified_claims?: VerifiedClaims | readonly VerifiedClaims[] }> {
    const requests = requestsIn(asObject(asked)?.[claimName]);
    if (requests.length === 0) return {};
    const { accounts, evidence, clock } = this.#options;
    const [person, held] = await Promise.all([accounts.personOf(accountId), evidence.of(accountId)]);
    const facts = person && verifiedFacts(person, held);
    if (facts === undefined) return {};
    const granted = oidc.entities.Grant?.getOIDCClaims() ?? [];
    const agreed = new Set(
      granted.filter((name) => name.startsWith(agreedPrefix)).map((name) => name.slice(agreedPrefix.length)),
    );
    const answer = verifiedClaims(requests, facts, { agreed, now: clock.now() });
    return answer === undefined ? {} : { verified_claims: answer };
  }
}

function requestsIn(value: unknown): readonly VerifiedClaimsRequest[] {
  if (value === undefined) return [];
  const requests = readVerifiedClaims(value);
  return typeof requests === 'string' ? [] : requests;
}
