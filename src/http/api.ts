// Binds operations of the contract to their handlers: token, scope, request and reply are checked here, once, for all of them.

import { type Request, type RequestHandler, type Response, Router, json, raw } from 'express';
import { createHash, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import {
  isAdministratorsDeed,
  type Json,
  type OperationShape,
  type Params,
  type Query,
  type Reply,
} from '../contract/operation.ts';
import type { SentRequest } from '../identity/tokens/sender-proofs.ts';
import { fromUtf8 } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';
import { type DeedProof, requireRecentProof } from '../kernel/permissions.ts';
import { anonymous, type Principal } from '../kernel/principal.ts';
import type { Language } from '../kernel/words/language.ts';
import type { RequestKey } from '../kernel/request-key.ts';
import { requireWithinDetails } from './allowed-details.ts';
import { BodyRoom } from './body-room.ts';
import { languageOf } from './pages/language.ts';
import { sendStream, type StreamReply } from './stream-reply.ts';

/** The bytes of a file as an answer. */
export interface FileReply {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** ASCII name for the Content-Disposition header. */
  readonly fileName: string;
  /** It is for keeping, not for showing. */
  readonly isDownload?: boolean;
}

export interface Call<O extends OperationShape> {
  readonly principal: Principal;
  readonly params: Params<O>;
  readonly query: Query<O>;
  readonly json: Json<O>;
  /** The body of an operation that takes a file, else empty. */
  readonly bytes: Uint8Array;
  readonly requestKey: RequestKey;
  /** What If-Match says, of operations that demand it; else 0. */
  readonly revision: number;
  /** For files with words in them (RFC 9110, 12.5.4). */
  readonly language: Language;
  /** True when the caller rather wants the file form of the answer. */
  readonly wantsFile: boolean;
}

export type Answer<O extends OperationShape> =
  | { json: Reply<O>; revision?: number }
  | { file: FileReply }
  | { stream: StreamReply };

export type Handler<O extends OperationShape> = (call: Call<O>) => Promise<Answer<O>>;

export interface Binding {
  readonly operation: OperationShape;
  readonly handle: RequestHandler;
}

export interface ApiOptions {
  readonly principalOf: (
    authorization: string | undefined,
    context: { origin?: string; requestId?: string },
    sent: SentRequest,
  ) => Promise<Principal>;
  readonly maxDocumentBytes: number;
  /** What deeds of administrators ask of the person at this moment. */
  readonly deedProof: () => DeedProof;
}

/** So many documents of the largest size are held for all callers together. */
const documentsAtOnce = 8;

/** A function that ties one operation to its handler, the types of both checked against each other. */
export function binder(options: ApiOptions) {
  const room = new BodyRoom({ maxBytes: documentsAtOnce * options.maxDocumentBytes });
  return function bind<O extends OperationShape>(operation: O, handler: Handler<O>): Binding {
    return {
      operation,
      handle: async (request, response) => {
        const principal = await admitted(operation, request, response, options);
        if (isAdministratorsDeed(operation)) requireRecentProof(principal, options.deedProof());
        const known = principal.kind !== 'anonymous';
        await readBody(operation, request, response, { ...options, known, room });
        const call = {
          principal,
          params: checked(operation.params, request.params, 'path'),
          query: checked(operation.query, request.query, 'query'),
          json: checked(operation.json, request.body, 'body'),
          bytes: operation.raw === undefined ? new Uint8Array() : (request.body as Uint8Array),
          requestKey: requestKeyOf(operation, request, principal),
          revision: operation.versioned === 'demands' ? revisionOf(request) : 0,
          language: languageOf(request),
          wantsFile: wantsFile(operation, request),
        } as Call<O>;
        if (operation.access !== 'public') requireWithinDetails(principal, { operation: operation.id, ...call });
        const answer = await handler(call);
        if ('stream' in answer) await sendStream(response, answer.stream);
        else send(operation, response, answer);
      },
    };
  };
}

/** The router of all bindings; unknown paths and methods below /api/v1 are problems too. */
export function apiRouter(bindings: readonly Binding[]): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const methodsOf = new Map<string, string[]>();
  for (const { operation, handle } of bindings) {
    const path = operation.path.replace(/\{(\w+)\}/g, ':$1');
    router[operation.method](path, handle);
    methodsOf.set(path, [...(methodsOf.get(path) ?? []), operation.method.toUpperCase()]);
  }
  for (const [path, methods] of methodsOf) {
    router.all(path, (_request, response) => {
      response.set('allow', methods.join(', '));
      throw new TrustError('method-not-allowed', `this path takes ${methods.join(', ')}`);
    });
  }
  router.use('/api', () => {
    throw new TrustError('not-found', 'there is no such operation; see /docs');
  });
  return router;
}

async function admitted(
  operation: OperationShape,
  request: Request,
  response: Response,
  options: ApiOptions,
): Promise<Principal> {
  const { requestId, origin } = response.locals as { requestId?: string; origin?: string };
  const context = { ...(origin === undefined ? {} : { origin }), ...(requestId === undefined ? {} : { requestId }) };
  const authorization = request.get('authorization');
  if (operation.access === 'public' && authorization === undefined) return { ...anonymous, ...context };
  const { method, originalUrl, headers } = request;
  const [path = ''] = originalUrl.split('?');
  const principal = await options.principalOf(authorization, context, { method, path, headers });
  if (operation.access === 'public') return principal;
  const missing = operation.access.filter((scope) => !principal.scopes.has(scope));
  if (missing.length > 0) {
    throw new TrustError('scope-missing', `the token lacks ${missing.join(' ')}`, {
      details: { missingScopes: missing },
    });
  }
  return principal;
}

