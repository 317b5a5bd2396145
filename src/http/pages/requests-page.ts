// What waits for a person's approval: which system asks, for what, and what its screen must show; OpenID CIBA Core 1.0 section 7.1 (binding_message).

import type { Approval } from '../../identity/grants/approvals.ts';
import type { Words } from '../../kernel/words/language.ts';
import { timeText } from '../../kernel/words/time.ts';
import { doneNotice } from './done-notice.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { scopeWords } from './scope-words.ts';
import { accountText } from './text/account.ts';
import { requestsText as text } from './text/requests.ts';
import type { Visit } from './visit.ts';

export const requestsPath = '/account/requests';

export interface RequestsPage {
  readonly frame: Visit['frame'];
  readonly approvals: readonly Approval[];
  readonly done: Words | undefined;
}

export function requestsPage({ frame, approvals, done }: RequestsPage): SafeHtml {
  const { language } = frame;
  return layout({
    ...frame,
    title: text.title[language],
    languagePath: requestsPath,
    body: html`<div class="narrow">
<h1>${text.title[language]}</h1>
${doneNotice(done, language)}
<p class="lead">${text.lead[language]}</p>
${approvals.length === 0 ? html`<p class="notice">${text.none[language]}</p>` : approvals.map((approval) => card(approval, frame))}
<p class="actions"><a class="button button-plain" href="${requestsPath}">${text.again[language]}</a></p>
<p><a class="back" href="/account">← ${accountText.back[language]}</a></p>
</div>`,
  });
}

function card(
  { approvalId, client, message, scopes, level, askedAt }: Approval,
  { language }: Visit['frame'],
): SafeHtml {
  const name = language === 'en' ? client.nameEn : client.name;
  const hidden = html`<span class="visually-hidden"> ${name}</span>`;
  const answer = (deed: 'approve' | 'refuse', kind: string) =>
    html`<form method="post" action="${requestsPath}/${approvalId}/${deed}"><button class="${kind}" type="submit">${text[deed][language]}${hidden}</button></form>`;
  return html`<section class="card">
<h2>${name}</h2>
<p>${text.asks[language]}</p>
<ul>
${scopes.map((scope) => html`<li>${scopeWords(scope, language)}</li>\n`)}</ul>
<dl class="facts">
${message !== undefined && html`<dt>${text.message[language]}</dt><dd><strong>${message}</strong></dd>`}
${level > 0 && html`<dt>${text.level[language]}</dt><dd>${String(level)}</dd>`}
<dt>${text.askedAt[language]}</dt><dd>${timeText(askedAt.toISOString(), language)}</dd>
</dl>
<p class="hint">${text.warning[language]}</p>
<div class="actions">
${answer('approve', 'button')}
${answer('refuse', 'button button-plain')}
</div>
</section>
`;
}
