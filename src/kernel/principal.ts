// Who is asking: the one shape in which a caller is passed into services, so that seal and licence never import identity.

import type { MandateRole, MandateScope } from './mandate-scopes.ts';

import type { AuthorizationDetail } from './authorization-details.ts';

/** Real-name level (实名等级) 1 to 5; 0 for a caller that is not a person. See docs/levels.md. */
export type RealNameLevel = 0 | 1 | 2 | 3 | 4 | 5;

/** What the `acr` of a level begins with; its number follows (OpenID Connect Core 2). */
export const acrPrefix = 'urn:yinxin:rn:';

/** Scopes of the API (RFC 6749, 3.3). */
export const scopes = [
  'seal.read',
  'seal.stamp',
  'seal.approve',
  'seal.apply',
  'seal.manage',
  'seal.feed',
  'licence.read',
  'licence.issue',
  'licence.manage',
  'verify',
  'audit.read',
  'pki.read',
  'pki.manage',
  'identity.read',
  'identity.manage',
  'mandate.read',
  'mandate.manage',
  // Named so by the Cloud Signature Consortium: to look at seals for remote signing, and to sign digests with one.
  'service',
  'credential',
] as const;
export type Scope = (typeof scopes)[number];

/** Roles of staff accounts in this deployment. */
export const roles = ['clerk', 'approver', 'auditor', 'administrator'] as const;
export type Role = (typeof roles)[number];

/** The organisation (法人) a person (经办人) acts for, and the mandate that allows it. */
export interface RepresentedParty {
  readonly organisationId: string;
  /** Unified social credit code (统一社会信用代码). */
  readonly uscc: string;
  readonly name: string;
  readonly mandateId: string;
  readonly role: MandateRole;
  readonly scope: readonly MandateScope[];
  /** The seals that `seal:…` is narrowed to; absent: all of the organisation. */
  readonly sealIds?: readonly string[];
  readonly validUntil: Date;
  /** Of a delegation: so many uses of seals and no more. */
  readonly maxUses?: number;
}

export interface Principal {
  /** `system`: a business system with its own token; `person`: a signed-in account; `anonymous`: nobody; `house`: this service itself. */
  readonly kind: 'person' | 'system' | 'anonymous' | 'house';
  /** Account id (`acc_…`) of a person, else undefined. */
  readonly accountId?: string;
  /** OIDC client the call came through. */
  readonly clientId?: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly roles: ReadonlySet<Role>;
  readonly level: RealNameLevel;
  /** When and how the person was authenticated (RFC 8176 names). */
  readonly authenticatedAt?: Date;
  readonly amr?: readonly string[];
  /** Since then, and in another session, the ways to sign in of the account changed: this sign-in proves nothing recent any more. */
  readonly mustProveAgain?: boolean;
  /** Of our own pages: the session (`ses_…`) through which the person came. */
  readonly sessionId?: string;
  readonly actingFor?: RepresentedParty;
  /** The only things that the person allowed the client to do; absent: whatever the scopes say. */
  readonly authorizationDetails?: readonly AuthorizationDetail[];
  /** Of a token with details: its own name (RFC 7519, 4.1.7), by which what it allows once is counted. */
  readonly tokenId?: string;
  /** Systems (client ids) that act for the person by token exchange, the present one first (RFC 8693, 4.1). */
  readonly actors?: readonly string[];
  /** Coarse origin of the call for the log: /24 of IPv4, /48 of IPv6. Never a whole address. */
  readonly origin?: string;
  /** Who gave a command on a machine of the house, by the name they gave; sealed in the log like an account. */
  readonly operator?: string;
  /** Correlates log lines, audit entries and the answer. */
  readonly requestId?: string;
}

export const anonymous: Principal = { kind: 'anonymous', scopes: new Set(), roles: new Set(), level: 0 };

/** This service acting by itself: seeding, sequencing, renewal. */
export const house: Principal = { kind: 'house', scopes: new Set(), roles: new Set(), level: 0 };
