// The step of a sign-in that asks for whom a person acts, and what the engine does with the answer; prompt `select_party` asks without a sign-in.

import type { KoaContextWithOIDC } from 'oidc-provider';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { Database, Transaction } from '../../db/database.ts';
import type { Principal } from '../../kernel/principal.ts';
import { asObject, textAt } from '../../kernel/words/members.ts';
import { type Acting, partyResult, selectParty } from './acting.ts';
import { presentCall } from '../call-context.ts';
import { agreedIn } from '../engine/consent-details.ts';
import { presentLevel } from '../engine/login-policy.ts';
import type { PluggedStep, Standing } from '../sign-in/sign-in-journey.ts';

/** It is asked where there is a choice: whoever has one mandate acts under it, and can lay it aside later. */
export function choosePartyStep(acting: Acting): PluggedStep {
  return {
    name: 'choose-party',
    needed: async ({ account }) => account.mandates > 1 && (await acting.partiesOf(account.accountId)).length > 1,
    concerns: ({ passed }) => passed.includes('choose-party'),
    told: async (tx: Transaction, { view, account }: Standing) => {
      const choice = await acting.takeProposed(tx, view.uid, account.accountId);
      return choice === undefined ? {} : partyResult(choice);
    },
  };
}

export interface ChosenPartyOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly acting: Acting;
}

/** When the engine takes up the answer of an interaction: the session is known now, and the choice is noted for it before any token. */
export async function noteChosenParty(ctx: KoaContextWithOIDC, options: ChosenPartyOptions): Promise<void> {
  const { result, session, client } = ctx.oidc;
  const answer = asObject(result?.[selectParty]);
  // The answer to a later question carries the earlier ones along; that of a journey brings its own together.
  const isLater = result?.consent !== undefined && agreedIn(result) === undefined;
  if (answer === undefined || isLater || client === undefined) return;
  if (session?.accountId === undefined) return;
  const { accountId, uid: sessionUid } = session;
  const { clientId } = client;
  const party = await options.acting.chosen(accountId, textAt(answer, 'mandate') ?? null);
  const caller: Principal = {
    kind: 'person',
    accountId,
    clientId,
    scopes: new Set(),
    roles: new Set(),
    level: presentLevel(ctx),
    ...presentCall(),
  };
  await options.database.transaction(async (tx) => {
    await options.acting.remember(
      tx,
      { accountId, sessionUid, clientId },
      { mandateId: party?.mandateId ?? null, isSignIn: result?.login !== undefined },
    );
    await options.audit.record(tx, caller, {
      action: 'party.chosen',
      outcome: 'done',
      subjectId: accountId,
      facts: { client: clientId, ...(party !== null && { organisation: party.organisationId }) },
    });
  });
}
