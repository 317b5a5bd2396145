// The pages of requests for stampings (用印申请): lists with their empty states, and one request with its places, preview and decision.

import { toHex } from '../../kernel/bytes.ts';
import type { TrustError } from '../../kernel/errors.ts';
import { wordsOfError } from '../../kernel/words/errors.ts';
import type { Language } from '../../kernel/words/language.ts';
import { timeText } from '../../kernel/words/time.ts';
import type { Place } from '../../seal/placing/place.ts';
import type { StampingRequest } from '../../seal/use/request-record.ts';
import type { RequestPreview, RequestQuery } from '../../seal/use/stamping-requests.ts';
import { faultSummary } from './admin-form.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { pathWith } from './span-form.ts';
import { deskText } from './text/desk.ts';
import { certifyText, documentClassText, requestStateText, requestText as text } from './text/use.ts';
import type { Visit } from './visit.ts';

export const stampingRequestsPath = '/desk/requests';
type View = RequestQuery['view'];

const emptyText = {
  'to-decide': text.noneToDecide,
  mine: text.noneMine,
  organisation: text.noneOfOrganisation,
} as const;
const viewText = { 'to-decide': text.toDecide, mine: text.mine, organisation: text.organisation } as const;

export interface RequestListPage {
  readonly frame: Visit['frame'];
  readonly view: View;
  /** Those that make sense for the reader. */
  readonly views: readonly View[];
  readonly requests: readonly (StampingRequest & { readonly requesterName: string })[];
  readonly nextCursor: string | null;
}

export function requestListPage({ frame, view, views, requests, nextCursor }: RequestListPage): SafeHtml {
  const { language } = frame;
  return layout({
    ...frame,
    title: text.title[language],
    door: 'desk',
    languagePath: pathWith(stampingRequestsPath, { view }),
    body: html`<div class="narrow"><h1>${text.title[language]}</h1>
<p class="lead">${text.lead[language]}</p>
<nav aria-label="${text.title[language]}"><ul class="tabs">${views.map((one) => html`<li><a href="${pathWith(stampingRequestsPath, { view: one })}"${one === view && html` aria-current="page"`}>${viewText[one][language]}</a></li>`)}</ul></nav>
${
  requests.length === 0
    ? html`<p class="notice">${emptyText[view][language]}</p>`
    : html`<ul class="deeds">${requests.map(
        ({ requestId, order, state, askedAt, requesterName }) =>
          html`<li class="deed"><a class="target" href="${stampingRequestsPath}/${requestId}">${order.purpose}</a><span class="deed-rest"><span>${requesterName}</span><span>${requestStateText[state][language]}</span>${time(askedAt, language)}</span></li>\n`,
      )}</ul>`
}
${nextCursor !== null && html`<p><a class="button button-plain" href="${pathWith(stampingRequestsPath, { view, cursor: nextCursor })}">${text.older[language]}</a></p>`}
<p><a class="back" href="/desk">← ${text.toDesk[language]}</a></p></div>`,
  });
}

export interface RequestPage {
  readonly frame: Visit['frame'];
  readonly request: StampingRequest;
  readonly requesterName: string;
  readonly approverNames: readonly string[];
  readonly preview: RequestPreview;
  readonly isOwn: boolean;
  /** The reader's mandate lets them decide, and they have not. */
  readonly mayDecide: boolean;
  readonly hasApproved: boolean;
  readonly fault?: TrustError | undefined;
  readonly isDone: boolean;
  readonly script: string | undefined;
}

export function requestPage(page: RequestPage): SafeHtml {
  const { frame, request, preview, fault, isDone, script } = page;
  const { language } = frame;
  const path = `${stampingRequestsPath}/${request.requestId}`;
  return layout({
    ...frame,
    title: request.order.purpose,
    door: 'desk',
    languagePath: path,
    ...(script !== undefined && { scripts: [script] }),
    body: html`<div class="narrow"><h1>${request.order.purpose} <span class="badge ${request.state === 'done' ? 'badge-good' : 'badge-recheck'}">${requestStateText[request.state][language]}</span></h1>
${faultSummary(fault, language)}${isDone && html`<p class="notice" role="status">${text.done[language]}</p>`}
${request.failureCode !== null && request.state === 'approved' && html`<p class="notice">${text.failure[language]}: ${wordsOfError(request.failureCode)[language]}</p>`}
${request.stampingId !== null && page.isOwn && html`<p class="actions"><a class="button" href="/desk/stampings/${request.stampingId}">${text.toStamping[language]}</a></p>`}
${facts(page)}
${previewSection(path, request, preview, language)}
${decisions(page, path)}
<p><a class="back" href="${stampingRequestsPath}">← ${text.toRequests[language]}</a></p></div>`,
  });
}

