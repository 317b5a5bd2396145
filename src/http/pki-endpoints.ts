// What relying parties fetch from our authorities: CRLs, CA certificates, certificate status and time stamps (RFC 5280 4.2.1.13, RFC 6960 A.1, RFC 3161 3.4).

import { createHash } from 'node:crypto';
import { type Request, type RequestHandler, type Response, raw, Router } from 'express';
import type { Authority } from '../authority/authority.ts';
import type { Suite } from '../authority/hierarchy.ts';
import type { OcspResponder } from '../authority/ocsp-responder.ts';
import type { OwnTimestampAuthority } from '../authority/time-stamp.ts';
import { TrustError } from '../kernel/errors.ts';
import { parseCertificate } from '../pki/certificate.ts';
import { ocspEndpoints } from './ocsp.ts';
import { timestampLimitBytes, timestampReplyHeaders, timestampRequestType } from './timestamp-post.ts';

export interface PkiServices {
  readonly authority: Authority;
  readonly ocsp: OcspResponder;
  readonly timestamps: OwnTimestampAuthority;
}

const deltaEnding = '.delta.crl';
const readQuery = raw({ limit: timestampLimitBytes, type: timestampRequestType, inflate: false });

export function pkiEndpoints({ authority, ocsp, timestamps }: PkiServices): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/crl/:file', async (request, response) => {
    // Two lists of one second, before and after a revocation, have one date: only the ETag tells them apart.
    delete request.headers['if-modified-since'];
    const isDelta = request.params.file.endsWith(deltaEnding);
    const ca = nameOf(request, isDelta ? deltaEnding : '.crl');
    const { der, thisUpdate } = await authority.publishedCrl(ca, isDelta ? 'delta' : 'full');
    sendKept(response, { der, type: 'application/pkix-crl', maxAgeSeconds: 60, lastModified: thisUpdate });
  });
  router.get('/ca/:file', async (request, response) => {
    const der = await authority.caCertificate(nameOf(request, '.cer'));
    const { notBefore: lastModified } = parseCertificate(der);
    sendKept(response, { der, type: 'application/pkix-cert', maxAgeSeconds: 3600, lastModified });
  });
  const stamp = (suite?: Suite): RequestHandler => {
    return async (request, response) => {
      if (!(request.body instanceof Uint8Array)) {
        throw new TrustError('unsupported-media-type', 'the body must be application/timestamp-query');
      }
      const reply = await timestamps.respond(request.body, suite);
      response.set(timestampReplyHeaders).send(Buffer.from(reply));
    };
  };
  router.post('/tsa', readQuery, stamp()); // the policy in the request chooses the suite
  router.post('/tsa/sm2', readQuery, stamp('gm'));
  router.use(ocspEndpoints(ocsp));
  for (const path of ['/crl/:file', '/ca/:file', '/ocsp/:ca/*request']) router.all(path, onlyBy('GET, HEAD'));
  for (const path of ['/tsa', '/tsa/sm2', '/ocsp/:ca']) router.all(path, onlyBy('POST'));
  return router;
}

interface KeptFile {
  readonly der: Uint8Array;
  readonly type: string;
  readonly maxAgeSeconds: number;
  readonly lastModified: Date;
}

/** As long as the file is in memory: a list of a million entries is hashed once. */
const tags = new WeakMap<Uint8Array, string>();

/** RFC 9110, 8.8 and 13: whoever has this very file already gets 304, which `send` sees to. */
function sendKept(response: Response, { der, type, maxAgeSeconds, lastModified }: KeptFile): void {
  const etag = tags.get(der) ?? `"${createHash('sha256').update(der).digest('base64url')}"`;
  tags.set(der, etag);
  response
    .type(type)
    .set({ etag, 'last-modified': lastModified.toUTCString(), 'cache-control': `public, max-age=${maxAgeSeconds}` })
    .send(Buffer.from(der.buffer, der.byteOffset, der.byteLength));
}

/** RFC 9110, 15.5.6. */
function onlyBy(methods: string): RequestHandler {
  return (_request, response) => {
    response.set('allow', methods);
    throw new TrustError('method-not-allowed', `this address takes ${methods}`);
  };
}

function nameOf(request: Request, ending: string): string {
  const file = String(request.params.file);
  if (!file.endsWith(ending)) throw new TrustError('not-found', 'there is no such file');
  return file.slice(0, -ending.length);
}
