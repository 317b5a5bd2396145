// The caller of a page who did not sign in: nobody, with what the log may know of the call.

import type { Response } from 'express';
import type { Principal } from '../../kernel/principal.ts';
import { anonymous } from '../../kernel/principal.ts';

/** Coarse origin and request number as the server noted them for this call. */
export function callContext(response: Response): Pick<Principal, 'origin' | 'requestId'> {
  const { origin, requestId } = response.locals;
  return {
    ...(typeof origin === 'string' && { origin }),
    ...(typeof requestId === 'string' && { requestId }),
  };
}

export function anonymousCaller(response: Response): Principal {
  return { ...anonymous, ...callContext(response) };
}
