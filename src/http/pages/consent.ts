// The consent page: who asks, for what, in plain words; nothing that is not listed is granted.

import type { InteractionView } from '../../identity/engine/interactions.ts';
import type { AuthorizationDetail } from '../../kernel/authorization-details.ts';
import { toHex } from '../../kernel/bytes.ts';
import { digestOf } from '../../kernel/credential-details.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { aboutClient } from './client-about.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import {
  apiScopeText,
  claimText,
  consentText as text,
  detailText,
  oidcScopeText,
  remoteText,
  unnamedDocument,
} from './sign-in-text.ts';

export interface ConsentPage {
  readonly language: Language;
  readonly sandbox: boolean;
  readonly view: InteractionView;
  readonly loginName: string;
  /** Of this page: the journey's step, or the engine's. */
  readonly path: string;
  /** Name and owner of the seal that is asked for, if there is such a seal. */
  readonly seal?: string | undefined;
}

export function consentPage({ language, sandbox, view, loginName, path, seal }: ConsentPage): SafeHtml {
  const clientName = language === 'en' ? view.client.nameEn : view.client.name;
  const action = `/sign-in/${view.uid}`;
  return layout({
    title: text.title[language],
    language,
    sandbox,
    plain: true,
    languagePath: path,
    body: html`<div class="narrow">
<h1>${text.title[language]}</h1>
<p class="lead"><strong>${clientName}</strong> ${text.asks[language]}</p>
${aboutClient(view.client, view.answerHost, language)}
<ul>
${asked(view).map((item) => html`<li>${typeof item === 'string' ? html`<code>${item}</code>` : item[language]}</li>\n`)}${view.authorizationDetails.map((detail) => html`<li>${detailItem(detail, seal, language)}</li>\n`)}</ul>
<p>${text.account[language]}<strong>${loginName}</strong></p>
<p class="hint">${text.afterwards[language]}</p>
<div class="actions">
<form method="post" action="${action}/consent"><button class="button" type="submit">${text.agree[language]}</button></form>
<form method="post" action="${action}/cancel"><button class="button button-plain" type="submit">${text.refuse[language]}</button></form>
</div>
</div>`,
  });
}

/** A name without words of ours is shown as it is: hiding it would be worse. */
function asked(view: InteractionView): (Words | string)[] {
  return [
    ...view.oidcScopes.map((scope) => oidcScopeText[scope] ?? scope),
    ...view.oidcClaims.map((claim) => claimText[claim] ?? claim),
    ...view.apiScopes.map((scope) => apiScopeText[scope]),
  ];
}

function detailItem(detail: AuthorizationDetail, seal: string | undefined, language: Language): SafeHtml | string {
  if (detail.type === 'seal_use' || detail.type === 'licence_show') return detailText(detail)[language];
  const { credentialID, documentDigests } = detail;
  return html`${remoteText(seal ?? credentialID, documentDigests.length)[language]}
<ul>
${documentDigests.map(({ hash, label }) => html`<li>${label ?? unnamedDocument[language]} <code>${shortDigest(hash)}</code></li>\n`)}</ul>`;
}

/** As far as people compare it with what their software shows. */
function shortDigest(hash: string): string {
  const hex = toHex(digestOf(hash) ?? new Uint8Array());
  return `${hex.slice(0, 8)} ${hex.slice(8, 16)} …`;
}
