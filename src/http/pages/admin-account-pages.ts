// The pages of accounts for administrators: search and lists, and one account with what may be done about it.

import type { AccountView } from '../../identity/accounts/account-search.ts';
import type { AccountSummary } from '../../identity/administration/account-record.ts';
import type { TrustError } from '../../kernel/errors.ts';
import { roles } from '../../kernel/principal.ts';
import { evidenceMethodWords } from '../../kernel/words/evidence-methods.ts';
import type { Language } from '../../kernel/words/language.ts';
import { timeText } from '../../kernel/words/time.ts';
import { type Choice, choiceField, faultSummary, textField } from './admin-form.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';
import { inPersonPath, inPersonText } from './in-person-page.ts';
import { layout } from './layout.ts';
import { pathWith } from './span-form.ts';
import { adminAccountsText as text, factorWords } from './text/admin-accounts.ts';
import type { Visit } from './visit.ts';

export const adminAccountsPath = '/admin/accounts';

export interface AccountListPage {
  readonly frame: Visit['frame'];
  readonly list: 'staff' | 'suspended';
  readonly items: readonly AccountSummary[];
  readonly nextCursor: string | null;
  /** Of a search that was made. */
  readonly found?: readonly AccountSummary[];
  readonly by?: string;
  readonly fault?: TrustError | undefined;
}

const keys: readonly Choice[] = [
  ['login-name', text.loginName],
  ['account-id', text.accountId],
  ['phone', text.phone],
  ['id-number', text.idNumber],
];

export function accountListPage({ frame, list, items, nextCursor, found, by, fault }: AccountListPage): SafeHtml {
  const { language } = frame;
  const title = (list === 'staff' ? text.staff : text.suspendedOnes)[language];
  const other = list === 'staff' ? 'suspended' : 'staff';
  return layout({
    ...frame,
    title: text.title[language],
    door: 'admin',
    languagePath: pathWith(adminAccountsPath, { list }),
    body: html`<h1>${text.title[language]}</h1>
<p class="lead">${text.lead[language]}</p>
${faultSummary(fault, language)}<form class="card" method="post" action="${adminAccountsPath}/search">
${choiceField({ name: 'by', label: text.by, language, choices: keys, value: by })}
${textField({ name: 'value', label: text.value, language, required: true, maxLength: 64 })}
${textField({ name: 'reason', label: text.reason, hint: text.reasonHint, language, required: true, maxLength: 500 })}
<button class="button" type="submit">${text.search[language]}</button></form>
${found !== undefined && html`<section aria-labelledby="found"><h2 id="found">${text.found[language]}</h2>${table(found, text.found[language], language)}</section>`}
<section aria-labelledby="list"><h2 id="list">${title}</h2>${table(items, title, language)}
<p class="actions">${nextCursor !== null && html`<a class="button button-plain" href="${pathWith(adminAccountsPath, { list, cursor: nextCursor })}">${text.more[language]}</a> `}<a class="button button-plain" href="${pathWith(adminAccountsPath, { list: other })}">${(other === 'staff' ? text.staff : text.suspendedOnes)[language]}</a></p></section>
<p><a class="target" href="/admin/proposals">${text.proposals[language]}</a></p>
<p><a class="target" href="${inPersonPath}">${inPersonText.title[language]}</a></p>
<p><a class="back" href="/admin">← ${text.admin[language]}</a></p>`,
  });
}

function table(items: readonly AccountSummary[], label: string, language: Language): SafeHtml {
  if (items.length === 0) return html`<p class="notice" role="status">${text.none[language]}</p>`;
  return html`<div class="table-wrap" tabindex="0" role="group" aria-label="${label}"><table><thead><tr><th scope="col">${text.loginName[language]}</th><th scope="col">${text.state[language]}</th><th scope="col">${text.roles[language]}</th><th scope="col">${text.level[language]}</th></tr></thead><tbody>
${items.map((account) => html`<tr><th scope="row"><a class="target" href="${adminAccountsPath}/${account.accountId}">${account.loginName}</a></th><td>${text[account.status][language]}</td><td>${rolesOf(account, language)}</td><td>${account.level}</td></tr>\n`)}</tbody></table></div>`;
}

export interface AdminAccountPage {
  readonly frame: Visit['frame'];
  readonly view: AccountView;
  readonly fault?: TrustError | undefined;
}

/** Deeds in the order of the form; those after the roles take two. */
export const accountDeeds = [
  ['suspend', text.suspend],
  ['resume', text.resume],
  ['unlock', text.unlock],
  ['end-sessions', text.endSessions],
  ['give-role', text.giveRole],
  ['take-role', text.takeRole],
  ['reset-factors', text.resetFactors],
  ['administrator.give', text.giveAdministrator],
  ['administrator.take', text.takeAdministrator],
  ['administrator.suspend', text.suspendAdministrator],
  ['administrator.resume', text.resumeAdministrator],
  ['person.erase', text.erase],
] as const satisfies readonly Choice[];

