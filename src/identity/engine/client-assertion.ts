// What a client's assertion must say beyond the engine's own checks; RFC 7523 section 3, RFC 9700, FAPI 2.0 Security Profile 5.3.2.1.

import type { Configuration } from 'oidc-provider';
import { type Clock, epochSeconds } from '../../kernel/clock.ts';
import { errors } from './engine.ts';

/** No RS256: PKCS#1 v1.5 is what the FAPI profiles leave behind. */
export const assertionAlgorithms = ['ES256', 'PS256', 'EdDSA'] as const;

/** An assertion is made for one request; the engine keeps its `jti` as long. */
const maxLifetimeSeconds = 300;
/** The engine's own tolerance. */
const clockToleranceSeconds = 15;
const maxJtiLength = 256;

/**
 * The audience is the issuer as a string and nothing else: an assertion that also names another server could be taken there, and one
 * for an address of ours could be asked for by a server that poses as us.
 */
export function assertionRules(options: {
  readonly issuer: string;
  readonly clock: Clock;
}): NonNullable<Configuration['assertJwtClientAuthClaimsAndHeader']> {
  return (_ctx, { aud, exp, jti }) => {
    if (aud !== options.issuer) throw new errors.InvalidClientAuth('aud must be the issuer identifier, as a string');
    const latest = epochSeconds(options.clock.now()) + maxLifetimeSeconds + clockToleranceSeconds;
    if (typeof exp !== 'number' || exp > latest)
      throw new errors.InvalidClientAuth('exp must be at most 5 minutes away');
    if (typeof jti !== 'string' || jti.length > maxJtiLength) throw new errors.InvalidClientAuth('jti is too long');
  };
}
