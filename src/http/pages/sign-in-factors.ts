// The sign-in pages of each factor: one thing to type, another way to choose, and what went wrong last time.

import type { Methods } from '../../identity/factors/factors.ts';
import { maskedNumber } from '../../identity/factors/phone-number.ts';
import type { SmsWaiting } from '../../identity/factors/sms-codes.ts';
import type { InteractionView } from '../../identity/engine/interactions.ts';
import type { Language } from '../../kernel/words/language.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { factorFaultText, factorText as text } from './sign-in-factor-text.ts';
import { signInText } from './sign-in-text.ts';

export type FactorFault =
  | { readonly kind: 'code' | 'over' | 'number' | 'passkey' | 'password' }
  | { readonly kind: 'locked' | 'sms'; readonly retryAfterSeconds: number };

export interface FactorPage {
  readonly language: Language;
  readonly sandbox: boolean;
  readonly view: InteractionView;
  readonly fault?: FactorFault | undefined;
  readonly passkeyScript?: string | undefined;
}

/** What the page of the first factor leads to besides the password. */
export function otherWays(action: string, passkeyScript: string | undefined, language: Language): SafeHtml {
  return html`<h2>${text.otherWays[language]}</h2>
<p class="actions"><a class="button button-plain" href="${action}/sms">${text.bySms[language]}</a></p>
${passkeyScript !== undefined && passkeyForm(`${action}/passkey`, text.byPasskey[language], 'button button-plain')}`;
}

/** Where a code by SMS is asked for as the first proof. */
export function smsNumberPage(page: FactorPage & { readonly number?: string | undefined }): SafeHtml {
  const { language, view, fault } = page;
  const action = `/sign-in/${view.uid}`;
  return frame(page, {
    title: text.smsTitle[language],
    path: `${action}/sms`,
    body: html`<p class="lead">${signInText.purpose[language]}<strong>${clientName(page)}</strong></p>
<form class="card" method="post" action="${action}/sms">
<div class="field">
<label for="number">${text.number[language]}</label>
<p class="hint" id="number-hint">${text.numberHint[language]}</p>
<input id="number" name="number" type="tel" inputmode="tel" autocomplete="tel" required maxlength="24" value="${page.number ?? ''}" aria-describedby="number-hint${fault !== undefined && ' fault'}"${fault !== undefined && html` aria-invalid="true"`}>
</div>
<p class="actions"><button class="button" type="submit">${text.send[language]}</button></p>
</form>
<p class="actions"><a class="button button-plain" href="${action}">${text.byPassword[language]}</a></p>`,
  });
}

/** Where the code of the first proof is typed. */
export function smsCodePage(page: FactorPage & { readonly waiting: SmsWaiting }): SafeHtml {
  const { language, view, waiting } = page;
  const action = `/sign-in/${view.uid}/sms`;
  return frame(page, {
    title: text.codeTitle[language],
    path: `${action}/code`,
    body: html`<p class="lead">${text.sentIfKnown[language]}<strong>${maskedNumber(waiting.number)}</strong></p>
${codeForm(page, `${action}/code`, { label: text.code[language] })}
${resendForm(`${action}/again`, waiting, language)}
<p class="actions"><a class="button button-plain" href="${action}">${text.otherNumber[language]}</a></p>`,
  });
}

export interface SecondFactorPage extends FactorPage {
  readonly method: keyof Methods;
  /** The others that would do. */
  readonly others: readonly (keyof Methods)[];
  /** The masked number of the account's telephone. */
  readonly phone: string | undefined;
  readonly waiting: SmsWaiting | undefined;
}

export function secondFactorPage(page: SecondFactorPage): SafeHtml {
  const { language, view, others } = page;
  const path = `/sign-in/${view.uid}/second-factor`;
  return frame(page, {
    title: text.secondTitle[language],
    path,
    body: html`<p class="lead">${text.secondWhy[language]}</p>
<h2>${text[page.method][language]}</h2>
${methodForm(page, path)}
${
  others.length > 0 &&
  html`<h2>${text.otherSecond[language]}</h2>
${others.map((other) => html`<p class="actions"><a class="button button-plain" href="${path}?method=${other}">${text[other][language]}</a></p>\n`)}`
}
<p class="actions"><a class="button button-plain" href="/sign-in/${view.uid}">${text.startAgain[language]}</a></p>`,
  });
}

