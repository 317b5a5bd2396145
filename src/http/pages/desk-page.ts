// The seal desk (盖章): the form of a stamping, and the page of one stamping with its download.

import { toHex } from '../../kernel/bytes.ts';
import type { TrustError } from '../../kernel/errors.ts';
import type { Language } from '../../kernel/words/language.ts';
import { timeText } from '../../kernel/words/time.ts';
import type { SealRecord } from '../../seal/seal-record.ts';
import { documentClasses } from '../../seal/use/document-class.ts';
import type { UsePolicy } from '../../seal/use/use-policy.ts';
import type { StampingRecord } from '../../seal/stamping.ts';
import { placing } from './desk-placing.ts';
import { faultWords } from '../../kernel/words/fault.ts';
import type { SafeHtml } from './html.ts';
import { html } from './html.ts';
import { layout } from './layout.ts';
import { deskText as text } from './text/desk.ts';
import { documentClassText } from './text/use.ts';
import type { Visit } from './visit.ts';

export interface DeskPage {
  readonly frame: Visit['frame'];
  /** Active seals of the organisation that the person acts for; `undefined`: there is no mandate. */
  readonly seals: readonly SealRecord[] | undefined;
  readonly mayStamp: boolean;
  readonly recent: readonly StampingRecord[];
  readonly maxDocumentBytes: number;
  /** Of the form, when the browser sends it without a script: sent twice it is done once. */
  readonly key: string;
  /** Why the form just sent did nothing. */
  readonly fault: TrustError | undefined;
  readonly script?: string;
  /** By seal, where one was set. */
  readonly policies: ReadonlyMap<string, UsePolicy>;
  /** How many requests wait for the reader's approval, at least; `undefined`: the reader decides none. */
  readonly toDecide: { readonly count: number; readonly more: boolean } | undefined;
}

export function deskPage(page: DeskPage): SafeHtml {
  const { frame, recent, script } = page;
  const { language } = frame;
  return layout({
    ...frame,
    title: text.title[language],
    door: 'desk',
    ...(script !== undefined && { scripts: [script] }),
    body: html`<div class="narrow">
<h1>${text.title[language]}</h1>
<p class="lead">${text.lead[language]}</p>
${work(page)}
${page.seals !== undefined && html`<p><a class="target" href="/desk/requests">${text.requests[language]}${page.toDecide !== undefined && page.toDecide.count > 0 && html` (${text.toDecide[language]}: ${page.toDecide.count}${page.toDecide.more && '+'})`}</a></p>`}
${recent.length > 0 && recentStampings(recent, language)}
${page.seals !== undefined && html`<p><a class="target" href="/desk/activity">${text.uses[language]}</a> <a class="target" href="/desk/batches">${text.batches[language]}</a> <a class="target" href="/desk/seals">${text.allSeals[language]}</a></p>`}
</div>`,
  });
}

