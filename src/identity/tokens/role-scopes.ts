// What a person may do through any client, by role and mandate: a scope that was asked for and agreed to is a wish, these are the power.

import type { RepresentedParty, Role, Scope } from '../../kernel/principal.ts';
import { apiScopesOf } from '../mandates/mandate-rules.ts';

/** Everybody may see their own licences, verify, and see and settle their own mandates. */
export function scopesOf(roles: readonly Role[], actingFor?: Pick<RepresentedParty, 'scope'>): readonly Scope[] {
  return [
    'licence.read',
    'verify',
    'mandate.read',
    'mandate.manage',
    ...roles.flatMap((role) => scopesByRole[role]),
    ...apiScopesOf(actingFor?.scope ?? []),
  ];
}

const scopesByRole: Readonly<Record<Role, readonly Scope[]>> = {
  clerk: ['seal.read', 'seal.stamp'],
  approver: ['seal.read'],
  auditor: ['seal.read', 'audit.read', 'pki.read'],
  administrator: [
    'seal.read',
    'seal.manage',
    'audit.read',
    'pki.read',
    'pki.manage',
    'identity.read',
    'identity.manage',
  ],
};
