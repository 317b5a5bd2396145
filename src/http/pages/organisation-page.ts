// Who acts for an organisation, for whoever appoints there: agents, the representative, claims; and the forms of appointing.

import type { Mandate } from '../../identity/mandates/mandate-store.ts';
import type { Candidate } from '../../identity/mandates/mandates.ts';
import { type MandateScope, mandateScopes } from '../../kernel/mandate-scopes.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { doneNotice } from './done-notice.ts';
import { faultSummary, textField } from './form-parts.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { mandateCard, postButton, twice } from './mandate-card.ts';
import { mandateText, organisationText as text, roleText, scopeText, statusText } from './text/mandates.ts';
import type { Visit } from './visit.ts';

export interface OrganisationPage {
  readonly frame: Visit['frame'];
  /** The mandate under which the reader appoints. */
  readonly own: Mandate;
  readonly mandates: readonly Mandate[];
  readonly nextCursor: string | null;
  readonly done: Words | undefined;
}

export const organisationPath = (organisationId: string): string => `/account/organisations/${organisationId}`;

export function organisationPage({ frame, own, mandates, nextCursor, done }: OrganisationPage): SafeHtml {
  const { language } = frame;
  const { organisation } = own;
  const path = organisationPath(organisation.organisationId);
  return page(
    frame,
    organisation.name,
    path,
    html`
<h1>${organisation.name}</h1>
${doneNotice(done, language)}
<dl class="facts card">
<dt>${mandateText.uscc[language]}</dt><dd><code>${organisation.uscc}</code></dd>
<dt>${text.status[language]}</dt><dd>${statusText[organisation.status][language]}</dd>
</dl>
<section><h2>${text.agents[language]}</h2>
<p><a class="button" href="${path}/appoint">${text.appoint[language]}</a></p>
<ul class="mandates">${mandates.map((mandate) => card(mandate, own, language))}</ul>
${nextCursor !== null && html`<p><a class="button button-plain" href="${path}?cursor=${nextCursor}">${mandateText.older[language]}</a></p>`}</section>
<p><a class="back" href="/account/mandates">← ${mandateText.back[language]}</a></p>`,
  );
}

function card(mandate: Mandate, own: Mandate, language: Language): SafeHtml {
  const { loginName, role } = mandate;
  const heading = html`<code>${loginName}</code> <span class="hint">${roleText[role][language]}</span>`;
  return mandateCard({ mandate, language, heading, deeds: deeds(mandate, own, language) });
}

function deeds(mandate: Mandate, own: Mandate, language: Language): HtmlValue {
  const { mandateId, role, state, appointedUnder, loginName, organisation } = mandate;
  const to = (deed: string) => `${organisationPath(organisation.organisationId)}/mandates/${mandateId}/${deed}`;
  const isRepresentative = own.role === 'representative';
  if (state === 'claimed' && isRepresentative)
    return html`<p>${text.claimWaits[language]}</p><div class="actions">${postButton(to('agree'), text.agree[language])}${postButton(to('refuse'), text.refuse[language], 'button button-plain')}</div>`;
  const isTheirs = role === 'agent' && (isRepresentative || appointedUnder === own.mandateId);
  if (!isTheirs || !['offered', 'active', 'suspended'].includes(state)) return undefined;
  const name = html`<span class="visually-hidden">${loginName}</span>`;
  return html`<form class="term" method="post" action="${to('term')}"><div class="field"><label for="until-${mandateId}">${text.until[language]} ${name}</label><input id="until-${mandateId}" name="until" type="date" required></div><button class="button button-plain" type="submit">${text.change[language]} ${name}</button></form>
${twice(text.revoke[language], text.revokeSure[language], postButton(to('revoke'), text.revoke[language]))}`;
}

export interface AppointPage {
  readonly frame: Visit['frame'];
  readonly own: Mandate;
  readonly fault?: Words | undefined;
  readonly typed?: AppointForm | undefined;
}

/** As it was typed. */
export interface AppointForm {
  readonly loginName: string;
  readonly scope: readonly MandateScope[];
  readonly sealIds: string;
  /** Empty: any number. */
  readonly maxUses: string;
  /** YYYY-MM-DD. */
  readonly until: string;
  readonly purpose: string;
}

