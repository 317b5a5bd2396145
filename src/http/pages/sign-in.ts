// The sign-in page: why the person is here, two fields, and what went wrong last time.

import type { InteractionView } from '../../identity/engine/interactions.ts';
import type { Language } from '../../kernel/words/language.ts';
import { aboutClient } from './client-about.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { otherWays } from './sign-in-factors.ts';
import { signInText as text } from './sign-in-text.ts';

export type SignInFault =
  | { readonly kind: 'wrong' | 'empty' | 'passkey' }
  | { readonly kind: 'locked'; readonly retryAfterSeconds: number };

export interface SignInPage {
  readonly language: Language;
  readonly sandbox: boolean;
  readonly view: InteractionView;
  /** What the person typed as name last time. */
  readonly loginName?: string;
  /** The script that speaks to authenticators; without it no passkey is offered. */
  readonly passkeyScript?: string | undefined;
  readonly fault?: SignInFault;
  /** Who is signed in and may go on so. */
  readonly present?: string | undefined;
  /** Where people may sign in instead. */
  readonly platforms?: readonly PlatformChoice[];
  /** Came from there, and will be linked with the account that signs in. */
  readonly linking?: PlatformChoice | undefined;
}

export interface PlatformChoice {
  readonly id: string;
  readonly name: string;
  readonly nameEn: string;
}

export function signInPage({
  language,
  sandbox,
  view,
  loginName,
  fault,
  passkeyScript,
  present,
  platforms = [],
  linking,
}: SignInPage): SafeHtml {
  const clientName = language === 'en' ? view.client.nameEn : view.client.name;
  const action = `/sign-in/${view.uid}`;
  const invalid = fault !== undefined && html` aria-invalid="true" aria-describedby="fault"`;
  return layout({
    title: fault === undefined ? text.title[language] : text.wrongTitle[language],
    language,
    sandbox,
    plain: true,
    languagePath: action,
    ...(passkeyScript === undefined ? {} : { scripts: [passkeyScript] }),
    body: html`<div class="narrow">
<h1>${text.title[language]}</h1>
${fault !== undefined && faultBox(fault, language)}
<p class="lead">${text.purpose[language]}<strong>${clientName}</strong></p>
${aboutClient(view.client, view.answerHost, language)}
${view.wantedLevel > 0 && html`<p>${text.level[language]}<strong>${levelName(view.wantedLevel, language)}</strong></p>`}
${view.again && html`<p>${text.again[language]}</p>`}
${linking && html`<p>${text.linking[language]}<strong>${nameOf(linking, language)}</strong></p>`}
${present !== undefined && goOnAs(present, action, language)}<form class="card" method="post" action="${action}">
<div class="field">
<label for="loginName">${text.loginName[language]}</label>
<input id="loginName" name="loginName" type="text" autocomplete="username webauthn" autocapitalize="none" spellcheck="false" required maxlength="64" value="${loginName ?? view.loginHint ?? ''}"${invalid}>
</div>
<div class="field">
<label for="password">${text.password[language]}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="512"${invalid}>
</div>
<p class="actions"><button class="button" type="submit">${text.submit[language]}</button></p>
</form>
<p class="actions"><a class="target" href="/recover">${text.recover[language]}</a> <a class="target" href="/register">${text.register[language]}</a></p>
${otherWays(action, passkeyScript, language)}
${linking === undefined && platforms.length > 0 && platformList(platforms, action, language)}
<form method="post" action="${action}/cancel"><button class="quiet" type="submit">${text.cancel[language]}</button></form>
</div>`,
  });
}

function goOnAs(loginName: string, action: string, language: Language): SafeHtml {
  return html`<form class="card" method="post" action="${action}/same-account"><p>${text.signedInAs[language]}<strong>${loginName}</strong></p>
<p class="actions"><button class="button" type="submit">${text.goOnAs[language]}</button></p></form>
<h2>${text.otherAccount[language]}</h2>
`;
}

function platformList(platforms: readonly PlatformChoice[], action: string, language: Language): SafeHtml {
  return html`<h2>${text.elsewhere[language]}</h2>
${platforms.map((one) => html`<p class="actions"><a class="button button-plain" href="${action}/upstream/${one.id}">${nameOf(one, language)}</a></p>\n`)}`;
}

function nameOf({ name, nameEn }: PlatformChoice, language: Language): string {
  return language === 'en' ? nameEn : name;
}

function faultBox(fault: SignInFault, language: Language): SafeHtml {
  const title = fault.kind === 'locked' ? text.lockedTitle : text.wrongTitle;
  return html`<div class="error-summary" id="fault" role="alert">
<h2>${title[language]}</h2>
<p>${faultText(fault, language)}</p>
</div>`;
}

function faultText(fault: SignInFault, language: Language): string {
  if (fault.kind !== 'locked') return text[fault.kind][language];
  const minutes = Math.max(1, Math.ceil(fault.retryAfterSeconds / 60));
  return `${text.locked[language]}${minutes} ${text.minutes[language]}`;
}

function levelName(level: number, language: Language): string {
  return Number.isFinite(level) ? String(level) : text.levelUnknown[language];
}
