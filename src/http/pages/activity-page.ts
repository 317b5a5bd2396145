// Records of uses (用途记录): what the audit log has about a person, or about an organisation's seals, by day and in words.

import { errorWords } from '../../kernel/words/errors.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { clockText, dayText } from '../../kernel/words/time.ts';
import { errorCodes } from '../../kernel/errors.ts';
import type { Use } from '../activity.ts';
import type { SafeHtml } from './html.ts';
import { html } from './html.ts';
import { type Door, layout } from './layout.ts';
import { type DaySpan, dayField, pathWith } from './span-form.ts';
import { activityText as text } from './text/activity.ts';
import type { Visit } from './visit.ts';

export interface ActivityPage {
  readonly frame: Visit['frame'];
  readonly door: Door;
  /** Of this page; receipts lie below it. */
  readonly path: string;
  readonly words: { readonly title: Words; readonly lead: Words; readonly whole: Words; readonly back: Words };
  readonly backPath: string;
  readonly span: DaySpan;
  /** The page is not the newest one. */
  readonly isLater: boolean;
  readonly uses: readonly Use[];
  readonly nextCursor: string | null;
  /** Login names of those who used a seal, for those who act for its organisation. */
  readonly names?: ReadonlyMap<string, string>;
}

export function activityPage(page: ActivityPage): SafeHtml {
  const { frame, path, uses, nextCursor } = page;
  const { language } = frame;
  const { fromDay, untilDay } = page.span;
  const asked = { from: fromDay, until: untilDay };
  return layout({
    ...frame,
    title: page.words.title[language],
    door: page.door,
    languagePath: pathWith(path, asked),
    body: html`<div class="narrow">
<h1>${page.words.title[language]}</h1>
<p class="lead">${page.words.lead[language]}</p>
<form class="card filters" method="get" action="${path}">
${dayField('from', text.from, fromDay, language)}
${dayField('until', text.until, untilDay, language)}
<div class="actions"><button class="button" type="submit">${text.show[language]}</button></div>
</form>
${uses.length === 0 ? html`<p class="notice">${text.none[language]}</p>` : days(page)}
<p class="actions">${page.isLater && html`<a class="button button-plain" href="${pathWith(path, asked)}">${text.newest[language]}</a> `}${nextCursor !== null && html`<a class="button button-plain" href="${pathWith(path, { ...asked, cursor: nextCursor })}">${text.older[language]}</a>`}</p>
<p class="notice">${page.words.whole[language]} ${text.receiptHint[language]}</p>
<p><a class="back" href="${page.backPath}">← ${page.words.back[language]}</a></p>
</div>`,
  });
}

function days(page: ActivityPage): SafeHtml[] {
  const { language } = page.frame;
  const byDay = new Map<string, Use[]>();
  for (const use of page.uses) {
    const day = dayText(use.entry.at, language);
    byDay.set(day, [...(byDay.get(day) ?? []), use]);
  }
  return [...byDay].map(
    ([day, uses]) => html`<section><h2 class="day">${day}</h2>
<ul class="uses">${uses.map((use) => useLine(page, use))}</ul></section>
`,
  );
}

function useLine({ frame: { language }, path, names }: ActivityPage, use: Use): SafeHtml {
  const { entry, client, purpose, origin } = use;
  const name = entry.accountId === null ? undefined : names?.get(entry.accountId);
  return html`<li class="use">
<div class="use-line"><time class="use-time" datetime="${entry.at.toISOString()}">${clockText(entry.at)}</time> <strong>${use.text[language]}</strong>${entry.outcome === 'failed' && html` <span class="badge badge-bad"><span aria-hidden="true">✕</span> ${text.failed[language]}</span>`}</div>
${entry.code !== null && html`<div class="use-rest">${reason(entry.code, language)}</div>`}
<div class="use-rest">${name !== undefined && fact(text.by[language], name)}${purpose !== null && fact(text.purpose[language], purpose)}${client !== null && fact(text.through[language], language === 'en' ? client.nameEn : client.name)}${origin !== null && fact(text.network[language], origin)}${entry.objectId !== null && html`<span>${text.object[language]} <code>${entry.objectId}</code></span>`}<a href="${path}/${entry.entryId}/receipt">${text.receipt[language]}<span class="visually-hidden"> ${clockText(entry.at)} ${use.text[language]}</span></a></div>
</li>
`;
}

function fact(name: string, value: string): SafeHtml {
  return html`<span>${name} ${value}</span>`;
}

/** A code of another version is told by its name. */
function reason(code: string, language: Language): string {
  const known = errorCodes.find((one) => one === code);
  return known === undefined ? code : errorWords[known][language];
}