const jsonLimit = '64kb'; // No JSON of ours is near it; documents travel as raw bodies.
const readJson = jsonReader(jsonLimit);

function jsonReader(limit: string | number): RequestHandler {
  return json({ limit, strict: true, type: 'application/json', inflate: false, verify: onlyUtf8 });
}

/** RFC 8259, 8.1. Another encoding, or bytes that are none, would be read as something that nobody wrote. */
function onlyUtf8(_request: unknown, _response: unknown, body: Uint8Array, encoding: string): void {
  if (encoding !== 'utf-8' || fromUtf8(body) === undefined)
    throw new TrustError('malformed-request', 'the body is not UTF-8');
}

/** Reads the body only after the caller is known, so that a stranger cannot make us hold a document. */
async function readBody(
  operation: OperationShape,
  request: Request,
  response: Response,
  { maxDocumentBytes, known, room }: { maxDocumentBytes: number; known: boolean; room: BodyRoom },
): Promise<void> {
  if (operation.raw !== undefined) {
    const wanted = operation.raw.mediaTypes;
    if (!request.is([...wanted])) {
      throw new TrustError('unsupported-media-type', `the body must be ${wanted.join(' or ')}`, {
        details: { mediaTypes: wanted },
      });
    }
    await new Promise<void>((resolve, reject) => {
      room.admit(request, response, { known }, reject);
      run(raw({ limit: maxDocumentBytes, type: () => true, inflate: false }), request, response).then(resolve, reject);
    });
    if (!(request.body instanceof Uint8Array) || request.body.length === 0) {
      throw new TrustError('malformed-request', 'the body is empty');
    }
  } else if (operation.json !== undefined) {
    if (!request.is('application/json')) {
      throw new TrustError('unsupported-media-type', 'the body must be application/json', {
        details: { mediaTypes: ['application/json'] },
      });
    }
    const { jsonSizeBytes } = operation;
    await run(jsonSizeBytes === undefined ? readJson : jsonReader(jsonSizeBytes), request, response);
  }
}

function run(handler: RequestHandler, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    handler(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
  });
}

/** Every fault is told with the JSON Pointer (RFC 6901) of the place. */
function checked(schema: z.ZodType | undefined, value: unknown, place: 'path' | 'query' | 'body'): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => ({
    pointer: issue.path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    message: issue.message,
  }));
  // An identifier in the path that cannot be one names nothing.
  if (place === 'path')
    throw new TrustError('not-found', 'the path names nothing that can exist', { details: { faults } });
  throw new TrustError('malformed-request', `the ${place} is not as the contract says`, { details: { place, faults } });
}

function requestKeyOf(operation: OperationShape, request: Request, principal: Principal): RequestKey {
  const given = operation.creates ? request.get('idempotency-key') : undefined;
  if (given !== undefined && !/^[\x21-\x7e]{1,128}$/.test(given)) {
    throw new TrustError('malformed-request', 'Idempotency-Key must be 1 to 128 visible ASCII characters');
  }
  const body =
    operation.raw === undefined ? Buffer.from(JSON.stringify(request.body ?? null)) : (request.body as Uint8Array);
  return {
    owner: requestOwnerOf(principal),
    key: given ?? randomUUID(),
    bodySha256: createHash('sha256').update(body).digest(),
  };
}

/** One client may serve many people, and one person use many clients: none of them is told what another ordered under the same key. */
function requestOwnerOf({ kind, clientId = '', accountId }: Principal): string {
  if (accountId !== undefined) return `account:${accountId}@${clientId}`;
  return clientId === '' ? kind : clientId;
}

/** RFC 9110, 13.1.1: the strong validator that was answered; whatever else is sent, matches nothing. */
function revisionOf(request: Request): number {
  const given = request.get('if-match');
  if (given === undefined) throw new TrustError('precondition-required', 'If-Match names what was read');
  const revision = /^"([1-9][0-9]{0,8})"$/.exec(given)?.[1];
  if (revision === undefined) throw new TrustError('precondition-failed', 'If-Match is no ETag of this');
  return Number(revision);
}

function wantsFile(operation: OperationShape, request: Request): boolean {
  const { json: asJson, raw: asFile } = operation.success;
  if (asFile === undefined) return false;
  const offered = [...(asJson === undefined ? [] : ['application/json']), ...asFile.mediaTypes];
  const chosen = request.accepts(offered);
  if (chosen === false) {
    throw new TrustError('not-acceptable', `the answer can be ${offered.join(' or ')}`, {
      details: { mediaTypes: offered },
    });
  }
  return chosen !== 'application/json';
}

function send<O extends OperationShape>(
  operation: O,
  response: Response,
  reply: { json: Reply<O>; revision?: number } | { file: FileReply },
): void {
  response.status(operation.success.status).set('cache-control', 'no-store');
  if (operation.success.raw !== undefined && operation.success.json !== undefined) response.vary('accept');
  if ('file' in reply) {
    response
      .type(reply.file.mediaType)
      .set(
        'content-disposition',
        `${reply.file.isDownload === true ? 'attachment' : 'inline'}; filename="${reply.file.fileName}"`,
      )
      .send(Buffer.from(reply.file.bytes.buffer, reply.file.bytes.byteOffset, reply.file.bytes.byteLength));
    return;
  }
  const result = operation.success.json?.safeParse(reply.json);
  if (result?.success !== true) {
    throw new TrustError('internal', `the reply of ${operation.id} breaks the contract`, { cause: result?.error });
  }
  if (reply.revision !== undefined) response.set('etag', `"${reply.revision}"`);
  response.type('application/json').send(JSON.stringify(result.data));
}
