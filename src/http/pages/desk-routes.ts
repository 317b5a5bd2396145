// Routes of the seal desk over the seal room: upload, stamp, result, download; only with seals of the organisation acted for.

import { json, raw, type Request, Router } from 'express';
import { sha256 } from '../../crypto/digest.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { RequestKey } from '../../kernel/request-key.ts';
import { asObject, type JsonObject, numberAt, textAt } from '../../kernel/words/members.ts';
import { type DocumentStore, mediaTypeOf } from '../../seal/documents.ts';
import type { SealRecord } from '../../seal/seal-record.ts';
import type { SealRegister } from '../../seal/seals.ts';
import type { StampRequest } from '../../seal/stamp-request.ts';
import type { StampService } from '../../seal/stamping.ts';
import { documentClasses } from '../../seal/use/document-class.ts';
import type { StampingRequests } from '../../seal/use/stamping-requests.ts';
import { fromOwnPages } from '../sign-in.ts';
import { deskPage, stampingPage } from './desk-page.ts';
import { readBody } from './read-body.ts';
import { sendPage } from './send-page.ts';
import { stampingRequestsPath } from './stamping-request-pages.ts';
import { requirePageScope, signedInOnly, type VisitOptions } from './visit.ts';

declare module 'express-session' {
  interface SessionData {
    /** The last stampings of this sign-in, newest first. */
    stampingIds?: string[];
  }
}

export interface DeskRoutesOptions extends VisitOptions {
  readonly publicUrl: string;
  readonly maxDocumentBytes: number;
  readonly script: string | undefined;
  readonly seals: Pick<SealRegister, 'list' | 'get' | 'picturePng' | 'usePolicies'>;
  readonly stampingRequests: Pick<StampingRequests, 'ask' | 'list'>;
  readonly documents: Pick<DocumentStore, 'put'>;
  readonly stamping: Pick<StampService, 'stamp' | 'get' | 'document'>;
}

const rememberedStampings = 10;
const mostSeals = 100;

export function deskRoutes(options: DeskRoutesOptions): Router {
  const { publicUrl, maxDocumentBytes, script, seals, documents, stamping } = options;
  const router = Router({ caseSensitive: true });
  const own = fromOwnPages(publicUrl);

  router.get(
    '/desk',
    signedInOnly(options, async ({ request, response, principal, frame }) => {
      requirePageScope(principal, 'seal.read');
      const mayStamp = principal.scopes.has('seal.stamp');
      const recentIds = mayStamp ? (request.session.stampingIds ?? []) : [];
      const recent = await Promise.all(recentIds.map((id) => stamping.get(principal, id)));
      const own = await ownSeals(options, principal);
      const policies = await seals.usePolicies((own ?? []).map(({ sealId }) => sealId));
      const toDecide = await waitingFor(options, principal);
      const page = { frame, seals: own, mayStamp, recent, maxDocumentBytes, policies, toDecide };
      sendPage(response, deskPage({ ...page, ...(script !== undefined && { script }) }));
    }),
  );

  router.get(
    '/desk/seals/:sealId/picture.png',
    signedInOnly(options, async ({ request, response, principal }) => {
      const seal = await ownSeal(options, principal, String(request.params['sealId']));
      const png = await seals.picturePng(principal, seal.sealId);
      response.type('png').set('cache-control', 'private, max-age=3600').send(Buffer.from(png));
    }),
  );

  router.post(
    '/desk/documents',
    own,
    signedInOnly(options, async ({ request, response, principal }) => {
      requirePageScope(principal, 'seal.stamp');
      await readBody(raw({ limit: maxDocumentBytes, type: () => true, inflate: false }), request);
      const body: unknown = request.body;
      if (!(body instanceof Uint8Array)) throw new TrustError('malformed-request', 'the body is empty');
      const { documentId, pageCount } = await documents.put(
        principal,
        { bytes: body, mediaType: 'application/octet-stream' },
        requestKeyOf(request, principal, body),
      );
      response.status(201).json({ documentId, pageCount });
    }),
  );

  router.post(
    '/desk/stampings',
    own,
    signedInOnly(options, async ({ request, response, principal }) => {
      requirePageScope(principal, 'seal.stamp');
      await readBody(json({ limit: '16kb', inflate: false }), request);
      const order = await orderOf(options, principal, request);
      const { stampingId } = await stamping.stamp(
        principal,
        order,
        requestKeyOf(request, principal, utf8(JSON.stringify(order))),
      );
      const earlier = request.session.stampingIds ?? [];
      const ids = [stampingId, ...earlier.filter((id) => id !== stampingId)];
      request.session.stampingIds = ids.slice(0, rememberedStampings);
      response.status(201).json({ stampingId });
    }),
  );

  router.post(
    stampingRequestsPath,
    own,
    signedInOnly(options, async ({ request, response, principal }) => {
      requirePageScope(principal, 'seal.stamp');
      await readBody(json({ limit: '16kb', inflate: false }), request);
      const order = await orderOf(options, principal, request);
      const key = requestKeyOf(request, principal, utf8(JSON.stringify(order)));
      const { requestId } = await options.stampingRequests.ask(principal, order, key);
      response.status(201).json({ requestId });
    }),
  );

  router.get(
    '/desk/stampings/:stampingId',
    signedInOnly(options, async ({ request, response, principal, frame }) => {
      requirePageScope(principal, 'seal.stamp');
      const record = await stamping.get(principal, String(request.params['stampingId']));
      const seal = await seals.get(principal, record.sealId);
      sendPage(response, stampingPage({ frame, stamping: record, seal }));
    }),
  );

  router.get(
    '/desk/stampings/:stampingId/document',
    signedInOnly(options, async ({ request, response, principal }) => {
      requirePageScope(principal, 'seal.stamp');
      const stampingId = String(request.params['stampingId']);
      const bytes = await stamping.document(principal, stampingId);
      const mediaType = mediaTypeOf(bytes) ?? 'application/octet-stream';
      response
        .type(mediaType)
        .set('cache-control', 'no-store')
        .set('content-disposition', `attachment; filename="${stampingId}.${mediaType.split('/')[1]}"`)
        .send(Buffer.from(bytes));
    }),
  );
  return router;
}

