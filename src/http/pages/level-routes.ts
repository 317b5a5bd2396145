// Raising one's real-name level from the account, at /account/level, and saying that the name or number has changed.

import { type Request, type Response, Router, urlencoded } from 'express';
import type { Accounts } from '../../identity/accounts/accounts.ts';
import type { IdentityChecks } from '../../identity/levels/identity-checks.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { requireLevel } from '../../kernel/permissions.ts';
import { levelJourney, type LevelPlace, statedIn } from '../level-journey.ts';
import { wantsPage } from '../page-or-problem.ts';
import { fromOwnPages } from '../sign-in.ts';
import { languageOf } from './language.ts';
import { levelPage } from './level-page.ts';
import { sendPage } from './send-page.ts';
import type { VisitOptions } from './visit.ts';

export interface LevelRoutesOptions extends VisitOptions {
  readonly accounts: Pick<Accounts, 'find'>;
  readonly identityChecks: IdentityChecks;
  readonly publicUrl: string;
  readonly clock: Clock;
}

const path = '/account/level';
/** Whoever takes levels away has just signed in. */
const maxAgeSeconds = 300;

export function levelRoutes(options: LevelRoutesOptions): Router {
  const { identityChecks: checks, publicUrl, clock } = options;
  const router = Router({ caseSensitive: true });
  const readForm = urlencoded({ extended: false, limit: '4kb', parameterLimit: 6, inflate: false });
  const place = (request: Request, response: Response) => placeOf(options, request, response);

  router.use(path, fromOwnPages(publicUrl));
  router.post(`${path}/change`, readForm, async (request, response) => {
    const here = await place(request, response);
    if (here === undefined) return;
    const { principal, account, frame } = here;
    requireLevel(principal, 1, { maxAgeSeconds, now: clock.now() });
    const stated = statedIn(request.body);
    const outcome = await checks.state(principal, account.accountId, stated);
    if (outcome.raised) {
      response.redirect(303, path);
      return;
    }
    const view = await checks.view(account);
    sendPage(response, levelPage({ frame, path, view, fault: outcome.code, name: stated.name }), 400);
  });
  router.use(
    path,
    levelJourney({
      checks,
      publicUrl,
      place,
      raised: async (_request, response) => {
        response.redirect(303, path);
      },
    }),
  );
  return router;
}

async function placeOf(
  { session, sandbox, accounts }: LevelRoutesOptions,
  request: Request,
  response: Response,
): Promise<LevelPlace | undefined> {
  const signedIn = await session.signedIn(request, response);
  const account = signedIn && (await accounts.find(signedIn.principal.accountId ?? ''));
  if (signedIn !== undefined && account !== undefined) {
    const frame = { language: languageOf(request), sandbox, principalName: signedIn.name };
    return { account, principal: signedIn.principal, frame, path };
  }
  if (request.method !== 'GET' || !wantsPage(request)) throw new TrustError('token-missing', 'sign in first');
  session.askToSignIn(request, response);
  return undefined;
}
