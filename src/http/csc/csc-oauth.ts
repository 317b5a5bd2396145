// Where clients of the Cloud Signature Consortium look for OAuth 2.0: the same endpoints as at /oidc; CSC API 2.2, 8.4.2 to 8.4.5.

import { type RequestHandler, Router } from 'express';
import { fromBase64url, toBase64 } from '../../kernel/bytes.ts';
import { digestOid } from '../../kernel/credential-details.ts';
import { isPlainText } from '../../kernel/plain-text.ts';

const aliases: Readonly<Record<string, string>> = {
  '/csc/v2/oauth2/pushed_authorize': '/oidc/request',
  '/csc/v2/oauth2/token': '/oidc/token',
  '/csc/v2/oauth2/revoke': '/oidc/token/revocation',
};

/** Before the OIDC engine, which reads its bodies itself. */
export function cscOauth({ publicUrl }: { readonly publicUrl: string }): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/csc/v2/oauth2/authorize', (request, response) => {
    const query = new URLSearchParams(request.originalUrl.split('?')[1] ?? '');
    response.redirect(303, `${publicUrl}/oidc/auth?${withDetails(query).toString()}`);
  });
  for (const [alias, path] of Object.entries(aliases)) router.post(alias, elsewhere(path));
  return router;
}

function elsewhere(path: string): RequestHandler {
  return (request, _response, next) => {
    request.url = path;
    request.originalUrl = path;
    next();
  };
}

/**
 * 8.4.2: digests may be named by parameters of their own. They become the authorization details that say the same; what is wrong with
 * them is for the engine to find.
 */
export function withDetails(query: URLSearchParams): URLSearchParams {
  const credentialID = query.get('credentialID');
  const hashes = query.get('hashes') ?? query.get('hash');
  if (query.has('authorization_details') || credentialID === null || hashes === null) return query;
  const numSignatures = query.get('numSignatures');
  const label = query.get('description') ?? '';
  const detail = {
    type: 'credential',
    credentialID,
    ...(numSignatures === null ? {} : { numSignatures: Number(numSignatures) }),
    documentDigests: hashes.split(',').map((text) => ({
      hash: toBase64(fromBase64url(text.replace(/=+$/, '')) ?? new Uint8Array()),
      ...(isPlainText(label, 100) && { label }),
    })),
    hashAlgorithmOID: query.get('hashAlgorithmOID') ?? digestOid,
  };
  const out = new URLSearchParams(query);
  for (const name of [
    'credentialID',
    'hashes',
    'hash',
    'numSignatures',
    'description',
    'hashAlgorithmOID',
    'clientData',
  ])
    out.delete(name);
  out.set('authorization_details', JSON.stringify([detail]));
  return out;
}
