// Which words are scopes of the API and roles, and the resource (RFC 8707) that they belong to.

import { type Role, roles, type Scope, scopes } from '../../kernel/principal.ts';

const scopeNames: ReadonlySet<string> = new Set(scopes);
const roleNames: ReadonlySet<string> = new Set(roles);

export function isApiScope(text: string): text is Scope {
  return scopeNames.has(text);
}

export function isRole(text: string): text is Role {
  return roleNames.has(text);
}

/** The resource indicator and audience of the API. */
export function apiResource(publicUrl: string): string {
  return `${publicUrl}/api`;
}

/** OIDC scopes; those of the API are kept apart, because they lead to another kind of token. */
export const oidcScopes = ['openid', 'profile', 'offline_access'] as const;
