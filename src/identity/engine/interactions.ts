// The steps of a sign-in that people see: what is asked of them, and how their answer goes back to the OIDC engine.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Interaction, InteractionResults, Provider } from 'oidc-provider';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { AuditEvent } from '../../audit/events.ts';
import type { Database } from '../../db/database.ts';
import type { Rider } from '../../db/riders.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { AuthorizationDetail } from '../../kernel/authorization-details.ts';
import type { Principal, RealNameLevel, Scope } from '../../kernel/principal.ts';
import type { Account } from '../accounts/accounts.ts';
import { isApiScope } from '../tokens/api-scopes.ts';
import type { CallContext } from '../call-context.ts';
import type { Clients } from '../clients/clients.ts';
import { addAgreed, agreedResult, consentDetails, laterConsent, scopeText } from './consent-details.ts';
import { errors } from './engine.ts';
import { amrOf, type Proven, provenStrength } from '../sign-in/journey.ts';
import { acrOf, acrWish, answeredLevel, floorOfClient, lowerLevel } from '../levels/levels.ts';
import { selectAccount } from './login-policy.ts';
import type { OidcStore } from './oidc-store.ts';
import { expired, settle, type Settling } from './settlement.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { type PartyChoice, partyResult, selectParty } from '../mandates/acting.ts';
import { namesOf } from './provider-frame.ts';
import type { ClientName } from './provider-pages.ts';

export interface InteractionsOptions {
  /** Whichever engine is in use now. */
  readonly present: { readonly provider: Provider };
  readonly store: OidcStore;
  readonly sessions: Sessions;
  readonly database: Database;
  readonly clients: Clients;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What the page of an interaction has to say. */
export interface InteractionView {
  readonly uid: string;
  readonly step: 'sign-in' | 'choose-party' | 'consent';
  readonly clientId: string;
  readonly client: ClientName;
  /** Host of the address that the answer goes to. */
  readonly answerHost: string | undefined;
  /** The real-name level that the client asks for; 0 when it asks for none, Infinity for one that does not exist. */
  readonly wantedLevel: number;
  /** The person signed in already and must do so again, or higher. */
  readonly again: boolean;
  /** Whoever is signed in may go on as they are: the client asked only which account it is to be. */
  readonly choosesAccount: boolean;
  /** What the client guesses about who comes; shown in the field, never trusted. */
  readonly loginHint: string | undefined;
  readonly accountId: string | undefined;
  /** Nobody is signed in, and whoever signs in will be asked for consent: the journey asks, before the engine hears of anything. */
  readonly asksConsent: boolean;
  /** What consent is asked for, now or then. */
  readonly oidcScopes: readonly string[];
  readonly oidcClaims: readonly string[];
  readonly apiScopes: readonly Scope[];
  /** One thing each that the person is asked to allow. */
  readonly authorizationDetails: readonly AuthorizationDetail[];
}

export class Interactions {
  readonly #options: InteractionsOptions;

  constructor(options: InteractionsOptions) {
    this.#options = options;
  }

  /** Throws `interaction-expired` when there is no such interaction, or not in this browser. */
  async view(exchange: Exchange, uid: string): Promise<InteractionView> {
    const interaction = await this.#interaction(exchange, uid);
    const { params, prompt, session } = interaction;
    const clientId = textOf(params.client_id) ?? '';
    const metadata = await this.#options.clients.metadataOf(clientId);
    const details = consentDetails(interaction);
    return {
      uid,
      step: stepOf(prompt.name),
      clientId,
      client: namesOf(metadata ?? { client_id: clientId }),
      answerHost: hostOf(textOf(params.redirect_uri)),
      wantedLevel: acrWish(params, floorOfClient(metadata)).floor,
      again: session?.accountId !== undefined && prompt.name !== selectAccount,
      choosesAccount: session?.accountId !== undefined && prompt.name === selectAccount,
      loginHint: textOf(params.login_hint)?.slice(0, 64),
      accountId: session?.accountId,
      asksConsent: asksConsent(interaction),
      oidcScopes: details.oidcScopes,
      oidcClaims: details.oidcClaims,
      apiScopes: details.resources.flatMap(([, scopes]) => scopes).filter(isApiScope),
      authorizationDetails: details.authorizationDetails,
    };
  }

