// The pages of business systems: list, one with its secrets and how to connect it, and the secret that is shown once.

import { dangerousScopes, isDangerous } from '../../identity/clients/client-dangers.ts';
import type { ClientRecord } from '../../identity/clients/client-record.ts';
import type { TrustError } from '../../kernel/errors.ts';
import { type Language, type Words, words } from '../../kernel/words/language.ts';
import { timeText } from '../../kernel/words/time.ts';
import { checkBoxes, choiceField, faultSummary, textField } from './admin-form.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { pathWith } from './span-form.ts';
import { adminAccountsText } from './text/admin-accounts.ts';
import { clientsText as text } from './text/clients.ts';
import { registrationTokensText } from './text/registration-tokens.ts';
import type { Visit } from './visit.ts';

export const clientsPath = '/admin/clients';

export interface ClientListPage {
  readonly frame: Visit['frame'];
  readonly search: string | undefined;
  readonly state: string | undefined;
  readonly items: readonly ClientRecord[];
  readonly nextCursor: string | null;
}

export function clientListPage({ frame, search, state, items, nextCursor }: ClientListPage): SafeHtml {
  const { language } = frame;
  const more = nextCursor !== null && pathWith(clientsPath, { search, state, cursor: nextCursor });
  const states = [['', text.any] as const, ['active', text.active] as const, ['suspended', text.suspended] as const];
  return layout({
    ...frame,
    title: text.title[language],
    door: 'admin',
    languagePath: pathWith(clientsPath, { search, state }),
    body: html`<h1>${text.title[language]}</h1>
<p class="lead">${text.lead[language]}</p>
<p class="actions"><a class="button" href="${clientsPath}/new">${text.add[language]}</a> <a class="button button-plain" href="/admin/registration-tokens">${registrationTokensText.title[language]}</a></p>
<form class="card filters" method="get" action="${clientsPath}" role="search">
${textField({ name: 'search', label: text.search, hint: text.searchHint, language, value: search, maxLength: 64 })}
${choiceField({ name: 'state', label: text.state, language, choices: states, value: state })}
<div class="actions"><button class="button button-plain" type="submit">${text.search[language]}</button></div>
</form>
${items.length === 0 ? html`<p class="notice" role="status">${text.none[language]}</p>` : table(items, language)}
${more !== false && html`<p class="actions"><a class="button button-plain" href="${more}">${text.more[language]}</a></p>`}
<p><a class="back" href="/admin">← ${text.admin[language]}</a></p>`,
  });
}

function table(items: readonly ClientRecord[], language: Language): SafeHtml {
  return html`<div class="table-wrap" tabindex="0" role="group" aria-label="${text.title[language]}"><table><thead><tr><th scope="col">${text.clientId[language]}</th><th scope="col">${text.name[language]}</th><th scope="col">${text.kind[language]}</th><th scope="col">${text.state[language]}</th></tr></thead><tbody>
${items.map((client) => html`<tr><th scope="row"><a class="target" href="${clientsPath}/${client.clientId}">${client.clientId}</a></th><td>${nameOf(client, language)}${client.registrationTokenId !== undefined && html`<br><span class="hint">${registrationTokensText.selfRegistered[language]}</span>`}</td><td>${text[client.kind][language]}</td><td>${stateOf(client)[language]}</td></tr>\n`)}</tbody></table></div>`;
}

export interface ClientPage {
  readonly frame: Visit['frame'];
  readonly client: ClientRecord;
  readonly publicUrl: string;
  readonly ownerName: string | undefined;
  /** Just made: shown this once. */
  readonly secret?: string | undefined;
  readonly fault?: TrustError | undefined;
}

