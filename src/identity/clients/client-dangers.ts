// Which changes of a client's registration one administrator may not make alone (双人办理).

import type { Scope } from '../../kernel/principal.ts';
import type { ClientKey } from './client-keys.ts';
import type { ClientProfile, ClientRegistration } from './client-registration.ts';

/** What acts in the name of others, or looks into what is theirs. */
export const dangerousScopes: ReadonlySet<Scope> = new Set<Scope>([
  'seal.stamp',
  'seal.approve',
  'seal.apply',
  'seal.manage',
  'seal.feed',
  'licence.issue',
  'licence.manage',
  'audit.read',
  'pki.manage',
  'identity.read',
  'identity.manage',
  'mandate.manage',
  'credential',
]);

type Rights = Pick<
  ClientRegistration,
  | 'apiScopes'
  | 'levelFloor'
  | 'authMethod'
  | 'jwks'
  | 'tlsSubjectDn'
  | 'profile'
  | 'dpopBound'
  | 'grantTypes'
  | 'redirectUris'
  | 'exchangeTargets'
  | 'authorizationDetailsTypes'
  | 'introspects'
>;

/** Whoever controls such a client, or where its answers go, has what the scope gives. */
export function isDangerous({ apiScopes, authorizationDetailsTypes = [] }: Rights): boolean {
  return (
    apiScopes.some((scope) => dangerousScopes.has(scope)) ||
    authorizationDetailsTypes.some((type) => type !== 'licence_show')
  );
}

/**
 * What needs a second administrator, in the names of the registration; empty when nothing does. Taking away never does: whoever sees a
 * key or an address in wrong hands ends it at once.
 */
export function dangersOf(before: Rights, after: Rights): string[] {
  const scopes = gained(before.apiScopes, after.apiScopes).filter((scope) => dangerousScopes.has(scope));
  const isLowered = (after.levelFloor ?? 0) < (before.levelFloor ?? 0);
  const looksIntoTokens = before.introspects !== true && after.introspects === true;
  return [
    ...scopes,
    ...(isLowered ? ['levelFloor'] : []),
    ...(looksIntoTokens ? ['introspects'] : []),
    ...(isDangerous(before) ? takenOver(before, after) : []),
  ];
}

/** By these a client that may much comes under another's control, acts for more people, or proves itself more weakly. */
function takenOver(before: Rights, after: Rights): string[] {
  const widened = {
    authMethod: before.authMethod !== after.authMethod,
    jwks: gained(keysOf(before), keysOf(after)).length > 0,
    tlsSubjectDn: after.tlsSubjectDn !== undefined && before.tlsSubjectDn !== after.tlsSubjectDn,
    profile: strengthOf(after.profile) < strengthOf(before.profile),
    dpopBound: before.dpopBound === true && after.dpopBound !== true,
    grantTypes: gained(before.grantTypes, after.grantTypes).length > 0,
    redirectUris: gained(before.redirectUris, after.redirectUris).length > 0,
    exchangeTargets: gained(before.exchangeTargets, after.exchangeTargets).length > 0,
    authorizationDetailsTypes: gained(before.authorizationDetailsTypes, after.authorizationDetailsTypes).length > 0,
  };
  return Object.entries(widened).flatMap(([name, is]) => (is ? [name] : []));
}

function gained<T>(before: readonly T[] = [], after: readonly T[] = []): T[] {
  return after.filter((one) => !before.includes(one));
}

/** Each as one text: another key under the same id is another key. */
function keysOf({ jwks }: Rights): string[] {
  return (jwks?.keys ?? []).map((key: ClientKey) =>
    JSON.stringify(Object.entries(key).sort(([one], [other]) => (one < other ? -1 : 1))),
  );
}

function strengthOf(profile: ClientProfile = 'standard'): number {
  return { standard: 0, fapi2: 1, 'fapi2-message-signing': 2 }[profile];
}
