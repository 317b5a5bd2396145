// Organisations for those who keep the deployment: the list, and one with its status and mandates.

import type { Mandate, OrganisationStatus } from '../../identity/mandates/mandate-store.ts';
import type { Organisation } from '../../identity/mandates/organisations.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { doneNotice } from './done-notice.ts';
import { textField } from './form-parts.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { mandateCard, postButton, twice } from './mandate-card.ts';
import { adminOrganisationText as text, mandateText, organisationText, roleText, statusText } from './text/mandates.ts';
import type { Visit } from './visit.ts';

const path = '/admin/organisations';

export interface OrganisationListPage {
  readonly frame: Visit['frame'];
  readonly organisations: readonly Organisation[];
  readonly nextCursor: string | null;
  readonly uscc: string | undefined;
}

export function organisationListPage({ frame, organisations, nextCursor, uscc }: OrganisationListPage): SafeHtml {
  const { language } = frame;
  return layout({
    ...frame,
    title: text.title[language],
    door: 'admin',
    languagePath: path,
    body: html`<h1>${text.title[language]}</h1>
<form class="card filters" method="get" action="${path}">
<div class="field"><label for="uscc">${mandateText.uscc[language]}</label><input id="uscc" name="uscc" maxlength="18" value="${uscc ?? ''}"></div>
<div class="actions"><button class="button" type="submit">${text.find[language]}</button></div>
</form>
${organisations.length === 0 ? html`<p class="notice">${text.none[language]}</p>` : html`<ul class="deeds">${organisations.map((organisation) => row(organisation, language))}</ul>`}
${nextCursor !== null && html`<p><a class="button button-plain" href="${path}?cursor=${nextCursor}">${mandateText.older[language]}</a></p>`}`,
  });
}

function row({ organisationId, uscc, name, status }: Organisation, language: Language): SafeHtml {
  return html`<li class="deed"><a class="target" href="${path}/${organisationId}">${name}</a><span class="deed-rest"><code>${uscc}</code><span>${statusText[status][language]}</span></span></li>
`;
}

export interface AdminOrganisationPage {
  readonly frame: Visit['frame'];
  readonly organisation: Organisation;
  readonly mandates: readonly Mandate[];
  readonly nextCursor: string | null;
  readonly mayChange: boolean;
  readonly done: Words | undefined;
}

export function adminOrganisationPage(page: AdminOrganisationPage): SafeHtml {
  const { frame, organisation, mandates, nextCursor, mayChange, done } = page;
  const { language } = frame;
  const { organisationId, name, uscc, status } = organisation;
  const own = `${path}/${organisationId}`;
  return layout({
    ...frame,
    title: name,
    door: 'admin',
    languagePath: own,
    body: html`<div class="narrow"><h1>${name}</h1>
${doneNotice(done, language)}
<dl class="facts card">
<dt>${mandateText.uscc[language]}</dt><dd><code>${uscc}</code></dd>
<dt>${organisationText.status[language]}</dt><dd>${statusText[status][language]}</dd>
</dl>
${mayChange && statusForm(own, status, language)}
<section><h2>${organisationText.agents[language]}</h2>
${mandates.length === 0 ? html`<p class="notice">${organisationText.noAgents[language]}</p>` : html`<ul class="mandates">${mandates.map((mandate) => card(own, mandate, page))}</ul>`}
${nextCursor !== null && html`<p><a class="button button-plain" href="${own}?cursor=${nextCursor}">${mandateText.older[language]}</a></p>`}</section>
<p><a class="back" href="${path}">← ${text.back[language]}</a></p></div>`,
  });
}

const steps: Readonly<Record<OrganisationStatus, readonly (readonly [OrganisationStatus, Words])[]>> = {
  active: [
    ['suspended', text.suspend],
    ['closed', text.close],
  ],
  suspended: [
    ['active', text.resume],
    ['closed', text.close],
  ],
  closed: [],
};

function statusForm(own: string, status: OrganisationStatus, language: Language): HtmlValue {
  if (steps[status].length === 0) return undefined;
  return html`<details class="twice"><summary>${text.change[language]}</summary>
<form method="post" action="${own}/status">
${textField({ name: 'reason', label: text.reason, autocomplete: 'off', maxLength: 200 }, language)}<div class="actions">${steps[status].map(([to, label]) => html`<button class="button" type="submit" name="to" value="${to}">${label[language]}</button> `)}</div>
</form></details>`;
}

function card(own: string, mandate: Mandate, { frame: { language }, mayChange }: AdminOrganisationPage): SafeHtml {
  const heading = html`<code>${mandate.loginName}</code> <span class="hint">${roleText[mandate.role][language]}</span>`;
  return mandateCard({ mandate, language, heading, deeds: mayChange ? deeds(own, mandate, language) : undefined });
}

function deeds(own: string, { mandateId, role, state, isHalfApproved }: Mandate, language: Language): HtmlValue {
  const to = (deed: string) => `${own}/mandates/${mandateId}/${deed}`;
  if (state === 'claimed')
    return html`<p>${text.claimWaits[language]}</p>${isHalfApproved && html`<p class="notice">${text.half[language]}</p>`}
<div class="actions">${postButton(to('approve'), text.approve[language])}${postButton(to('refuse'), organisationText.refuse[language], 'button button-plain')}</div>`;
  if (role !== 'agent' || !['offered', 'active', 'suspended'].includes(state)) return undefined;
  const { revoke, revokeSure } = organisationText;
  return twice(revoke[language], revokeSure[language], postButton(to('revoke'), revoke[language]));
}
