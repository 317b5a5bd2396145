// The endpoint where systems register themselves, and where each reads, changes and withdraws its own registration; RFC 7591, RFC 7592, RFC 6750.

import { type ErrorRequestHandler, json, type Request, type RequestHandler, type Response, Router } from 'express';
import { clientInformation } from '../identity/self-registration/client-information.ts';
import type { OwnClient, SelfRegistration } from '../identity/self-registration/self-registration.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { asObject, type JsonObject, textAt } from '../kernel/words/members.ts';
import { callContext } from './pages/caller.ts';
import { asTrustError, retryAfter, statusOf } from './problem.ts';

export interface RegistrationEndpointOptions {
  readonly publicUrl: string;
  readonly registration: SelfRegistration;
  readonly log: Log;
}

export const registrationPath = '/oidc/register';

/** Mounted only where registration is open; before the OIDC engine, which has no such route. */
export function registrationEndpoint({ publicUrl, registration, log }: RegistrationEndpointOptions): Router {
  const router = Router({ caseSensitive: true });
  const own = `${registrationPath}/:clientId`;
  const endpoint = `${publicUrl}${registrationPath}`;

  router.use(registrationPath, (_request, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });
  router.post(registrationPath, jsonOnly, readJson, async (request, response) => {
    const made = await registration.register(tokenOf(request), metadataOf(request), callContext(response));
    response.status(201).json(clientInformation(made, endpoint));
  });
  router.get(own, async (request, response) => {
    response.json(clientInformation(await registration.read(ownOf(request), callContext(response)), endpoint));
  });
  router.put(own, jsonOnly, readJson, async (request, response) => {
    const changed = await registration.change(ownOf(request), metadataOf(request), callContext(response));
    response.json(clientInformation(changed, endpoint));
  });
  router.delete(own, async (request, response) => {
    await registration.withdraw(ownOf(request), callContext(response));
    response.status(204).end();
  });
  router.use(registrationPath, () => {
    throw new TrustError('method-not-allowed', 'register by POST; GET, PUT and DELETE are for what is registered');
  });
  router.use(registrationPath, refusals(log));
  return router;
}

const readJson = json({ limit: '64kb', strict: true, inflate: false });

const jsonOnly: RequestHandler = (request, _response, next) => {
  if (request.is('application/json') === false)
    throw new TrustError('unsupported-media-type', 'the body must be application/json');
  next();
};

/** In the header and nowhere else (RFC 6750, 2.1). */
function tokenOf(request: Request): string {
  const token = /^Bearer +([A-Za-z0-9._~+/-]{1,256}=*)$/i.exec(request.get('authorization') ?? '')?.[1];
  if (token === undefined) throw new TrustError('token-missing', 'a token is brought as bearer token');
  return token;
}

function ownOf(request: Request): OwnClient {
  return { clientId: String(request.params['clientId']), ownToken: tokenOf(request) };
}

function metadataOf({ body }: Request): JsonObject {
  const metadata = asObject(body);
  if (metadata === undefined) throw new TrustError('malformed-request', 'the body is a JSON object');
  return metadata;
}

/** The errors of OAuth, whatever the caller says it accepts: nobody reads them but programs. */
function refusals(log: Log): ErrorRequestHandler {
  return (thrown: unknown, _request, response: Response, next) => {
    if (response.headersSent) {
      next(thrown);
      return;
    }
    const error = asTrustError(thrown);
    const status = statusOf(error.code);
    if (status >= 500) log.error({ err: error.cause ?? error, errorCode: error.code }, 'registration failed');
    if (status === 401) response.set('www-authenticate', challengeOf(error));
    if (status === 429 || status === 503) response.set('retry-after', retryAfter(error));
    const description = status >= 500 ? 'the service cannot answer now' : error.message;
    response.status(status).json({ error: nameOf(error, status), error_description: description });
  };
}

function challengeOf({ code }: TrustError): string {
  return code === 'token-missing' ? 'Bearer' : 'Bearer error="invalid_token"';
}

function nameOf({ details }: TrustError, status: number): string {
  if (status === 401) return 'invalid_token';
  if (status === 429 || status === 503) return 'temporarily_unavailable';
  return status >= 500 ? 'server_error' : (textAt(details, 'error') ?? 'invalid_client_metadata');
}
