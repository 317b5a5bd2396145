// Batch stamping on the desk (批量盖章): choosing files, the one confirmation, the progress with the outcome of each file, and the list of batches.

import { wordsOfError } from '../../kernel/words/errors.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { timeText } from '../../kernel/words/time.ts';
import type { BatchItem, BatchRecord } from '../../seal/batch/batches.ts';
import type { SealRecord } from '../../seal/seal-record.ts';
import { faultSummary } from './form-parts.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { batchText as text } from './text/batch.ts';
import { deskText } from './text/desk.ts';
import type { Visit } from './visit.ts';

type Frame = Visit['frame'];
type State = BatchItem['status'];

export interface BatchTermsTyped {
  readonly sealId: string;
  readonly page: string;
  readonly x: string;
  readonly y: string;
  readonly purpose: string;
}

export interface ChooseFilesPage {
  readonly frame: Frame;
  readonly seals: readonly SealRecord[] | undefined;
  readonly mostFiles: number;
  readonly maxDocumentBytes: number;
  readonly typed: BatchTermsTyped;
  readonly fault?: Words;
}

export function chooseFilesPage({
  frame,
  seals,
  mostFiles,
  maxDocumentBytes,
  typed,
  fault,
}: ChooseFilesPage): SafeHtml {
  const { language } = frame;
  const sizeMb = String(Math.floor(maxDocumentBytes / 1_048_576));
  const hint = text.filesHint[language].replace('{files}', String(mostFiles)).replace('{size}', sizeMb);
  const none = seals === undefined ? deskText.noMandate : deskText.noSeals;
  return page(
    frame,
    text.title,
    html`<p class="lead">${text.lead[language]}</p>
${faultSummary(text.faultTitle, fault, language)}
${
  seals === undefined || seals.length === 0
    ? html`<p class="notice">${none[language]}</p>`
    : html`<form class="card" method="post" action="/desk/batches/check" enctype="multipart/form-data">
<div class="field"><label for="files">${text.files[language]}</label>
<p class="hint" id="files-hint">${hint}</p>
<input id="files" name="files" type="file" multiple required accept=".pdf,.ofd,application/pdf,application/ofd" aria-describedby="files-hint"></div>
<fieldset><legend>${deskText.seal[language]}</legend><div class="seals">
${seals.map((seal, place) => sealChoice(seal, typed.sealId === '' ? place === 0 : typed.sealId === seal.sealId))}</div></fieldset>
<fieldset aria-describedby="place-hint"><legend>${deskText.place[language]}</legend>
<p class="hint" id="place-hint">${deskText.placeHint[language]}</p>
<div class="numbers">
${numberField('page', deskText.page[language], typed.page, html`min="1" max="9999" step="1"`)}
${numberField('x', deskText.xMm[language], typed.x, html`min="0" max="5000" step="0.1"`)}
${numberField('y', deskText.yMm[language], typed.y, html`min="0" max="5000" step="0.1"`)}
</div></fieldset>
<div class="field"><label for="purpose">${deskText.purpose[language]}</label>
<p class="hint" id="purpose-hint">${deskText.purposeHint[language]}</p>
<input id="purpose" name="purpose" type="text" required maxlength="200" autocomplete="off" value="${typed.purpose}" aria-describedby="purpose-hint"></div>
<button class="button" type="submit">${text.next[language]}</button>
</form>`
}
<p><a class="target" href="/desk/batches">${text.batches[language]}</a></p>`,
  );
}

function sealChoice(seal: SealRecord, checked: boolean): SafeHtml {
  return html`<label class="seal-choice"><input type="radio" name="seal" value="${seal.sealId}" required${checked && html` checked`}><img src="/desk/seals/${seal.sealId}/picture.png" alt="" width="96" height="96"><span>${seal.name}<br><code>${seal.sealCode}</code></span></label>
`;
}

function numberField(id: string, label: string, value: string, limits: HtmlValue): SafeHtml {
  return html`<div><label for="${id}">${label}</label><input id="${id}" name="${id}" type="number" inputmode="decimal" required ${limits} value="${value}"></div>`;
}

export interface TakenFile {
  readonly documentId: string;
  readonly name: string;
  readonly pageCount: number;
}

export interface RefusedFile {
  readonly name: string;
  readonly why: Words;
}

export interface CheckPage {
  readonly frame: Frame;
  readonly seal: SealRecord;
  readonly typed: BatchTermsTyped;
  readonly taken: readonly TakenFile[];
  readonly refused: readonly RefusedFile[];
  /** Makes a second press of the button the same order. */
  readonly key: string;
}

