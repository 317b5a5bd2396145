// One mandate (授权) on a page: whose, of which organisation, for what, until when, in which state, and what can be done with it.

import type { Mandate } from '../../identity/mandates/mandate-store.ts';
import type { Language } from '../../kernel/words/language.ts';
import { dateText } from '../../kernel/words/time.ts';
import { addSeconds } from '../../kernel/clock.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';
import { endText, mandateText as text, roleText, scopeText, stateText } from './text/mandates.ts';

export interface MandateCard {
  readonly mandate: Mandate;
  readonly language: Language;
  readonly heading: HtmlValue;
  /** Forms and links below it. */
  readonly deeds?: HtmlValue;
}

export function mandateCard({ mandate, language, heading, deeds }: MandateCard): SafeHtml {
  const { role, scope, sealIds, maxUses, purpose, validUntil, state, endedAs } = mandate;
  return html`<li class="card mandate">
<h3>${heading} <span class="badge ${badge(mandate)}">${stateText[state][language]}${endedAs !== undefined && html` · ${endText[endedAs][language]}`}</span></h3>
<dl class="facts">
<dt>${text.scope[language]}</dt><dd>${
    role === 'representative'
      ? roleText.representative[language]
      : list(
          scope.map((word) => scopeText[word][language]),
          language,
        )
  }</dd>
${sealIds !== undefined && html`<dt>${text.seals[language]}</dt><dd>${sealIds.map((sealId) => html`<code>${sealId}</code> `)}</dd>`}
${maxUses !== undefined && html`<dt>${text.uses[language]}</dt><dd>${maxUses}</dd>`}
<dt>${text.why[language]}</dt><dd>${purpose}</dd>
<dt>${text.until[language]}</dt><dd>${lastDay(validUntil, language)}</dd>
</dl>
${deeds}</li>
`;
}

/** The last day on which it holds. */
function lastDay(validUntil: Date, language: Language): string {
  return dateText(addSeconds(validUntil, -1).toISOString(), language);
}

function badge({ state }: Mandate): string {
  if (state === 'active') return 'badge-good';
  return state === 'offered' || state === 'claimed' ? 'badge-recheck' : 'badge-nothing';
}

function list(names: readonly string[], language: Language): string {
  return names.join(language === 'en' ? ', ' : '、');
}

/** A button whose press is asked for twice: first it opens what it means. */
export function twice(summary: string, meaning: string, form: SafeHtml): SafeHtml {
  return html`<details class="twice"><summary>${summary}</summary><p>${meaning}</p>${form}</details>`;
}

export function postButton(action: string, label: string, kind: 'button' | 'button button-plain' = 'button'): SafeHtml {
  return html`<form class="inline-form" method="post" action="${action}"><button class="${kind}" type="submit">${label}</button></form> `;
}
