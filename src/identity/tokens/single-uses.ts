// Proofs and assertions are good once, whoever of all processes sees them first; RFC 7523 section 3 (jti), RFC 9449 section 11.1.

import type { Provider } from 'oidc-provider';
import { digest } from '../../crypto/digest.ts';
import type { Database } from '../../db/database.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { addSeconds, type Clock, moment } from '../../kernel/clock.ts';

/** As long as the engine's tolerance and some more: a row must not go while what it stands for is still good. */
const graceSeconds = 60;

export class SingleUses {
  readonly #options: { readonly database: Database; readonly clock: Clock };

  constructor(options: { readonly database: Database; readonly clock: Clock }) {
    this.#options = options;
  }

  /** True for the first caller with this name until `goodUntil`, false for all others. One statement decides. */
  async take(name: string, goodUntil: Date): Promise<boolean> {
    const { database, clock } = this.#options;
    const { rowCount } = await database.query({
      name: 'oidc-take-once',
      text: `INSERT INTO identity.oidc_model (model, id_digest, payload, expires_at) VALUES ('ReplayDetection', $1, ''::bytea, $2)
        ON CONFLICT (model, id_digest) DO UPDATE SET expires_at = excluded.expires_at WHERE oidc_model.expires_at < $3`,
      values: [digest('SHA-256', utf8(name)), addSeconds(goodUntil, graceSeconds), clock.now()],
    });
    return rowCount === 1;
  }

  /** The engine looks first and saves then, which lets two through at once: this takes its place. */
  decideFor(provider: Provider): void {
    provider.ReplayDetection.unique = (issuer, jti, expiresAtSeconds) =>
      this.take(`engine ${JSON.stringify([issuer, jti])}`, moment(expiresAtSeconds * 1000));
  }
}
