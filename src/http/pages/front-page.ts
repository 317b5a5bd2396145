// The front page: four doors, each saying what it is for in Chinese and in English; in the sandbox also who can sign in.

import type { Language, Words } from '../../kernel/words/language.ts';
import type { SafeHtml } from './html.ts';
import { html } from './html.ts';
import { layout } from './layout.ts';
import { frontText, sandboxPassword, sandboxPeople } from './text/front.ts';

export interface FrontPage {
  readonly language: Language;
  readonly sandbox: boolean;
  readonly principalName?: string;
  readonly actingFor?: string;
}

export function frontPage(page: FrontPage): SafeHtml {
  const { language } = page;
  return layout({
    ...page,
    title: frontText.title[language],
    body: html`<h1>${frontText.title[language]}</h1>
<p class="lead">${frontText.lead[language]}</p>
<ul class="doors">
${frontText.doors.map(
  (door) => html`<li><a class="door" href="${door.path}">
${both(door.name, language, 'door-name')}
${both(door.purpose, language, 'door-purpose')}
</a></li>
`,
)}</ul>
${page.sandbox && people(language)}`,
  });
}

/** The chosen language first, the other beside it, each marked with its language for screen readers. */
function both(text: Words, language: Language, name: string): SafeHtml {
  const other: Language = language === 'en' ? 'zh-CN' : 'en';
  return html`<span class="${name}">${text[language]} <span class="${name}-other" lang="${other}">${text[other]}</span></span>`;
}

function people(language: Language): SafeHtml {
  return html`<section class="people" aria-labelledby="people">
<h2 id="people">${frontText.people[language]}</h2>
<p>${frontText.peopleHint[language]} <code>${sandboxPassword}</code></p>
<div class="table-wrap"><table>
<thead><tr><th scope="col">${frontText.userName[language]}</th><th scope="col">${frontText.who[language]}</th><th scope="col">${frontText.tryIt[language]}</th></tr></thead>
<tbody>
${sandboxPeople.map(
  (
    person,
  ) => html`<tr><th scope="row"><code>${person.userName}</code></th><td>${person.who[language]}</td><td>${person.tries[language]}</td></tr>
`,
)}</tbody>
</table></div>
</section>`;
}
