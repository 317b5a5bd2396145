// The list of seals and applications, and the page of one with what can be done now and what was done, for organisations and administrators.

import { html, type HtmlValue, type SafeHtml } from './html.ts';
import type { TrustError } from '../../kernel/errors.ts';
import { toHex } from '../../kernel/bytes.ts';
import type { Language } from '../../kernel/words/language.ts';
import { dateText, timeText } from '../../kernel/words/time.ts';
import type { SealApplication } from '../../seal/life/application-store.ts';
import { isStep, type LifeState, type SealDeed, sealDeeds } from '../../seal/life/deeds.ts';
import type { LifeEntry } from '../../seal/life/seal-life.ts';
import type { SealProposal } from '../../seal/life/seal-proposals.ts';
import type { SystemGrants } from '../../seal/system-grants.ts';
import type { SealRecord } from '../../seal/seal-record.ts';
import { faultSummary } from './admin-form.ts';
import { layout } from './layout.ts';
import { pathWith } from './span-form.ts';
import { deedText, sealText as text, stateText, typeText } from './text/seals.ts';
import { policyText } from './text/use.ts';
import type { Visit } from './visit.ts';

/** `desk`: of the organisation that the reader acts for; `admin`: of a seal administrator, who sees all. */
export type SealDoor = 'desk' | 'admin';

export const sealsPath = (door: SealDoor): string => `/${door}/seals`;

export interface SealListPage {
  readonly frame: Visit['frame'];
  readonly door: SealDoor;
  /** `undefined`: the reader acts for nobody. */
  readonly seals: readonly SealRecord[] | undefined;
  readonly nextCursor: string | null;
  readonly applications: readonly SealApplication[];
  readonly proposals: readonly SealProposal[];
  readonly mayApply: boolean;
}

export function sealListPage(page: SealListPage): SafeHtml {
  const { frame, door, seals, nextCursor, applications, proposals, mayApply } = page;
  const { language } = frame;
  const path = sealsPath(door);
  return layout({
    ...frame,
    title: text.title[language],
    door,
    languagePath: path,
    body: html`<h1>${text.title[language]}</h1>
<p class="lead">${(door === 'desk' ? text.deskLead : text.adminLead)[language]}</p>
${seals === undefined && html`<p class="notice">${text.noMandate[language]}</p>`}
${mayApply && html`<p><a class="button" href="${path}/apply">${text.apply[language]}</a></p>`}
${proposals.length > 0 && html`<section><h2>${text.proposals[language]}</h2><ul class="deeds">${proposals.map((proposal) => row(path, proposal.sealId, deedText[proposal.deed][language], proposal.reason))}</ul></section>`}
<section><h2>${text.applications[language]}</h2>
${applications.length === 0 ? html`<p>${text.noApplications[language]}</p>` : html`<ul class="deeds">${applications.map(({ sealId, name, status }) => row(path, sealId, name, stateText[status][language]))}</ul>`}</section>
<section><h2>${text.seals[language]}</h2>
${seals === undefined || seals.length === 0 ? html`<p>${text.noSeals[language]}</p>` : html`<ul class="deeds">${seals.map(({ sealId, name, sealCode, status }) => row(path, sealId, name, stateText[status][language], sealCode))}</ul>`}
${nextCursor !== null && html`<p><a class="button button-plain" href="${pathWith(path, { cursor: nextCursor })}">${text.older[language]}</a></p>`}</section>
<p><a class="back" href="/${door}">← ${(door === 'desk' ? text.toDesk : text.toAdmin)[language]}</a></p>`,
  });
}

function row(path: string, sealId: string, name: string, rest: string, code?: string): SafeHtml {
  return html`<li class="deed"><a class="target" href="${path}/${sealId}">${name}</a><span class="deed-rest">${code !== undefined && html`<code>${code}</code>`}<span>${rest}</span></span></li>
`;
}

export interface SealPage {
  readonly frame: Visit['frame'];
  readonly door: SealDoor;
  readonly reader: string | undefined;
  /** `undefined` while there is an application only. */
  readonly seal: SealRecord | undefined;
  readonly application: SealApplication | undefined;
  readonly history: readonly LifeEntry[];
  readonly proposals: readonly SealProposal[];
  /** `undefined`: not for this reader. */
  readonly systems: SystemGrants | undefined;
  readonly mayDo: (deed: SealDeed) => boolean;
  readonly fault?: TrustError | undefined;
  readonly isDone: boolean;
}

