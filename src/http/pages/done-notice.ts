// The line at the top of a page that says what its reader just did here.

import type { Language, Words } from '../../kernel/words/language.ts';
import { html, type SafeHtml } from './html.ts';

export function doneNotice(done: Words | undefined, language: Language): SafeHtml | undefined {
  return done && html`<p class="notice" role="status"><span aria-hidden="true">✓</span> ${done[language]}</p>`;
}
