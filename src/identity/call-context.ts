// What a call brings along through the OIDC engine, which knows nothing of it: coarse origin and correlation id.

import { AsyncLocalStorage } from 'node:async_hooks';

export interface CallContext {
  /** /24 of IPv4, /48 of IPv6. */
  readonly origin?: string;
  readonly requestId?: string;
}

const current = new AsyncLocalStorage<CallContext>();

/** Runs `work` and everything it starts with this context. */
export function withCall<T>(call: CallContext, work: () => T): T {
  return current.run(call, work);
}

/** The context of the present call; empty outside of one. */
export function presentCall(): CallContext {
  return current.getStore() ?? {};
}
