// A person's own mandates at /account/mandates: offers to answer, what is held, and the way to become an organisation's representative.

import type { Mandate } from '../../identity/mandates/mandate-store.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { doneNotice } from './done-notice.ts';
import { faultSummary, textField } from './form-parts.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { mandateCard, postButton, twice } from './mandate-card.ts';
import { mandateText as text, organisationText, roleText } from './text/mandates.ts';
import type { Visit } from './visit.ts';

export interface MandatesPage {
  readonly frame: Visit['frame'];
  readonly mandates: readonly Mandate[];
  readonly nextCursor: string | null;
  readonly done: Words | undefined;
  /** Of the form of claiming an organisation. */
  readonly fault?: Words;
  readonly uscc?: string;
}

const path = '/account/mandates';

export function mandatesPage(page: MandatesPage): SafeHtml {
  const { frame, mandates, nextCursor, done, fault, uscc } = page;
  const { language } = frame;
  const offers = mandates.filter(({ state }) => state === 'offered');
  const others = mandates.filter(({ state }) => state !== 'offered');
  return layout({
    ...frame,
    title: text.title[language],
    languagePath: path,
    body: html`<div class="narrow">
<h1>${text.title[language]}</h1>
${faultSummary(text.toCorrect, fault, language)}${doneNotice(done, language)}
<p class="lead">${text.lead[language]}</p>
${offers.length > 0 && html`<section><h2>${text.offers[language]}</h2><ul class="mandates">${offers.map((offer) => card(offer, language))}</ul></section>`}
<section><h2>${text.held[language]}</h2>
${others.length === 0 ? html`<p class="notice">${text.none[language]}</p>` : html`<ul class="mandates">${others.map((mandate) => card(mandate, language))}</ul>`}
${nextCursor !== null && html`<p><a class="button button-plain" href="${path}?cursor=${nextCursor}">${text.older[language]}</a></p>`}</section>
<section><h2>${text.claimTitle[language]}</h2>
<p>${text.claimLead[language]}</p>
<form class="card" method="post" action="${path}/claim">
${textField({ name: 'uscc', label: text.uscc, hint: text.usccHint, autocomplete: 'off', maxLength: 18, ...(uscc !== undefined && { value: uscc }), ...(fault !== undefined && { invalid: true }) }, language)}<div class="actions"><button class="button" type="submit">${text.claim[language]}</button></div>
</form></section>
</div>`,
  });
}

function card(mandate: Mandate, language: Language): SafeHtml {
  const { organisation, role } = mandate;
  return mandateCard({
    mandate,
    language,
    heading: html`${organisation.name} <span class="hint">${organisation.uscc} · ${roleText[role][language]}</span>`,
    deeds: deeds(mandate, language),
  });
}

function deeds({ mandateId, organisation, role, scope, state }: Mandate, language: Language): SafeHtml | undefined {
  const to = (deed: string) => `${path}/${mandateId}/${deed}`;
  if (state === 'offered')
    return html`<div class="actions">${postButton(to('accept'), text.accept[language])}${postButton(to('decline'), text.decline[language], 'button button-plain')}</div>`;
  if (state === 'claimed')
    return html`<div class="actions">${postButton(to('withdraw'), organisationText.withdraw[language], 'button button-plain')}</div>`;
  if (state !== 'active' && state !== 'suspended') return undefined;
  const manages = state === 'active' && (role === 'representative' || scope.includes('organisation:manage'));
  return html`<div class="actions">${manages && html`<a class="button button-plain" href="/account/organisations/${organisation.organisationId}">${text.manage[language]}</a>`}</div>
${twice(text.layDown[language], text.layDownSure[language], postButton(to('end'), text.layDown[language]))}`;
}
