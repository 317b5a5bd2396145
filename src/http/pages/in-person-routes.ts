// Routes of recording who was seen at a window, for clerks and administrators who have just signed in.

import { type RequestHandler, Router, urlencoded } from 'express';
import type { Accounts } from '../../identity/accounts/accounts.ts';
import { type IdentityChecks, requireWindowStaff } from '../../identity/levels/identity-checks.ts';
import type { Clock } from '../../kernel/clock.ts';
import { isTrustError } from '../../kernel/errors.ts';
import { requireLevel } from '../../kernel/permissions.ts';
import { field, statedIn } from '../level-journey.ts';
import { fromOwnPages } from '../sign-in.ts';
import { inPersonPage, inPersonPath } from './in-person-page.ts';
import { sendPage } from './send-page.ts';
import { signedInOnly, type Visit, type VisitOptions } from './visit.ts';

export interface InPersonRoutesOptions extends VisitOptions {
  readonly accounts: Pick<Accounts, 'findByLoginName'>;
  readonly identityChecks: Pick<IdentityChecks, 'recordInPerson'>;
  readonly publicUrl: string;
  readonly clock: Clock;
}

/** Level 5 is given by somebody who is known, and who is there. */
const leastStaffLevel = 3;
const maxAgeSeconds = 300;

export function inPersonRoutes(options: InPersonRoutesOptions): Router {
  const { accounts, identityChecks, publicUrl, clock } = options;
  const router = Router({ caseSensitive: true });
  const readForm = urlencoded({ extended: false, limit: '4kb', parameterLimit: 6, inflate: false });
  const asStaff = (handle: (visit: Visit) => Promise<void>): RequestHandler =>
    signedInOnly(options, async (visit) => {
      requireWindowStaff(visit.principal);
      requireLevel(visit.principal, leastStaffLevel, { maxAgeSeconds, now: clock.now() });
      await handle(visit);
    });

  router.get(
    inPersonPath,
    asStaff(async ({ response, frame }) => sendPage(response, inPersonPage({ frame }))),
  );
  router.post(
    inPersonPath,
    fromOwnPages(publicUrl),
    readForm,
    asStaff(async ({ request, response, principal, frame }) => {
      const stated = statedIn(request.body);
      const [loginName, reference] = [field(request.body, 'loginName'), field(request.body, 'reference')];
      const typed = { loginName, name: stated.name, reference };
      const account = await accounts.findByLoginName(loginName);
      if (account?.status !== 'active') {
        sendPage(response, inPersonPage({ frame, typed, fault: 'no-account' }), 404);
        return;
      }
      try {
        const seen = { person: stated, reference };
        const level = await identityChecks.recordInPerson(principal, account.accountId, seen);
        sendPage(response, inPersonPage({ frame, recorded: { loginName: account.loginName, level } }));
      } catch (error) {
        const unfit = isTrustError(error, 'malformed-request') || isTrustError(error, 'malformed-identifier');
        if (!unfit) throw error;
        sendPage(response, inPersonPage({ frame, typed, fault: 'unfit' }), 400);
      }
    }),
  );
  return router;
}
