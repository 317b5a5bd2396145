// The pages of signing out: the question, and that it is done.

import type { ClientName } from '../../identity/engine/provider-pages.ts';
import type { Language } from '../../kernel/words/language.ts';
import { html, type SafeHtml, trustedMarkup } from './html.ts';
import { layout } from './layout.ts';
import { signOutText as text } from './sign-in-text.ts';
import { siteText } from './text/site.ts';

export interface SignOutPage {
  readonly language: Language;
  readonly sandbox: boolean;
  /** The OIDC engine's own form element: a fixed address of ours and a token. */
  readonly form: string;
  readonly client?: ClientName;
}

export function signOutPage({ language, sandbox, form, client }: SignOutPage): SafeHtml {
  return layout({
    title: text.title[language],
    language,
    sandbox,
    plain: true,
    languagePath: '/oidc/session/end',
    body: html`<div class="narrow">
<h1>${text.question[language]}</h1>
${client !== undefined && html`<p>${text.asked[language]}<strong>${language === 'en' ? client.nameEn : client.name}</strong></p>`}
${trustedMarkup(form)}
<p class="actions"><button class="button" type="submit" form="op.logoutForm" name="logout" value="yes">${text.yes[language]}</button>
<button class="button button-plain" type="submit" form="op.logoutForm">${text.no[language]}</button></p>
</div>`,
  });
}

export function signedOutPage({ language, sandbox }: { language: Language; sandbox: boolean }): SafeHtml {
  return layout({
    title: text.doneTitle[language],
    language,
    sandbox,
    plain: true,
    languagePath: '/',
    body: html`<div class="narrow">
<h1>${text.doneTitle[language]}</h1>
<p class="lead">${text.done[language]}</p>
<p class="actions"><a class="button" href="/">${siteText.back[language]}</a></p>
</div>`,
  });
}
