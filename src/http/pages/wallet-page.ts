// The wallet (亮证): a person's own licences, and one licence with its QR code large on white.

import type { Language, Words } from '../../kernel/words/language.ts';
import { words } from '../../kernel/words/language.ts';
import { licenceStatusWords } from '../../kernel/words/licence-view.ts';
import { dateText } from '../../kernel/words/time.ts';
import type { LicenceRecord } from '../../licence/licence-record.ts';
import type { SafeHtml } from './html.ts';
import { html } from './html.ts';
import { layout } from './layout.ts';
import { walletText as text } from './text/wallet.ts';
import type { Visit } from './visit.ts';

export interface WalletPage {
  readonly frame: Visit['frame'];
  readonly licences: readonly LicenceRecord[];
  readonly nextCursor: string | null;
}

export function walletPage({ frame, licences, nextCursor }: WalletPage): SafeHtml {
  const { language } = frame;
  return layout({
    ...frame,
    title: text.title[language],
    door: 'wallet',
    body: html`<h1>${text.title[language]}</h1>
<p class="lead">${text.lead[language]}</p>
${licences.length === 0 ? html`<p class="notice">${text.none[language]}</p>` : html`<ul class="licences">${licences.map((licence) => licenceCard(licence, language))}</ul>`}
${nextCursor !== null && html`<p><a class="button button-plain" href="/wallet?cursor=${nextCursor}">${text.more[language]}</a></p>`}
<p><a class="target" href="/account/activity">${text.uses[language]}</a></p>`,
  });
}

function licenceCard(licence: LicenceRecord, language: Language): SafeHtml {
  return html`<li><a class="licence" href="/wallet/${licence.licenceId}">
<span class="licence-name">${typeName(licence)[language]}</span> ${statusBadge(licence, language)}
<span class="licence-line">${licence.holder.name} · <code>${licence.holder.idNumber}</code></span>
<span class="licence-line">${text.validity[language]} ${validity(licence, language)}</span>
</a></li>
`;
}

export interface LicencePage {
  readonly frame: Visit['frame'];
  readonly licence: LicenceRecord;
  /** The link and its picture as a data URL; absent while the licence has no code. */
  readonly qr?: { readonly text: string; readonly pictureUrl: string };
}

export function licencePage({ frame, licence, qr }: LicencePage): SafeHtml {
  const { language } = frame;
  const name = typeName(licence)[language];
  return layout({
    ...frame,
    title: text.title[language], // no licence in the title: titles stay in histories
    door: 'wallet',
    languagePath: `/wallet/${licence.licenceId}`,
    body: html`<div class="narrow">
<h1>${name} ${statusBadge(licence, language)}</h1>
${
  qr === undefined
    ? html`<p class="notice">${text.noCode[language]}</p>`
    : html`<figure class="qr"><img src="${qr.pictureUrl}" alt="${text.qrOf[language]}"><figcaption>${text.brightness[language]}</figcaption></figure>`
}
<dl class="facts">
<dt>${text.holder[language]}</dt><dd>${licence.holder.name}</dd>
<dt>${text.number[language]}</dt><dd><code>${licence.holder.idNumber}</code></dd>
<dt>${text.issuer[language]}</dt><dd>${licence.issuerName}</dd>
<dt>${text.validity[language]}</dt><dd>${validity(licence, language)}</dd>
<dt>${text.identifier[language]}</dt><dd><code>${licence.identifier}</code></dd>
<dt>${text.version[language]}</dt><dd>${licence.version}</dd>
</dl>
${
  qr !== undefined &&
  html`<details><summary>${text.codeText[language]}</summary><p><code class="code-text">${qr.text}</code></p></details>
<p class="actions no-print"><a class="button button-plain" href="${qr.text}">${text.tryIt[language]}</a></p>
<p class="hint">${text.logged[language]} <a href="/account/activity">${text.uses[language]}</a></p>`
}
<p><a class="back" href="/wallet">← ${text.all[language]}</a></p>
</div>`,
  });
}

function typeName(licence: LicenceRecord): Words {
  return words(licence.typeName.zh, licence.typeName.en);
}

function validity({ validFrom, validUntil }: LicenceRecord, language: Language): string {
  const end = validUntil === null ? text.withoutEnd[language] : dateText(validUntil, language);
  return `${dateText(validFrom, language)} ${text.to[language]} ${end}`;
}

function statusBadge({ status }: LicenceRecord, language: Language): SafeHtml {
  const good = status === 'active';
  const kind = good ? 'good' : status === 'intended' ? 'undecided' : 'bad';
  return html`<span class="badge badge-${kind}"><span aria-hidden="true">${good ? '✓' : kind === 'bad' ? '✕' : '○'}</span> ${(licenceStatusWords[status] ?? licenceStatusWords['unknown'])?.[language]}</span>`;
}
