// Routes of seals: /desk/seals for the organisation that one acts for, /admin/seals for seal administrators; forms work without JavaScript.

import { randomUUID } from 'node:crypto';
import { raw, Router } from 'express';
import { sha256 } from '../../crypto/digest.ts';
import { fromHex, utf8 } from '../../kernel/bytes.ts';
import { isTrustError, TrustError } from '../../kernel/errors.ts';
import type { Principal } from '../../kernel/principal.ts';
import { wordsOfError } from '../../kernel/words/errors.ts';
import type { SealDeed } from '../../seal/life/deeds.ts';
import { sealDeeds } from '../../seal/life/deeds.ts';
import type { SealOffice } from '../../seal/life/seal-office.ts';
import type { SealWish } from '../../seal/life/wish.ts';
import { faceForms } from '../../seal/picture/seal-face.ts';
import { maxUploadBytes } from '../../seal/picture/uploaded-picture.ts';
import { sealSuites } from '../../seal/seal-entry.ts';
import { sealTypes } from '../../seal/seal-record.ts';
import type { SealRegister } from '../../seal/seals.ts';
import { statusOf } from '../problem.ts';
import { fromOwnPages } from '../sign-in.ts';
import { formFault, PostedForm, readAdminForm } from './admin-form.ts';
import { type SealForm, sealApplyPage } from './seal-apply-page.ts';
import { pageDeeds, type SealDoor, sealListPage, sealPage, sealsPath } from './seal-pages.ts';
import { type RecentVisitOptions, requireDeedProof } from './recent-visit.ts';
import { readBody } from './read-body.ts';
import { sendPage } from './send-page.ts';
import { textIn } from './span-form.ts';
import { requirePageScope, signedInOnly, type Visit } from './visit.ts';

export interface SealRoutesOptions extends RecentVisitOptions {
  readonly publicUrl: string;
  readonly seals: SealRegister;
  readonly sealOffice: SealOffice;
}

const onPage = 20;
const previewDpi = 192;

export function sealRoutes(options: SealRoutesOptions): Router {
  const router = Router({ caseSensitive: true });
  const own = [fromOwnPages(options.publicUrl), readAdminForm] as const;
  router.get(
    `${sealsPath('desk')}/apply`,
    signedInOnly(options, async ({ response, principal, frame }) => {
      requirePageScope(principal, 'seal.apply');
      const typed = {
        type: 'unit',
        title: '',
        bearer: '',
        form: '',
        sizeMm: '',
        suite: 'both',
        validDays: '1095',
        reason: '',
      };
      sendPage(response, sealApplyPage({ frame, typed: { ...typed, key: randomUUID() } }));
    }),
  );
  router.post(
    `${sealsPath('desk')}/apply`,
    ...own,
    signedInOnly(options, async (visit) => apply(options, visit)),
  );
  for (const door of ['desk', 'admin'] as const) {
    const at = `${sealsPath(door)}/:sealId`;
    const within = (handle: (visit: Visit) => Promise<void>) =>
      signedInOnly(options, async (visit) => {
        requirePageScope(visit.principal, door === 'desk' ? 'seal.read' : 'seal.manage');
        if (door === 'admin' && visit.request.method === 'POST') requireDeedProof(options, visit);
        await handle(visit);
      });
    router.get(
      sealsPath(door),
      within(async (visit) => sendList(options, door, visit)),
    );
    router.get(
      at,
      within(async (visit) => sendSeal(options, door, visit)),
    );
    router.post(
      `${at}/deeds`,
      ...own,
      within(async (visit) => orFault(options, door, visit, () => doDeed(options, visit))),
    );
    router.get(
      `${at}/application.png`,
      within(async ({ request, response, principal }) => {
        const png = await options.sealOffice.pictures.png(principal, String(request.params['sealId']));
        response.type('png').set('cache-control', 'private, no-cache').send(Buffer.from(png));
      }),
    );
    for (const change of ['let', 'withdraw'] as const)
      router.post(
        `${at}/systems/${change}`,
        ...own,
        within(async (visit) =>
          orFault(options, door, visit, async () => {
            const form = new PostedForm(visit.request);
            const [clientId, purpose] = [form.text('clientId'), form.text('purpose')];
            const sealId = String(visit.request.params['sealId']);
            const { systems } = options.sealOffice;
            if (change === 'let') await systems.grant(visit.principal, sealId, { clientId, purpose });
            else await systems.withdraw(visit.principal, sealId, clientId);
          }),
        ),
      );
    for (const decision of ['approve', 'reject'] as const)
      router.post(
        `${at}/proposals/:proposalId/${decision}`,
        ...own,
        within(async (visit) =>
          orFault(options, door, visit, async () => {
            const { proposals } = options.sealOffice;
            await proposals[decision](visit.principal, String(visit.request.params['proposalId']));
          }),
        ),
      );
  }
  router.post(
    `${sealsPath('desk')}/:sealId/picture`,
    own[0],
    signedInOnly(options, async (visit) => bringPicture(options, visit)),
  );
  router.post(
    `${sealsPath('desk')}/:sealId/picture/take-away`,
    ...own,
    signedInOnly(options, async (visit) =>
      orFault(options, 'desk', visit, async () => {
        await options.sealOffice.pictures.takeAway(visit.principal, String(visit.request.params['sealId']));
      }),
    ),
  );
  router.get(
    `${sealsPath('admin')}/:sealId/picture.png`,
    signedInOnly(options, async ({ request, response, principal }) => {
      requirePageScope(principal, 'seal.manage');
      const png = await options.seals.picturePng(principal, String(request.params['sealId']));
      response.type('png').set('cache-control', 'private, max-age=3600').send(Buffer.from(png));
    }),
  );
  return router;
}

