// Headers that keep pages inside our own origin: a strict Content-Security-Policy (CSP Level 3) and the rest of helmet's set.

import type { RequestHandler } from 'express';
import helmet from 'helmet';

export interface SecurityHeadersOptions {
  /** HSTS only over https: on http://localhost it would lock a developer out of other ports. */
  readonly https: boolean;
}

/**
 * For every answer. `style-src` and `script-src` name no `unsafe-…` and no other host; `form-action 'self'` stays even on sign-in
 * pages, which therefore leave by `<meta http-equiv="refresh">` and a link, not by a redirect after a POST.
 */
export function securityHeaders({ https }: SecurityHeadersOptions): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    crossOriginEmbedderPolicy: false,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: https ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    xFrameOptions: { action: 'deny' },
  });
}
