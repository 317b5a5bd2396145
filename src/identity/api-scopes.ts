// The scopes of the API (RFC 6749 section 3.3) as one list, and the resource (RFC 8707) that they belong to.

import type { Role, Scope } from '../kernel/principal.ts';

export const apiScopes: readonly Scope[] = [
  'seal.read',
  'seal.stamp',
  'licence.read',
  'licence.issue',
  'licence.manage',
  'verify',
  'audit.read',
  'pki.read',
  'pki.manage',
];

const scopeNames: ReadonlySet<string> = new Set(apiScopes);
const roleNames: ReadonlySet<string> = new Set<Role>(['clerk', 'approver', 'auditor', 'administrator']);

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
