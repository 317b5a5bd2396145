// When a person must sign in again or higher, beyond the engine's own rules; RFC 9470, OpenID Connect Core 3.1.2.1 and 5.5.1.1.

import type { interactionPolicy as policyTypes, KoaContextWithOIDC } from 'oidc-provider';
import type { RealNameLevel } from '../../kernel/principal.ts';
import { selectParty } from '../mandates/acting.ts';
import { laterConsent } from './consent-details.ts';
import { missingVerifiedClaims } from '../levels/assurance.ts';
import { interactionPolicy } from './engine.ts';
import { acrOf, acrWish, answeredLevel, floorOfClient, levelOfAcr, lowerLevel, stillStands } from '../levels/levels.ts';

export const selectAccount = 'select_account';

/** The level that holds for this request: of the login, but never above what the account has at this moment. */
export function presentLevel(ctx: KoaContextWithOIDC): RealNameLevel {
  const account = ctx.oidc.account;
  const level = account?.['level'];
  const session = levelOfAcr(ctx.oidc.session?.acr);
  return isLevel(level) ? lowerLevel(session, level) : 0;
}

/** The `acr` that tokens of this request name: one that was asked for, where the client made it a duty. */
export function presentAcr(ctx: KoaContextWithOIDC): string | undefined {
  return acrOf(answeredLevel(presentLevel(ctx), wishOf(ctx)));
}

function wishOf(ctx: KoaContextWithOIDC) {
  return acrWish(ctx.oidc.params ?? {}, floorOfClient(ctx.oidc.client?.metadata()));
}

/** Whether a login of this `acr` may still be used for the client of the request. */
export function mayStand(acr: unknown, account: { readonly level: RealNameLevel }, ctx: KoaContextWithOIDC): boolean {
  return stillStands(levelOfAcr(acr), account.level, floorOfClient(ctx.oidc.client?.metadata()));
}

/**
 * The engine's policy with two checks before its own. Its essential-acr checks go: they compare names, ours compares levels, and
 * `presentAcr` answers with a name that was asked for.
 */
export function loginPolicy(): policyTypes.DefaultPolicy {
  const { Check, Prompt, base } = interactionPolicy;
  const policy = base();
  const checks = policy.get('login')?.checks;
  checks?.remove('essential_acr');
  checks?.remove('essential_acrs');
  checks?.add(
    new Check('account_unusable', 'the account cannot be used', 'login_required', (ctx) => {
      return ctx.oidc.session?.accountId !== undefined && ctx.oidc.account === undefined;
    }),
    0,
  );
  checks?.add(
    new Check('level_too_low', 'a higher real-name level is needed', 'unmet_authentication_requirements', (ctx) => {
      if (ctx.oidc.account === undefined) return Check.NO_NEED_TO_PROMPT; // not signed in is another check's matter
      return presentLevel(ctx) < wishOf(ctx).floor;
    }),
    1,
  );
  // OpenID Connect Core 3.1.2.1: whoever is signed in goes on as they are, or signs in as somebody else.
  policy.add(new Prompt({ name: selectAccount, requestable: true }), 0);
  // `prompt=select_party`: whoever is signed in chooses anew for whom they act.
  policy.add(new Prompt({ name: selectParty, requestable: true }), 2);
  policy.get('consent')?.checks.add(
    new Check(
      'verified_claims_missing',
      'verified claims were not agreed to',
      'consent_required',
      (ctx) => missingVerifiedClaims(ctx).length > 0,
      (ctx) => ({ missingVerifiedClaims: missingVerifiedClaims(ctx) }),
    ),
  );
  const consent = policy.get('consent');
  for (const prompt of policy) {
    const { name, details } = prompt;
    if (consent !== undefined && (name === 'login' || name === selectAccount))
      prompt.details = async (ctx) => ({ ...(await details(ctx)), ...(await laterConsentOf(ctx, consent)) });
  }
  return policy;
}

/**
 * Of whoever is not signed in, it is known before who they are what they will be asked to agree to: a new session has agreed to nothing.
 * So the journey can ask, and the engine is answered once. Our own pages ask nobody.
 */
async function laterConsentOf(ctx: KoaContextWithOIDC, { checks }: policyTypes.Prompt) {
  const { client, session, provider, entities } = ctx.oidc;
  if (client === undefined || session?.accountId !== undefined || client.metadata()['first_party'] === true) return {};
  ctx.oidc.entity('Grant', new provider.Grant({ accountId: '', clientId: client.clientId }));
  const found: object[] = [];
  try {
    for (const check of checks) if (await check.check(ctx)) found.push((await check.details(ctx)) ?? {});
  } finally {
    Reflect.deleteProperty(entities, 'Grant');
  }
  return found.length === 0 ? {} : { [laterConsent]: Object.assign({}, ...found) };
}

function isLevel(value: unknown): value is RealNameLevel {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 5;
}
