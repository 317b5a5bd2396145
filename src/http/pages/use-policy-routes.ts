// Routes of the policy of use of a seal: /desk/seals/{sealId}/use for its organisation, /admin/seals/{sealId}/use to read.

import { randomUUID } from 'node:crypto';
import { Router } from 'express';
import { sha256 } from '../../crypto/digest.ts';
import type { MandateRegister } from '../../identity/mandates/mandate-register.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { SealOffice } from '../../seal/life/seal-office.ts';
import { documentClasses } from '../../seal/use/document-class.ts';
import { levels, openPolicy, type UsePolicy } from '../../seal/use/use-policy.ts';
import type { SealRegister } from '../../seal/seals.ts';
import { statusOf } from '../problem.ts';
import { fromOwnPages } from '../sign-in.ts';
import { formFault, PostedForm, readAdminForm } from './admin-form.ts';
import { type SealDoor } from './seal-pages.ts';
import { sendPage } from './send-page.ts';
import { usePolicyPage, usePolicyPath } from './use-policy-page.ts';
import { requirePageScope, signedInOnly, type Visit, type VisitOptions } from './visit.ts';

export interface UsePolicyRoutesOptions extends VisitOptions {
  readonly publicUrl: string;
  readonly seals: SealRegister;
  readonly sealOffice: SealOffice;
  readonly mandateRegister: Pick<MandateRegister, 'usersOfSeal'>;
}

const weekdays = [1, 2, 3, 4, 5, 6, 7];

export function usePolicyRoutes(options: UsePolicyRoutesOptions): Router {
  const router = Router({ caseSensitive: true });
  for (const door of ['desk', 'admin'] as const) {
    const within = (handle: (visit: Visit) => Promise<void>) =>
      signedInOnly(options, async (visit) => {
        requirePageScope(visit.principal, door === 'desk' ? 'seal.apply' : 'seal.manage');
        await handle(visit);
      });
    router.get(
      usePolicyPath(door, ':sealId'),
      within(async (visit) => send(options, door, visit)),
    );
  }
  router.post(
    usePolicyPath('desk', ':sealId'),
    fromOwnPages(options.publicUrl),
    readAdminForm,
    signedInOnly(options, async (visit) => save(options, visit)),
  );
  return router;
}

interface Typed {
  readonly rules: UsePolicy;
  readonly reason: string;
  readonly fault: TrustError;
}

async function send(options: UsePolicyRoutesOptions, door: SealDoor, visit: Visit, typed?: Typed): Promise<void> {
  const { seals, sealOffice, mandateRegister } = options;
  const { request, response, principal, frame } = visit;
  const sealId = String(request.params['sealId']);
  const versions = await sealOffice.usePolicies.versions(principal, sealId);
  const seal = await seals.get(principal, sealId);
  const users = await mandateRegister.usersOfSeal(seal.organisation.organisationId, sealId);
  const page = usePolicyPage({
    frame,
    door,
    seal,
    rules: typed?.rules ?? versions[0]?.rules ?? openPolicy,
    reason: typed?.reason ?? '',
    versions,
    users: users.map(({ accountId, loginName }) => ({ accountId, label: loginName })),
    mayChange: door === 'desk' && principal.actingFor?.organisationId === seal.organisation.organisationId,
    requestKey: randomUUID(),
    fault: typed?.fault,
    isDone: request.query['done'] === 'yes',
  });
  sendPage(response, page, typed === undefined ? 200 : statusOf(typed.fault.code));
}

async function save(options: UsePolicyRoutesOptions, visit: Visit): Promise<void> {
  const { request, response, principal } = visit;
  requirePageScope(principal, 'seal.apply');
  const sealId = String(request.params['sealId']);
  const form = new PostedForm(request);
  const { usePolicies } = options.sealOffice;
  const present = await usePolicies.of(principal, sealId);
  const rules = rulesIn(form, present.rules);
  const reason = form.text('reason');
  const key = form.text('key').slice(0, 64) || randomUUID();
  try {
    const change = { rules, reason, basedOn: Number(form.text('basedOn')) };
    const bodySha256 = sha256(utf8(JSON.stringify({ sealId, ...change })));
    await usePolicies.set(principal, sealId, change, {
      owner: `account:${principal.accountId ?? ''}`,
      key: `page-${key}`,
      bodySha256,
    });
    response.redirect(303, `${usePolicyPath('desk', sealId)}?done=yes`);
  } catch (error) {
    await send(options, 'desk', visit, { rules, reason, fault: formFault(error) });
  }
}

/** An empty field limits nothing. What the form does not show stays as it is. */
function rulesIn(form: PostedForm, present: UsePolicy): UsePolicy {
  const numberIn = (name: string) => (form.given(name) === undefined ? null : Number(form.text(name)));
  const days = weekdays.filter((day) => form.all('days').includes(String(day)));
  return {
    users: listOrNull(form.all('users')),
    purposes: listOrNull(form.lines('purposes')),
    documentClasses: listOrNull(documentClasses.filter((name) => form.all('documentClasses').includes(name))),
    policies: present.policies,
    levels: listOrNull(levels.filter((level) => form.all('levels').includes(level))),
    timeZone: form.text('timeZone'),
    hours: listOrNull(
      days.map((day) => ({ days: [day], from: form.text(`from-${day}`), until: form.text(`until-${day}`) })),
    ),
    quota: {
      sealPerDay: numberIn('sealPerDay'),
      sealPerMonth: numberIn('sealPerMonth'),
      userPerDay: numberIn('userPerDay'),
      userPerMonth: numberIn('userPerMonth'),
    },
    approvers: Number(form.text('approvers')),
  };
}

function listOrNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}