  /**
   * The account proved itself and the journey is at its end. `riders` are part of the statement that says so; with `also` it is a
   * transaction, and the engine is told what `also` gives beside the login. Returns the address that leads on. A
   * level that this login cannot reach, or a person other than the one asked for, ends the request with an error: asking again would
   * never end.
   */
  async signedIn(
    exchange: Exchange,
    uid: string,
    login: { readonly account: Account; readonly proven: Proven; readonly floor: number; readonly agreed: boolean },
    call: CallContext,
    settling: Settling,
  ): Promise<string> {
    const interaction = await this.#interaction(exchange, uid);
    if (stepOf(interaction.prompt.name) !== 'sign-in') throw expired();
    const { account, proven, floor } = login;
    const amr = amrOf(proven);
    const level = lowerLevel(account.level, provenStrength(proven));
    const wish = acrWish(interaction.params, 0);
    const reached = level >= floor;
    // A login that was given before and did not satisfy the engine will not satisfy it the second time either.
    const stuck = interaction.lastSubmission?.login !== undefined;
    const acr = acrOf(level);
    const result: InteractionResults =
      reached && !stuck
        ? {
            login: {
              accountId: account.accountId,
              amr: [...amr],
              remember: true,
              ...(acr === undefined ? {} : { acr }),
            },
            // Whoever signs in has chosen an account, whichever prompt asked them to.
            ...(promptsOf(interaction).includes(selectAccount) ? { [selectAccount]: {} } : {}),
            ...(login.agreed ? agreedResult(consentDetails(interaction)) : {}),
          }
        : reached
          ? { error: 'login_required', error_description: 'another person signed in than was asked for' }
          : {
              error: 'unmet_authentication_requirements',
              error_description: 'the real-name level that was asked for cannot be reached',
            };
    const event: AuditEvent = {
      action: 'sign-in',
      outcome: 'done',
      subjectId: account.accountId,
      facts: {
        client: clientIdOf(interaction),
        level: reached ? answeredLevel(level, wish) : level,
        amr: amr.join(' '),
        satisfied: reached && !stuck,
      },
    };
    const principal = principalOf(interaction, call, account, level);
    const agreed = result.login !== undefined && login.agreed;
    const events = agreed ? [event, consentGiven(interaction, account.accountId)] : [event];
    return settle(this.#options, interaction, { result, principal, events }, settling);
  }

  /** The person agreed to what the page showed: exactly that is granted. Grant, result and audit entry commit together. */
  async consent(exchange: Exchange, uid: string, call: CallContext): Promise<string> {
    const interaction = await this.#interaction(exchange, uid);
    const accountId = interaction.session?.accountId;
    const clientId = textOf(interaction.params.client_id);
    if (interaction.prompt.name !== 'consent' || accountId === undefined || clientId === undefined) throw expired();
    const { present, store, database, audit } = this.#options;
    const { provider } = present;
    const details = consentDetails(interaction);
    const found = interaction.grantId === undefined ? undefined : await provider.Grant.find(interaction.grantId);
    const grant = found ?? new provider.Grant({ accountId, clientId });
    addAgreed(grant, details);
    return database.transaction((tx) =>
      store.within(tx, async () => {
        const grantId = await grant.save();
        const url = await provider.interactionResult(exchange.request, exchange.response, { consent: { grantId } });
        await audit.record(tx, principalOf(interaction, call, { accountId }, 0), consentGiven(interaction, accountId));
        return url;
      }),
    );
  }

  /** Whoever is signed in says for whom they act; nothing else of the sign-in changes. */
  async partyChosen(exchange: Exchange, uid: string, choice: PartyChoice): Promise<string> {
    const interaction = await this.#interaction(exchange, uid);
    if (interaction.prompt.name !== selectParty || interaction.session?.accountId === undefined) throw expired();
    const { provider } = this.#options.present;
    return provider.interactionResult(exchange.request, exchange.response, partyResult(choice));
  }

  /** Whoever is signed in stays who they are; whether that is enough for the client is judged next. */
  async sameAccount(exchange: Exchange, uid: string): Promise<string> {
    const interaction = await this.#interaction(exchange, uid);
    if (interaction.prompt.name !== selectAccount || interaction.session?.accountId === undefined) throw expired();
    const { provider } = this.#options.present;
    return provider.interactionResult(exchange.request, exchange.response, { [selectAccount]: {} });
  }

  /**
   * The person does not want to go on: the client is told `access_denied`. `asked`: whom the journey asked for consent. What was answered
   * before stands.
   */
  async refuse(
    exchange: Exchange,
    uid: string,
    call: CallContext,
    asked?: { readonly accountId: string; readonly riders: readonly Rider[] },
  ): Promise<string> {
    const interaction = await this.#interaction(exchange, uid);
    if (interaction.result !== undefined) return interaction.returnTo;
    const consenting = interaction.prompt.name === 'consent' ? interaction.session?.accountId : undefined;
    const accountId = asked?.accountId ?? consenting;
    const result = { error: 'access_denied', error_description: 'the person did not go on' };
    if (accountId === undefined) {
      return this.#options.present.provider.interactionResult(exchange.request, exchange.response, result);
    }
    const event: AuditEvent = {
      action: 'consent',
      outcome: 'failed',
      code: 'forbidden',
      subjectId: accountId,
      facts: { client: clientIdOf(interaction), scope: scopeText(consentDetails(interaction)), asked: true },
    };
    const principal = principalOf(interaction, call, { accountId }, 0);
    return settle(this.#options, interaction, { result, principal, events: [event] }, { riders: asked?.riders ?? [] });
  }

  /** A button that is pressed twice is no fault: it leads to where the first answer leads. Throws `interaction-expired` without one. */
  async answered(exchange: Exchange, uid: string): Promise<string> {
    const { result, returnTo } = await this.#options.store.anew(() => this.#interaction(exchange, uid));
    if (result === undefined) throw expired();
    return returnTo;
  }

  /** The interaction is named by the signed cookie of this browser; the address must name the same. */
  async #interaction({ request, response }: Exchange, uid: string): Promise<Interaction> {
    try {
      const interaction = await this.#options.present.provider.interactionDetails(request, response);
      if (interaction.uid === uid) return interaction;
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error;
    }
    throw expired();
  }
}

function stepOf(prompt: string): InteractionView['step'] {
  if (prompt === selectParty) return 'choose-party';
  return prompt === 'consent' ? 'consent' : 'sign-in';
}

function clientIdOf({ params }: Interaction): string {
  return textOf(params.client_id) ?? '';
}

/** A login that did not satisfy the engine before is not asked for more: it will not satisfy it either. */
function asksConsent({ prompt, lastSubmission }: Interaction): boolean {
  return prompt.details[laterConsent] !== undefined && lastSubmission?.login === undefined;
}

function consentGiven(interaction: Interaction, accountId: string): AuditEvent {
  const details = consentDetails(interaction);
  return {
    action: 'consent',
    outcome: 'done',
    subjectId: accountId,
    facts: {
      client: clientIdOf(interaction),
      scope: scopeText(details),
      claims: details.oidcClaims.join(' '),
      asked: true,
    },
  };
}

function principalOf(
  interaction: Interaction,
  call: CallContext,
  account: { readonly accountId: string; readonly roles?: Account['roles'] },
  level: RealNameLevel,
): Principal {
  const clientId = textOf(interaction.params.client_id);
  return {
    kind: 'person',
    accountId: account.accountId,
    ...(clientId === undefined ? {} : { clientId }),
    scopes: new Set(),
    roles: new Set(account.roles ?? []),
    level,
    ...call,
  };
}

function promptsOf({ params }: Interaction): readonly string[] {
  return textOf(params.prompt)?.split(' ') ?? [];
}

function hostOf(uri: string | undefined): string | undefined {
  return uri !== undefined && URL.canParse(uri) ? new URL(uri).host : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