export function appointPage({ frame, own, fault, typed }: AppointPage): SafeHtml {
  const { language } = frame;
  const path = `${organisationPath(own.organisation.organisationId)}/appoint`;
  const offered = mandateScopes.filter(
    (word) => own.role === 'representative' || (own.scope.includes(word) && word !== 'organisation:manage'),
  );
  return page(
    frame,
    text.appoint[language],
    path,
    html`
<h1>${text.appoint[language]}</h1>
${faultSummary(mandateText.toCorrect, fault, language)}
<p class="lead">${own.organisation.name}</p>
<p>${text.appointLead[language]}</p>
<form class="card" method="post" action="${path}">
${textField({ name: 'loginName', label: text.loginName, autocomplete: 'off', maxLength: 64, ...valueOf(typed?.loginName) }, language)}<fieldset class="parties"><legend>${text.scopeLegend[language]}</legend>
${offered.map(
  (
    word,
  ) => html`<label class="choice"><input type="checkbox" name="scope" value="${word}"${typed?.scope.includes(word) === true && html` checked`}><span>${scopeText[word][language]}</span></label>
`,
)}</fieldset>
<div class="field"><label for="sealIds">${text.sealIds[language]}</label><p class="hint" id="sealIds-hint">${text.sealIdsHint[language]}</p><textarea id="sealIds" name="sealIds" rows="2" maxlength="2000" spellcheck="false" aria-describedby="sealIds-hint">${typed?.sealIds ?? ''}</textarea></div>
<div class="field"><label for="maxUses">${text.maxUses[language]}</label><input id="maxUses" name="maxUses" type="number" inputmode="numeric" min="1" max="100000" value="${typed?.maxUses ?? ''}"></div>
<div class="field"><label for="until">${text.until[language]}</label><p class="hint" id="until-hint">${text.untilHint[language]}</p><input id="until" name="until" type="date" required aria-describedby="until-hint" value="${typed?.until ?? ''}"></div>
${textField({ name: 'purpose', label: text.why, hint: text.whyHint, autocomplete: 'off', maxLength: 200, ...valueOf(typed?.purpose) }, language)}<div class="actions"><button class="button" type="submit">${text.next[language]}</button></div>
</form>`,
  );
}

function valueOf(value: string | undefined): { value?: string } {
  return value === undefined ? {} : { value };
}

export interface ConfirmPage {
  readonly frame: Visit['frame'];
  readonly own: Mandate;
  readonly form: AppointForm;
  readonly candidate: Candidate;
  /** Sent along, so that a second press appoints nobody a second time. */
  readonly requestKey: string;
}

export function confirmPage({ frame, own, form, candidate, requestKey }: ConfirmPage): SafeHtml {
  const { language } = frame;
  const path = organisationPath(own.organisation.organisationId);
  const hidden = (name: string, value: string) => html`<input type="hidden" name="${name}" value="${value}">`;
  return page(
    frame,
    text.confirmTitle[language],
    `${path}/appoint`,
    html`
<h1>${text.confirmTitle[language]}</h1>
<p class="lead">${text.confirmLead[language]}</p>
<dl class="facts card">
<dt>${text.name[language]}</dt><dd>${candidate.maskedName}</dd>
<dt>${text.loginName[language]}</dt><dd><code>${candidate.loginName}</code></dd>
<dt>${mandateText.scope[language]}</dt><dd>${form.scope.map((word) => html`${scopeText[word][language]}<br>`)}</dd>
${form.sealIds !== '' && html`<dt>${mandateText.seals[language]}</dt><dd><code>${form.sealIds}</code></dd>`}
${form.maxUses !== '' && html`<dt>${mandateText.uses[language]}</dt><dd>${form.maxUses}</dd>`}
<dt>${text.until[language]}</dt><dd>${form.until}</dd>
<dt>${text.why[language]}</dt><dd>${form.purpose}</dd>
</dl>
<form method="post" action="${path}/agents">
${hidden('key', requestKey)}${hidden('loginName', candidate.loginName)}${form.scope.map((word) => hidden('scope', word))}${hidden('sealIds', form.sealIds)}${hidden('maxUses', form.maxUses)}${hidden('until', form.until)}${hidden('purpose', form.purpose)}
<div class="actions"><button class="button" type="submit">${text.confirm[language]}</button></div>
</form>
<p><a class="back" href="${path}">← ${mandateText.back[language]}</a></p>`,
  );
}

function page(frame: Visit['frame'], title: string, languagePath: string, body: SafeHtml): SafeHtml {
  return layout({ ...frame, title, languagePath, body: html`<div class="narrow">${body}</div>` });
}
