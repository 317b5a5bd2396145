// What one request to the OIDC engine has read: the engine asks for the same rows again and again, and gets them once. Nothing of it decides
// what may be used once: that is the statements' matter. It ends with the request.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { AccountRow } from './account-row.ts';
import type { EngineRow } from './engine-row.ts';

export interface ReadRow extends EngineRow {
  readonly consumed_at: Date | null;
}

export interface RequestMemory {
  readonly rows: Map<string, Promise<ReadRow | undefined>>;
  /** By UUID; absent on pages, which change accounts and read them again. */
  readonly accounts?: Map<string, Promise<AccountRow | undefined>>;
}

const current = new AsyncLocalStorage<RequestMemory>();

export function inOneRequest<T>(work: () => T): T {
  return current.run({ rows: new Map(), accounts: new Map() }, work);
}

/** Of a page of ours, which only reads the engine's rows. */
export function onOnePage<T>(work: () => T): T {
  return current.run({ rows: new Map() }, work);
}

export function presentMemory(): RequestMemory | undefined {
  return current.getStore();
}
