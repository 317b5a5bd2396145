// The systems that a person agreed to: which may see and do what, since when, and taking it back.

import type { ConsentedSystem } from '../../identity/accounts/consents.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { dateText } from '../../kernel/words/time.ts';
import { doneNotice } from './done-notice.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { apiScopeText, claimText, oidcScopeText } from './sign-in-text.ts';
import { accountText as text } from './text/account.ts';
import type { Visit } from './visit.ts';

export interface AccountSystemsPage {
  readonly frame: Visit['frame'];
  readonly systems: readonly ConsentedSystem[];
  /** What was just done here. */
  readonly done: Words | undefined;
}

export function accountSystemsPage({ frame, systems, done }: AccountSystemsPage): SafeHtml {
  const { language } = frame;
  return layout({
    ...frame,
    title: text.systems[language],
    languagePath: '/account/systems',
    body: html`<div class="narrow">
<h1>${text.systems[language]}</h1>
${doneNotice(done, language)}
<p class="lead">${text.systemsLead[language]}</p>
${systems.length === 0 ? html`<p class="notice">${text.systemsNone[language]}</p>` : systems.map((system) => systemCard(system, language))}
<p><a class="back" href="/account">← ${text.back[language]}</a></p>
</div>`,
  });
}

function systemCard(system: ConsentedSystem, language: Language): SafeHtml {
  const name = language === 'en' ? system.nameEn : system.name;
  return html`<section class="card">
<h2>${name}</h2>
<ul>
${seen(system).map((item) => html`<li>${typeof item === 'string' ? html`<code>${item}</code>` : item[language]}</li>\n`)}</ul>
<dl class="facts">
<dt>${text.since[language]}</dt><dd>${dateText(system.since.toISOString(), language)}</dd>
<dt>${text.until[language]}</dt><dd>${dateText(system.until.toISOString(), language)}</dd>
</dl>
<form method="post" action="/account/systems/${system.clientId}/withdraw"><button class="button button-plain" type="submit">${text.withdraw[language]}<span class="visually-hidden"> ${name}</span></button></form>
</section>
`;
}

/** What has no words of ours is shown by its name: hiding it would be worse. */
function seen({ oidcScopes, oidcClaims, apiScopes }: ConsentedSystem): (Words | string)[] {
  return [
    ...oidcScopes.map((scope) => oidcScopeText[scope] ?? scope),
    ...oidcClaims.map((claim) => claimText[claim] ?? claim),
    ...apiScopes.map((scope) => apiScopeText[scope]),
  ];
}
