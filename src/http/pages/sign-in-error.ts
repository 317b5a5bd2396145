// The page for an authorization request that cannot even be answered to its client; it never links to an address from the request.

import type { Language } from '../../kernel/words/language.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { oidcErrorText as text } from './sign-in-text.ts';
import { siteText } from './text/site.ts';

export interface OidcErrorPage {
  readonly language: Language;
  readonly sandbox: boolean;
  readonly code: string;
  readonly description?: string;
}

export function oidcErrorPage({ language, sandbox, code, description }: OidcErrorPage): SafeHtml {
  return layout({
    title: text.title[language],
    language,
    sandbox,
    plain: true,
    languagePath: '/',
    body: html`<div class="narrow">
<h1>${text.title[language]}</h1>
<p role="alert">${text.body[language]}</p>
<dl class="facts">
<dt>${text.code[language]}</dt><dd><code>${code}</code></dd>
${description !== undefined && html`<dt>${text.detail[language]}</dt><dd lang="en">${description.slice(0, 300)}</dd>`}
</dl>
<p class="actions"><a class="button" href="/">${siteText.back[language]}</a></p>
</div>`,
  });
}