function facts({ frame: { language }, request, requesterName, approverNames, preview }: RequestPage): SafeHtml {
  const { order, documentSha256, approvers, askedAt, expiresAt, reason } = request;
  const { documentClass } = order;
  return html`<dl class="facts card">
<dt>${text.requester[language]}</dt><dd>${requesterName}</dd>
<dt>${text.seal[language]}</dt><dd>${preview.seal.name} <code>${preview.seal.sealCode}</code></dd>
${documentClass !== undefined && html`<dt>${text.documentClass[language]}</dt><dd>${documentClassText[documentClass][language]}</dd>`}
<dt>${text.document[language]}</dt><dd>${preview.mediaType === 'application/pdf' ? 'PDF' : 'OFD'}, ${preview.pageCount} ${text.pages[language]}, ${kilobytes(preview.sizeBytes)}</dd>
<dt>${text.digest[language]}</dt><dd><code title="${toHex(documentSha256)}">${shortDigest(documentSha256)}</code></dd>
<dt>${text.level[language]}</dt><dd>${order.policy}, ${order.level}</dd>
${restrictions(order, language)}<dt>${text.places[language]}</dt><dd><ul class="plain">${preview.places.slice(0, mostPlacesTold).map((place) => html`<li>${placeWords(place, language)}</li>`)}${preview.places.length > mostPlacesTold && html`<li>… (${preview.places.length})</li>`}${preview.field !== undefined && html`<li>${text.inField[language]} <code>${preview.field}</code></li>`}</ul></dd>
<dt>${text.approvals[language]}</dt><dd>${approverNames.length > 0 && html`${approverNames.join(language === 'zh-CN' ? '、' : ', ')} `}(${request.approvals.length} / ${approvers})</dd>
<dt>${text.asked[language]}</dt><dd>${time(askedAt, language)}</dd>
${(request.state === 'waiting' || request.state === 'approved') && html`<dt>${text.expires[language]}</dt><dd>${time(expiresAt, language)}</dd>`}
${reason !== null && html`<dt>${text.reason[language]}</dt><dd>${reason}</dd>`}
</dl>`;
}

/** What it forbids others is approved with it, as is that it shows no seal. */
function restrictions({ certify = 'none', lock = 'none', form }: StampingRequest['order'], language: Language) {
  const listed = typeof lock === 'string' ? lock : JSON.stringify(lock);
  return html`${
    form === 'signature' &&
    html`<dt>${text.form[language]}</dt><dd>${text.noSealShown[language]}</dd>
`
  }${
    certify !== 'none' &&
    html`<dt>${text.certify[language]}</dt><dd>${certifyText[certify][language]}</dd>
`
  }${
    lock !== 'none' &&
    html`<dt>${text.lock[language]}</dt><dd>${lock === 'all' ? text.allFields[language] : html`<code>${listed}</code>`}</dd>
`
  }`;
}

const mostPlacesTold = 12;

function placeWords({ page, xMm, yMm, clip }: Place, language: Language): string {
  const at = `${text.fromLeft[language]} ${millimetres(xMm)} mm${language === 'zh-CN' ? '、' : ', '}${text.fromTop[language]} ${millimetres(yMm)} mm`;
  const where = language === 'zh-CN' ? `第 ${page} 页，${at}` : `page ${page}, ${at}`;
  return clip === undefined ? where : `${where} (${text.slice[language]})`;
}

function millimetres(value: number): number {
  return Math.round(value * 10) / 10;
}

/** What the script reads is in attributes; without it a link leads to the document. */
function previewSection(path: string, request: StampingRequest, preview: RequestPreview, language: Language): SafeHtml {
  const { seal, places, mediaType } = preview;
  const link = html`<p><a class="button button-plain" href="${path}/document">${text.download[language]}</a></p>`;
  if (mediaType !== 'application/pdf')
    return html`<section><h2>${text.preview[language]}</h2><p>${text.ofdPreview[language]}</p>${link}</section>`;
  return html`<section aria-labelledby="preview-title"><h2 id="preview-title">${text.preview[language]}</h2>
<p>${text.previewLead[language]}</p><noscript><p class="notice">${text.noScript[language]}</p></noscript>
<div id="preview" class="preview" data-document="${path}/document" data-sha256="${toHex(request.documentSha256)}" data-picture="/desk/seals/${seal.sealId}/picture.png" data-width-mm="${seal.widthMm}" data-height-mm="${seal.heightMm}" data-places="${JSON.stringify(places)}" data-seal="${text.seal[language]} ${seal.name}" data-page="${deskText.page[language]}" data-loading="${text.loading[language]}" data-checked="${text.checked[language]} (${shortDigest(request.documentSha256)})" data-mismatch="${text.mismatch[language]}" data-failed="${text.cannotShow[language]}" data-all="${text.allPages[language]}"></div>
<p id="preview-state" role="status"></p>${link}</section>`;
}

function decisions(
  { frame: { language }, request, isOwn, mayDecide, hasApproved }: RequestPage,
  path: string,
): HtmlValue {
  const { state, contentSha256, approvers, approvals } = request;
  const because = (deed: 'refuse' | 'withdraw') =>
    html`<details class="twice"><summary>${text[deed][language]}</summary><form method="post" action="${path}/${deed}">
<div class="field"><label for="${deed}-reason">${text.reason[language]}</label><input id="${deed}-reason" name="reason" type="text" maxlength="200" autocomplete="off" required></div>
<div class="actions"><button class="button" type="submit">${text[deed][language]}</button></div></form></details>`;
  if (isOwn && state === 'waiting') return because('withdraw');
  if (isOwn && state === 'approved')
    return html`<form method="post" action="${path}/stamp"><button class="button" type="submit">${text.again[language]}</button></form>`;
  if (hasApproved && state === 'waiting') return html`<p class="notice">${text.approvedByYou[language]}</p>`;
  if (!mayDecide || state !== 'waiting') return undefined;
  const label = approvals.length + 1 === approvers ? text.approve : text.approveOne;
  return html`<form id="approve-form" method="post" action="${path}/approve"><input type="hidden" name="contentSha256" value="${toHex(contentSha256)}"><button class="button" type="submit">${label[language]}</button></form>
${because('refuse')}`;
}

/** Enough to compare by eye with what somebody else reads. */
function shortDigest(sha256: Uint8Array): string {
  return (toHex(sha256.subarray(0, 8)).match(/.{4}/g) ?? []).join(' ');
}

function kilobytes(sizeBytes: number): string {
  return `${Math.max(1, Math.round(sizeBytes / 1024))} KB`;
}

function time(at: Date, language: Language): SafeHtml {
  const iso = at.toISOString();
  return html`<time datetime="${iso}">${timeText(iso, language)}</time>`;
}
