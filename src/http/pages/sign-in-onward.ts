// The page between a form and the next site: `<meta http-equiv="refresh">` and a link, because CSP lets no redirect follow a form POST.

import type { Language } from '../../kernel/words/language.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { onwardText as text } from './sign-in-text.ts';

/** `url` was built by the OIDC engine: an address of ours, or a registered redirect URI with its answer. */
export function onwardPage({ language, url }: { language: Language; url: string }): SafeHtml {
  if (!/^https?:\/\/[^\s"'<>]+$/.test(url)) throw new TypeError('only an http address leads onward');
  return layout({
    title: text.title[language],
    language,
    plain: true,
    languagePath: '/',
    head: html`<meta http-equiv="refresh" content="0;url=${url}">`,
    body: html`<div class="narrow">
<h1>${text.title[language]}</h1>
<p>${text.body[language]} <a href="${url}" rel="noreferrer">${text.link[language]}</a></p>
</div>`,
  });
}
