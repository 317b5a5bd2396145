// OCSP over HTTP: GET with the request in the path, POST with it in the body, and the headers caches go by; RFC 6960, A.1, RFC 5019, 5 and 6.

import { createHash } from 'node:crypto';
import { type Request, type Response, raw, Router } from 'express';
import type { OcspAnswer, OcspResponder } from '../authority/ocsp-responder.ts';
import { fromBase64 } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';

export const ocspRequestType = 'application/ocsp-request';
/** A request about one certificate is under 200 bytes. */
export const ocspLimitBytes = 4 * 1024;
const readRequest = raw({ limit: ocspLimitBytes, type: ocspRequestType, inflate: false });
/** An hour's answer is kept by others for a minute, so that a revocation is known everywhere soon. */
const sharedSeconds = 60;

export function ocspEndpoints(responder: Pick<OcspResponder, 'respond'>): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.post('/ocsp/:ca', readRequest, async (request, response) => {
    if (!(request.body instanceof Uint8Array)) {
      throw new TrustError('unsupported-media-type', 'the body must be application/ocsp-request');
    }
    send(response, await responder.respond(request.params.ca, request.body));
  });
  router.get('/ocsp/:ca/*request', async (request, response) => {
    // Two answers of one second, before and after a revocation, were last modified at the same time: only the ETag tells them apart.
    delete request.headers['if-modified-since'];
    // What cannot be base64 is told like any other malformed request, in OCSP's own form.
    send(response, await responder.respond(request.params.ca, encodedRequest(request)));
  });
  return router;
}

/** The path after the authority: base64 with its `/`, `+` and `=` escaped or, as many clients do, not. */
function encodedRequest(request: Request): Uint8Array {
  const { request: parts } = request.params;
  const text = Array.isArray(parts) ? parts.join('/') : String(parts);
  return fromBase64(text.padEnd(Math.ceil(text.length / 4) * 4, '=')) ?? new Uint8Array();
}

/** RFC 5019, 6: an answer without a nonce may be kept by others. */
export function ocspHeaders({ der, cacheable }: OcspAnswer): Readonly<Record<string, string>> {
  const type = { 'content-type': 'application/ocsp-response' };
  if (cacheable === undefined) return { ...type, 'cache-control': 'no-store' };
  const known = headersOf.get(der);
  if (known !== undefined) return known;
  const headers = {
    ...type,
    'cache-control': `max-age=${sharedSeconds}, public, no-transform, must-revalidate`,
    'last-modified': cacheable.thisUpdate.toUTCString(),
    expires: cacheable.nextUpdate.toUTCString(),
    etag: `"${createHash('sha256').update(der).digest('base64url')}"`,
  };
  headersOf.set(der, headers);
  return headers;
}

/** As long as the responder keeps the answer. */
const headersOf = new WeakMap<Uint8Array, Readonly<Record<string, string>>>();

function send(response: Response, answer: OcspAnswer): void {
  const { der } = answer;
  response.set(ocspHeaders(answer)).send(Buffer.from(der.buffer, der.byteOffset, der.byteLength));
}