export function checkPage({ frame, seal, typed, taken, refused, key }: CheckPage): SafeHtml {
  const { language } = frame;
  const documents = JSON.stringify(taken.map(({ documentId, name }) => ({ documentId, name })));
  const place = `${deskText.page[language]} ${typed.page} · ${typed.x} × ${typed.y} mm`;
  return page(
    frame,
    text.check,
    html`${refused.length > 0 && refusedFiles(refused, language)}
${
  taken.length === 0
    ? html`<p class="notice">${text.noneTaken[language]}</p>`
    : html`<p class="lead">${text.checkLead[language]}</p>
<dl class="facts">
<dt>${deskText.seal[language]}</dt><dd>${seal.name} <code>${seal.sealCode}</code></dd>
<dt>${deskText.place[language]}</dt><dd>${place}</dd>
<dt>${deskText.purpose[language]}</dt><dd>${typed.purpose}</dd>
</dl>
<ul class="deeds">${taken.map(({ name, pageCount }) => html`<li class="deed"><span class="file-name">${name}</span><span class="deed-rest">${text.pages[language]} ${pageCount}</span></li>\n`)}</ul>
<form method="post" action="/desk/batches">
<input type="hidden" name="documents" value="${documents}"><input type="hidden" name="key" value="${key}">
<input type="hidden" name="seal" value="${typed.sealId}"><input type="hidden" name="page" value="${typed.page}"><input type="hidden" name="x" value="${typed.x}"><input type="hidden" name="y" value="${typed.y}"><input type="hidden" name="purpose" value="${typed.purpose}">
<button class="button" type="submit">${text.confirm[language]} (${taken.length} ${text.confirmCount[language]})</button>
</form>`
}
<p><a class="back" href="/desk/batches/new">← ${text.back[language]}</a></p>`,
  );
}

function refusedFiles(refused: readonly RefusedFile[], language: Language): SafeHtml {
  return html`<div class="error-summary" role="alert"><h2>${text.notTaken[language]}</h2>
<ul>${refused.map(({ name, why }) => html`<li><strong>${name}</strong> ${why[language]}</li>\n`)}</ul></div>`;
}

export interface BatchPage {
  readonly frame: Frame;
  readonly batch: BatchRecord;
  readonly seal: SealRecord;
  readonly items: readonly BatchItem[];
  readonly status: State | undefined;
  readonly nextCursor: string | null;
}

const stateNames = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;

/** Without scripts the page reloads itself while the batch runs. */
export function batchPage({ frame, batch, seal, items, status, nextCursor }: BatchPage): SafeHtml {
  const { language } = frame;
  const { batchId, counts } = batch;
  const running = batch.status !== 'ended';
  const at = `/desk/batches/${batchId}`;
  const rows = items.map((item) => row(item, language));
  const filters = [undefined, ...stateNames.filter((state) => counts[state] > 0 || state === status)];
  return page(
    frame,
    text.title,
    html`<div id="batch-state"${running && html` data-running=""`}>${state(batch, language)}</div>
<div id="batch-deeds">${deeds(batch, at, language)}</div>
<dl class="facts">
<dt>${deskText.seal[language]}</dt><dd>${seal.name}</dd>
<dt>${deskText.purpose[language]}</dt><dd>${batch.purpose}</dd>
<dt>${deskText.when[language]}</dt><dd>${time(batch.createdAt, language)}</dd>
<dt>${text.number[language]}</dt><dd><code>${batchId}</code></dd>
</dl>
<nav id="batch-filters" aria-label="${text.file[language]}"><p class="actions">${filters.map((name) => filterLink(at, name, { status, counts, language }))}</p></nav>
<div id="batch-rows">${rows.length === 0 ? html`<p class="notice">${text.noItems[language]}</p>` : html`<ul class="deeds">${rows}</ul>`}</div>
${nextCursor !== null && html`<p><a class="target" href="${at}?after=${nextCursor}${status === undefined ? '' : `&status=${status}`}">${text.more[language]}</a></p>`}
<p><a class="back" href="/desk/batches">← ${text.batches[language]}</a></p>`,
    {
      head: running && html`<noscript><meta http-equiv="refresh" content="10"></noscript>`,
      scripts: ['/assets/batch-progress.client.js'],
    },
  );
}

