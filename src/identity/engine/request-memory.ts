// What one request to the OIDC engine has read: the engine asks for the same rows again and again, and gets them once. Nothing of it decides
// what may be used once: that is the statements' matter. It ends with the request.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Deed } from '../../audit/audit-log.ts';
import type { AccountJson, AccountRow } from '../accounts/account-row.ts';
import type { ProgressRow } from '../sign-in/sign-in-progress.ts';
import type { EngineRow } from './engine-row.ts';

export interface ReadRow extends EngineRow {
  readonly consumed_at: Date | null;
}

/** What is written together with what comes next, in one statement; when nothing comes next, it is not written at all. */
export interface Pending {
  /** A code, until the session is saved that it hangs on. */
  code?: readonly unknown[];
  /** The use of a code, until the entry of the tokens that it is used for. */
  use?: { readonly model: string; readonly idDigest: Uint8Array };
  /** That entry, until the token is stored. */
  deed?: Deed;
  /** The interaction that the request answers, until the session is saved; where none is, until the request is over. */
  answered?: Uint8Array;
  /** The same of the id that the session had before. */
  formerId?: Uint8Array;
  /** A grant, with its entry where it has none yet, until the session is saved. */
  grant?: { readonly deed: Deed | undefined; row?: readonly unknown[] };
  /** Another request answered the interaction before. */
  isLate?: boolean;
}

/** What was read with an interaction. */
export interface StandingRow {
  readonly account: AccountJson | null;
  readonly progress?: ProgressRow | null;
}

export interface RequestMemory {
  readonly pending: Pending;
  readonly rows: Map<string, Promise<ReadRow | undefined>>;
  /** By UUID; absent on pages, which change accounts and read them again. */
  readonly accounts?: Map<string, Promise<AccountRow | undefined>>;
  /** On pages, by the digest of the interaction in hexadecimal: each good for one question, since the page may change it. */
  readonly standings?: Map<string, StandingRow>;
}

const current = new AsyncLocalStorage<RequestMemory>();

export function inOneRequest<T>(work: () => T): T {
  return current.run({ rows: new Map(), accounts: new Map(), pending: {} }, work);
}

/** Of a page of ours, which only reads the engine's rows. */
export function onOnePage<T>(work: () => T): T {
  return current.run({ rows: new Map(), standings: new Map(), pending: {} }, work);
}

export function presentMemory(): RequestMemory | undefined {
  return current.getStore();
}
