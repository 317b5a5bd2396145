// What a request object must say beyond the engine's own checks; RFC 9101 section 4, FAPI 2.0 Message Signing 5.3.1.

import type { Configuration } from 'oidc-provider';
import { type Clock, epochSeconds } from '../../kernel/clock.ts';
import { errors } from './engine.ts';

type RequestObjects = NonNullable<NonNullable<Configuration['features']>['requestObjects']>;

const maxLifetimeSeconds = 3600;
/** The engine's own tolerance. */
const clockToleranceSeconds = 15;

/**
 * A request object is for here and for now. The engine also brings pushed parameters in this form, unsigned and with times of its
 * own, so the rules hold for every pushed request; `nbf` is a duty under the FAPI profiles, where a request must not be signed on stock.
 */
export function requestObjectRules(clock: Clock): NonNullable<RequestObjects['assertJwtClaimsAndHeader']> {
  return (_ctx, { exp, nbf }, _header, client) => {
    const now = epochSeconds(clock.now());
    if (typeof exp !== 'number') throw new errors.InvalidRequestObject('the request object has no exp');
    if (exp > now + maxLifetimeSeconds + clockToleranceSeconds)
      throw new errors.InvalidRequestObject('the request object lives more than 60 minutes');
    if (client.metadata()['profile'] === 'standard') return;
    if (typeof nbf !== 'number') throw new errors.InvalidRequestObject('the request object has no nbf');
    if (exp <= nbf || exp - nbf > maxLifetimeSeconds)
      throw new errors.InvalidRequestObject('exp must be at most 60 minutes after nbf');
  };
}
