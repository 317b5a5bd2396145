// The pages of closing an account: what it means, the typed confirmation, and that it is done.

import type { Account } from '../../identity/accounts/accounts.ts';
import type { Language } from '../../kernel/words/language.ts';
import { faultSummary, textField } from './form-parts.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { accountText, closeText as text } from './text/account.ts';
import type { Visit } from './visit.ts';

export function closeMeaningPage(frame: Visit['frame'], account: Account): SafeHtml {
  const { language } = frame;
  const byStaff = account.roles.length > 0;
  return layout({
    ...frame,
    title: text.title[language],
    languagePath: '/account/close',
    body: html`<div class="narrow">
<h1>${text.title[language]}</h1>
<p class="lead">${text.lead[language]}</p>
<h2>${text.endsTitle[language]}</h2>
<ul>${text.ends.map((each) => html`<li>${each[language]}</li>\n`)}</ul>
<h2>${text.staysTitle[language]}</h2>
<ul>${text.stays.map((each) => html`<li>${each[language]}</li>\n`)}</ul>
${
  byStaff
    ? html`<p class="notice notice-warn">${text.staff[language]}</p>`
    : html`<p class="actions"><a class="button" href="/account/close/confirm">${text.goOn[language]}</a></p>`
}
<p><a class="back" href="/account">← ${accountText.back[language]}</a></p>
</div>`,
  });
}

export function closeConfirmPage(frame: Visit['frame'], account: Account, isWrong: boolean): SafeHtml {
  const { language } = frame;
  return layout({
    ...frame,
    title: text.confirmTitle[language],
    languagePath: '/account/close/confirm',
    body: html`<div class="narrow">
<h1>${text.confirmTitle[language]}</h1>
${faultSummary(accountText.faultTitle, isWrong ? text.wrong : undefined, language)}
<p class="lead">${text.confirmLead[language]}</p>
<form class="card" method="post" action="/account/close/confirm">
<p>${text.typeName[language]}<code>${account.loginName}</code></p>
${textField({ name: 'loginName', label: accountText.loginName, autocomplete: 'off', maxLength: 64, invalid: isWrong }, language)}
<p class="actions"><button class="button" type="submit">${text.close[language]}</button> <a class="button button-plain" href="/account">${text.keep[language]}</a></p>
</form>
</div>`,
  });
}

export function closedPage({ language, sandbox }: { language: Language; sandbox: boolean }): SafeHtml {
  return layout({
    language,
    sandbox,
    title: text.doneTitle[language],
    languagePath: '/',
    body: html`<div class="narrow"><h1>${text.doneTitle[language]}</h1><p class="lead">${text.done[language]}</p></div>`,
  });
}
