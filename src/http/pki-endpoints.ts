// What relying parties fetch from our authorities: CRLs, CA certificates, certificate status and time stamps (RFC 5280 4.2.1.13, RFC 6960 A.1, RFC 3161 3.4).

import { type Request, type RequestHandler, raw, Router } from 'express';
import type { Authority } from '../authority/authority.ts';
import type { Suite } from '../authority/hierarchy.ts';
import type { OcspResponder } from '../authority/ocsp-responder.ts';
import type { OwnTimestampAuthority } from '../authority/time-stamp.ts';
import { TrustError } from '../kernel/errors.ts';
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
    const isDelta = request.params.file.endsWith(deltaEnding);
    const ca = nameOf(request, isDelta ? deltaEnding : '.crl');
    const crl = await authority.crl(ca, isDelta ? 'delta' : 'full');
    response.type('application/pkix-crl').set('cache-control', 'public, max-age=60').send(Buffer.from(crl));
  });
  router.get('/ca/:file', async (request, response) => {
    const certificate = await authority.caCertificate(nameOf(request, '.cer'));
    response.type('application/pkix-cert').set('cache-control', 'public, max-age=3600').send(Buffer.from(certificate));
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
  return router;
}

function nameOf(request: Request, ending: string): string {
  const file = String(request.params.file);
  if (!file.endsWith(ending)) throw new TrustError('not-found', 'there is no such file');
  return file.slice(0, -ending.length);
}
