// The certificate with which a client came to the TLS proxy, as the proxy tells it in a header; RFC 8705, RFC 9440.

import { createHash, X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { fromBase64 } from '../../kernel/bytes.ts';

export interface ClientCertificateHeaders {
  /** The header with the certificate: RFC 9440's `:base64:`, or PEM with percent-encoding, as nginx's `$ssl_client_escaped_cert`. */
  readonly certificate: string;
  /** The header in which the proxy says `SUCCESS` when it has verified the certificate under authorities that it knows. */
  readonly verified?: string;
}

const maxHeaderLength = 12_288;

/** A header is believed as it stands: whoever lets requests in must have taken it away from strangers (src/http/proxy-headers.ts). */
export class ClientCertificates {
  readonly #headers: ClientCertificateHeaders;

  constructor(headers: ClientCertificateHeaders) {
    this.#headers = headers;
  }

  /** `undefined` when there is none, or none that can be read. */
  of({ headers }: Pick<IncomingMessage, 'headers'>): X509Certificate | undefined {
    const value = headers[this.#headers.certificate];
    if (typeof value !== 'string' || value === '' || value.length > maxHeaderLength) return undefined;
    try {
      const der = /^:(.+):$/.exec(value)?.[1];
      return new X509Certificate(der === undefined ? decodeURIComponent(value) : (fromBase64(der) ?? ''));
    } catch {
      return undefined;
    }
  }

  /** The proxy has verified it up to an authority of its own. */
  isVerified({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
    return this.#headers.verified !== undefined && headers[this.#headers.verified] === 'SUCCESS';
  }
}

/**
 * Subject as RFC 4514 writes it, last name first: `CN=office,O=XTEXT,C=CN`. Compared as text, so a client registers it in exactly
 * this spelling; control characters and separators inside a value stay escaped.
 */
export function subjectOf({ subject }: Pick<X509Certificate, 'subject'>): string {
  return subject.split('\n').toReversed().join(',');
}

/** RFC 8705, 3.1: `x5t#S256`. */
export function thumbprintOf({ raw }: Pick<X509Certificate, 'raw'>): string {
  return createHash('sha256').update(raw).digest('base64url');
}
