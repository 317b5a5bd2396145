// What every request gets before anything else: a correlation id, its coarse origin, and the refusal of foreign Host headers.

import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import { TrustError } from '../kernel/errors.ts';

/** /24 of an IPv4 address, /48 of an IPv6 address: where from, never who (data minimisation in the audit log). */
export function coarseOrigin(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const four = /^(?:::ffff:)?(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(address);
  if (four) return `${four[1]}.0/24`;
  if (!address.includes(':')) return undefined;
  const [head = '', tail] = address.split('::');
  const left = head.split(':').filter(Boolean);
  // "::" stands for as many zero groups as make eight; the first three groups are all that is kept.
  const right = tail?.split(':').filter(Boolean) ?? [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, 3);
  return `${groups.join(':')}::/48`;
}

export interface ContextOptions {
  readonly publicUrl: string;
  /** In sandbox mode the loopback names of the same port are taken too; everything is still built from PUBLIC_URL. */
  readonly sandbox: boolean;
}

/** Paths that a load balancer asks by address. */
const probes = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * Clients of OCSP and CRLs speak HTTP/1.0, without a Host header or without the port in it. What they ask for names no host in its
 * answer and takes no cookie, so nothing can be led astray by it.
 */
function isPki({ path }: { readonly path: string }): boolean {
  return /^\/(?:ocsp|crl|ca|tsa)(?:\/|$)/.test(path);
}

export function requestContext({ publicUrl, sandbox }: ContextOptions): RequestHandler {
  const { host, port } = new URL(publicUrl);
  const suffix = port === '' ? '' : `:${port}`;
  const accepted = new Set([host, ...(sandbox ? [`localhost${suffix}`, `127.0.0.1${suffix}`, `[::1]${suffix}`] : [])]);
  const portless = new Set([...accepted].map((one) => one.replace(/:\d+$/, '')).concat(''));
  return (request, response, next) => {
    const requestId = randomUUID();
    response.locals.requestId = requestId;
    response.locals.origin = coarseOrigin(request.ip);
    response.set('x-request-id', requestId);
    // Absolute and asterisk targets (RFC 9112, 3.2) are for proxies and servers as a whole; routers would read them in two ways.
    if (!request.url.startsWith('/')) throw new TrustError('malformed-request', 'the request target must be a path');
    const [name = '', ...others] = request.headersDistinct['host'] ?? [];
    const named = others.length === 0 && (accepted.has(name) || (isPki(request) && portless.has(name)));
    if (!probes.has(request.path) && !named) {
      throw new TrustError('malformed-request', 'this service is not reached under that host name');
    }
    // Discovery documents and redirects are built from the Host header by libraries: they see ours only.
    request.headers.host = host;
    delete request.headers['x-forwarded-host'];
    next();
  };
}
