// The list of a person's ways to sign in, and the pages on which one of them is renamed, removed or made anew.

import type { FactorView } from '../../identity/factors/factors.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { timeText } from '../../kernel/words/time.ts';
import { doneNotice } from './done-notice.ts';
import { faultSummary, textField } from './form-parts.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { accountText } from './text/account.ts';
import { factorFaults, type FactorDeskFault, factorsText as text, kindText } from './text/account-factors.ts';
import { registerText } from './text/register.ts';
import type { Visit } from './visit.ts';

export interface FactorDeskPage {
  readonly frame: Visit['frame'];
  readonly fault?: FactorDeskFault | undefined;
}

export interface FactorsPage extends FactorDeskPage {
  readonly factors: readonly FactorView[];
  readonly hasPassword: boolean;
  readonly codesLeft: number;
  readonly done: Words | undefined;
}

export function factorsPage(page: FactorsPage): SafeHtml {
  const { frame, factors, hasPassword, codesLeft, done } = page;
  const { language } = frame;
  const hasPhone = factors.some(({ kind }) => kind === 'phone');
  const link = (path: string, name: Words) =>
    html`<a class="button button-plain" href="/account/factors/${path}">${name[language]}</a> `;
  return layout({
    ...frame,
    title: text.title[language],
    languagePath: '/account/factors',
    body: html`<div class="narrow">
<h1>${text.title[language]}</h1>
${doneNotice(done, language)}
<p class="lead">${text.lead[language]}</p>
${hasPassword && html`<section class="card"><h2>${text.password[language]}</h2><p>${link('password', text.passwordChange)}</p></section>`}
${factors.map((factor) => factorCard(factor, language))}
<section class="card"><h2>${text.codes[language]}</h2><p>${text.codesLeft[language]}${codesLeft}</p><p>${link('recovery-codes', text.codesMake)}</p></section>
<p class="actions">${link('totp', text.totpAdd)}${link('passkey', text.passkeyAdd)}${link('phone', hasPhone ? text.phoneChange : text.phoneAdd)}</p>
<p><a class="back" href="/account">← ${accountText.back[language]}</a></p>
</div>`,
  });
}

function factorCard(factor: FactorView, language: Language): SafeHtml {
  const { factorId, kind, label, createdAt, lastUsedAt, countsFrom } = factor;
  const time = (at: Date) => html`<time datetime="${at.toISOString()}">${timeText(at.toISOString(), language)}</time>`;
  return html`<section class="card">
<h2>${kindText[kind][language]} <span class="hint">${label}</span></h2>
<dl class="facts">
<dt>${text.createdAt[language]}</dt><dd>${time(createdAt)}</dd>
<dt>${text.lastUsedAt[language]}</dt><dd>${lastUsedAt === undefined ? text.never[language] : time(lastUsedAt)}</dd>
${countsFrom !== undefined && html`<dt>${text.countsFrom[language]}</dt><dd>${time(countsFrom)}</dd>`}
</dl>
<p><a class="button button-plain" href="/account/factors/${factorId}">${text.change[language]}<span class="visually-hidden"> ${label}</span></a></p>
</section>
`;
}

export function factorPage(page: FactorDeskPage & { readonly factor: FactorView }): SafeHtml {
  const { frame, factor } = page;
  const { language } = frame;
  const path = `/account/factors/${factor.factorId}`;
  return deskPage(page, {
    title: kindText[factor.kind],
    path,
    body: html`<p class="lead">${factor.label}</p>
${
  factor.kind !== 'phone' &&
  html`<form class="card" method="post" action="${path}/rename">
${labelField(factor.label, language)}
<p class="actions"><button class="button" type="submit">${text.save[language]}</button></p>
</form>`
}
<form class="card" method="post" action="${path}/remove">
<h2>${text.removeTitle[language]}</h2>
<p>${text.removeLead[language]}</p>
<p class="actions"><button class="button button-plain" type="submit">${text.remove[language]}</button></p>
</form>`,
  });
}

export function passwordPage(page: FactorDeskPage): SafeHtml {
  const { language } = page.frame;
  const invalid = page.fault !== undefined;
  return deskPage(page, {
    title: text.passwordChange,
    path: '/account/factors/password',
    body: html`<p class="lead">${text.passwordLead[language]}</p>
<form class="card" method="post" action="/account/factors/password">
${newPasswordFields(invalid, language)}
<p class="actions"><button class="button" type="submit">${text.passwordChange[language]}</button></p>
</form>`,
  });
}

export function newPasswordFields(invalid: boolean, language: Language): SafeHtml {
  const password = { type: 'password', autocomplete: 'new-password', maxLength: 512, invalid } as const;
  return html`${textField({ ...password, name: 'password', label: text.newPassword, hint: registerText.passwordHint }, language)}
${textField({ ...password, name: 'passwordAgain', label: registerText.passwordAgain }, language)}`;
}

export function recoveryCodesPage(page: FactorDeskPage): SafeHtml {
  const { language } = page.frame;
  return deskPage(page, {
    title: text.codes,
    path: '/account/factors/recovery-codes',
    body: html`<p class="lead">${text.codesLead[language]}</p>
<form method="post" action="/account/factors/recovery-codes"><p class="actions"><button class="button" type="submit">${text.make[language]}</button></p></form>`,
  });
}

/** The codes stand in this answer and nowhere else: the file is a data URL of the page. */
export function madeCodesPage(page: FactorDeskPage & { readonly codes: readonly string[] }): SafeHtml {
  const { language } = page.frame;
  const file = `data:text/plain;charset=utf-8,${encodeURIComponent(`Yinxin\n\n${page.codes.join('\n')}\n`)}`;
  return deskPage(page, {
    title: text.codesMade,
    path: '/account/factors/recovery-codes',
    body: html`<p class="notice notice-warn">${text.codesOnce[language]}</p>
<ol class="card recovery-codes">${page.codes.map((code) => html`<li><code>${code}</code></li>\n`)}</ol>
<p class="no-print"><a class="button button-plain" href="${file}" download="yinxin-recovery-codes.txt">${text.codesFile[language]}</a></p>`,
  });
}

export function labelField(value: string, language: Language): SafeHtml {
  return textField(
    { name: 'label', label: text.label, hint: text.labelHint, value, autocomplete: 'off', maxLength: 40 },
    language,
  );
}

interface DeskPart {
  readonly title: Words;
  readonly path: string;
  readonly body: HtmlValue;
  readonly scripts?: readonly string[];
}

export function deskPage({ frame, fault }: FactorDeskPage, { title, path, body, scripts }: DeskPart): SafeHtml {
  const { language } = frame;
  return layout({
    ...frame,
    title: title[language],
    languagePath: path,
    ...(scripts === undefined ? {} : { scripts }),
    body: html`<div class="narrow">
<h1>${title[language]}</h1>
${faultSummary(accountText.faultTitle, fault && factorFaults[fault], language)}
${body}
<p class="no-print"><a class="back" href="/account/factors">← ${text.back[language]}</a></p>
</div>`,
  });
}
