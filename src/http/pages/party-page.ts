// The page that asks for whom a person acts (代表谁办理): at sign-in, when a system asks for it, and from the pages' own header.

import type { RepresentedParty } from '../../kernel/principal.ts';
import type { Language } from '../../kernel/words/language.ts';
import { html, type SafeHtml } from './html.ts';
import { layout, type PageOptions } from './layout.ts';
import { partyText as text, roleText } from './text/mandates.ts';

export interface PartyPage {
  readonly frame: Omit<PageOptions, 'title' | 'body'>;
  /** Where the form goes. */
  readonly path: string;
  readonly parties: readonly RepresentedParty[];
  /** The mandate that is marked; null: for themselves. */
  readonly chosen: string | null;
  /** Of the system that the person signs in to. */
  readonly systemName?: string;
}

export function partyPage({ frame, path, parties, chosen, systemName }: PartyPage): SafeHtml {
  const { language } = frame;
  return layout({
    ...frame,
    title: text.title[language],
    languagePath: path,
    body: html`<div class="narrow">
<h1>${text.title[language]}</h1>
<p class="lead">${systemName === undefined ? text.lead[language] : html`${text.forSystem[language]} <strong>${systemName}</strong>`}</p>
<form method="post" action="${path}">
<fieldset class="parties"><legend class="visually-hidden">${text.title[language]}</legend>
${parties.map((party) => choice(party.mandateId, party.mandateId === chosen, partyName(party, language)))}${choice('', chosen === null, html`<strong>${text.oneself[language]}</strong> <span class="hint">${text.oneselfHint[language]}</span>`)}</fieldset>
<div class="actions"><button class="button" type="submit">${text.onward[language]}</button>${
      systemName !== undefined &&
      html` <button class="button button-plain" type="submit" name="cancel" value="1">${text.cancel[language]}</button>`
    }</div>
</form>
</div>`,
  });
}

function partyName({ name, uscc, role }: RepresentedParty, language: Language): SafeHtml {
  return html`<strong>${name}</strong> <span class="hint">${uscc} · ${roleText[role][language]}</span>`;
}

function choice(value: string, isChosen: boolean, label: SafeHtml): SafeHtml {
  return html`<label class="choice"><input type="radio" name="mandate" value="${value}"${isChosen && html` checked`}><span>${label}</span></label>
`;
}
