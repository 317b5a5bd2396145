// The forms that raise a real-name level, the same within a sign-in and from the account: what they said goes to the checks, and the answer leads on.

import { type Request, type Response, Router, urlencoded } from 'express';
import type { Account } from '../identity/accounts/accounts.ts';
import type { CheckOutcome, IdentityChecks } from '../identity/levels/identity-checks.ts';
import type { Principal } from '../kernel/principal.ts';
import { languageOf } from './pages/language.ts';
import { type LevelPage, levelPage } from './pages/level-page.ts';
import { sendPage } from './pages/send-page.ts';
import { onwardPage } from './pages/sign-in-onward.ts';
import type { LevelFault } from './pages/text/level.ts';

/** Who raises a level where. */
export interface LevelPlace {
  readonly account: Account;
  readonly principal: Principal;
  readonly frame: LevelPage['frame'];
  /** Address of the page. */
  readonly path: string;
  readonly asked?: LevelPage['asked'];
}

export interface LevelJourneyOptions {
  readonly checks: IdentityChecks;
  readonly publicUrl: string;
  /** Answers by itself, with `undefined`, for whoever has no business here. */
  readonly place: (request: Request, response: Response) => Promise<LevelPlace | undefined>;
  /** The level was raised; `byFace`: a face was looked at just now. */
  readonly raised: (
    request: Request,
    response: Response,
    place: LevelPlace,
    outcome: { readonly level: number; readonly byFace: boolean },
  ) => Promise<void>;
}

const statusOfFault: Readonly<Record<LevelFault, number>> = {
  'name-unfit': 400,
  'number-unfit': 400,
  'no-consent': 400,
  'not-matched': 422,
  'check-over': 409,
  pending: 409,
  'too-many': 429,
  unavailable: 503,
};

/** To be mounted at the page's address, behind the check that forms come from our own pages. */
export function levelJourney(options: LevelJourneyOptions): Router {
  const { checks, publicUrl, raised } = options;
  const router = Router({ caseSensitive: true, mergeParams: true });
  const readForm = urlencoded({ extended: false, limit: '4kb', parameterLimit: 6, inflate: false });

  router.get('/', async (request, response) => {
    const place = await options.place(request, response);
    if (place === undefined) return;
    const { check } = request.query;
    const face = typeof check === 'string' ? { face: { checkId: check.slice(0, 64), kind: 'page' } as const } : {};
    await send(place, response, face);
  });

  router.post('/register', readForm, async (request, response) => {
    const place = await options.place(request, response);
    if (place === undefined) return;
    const stated = statedIn(request.body);
    if (field(request.body, 'consent') !== 'yes') {
      await send(place, response, { fault: 'no-consent', name: stated.name });
      return;
    }
    const { principal, account } = place;
    const outcome = await checks.matchRegister(principal, account.accountId, stated);
    await answer(request, response, place, outcome, { name: stated.name, byFace: false });
  });

  router.post('/face', readForm, async (request, response) => {
    const place = await options.place(request, response);
    if (place === undefined) return;
    if (field(request.body, 'consent') !== 'yes') {
      await send(place, response, { fault: 'no-consent' });
      return;
    }
    const back = (checkId: string): string => `${publicUrl}${place.path}?check=${checkId}`;
    const started = await checks.startFace(place.principal, place.account.accountId, back);
    if (!('started' in started)) await answer(request, response, place, started, { byFace: true });
    else if (started.stage.kind === 'page')
      sendPage(response, onwardPage({ language: languageOf(request), url: started.stage.url }));
    else await send(place, response, { face: { checkId: started.checkId, kind: 'stand-in' } });
  });

  router.post('/face-result', readForm, async (request, response) => {
    const place = await options.place(request, response);
    if (place === undefined) return;
    const checkId = field(request.body, 'check');
    const outcome = field(request.body, 'outcome');
    const standIn = outcome === 'match' || outcome === 'mismatch' ? outcome : undefined;
    const result = await checks.finishFace(place.principal, place.account.accountId, { checkId, standIn });
    const pending = !result.raised && result.code === 'pending';
    await answer(request, response, place, result, {
      byFace: true,
      ...(pending ? { face: { checkId, kind: 'page' } as const } : {}),
    });
  });

  async function answer(
    request: Request,
    response: Response,
    place: LevelPlace,
    outcome: CheckOutcome,
    { byFace, ...shown }: Pick<LevelPage, 'name' | 'face'> & { byFace: boolean },
  ): Promise<void> {
    if (outcome.raised) {
      await raised(request, response, place, { level: outcome.level, byFace });
      return;
    }
    if (outcome.code === 'too-many') response.set('retry-after', String(outcome.retryAfterSeconds));
    await send(place, response, { fault: outcome.code, ...shown });
  }

  /** The page as it is now: a check that failed has left one try less. */
  async function send(place: LevelPlace, response: Response, shown: Pick<LevelPage, 'name' | 'face' | 'fault'>) {
    const { account, frame, path, asked } = place;
    const view = await checks.view(account);
    const page = levelPage({ frame, path, view, ...(asked === undefined ? {} : { asked }), ...shown });
    sendPage(response, page, shown.fault === undefined ? 200 : statusOfFault[shown.fault]);
  }
  return router;
}

export function statedIn(body: unknown): { name: string; idNumber: string } {
  return { name: field(body, 'name'), idNumber: field(body, 'idNumber') };
}

/** A text of a form; empty when there is none. */
export function field(body: unknown, name: string): string {
  const value =
    typeof body === 'object' && body !== null ? new Map<string, unknown>(Object.entries(body)).get(name) : '';
  return typeof value === 'string' ? value : '';
}
