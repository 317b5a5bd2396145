// What the profile of a client changes in the engine: FAPI 2.0 Security Profile, FAPI 2.0 Message Signing.

import type { Client, Configuration } from 'oidc-provider';
import { factsOf } from './client-facts.ts';

/** The engine's name for the Security Profile; Message Signing is it and what the registration demands on top. */
export const fapiFeature: NonNullable<Configuration['features']>['fapi'] = {
  enabled: true,
  profile: (_ctx, client) => (isFapi(client) ? '2.0' : undefined),
};

export function isFapi(client: Client | undefined): boolean {
  const profile = client && factsOf(client)['profile'];
  return profile === 'fapi2' || profile === 'fapi2-message-signing';
}
