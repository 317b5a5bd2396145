// Headers that only a proxy of ours may set are taken from everybody else, before anything reads them; RFC 8705 section 6.5, RFC 9440 section 3.

import type { RequestHandler } from 'express';

export interface ProxyHeadersOptions {
  /** In lower case. */
  readonly names: readonly string[];
  /** Whether an address is one of our proxies. */
  readonly trusts: (address: string) => boolean;
}

export function proxyHeaders({ names, trusts }: ProxyHeadersOptions): RequestHandler {
  return (request, _response, next) => {
    if (!trusts(request.socket.remoteAddress ?? '')) for (const name of names) delete request.headers[name];
    next();
  };
}
