// The page of the sign-in step that raises a level, at /sign-in/{uid}/raise-level; where it leads the journey decides.

import type { Request, Response, Router } from 'express';
import type { Identity } from '../identity/identity.ts';
import { provenStrength } from '../identity/sign-in/journey.ts';
import { lowerLevel } from '../identity/levels/levels.ts';
import { faceProof } from '../identity/levels/raise-level-step.ts';
import type { Standing } from '../identity/sign-in/sign-in-journey.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Principal } from '../kernel/principal.ts';
import { levelJourney, type LevelPlace } from './level-journey.ts';
import { callContext } from './pages/caller.ts';
import { languageOf } from './pages/language.ts';

export interface RaiseLevelOptions {
  readonly identity: Pick<Identity, 'journey' | 'identityChecks'>;
  readonly publicUrl: string;
  readonly sandbox: boolean;
  /** Leads the browser on. */
  readonly onward: (request: Request, response: Response, url: string) => void;
}

export function raiseLevelRouter({ identity, publicUrl, sandbox, onward }: RaiseLevelOptions): Router {
  const { journey, identityChecks: checks } = identity;

  async function standingOf(request: Request, response: Response): Promise<Standing> {
    const standing = await journey.standing({ request, response }, uidOf(request));
    if (standing === undefined) throw new TrustError('interaction-expired', 'nothing is proven in this sign-in');
    return standing;
  }

  const router = levelJourney({
    checks,
    publicUrl,
    place: async (request, response) => {
      const standing = await journey.standingAtStep({ request, response }, uidOf(request));
      const { view, account } = standing;
      const language = languageOf(request);
      return {
        account,
        principal: principalOf(standing, response),
        frame: { language, sandbox, plain: true },
        path: `/sign-in/${view.uid}/raise-level`,
        asked: {
          clientName: language === 'en' ? view.client.nameEn : view.client.name,
          level: view.wantedLevel,
        },
      };
    },
    raised: async (request, response, place: LevelPlace, { level, byFace }) => {
      const standing = await standingOf(request, response);
      const call = callContext(response);
      const exchange = { request, response };
      if (byFace) onward(request, response, await journey.furtherProof(exchange, standing, faceProof, call));
      else if (level >= standing.view.wantedLevel)
        onward(request, response, await journey.passed(exchange, standing.view.uid, 'raise-level', call));
      else response.redirect(303, place.path);
    },
  });

  router.post('/skip', async (request, response) => {
    const url = await journey.passed({ request, response }, uidOf(request), 'raise-level', callContext(response));
    onward(request, response, url);
  });
  return router;
}

function principalOf({ view, account, proven }: Standing, response: Response): Principal {
  return {
    kind: 'person',
    accountId: account.accountId,
    clientId: view.clientId,
    scopes: new Set(),
    roles: new Set(account.roles),
    level: lowerLevel(account.level, provenStrength(proven)),
    amr: proven.amr,
    ...callContext(response),
  };
}

function uidOf(request: Request): string {
  const { uid } = request.params;
  return typeof uid === 'string' ? uid : '';
}
