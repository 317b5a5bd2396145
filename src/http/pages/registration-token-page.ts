// The page of tokens with which systems register themselves: those that there are, and the form that makes one.

import type { MadeToken, RegistrationToken } from '../../identity/self-registration/registration-tokens.ts';
import { dangerousScopes } from '../../identity/clients/client-dangers.ts';
import type { TrustError } from '../../kernel/errors.ts';
import { scopes } from '../../kernel/principal.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { timeText } from '../../kernel/words/time.ts';
import { areaField, choiceField, faultSummary, textField } from './admin-form.ts';
import { clientsPath, floorWords, scopeBoxes } from './client-pages.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { pathWith } from './span-form.ts';
import { apiScopeText } from './sign-in-text.ts';
import { clientsText } from './text/clients.ts';
import { registrationTokensText as text } from './text/registration-tokens.ts';
import type { Visit } from './visit.ts';

export const registrationTokensPath = '/admin/registration-tokens';

export interface RegistrationTokenPage {
  readonly frame: Visit['frame'];
  readonly isOpen: boolean;
  readonly now: Date;
  readonly items: readonly RegistrationToken[];
  readonly nextCursor: string | null;
  /** Just made: shown this once. */
  readonly made?: MadeToken | undefined;
  readonly fields: TokenFields;
  readonly fault?: TrustError | undefined;
}

export interface TokenFields {
  readonly name: string;
  readonly hosts: string;
  readonly uses: string;
  readonly days: string;
  readonly levelFloor: string;
  readonly apiScopes: readonly string[];
}

export const emptyTokenFields: TokenFields = {
  name: '',
  hosts: '',
  uses: '1',
  days: '7',
  levelFloor: '0',
  apiScopes: [],
};

export function registrationTokenPage(page: RegistrationTokenPage): SafeHtml {
  const { frame, isOpen, items, nextCursor, made, fault } = page;
  const { language } = frame;
  return layout({
    ...frame,
    title: text.title[language],
    door: 'admin',
    languagePath: registrationTokensPath,
    body: html`<h1>${text.title[language]}</h1>
<p class="lead">${text.lead[language]}</p>
${!isOpen && html`<p class="notice notice-warn">${text.closed[language]}</p>`}
${faultSummary(fault, language)}${made !== undefined && secretBox(made.secret, language)}
${items.length === 0 ? html`<p class="notice" role="status">${text.none[language]}</p>` : table(page)}
${nextCursor !== null && html`<p class="actions"><a class="button button-plain" href="${pathWith(registrationTokensPath, { cursor: nextCursor })}">${clientsText.more[language]}</a></p>`}
${form(page)}
<p><a class="back" href="${clientsPath}">← ${clientsText.back[language]}</a></p>`,
  });
}

function secretBox(secret: string, language: Language): SafeHtml {
  return html`<section class="notice notice-warn" role="status"><h2>${text.secret[language]}</h2><p>${text.secretOnce[language]}</p>
<div class="field"><label for="secret">${text.secret[language]}</label><input id="secret" type="text" readonly value="${secret}" autocomplete="off" spellcheck="false"></div></section>
`;
}

function table({ frame: { language }, items, now }: RegistrationTokenPage): SafeHtml {
  const head = [text.name, text.state, text.left, text.until, text.hosts, clientsText.scopes];
  return html`<div class="table-wrap" tabindex="0" role="group" aria-label="${text.title[language]}"><table><thead><tr>${head.map((one) => html`<th scope="col">${one[language]}</th>`)}<th scope="col">${text.end[language]}</th></tr></thead><tbody>
${items.map((token) => row(token, now, language))}</tbody></table></div>`;
}

function row(token: RegistrationToken, now: Date, language: Language): SafeHtml {
  const { tokenId, name, uses, usesLeft, expiresAt, hosts, apiScopes } = token;
  const iso = expiresAt.toISOString();
  const state = stateOf(token, now);
  return html`<tr><th scope="row">${name}<br><code>${tokenId}</code></th><td>${state[language]}</td><td>${usesLeft} / ${uses}</td><td><time datetime="${iso}">${timeText(iso, language)}</time></td><td>${hosts.map((host) => html`<code>${host}</code><br>`)}</td><td><code>${apiScopes.join(' ')}</code></td><td>${state === text.usable && html`<form method="post" action="${registrationTokensPath}/${tokenId}/end"><button class="button button-plain" type="submit">${text.end[language]}</button></form>`}</td></tr>
`;
}

function stateOf({ endedAt, expiresAt, usesLeft }: RegistrationToken, now: Date): Words {
  if (endedAt !== undefined) return text.ended;
  if (usesLeft === 0) return text.usedUp;
  return expiresAt <= now ? text.expired : text.usable;
}

function form({ frame: { language }, fields }: RegistrationTokenPage): SafeHtml {
  const terms = [['1', text.oneDay] as const, ['7', text.oneWeek] as const, ['30', text.oneMonth] as const];
  const floors = [0, 1, 2, 3, 4, 5].map((level) => [String(level), floorWords(level)] as const);
  const one = <K extends Exclude<keyof TokenFields, 'apiScopes'>>(name: K) => ({ name, language, value: fields[name] });
  return html`<section aria-labelledby="make"><h2 id="make">${text.make[language]}</h2>
<form class="card" method="post" action="${registrationTokensPath}">
${textField({ ...one('name'), label: text.name, required: true })}
${areaField({ ...one('hosts'), label: text.hosts, hint: text.hostsHint })}
${textField({ ...one('uses'), label: text.uses, required: true, maxLength: 4 })}
${choiceField({ ...one('days'), label: text.term, choices: terms })}
${choiceField({ ...one('levelFloor'), label: clientsText.levelFloor, hint: clientsText.levelFloorHint, choices: floors })}
${scopeBoxes(
  scopes.filter((scope) => !dangerousScopes.has(scope)).map((scope) => [scope, apiScopeText[scope]]),
  fields.apiScopes,
  language,
)}
<button class="button" type="submit">${text.make[language]}</button></form></section>`;
}
