// The pages on which a person adds a way to sign in: an authenticator app, a telephone, a passkey.

import { maskedNumber } from '../../identity/factors/phone-number.ts';
import { deskPage, type FactorDeskPage, labelField } from './account-factors-page.ts';
import { textField } from './form-parts.ts';
import { html, type SafeHtml } from './html.ts';
import { factorsText as text } from './text/account-factors.ts';

export interface TotpPage extends FactorDeskPage {
  /** `otpauth://…`. */
  readonly uri: string;
  readonly draft: string;
  /** Its picture as a data URL. */
  readonly pictureUrl: string;
}

/** The draft travels through the form: after a wrong code the app need not scan again. */
export function totpPage(page: TotpPage): SafeHtml {
  const { language } = page.frame;
  const key = new URL(page.uri).searchParams.get('secret') ?? '';
  return deskPage(page, {
    title: text.totpAdd,
    path: '/account/factors/totp',
    body: html`<p class="lead">${text.totpLead[language]}</p>
<figure class="qr"><img src="${page.pictureUrl}" alt="${text.totpPicture[language]}"></figure>
<dl class="facts"><dt>${text.totpKey[language]}</dt><dd><code class="code-text">${key.match(/.{1,4}/g)?.join(' ')}</code></dd></dl>
<form class="card" method="post" action="/account/factors/totp">
<input type="hidden" name="draft" value="${page.draft}"><input type="hidden" name="uri" value="${page.uri}">
${textField({ name: 'code', label: text.code, inputMode: 'numeric', autocomplete: 'one-time-code', maxLength: 12, invalid: page.fault === 'code' }, language)}
${labelField(language === 'en' ? 'Authenticator' : '验证器', language)}
<p class="actions"><button class="button" type="submit">${text.add[language]}</button></p>
</form>`,
  });
}

export function newPhonePage(page: FactorDeskPage & { readonly typed: string }): SafeHtml {
  const { language } = page.frame;
  return deskPage(page, {
    title: text.phone,
    path: '/account/factors/phone',
    body: html`<p class="lead">${text.phoneLead[language]}</p>
<form class="card" method="post" action="/account/factors/phone">
${textField({ name: 'phone', label: text.phone, type: 'tel', inputMode: 'tel', value: page.typed, autocomplete: 'tel-national', maxLength: 40, invalid: page.fault === 'number' }, language)}
<p class="actions"><button class="button" type="submit">${text.send[language]}</button></p>
</form>`,
  });
}

export function phoneCodePage(page: FactorDeskPage & { readonly number: string }): SafeHtml {
  const { language } = page.frame;
  return deskPage(page, {
    title: text.phone,
    path: '/account/factors/phone/code',
    body: html`<p class="lead">${text.codeSent[language]}<strong>${maskedNumber(page.number)}</strong></p>
<form class="card" method="post" action="/account/factors/phone/code">
${textField({ name: 'code', label: text.code, inputMode: 'numeric', autocomplete: 'one-time-code', maxLength: 20, invalid: page.fault !== undefined }, language)}
<p class="actions"><button class="button" type="submit">${text.confirm[language]}</button></p>
</form>
<p><a class="target" href="/account/factors/phone">${text.again[language]}</a></p>`,
  });
}

/** The form shows itself where the script finds an authenticator. */
export function passkeyPage(page: FactorDeskPage & { readonly script: string | undefined }): SafeHtml {
  const { language } = page.frame;
  const path = '/account/factors/passkey';
  return deskPage(page, {
    title: text.passkeyAdd,
    path,
    ...(page.script === undefined ? {} : { scripts: [page.script] }),
    body: html`<p class="lead">${text.passkeyLead[language]}</p>
<p class="hint">${text.passkeyNeeds[language]}</p>
<form class="card" method="post" action="${path}" data-passkey="create" data-options="${path}/options" hidden>
<input type="hidden" name="answer" value="">
${labelField(language === 'en' ? 'Passkey' : '通行密钥', language)}
<p class="actions"><button class="button" type="submit">${text.add[language]}</button></p>
</form>`,
  });
}
