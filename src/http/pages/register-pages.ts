// The pages of registering by telephone: the number, the code, the name and password, the end; and the terms that are accepted.

import { maskedNumber } from '../../identity/factors/phone-number.ts';
import type { ProvenRegistration } from '../../identity/accounts/registration.ts';
import { termsVersion } from '../../identity/accounts/terms.ts';
import type { Language } from '../../kernel/words/language.ts';
import { type FormStep, formStep, textField } from './form-parts.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { type RegisterFault, registerFaults, registerText as text, termsText } from './text/register.ts';

export interface RegisterFrame {
  readonly language: Language;
  readonly sandbox: boolean;
  readonly fault?: RegisterFault | undefined;
}

export function phonePage(frame: RegisterFrame, typed: string): SafeHtml {
  const { language, fault } = frame;
  return step(frame, {
    title: text.title,
    path: '/register',
    body: html`<p class="lead">${text.lead[language]}</p>
<form class="card" method="post" action="/register">
${textField(
  {
    name: 'phone',
    label: text.phone,
    hint: text.phoneHint,
    type: 'tel',
    inputMode: 'tel',
    value: typed,
    autocomplete: 'tel-national',
    maxLength: 40,
    invalid: fault === 'phone',
  },
  language,
)}
<label class="choice"><input type="checkbox" name="terms" value="${termsVersion}" required> <span>${text.accept[language]}<a href="/terms">${text.terms[language]}</a></span></label>
<p class="actions"><button class="button" type="submit">${text.send[language]}</button></p>
</form>
<p><a class="target" href="/sign-in?to=/account">${text.haveAccount[language]}</a></p>`,
  });
}

export function codePage(frame: RegisterFrame, number: string): SafeHtml {
  const { language, fault } = frame;
  return step(frame, {
    title: text.codeTitle,
    path: '/register/code',
    body: html`<p class="lead">${text.codeSent[language]}<strong>${maskedNumber(number)}</strong></p>
<form class="card" method="post" action="/register/code">
${textField(
  {
    name: 'code',
    label: text.code,
    inputMode: 'numeric',
    autocomplete: 'one-time-code',
    maxLength: 20,
    invalid: fault === 'wrong' || fault === 'over',
  },
  language,
)}
<p class="actions"><button class="button" type="submit">${text.next[language]}</button></p>
</form>
<p class="hint">${text.codeNote[language]}</p>
<form method="post" action="/register/code/again"><button class="quiet" type="submit">${text.again[language]}</button></form>
<p><a class="target" href="/register">${text.otherNumber[language]}</a></p>`,
  });
}

export function newAccountPage(frame: RegisterFrame, { holder }: ProvenRegistration, typedName: string): SafeHtml {
  const { language, fault } = frame;
  const badPassword = fault === 'password-unfit' || fault === 'password-differs';
  return step(frame, {
    title: text.accountTitle,
    path: '/register/account',
    body: html`${
      holder !== undefined &&
      html`<div class="notice notice-warn"><p>${text.held[language]}<strong>${maskedLogin(holder.loginName)}</strong></p><p>${text.heldHint[language]}</p>
<p><a class="target" href="/sign-in?to=/account">${text.signIn[language]}</a></p></div>`
    }
<form class="card" method="post" action="/register/account">
${textField(
  {
    name: 'loginName',
    label: text.loginName,
    hint: text.loginNameHint,
    value: typedName,
    autocomplete: 'username',
    maxLength: 64,
    invalid: fault === 'name-unfit' || fault === 'name-taken',
  },
  language,
)}
${textField({ name: 'password', label: text.password, hint: text.passwordHint, type: 'password', autocomplete: 'new-password', maxLength: 512, invalid: badPassword }, language)}
${textField({ name: 'passwordAgain', label: text.passwordAgain, type: 'password', autocomplete: 'new-password', maxLength: 512, invalid: badPassword }, language)}
<p class="actions"><button class="button" type="submit">${text.create[language]}</button></p>
</form>`,
  });
}

export function registeredPage(frame: RegisterFrame, loginName: string): SafeHtml {
  const { language } = frame;
  return step(frame, {
    title: text.doneTitle,
    path: '/register',
    body: html`<p class="lead">${text.done[language]}</p>
<dl class="facts"><dt>${text.loginName[language]}</dt><dd><code>${loginName}</code></dd></dl>
<p class="actions"><a class="button" href="/sign-in?to=/account">${text.signIn[language]}</a></p>`,
  });
}

export function termsPage({ language, sandbox }: RegisterFrame): SafeHtml {
  return layout({
    language,
    sandbox,
    title: termsText.title[language],
    languagePath: '/terms',
    body: html`<div class="narrow">
<h1>${termsText.title[language]}</h1>
<p class="hint">${termsText.version[language]}${termsVersion}</p>
<ol>${termsText.points.map((point) => html`<li>${point[language]}</li>\n`)}</ol>
<p><a class="back" href="/register">← ${termsText.back[language]}</a></p>
</div>`,
  });
}

type Step = Pick<FormStep, 'title' | 'path' | 'body'>;

function step({ fault, ...frame }: RegisterFrame, { title, path, body }: Step): SafeHtml {
  return formStep({ ...frame, title, path, faultTitle: text.faultTitle, fault: fault && registerFaults[fault], body });
}

/** The number may be somebody's new one: they are to know whether the account is theirs, not whose it was. */
function maskedLogin(loginName: string): string {
  return `${loginName.slice(0, 1)}***${loginName.slice(-1)}`;
}
