// Signing in through another platform: whose account a login there leads to, how the two are linked, and what its word adds to the level.

import type { IncomingMessage } from 'node:http';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Transaction } from '../../db/database.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { uuidFromId } from '../../kernel/ids.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { Account, Accounts } from '../accounts/accounts.ts';
import type { CallContext } from '../call-context.ts';
import type { Evidence } from '../levels/evidence.ts';
import type { Proven } from '../sign-in/journey.ts';
import { readPerson } from '../levels/sealed-person.ts';
import type { PluggedStep, Standing } from '../sign-in/sign-in-journey.ts';
import { termsVersion } from '../accounts/terms.ts';
import type { ArrivalSeal, UpstreamArrival } from './upstream-arrival.ts';
import type { UpstreamLinks } from './upstream-links.ts';
import { isFromPlatform, methodsOf } from './upstream-source.ts';
import type { Upstreams } from './upstream-strategy.ts';

export interface UpstreamSignInOptions {
  readonly platforms: Upstreams;
  readonly links: UpstreamLinks;
  readonly seal: ArrivalSeal;
  readonly accounts: Accounts;
  readonly evidence: Pick<Evidence, 'establishWithin'>;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
}

/** What a person chooses who comes without an account. */
export interface NewcomerChoice {
  readonly loginName: string;
  readonly password: string;
  readonly termsVersion: string;
}

/** Of one sign-in: its path holds the interaction's name, and its value opens for that one only. */
export const arrivalCookie = 'yinxin-arrival';

/** Levels below are the account's own matter; from here on the platform vouches for a name and a number. */
const leastVouchedLevel = 3;
const evidenceMethods = { 3: 'platform-register', 4: 'platform-person', 5: 'platform-certificate' } as const;

export class UpstreamSignIn {
  readonly platforms: Upstreams;
  readonly links: UpstreamLinks;
  readonly seal: ArrivalSeal;
  readonly #options: UpstreamSignInOptions;

  constructor(options: UpstreamSignInOptions) {
    this.platforms = options.platforms;
    this.links = options.links;
    this.seal = options.seal;
    this.#options = options;
  }

  /** What came with this request for this sign-in. */
  arrivalIn(request: IncomingMessage, uid: string): UpstreamArrival | undefined {
    const sealed = new RegExp(`(?:^|;\\s*)(?:__Secure-)?${arrivalCookie}=([A-Za-z0-9_-]+)`).exec(
      request.headers.cookie ?? '',
    )?.[1];
    return this.seal.open(sealed, uid);
  }

  /** The account that the login leads to; nothing but a link leads to one, whatever name or number comes along. */
  async accountOf(arrival: UpstreamArrival): Promise<{ account: Account; proven: Proven } | undefined> {
    const accountId = await this.links.use(arrival);
    const account = accountId === undefined ? undefined : await this.#options.accounts.find(accountId);
    return account?.status === 'active' ? { account, proven: provenBy(arrival) } : undefined;
  }

  /** Makes an account for the newcomer, linked from the start. Throws what `Accounts.create` throws, and for terms that were not accepted the same. */
  async register(
    arrival: UpstreamArrival,
    choice: NewcomerChoice,
    principal: Principal,
  ): Promise<{ account: Account; proven: Proven }> {
    if (choice.termsVersion !== termsVersion) throw new TrustError('malformed-request', 'the terms were not accepted');
    const account = await this.#options.accounts.create(
      { ...choice, roles: [], evidence: [] },
      principal,
      async (tx, made) => {
        await this.links.link(tx, arrival, made.accountId, { ...principal, kind: 'person', accountId: made.accountId });
        await this.#vouch(tx, arrival, made.accountId, principal);
      },
    );
    return { account: (await this.#options.accounts.find(account.accountId)) ?? account, proven: provenBy(arrival) };
  }

  /**
   * Plugged into the journey: it asks nothing, and makes true with the sign-in what the person asked for when they arrived. Throws
   * `upstream-other-person` and `upstream-linked-elsewhere`; then nobody is signed in.
   */
  readonly step: PluggedStep = {
    name: 'upstream',
    needed: async () => false,
    concerns: (standing, { request }) => this.#concerning(standing, request) !== undefined,
    settled: async (tx, standing, { request }, call) => {
      const arrival = this.#concerning(standing, request);
      if (arrival === undefined) return;
      const came = isFromPlatform(standing.proven.amr);
      const principal = principalOf(standing, call);
      if (!came) await this.links.link(tx, arrival, standing.account.accountId, principal);
      // The browser may have brought somebody else from a platform after the proof: their name is not this account's.
      else if (!(await this.links.isLinked(tx, arrival, standing.account.accountId))) return;
      await this.#vouch(tx, arrival, standing.account.accountId, principal);
    },
  };

  /** How the browser came from a platform, if this sign-in has to do with it. */
  #concerning({ view, proven }: Standing, request: IncomingMessage): UpstreamArrival | undefined {
    const arrival = this.arrivalIn(request, view.uid);
    return arrival !== undefined && (isFromPlatform(proven.amr) || arrival.linking) ? arrival : undefined;
  }

  async #vouch(tx: Transaction, arrival: UpstreamArrival, accountId: string, principal: Principal): Promise<void> {
    const { person, level, upstream } = arrival;
    if (person === undefined) return;
    const uuid = uuidFromId('account', accountId);
    const known = uuid === undefined ? undefined : await readPerson(tx, this.#options.cipher, uuid);
    if (known !== undefined && known.idNumber !== person.idNumber)
      throw new TrustError('upstream-other-person', 'the platform names another person than the account');
    if (level < leastVouchedLevel) return;
    const method = evidenceMethods[level === 5 ? 5 : level === 4 ? 4 : 3];
    const days = this.platforms.find(upstream)?.evidenceDays ?? 0;
    const expiresAt = addSeconds(this.#options.clock.now(), days * 24 * 3600);
    await this.#options.evidence.establishWithin(tx, principal, accountId, {
      person,
      evidence: [{ method, source: upstream, expiresAt }],
    });
  }
}

function provenBy(arrival: UpstreamArrival): Proven {
  const amr = methodsOf(arrival.level);
  return { amr, counting: amr };
}

function principalOf({ view, account }: Standing, call: CallContext): Principal {
  return {
    kind: 'person',
    accountId: account.accountId,
    clientId: view.clientId,
    scopes: new Set(),
    roles: new Set(account.roles),
    level: account.level,
    ...call,
  };
}
