// What this process knows of our own authorities and of certificates' status, true as of the question: one small statement tells whether it still is.

import type { Database } from '../db/database.ts';
import { askedTogether } from '../db/asked-together.ts';
import type { StoredCertificate } from './certificate-store.ts';
import { caNames } from './hierarchy.ts';
import type { LinkCertificate } from './key-changeover.ts';
import type { RegisteredStatus } from './status-store.ts';

/** All of one state of the register. */
export interface AuthorityView {
  readonly authorities: readonly StoredCertificate[];
  readonly links: readonly LinkCertificate[];
  /** Certificates that were asked about in this state, by serial number; only such as the register knows. */
  readonly registered: Map<string, RegisteredStatus>;
}

export interface AuthorityMemoryOptions {
  readonly database: Database;
  readonly load: () => Promise<Omit<AuthorityView, 'registered'>>;
}

export class AuthorityMemory {
  readonly #options: AuthorityMemoryOptions;
  readonly #state: (question: 'state') => Promise<string | undefined>;
  readonly #views = new WeakMap<readonly StoredCertificate[], AuthorityView>();
  #known: { readonly state: string | undefined; readonly view: Promise<AuthorityView> } | undefined;

  constructor(options: AuthorityMemoryOptions) {
    this.#options = options;
    this.#state = askedTogether(async () => new Map([['state', await this.#readState()]]));
  }

  /**
   * Never older than the question: whatever is committed on any node before it is in it. The state is read before what it stands for,
   * so that a change in between is met at the next question.
   */
  async view(): Promise<AuthorityView> {
    const state = await this.#state('state');
    if (this.#known === undefined || this.#known.state !== state) {
      const view = this.#load();
      const known = { state, view };
      this.#known = known;
      view.catch(() => {
        if (this.#known === known) this.#known = undefined;
      });
    }
    return this.#known.view;
  }

  /** The view that these authorities came from, if they did. */
  viewOf(authorities: readonly StoredCertificate[]): AuthorityView | undefined {
    return this.#views.get(authorities);
  }

  async #load(): Promise<AuthorityView> {
    const view = { ...(await this.#options.load()), registered: new Map<string, RegisteredStatus>() };
    this.#views.set(view.authorities, view);
    return view;
  }

  /** Each change of a status counts one more for its issuer (status-store.ts); each new key of an authority is a generation, a binding, or a certificate of a root. */
  async #readState(): Promise<string> {
    const { rows } = await this.#options.database.query<{ state: string }>({
      name: 'pki-state',
      text: `SELECT concat_ws(' ',
        (SELECT coalesce(sum(revision), 0) FROM pki.issuer),
        (SELECT count(*) FROM pki.authority_generation),
        (SELECT count(*) FROM pki.certificate WHERE profile = 'root-ca' AND state = 'issued'),
        (SELECT string_agg(certificate_id::text, ' ' ORDER BY key_name) FROM pki.key_binding
          WHERE key_name = ANY ($1) OR key_name IN (SELECT issuer_name FROM pki.authority_generation))) AS state`,
      values: [[...caNames]],
    });
    return rows[0]?.state ?? '';
  }
}
