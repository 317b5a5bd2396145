// Routes of batch stamping on the desk: many files in one form, one confirmation, progress, downloads; works without JavaScript.

import { randomUUID } from 'node:crypto';
import { Router, urlencoded } from 'express';
import { sha256 } from '../../crypto/digest.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { isTrustError, TrustError } from '../../kernel/errors.ts';
import { isPlainText } from '../../kernel/plain-text.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { RequestKey } from '../../kernel/request-key.ts';
import { wordsOfError } from '../../kernel/words/errors.ts';
import type { Words } from '../../kernel/words/language.ts';
import { asObject, textAt } from '../../kernel/words/members.ts';
import type { StampingBatches } from '../../seal/batch/batches.ts';
import { itemStatuses } from '../../seal/batch/batch-store.ts';
import { type DocumentStore, mediaTypeOf } from '../../seal/documents.ts';
import type { SealRecord } from '../../seal/seal-record.ts';
import type { SealRegister } from '../../seal/seals.ts';
import type { StampService } from '../../seal/stamping.ts';
import { type FormPart, formParts } from '../multipart-form.ts';
import { fromOwnPages } from '../sign-in.ts';
import { statusOf } from '../problem.ts';
import { sendStream } from '../stream-reply.ts';
import { type ZipFile, zipStream } from '../zip-stream.ts';
import {
  batchListPage,
  batchPage,
  type BatchTermsTyped,
  checkPage,
  chooseFilesPage,
  type RefusedFile,
  type TakenFile,
} from './batch-pages.ts';
import { deskPolicy } from './desk-policy.ts';
import { formField } from './form-field.ts';
import { readBody } from './read-body.ts';
import { sendPage } from './send-page.ts';
import { textIn } from './span-form.ts';
import { batchText } from './text/batch.ts';
import { requirePageScope, signedInOnly, type Visit, type VisitOptions } from './visit.ts';

export interface BatchRoutesOptions extends VisitOptions {
  readonly publicUrl: string;
  readonly maxDocumentBytes: number;
  readonly seals: Pick<SealRegister, 'list' | 'get'>;
  readonly documents: Pick<DocumentStore, 'put' | 'mediaTypes'>;
  readonly stamping: Pick<StampService, 'document'>;
  readonly batches: StampingBatches;
}

/** In one form; systems order more (POST /api/v1/stamping-batches). */
const mostFiles = 100;
const mostSeals = 100;
const onPage = 50;
/** So many of the largest documents in one form. */
const largestInForm = 8;
const blank: BatchTermsTyped = { sealId: '', page: '1', x: '150', y: '230', purpose: '' };
/** The names and identifiers of as many files. */
const readOrder = urlencoded({ extended: false, limit: '256kb' });

export function batchRoutes(options: BatchRoutesOptions): Router {
  const { publicUrl, batches } = options;
  const router = Router({ caseSensitive: true });
  const own = fromOwnPages(publicUrl);
  const visiting = (handle: (visit: Visit) => Promise<void>) =>
    signedInOnly(options, async (visit) => {
      requirePageScope(visit.principal, 'seal.stamp');
      await handle(visit);
    });
  router.get(
    '/desk/batches',
    visiting(async ({ request, response, principal, frame }) => {
      const query = { limit: onPage, cursor: textIn(request.query, 'after') };
      sendPage(response, batchListPage(frame, await batches.list(principal, query)));
    }),
  );
  router.get(
    '/desk/batches/new',
    visiting(async (visit) => sendForm(options, visit, blank)),
  );
  router.post(
    '/desk/batches/check',
    own,
    visiting(async (visit) => check(options, visit)),
  );
  router.post(
    '/desk/batches',
    own,
    visiting(async (visit) => order(options, visit)),
  );
  router.get(
    '/desk/batches/:batchId',
    visiting(async (visit) => progress(options, visit)),
  );
  for (const deed of ['cancel', 'retry'] as const)
    router.post(
      `/desk/batches/:batchId/${deed}`,
      own,
      visiting(async ({ request, response, principal }) => {
        const { batchId } = await batches[deed](principal, String(request.params['batchId']));
        response.redirect(303, `/desk/batches/${batchId}`);
      }),
    );
  router.get(
    '/desk/batches/:batchId/documents.zip',
    visiting(async (visit) => sendZip(options, visit)),
  );
  return router;
}

