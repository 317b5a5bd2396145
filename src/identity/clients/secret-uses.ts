// When a client last proved itself by which of its secrets: noted in memory, and written once a minute, so that no token request waits for it.

import type { Database } from '../../db/database.ts';
import { toHex } from '../../kernel/bytes.ts';
import type { Clock } from '../../kernel/clock.ts';

interface Use {
  readonly clientId: string;
  readonly secretHash: Uint8Array;
  readonly at: Date;
}

/** It tells administrators whether a former secret is still in use; a crash loses the last minute of it, and nothing else. */
export class SecretUses {
  readonly #options: { readonly database: Database; readonly clock: Clock };
  /** One for each secret, so no larger than the register of clients. */
  #uses = new Map<string, Use>();

  constructor(options: { readonly database: Database; readonly clock: Clock }) {
    this.#options = options;
  }

  /** For a secret that was right. */
  note(clientId: string, secretHash: Uint8Array): void {
    this.#uses.set(`${clientId}:${toHex(secretHash)}`, { clientId, secretHash, at: this.#options.clock.now() });
  }

  async flush(): Promise<void> {
    const uses = this.#uses;
    this.#uses = new Map();
    for (const { clientId, secretHash, at } of uses.values()) {
      await this.#options.database.query({
        name: 'client-secret-used',
        text: `UPDATE identity.client SET
            secret_used_at = CASE WHEN secret_hash = $2 THEN $3 ELSE secret_used_at END,
            former_secret_used_at = CASE WHEN former_secret_hash = $2 THEN $3 ELSE former_secret_used_at END
          WHERE client_id = $1`,
        values: [clientId, secretHash, at],
      });
    }
  }
}
