// What is used once: by one statement, and a code in the very statement that writes down what it is used for.

import type { AuditLog, Deed } from '../../audit/audit-log.ts';
import type { Queryable } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { storeAfterUse, useOnce } from './engine-statements.ts';
import { errors } from './engine.ts';
import type { Pending } from './request-memory.ts';

type Use = Required<Pending>['use'];

/** Asked for again and again until a person answered: a second question is no theft, and must not end what the first one got. */
export const polledModels: ReadonlySet<string> = new Set(['DeviceCode', 'BackchannelAuthenticationRequest']);

export interface CodeUsesOptions {
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly queryable: () => Queryable;
  /** Of the present request to the engine, if it is one. */
  readonly pending: () => Pending | undefined;
  readonly endGrant: (grant: Uint8Array) => Promise<void>;
}

export class CodeUses {
  readonly #options: CodeUsesOptions;

  constructor(options: CodeUsesOptions) {
    this.#options = options;
  }

  /**
   * RFC 6749 section 4.1.2, RFC 9700 section 4.14.2: one wins; a second use ends everything that came from the grant. A code is used in
   * the statement that writes down what it is used for, which comes before any token is signed.
   */
  async use(use: Use): Promise<void> {
    const pending = this.#options.pending();
    if (use.model === 'AuthorizationCode' && pending !== undefined) {
      pending.use = use;
      return;
    }
    const { rowCount } = await this.#options.queryable().query(this.#using(use));
    if (rowCount === 0) await this.#refuse(use);
  }

  /**
   * The entry of tokens that are about to be signed, durable when it returns, together with the use of the code that they are for.
   * `stored`: an access token will be stored next, and the three are one statement. A rival's use throws `invalid_grant`.
   */
  async recordIssue(deed: Deed, { stored }: { readonly stored: boolean }): Promise<void> {
    const pending = this.#options.pending();
    if (pending?.use === undefined) await this.#options.audit.append(deed.principal, deed.event);
    else if (stored) pending.deed = deed;
    else await this.useFor(deed);
  }

  async useFor(deed: Deed, token?: readonly unknown[]): Promise<void> {
    const pending = this.#options.pending();
    const use = pending?.use;
    if (pending === undefined || use === undefined) throw new TypeError('no code is being used');
    delete pending.use;
    delete pending.deed;
    const using = this.#using(use);
    const change =
      token === undefined
        ? using
        : {
            name: 'oidc-use-and-store',
            text: using.text,
            values: [...using.values, ...token],
            after: storeAfterUse,
          };
    if (!(await this.#options.audit.appendManyWith(change, [deed]))) await this.#refuse(use);
  }

  #using({ model, idDigest }: Use) {
    return {
      name: 'oidc-use',
      text: useOnce,
      values: [model, idDigest, this.#options.clock.now()],
    };
  }

  async #refuse({ model, idDigest }: Use): Promise<never> {
    if (polledModels.has(model)) throw new errors.InvalidGrant('this was used before');
    const { rows } = await this.#options.queryable().query<{ grant_digest: Uint8Array | null }>({
      name: 'oidc-grant-of',
      text: 'SELECT grant_digest FROM identity.oidc_model WHERE model = $1 AND id_digest = $2',
      values: [model, idDigest],
    });
    const grant = rows[0]?.grant_digest;
    if (grant) await this.#options.endGrant(grant);
    throw new errors.InvalidGrant('this was used before');
  }
}
