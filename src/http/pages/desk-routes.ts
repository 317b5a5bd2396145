// Routes of the seal desk over the seal room: upload, stamp, result, download; only with seals of the organisation acted for.

import { json, raw, type Request, Router } from 'express';
import { sha256 } from '../../crypto/digest.ts';
import { fromUtf8, toHex, utf8 } from '../../kernel/bytes.ts';
import { randomBytes } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { RequestKey } from '../../kernel/request-key.ts';
import { asObject, textAt } from '../../kernel/words/members.ts';
import { type DocumentStore, mediaTypeOf } from '../../seal/documents.ts';
import type { SealRecord } from '../../seal/seal-record.ts';
import type { SealRegister } from '../../seal/seals.ts';
import type { StampRequest } from '../../seal/stamp-request.ts';
import type { StampService } from '../../seal/stamping.ts';
import type { StampingRequests } from '../../seal/use/stamping-requests.ts';
import { formParts } from '../multipart-form.ts';
import { asTrustError, statusOf } from '../problem.ts';
import { fromOwnPages } from '../sign-in.ts';
import { deskOrder } from './desk-order.ts';
import { deskPolicy } from './desk-policy.ts';
import { deskPage, stampingPage } from './desk-page.ts';
import { readBody } from './read-body.ts';
import { sendPage } from './send-page.ts';
import { stampingRequestsPath } from './stamping-request-pages.ts';
import { requirePageScope, signedInOnly, type Visit, type VisitOptions } from './visit.ts';

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
  readonly documents: Pick<DocumentStore, 'put' | 'mediaTypes'>;
  readonly stamping: Pick<StampService, 'stamp' | 'get' | 'document'>;
}

const rememberedStampings = 10;
const mostSeals = 100;
/** Of a form beside its file. */
const maxFieldsBytes = 64 * 1024;
const maxFields = 40;

export function deskRoutes(options: DeskRoutesOptions): Router {
  const { publicUrl, maxDocumentBytes, script, seals, documents, stamping } = options;
  const router = Router({ caseSensitive: true });
  const own = fromOwnPages(publicUrl);

  const sendDesk = async ({ request, response, principal, frame }: Visit, fault?: TrustError): Promise<void> => {
    requirePageScope(principal, 'seal.read');
    const mayStamp = principal.scopes.has('seal.stamp');
    const recentIds = mayStamp ? (request.session.stampingIds ?? []) : [];
    const recent = await Promise.all(recentIds.map((id) => stamping.get(principal, id)));
    const own = await ownSeals(options, principal);
    const policies = await seals.usePolicies((own ?? []).map(({ sealId }) => sealId));
    const toDecide = await waitingFor(options, principal);
    const key = toHex(randomBytes(16));
    const page = { frame, seals: own, mayStamp, recent, maxDocumentBytes, policies, toDecide, key, fault };
    const answer = deskPage({ ...page, ...(script !== undefined && { script }) });
    sendPage(response, answer, fault === undefined ? 200 : statusOf(fault.code));
  };

  router.get(
    '/desk',
    signedInOnly(options, (visit) => sendDesk(visit)),
  );

  // Without a script the browser sends file and order together.
  router.post(
    '/desk',
    own,
    signedInOnly(options, async (visit) => {
      const { request, response, principal } = visit;
      requirePageScope(principal, 'seal.stamp');
      try {
        const { fields, file } = await readForm(request, maxDocumentBytes);
        const upload = { bytes: file, mediaType: 'application/octet-stream' };
        const { documentId } = await documents.put(principal, upload, requestKeyOf(fields['key'], principal, file));
        const order = await orderOf(options, principal, deskOrder(fields, documentId));
        const key = requestKeyOf(fields['key'], principal, utf8(JSON.stringify(order)));
        const policies = await seals.usePolicies([order.sealId]);
        if ((policies.get(order.sealId)?.approvers ?? 0) > 0) {
          const { requestId } = await options.stampingRequests.ask(principal, order, key);
          response.redirect(303, `${stampingRequestsPath}/${encodeURIComponent(requestId)}`);
          return;
        }
        const { stampingId } = await stamping.stamp(principal, order, key);
        remember(request, stampingId);
        response.redirect(303, `/desk/stampings/${encodeURIComponent(stampingId)}`);
      } catch (error) {
        const fault = asTrustError(error);
        if (statusOf(fault.code) === 500) throw error;
        await sendDesk(visit, fault);
      }
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
        requestKeyOf(request.get('idempotency-key'), principal, body),
      );
      response.status(201).json({ documentId, pageCount });
    }),
  );

  router.post(
    '/desk/stampings',
    own,
    signedInOnly(options, async ({ request, response, principal }) => {
      const { order, key } = await sentOrder(options, request, principal);
      const { stampingId } = await stamping.stamp(principal, order, key);
      remember(request, stampingId);
      response.status(201).json({ stampingId });
    }),
  );

  router.post(
    stampingRequestsPath,
    own,
    signedInOnly(options, async ({ request, response, principal }) => {
      const { order, key } = await sentOrder(options, request, principal);
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

async function readForm(
  request: Request,
  maxDocumentBytes: number,
): Promise<{ fields: Record<string, string>; file: Uint8Array }> {
  const limits = {
    partSizeBytes: maxDocumentBytes,
    formSizeBytes: maxDocumentBytes + maxFieldsBytes,
    parts: maxFields,
  };
  const fields = new Map<string, string>();
  let file: Uint8Array = new Uint8Array();
  for await (const { name, fileName, bytes } of formParts(request, limits)) {
    if (fileName !== undefined) file = bytes;
    else fields.set(name, fromUtf8(bytes) ?? '');
  }
  return { fields: Object.fromEntries(fields), file };
}

function remember(request: Request, stampingId: string): void {
  const earlier = request.session.stampingIds ?? [];
  const ids = [stampingId, ...earlier.filter((id) => id !== stampingId)];
  request.session.stampingIds = ids.slice(0, rememberedStampings);
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

/** An order for a document that was uploaded before, as the script of the desk sends it. */
async function sentOrder(options: DeskRoutesOptions, request: Request, principal: Principal) {
  requirePageScope(principal, 'seal.stamp');
  await readBody(json({ limit: '16kb', inflate: false }), request);
  const body = asObject(request.body) ?? {};
  const order = await orderOf(options, principal, deskOrder(body, textAt(body, 'documentId') ?? ''));
  const key = requestKeyOf(request.get('idempotency-key'), principal, utf8(JSON.stringify(order)));
  return { order, key };
}

async function orderOf(options: DeskRoutesOptions, principal: Principal, asked: StampRequest): Promise<StampRequest> {
  const seal = await ownSeal(options, principal, asked.sealId);
  const documentIds = [asked.documentId];
  return { ...asked, policy: await deskPolicy(options.documents, principal, { seal, documentIds }) };
}

const mostWaiting = 20;

async function waitingFor({ stampingRequests }: DeskRoutesOptions, principal: Principal) {
  if (!principal.scopes.has('seal.approve')) return undefined;
  const { items, nextCursor } = await stampingRequests.list(principal, { view: 'to-decide', limit: mostWaiting });
  return { count: items.length, more: nextCursor !== null };
}

/** The script sends a fresh key with each press of the button and the same one when it asks again. */
function requestKeyOf(key = '', principal: Principal, body: Uint8Array): RequestKey {
  if (!/^[\x21-\x7e]{8,128}$/.test(key)) throw new TrustError('malformed-request', 'Idempotency-Key is missing');
  return { owner: `account:${principal.accountId ?? ''}`, key, bodySha256: sha256(body) };
}
