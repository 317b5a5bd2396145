// The pages of getting back into an account: the user name, the code by SMS, the second proof with a new password, the end.

import type { Language } from '../../kernel/words/language.ts';
import { newPasswordFields } from './account-factors-page.ts';
import { type FormStep, formStep, textField } from './form-parts.ts';
import { html, type SafeHtml } from './html.ts';
import { type RecoverFault, recoverFaults, recoverText as text } from './text/recover.ts';

export interface RecoverFrame {
  readonly language: Language;
  readonly sandbox: boolean;
  readonly fault?: RecoverFault | undefined;
}

export function recoverNamePage(frame: RecoverFrame, typed: string): SafeHtml {
  const { language, fault } = frame;
  return step(frame, {
    title: text.title,
    path: '/recover',
    body: html`<p class="lead">${text.lead[language]}</p>
<form class="card" method="post" action="/recover">
${textField({ name: 'loginName', label: text.loginName, value: typed, autocomplete: 'username', maxLength: 64, invalid: fault !== undefined }, language)}
<p class="actions"><button class="button" type="submit">${text.send[language]}</button></p>
</form>
<p class="hint">${text.only[language]}</p>`,
  });
}

export function recoverCodePage(frame: RecoverFrame): SafeHtml {
  const { language, fault } = frame;
  return step(frame, {
    title: text.codeTitle,
    path: '/recover/code',
    body: html`<p class="lead">${text.codeSent[language]}</p>
<form class="card" method="post" action="/recover/code">
${textField({ name: 'code', label: text.code, inputMode: 'numeric', autocomplete: 'one-time-code', maxLength: 20, invalid: fault !== undefined }, language)}
<p class="actions"><button class="button" type="submit">${text.next[language]}</button></p>
</form>
<p><a class="target" href="/recover">${text.restart[language]}</a></p>`,
  });
}

export function recoverPasswordPage(frame: RecoverFrame, ticket: string): SafeHtml {
  const { language, fault } = frame;
  const badPassword = fault === 'password' || fault === 'differs';
  return step(frame, {
    title: text.passwordTitle,
    path: '/recover',
    body: html`<p class="lead">${text.meaning[language]}</p>
<form class="card" method="post" action="/recover/password">
<input type="hidden" name="ticket" value="${ticket}">
${textField({ name: 'proof', label: text.proof, hint: text.proofHint, autocomplete: 'off', maxLength: 40, invalid: fault !== undefined && !badPassword }, language)}
${newPasswordFields(badPassword, language)}
<p class="actions"><button class="button" type="submit">${text.set[language]}</button></p>
</form>
<p><a class="target" href="/recover">${text.restart[language]}</a></p>`,
  });
}

export function recoveredPage(frame: RecoverFrame): SafeHtml {
  const { language } = frame;
  return step(frame, {
    title: text.doneTitle,
    path: '/recover',
    body: html`<p class="lead">${text.done[language]}</p>
<p class="actions"><a class="button" href="/sign-in?to=/account">${text.signIn[language]}</a></p>`,
  });
}

type Step = Pick<FormStep, 'title' | 'path' | 'body'>;

function step({ fault, ...frame }: RecoverFrame, { title, path, body }: Step): SafeHtml {
  return formStep({ ...frame, title, path, faultTitle: text.faultTitle, fault: fault && recoverFaults[fault], body });
}
