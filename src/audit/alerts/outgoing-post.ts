// One POST to an address that somebody gave us: resolved once, every address judged before a connection, no redirect followed,
// five seconds, 64 kB of answer; OWASP API7:2023 (server-side request forgery).

import { lookup as systemLookup } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { concatBytes } from '../../kernel/bytes.ts';
import { TrustError } from '../../kernel/errors.ts';
import { isLoopbackAddress, isPublicAddress } from './public-address.ts';

export interface OutgoingRules {
  /** Plain http, any port and private addresses, for receivers on this machine only. */
  readonly loopback: boolean;
  /** `host` or `host:port` of receivers inside the own network: https, but wherever they lie. */
  readonly internalHosts: readonly string[];
  /** Name resolution; tests bring their own. */
  readonly lookup?: LookupFunction;
  readonly timeoutMs?: number;
}

export interface OutgoingPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: JSON. */
  readonly contentType?: string;
  readonly body: string;
  readonly signal: AbortSignal;
  /** The answer's bytes are wanted; one over the limit is then a fault. */
  readonly keepAnswer?: true;
}

/** What came of it. `fault` is a word of our own: nothing that a stranger's server says is kept, unless it was asked for. */
export type PostOutcome =
  | { readonly status: number; readonly retryAfterSeconds?: number; readonly answer?: Uint8Array }
  | { readonly fault: 'address-refused' | 'timeout' | 'unreachable' | 'tls' | 'stopped' | 'answer-too-large' };

const defaultTimeoutMs = 5000;
const maxAnswerBytes = 64 * 1024;
/** Of https; others are where databases and mail servers listen. */
const publicPorts = new Set(['', '443', '8443']);
const maxRetryAfterSeconds = 86_400;

/**
 * The address in its one spelling. Throws `webhook-url-refused` for what will never be sent to: another scheme, credentials, a port
 * that no receiver uses, a private address in figures. What a name resolves to is judged at every request.
 */
export function checkedUrl(text: string, rules: OutgoingRules): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw refused('not an https address');
  if (url.username !== '' || url.password !== '') throw refused('it carries a user name or password');
  url.hash = '';
  const address = hostOf(url);
  if (rules.loopback && isLoopbackHost(address)) return url;
  if (url.protocol !== 'https:') throw refused('only https is used');
  if (isInternal(url, rules)) return url;
  if (!publicPorts.has(url.port)) throw refused('the port is 443 or 8443');
  if (isIP(address) !== 0 && !isPublicAddress(address)) throw refused('the address is not public');
  return url;
}

/** Never throws. */
export async function postOut(
  { url: text, headers, contentType = 'application/json', body, signal, keepAnswer }: OutgoingPost,
  rules: OutgoingRules,
): Promise<PostOutcome> {
  let url: URL;
  try {
    url = checkedUrl(text, rules); // the rules may have changed since it was taken in
  } catch {
    return { fault: 'address-refused' };
  }
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const bytes = Buffer.from(body, 'utf8');
  return new Promise((resolve) => {
    const request = send(url, {
      method: 'POST',
      headers: {
        'user-agent': 'yinxin-webhooks',
        ...headers,
        'content-type': contentType,
        'content-length': bytes.length,
      },
      agent: false, // a connection of its own: none is reused whose address was judged under other rules
      lookup: judging(url, rules),
      signal,
    });
    const late = setTimeout(() => settle({ fault: 'timeout' }), rules.timeoutMs ?? defaultTimeoutMs);
    const settle = (outcome: PostOutcome) => {
      clearTimeout(late);
      resolve(outcome);
      request.destroy();
    };
    request.once('response', (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      const outcome = { status, ...retryAfterOf(answered['retry-after']) };
      const kept: Uint8Array[] = [];
      let sizeBytes = 0;
      response.on('data', (chunk: Buffer) => {
        sizeBytes += chunk.length;
        if (sizeBytes > maxAnswerBytes) settle(keepAnswer === true ? { fault: 'answer-too-large' } : outcome);
        else if (keepAnswer === true) kept.push(chunk);
      });
      response.once('end', () => settle(keepAnswer === true ? { ...outcome, answer: concatBytes(...kept) } : outcome));
      response.once('error', () => settle(keepAnswer === true ? { fault: 'unreachable' } : outcome));
    });
    request.on('error', (error: NodeJS.ErrnoException) => settle({ fault: faultOf(error) }));
    request.end(bytes);
  });
}

/** Connects to the very addresses that were judged: a name that changes its mind in between changes nothing. */
function judging(url: URL, rules: OutgoingRules): LookupFunction {
  const lookup = rules.lookup ?? systemLookup;
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = Array.isArray(found) ? found : [];
      const [first] = addresses;
      if (error !== null || first === undefined) callback(error ?? addressRefused(), []);
      else if (!addresses.every(({ address }) => isAllowed(address, url, rules))) callback(addressRefused(), []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function isAllowed(address: string, url: URL, rules: OutgoingRules): boolean {
  if (isInternal(url, rules)) return true;
  if (rules.loopback && isLoopbackHost(hostOf(url))) return isLoopbackAddress(address);
  return isPublicAddress(address);
}

function isInternal(url: URL, { internalHosts }: OutgoingRules): boolean {
  return internalHosts.includes(url.host) || internalHosts.includes(hostOf(url));
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host);
}

/** Without the brackets of an IPv6 address; figures of any spelling are already in the one that the parser gives. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

const refusedCode = 'EADDRREFUSED';

function addressRefused(): NodeJS.ErrnoException {
  return Object.assign(new Error('an address that is not public'), { code: refusedCode });
}

function faultOf({ code = '', name }: NodeJS.ErrnoException): Extract<PostOutcome, { fault: string }>['fault'] {
  if (code === refusedCode) return 'address-refused';
  if (name === 'AbortError') return 'stopped';
  return /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_/.test(code) ? 'tls' : 'unreachable';
}

function retryAfterOf(header: string | undefined): { retryAfterSeconds?: number } {
  if (header === undefined || !/^\d{1,6}$/.test(header)) return {};
  return { retryAfterSeconds: Math.min(Number(header), maxRetryAfterSeconds) };
}

function refused(reason: string): TrustError {
  return new TrustError('webhook-url-refused', `this address is not sent to: ${reason}`);
}
