// The pages of the device flow: the code, whose device it is and what it asks for, and that it is done; RFC 8628 section 3.3.

import type { ClientName, DeviceFault, DeviceView } from '../../identity/engine/provider-pages.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { aboutClient } from './client-about.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { scopeWords } from './scope-words.ts';
import { deviceText as text } from './text/device.ts';

interface Frame {
  readonly language: Language;
  readonly sandbox: boolean;
}

const faultText: Readonly<Record<DeviceFault, Words>> = {
  missing: text.missing,
  unknown: text.unknown,
  used: text.used,
  refused: text.refused,
  level: text.levelLow,
  'too-many': text.tooMany,
  failed: text.failed,
};

const languagePath = '/device';

export function devicePage(page: Frame & DeviceView & { readonly fault?: DeviceFault }): SafeHtml {
  const { language, fault, userCode, action, xsrf } = page;
  if (fault === 'refused') return endPage(page, text.refusedTitle, html`<p class="lead">${text.refused[language]}</p>`);
  const invalid = fault !== undefined && html` aria-invalid="true" aria-describedby="fault"`;
  return layout({
    ...page,
    title: fault === undefined ? text.title[language] : text.faultTitle[language],
    plain: true,
    languagePath,
    body: html`<div class="narrow">
<h1>${text.title[language]}</h1>
${
  fault !== undefined &&
  html`<div class="error-summary" id="fault" role="alert">
<h2>${text.faultTitle[language]}</h2>
<p>${faultText[fault][language]}</p>
</div>`
}
${
  fault !== 'too-many' &&
  html`<p class="lead">${text.lead[language]}</p>
<form class="card" method="post" action="${action}">
<input type="hidden" name="xsrf" value="${xsrf}">
<div class="field">
<label for="user_code">${text.code[language]}</label>
<p class="hint" id="code-hint">${text.codeHint[language]}</p>
<input id="user_code" name="user_code" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" required maxlength="20" value="${userCode ?? ''}"${fault === undefined ? html` aria-describedby="code-hint"` : invalid}>
</div>
<p class="actions"><button class="button" type="submit">${text.next[language]}</button></p>
</form>`
}
</div>`,
  });
}

type ConfirmView = Frame &
  DeviceView & {
    readonly userCode: string;
    readonly client: ClientName;
    readonly scopes: readonly string[];
    readonly level: number;
    readonly origin?: string;
  };

export function deviceConfirmPage(page: ConfirmView): SafeHtml {
  const { language, client, userCode, scopes, level, origin } = page;
  return layout({
    ...page,
    title: text.confirmTitle[language],
    plain: true,
    languagePath,
    body: html`<div class="narrow">
<h1>${text.confirmTitle[language]}</h1>
<p>${text.compare[language]}</p>
<p class="device-code"><code>${userCode}</code></p>
<p class="lead"><strong>${nameOf(client, language)}</strong> ${text.asks[language]}</p>
${aboutClient(client, undefined, language)}<ul>
${scopes.map((scope) => html`<li>${scopeWords(scope, language)}</li>\n`)}</ul>
${level > 0 && html`<p>${text.level[language]}<strong>${level}</strong></p>`}
${origin !== undefined && html`<p>${text.origin[language]}<code>${origin}</code></p>`}
<p class="notice">${text.warning[language]}</p>
<div class="actions">
${decision(page, 'confirm', html`<button class="button" type="submit">${text.yes[language]}</button>`)}
${decision(page, 'abort', html`<button class="button button-plain" type="submit">${text.no[language]}</button>`)}
</div>
</div>`,
  });
}

export function deviceDonePage(page: Frame & { readonly client: ClientName }): SafeHtml {
  const { language, client } = page;
  const said = html`<p class="lead"><strong>${nameOf(client, language)}</strong></p>
<p>${text.done[language]}</p>`;
  return endPage(page, text.doneTitle, said);
}

function endPage(page: Frame, title: Words, said: SafeHtml): SafeHtml {
  return layout({
    ...page,
    title: title[page.language],
    plain: true,
    languagePath,
    body: html`<div class="narrow">
<h1>${title[page.language]}</h1>
${said}
</div>`,
  });
}

function decision({ action, xsrf, userCode }: ConfirmView, name: 'confirm' | 'abort', button: SafeHtml): SafeHtml {
  return html`<form method="post" action="${action}"><input type="hidden" name="xsrf" value="${xsrf}"><input type="hidden" name="user_code" value="${userCode}"><input type="hidden" name="${name}" value="yes">${button}</form>`;
}

function nameOf(client: ClientName, language: Language): string {
  return language === 'en' ? client.nameEn : client.name;
}