/** The file itself is the body, as the page's script sends it. */
async function bringPicture({ sealOffice }: SealRoutesOptions, visit: Visit): Promise<void> {
  const { request, response, principal, frame } = visit;
  requirePageScope(principal, 'seal.apply');
  try {
    await readBody(raw({ limit: 4 * maxUploadBytes, type: () => true, inflate: false }), request);
    const body: unknown = request.body;
    if (!(body instanceof Uint8Array)) throw new TrustError('malformed-request', 'the body is empty');
    await sealOffice.pictures.bring(principal, String(request.params['sealId']), body);
    response.status(204).end();
  } catch (error) {
    const { code } = formFault(error);
    response.status(statusOf(code)).json({ message: wordsOfError(code)[frame.language] });
  }
}

async function sendList({ seals, sealOffice }: SealRoutesOptions, door: SealDoor, visit: Visit): Promise<void> {
  const { request, response, principal, frame } = visit;
  const actsFor = principal.actingFor?.organisationId;
  const cursor = textIn(request.query, 'cursor');
  const { items, nextCursor } = await seals.list(principal, { limit: onPage, cursor });
  const mayApply = door === 'desk' && principal.actingFor?.scope.includes('seal:apply') === true;
  const sees = door === 'admin' || mayApply;
  const applications = sees ? await sealOffice.applications.list(principal, { limit: onPage }) : { items: [] };
  const proposals = sees ? await sealOffice.proposals.list(principal, { limit: onPage }) : { items: [] };
  const isShown = ({ organisation }: { organisation: { organisationId: string } }) =>
    door === 'admin' || organisation.organisationId === actsFor;
  sendPage(
    response,
    sealListPage({
      frame,
      door,
      // Those who keep the deployment see all seals, and on this page the ones of whom they act for.
      seals: door === 'desk' && actsFor === undefined ? undefined : items.filter(isShown),
      nextCursor,
      applications: applications.items.filter((one) => one.status !== 'made' && isShown(one)),
      proposals: proposals.items.filter(({ state }) => state === 'open'),
      mayApply,
    }),
  );
}

async function sendSeal(
  { seals, sealOffice }: SealRoutesOptions,
  door: SealDoor,
  visit: Visit,
  fault?: TrustError,
): Promise<void> {
  const { request, response, principal, frame } = visit;
  const sealId = String(request.params['sealId']);
  const history = await sealOffice.life.history(principal, sealId);
  const seal = await seals.get(principal, sealId).catch(noneOnly);
  const mayOffice = principal.scopes.has('seal.apply') || principal.scopes.has('seal.manage');
  const application = seal === undefined ? await sealOffice.applications.get(principal, sealId) : undefined;
  const actsFor = principal.actingFor?.organisationId;
  if (door === 'desk' && (seal ?? application)?.organisation.organisationId !== actsFor)
    throw new TrustError('seal-not-found', 'the seal belongs to an organisation that the reader does not act for');
  const proposals = mayOffice ? (await sealOffice.proposals.list(principal, { sealId, limit: onPage })).items : [];
  const maySettle = seal !== undefined && (door === 'admin' || principal.scopes.has('seal.apply'));
  const page = sealPage({
    frame,
    door,
    reader: principal.accountId,
    seal,
    application,
    history,
    proposals,
    systems: maySettle ? await sealOffice.systems.of(principal, sealId) : undefined,
    mayDo: (deed) => mayDo(door, principal, deed),
    fault,
    isDone: request.query['done'] === 'yes',
  });
  sendPage(response, page, fault === undefined ? 200 : statusOf(fault.code));
}

