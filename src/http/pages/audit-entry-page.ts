// One entry of the audit log for an auditor: what it says, whether its row is as it was written, and its proof, checked here anew.

import type { AuditEntry } from '../../audit/audit-entry.ts';
import { fromUtf8, toHex } from '../../kernel/bytes.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { timeText } from '../../kernel/words/time.ts';
import { auditPath, deedName, outcomeBadge } from './audit-page.ts';
import type { HtmlValue, SafeHtml } from './html.ts';
import { html } from './html.ts';
import { layout } from './layout.ts';
import { auditText as text, faultWords } from './text/audit.ts';
import type { Visit } from './visit.ts';

export interface AuditEntryPage {
  readonly frame: Visit['frame'];
  readonly entry: AuditEntry;
  /** Absent while no signed tree covers the entry. `holds`: computed from the bytes of the row. */
  readonly proof?: {
    readonly index: number;
    readonly treeSize: number;
    readonly steps: number;
    readonly holds: boolean;
  };
}

export function auditEntryPage({ frame, entry, proof }: AuditEntryPage): SafeHtml {
  const { language } = frame;
  const iso = entry.at.toISOString();
  return layout({
    ...frame,
    title: text.entryTitle[language],
    door: 'admin',
    languagePath: `${auditPath}/${entry.entryId}`,
    body: html`<div class="narrow">
<h1>${deedName(entry.action, language)} ${outcomeBadge(entry, language)}</h1>
<section class="card"><h2>${text.says[language]}</h2><dl class="facts">
${fact(text.when, html`<time datetime="${iso}">${timeText(iso, language)}</time>`, language)}
${fact(text.actor, code(entry.accountId), language)}${fact(text.operator, entry.operator, language)}${fact(text.client, entry.clientId, language)}${fact(text.organisation, code(entry.organisationId), language)}${fact(text.level, entry.level, language)}${fact(text.subjectOf, code(entry.subjectId), language)}${fact(text.withWhat, code(entry.objectId), language)}${fact(text.digest, code(entry.objectSha256), language)}${fact(text.purpose, entry.purpose, language)}${fact(text.network, entry.origin, language)}${fact(text.facts, members(entry.facts), language)}${fact(text.personal, members(entry.personal), language)}</dl>
${Object.values(entry.parts).includes('erased') && html`<p class="notice">${text.erased[language]}</p>`}</section>
<section class="card"><h2>${text.proof[language]}</h2>
${faultsNotice(entry, language)}
${proof === undefined ? html`<p class="notice">${text.notSequenced[language]}</p>` : proofNotice(proof, language)}
<dl class="facts">
${proof !== undefined && html`${fact(text.index, proof.index, language)}${fact(text.tree, `${proof.treeSize} ${text.entriesIn[language]}`, language)}${fact(text.steps, proof.steps, language)}`}${fact(text.leafHash, code(toHex(entry.leafHash)), language)}</dl>
<details><summary>${text.leaf[language]}</summary><p><code class="code-text">${fromUtf8(entry.leaf) ?? toHex(entry.leaf)}</code></p></details>
<p class="actions"><a class="button" href="${auditPath}/${entry.entryId}/receipt">${text.receipt[language]}</a></p></section>
<p><a class="back" href="${auditPath}">← ${text.back[language]}</a></p>
</div>`,
  });
}

function faultsNotice({ faults }: AuditEntry, language: Language): SafeHtml {
  if (faults.length === 0) return html`<p>${text.intact[language]}</p>`;
  const said = faults.map((fault) => faultWords[fault][language]).join(language === 'en' ? '; ' : '；');
  return html`<p class="notice notice-bad"><strong>${text.tampered[language]}</strong>${said}</p>`;
}

function proofNotice({ holds }: NonNullable<AuditEntryPage['proof']>, language: Language): SafeHtml {
  return holds
    ? html`<p><span class="badge badge-good"><span aria-hidden="true">✓</span> ${text.included[language]}</span></p>`
    : html`<p class="notice notice-bad">${text.notIncluded[language]}</p>`;
}

function fact(name: Words, value: HtmlValue, language: Language): SafeHtml | false {
  return (
    value !== null && value !== undefined && value !== false && html`<dt>${name[language]}</dt><dd>${value}</dd>\n`
  );
}

function code(value: string | null): SafeHtml | null {
  return value === null ? null : html`<code>${value}</code>`;
}

function members(plain: AuditEntry['facts']): SafeHtml | null {
  const all = Object.entries(plain);
  if (all.length === 0) return null;
  return html`<ul class="members">${all.map(([name, value]) => html`<li>${name}: <code>${typeof value === 'object' ? JSON.stringify(value) : String(value)}</code></li>`)}</ul>`;
}
