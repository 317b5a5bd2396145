// The page of a sign-in at which a person chooses for whom they act, at /sign-in/{uid}/choose-party; `prompt=select_party` leads there too.

import { type Request, type Response, Router, urlencoded } from 'express';
import type { PartyChoice } from '../identity/mandates/acting.ts';
import type { Identity } from '../identity/identity.ts';
import type { InteractionView } from '../identity/engine/interactions.ts';
import { TrustError } from '../kernel/errors.ts';
import { callContext } from './pages/caller.ts';
import { formField } from './pages/form-field.ts';
import { languageOf } from './pages/language.ts';
import { partyPage } from './pages/party-page.ts';
import { sendPage } from './pages/send-page.ts';

export interface ChoosePartyOptions {
  readonly identity: Pick<Identity, 'journey' | 'interactions' | 'acting'>;
  readonly sandbox: boolean;
  /** Leads the browser on. */
  readonly onward: (request: Request, response: Response, url: string) => void;
}

/** Who is asked: somebody in the middle of a sign-in, or somebody who signed in before. */
interface Asked {
  readonly view: InteractionView;
  readonly accountId: string;
}

export function choosePartyRouter({ identity, sandbox, onward }: ChoosePartyOptions): Router {
  const { journey, interactions, acting } = identity;
  const router = Router({ caseSensitive: true, mergeParams: true });
  const readForm = urlencoded({ extended: false, limit: '4kb', parameterLimit: 4, inflate: false });

  async function asked(request: Request, response: Response): Promise<Asked> {
    const exchange = { request, response };
    const uid = uidOf(request);
    const view = await interactions.view(exchange, uid);
    if (view.step === 'choose-party' && view.accountId !== undefined) return { view, accountId: view.accountId };
    if (view.step !== 'sign-in') throw new TrustError('interaction-expired', 'nobody signs in here');
    const standing = await journey.standingAtStep(exchange, uid);
    return { view, accountId: standing.account.accountId };
  }

  router.get('/', async (request, response) => {
    const { view, accountId } = await asked(request, response);
    const language = languageOf(request);
    const [parties, last] = await Promise.all([
      acting.partiesOf(accountId),
      acting.lastChoice(accountId, view.clientId),
    ]);
    // What was chosen last time is marked while it holds, else the first.
    const isThere = last === null || parties.some(({ mandateId }) => mandateId === last);
    const chosen = last !== undefined && isThere ? last : (parties[0]?.mandateId ?? null);
    sendPage(
      response,
      partyPage({
        frame: { language, sandbox, plain: true },
        path: `/sign-in/${view.uid}/choose-party`,
        parties,
        chosen,
        systemName: language === 'en' ? view.client.nameEn : view.client.name,
      }),
    );
  });

  router.post('/', readForm, async (request, response) => {
    const exchange = { request, response };
    const call = callContext(response);
    const { view, accountId } = await asked(request, response);
    if (formField(request, 'cancel') !== '') {
      onward(request, response, await interactions.refuse(exchange, view.uid, call));
      return;
    }
    const named = formField(request, 'mandate');
    const choice: PartyChoice = named === '' ? null : named;
    await acting.chosen(accountId, choice);
    if (view.step === 'choose-party') {
      onward(request, response, await interactions.partyChosen(exchange, view.uid, choice));
      return;
    }
    await acting.propose(view.uid, accountId, choice);
    onward(request, response, await journey.passed(exchange, view.uid, 'choose-party', call));
  });
  return router;
}

function uidOf(request: Request): string {
  const { uid } = request.params;
  return typeof uid === 'string' ? uid : '';
}
