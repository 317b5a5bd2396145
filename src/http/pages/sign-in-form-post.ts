// The page that carries an answer to a client as a form; OAuth 2.0 Form Post Response Mode 1.0.

import type { Language } from '../../kernel/words/language.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { onwardText as text } from './sign-in-text.ts';

export interface FormPostPage {
  readonly language: Language;
  /** A registered redirect URI. */
  readonly action: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** The script only presses the button. */
export function formPostPage({ language, action, fields }: FormPostPage): SafeHtml {
  if (!/^https?:\/\/[^\s"'<>]+$/.test(action)) throw new TypeError('only an http address takes a form');
  return layout({
    title: text.title[language],
    language,
    plain: true,
    languagePath: '/',
    scripts: ['/assets/send-form.client.js'],
    body: html`<div class="narrow">
<h1>${text.title[language]}</h1>
<form method="post" action="${action}">
${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`)}<p>${text.post[language]}</p>
<button class="button" type="submit">${text.link[language]}</button>
</form>
</div>`,
  });
}
