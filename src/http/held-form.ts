// A form that waits while its sender signs in anew: kept sealed in the session of the pages, shown back to the same person, sent again by them; RFC 9470 on our own pages.

import type { Request } from 'express';
import type { FieldCipher } from '../crypto/field-cipher.ts';
import { fromBase64, fromUtf8, toBase64, utf8 } from '../kernel/bytes.ts';
import { addSeconds, type Clock, moment } from '../kernel/clock.ts';
import { isTrustError } from '../kernel/errors.ts';
import { asObject } from '../kernel/words/members.ts';

declare module 'express-session' {
  interface SessionData {
    heldForm?: HeldForm;
  }
}

/** As it stands in the session. */
export interface HeldForm {
  readonly accountId: string;
  /** Path of this site to which it was sent. */
  readonly path: string;
  /** May name people: sealed for this account and path. */
  readonly fields: string;
  readonly until: string;
}

export interface WaitingForm {
  readonly path: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

interface Keeping {
  readonly cipher: Pick<FieldCipher, 'seal' | 'open'>;
  readonly clock: Clock;
}

/** As long as a sign-in may take. */
const heldSeconds = 15 * 60;
const maxFieldsLength = 64 * 1024;
/** What proves somebody is asked anew, and kept nowhere. */
const secretFields = /password|code|answer|draft|proof/i;

/** Keeps what was posted; nothing of it where it is no form, or has secrets in it. Returns whether it was kept. */
export function holdForm({ cipher, clock }: Keeping, request: Request, accountId: string): boolean {
  const fields = fieldsIn(request.body);
  const text = JSON.stringify(fields);
  if (request.method !== 'POST' || text.length > maxFieldsLength || fields.some(([name]) => secretFields.test(name)))
    return false;
  const path = request.originalUrl;
  request.session.heldForm = {
    accountId,
    path,
    fields: toBase64(cipher.seal(utf8(text), contextOf({ accountId, path }))),
    until: addSeconds(clock.now(), heldSeconds).toISOString(),
  };
  return true;
}

/** The form that waits for this account; `undefined` when there is none, it is another's or over. */
export function waitingForm({ cipher, clock }: Keeping, held: HeldForm | undefined, accountId: string) {
  if (held === undefined || held.accountId !== accountId || moment(held.until) <= clock.now()) return undefined;
  try {
    const text = fromUtf8(cipher.open(fromBase64(held.fields) ?? new Uint8Array(), contextOf(held)));
    const fields: WaitingForm['fields'] = JSON.parse(text ?? '[]'); // sealed by us for this account and path
    return { path: held.path, fields } satisfies WaitingForm;
  } catch (error) {
    if (isTrustError(error, 'key-unavailable')) return undefined; // sealed under keys that are gone
    throw error;
  }
}

function fieldsIn(body: unknown): [string, string][] {
  return Object.entries(asObject(body) ?? {}).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap((one): [string, string][] =>
      typeof one === 'string' ? [[name, one]] : [],
    ),
  );
}

function contextOf({ accountId, path }: { readonly accountId: string; readonly path: string }): string {
  return `http.session.held-form:${accountId}:${path}`;
}