function noneOnly(error: unknown): undefined {
  if (isTrustError(error, 'seal-not-found')) return undefined;
  throw error;
}

/** What the page offers; the services judge again. */
function mayDo(door: SealDoor, principal: Principal, deed: SealDeed): boolean {
  const { by } = sealDeeds[deed];
  if (door === 'admin') return by === 'office' || by === 'either' || by === 'two';
  return principal.scopes.has('seal.apply') && (by === 'organisation' || by === 'either' || by === 'two');
}

async function doDeed({ sealOffice }: SealRoutesOptions, { request, principal }: Visit): Promise<void> {
  const { applications, life, proposals } = sealOffice;
  const form = new PostedForm(request);
  const sealId = String(request.params['sealId']);
  const reason = form.text('reason');
  const description = form.given('description');
  const deed = pageDeeds.find((known) => known === form.text('deed'));
  switch (deed) {
    case 'approve':
      await applications.approve(principal, sealId, reason, fromHex(form.given('picture') ?? '-'));
      return;
    case 'refuse':
    case 'withdraw':
      await applications[deed](principal, sealId, reason);
      return;
    case 'make':
    case 'publish':
    case 'stop':
    case 'resume':
      await life[deed](principal, sealId, reason);
      return;
    case 'file':
      await life.file(principal, sealId, reason, form.text('reference'));
      return;
    case 'renew':
      await life.renew(principal, sealId, { reason, validDays: Number(form.text('validDays')) });
      return;
    case 'report-lost':
      await life.reportLost(principal, sealId, { reason, description });
      return;
    case 'revoke': {
      const kind = form.text('kind') === 'withdrawn' ? 'withdrawn' : 'revoked';
      await proposals.propose(principal, sealId, { deed, kind }, { reason, description });
      return;
    }
    case 'cancel':
      await proposals.propose(principal, sealId, { deed }, { reason, description });
      return;
    default:
      throw new TrustError('malformed-request', 'there is no such deed');
  }
}

async function orFault(
  options: SealRoutesOptions,
  door: SealDoor,
  visit: Visit,
  does: () => Promise<void>,
): Promise<void> {
  try {
    await does();
    visit.response.redirect(303, `${sealsPath(door)}/${String(visit.request.params['sealId'])}?done=yes`);
  } catch (error) {
    await sendSeal(options, door, visit, formFault(error));
  }
}

/** Drawn for the look of it, or sent; what can be corrected is told on the form. */
async function apply({ sealOffice }: SealRoutesOptions, { request, response, principal, frame }: Visit): Promise<void> {
  requirePageScope(principal, 'seal.apply');
  const form = new PostedForm(request);
  const typed: SealForm = {
    type: form.text('type'),
    title: form.text('title'),
    bearer: form.text('bearer'),
    form: form.text('form'),
    sizeMm: form.text('sizeMm'),
    suite: form.text('suite'),
    validDays: form.text('validDays'),
    reason: form.text('reason'),
    key: form.text('key').slice(0, 64) || randomUUID(),
  };
  try {
    const wish = wishOf(typed);
    if (form.text('step') === 'preview') {
      const preview = sealOffice.applications.preview(principal, wish, previewDpi);
      sendPage(response, sealApplyPage({ frame, typed, preview }));
      return;
    }
    const bodySha256 = sha256(utf8(JSON.stringify({ wish, reason: typed.reason })));
    const requestKey = { owner: `account:${principal.accountId ?? ''}`, key: `page-${typed.key}`, bodySha256 };
    const { sealId } = await sealOffice.applications.apply(principal, wish, typed.reason, requestKey);
    response.redirect(303, `${sealsPath('desk')}/${sealId}?done=yes`);
  } catch (error) {
    const fault = formFault(error);
    sendPage(response, sealApplyPage({ frame, typed, fault }), statusOf(fault.code));
  }
}

/** An empty field says nothing. Throws `malformed-request`. */
function wishOf({ type, title, bearer, form, sizeMm, suite, validDays }: SealForm): SealWish {
  const known = sealTypes.find((name) => name === type);
  if (known === undefined) throw new TrustError('malformed-request', 'there is no such type of seal');
  const wanted = Object.values(faceForms)
    .flat()
    .find((name) => name === form);
  const keys = sealSuites.find((name) => name === suite);
  return {
    type: known,
    validDays: Number(validDays),
    ...(keys !== undefined && { suite: keys }),
    ...(title !== '' && { title }),
    ...(bearer !== '' && { bearer }),
    ...(wanted !== undefined && { form: wanted }),
    ...(sizeMm !== '' && { sizeMm: Number(sizeMm) }),
  };
}
