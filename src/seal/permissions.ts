// Who may do what in this room, and whose documents are whose.

import { TrustError } from '../kernel/errors.ts';
import type { Principal, Scope } from '../kernel/principal.ts';

/** Throws `token-missing` for nobody, `scope-missing` when none of `scopes` was granted. */
export function requireScope(principal: Principal, ...scopes: readonly Scope[]): void {
  if (principal.kind === 'anonymous') throw new TrustError('token-missing', 'this needs an access token');
  if (scopes.some((scope) => principal.scopes.has(scope))) return;
  throw new TrustError('scope-missing', `this needs the scope ${scopes.join(' or ')}`, { details: { scopes } });
}

/** Seals are made and stopped by the house itself or by an administrator: `forbidden` for all others. */
export function requireKeeper(principal: Principal): void {
  if (principal.kind === 'house' || principal.roles.has('administrator')) return;
  throw new TrustError('forbidden', 'only an administrator may do this');
}

/**
 * To whom documents and stampings belong: a business system, or a person. Never the client a person came through, since
 * one web client serves many people. `forbidden` for a caller who is neither.
 */
export function ownerOf(principal: Principal): string {
  if (principal.kind === 'person' && principal.accountId !== undefined) return `account:${principal.accountId}`;
  if (principal.kind === 'system' && principal.clientId !== undefined) return `client:${principal.clientId}`;
  if (principal.kind === 'house') return 'house';
  throw new TrustError('forbidden', 'this caller cannot own documents');
}

/**
 * Whose hand may be on a seal: a business system with its scope, or a clerk of the organisation the seal belongs to; `forbidden` for
 * all others. `organisationId` is the seal's.
 */
export function requireSealUse(principal: Principal, organisationId: string): void {
  if (principal.kind === 'system') return;
  const clerk = principal.kind === 'person' && principal.roles.has('clerk');
  if (clerk && principal.actingFor?.organisationId === organisationId) return;
  throw new TrustError('forbidden', 'the seal belongs to an organisation that the caller does not act for');
}
