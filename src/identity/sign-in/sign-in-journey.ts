// Leads a sign-in from the first proof to its end: keeps what is proven, asks the rules what comes next, and tells the engine at the end only.

import type { InteractionResults } from 'oidc-provider';
import type { Transaction } from '../../db/database.ts';
import type { Rider } from '../../db/riders.ts';
import { isTrustError, TrustError } from '../../kernel/errors.ts';
import type { Account, Accounts } from '../accounts/accounts.ts';
import type { CallContext } from '../call-context.ts';
import type { Factors, Methods } from '../factors/factors.ts';
import type { Exchange, Interactions, InteractionView } from '../engine/interactions.ts';
import { isHelpful, type LaterStep, nextStep, type Proven, provenStrength } from './journey.ts';
import type { SignInProgress } from './sign-in-progress.ts';

/** Where a sign-in stands: an account is proven, and perhaps not yet enough. */
export interface Standing {
  readonly view: InteractionView;
  readonly account: Account;
  readonly proven: Proven;
  readonly passed: readonly LaterStep[];
}

/** Those with a page that another part of the room brings. */
export type AskedStep = Exclude<LaterStep, 'second-factor' | 'consent'>;

/** A step that another part of the room plugs in. Its page is at `/sign-in/{uid}/{name}`; `upstream` has none of its own here. */
export interface PluggedStep {
  readonly name: AskedStep | 'upstream';
  /** Whether there is something to ask. It is not asked again after `passed`. */
  needed(standing: Standing): Promise<boolean>;
  /** Whether `told` and `settled` have something to do; where none of the steps has, the sign-in ends in one statement. */
  concerns?(standing: Standing, exchange: Exchange): boolean;
  /** What the engine is told beside the login, in its transaction. */
  told?(tx: Transaction, standing: Standing): Promise<InteractionResults>;
  /** What becomes true with the sign-in, in its transaction. */
  settled?(tx: Transaction, standing: Standing, exchange: Exchange, call: CallContext): Promise<void>;
}

export interface SignInJourneyOptions {
  readonly publicUrl: string;
  readonly interactions: Interactions;
  readonly progress: SignInProgress;
  readonly accounts: Accounts;
  readonly factors: Pick<Factors, 'methodsOf'>;
  readonly steps: readonly PluggedStep[];
}

/**
 * Every method checks that the interaction belongs to this browser and throws `interaction-expired` otherwise. Those that lead on
 * return an address: of the next page, or of the engine.
 */
export class SignInJourney {
  readonly #options: SignInJourneyOptions;

  constructor(options: SignInJourneyOptions) {
    this.#options = options;
  }

