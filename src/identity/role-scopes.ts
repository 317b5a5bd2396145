// What a person may do through any client, by role: a scope that was asked for and agreed to is a wish, the role is the power.

import type { Role, Scope } from '../kernel/principal.ts';

/** Everybody may see their own licences and verify. */
export function scopesOf(roles: readonly Role[]): readonly Scope[] {
  return ['licence.read', 'verify', ...roles.flatMap((role) => scopesByRole[role])];
}

const scopesByRole: Readonly<Record<Role, readonly Scope[]>> = {
  clerk: ['seal.read', 'seal.stamp'],
  approver: ['seal.read'],
  auditor: ['seal.read', 'audit.read', 'pki.read'],
  administrator: ['seal.read', 'audit.read', 'pki.read', 'pki.manage', 'identity.read', 'identity.manage'],
};
