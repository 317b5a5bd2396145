// The auditor's search (审计检索): a form, the entries it finds in words, and where to export them.

import type { AuditEntry } from '../../audit/audit-entry.ts';
import type { Asked } from '../../audit/audited-reading.ts';
import { type AuditAction, auditActions, auditOutcomes } from '../../audit/events.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { timeText } from '../../kernel/words/time.ts';
import type { HtmlValue, SafeHtml } from './html.ts';
import { html } from './html.ts';
import { layout } from './layout.ts';
import { type DaySpan, dayField, pathWith } from './span-form.ts';
import { actionWords, auditOutcomeWords } from './text/admin.ts';
import { auditText as text } from './text/audit.ts';
import type { Visit } from './visit.ts';

export interface AuditPage {
  readonly frame: Visit['frame'];
  readonly asked: Asked;
  readonly span: DaySpan;
  readonly isLater: boolean;
  /** Absent before anything was searched. */
  readonly found?: { readonly items: readonly AuditEntry[]; readonly nextCursor: string | null };
  readonly counts?: HtmlValue;
}

export const auditPath = '/admin/audit';

export function auditPage(page: AuditPage): SafeHtml {
  const { frame, counts } = page;
  const { language } = frame;
  return layout({
    ...frame,
    title: text.title[language],
    door: 'admin',
    languagePath: pathWith(auditPath, paramsOf(page)),
    body: html`<h1>${text.title[language]}</h1>
<p class="lead">${text.lead[language]}</p>
${form(page)}
${page.found !== undefined && results(page, page.found)}
${counts}
<p><a class="back" href="/admin">← ${text.admin[language]}</a></p>`,
  });
}

/** The search as it stands in an address: days as they were given, the rest as it was understood. */
function paramsOf({ asked, span }: Pick<AuditPage, 'asked' | 'span'>): Record<string, string | undefined> {
  const { action, outcome, code, clientId, actorId, subjectId, objectId } = asked;
  const { fromDay, untilDay } = span;
  return { action, outcome, actorId, subjectId, objectId, clientId, code, from: fromDay, until: untilDay };
}

function form({ frame: { language }, asked, span }: AuditPage): SafeHtml {
  return html`<form class="card filters" method="get" action="${auditPath}" role="search">
${choice(
  'action',
  text.action[language],
  [...auditActions].map((name) => [name, actionWords[name]]),
  asked.action,
  language,
)}
${choice(
  'outcome',
  text.outcome[language],
  auditOutcomes.map((name) => [name, auditOutcomeWords[name]]),
  asked.outcome,
  language,
)}
${field('actorId', text.actor[language], asked.actorId, 'acc_…')}
${field('subjectId', text.subject[language], asked.subjectId, text.idHint[language])}
${field('objectId', text.object[language], asked.objectId, text.objectHint[language])}
${field('clientId', text.client[language], asked.clientId)}
${field('code', text.code[language], asked.code)}
${dayField('from', text.from, span.fromDay, language)}
${dayField('until', text.until, span.untilDay, language)}
<div class="actions"><button class="button" type="submit" name="search" value="1">${text.search[language]}</button></div>
</form>`;
}

function choice(
  name: string,
  label: string,
  options: readonly (readonly [string, Words])[],
  chosen: string | undefined,
  language: Language,
): SafeHtml {
  return html`<div class="field"><label for="${name}">${label}</label><select id="${name}" name="${name}"><option value="">${text.any[language]}</option>
${options.map(([value, words]) => html`<option value="${value}"${value === chosen && html` selected`}>${words[language]}</option>\n`)}</select></div>`;
}

function field(name: string, label: string, value: string | undefined, hint?: string): SafeHtml {
  const described = hint !== undefined && html` aria-describedby="${name}-hint"`;
  return html`<div class="field"><label for="${name}">${label}</label>${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}<input id="${name}" name="${name}" type="text" maxlength="128" autocomplete="off" spellcheck="false" value="${value ?? ''}"${described}></div>`;
}

function results(page: AuditPage, { items, nextCursor }: NonNullable<AuditPage['found']>): SafeHtml {
  const { frame, isLater } = page;
  const { language } = frame;
  const params = { ...paramsOf(page), search: '1' };
  const more = nextCursor !== null && pathWith(auditPath, { ...params, cursor: nextCursor });
  return html`<section aria-labelledby="results"><h2 id="results">${text.results[language]}</h2>
${items.length === 0 ? html`<p class="notice" role="status">${(more === false ? text.none : text.noneYet)[language]}</p>` : table(items, language)}
<p class="actions">${isLater && html`<a class="button button-plain" href="${pathWith(auditPath, params)}">${text.newest[language]}</a> `}${more !== false && html`<a class="button button-plain" href="${more}">${(items.length === 0 ? text.goOn : text.older)[language]}</a>`}</p>
<h3>${text.export[language]}</h3>
<p class="hint">${text.exportHint[language]}</p>
<p class="actions"><a class="button button-plain" href="${pathWith(`${auditPath}/export`, { ...paramsOf(page), format: 'csv' })}">${text.csv[language]}</a> <a class="button button-plain" href="${pathWith(`${auditPath}/export`, { ...paramsOf(page), format: 'jsonl' })}">${text.jsonl[language]}</a></p>
</section>`;
}

function table(items: readonly AuditEntry[], language: Language): SafeHtml {
  const heads = [text.when, text.what, text.who, text.withWhat, text.index];
  return html`<div class="table-wrap entries" tabindex="0" role="group" aria-label="${text.results[language]}"><table><thead><tr>${heads.map((head) => html`<th scope="col">${head[language]}</th>`)}</tr></thead><tbody>
${items.map((entry) => row(entry, language))}</tbody></table></div>`;
}

function row(entry: AuditEntry, language: Language): SafeHtml {
  const iso = entry.at.toISOString();
  return html`<tr><td><time datetime="${iso}">${timeText(iso, language)}</time></td>
<td><a href="${auditPath}/${entry.entryId}">${deedName(entry.action, language)}</a> ${outcomeBadge(entry, language)}</td>
<td>${entry.accountId !== null && html`<code>${entry.accountId}</code> `}${entry.clientId}</td>
<td>${entry.objectId !== null && html`<code>${entry.objectId}</code>`}</td>
<td>${entry.index ?? text.notYet[language]}</td></tr>
`;
}

/** An action of a newer version than this page is drawn by its name. */
export function deedName(action: string, language: Language): string {
  const known = auditActions.find((name): name is AuditAction => name === action);
  return known === undefined ? action : actionWords[known][language];
}

export function outcomeBadge({ outcome, code, faults }: AuditEntry, language: Language): SafeHtml {
  const known = auditOutcomes.find((name) => name === outcome);
  const said = known === undefined ? outcome : auditOutcomeWords[known][language];
  const bad = faults.length > 0;
  return html`<span class="badge">${outcome === 'failed' && html`<span aria-hidden="true">✕</span> `}${said}</span>${code !== null && html` <code>${code}</code>`}${bad && html` <span class="badge badge-bad"><span aria-hidden="true">!</span> ${text.tampered[language]}${faults.join(', ')}</span>`}`;
}
