// The journey's step that raises a level: asked when the client wants more than the account has and this deployment can check it.

import { highestOnlineLevel, type IdentityChecks } from './identity-checks.ts';
import type { PluggedStep } from '../sign-in/sign-in-journey.ts';

/** What a look at the face adds to a sign-in (RFC 8176); it was made just now, so it counts. */
export const faceProof = { amr: ['face'], counting: ['face'] } as const;

/** A level that no page can lead to is not asked about: the journey ends in `unmet_authentication_requirements`. */
export function raiseLevelStep(checks: Pick<IdentityChecks, 'available'>): PluggedStep {
  return {
    name: 'raise-level',
    needed: async ({ view, account }) =>
      checks.available && account.level < view.wantedLevel && view.wantedLevel <= highestOnlineLevel,
  };
}
