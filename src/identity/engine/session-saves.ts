// How the OIDC engine's sessions are saved: with what the request has done for them before, in one statement.

import type { AdapterPayload } from 'oidc-provider';
import type { AuditLog, Deed } from '../../audit/audit-log.ts';
import type { Queryable } from '../../db/database.ts';
import { alone } from '../../db/riders.ts';
import type { Clock } from '../../kernel/clock.ts';
import { presentBrowser, presentCall } from '../call-context.ts';
import { levelOfAcr } from '../levels/levels.ts';
import { sessionUuidOf } from '../sessions/session-id.ts';
import { errors } from './engine.ts';
import type { Pending } from './request-memory.ts';
import { sessionStatement } from './session-statement.ts';

export interface SessionSavesOptions {
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly queryable: () => Queryable;
  /** Of the present request to the engine, if it is one. */
  readonly pending: () => Pending | undefined;
  readonly remove: (model: 'Interaction' | 'Session', idDigest: Uint8Array) => Promise<void>;
}

export class SessionSaves {
  readonly #options: SessionSavesOptions;

  constructor(options: SessionSavesOptions) {
    this.#options = options;
  }

  /**
   * A session in which somebody signed in has a row that its owner sees. What waits for it is saved in the same statement: a second
   * answer to the same interaction saves nothing and throws.
   */
  async save(row: readonly unknown[], payload: AdapterPayload, expiresAt: Date): Promise<void> {
    const { audit, clock } = this.#options;
    const pending = this.#options.pending();
    if (pending?.isLate === true) return; // the engine saves once more what could not be saved, and that would be a session of nobody's
    const { answered, formerId, grant, code } = waitingIn(pending);
    const { origin } = presentCall();
    const [session, level] = [sessionUuidOf(payload.uid ?? ''), levelOfAcr(payload.acr)];
    const statement = sessionStatement(
      { row, seen: [session, level, origin ?? null, presentBrowser(), clock.now(), expiresAt] },
      { answered, formerId, code, grant: grant?.row },
    );
    const saved =
      grant?.row === undefined || grant.deed === undefined
        ? (await this.#options.queryable().query(alone(statement))).rowCount > 0
        : await audit.appendManyWith(statement, [grant.deed]);
    if (saved || pending === undefined || answered === undefined) return;
    pending.isLate = true;
    // A page of ours: to the client it would look like the answer that the other request has given.
    throw Object.assign(new errors.SessionNotFound('interaction session not found'), { allow_redirect: false });
  }

  /**
   * The grant that is saved next waits for the session that it is for, and is saved with it and with its entry, if one is still to be written. False where no session
   * will be saved: then it is saved at once.
   */
  grantWaits(deed?: Deed): boolean {
    const pending = this.#options.pending();
    if (pending !== undefined) pending.grant = { deed };
    return pending !== undefined;
  }

  /** At the end of a request to the engine, before its answer leaves. True: another request answered the interaction first. */
  async finish(): Promise<boolean> {
    const pending = this.#options.pending();
    const { answered, formerId } = waitingIn(pending);
    if (answered !== undefined) await this.#options.remove('Interaction', answered);
    if (formerId !== undefined) await this.#options.remove('Session', formerId);
    return pending?.isLate === true;
  }
}

/** It waits no longer. */
function waitingIn(pending: Pending | undefined) {
  const { answered, formerId, grant, code } = pending ?? {};
  delete pending?.answered;
  delete pending?.formerId;
  delete pending?.grant;
  delete pending?.code;
  return { answered, formerId, grant, code };
}
