// A visit of an administrator to the pages of identity: whoever changes something there has signed in just now.

import type { RequestHandler } from 'express';
import { type RecentVisitOptions, requireDeedProof } from './recent-visit.ts';
import { requirePageScope, signedInOnly, type Visit } from './visit.ts';

/** `reads`: a form that only looks for something. */
export function managersOnly(options: RecentVisitOptions) {
  return (handle: (visit: Visit) => Promise<void>, { reads = false } = {}): RequestHandler =>
    signedInOnly(options, async (visit) => {
      requirePageScope(visit.principal, 'identity.manage');
      if (visit.request.method === 'POST' && !reads) requireDeedProof(options, visit);
      await handle(visit);
    });
}