function filterLink(
  at: string,
  name: State | undefined,
  { status, counts, language }: { status: State | undefined; counts: BatchRecord['counts']; language: Language },
): SafeHtml {
  const label = name === undefined ? text.all[language] : `${text.states[name][language]} ${counts[name]}`;
  const query = name === undefined ? '' : `?status=${name}`;
  return html`<a class="target" href="${at}${query}"${name === status && html` aria-current="true"`}>${label}</a> `;
}

function state(
  { status, documentCount, counts, ratePerSecond, estimatedEndAt }: BatchRecord,
  language: Language,
): SafeHtml {
  const settled = counts.done + counts.failed + counts.cancelled;
  const told = stateNames.flatMap((name) => (counts[name] > 0 ? `${text.states[name][language]} ${counts[name]}` : []));
  return html`<p role="status"><strong>${text[status][language]}</strong> · ${text.settled[language]} ${settled} / ${documentCount} · ${told.join(' · ')}</p>
<progress max="${documentCount}" value="${settled}" aria-label="${text.progress[language]}">${settled} / ${documentCount}</progress>
${ratePerSecond !== null && html`<p class="hint">${text.rate[language]} ${ratePerSecond.toFixed(1)}${estimatedEndAt !== null && html` · ${text.estimated[language]} ${time(estimatedEndAt, language)}`}</p>`}`;
}

function deeds({ status, counts }: BatchRecord, at: string, language: Language): SafeHtml {
  const post = (deed: 'cancel' | 'retry') =>
    html`<form class="inline-form" method="post" action="${at}/${deed}"><button class="button button-plain" type="submit">${text[deed][language]}</button></form> `;
  return html`<p class="actions">
${counts.done > 0 && html`<a class="button" href="${at}/documents.zip">${text.downloadAll[language]}</a> `}
${counts.failed > 0 && post('retry')}
${status === 'running' && counts.waiting > 0 && post('cancel')}
${status !== 'ended' && html`<noscript><a class="target" href="${at}">${text.reload[language]}</a></noscript>`}</p>`;
}

const badges = { waiting: 'nothing', running: 'nothing', done: 'good', failed: 'bad', cancelled: 'undecided' } as const;

function row({ number, name, documentId, status, stampingId, code }: BatchItem, language: Language): SafeHtml {
  return html`<li class="deed"><span class="file-name">${number}. ${name ?? html`<code>${documentId}</code>`}</span>
<span class="deed-rest"><span class="badge badge-${badges[status]}">${text.states[status][language]}</span>
${code !== null && html`<span>${wordsOfError(code)[language]} <code>${code}</code></span>`}
${stampingId !== null && html`<a href="/desk/stampings/${stampingId}/document">${text.download[language]}<span class="visually-hidden"> ${number}</span></a> <a href="/desk/stampings/${stampingId}">${text.details[language]}<span class="visually-hidden"> ${number}</span></a>`}</span></li>
`;
}

export function batchListPage(
  frame: Frame,
  { items, nextCursor }: { items: readonly BatchRecord[]; nextCursor: string | null },
): SafeHtml {
  const { language } = frame;
  const one = ({ batchId, purpose, status, documentCount, counts, createdAt }: BatchRecord) =>
    html`<li class="deed"><a href="/desk/batches/${batchId}">${purpose}</a><span class="deed-rest"><span>${text[status][language]}</span> <span>${text.states.done[language]} ${counts.done} / ${documentCount}</span>${counts.failed > 0 && html` <span>${text.states.failed[language]} ${counts.failed}</span>`} ${time(createdAt, language)}</span></li>
`;
  return page(
    frame,
    text.batches,
    html`<p><a class="button" href="/desk/batches/new">${text.newBatch[language]}</a></p>
${items.length === 0 ? html`<p class="notice">${text.noBatches[language]}</p>` : html`<ul class="deeds">${items.map(one)}</ul>`}
${nextCursor !== null && html`<p><a class="target" href="/desk/batches?after=${nextCursor}">${text.older[language]}</a></p>`}
<p><a class="back" href="/desk">← ${deskText.title[language]}</a></p>`,
  );
}

function page(
  frame: Frame,
  title: Words,
  body: HtmlValue,
  more: { head?: HtmlValue; scripts?: readonly string[] } = {},
): SafeHtml {
  const heading = title[frame.language];
  return layout({
    ...frame,
    ...more,
    title: heading,
    door: 'desk',
    body: html`<div class="narrow">\n<h1>${heading}</h1>\n${body}\n</div>`,
  });
}

function time(at: Date, language: Language): SafeHtml {
  const iso = at.toISOString();
  return html`<time datetime="${iso}">${timeText(iso, language)}</time>`;
}