/** `undefined` without a mandate: people use the seals of the organisation they act for, never others. */
async function ownSeals(
  { seals }: DeskRoutesOptions,
  principal: Principal,
): Promise<readonly SealRecord[] | undefined> {
  const { actingFor } = principal;
  if (actingFor === undefined) return undefined;
  const { items } = await seals.list(principal, { status: 'active', limit: mostSeals });
  // Those who keep the deployment see all seals, and on this page the ones of whom they act for.
  return items.filter((seal) => seal.organisation.organisationId === actingFor.organisationId);
}

/** Throws `forbidden` for seals of other organisations. */
async function ownSeal({ seals }: DeskRoutesOptions, principal: Principal, sealId: string): Promise<SealRecord> {
  requirePageScope(principal, 'seal.read');
  const seal = await seals.get(principal, sealId);
  if (seal.organisation.organisationId !== principal.actingFor?.organisationId) {
    throw new TrustError('forbidden', 'the seal belongs to an organisation that the caller does not act for');
  }
  return seal;
}

/** Under the first policy of the seal, of which those of the desk have one. */
async function orderOf(options: DeskRoutesOptions, principal: Principal, { body }: Request): Promise<StampRequest> {
  const asked = stampRequestOf(asObject(body));
  const [policy = asked.policy] = (await ownSeal(options, principal, asked.sealId)).policies;
  return { ...asked, policy };
}

const mostWaiting = 20;

async function waitingFor({ stampingRequests }: DeskRoutesOptions, principal: Principal) {
  if (!principal.scopes.has('seal.approve')) return undefined;
  const { items, nextCursor } = await stampingRequests.list(principal, { view: 'to-decide', limit: mostWaiting });
  return { count: items.length, more: nextCursor !== null };
}

function stampRequestOf(body: JsonObject | undefined): StampRequest {
  const sealId = textAt(body, 'sealId');
  const documentId = textAt(body, 'documentId');
  const purpose = textAt(body, 'purpose');
  const page = numberAt(body, 'page');
  const xMm = numberAt(body, 'xMm');
  const yMm = numberAt(body, 'yMm');
  if (sealId === undefined || documentId === undefined || purpose === undefined) throw incomplete();
  const documentClass = documentClasses.find((name) => name === textAt(body, 'documentClass'));
  if (page === undefined || xMm === undefined || yMm === undefined) throw incomplete();
  return {
    sealId,
    documentId,
    purpose,
    placements: [{ kind: 'position', page, xMm, yMm }],
    policy: 'intl',
    level: 'B-T',
    ...(documentClass !== undefined && { documentClass }),
  };
}

function incomplete(): TrustError {
  return new TrustError('malformed-request', 'the order is not complete');
}

/** The script sends a fresh key with each press of the button and the same one when it asks again. */
function requestKeyOf(request: Request, principal: Principal, body: Uint8Array): RequestKey {
  const key = request.get('idempotency-key') ?? '';
  if (!/^[\x21-\x7e]{8,128}$/.test(key)) throw new TrustError('malformed-request', 'Idempotency-Key is missing');
  return { owner: `account:${principal.accountId ?? ''}`, key, bodySha256: sha256(body) };
}
