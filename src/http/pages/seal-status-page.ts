// The public page on which anybody asks by its code whether a seal is in use; without JavaScript.

import type { TrustError } from '../../kernel/errors.ts';
import { wordsOfError } from '../../kernel/words/errors.ts';
import { dateText, timeText } from '../../kernel/words/time.ts';
import type { PublicSealStatus } from '../../seal/life/public-status.ts';
import { html, type SafeHtml } from './html.ts';
import { layout, type PageOptions } from './layout.ts';
import { sealText, stateText, statusPageText as text, typeText } from './text/seals.ts';

export interface SealStatusPage {
  readonly frame: Pick<PageOptions, 'language' | 'sandbox' | 'principalName'>;
  readonly code: string;
  readonly found?: PublicSealStatus;
  readonly fault?: TrustError;
}

export const sealStatusPath = '/seal-status';

export function sealStatusPage({ frame, code, found, fault }: SealStatusPage): SafeHtml {
  const { language } = frame;
  return layout({
    ...frame,
    title: text.title[language],
    door: 'verify',
    languagePath: code === '' ? sealStatusPath : `${sealStatusPath}?code=${encodeURIComponent(code)}`,
    body: html`<div class="narrow"><h1>${text.title[language]}</h1>
<p class="lead">${text.lead[language]}</p>
${fault !== undefined && html`<div class="error-summary" role="alert"><h2>${wordsOfError(fault.code)[language]}</h2></div>`}
${found !== undefined && shown(found, language)}
<form class="card" method="get" action="${sealStatusPath}"><div class="field"><label for="code">${sealText.code[language]}</label><p class="hint" id="code-hint">${text.hint[language]}</p><input id="code" name="code" type="text" inputmode="numeric" maxlength="14" autocomplete="off" required aria-describedby="code-hint" value="${code}"></div>
<div class="actions"><button class="button" type="submit">${text.ask[language]}</button></div></form></div>`,
  });
}

function shown(found: PublicSealStatus, language: SealStatusPage['frame']['language']): SafeHtml {
  const { sealCode, name, type, organisationName, status, since, validFrom, validUntil } = found;
  const iso = since.toISOString();
  return html`<section class="card" role="status"><h2>${stateText[status][language]}</h2>
<dl class="facts"><dt>${sealText.code[language]}</dt><dd><code>${sealCode}</code></dd>
${name !== null && html`<dt>${text.name[language]}</dt><dd>${name}</dd>`}
<dt>${sealText.type[language]}</dt><dd>${typeText[type][language]}</dd>
<dt>${sealText.organisation[language]}</dt><dd>${organisationName}</dd>
<dt>${text.since[language]}</dt><dd><time datetime="${iso}">${timeText(iso, language)}</time></dd>
<dt>${sealText.validity[language]}</dt><dd>${dateText(validFrom.toISOString(), language)} – ${dateText(validUntil.toISOString(), language)}</dd></dl></section>
`;
}