  /** What the page of a later step stands on; `undefined` before the first proof. */
  async standing(exchange: Exchange, uid: string): Promise<Standing | undefined> {
    const { interactions, progress } = this.#options;
    const view = await interactions.view(exchange, uid);
    const found = await progress.find(uid);
    return (
      found && {
        ...found,
        view,
        account: usable(found.account ?? (await this.#options.accounts.find(found.accountId))),
      }
    );
  }

  /**
   * What the page of a plugged step stands on. Throws `interaction-expired` before the first proof, and while a second factor is still
   * to come: who has a password alone is shown no organisations, and cannot give the account their own name and face in its place.
   */
  async standingAtStep(exchange: Exchange, uid: string): Promise<Standing> {
    const standing = await this.standing(exchange, uid);
    if (standing === undefined || (await this.#next(standing, exchange)) === 'second-factor')
      throw new TrustError('interaction-expired', 'too little is proven in this sign-in');
    return standing;
  }

  /**
   * The first proof of a sign-in, and what is to be written with it. A sign-in that needs no other is settled at once and leaves no row.
   */
  async firstProof(
    exchange: Exchange,
    view: InteractionView,
    { account, proven, success }: Pick<Standing, 'account' | 'proven'> & { readonly success?: Rider },
    call: CallContext,
  ): Promise<string> {
    const standing: Standing = { view, account, proven, passed: [] };
    const riders = success === undefined ? [] : [success];
    const next = await this.#next(standing, exchange);
    if (next === 'settle' || next === 'unmet') return this.#settle(exchange, standing, call, riders);
    await this.#options.progress.begin(view.uid, { accountId: account.accountId, proven }, riders);
    return this.#pageOf(view.uid, next);
  }

  /** Another proof of the account that the sign-in began with. */
  async furtherProof(
    exchange: Exchange,
    { view, account }: Pick<Standing, 'view' | 'account'>,
    proven: Proven,
    call: CallContext,
  ): Promise<string> {
    return this.#onward(exchange, view, await this.#options.progress.add(view.uid, account.accountId, proven), call);
  }

  /** The methods that bring the sign-in further, the most convenient first. */
  async furtherMethods({ view, account, proven }: Standing): Promise<(keyof Methods)[]> {
    const methods = await this.#options.factors.methodsOf(account.accountId);
    const inOrder = ['passkey', 'totp', 'phone', 'password', 'recoveryCode'] as const;
    return inOrder.filter((name) => {
      const further = methods[name];
      return further !== undefined && isHelpful({ proven, floor: view.wantedLevel }, further);
    });
  }

  /** The person answered or declined a step, which is not asked again; whatever it changed is looked at anew. */
  async passed(exchange: Exchange, uid: string, step: AskedStep, call: CallContext): Promise<string> {
    const view = await this.#options.interactions.view(exchange, uid);
    return this.#onward(exchange, view, await this.#options.progress.pass(uid, step), call);
  }

  /** What the page of the consent stands on; or the address of another page that comes before it. */
  async standingAtConsent(exchange: Exchange, uid: string): Promise<Standing | string> {
    const standing = await this.standing(exchange, uid);
    if (standing === undefined) throw ended();
    const next = await this.#next(standing, exchange);
    if (next === 'settle' || next === 'unmet') throw ended();
    return next === 'consent' ? standing : this.#pageOf(uid, next);
  }

  /** The person agrees to what the page shows: to the journey, or to the engine where somebody was signed in before. */
  async agreed(exchange: Exchange, uid: string, call: CallContext): Promise<string> {
    const { interactions, progress } = this.#options;
    const standing = await this.standing(exchange, uid);
    if (standing === undefined) {
      const { step } = await interactions.view(exchange, uid);
      return step === 'consent' ? interactions.consent(exchange, uid, call) : interactions.answered(exchange, uid);
    }
    const next = await this.#next(standing, exchange);
    if (next !== 'consent' && next !== 'unmet') return this.#pageOf(uid, next === 'settle' ? 'consent' : next);
    try {
      return await this.#settle(exchange, standing, call, [progress.ending(uid)], { agreed: next === 'consent' });
    } catch (error) {
      if (!isTrustError(error, 'interaction-expired')) throw error;
      return interactions.answered(exchange, uid);
    }
  }

  /** The person does not want to go on, at whichever step. */
  async refused(exchange: Exchange, uid: string, call: CallContext): Promise<string> {
    const { interactions, progress } = this.#options;
    const standing = await this.standing(exchange, uid);
    const asked =
      standing !== undefined && (await this.#next(standing, exchange)) === 'consent'
        ? { accountId: standing.account.accountId, riders: [progress.ending(uid)] }
        : undefined;
    return interactions.refuse(exchange, uid, call, asked);
  }

  async #onward(
    exchange: Exchange,
    view: InteractionView,
    progress: Awaited<ReturnType<SignInProgress['find']>>,
    call: CallContext,
  ): Promise<string> {
    if (progress === undefined) throw ended();
    const standing: Standing = {
      ...progress,
      view,
      account: usable(await this.#options.accounts.find(progress.accountId)),
    };
    const next = await this.#next(standing, exchange);
    if (next === 'settle' || next === 'unmet')
      return this.#settle(exchange, standing, call, [this.#options.progress.ending(view.uid)]);
    return this.#pageOf(view.uid, next);
  }

  async #next(standing: Standing, exchange: Exchange) {
    const { view, account, proven, passed } = standing;
    const needed = async (name: AskedStep): Promise<boolean> =>
      !passed.includes(name) &&
      ((await this.#options.steps.find((step) => step.name === name)?.needed(standing)) ?? false);
    return nextStep({
      proven,
      floor: view.wantedLevel,
      accountLevel: account.level,
      furtherFactors: await this.#furtherFactors(standing),
      secondFactorAlways: account.secondFactor,
      raiseLevel: await needed('raise-level'),
      chooseParty: await needed('choose-party'),
      consent: view.asksConsent && !this.#isLinking(standing, exchange),
      passed,
    });
  }

  /** What a platform brought is judged with the sign-in, before anything is agreed to: then the engine asks, once there is a session. */
  #isLinking(standing: Standing, exchange: Exchange): boolean {
    const upstream = this.#options.steps.find(({ name }) => name === 'upstream');
    return upstream?.concerns?.(standing, exchange) === true;
  }

  /** Looked up only where one may be asked for: most sign-ins end without. */
  async #furtherFactors({ view, account, proven }: Standing): Promise<Proven[]> {
    if (!account.secondFactor && provenStrength(proven) >= view.wantedLevel) return [];
    const methods = await this.#options.factors.methodsOf(account.accountId);
    return Object.values(methods).filter((method) => method !== undefined);
  }

  async #settle(
    exchange: Exchange,
    standing: Standing,
    call: CallContext,
    riders: readonly Rider[],
    { agreed } = { agreed: false },
  ): Promise<string> {
    const { view, account, proven } = standing;
    const steps = this.#options.steps.filter((step) => step.concerns?.(standing, exchange) === true);
    const also = async (tx: Transaction) => {
      let told: InteractionResults = {};
      for (const step of steps) {
        await step.settled?.(tx, standing, exchange, call);
        told = { ...told, ...(await step.told?.(tx, standing)) };
      }
      return told;
    };
    return this.#options.interactions.signedIn(
      exchange,
      view.uid,
      { account, proven, floor: view.wantedLevel, agreed },
      call,
      {
        riders,
        ...(steps.length > 0 && { also }),
      },
    );
  }

  #pageOf(uid: string, step: LaterStep): string {
    return `${this.#options.publicUrl}/sign-in/${uid}/${step}`;
  }
}

function usable(account: Account | undefined): Account {
  if (account?.status !== 'active') throw ended();
  return account;
}

function ended(): TrustError {
  return new TrustError('interaction-expired', 'this sign-in has ended');
}