export function clientPage(page: ClientPage): SafeHtml {
  const { frame, client, secret, fault } = page;
  const { language } = frame;
  const title = nameOf(client, language);
  return layout({
    ...frame,
    title,
    door: 'admin',
    languagePath: `${clientsPath}/${client.clientId}`,
    body: html`<h1>${title}</h1>
${faultSummary(fault, language)}${secret !== undefined && secretBox(secret, language)}
${client.firstParty === true && html`<p class="notice">${text.own[language]}</p>`}
${facts(page)}
${
  client.firstParty !== true &&
  html`<p class="actions"><a class="button" href="${clientsPath}/${client.clientId}/edit">${text.edit[language]}</a> <a class="button button-plain" href="${clientsPath}/${client.clientId}/rights">${adminAccountsText.rights[language]}</a></p>
${client.secrets.length > 0 && secretsPart(client, language)}
${client.suspended === undefined ? suspendForm(client, language) : resumeForm(client, language)}`
}
${connect(page)}
<p><a class="back" href="${clientsPath}">← ${text.back[language]}</a></p>`,
  });
}

function secretBox(secret: string, language: Language): SafeHtml {
  return html`<section class="notice notice-warn" role="status"><h2>${text.secret[language]}</h2><p>${text.secretOnce[language]}</p>
<div class="field"><label for="secret">${text.secret[language]}</label><p class="hint" id="secret-hint">${text.secretHow[language]}</p><input id="secret" type="text" readonly value="${secret}" aria-describedby="secret-hint" autocomplete="off" spellcheck="false"></div></section>
`;
}

function facts({ frame: { language }, client, ownerName }: ClientPage): SafeHtml {
  const { suspended } = client;
  return html`<dl class="facts card">
<dt>${text.clientId[language]}</dt><dd><code>${client.clientId}</code></dd>
<dt>${text.state[language]}</dt><dd>${stateOf(client)[language]}</dd>
${suspended !== undefined && html`<dt>${text.suspendedSince[language]}</dt><dd>${time(suspended.at, language)} ${suspended.reason}</dd>`}
<dt>${text.kind[language]}</dt><dd>${text[client.kind][language]}</dd>
<dt>${text.authMethod[language]}</dt><dd><code>${client.authMethod}</code></dd>
<dt>${text.scopes[language]}</dt><dd>${client.apiScopes.length === 0 ? '–' : html`<code>${client.apiScopes.join(' ')}</code>`}</dd>
<dt>${text.levelFloor[language]}</dt><dd>${floorWords(client.levelFloor ?? 0)[language]}</dd>
${list(text.redirectUris, client.redirectUris, language)}
${list(text.logoutUris, client.postLogoutRedirectUris, language)}
${list(text.contacts, client.contacts, language)}
${client.registrationTokenId !== undefined && html`<dt>${registrationTokensText.selfRegistered[language]}</dt><dd><a href="/admin/registration-tokens"><code>${client.registrationTokenId}</code></a></dd>`}
${client.ownerOrganisationId !== undefined && html`<dt>${text.owner[language]}</dt><dd>${ownerName} <code>${client.ownerOrganisationId}</code></dd>`}
<dt>${text.createdAt[language]}</dt><dd>${time(client.createdAt, language)}</dd>
<dt>${text.revision[language]}</dt><dd>${client.revision}</dd>
</dl>`;
}

function list(label: Words, values: readonly string[] | undefined, language: Language): HtmlValue {
  if (values === undefined || values.length === 0) return undefined;
  return html`<dt>${label[language]}</dt><dd>${values.map((value) => html`<code>${value}</code><br>`)}</dd>`;
}

/** Of a client that may much: one administrator says why, another approves. */
function proposalFields(client: ClientRecord, language: Language): HtmlValue {
  return (
    isDangerous(client) &&
    html`<input type="hidden" name="revision" value="${client.revision}">
<p>${text.needsTwo[language]}</p>${textField({ name: 'reason', label: text.reason, language, required: true, maxLength: 500 })}
`
  );
}

