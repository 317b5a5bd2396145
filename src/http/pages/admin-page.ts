// The admin page (管理): what runs here, what the log holds, who certifies whom; read only.

import type { AuditEntry } from '../../audit/audit-entry.ts';
import { auditActions, auditOutcomes } from '../../audit/events.ts';
import type { Language } from '../../kernel/words/language.ts';
import { dateText, timeText } from '../../kernel/words/time.ts';
import type { Certificate } from '../../pki/certificate.ts';
import type { SafeHtml } from './html.ts';
import { html } from './html.ts';
import { layout } from './layout.ts';
import { actionWords, adminText as text, auditOutcomeWords } from './text/admin.ts';
import { adminAccountsText } from './text/admin-accounts.ts';
import { sealText } from './text/seals.ts';
import { clientsText } from './text/clients.ts';
import type { Visit } from './visit.ts';

export interface AdminPage {
  readonly frame: Visit['frame'];
  /** Of an administrator, who keeps business systems and accounts. */
  readonly mayManage: boolean;
  readonly programVersion: string;
  readonly runtime: string;
  readonly database: string;
  /** At most `sealsShown` are counted. */
  readonly activeSeals: { readonly count: number; readonly more: boolean };
  readonly licenceTypes: number;
  /** Origin, size and root of the newest checkpoint. */
  readonly checkpoint: { readonly origin: string; readonly size: string; readonly root: string } | undefined;
  readonly waitingEntries: number;
  readonly verifierKey: string;
  readonly latest: readonly AuditEntry[];
  readonly anchors: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
}

export function adminPage(page: AdminPage): SafeHtml {
  const { frame } = page;
  const { language } = frame;
  return layout({
    ...frame,
    title: text.title[language],
    door: 'admin',
    body: html`<h1>${text.title[language]}</h1>
<p class="lead">${text.lead[language]}</p>
<div class="columns">
<section class="card"><h2>${text.state[language]}</h2>${state(page)}</section>
<section class="card"><h2>${text.log[language]}</h2>${log(page)}</section>
</div>
${page.mayManage && html`<section><h2>${text.identity[language]}</h2><ul class="doors"><li><a class="door" href="/admin/seals"><span class="door-name">${sealText.title[language]}</span></a></li><li><a class="door" href="/admin/clients"><span class="door-name">${clientsText.title[language]}</span></a></li><li><a class="door" href="/admin/accounts"><span class="door-name">${adminAccountsText.title[language]}</span></a></li><li><a class="door" href="/admin/proposals"><span class="door-name">${adminAccountsText.proposals[language]}</span></a></li></ul></section>`}
<section><h2>${text.latest[language]}</h2>${entries(page.latest, language)}<p><a class="target" href="/admin/audit">${text.search[language]}</a></p></section>
<section><h2>${text.certificates[language]}</h2>${certificates(page)}</section>`,
  });
}

function state({ frame, ...page }: AdminPage): SafeHtml {
  const { language, sandbox } = frame;
  const { count, more } = page.activeSeals;
  return html`<dl class="facts">
<dt>${text.version[language]}</dt><dd>Yinxin ${page.programVersion}</dd>
<dt>${text.runtime[language]}</dt><dd>${page.runtime}</dd>
<dt>${text.database[language]}</dt><dd>PostgreSQL ${page.database}</dd>
<dt>${text.mode[language]}</dt><dd>${(sandbox ? text.sandbox : text.production)[language]}</dd>
<dt>${text.seals[language]}</dt><dd>${count} ${(more ? text.orMore : text.inUse)[language]}</dd>
<dt>${text.licenceTypes[language]}</dt><dd>${page.licenceTypes}</dd>
</dl>`;
}

function log({ frame: { language }, checkpoint, waitingEntries, verifierKey }: AdminPage): SafeHtml {
  if (checkpoint === undefined) return html`<p>${text.noCheckpoint[language]}</p>`;
  return html`<dl class="facts">
<dt>${text.size[language]}</dt><dd>${checkpoint.size}</dd>
<dt>${text.waiting[language]}</dt><dd>${waitingEntries}</dd>
<dt>${text.origin[language]}</dt><dd><code>${checkpoint.origin}</code></dd>
<dt>${text.root[language]}</dt><dd><code>${checkpoint.root}</code></dd>
<dt>${text.key[language]}</dt><dd><code>${verifierKey}</code></dd>
</dl>`;
}

function entries(latest: readonly AuditEntry[], language: Language): SafeHtml {
  return html`<ul class="deeds">${latest.map((entry) => {
    const iso = entry.at.toISOString();
    return html`<li class="deed"><span><strong>${deed(entry, language)}</strong> ${outcome(entry, language)}</span>
<span class="deed-rest"><time datetime="${iso}">${timeText(iso, language)}</time><span>${text.index[language]} ${entry.index ?? text.notYet[language]}</span>${entry.objectId !== null && html`<code>${entry.objectId}</code>`}</span></li>
`;
  })}</ul>`;
}

/** An action of a newer version than this page is drawn by its name. */
function deed({ action }: AuditEntry, language: Language): string {
  const known = auditActions.find((name) => name === action);
  return known === undefined ? action : actionWords[known][language];
}

function outcome(entry: AuditEntry, language: Language): string {
  const known = auditOutcomes.find((name) => name === entry.outcome);
  return known === undefined ? entry.outcome : auditOutcomeWords[known][language];
}

function certificates({ frame: { language }, anchors, intermediates }: AdminPage): SafeHtml {
  const row = (certificate: Certificate, kind: string) =>
    html`<tr><th scope="row">${certificate.subject.commonName ?? certificate.serialHex}</th><td>${kind}</td><td>${dateText(certificate.notAfter.toISOString(), language)}</td></tr>
`;
  return html`<div class="table-wrap" tabindex="0" role="group" aria-label="${text.certificates[language]}"><table><thead><tr><th scope="col">${text.subject[language]}</th><th scope="col">${text.kind[language]}</th><th scope="col">${text.until[language]}</th></tr></thead><tbody>
${anchors.map((certificate) => row(certificate, text.anchor[language]))}${intermediates.map((certificate) => row(certificate, text.intermediate[language]))}</tbody></table></div>`;
}