export function adminAccountPage({ frame, view, fault }: AdminAccountPage): SafeHtml {
  const { language } = frame;
  const { account, person, factors, mandates } = view;
  const action = `${adminAccountsPath}/${account.accountId}`;
  return layout({
    ...frame,
    title: `${text.title[language]} · ${account.loginName}`,
    door: 'admin',
    languagePath: action,
    body: html`<h1>${account.loginName}</h1>
${faultSummary(fault, language)}<dl class="facts card">
<dt>${text.accountId[language]}</dt><dd><code>${account.accountId}</code></dd>
<dt>${text.state[language]}</dt><dd>${text[account.status][language]}</dd>
<dt>${text.roles[language]}</dt><dd>${rolesOf(account, language)}</dd>
<dt>${text.name[language]}</dt><dd>${person?.name ?? text.unnamed[language]}</dd>
<dt>${text.number[language]}</dt><dd>${person === undefined ? text.unnamed[language] : html`<code>${person.idNumber}</code>`}</dd>
<dt>${text.level[language]}</dt><dd>${account.level}</dd>
<dt>${text.factors[language]}</dt><dd>${factors.length === 0 ? text.nothing[language] : factors.map(({ kind }) => factorWords[kind]?.[language] ?? kind).join(' · ')}</dd>
<dt>${text.mandates[language]}</dt><dd>${mandates.length === 0 ? text.nothing[language] : mandates.map(({ organisationName }) => organisationName).join(' · ')}</dd>
<dt>${text.created[language]}</dt><dd>${time(account.createdAt, language)}</dd>
</dl>
${evidenceTable(view, language)}
${account.status !== 'closed' && withdrawForm(view, action, language)}
${sessionTable(view, language)}
${account.status !== 'closed' && deedForms(action, language)}
<p><a class="back" href="${adminAccountsPath}">← ${text.back[language]}</a></p>`,
  });
}

function evidenceTable({ evidence }: AccountView, language: Language): SafeHtml {
  return html`<section aria-labelledby="evidence"><h2 id="evidence">${text.evidence[language]}</h2>${
    evidence.length === 0
      ? html`<p>${text.nothing[language]}</p>`
      : html`<div class="table-wrap" tabindex="0" role="group" aria-label="${text.evidence[language]}"><table><thead><tr><th scope="col">${text.level[language]}</th><th scope="col">${text.method[language]}</th><th scope="col">${text.source[language]}</th><th scope="col">${text.since[language]}</th><th scope="col">${text.until[language]}</th></tr></thead><tbody>
${evidence.map((piece) => html`<tr><td>${piece.level}</td><td>${piece.method === undefined ? '–' : evidenceMethodWords[piece.method][language]}</td><td><code>${piece.source}</code></td><td>${time(piece.establishedAt, language)}</td><td>${piece.expiresAt === undefined ? '–' : time(piece.expiresAt, language)}</td></tr>\n`)}</tbody></table></div>`
  }</section>`;
}

function withdrawForm({ evidence }: AccountView, action: string, language: Language): HtmlValue {
  const held = new Set(evidence.flatMap(({ method }) => method ?? []));
  if (held.size === 0) return undefined;
  const choices = [...held].map((method): Choice => [method, evidenceMethodWords[method]]);
  return html`<section aria-labelledby="withdraw"><h2 id="withdraw">${text.withdrawEvidence[language]}</h2><p>${text.withdrawHint[language]}</p>
<form class="card" method="post" action="${action}/withdraw-evidence">
${choiceField({ name: 'method', label: text.method, language, choices })}
${textField({ name: 'withdrawReason', label: text.reason, hint: text.reasonHint, language, required: true, maxLength: 500 })}
<button class="button button-plain" type="submit">${text.withdrawEvidence[language]}</button></form></section>`;
}

function sessionTable({ sessions }: AccountView, language: Language): SafeHtml {
  return html`<section aria-labelledby="sessions"><h2 id="sessions">${text.sessions[language]}</h2>${
    sessions.length === 0
      ? html`<p>${text.nothing[language]}</p>`
      : html`<div class="table-wrap" tabindex="0" role="group" aria-label="${text.sessions[language]}"><table><thead><tr><th scope="col">${text.since[language]}</th><th scope="col">${text.lastUsed[language]}</th><th scope="col">${text.systems[language]}</th></tr></thead><tbody>
${sessions.map((session) => html`<tr><td>${time(session.beganAt, language)}</td><td>${time(session.usedAt, language)}</td><td>${session.systems.map((system) => (language === 'en' ? system.nameEn : system.name)).join(' · ')}</td></tr>\n`)}</tbody></table></div>`
  }</section>`;
}

function deedForms(action: string, language: Language): SafeHtml {
  const given: readonly Choice[] = roles.filter((role) => role !== 'administrator').map((role) => [role, text[role]]);
  return html`<section aria-labelledby="deeds"><h2 id="deeds">${text.deeds[language]}</h2>
<form class="card" method="post" action="${action}/deeds">
${choiceField({ name: 'deed', label: text.deed, language, choices: accountDeeds, value: 'unlock' })}
${choiceField({ name: 'role', label: text.role, language, choices: given })}
${textField({ name: 'reference', label: text.reference, language, maxLength: 100 })}
${textField({ name: 'reason', label: text.reason, hint: text.reasonHint, language, required: true, maxLength: 500 })}
<button class="button" type="submit">${text.go[language]}</button></form></section>
<section aria-labelledby="correct"><h2 id="correct">${text.correct[language]}</h2>
<form class="card" method="post" action="${action}/correct">
${textField({ name: 'personName', label: text.name, language, required: true })}
${textField({ name: 'personNumber', label: text.number, language, required: true, maxLength: 18 })}
${textField({ name: 'why', label: text.reason, hint: text.reasonHint, language, required: true, maxLength: 500 })}
<button class="button button-plain" type="submit">${text.propose[language]}</button></form></section>`;
}

function rolesOf({ roles: held }: AccountSummary, language: Language): string {
  return held.length === 0 ? text.nothing[language] : held.map((role) => text[role][language]).join(' · ');
}

function time(at: Date, language: Language): SafeHtml {
  const iso = at.toISOString();
  return html`<time datetime="${iso}">${timeText(iso, language)}</time>`;
}