export function sealPage(page: SealPage): SafeHtml {
  const { frame, door, seal, application, history, fault, isDone } = page;
  const { language } = frame;
  const known = seal ?? application;
  if (known === undefined) throw new TypeError('a page of no seal');
  const path = `${sealsPath(door)}/${known.sealId}`;
  const status = seal?.status ?? known.status;
  return layout({
    ...frame,
    title: known.name,
    door,
    languagePath: path,
    ...(seal === undefined && door === 'desk' && { scripts: ['/assets/send-picture.client.js'] }),
    body: html`<div class="narrow"><h1>${known.name} <span class="badge ${badge(status)}">${stateText[status][language]}</span></h1>
${faultSummary(fault, language)}${isDone && html`<p class="notice" role="status">${text.done[language]}</p>`}
${seal !== undefined && html`<p><img src="${path}/picture.png" alt="${text.face[language]}" width="${pixels(seal.widthMm)}" height="${pixels(seal.heightMm)}"></p>`}
${seal === undefined && application !== undefined && html`<figure><img class="applied-face" src="${path}/application.png?${hexOf(application)}" alt="${text.face[language]}"><figcaption>${(application.pictureSha256 === null ? text.faceDrawn : text.faceBrought)[language]}</figcaption></figure>`}
<dl class="facts card">
<dt>${text.organisation[language]}</dt><dd>${known.organisation.name} <code>${known.organisation.uscc}</code></dd>
<dt>${text.type[language]}</dt><dd>${typeText[seal?.type ?? application?.wish.type ?? 'unit'][language]}</dd>
<dt>${text.code[language]}</dt><dd>${known.sealCode === null ? text.noCode[language] : html`<code>${known.sealCode}</code>`}</dd>
${
  seal !== undefined &&
  html`<dt>${text.validity[language]}</dt><dd>${dateText(seal.validFrom.toISOString(), language)} – ${dateText(seal.validUntil.toISOString(), language)}</dd>
<dt>${text.edition[language]}</dt><dd>${seal.edition}</dd>`
}
</dl>
${pictureForm(page, path)}
${seal !== undefined && page.systems !== undefined && html`<p><a class="target" href="${path}/use">${policyText.title[language]}</a></p>`}
${openProposals(page, path)}
${systemsForm(page, path)}
${deedForms(page, path, status === 'expired' ? 'active' : status)}
<section><h2>${text.history[language]}</h2><ol class="deeds">${history.map((entry) => step(entry, language))}</ol></section>
<p><a class="back" href="${sealsPath(door)}">← ${text.toSeals[language]}</a></p></div>`,
  });
}

/** CSS has 96 pixels an inch: on paper and on most screens the face has its size. */
function pixels(mm: number): number {
  return Math.round((mm * 96) / 25.4);
}

function badge(status: LifeState | 'expired'): string {
  if (status === 'active') return 'badge-good';
  if (status === 'revoked' || status === 'lost' || status === 'cancelled') return 'badge-bad';
  return 'badge-recheck';
}

function step(entry: LifeEntry, language: Language): SafeHtml {
  const { deed, to, reason, invalidType, description, reference, effectiveAt, entryId } = entry;
  const iso = effectiveAt.toISOString();
  const invalid = invalidType === null ? undefined : [text.invalid0, text.invalid1, text.invalid2][invalidType];
  return html`<li class="deed"><span><strong>${deedText[deed][language]}</strong> ${stateText[to][language]}${invalid !== undefined && html` (${invalid[language]})`}<br>${reason}${description !== null && html`<br>${description}`}${reference !== null && html`<br>${text.reference[language]} <code>${reference}</code>`}</span>
<span class="deed-rest"><time datetime="${iso}">${timeText(iso, language)}</time><code>${entryId}</code></span></li>
`;
}

function openProposals({ frame: { language }, proposals, reader, door }: SealPage, path: string): HtmlValue {
  const open = proposals.filter(({ state }) => state === 'open');
  return open.map(({ proposalId, deed, kind, reason, description, proposedBy, proposedAt }) => {
    const iso = proposedAt.toISOString();
    const isOwn = proposedBy === reader;
    const button = (decision: 'approve' | 'reject', label: string, look = 'button button-plain') =>
      html`<form class="inline-form" method="post" action="${path}/proposals/${proposalId}/${decision}"><button class="${look}" type="submit">${label}</button></form> `;
    return html`<section class="card" aria-labelledby="${proposalId}"><h2 id="${proposalId}">${text.proposals[language]}: ${deedText[deed][language]}</h2>
<p>${kind !== null && html`${text[kind][language]} · `}${reason}${description !== null && html` · ${description}`}</p><p><code>${proposedBy}</code> <time datetime="${iso}">${timeText(iso, language)}</time></p>
<div class="actions">${door === 'admin' && !isOwn && button('approve', text.approveDeed[language], 'button')}${(door === 'admin' || isOwn) && button('reject', (isOwn ? text.takeBack : text.rejectDeed)[language])}</div></section>
`;
  });
}

/** The digest is part of the address, so that another picture is another one to the browser too. */
function hexOf({ pictureSha256 }: SealApplication): string {
  return pictureSha256 === null ? '' : toHex(pictureSha256);
}

