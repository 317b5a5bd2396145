// The statement that saves a session in which somebody signed in, with what waits for it: the interaction that is answered, a grant, a code.

import type { Change, Step } from '../../db/riders.ts';
import { grantedRow, livingGrant, modelColumns, modelRow, replacedRow } from './engine-statements.ts';
import type { Pending } from './request-memory.ts';

/** What is saved with a session, each in the same statement or not at all. */
export interface WithSession {
  readonly answered: Pending['answered'] | undefined;
  readonly formerId: Pending['formerId'] | undefined;
  readonly grant: readonly unknown[] | undefined;
  readonly code: Pending['code'] | undefined;
}

export interface SavedSession {
  /** The nine columns of the engine's row. */
  readonly row: readonly unknown[];
  /** Of the row that its owner sees: id, level, origin, browser, now and end. */
  readonly seen: readonly [unknown, unknown, unknown, unknown, unknown, unknown];
}

/**
 * Saving a session is refused once it was ended: a request that was under way does not bring it back. With an interaction, of all that
 * answer it at once one finds it, and the others save nothing. Returns one row when the session was saved, and none otherwise.
 */
export function sessionStatement({ row, seen }: SavedSession, also: WithSession): Change {
  const values = [...row, ...seen];
  const placed = (more: readonly unknown[]) => values.push(...more) - more.length + 1;
  const { answered, grant, code, formerId } = also;
  const steps: Step[] = [];
  if (answered !== undefined)
    steps.push(['answered', deleted('Interaction', placed([answered]), 'RETURNING id_digest')]);
  steps.push([
    'alive',
    `INSERT INTO identity.session (session_id, uid_digest, account_id, level, origin, browser, began_at, used_at, expires_at)
      SELECT $10::uuid, $7::bytea, $5::uuid, $11::smallint, $12, $13, $14::timestamptz, $14::timestamptz, $15::timestamptz
      ${answered === undefined ? '' : 'FROM answered'}
      ON CONFLICT (session_id) DO UPDATE SET account_id = excluded.account_id, level = excluded.level,
        used_at = excluded.used_at, expires_at = excluded.expires_at
      WHERE session.ended_at IS NULL RETURNING session_id`,
  ]);
  if (formerId !== undefined)
    steps.push(['former', `${deleted('Session', placed([formerId]))} AND EXISTS (SELECT 1 FROM alive)`]);
  if (grant !== undefined) steps.push(['granted', grantedRow(placed(grant), 'alive')]);
  if (code !== undefined) {
    const first = placed(code);
    const under = grant === undefined ? `(${livingGrant(`$${first + 5}`, '$14')}) AS living` : 'granted';
    steps.push([
      'code',
      `INSERT INTO identity.oidc_model (${modelColumns}) SELECT ${modelRow(first)} FROM alive, ${under}`,
    ]);
  }
  const names = steps.map(([name]) => name).filter((name) => name !== 'alive');
  return {
    name: ['oidc-save-session', ...names].join('-'),
    steps,
    text: `INSERT INTO identity.oidc_model (${modelColumns}) SELECT ${modelRow(1)} FROM alive
      ON CONFLICT (model, id_digest) DO UPDATE SET ${replacedRow} RETURNING id_digest`,
    values,
  };
}

function deleted(model: 'Interaction' | 'Session', id: number, returning = ''): string {
  return `DELETE FROM identity.oidc_model WHERE model = '${model}' AND id_digest = $${id} ${returning}`;
}
