// The codes that people type for a device: each leads to its device code once, and the engine's adapter of device codes looks here; RFC 8628 sections 3.2, 3.3 and 5.1.

import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database } from '../../db/database.ts';
import { fromUtf8, toHex, utf8 } from '../../kernel/bytes.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { errors } from '../engine/engine.ts';

export interface UserCodesOptions {
  readonly database: Database;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
}

export class UserCodes {
  readonly #options: UserCodesOptions;

  constructor(options: UserCodesOptions) {
    this.#options = options;
  }

  /**
   * The adapter of the model DeviceCode. The engine saves a device code when it is made, when somebody confirms or refuses it, and
   * when it is granted or failed; with the second it loses its user code, and of two who confirm one code one wins.
   */
  around(adapter: Adapter): Adapter {
    return {
      find: (id) => adapter.find(id),
      findByUid: (uid) => adapter.findByUid(uid),
      consume: (id) => adapter.consume(id),
      destroy: (id) => adapter.destroy(id),
      revokeByGrantId: (grantId) => adapter.revokeByGrantId(grantId),
      findByUserCode: async (userCode) => {
        const deviceCode = await this.#deviceCodeOf(userCode);
        return deviceCode === undefined ? undefined : adapter.find(deviceCode);
      },
      upsert: async (id, payload, expiresInSeconds) => {
        const state = stateOf(payload);
        if (state === 'new') await this.#keep(payload.userCode ?? '', id, expiresInSeconds ?? 0);
        if (state === 'decided') await this.#take(payload.userCode ?? '');
        await adapter.upsert(id, payload, expiresInSeconds);
      },
    };
  }

  /** Removes codes that are over; returns how many. */
  async purge(limit: number): Promise<number> {
    const { rowCount } = await this.#options.database.query({
      text: `DELETE FROM identity.user_code WHERE code_index IN (SELECT code_index FROM identity.user_code
        WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
      values: [this.#options.clock.now(), limit],
    });
    return rowCount;
  }

  async #deviceCodeOf(userCode: string): Promise<string | undefined> {
    const { database, cipher, clock } = this.#options;
    const index = this.#indexOf(userCode);
    const { rows } = await database.query<{ device_code_sealed: Uint8Array }>({
      name: 'user-code-find',
      text: 'SELECT device_code_sealed FROM identity.user_code WHERE code_index = $1 AND expires_at > $2',
      values: [index, clock.now()],
    });
    const sealed = rows[0]?.device_code_sealed;
    return sealed && fromUtf8(cipher.open(sealed, contextOf(index)));
  }

  async #keep(userCode: string, deviceCode: string, expiresInSeconds: number): Promise<void> {
    const { database, cipher, clock } = this.#options;
    const index = this.#indexOf(userCode);
    const { rowCount } = await database.query({
      name: 'user-code-keep',
      text: `INSERT INTO identity.user_code (code_index, device_code_sealed, expires_at) VALUES ($1, $2, $3)
        ON CONFLICT DO NOTHING`,
      values: [index, cipher.seal(utf8(deviceCode), contextOf(index)), addSeconds(clock.now(), expiresInSeconds)],
    });
    // Two devices with one code: the second asks again and gets another one.
    if (rowCount === 0) throw new errors.TemporarilyUnavailable('ask again');
  }

  async #take(userCode: string): Promise<void> {
    const { rowCount } = await this.#options.database.query({
      name: 'user-code-take',
      text: 'DELETE FROM identity.user_code WHERE code_index = $1',
      values: [this.#indexOf(userCode)],
    });
    if (rowCount === 0) throw new errors.InvalidRequest('this code was used already');
  }

  #indexOf(userCode: string): Uint8Array {
    return this.#options.cipher.blindIndex(userCode, 'identity.user_code');
  }
}

function stateOf({ inFlight, accountId, error }: AdapterPayload): 'new' | 'decided' | 'ended' {
  const ended = accountId !== undefined || error !== undefined;
  if (inFlight === true) return ended ? 'ended' : 'decided';
  return ended ? 'decided' : 'new';
}

const contextOf = (index: Uint8Array): string => `identity.user_code.device_code:${toHex(index)}`;