function work({ frame, seals, mayStamp, maxDocumentBytes, policies, key, fault }: DeskPage): SafeHtml {
  const { language } = frame;
  if (seals === undefined) return html`<p class="notice">${text.noMandate[language]}</p>`;
  if (seals.length === 0) return html`<p class="notice">${text.noSeals[language]}</p>`;
  if (!mayStamp)
    return html`<p class="notice">${text.mayNotStamp[language]}</p><ul class="seals">${seals.map((seal) => html`<li>${sealFace(seal)}</li>`)}</ul>`;
  return html`<form id="stamp-form" class="card" method="post" action="/desk" enctype="multipart/form-data" data-max-bytes="${maxDocumentBytes}" data-uploading="${text.uploading[language]}" data-stamping="${text.stamping[language]}">
<div id="stamp-fault" class="error-summary" role="alert" tabindex="-1"${fault === undefined && html` hidden`}><h2>${text.failed[language]}</h2><p>${fault !== undefined && faultWords(fault.code, fault.details, language)}</p></div>
<input type="hidden" name="key" value="${key}">
<div class="field"><label for="file">${text.file[language]}</label>
<p class="hint" id="file-hint">${text.fileHint[language]} ${Math.floor(maxDocumentBytes / 1_048_576)} MB</p>
<input id="file" name="file" type="file" accept=".pdf,.ofd,application/pdf,application/ofd" required aria-describedby="file-hint"></div>
<fieldset><legend>${text.seal[language]}</legend><div class="seals">
${seals.map(
  (
    seal,
    index,
  ) => html`<label class="seal-choice"><input type="radio" name="seal" value="${seal.sealId}" required${index === 0 && html` checked`} data-width-mm="${seal.widthMm}" data-height-mm="${seal.heightMm}" data-approvers="${policies.get(seal.sealId)?.approvers ?? 0}" data-purposes="${JSON.stringify(policies.get(seal.sealId)?.purposes ?? [])}">${sealFace(seal)}</label>
`,
)}</div></fieldset>
${placing(language)}
<div class="field"><label for="document-class">${text.documentClass[language]}</label><select id="document-class" name="documentClass"><option value="">${text.unnamed[language]}</option>${documentClasses.map((name) => html`<option value="${name}">${documentClassText[name][language]}</option>`)}</select></div>
<div class="field"><label for="purpose">${text.purpose[language]}</label>
<p class="hint" id="purpose-hint">${text.purposeHint[language]}</p>
<input id="purpose" name="purpose" type="text" required maxlength="200" autocomplete="off" list="purposes" aria-describedby="purpose-hint"><datalist id="purposes"></datalist></div>
<p id="needs-approval" class="notice" hidden>${text.needsApproval[language]}</p>
<p id="stamp-state" role="status"></p>
<button class="button" type="submit" data-stamp="${text.stamp[language]}" data-ask="${text.ask[language]}">${text.stamp[language]}</button>
</form>`;
}

function sealFace(seal: SealRecord): SafeHtml {
  return html`<img src="/desk/seals/${seal.sealId}/picture.png" alt="" width="96" height="96"><span>${seal.name}<br><code>${seal.sealCode}</code></span>`;
}

function recentStampings(recent: readonly StampingRecord[], language: Language): SafeHtml {
  return html`<h2>${text.recent[language]}</h2>
<ul class="deeds">${recent.map(
    (
      stamping,
    ) => html`<li class="deed"><a href="/desk/stampings/${stamping.stampingId}">${stamping.purpose}</a><span class="deed-rest"><span>${outcome(stamping, language)}</span> ${time(stamping.createdAt, language)}</span></li>
`,
  )}</ul>`;
}

export interface StampingPage {
  readonly frame: Visit['frame'];
  readonly stamping: StampingRecord;
  readonly seal: SealRecord;
}

export function stampingPage({ frame, stamping, seal }: StampingPage): SafeHtml {
  const { language } = frame;
  const done = stamping.status === 'done';
  const title = (done ? text.done : text.notDone)[language];
  return layout({
    ...frame,
    title,
    door: 'desk',
    body: html`<div class="narrow">
<h1>${title}</h1>
${done && html`<p class="actions"><a class="button" href="/desk/stampings/${stamping.stampingId}/document">${text.download[language]}</a> <a class="button button-plain" href="/verify">${text.verify[language]}</a></p>`}
<dl class="facts">
<dt>${text.status[language]}</dt><dd>${outcome(stamping, language)}</dd>
<dt>${text.seal[language]}</dt><dd>${seal.name}</dd>
<dt>${text.purpose[language]}</dt><dd>${stamping.purpose}</dd>
<dt>${text.when[language]}</dt><dd>${time(stamping.createdAt, language)}</dd>
${stamping.sha256 !== null && html`<dt>${text.digest[language]}</dt><dd><code>${toHex(stamping.sha256)}</code></dd>`}
<dt>${text.auditIndex[language]}</dt><dd>${stamping.auditIndex ?? text.notYet[language]}</dd>
<dt>${text.number[language]}</dt><dd><code>${stamping.stampingId}</code></dd>
</dl>
<p><a class="back" href="/desk">← ${text.another[language]}</a></p>
</div>`,
  });
}

function outcome({ status }: StampingRecord, language: Language): string {
  return { done: text.done, intended: text.intended, voided: text.voided }[status][language];
}

function time(at: Date, language: Language): SafeHtml {
  const iso = at.toISOString();
  return html`<time datetime="${iso}">${timeText(iso, language)}</time>`;
}