function methodForm(page: SecondFactorPage, path: string): SafeHtml {
  const { language, method, waiting } = page;
  const action = `${path}/${method}`;
  switch (method) {
    case 'totp':
      return codeForm(page, action, { label: text.code[language], hint: text.totpHint[language] });
    case 'recoveryCode':
      return codeForm(page, action, {
        label: text.recoveryCode[language],
        hint: text.recoveryHint[language],
        digits: false,
      });
    case 'phone':
      if (waiting === undefined) {
        return html`<p>${text.willSend[language]}<strong>${page.phone}</strong></p>
<form method="post" action="${action}/send"><p class="actions"><button class="button" type="submit">${text.send[language]}</button></p></form>`;
      }
      return html`<p>${text.sentTo[language]}<strong>${page.phone}</strong></p>
${codeForm(page, action, { label: text.code[language] })}
${resendForm(`${action}/send`, waiting, language)}`;
    case 'password':
      return html`<form class="card" method="post" action="${action}">
<div class="field">
<label for="password">${text.password[language]}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="512"${invalid(page)}>
</div>
<p class="actions"><button class="button" type="submit">${text.submit[language]}</button></p>
</form>`;
    case 'passkey':
      return html`<p>${text.passkeyHint[language]}</p>
<noscript><p>${text.passkeyNeedsScript[language]}</p></noscript>
${passkeyForm(action, text.passkeyButton[language], 'button')}`;
  }
}

/** The script shows it where the browser knows passkeys, and fills in the answer. */
function passkeyForm(action: string, label: string, style: string): SafeHtml {
  return html`<form method="post" action="${action}" data-passkey="get" data-options="${action}/options" hidden>
<input type="hidden" name="answer" value="">
<p class="actions"><button class="${style}" type="submit">${label}</button></p>
</form>`;
}

function codeForm(
  page: FactorPage,
  action: string,
  { label, hint, digits = true }: { readonly label: string; readonly hint?: string; readonly digits?: boolean },
): SafeHtml {
  const described = [hint !== undefined && 'code-hint', page.fault !== undefined && 'fault'].filter(Boolean).join(' ');
  return html`<form class="card" method="post" action="${action}">
<div class="field">
<label for="code">${label}</label>
${hint !== undefined && html`<p class="hint" id="code-hint">${hint}</p>`}
<input id="code" name="code" type="text"${digits && html` inputmode="numeric"`} autocomplete="one-time-code" autocapitalize="none" spellcheck="false" required maxlength="24"${described !== '' && html` aria-describedby="${described}"`}${page.fault !== undefined && html` aria-invalid="true"`}>
</div>
<p class="actions"><button class="button" type="submit">${text.submit[page.language]}</button></p>
</form>`;
}

function resendForm(action: string, { resendAfterSeconds }: SmsWaiting, language: Language): SafeHtml {
  return html`${resendAfterSeconds > 0 && html`<p class="hint">${text.againAfter[language]}${resendAfterSeconds}</p>`}
<form method="post" action="${action}"><p class="actions"><button class="button button-plain" type="submit">${text.again[language]}</button></p></form>`;
}

function frame(
  page: FactorPage,
  { title, path, body }: { readonly title: string; readonly path: string; readonly body: HtmlValue },
): SafeHtml {
  const { language, sandbox, view, fault, passkeyScript } = page;
  return layout({
    title: fault === undefined ? title : factorFaultText.title[language],
    language,
    sandbox,
    plain: true,
    languagePath: path,
    ...(passkeyScript === undefined ? {} : { scripts: [passkeyScript] }),
    body: html`<div class="narrow">
<h1>${title}</h1>
${fault !== undefined && faultBox(fault, language)}
${body}
<form method="post" action="/sign-in/${view.uid}/cancel"><button class="quiet" type="submit">${signInText.cancel[language]}</button></form>
</div>`,
  });
}

function faultBox(fault: FactorFault, language: Language): SafeHtml {
  const waits = fault.kind === 'locked' || fault.kind === 'sms';
  return html`<div class="error-summary" id="fault" role="alert">
<h2>${(waits ? factorFaultText.waitTitle : factorFaultText.title)[language]}</h2>
<p>${factorFaultText[fault.kind][language]}${fault.kind === 'locked' && Math.ceil(fault.retryAfterSeconds / 60)}${fault.kind === 'sms' && fault.retryAfterSeconds}</p>
</div>`;
}

function invalid({ fault }: FactorPage): SafeHtml | false {
  return fault !== undefined && html` aria-invalid="true" aria-describedby="fault"`;
}

function clientName({ language, view }: FactorPage): string {
  return language === 'en' ? view.client.nameEn : view.client.name;
}
