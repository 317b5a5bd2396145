// What a call brings along through the OIDC engine, which knows nothing of it: coarse origin, correlation id and browser.

import { AsyncLocalStorage } from 'node:async_hooks';

export interface CallContext {
  /** /24 of IPv4, /48 of IPv6. */
  readonly origin?: string;
  readonly requestId?: string;
}

interface Calling extends CallContext {
  /** Of a closed list: `firefox windows` (src/http/browser-name.ts). */
  readonly browser?: string;
}

const current = new AsyncLocalStorage<Calling>();

/** Runs `work` and everything it starts with this context. */
export function withCall<T>(call: Calling, work: () => T): T {
  return current.run(call, work);
}

/** The context of the present call; empty outside of one. */
export function presentCall(): CallContext {
  const { browser: _, ...call } = current.getStore() ?? {};
  return call;
}

export function presentBrowser(): string {
  return current.getStore()?.browser ?? 'other other';
}