async function sendForm(
  options: BatchRoutesOptions,
  visit: Visit,
  typed: BatchTermsTyped,
  fault?: { words: Words; status: number },
) {
  const { frame, response, principal } = visit;
  const { maxDocumentBytes } = options;
  const seals = await usableSeals(options, principal);
  const told = fault === undefined ? {} : { fault: fault.words };
  sendPage(response, chooseFilesPage({ frame, seals, mostFiles, maxDocumentBytes, typed, ...told }), fault?.status);
}

/** `undefined` without a mandate. */
async function usableSeals(
  { seals }: BatchRoutesOptions,
  principal: Principal,
): Promise<readonly SealRecord[] | undefined> {
  const { actingFor } = principal;
  if (actingFor === undefined) return undefined;
  const { items } = await seals.list(principal, { status: 'active', limit: mostSeals });
  return items.filter(({ organisation }) => organisation.organisationId === actingFor.organisationId);
}

/** Files are kept one by one as they arrive; what cannot be taken is told, and the others go on. */
async function check(options: BatchRoutesOptions, visit: Visit): Promise<void> {
  const { request, response, principal, frame } = visit;
  const { maxDocumentBytes } = options;
  const limits = {
    partSizeBytes: maxDocumentBytes,
    formSizeBytes: largestInForm * maxDocumentBytes,
    parts: mostFiles + 10,
  };
  const fields = new Map<string, string>();
  const taken: TakenFile[] = [];
  const refused: RefusedFile[] = [];
  for await (const part of formParts(request, limits)) {
    if (part.fileName === undefined) fields.set(part.name, Buffer.from(part.bytes).toString('utf8'));
    // A form without a chosen file has one without a name.
    else if (part.fileName !== '') await take(options, principal, part, { taken, refused });
  }
  const typed = typedIn((name) => fields.get(name) ?? '');
  if (taken.length + refused.length === 0)
    return sendForm(options, visit, typed, { words: batchText.noFile, status: 400 });
  const seal = await sealOf(options, principal, typed.sealId);
  sendPage(response, checkPage({ frame, seal, typed, taken, refused, key: randomUUID() }));
}

async function take(
  { documents }: BatchRoutesOptions,
  principal: Principal,
  { fileName = '', bytes }: FormPart,
  { taken, refused }: { taken: TakenFile[]; refused: RefusedFile[] },
): Promise<void> {
  const name = isPlainText(fileName, 200) ? fileName : `${taken.length + refused.length + 1}`;
  try {
    const upload = { bytes, mediaType: 'application/octet-stream' };
    const record = await documents.put(principal, upload, keyOf(principal, randomUUID(), bytes));
    taken.push({ documentId: record.documentId, name, pageCount: record.pageCount });
  } catch (error) {
    if (!isTrustError(error) || statusOf(error.code) >= 500) throw error;
    refused.push({ name, why: wordsOfError(error.code) });
  }
}

async function order(options: BatchRoutesOptions, visit: Visit): Promise<void> {
  const { request, response, principal } = visit;
  await readBody(readOrder, request);
  const typed = typedIn((name) => formField(request, name));
  try {
    const seal = await sealOf(options, principal, typed.sealId);
    const documents = documentsIn(formField(request, 'documents'));
    const wish = {
      sealId: seal.sealId,
      documents,
      placements: [{ kind: 'position' as const, page: Number(typed.page), xMm: Number(typed.x), yMm: Number(typed.y) }],
      purpose: typed.purpose,
      policy: await deskPolicy(options.documents, principal, {
        seal,
        documentIds: documents.map(({ documentId }) => documentId),
      }),
      level: 'B-T' as const,
    };
    const key = keyOf(principal, formField(request, 'key'), utf8(JSON.stringify(wish)));
    const { batchId } = await options.batches.order(principal, wish, key);
    response.redirect(303, `/desk/batches/${batchId}`);
  } catch (error) {
    if (!isTrustError(error) || statusOf(error.code) >= 500) throw error;
    await sendForm(options, visit, typed, { words: wordsOfError(error.code), status: statusOf(error.code) });
  }
}