function secretsPart(client: ClientRecord, language: Language): SafeHtml {
  const { clientId, secrets } = client;
  const overlaps = [
    ['86400', text.oneDay] as const,
    ['604800', text.oneWeek] as const,
    ['2592000', text.oneMonth] as const,
    ['0', text.atOnce] as const,
  ];
  return html`<section aria-labelledby="secrets"><h2 id="secrets">${text.secrets[language]}</h2>
<div class="table-wrap" tabindex="0" role="group" aria-label="${text.secrets[language]}"><table><thead><tr><th scope="col">${text.secret[language]}</th><th scope="col">${text.createdAt[language]}</th><th scope="col">${text.lastUsed[language]}</th><th scope="col">${text.expires[language]}</th></tr></thead><tbody>
${secrets.map((one) => html`<tr><th scope="row">${text[one.which][language]}</th><td>${maybe(one.createdAt, language)}</td><td>${one.lastUsedAt === undefined ? text.never[language] : time(one.lastUsedAt, language)}</td><td>${maybe(one.expiresAt, language)}</td></tr>\n`)}</tbody></table></div>
<form class="card" method="post" action="${clientsPath}/${clientId}/rotate">
${choiceField({ name: 'overlap', label: text.overlap, language, choices: overlaps, value: '86400' })}
${proposalFields(client, language)}<button class="button button-plain" type="submit">${text.rotate[language]}</button></form>
${secrets.length > 1 && html`<form class="actions" method="post" action="${clientsPath}/${clientId}/end-former"><button class="button button-plain" type="submit">${text.endFormer[language]}</button></form>`}</section>`;
}

function suspendForm({ clientId }: ClientRecord, language: Language): SafeHtml {
  return html`<section aria-labelledby="suspend"><h2 id="suspend">${text.suspend[language]}</h2><p>${text.suspendHint[language]}</p>
<form class="card" method="post" action="${clientsPath}/${clientId}/suspend">
${textField({ name: 'reason', label: text.reason, language, required: true, maxLength: 500 })}
<label class="choice"><input type="checkbox" name="sure" value="yes" required><span>${text.sure[language]}</span></label>
<button class="button button-plain" type="submit">${text.suspend[language]}</button></form></section>`;
}

function resumeForm(client: ClientRecord, language: Language): SafeHtml {
  return html`<form class="actions" method="post" action="${clientsPath}/${client.clientId}/resume">${proposalFields(client, language)}<button class="button" type="submit">${text.resume[language]}</button></form>`;
}

function connect({ frame: { language }, client, publicUrl }: ClientPage): SafeHtml {
  const issuer = `${publicUrl}/oidc`;
  const discovery = `${issuer}/.well-known/openid-configuration`;
  return html`<section aria-labelledby="connect"><h2 id="connect">${text.connect[language]}</h2><p>${text.connectLead[language]}</p>
<dl class="facts card">
<dt>${text.issuer[language]}</dt><dd><code>${issuer}</code></dd>
<dt>client_id</dt><dd><code>${client.clientId}</code></dd>
<dt>${text.discovery[language]}</dt><dd><a href="${discovery}"><code>${discovery}</code></a></dd>
</dl></section>`;
}

/** Scopes of the API as boxes; what two people must agree to says so. */
export function scopeBoxes(names: readonly [string, Words][], chosen: readonly string[], language: Language): SafeHtml {
  const dangerous: ReadonlySet<string> = dangerousScopes;
  const choices = names.map(([scope, meaning]) => {
    const mark = dangerous.has(scope) ? text.twoPeople : words('', '');
    return [
      scope,
      words(`${scope} — ${meaning['zh-CN']}${mark['zh-CN']}`, `${scope} — ${meaning.en}${mark.en}`),
    ] as const;
  });
  return checkBoxes({
    name: 'apiScopes',
    label: text.scopes,
    hint: text.scopesHint,
    language,
    choices,
    values: chosen,
  });
}

export function floorWords(level: number): Words {
  return level === 0 ? text.noFloor : words(`${level} ${text.level['zh-CN']}`, String(level));
}

export function nameOf({ name, nameEn }: ClientRecord, language: Language): string {
  return language === 'en' ? nameEn : name;
}

function stateOf({ suspended }: ClientRecord): Words {
  return suspended === undefined ? text.active : text.suspended;
}

function maybe(at: Date | undefined, language: Language): HtmlValue {
  return at === undefined ? '–' : time(at, language);
}

function time(at: Date, language: Language): SafeHtml {
  const iso = at.toISOString();
  return html`<time datetime="${iso}">${timeText(iso, language)}</time>`;
}
