// Counts over time, drawn on the server: a bar for each day that leads to its entries, the same as a table, and the use of licences.

import { type Counts, type LicenceUse, usesPerLicence } from '../../audit/counts/entry-counts.ts';
import { lengthMs, startOf } from '../../audit/counts/tally.ts';
import { addSeconds } from '../../kernel/clock.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { dateText, isoDayText } from '../../kernel/words/time.ts';
import { auditPath } from './audit-page.ts';
import type { SafeHtml } from './html.ts';
import { html } from './html.ts';
import { pathWith } from './span-form.ts';
import { auditText as text } from './text/audit.ts';

export interface CountsView {
  readonly language: Language;
  readonly from: Date;
  readonly until: Date;
  readonly counted: Counts;
  readonly uses: readonly LicenceUse[];
  /** Of licence types. */
  readonly names: ReadonlyMap<string, Words>;
}

interface Day {
  readonly at: Date;
  readonly entries: number;
  readonly failed: number;
}

export function countsHtml(view: CountsView): SafeHtml {
  const { language, counted } = view;
  const days = daysOf(view);
  return html`<section aria-labelledby="chart"><h2 id="chart">${text.chart[language]}</h2>
${bars(days, language)}
<p class="hint">${text.lag[language]} ${counted.countedUpTo} / ${counted.treeSize}</p>
<details><summary>${text.asTable[language]}</summary><div class="table-wrap" tabindex="0" role="group" aria-label="${text.chart[language]}"><table><thead><tr><th scope="col">${text.day[language]}</th><th scope="col">${text.entries[language]}</th><th scope="col">${text.failures[language]}</th></tr></thead><tbody>
${days.toReversed().map((day) => html`<tr><th scope="row"><a class="target" href="${dayPath(day)}">${dateText(day.at.toISOString(), language)}</a></th><td>${day.entries}</td><td>${day.failed}</td></tr>\n`)}</tbody></table></div></details></section>
${view.uses.length > 0 && licenceUses(view)}`;
}

/** Days without entries are days too. */
function daysOf({ from, until, counted }: CountsView): Day[] {
  const known = new Map(counted.items.map((item) => [item.startsAt.getTime(), item]));
  const days: Day[] = [];
  for (let at = startOf('day', from); at < until; at = addSeconds(at, lengthMs.day / 1000)) {
    const { entries = 0, failed = 0 } = known.get(at.getTime()) ?? {};
    days.push({ at, entries, failed });
  }
  return days;
}

const chart = { width: 720, height: 160, foot: 20 } as const;

/** For the eye; whoever cannot see it has the table. */
function bars(days: readonly Day[], language: Language): SafeHtml {
  const most = Math.max(1, ...days.map(({ entries }) => entries));
  const step = chart.width / Math.max(1, days.length);
  const room = chart.height - chart.foot - 16;
  const heightOf = (entries: number) => Math.round((entries / most) * room * 10) / 10;
  const foot = chart.height - chart.foot;
  const bar = (day: Day, place: number) => {
    const x = Math.round((place * step + 1) * 10) / 10;
    const width = Math.round((step - 2) * 10) / 10;
    const [whole, bad] = [heightOf(day.entries), heightOf(day.failed)];
    return html`<rect x="${x}" y="${foot - whole}" width="${width}" height="${whole}"></rect>${day.failed > 0 && html`<rect class="bar-failed" x="${x}" y="${foot - bad}" width="${width}" height="${bad}"></rect>`}\n`;
  };
  const [first, last] = [days[0], days.at(-1)];
  return html`<svg class="bars" viewBox="0 0 ${chart.width} ${chart.height}" aria-hidden="true" focusable="false">
<line x1="0" y1="${foot}" x2="${chart.width}" y2="${foot}"></line>
${days.map(bar)}<text x="0" y="12">${most}</text>
${first !== undefined && html`<text x="0" y="${chart.height - 4}">${dateText(first.at.toISOString(), language)}</text>`}
${last !== undefined && html`<text x="${chart.width}" y="${chart.height - 4}" text-anchor="end">${dateText(last.at.toISOString(), language)}</text>`}
</svg>`;
}

function dayPath({ at }: Day): string {
  const day = isoDayText(at);
  return pathWith(auditPath, { from: day, until: day });
}

function licenceUses({ language, uses, names }: CountsView): SafeHtml {
  const heads = [text.licenceType, text.issued, text.shown, text.checked, text.rate];
  return html`<section><h2>${text.use[language]}</h2>
<div class="table-wrap" tabindex="0" role="group" aria-label="${text.use[language]}"><table><thead><tr>${heads.map((head) => html`<th scope="col">${head[language]}</th>`)}</tr></thead><tbody>
${uses.map((use) => html`<tr><th scope="row">${names.get(use.typeCode)?.[language] ?? use.typeCode}</th><td>${use.issued}</td><td>${use.shown}</td><td>${use.verified}</td><td>${usesPerLicence(use)?.toFixed(2) ?? '–'}</td></tr>\n`)}</tbody></table></div></section>`;
}
