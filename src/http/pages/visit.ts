// A visit to a page that needs signing in: who it is, in which language, and what every such page shows of it.

import type { Request, RequestHandler, Response } from 'express';
import { TrustError } from '../../kernel/errors.ts';
import type { Principal, Scope } from '../../kernel/principal.ts';
import type { Language } from '../../kernel/words/language.ts';
import { wantsPage } from '../page-or-problem.ts';
import type { PageSession } from '../page-session.ts';
import { languageOf } from './language.ts';

export interface Visit {
  readonly request: Request;
  readonly response: Response;
  readonly principal: Principal;
  /** The session through which the person came, for `Sessions`. */
  readonly sessionId: string;
  /** For `layout`. */
  readonly frame: {
    readonly language: Language;
    readonly sandbox: boolean;
    readonly principalName: string;
    readonly actingFor?: string;
  };
}

export interface VisitOptions {
  readonly session: PageSession;
  readonly sandbox: boolean;
}

/** A handler for signed-in people: others are sent to sign in and back; a script's request is answered `token-missing`. */
export function signedInOnly(options: VisitOptions, handle: (visit: Visit) => Promise<void>): RequestHandler {
  return async (request, response) => {
    const visit = await visitOf(options, request, response);
    if (visit !== undefined) {
      await handle(visit);
      return;
    }
    if (request.method !== 'GET' || !wantsPage(request)) throw new TrustError('token-missing', 'sign in first');
    options.session.askToSignIn(request, response);
  };
}

async function visitOf({ session, sandbox }: VisitOptions, request: Request, response: Response) {
  const signedIn = await session.signedIn(request, response);
  if (signedIn === undefined) return undefined;
  const { principal, name, sessionId } = signedIn;
  const frameOf = (whose: Principal, principalName: string): Visit['frame'] => ({
    language: languageOf(request),
    sandbox,
    principalName,
    ...actingName(whose),
  });
  return { request, response, principal, sessionId, frame: frameOf(principal, name) };
}

/** For `layout`: the organisation that the person acts for. */
export function actingName({ actingFor }: Principal): { actingFor?: string } {
  return actingFor === undefined ? {} : { actingFor: actingFor.name };
}

/** Throws `forbidden`: on a page the answer is about the person's roles, not about a token's scopes. */
export function requirePageScope(principal: Principal, scope: Scope): void {
  if (!principal.scopes.has(scope)) throw new TrustError('forbidden', `this page needs ${scope}`);
}
