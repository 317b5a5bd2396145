// What a person is asked to agree to: what the engine finds missing, how the result of an interaction says it, and how a grant takes it.

import type { Grant, Interaction, InteractionResults } from 'oidc-provider';
import { type AuthorizationDetail, authorizationDetails } from '../../kernel/authorization-details.ts';
import { asObject } from '../../kernel/words/members.ts';

export interface ConsentDetails {
  readonly oidcScopes: readonly string[];
  readonly oidcClaims: readonly string[];
  /** Scopes by resource. */
  readonly resources: readonly (readonly [string, readonly string[]])[];
  /** One thing each. */
  readonly authorizationDetails: readonly AuthorizationDetail[];
}

/** Where the details of the prompt `login` say what will be asked next of whoever is not signed in yet (login-policy.ts). */
export const laterConsent = 'later_consent';

/** Of the prompt itself, or of the one that will follow. */
export function consentDetails({ prompt }: Pick<Interaction, 'prompt'>): ConsentDetails {
  const details = asObject(prompt.details[laterConsent]) ?? prompt.details;
  return {
    oidcScopes: textsOf(details['missingOIDCScope']),
    oidcClaims: [...textsOf(details['missingOIDCClaims']), ...textsOf(details['missingVerifiedClaims'])],
    resources: scopesByResource(details['missingResourceScopes']),
    authorizationDetails: authorizationDetails(details['rar']) ?? [],
  };
}

/** What of the details stands in public is their kind: which licence or seal is the person's own affair. */
export function scopeText({ oidcScopes, resources, authorizationDetails: asked }: ConsentDetails): string {
  return [...oidcScopes, ...resources.flatMap(([, scopes]) => scopes), ...asked.map(({ type }) => type)].join(' ');
}

/** The result of an interaction in which a person agreed before there is a session: its grant is made together with the session. */
export function agreedResult(details: ConsentDetails): { readonly consent: { readonly agreed: ConsentDetails } } {
  return { consent: { agreed: details } };
}

export function agreedIn(result: InteractionResults | undefined): ConsentDetails | undefined {
  const agreed = asObject(result?.consent?.['agreed']);
  return (
    agreed && {
      oidcScopes: textsOf(agreed['oidcScopes']),
      oidcClaims: textsOf(agreed['oidcClaims']),
      resources: Array.isArray(agreed['resources'])
        ? agreed['resources'].flatMap((pair) =>
            Array.isArray(pair) ? [[String(pair[0]), textsOf(pair[1])] as const] : [],
          )
        : [],
      authorizationDetails: authorizationDetails(agreed['authorizationDetails']) ?? [],
    }
  );
}

/** Exactly what was agreed to is granted. */
export function addAgreed(grant: Grant, details: ConsentDetails): void {
  const { oidcScopes, oidcClaims, resources, authorizationDetails: agreed } = details;
  if (oidcScopes.length > 0) grant.addOIDCScope(oidcScopes.join(' '));
  if (oidcClaims.length > 0) grant.addOIDCClaims([...oidcClaims]);
  for (const [resource, scopes] of resources) grant.addResourceScope(resource, scopes.join(' '));
  for (const detail of agreed) grant.addRar({ ...detail });
}

/** Whether the grant allows all of it already. */
export function hasAgreed(grant: Grant, details: ConsentDetails): boolean {
  const has = (granted: Iterable<string>, asked: readonly string[]) => {
    const known = new Set(granted);
    return asked.every((one) => known.has(one));
  };
  return (
    has(grant.getOIDCScope().split(' '), details.oidcScopes) &&
    has(grant.getOIDCClaims(), details.oidcClaims) &&
    details.resources.every(([resource, scopes]) => has(grant.getResourceScope(resource).split(' '), scopes)) &&
    has(
      (grant.rar ?? []).map((detail) => JSON.stringify(detail)),
      details.authorizationDetails.map((detail) => JSON.stringify(detail)),
    )
  );
}

function scopesByResource(value: unknown): (readonly [string, readonly string[]])[] {
  return Object.entries(asObject(value) ?? {}).map(([resource, scopes]) => [resource, textsOf(scopes)] as const);
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