async function progress(
  { batches, seals }: BatchRoutesOptions,
  { request, response, principal, frame }: Visit,
): Promise<void> {
  const batch = await batches.get(principal, String(request.params['batchId']));
  const status = itemStatuses.find((one) => one === textIn(request.query, 'status'));
  const query = { status, limit: onPage, cursor: textIn(request.query, 'after') };
  const { items, nextCursor } = await batches.items(principal, batch.batchId, query);
  const seal = await seals.get(principal, batch.sealId);
  sendPage(response, batchPage({ frame, batch, seal, items, status, nextCursor }));
}

async function sendZip(options: BatchRoutesOptions, { request, response, principal }: Visit): Promise<void> {
  const { batchId } = await options.batches.get(principal, String(request.params['batchId']));
  await sendStream(response, {
    mediaType: 'application/zip',
    fileName: `${batchId}.zip`,
    chunks: (signal) => zipStream(stampedFiles(options, principal, { batchId, signal })),
  });
}

/** Numbered, so that names may be alike. */
async function* stampedFiles(
  { batches, stamping }: BatchRoutesOptions,
  principal: Principal,
  { batchId, signal }: { batchId: string; signal: AbortSignal },
): AsyncGenerator<ZipFile> {
  let cursor: string | undefined;
  do {
    const page = await batches.items(principal, batchId, { status: 'done', limit: 100, cursor });
    for (const { number, name, stampingId } of page.items) {
      if (stampingId === null || signal.aborted) continue;
      const bytes = await stamping.document(principal, stampingId);
      const suffix = (mediaTypeOf(bytes) ?? 'application/bin').split('/')[1] ?? 'bin';
      const base = (name ?? '').replace(/\.(pdf|ofd)$/i, '').replaceAll(/[<>:"/\\|?*]/g, '_');
      yield { name: `${String(number).padStart(5, '0')}${base === '' ? '' : ` ${base}`}.${suffix}`, bytes };
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && !signal.aborted);
}

function typedIn(field: (name: string) => string): BatchTermsTyped {
  return { sealId: field('seal'), page: field('page'), x: field('x'), y: field('y'), purpose: field('purpose') };
}

/** Throws `forbidden` for seals of other organisations. */
async function sealOf({ seals }: BatchRoutesOptions, principal: Principal, sealId: string): Promise<SealRecord> {
  const seal = await seals.get(principal, sealId);
  if (seal.organisation.organisationId !== principal.actingFor?.organisationId)
    throw new TrustError('forbidden', 'the seal belongs to an organisation that the caller does not act for');
  return seal;
}

/** As our own page wrote it; whose documents these are is asked by the order. */
function documentsIn(text: string): { documentId: string; name?: string }[] {
  const list = jsonIn(text);
  if (!Array.isArray(list) || list.length > mostFiles)
    throw new TrustError('malformed-request', 'the list of files is none');
  return list.map((entry: unknown) => {
    const [documentId, name] = [textAt(asObject(entry), 'documentId'), textAt(asObject(entry), 'name')];
    if (documentId === undefined) throw new TrustError('malformed-request', 'the list of files is none');
    return { documentId, ...(name !== undefined && { name }) };
  });
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function keyOf(principal: Principal, key: string, body: Uint8Array): RequestKey {
  if (!/^[\x21-\x7e]{8,128}$/.test(key)) throw new TrustError('malformed-request', 'the key of the form is missing');
  return { owner: `account:${principal.accountId ?? ''}`, key, bodySha256: sha256(body) };
}