/** While nothing is decided, the organisation may bring a picture of its own. */
function pictureForm({ frame: { language }, door, application, mayDo }: SealPage, path: string): HtmlValue {
  if (door !== 'desk' || application?.status !== 'applied' || !mayDo('withdraw')) return false;
  return html`<details class="twice"><summary>${text.bringPicture[language]}</summary>
<p>${text.pictureHint[language]}</p><p class="notice">${text.pictureWarning[language]}</p>
<noscript><p class="notice">${text.needScript[language]}</p></noscript>
<form method="post" action="${path}/picture" data-picture data-no-answer="${text.noAnswer[language]}"><div class="field"><label for="picture">${text.pictureFile[language]}</label><input id="picture" type="file" accept="image/png,image/jpeg" required></div>
<p class="fault" role="alert"></p><div class="actions"><button class="button" type="submit">${text.bringPicture[language]}</button></div></form>
${application.pictureSha256 !== null && html`<form method="post" action="${path}/picture/take-away"><button class="button button-plain" type="submit">${text.takePictureAway[language]}</button></form>`}</details>
`;
}

function systemsForm({ frame: { language }, door, systems }: SealPage, path: string): HtmlValue {
  return (
    systems !== undefined &&
    html`<section><h2>${text.systems[language]}</h2>
<p>${(systems.use === 'all' ? text.allSystems : text.systemsLead)[language]}</p>
${systems.systems.length > 0 && html`<ul class="deeds">${systems.systems.map(({ clientId, purpose }) => html`<li class="deed"><span><code>${clientId}</code> ${purpose}</span><form class="inline-form" method="post" action="${path}/systems/withdraw"><input type="hidden" name="clientId" value="${clientId}"><button class="button button-plain" type="submit">${text.withdrawSystem[language]} <span class="visually-hidden">${clientId}</span></button></form></li>`)}</ul>`}
${
  door === 'desk' &&
  html`<details class="twice"><summary>${text.letSystem[language]}</summary><form method="post" action="${path}/systems/let">
${field('system-client', 'clientId', text.clientId[language], 64)}${field('system-purpose', 'purpose', text.reason[language], 200)}
<div class="actions"><button class="button" type="submit">${text.letSystem[language]}</button></div></form></details>`
}</section>`
  );
}

/** What leads on from here, for this reader. Each is opened first and then sent: two presses, and why. */
function deedForms(
  { frame: { language }, door, application, mayDo }: SealPage,
  path: string,
  status: LifeState,
): HtmlValue {
  const deeds = pageDeeds.filter((deed) => isStep(deed, status) && mayDo(deed));
  return (
    deeds.length > 0 &&
    html`<section><h2>${text.deeds[language]}</h2>
${deeds.map(
  (
    deed,
  ) => html`<details class="twice"><summary>${deedText[deed][language]}</summary><form method="post" action="${path}/deeds">
<input type="hidden" name="deed" value="${deed}">${deed === 'approve' && application !== undefined && html`<input type="hidden" name="picture" value="${hexOf(application)}">`}${sealDeeds[deed].by === 'two' && html`<p>${text.needsSecond[language]}</p>`}
${extraFields(deed, door, language)}${field(`${deed}-reason`, 'reason', text.reason[language], 200)}
<div class="actions"><button class="button" type="submit">${deedText[deed][language]}</button></div></form></details>
`,
)}</section>`
  );
}

export const pageDeeds = [
  'approve',
  'refuse',
  'withdraw',
  'make',
  'file',
  'publish',
  'renew',
  'stop',
  'resume',
  'report-lost',
  'revoke',
  'cancel',
] as const satisfies readonly SealDeed[];

function extraFields(deed: SealDeed, door: SealDoor, language: Language): HtmlValue {
  const description = field(`${deed}-description`, 'description', text.description[language], 500, false);
  if (deed === 'file') return field('file-reference', 'reference', text.reference[language], 64);
  if (deed === 'renew')
    return html`<div class="field"><label for="renew-days">${text.validDays[language]}</label><input id="renew-days" name="validDays" type="number" min="1" max="1830" value="365" required></div>`;
  if (deed === 'revoke')
    return html`<div class="field"><label for="revoke-kind">${text.kind[language]}</label><select id="revoke-kind" name="kind"><option value="revoked">${text.revoked[language]}</option>${door === 'admin' && html`<option value="withdrawn">${text.withdrawn[language]}</option>`}</select></div>${description}`;
  return (deed === 'report-lost' || deed === 'cancel') && description;
}

function field(id: string, name: string, label: string, maxLength: number, isRequired = true): SafeHtml {
  return html`<div class="field"><label for="${id}">${label}</label><input id="${id}" name="${name}" type="text" maxlength="${maxLength}" autocomplete="off"${isRequired && html` required`}></div>
`;
}
