// What relying parties fetch from our authorities: CRLs, CA certificates, and time stamps (RFC 5280 4.2.1.13, RFC 3161 3.4).

import { type Request, raw, Router } from 'express';
import type { Authority } from '../authority/authority.ts';
import type { OwnTimestampAuthority } from '../authority/time-stamp.ts';
import { TrustError } from '../kernel/errors.ts';

export interface PkiServices {
  readonly authority: Authority;
  readonly timestamps: OwnTimestampAuthority;
}

const queryLimit = '8kb'; // a TimeStampReq is under 200 bytes
const readQuery = raw({ limit: queryLimit, type: 'application/timestamp-query', inflate: false });

export function pkiEndpoints({ authority, timestamps }: PkiServices): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/crl/:file', async (request, response) => {
    const crl = await authority.crl(nameOf(request, '.crl'));
    response.type('application/pkix-crl').set('cache-control', 'public, max-age=60').send(Buffer.from(crl));
  });
  router.get('/ca/:file', async (request, response) => {
    const certificate = await authority.caCertificate(nameOf(request, '.cer'));
    response.type('application/pkix-cert').set('cache-control', 'public, max-age=3600').send(Buffer.from(certificate));
  });
  router.post('/tsa', readQuery, async (request, response) => {
    if (!(request.body instanceof Uint8Array)) {
      throw new TrustError('unsupported-media-type', 'the body must be application/timestamp-query');
    }
    const reply = await timestamps.respond(request.body);
    response.type('application/timestamp-reply').set('cache-control', 'no-store').send(Buffer.from(reply));
  });
  return router;
}

function nameOf(request: Request, ending: string): string {
  const file = String(request.params.file);
  if (!file.endsWith(ending)) throw new TrustError('not-found', 'there is no such file');
  return file.slice(0, -ending.length);
}
