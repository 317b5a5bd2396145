// The page on which an organisation sets the policy of use of a seal (用印规则), with its versions; one form, without JavaScript.

import type { TrustError } from '../../kernel/errors.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { words } from '../../kernel/words/language.ts';
import { timeText } from '../../kernel/words/time.ts';
import type { SealRecord } from '../../seal/seal-record.ts';
import { documentClasses } from '../../seal/use/document-class.ts';
import type { UsePolicyVersion } from '../../seal/use/use-policies.ts';
import { levels, type UsePolicy, type UseQuota } from '../../seal/use/use-policy.ts';
import { areaField, checkBoxes, choiceField, faultSummary, textField } from './admin-form.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { type SealDoor, sealsPath } from './seal-pages.ts';
import { documentClassText, policyText as text, weekdayText } from './text/use.ts';
import type { Visit } from './visit.ts';

export const usePolicyPath = (door: SealDoor, sealId: string): string => `${sealsPath(door)}/${sealId}/use`;

/** A colleague whose mandate lets them use the seal. */
export interface SealUser {
  readonly accountId: string;
  readonly label: string;
}

export interface UsePolicyPage {
  readonly frame: Visit['frame'];
  readonly door: SealDoor;
  readonly seal: SealRecord;
  /** What stands in the form: the present rules, or what was typed. */
  readonly rules: UsePolicy;
  readonly reason: string;
  readonly versions: readonly UsePolicyVersion[];
  readonly users: readonly SealUser[];
  readonly mayChange: boolean;
  readonly requestKey: string;
  readonly fault?: TrustError | undefined;
  readonly isDone: boolean;
}

const quotaNames = [
  'sealPerDay',
  'sealPerMonth',
  'userPerDay',
  'userPerMonth',
] as const satisfies readonly (keyof UseQuota)[];

export function usePolicyPage(page: UsePolicyPage): SafeHtml {
  const { frame, door, seal, versions, mayChange, fault, isDone } = page;
  const { language } = frame;
  const title = `${text.title[language]} · ${seal.name}`;
  return layout({
    ...frame,
    title,
    door,
    languagePath: usePolicyPath(door, seal.sealId),
    body: html`<div class="narrow"><h1>${title}</h1>
<p class="lead">${text.lead[language]}</p>
${faultSummary(fault, language)}${isDone && html`<p class="notice" role="status">${text.saved[language]}</p>`}
${versions.length === 0 && html`<p class="notice">${text.none[language]}</p>`}
${mayChange ? form(page) : html`<p class="notice">${text.readOnly[language]}</p>`}
${versions.length > 0 && html`<section><h2>${text.history[language]}</h2><ol class="deeds">${versions.map((version) => versionLine(version, page.users, language))}</ol></section>`}
<p><a class="back" href="${sealsPath(door)}/${seal.sealId}">← ${text.toSeal[language]}</a></p></div>`,
  });
}

function form({
  frame: { language },
  door,
  seal,
  rules,
  reason,
  versions,
  users,
  requestKey,
}: UsePolicyPage): SafeHtml {
  return html`<form method="post" action="${usePolicyPath(door, seal.sealId)}">
<input type="hidden" name="basedOn" value="${versions[0]?.version ?? 0}"><input type="hidden" name="key" value="${requestKey}">
${choiceField({ name: 'approvers', label: text.approvers, hint: text.approversHint, language, value: String(rules.approvers), choices: ['0', '1', '2', '3'].map((count) => [count, words(count, count)] as const) })}
${users.length > 0 && checkBoxes({ name: 'users', label: text.users, hint: text.usersHint, language, values: rules.users ?? [], choices: users.map(({ accountId, label }) => [accountId, words(label, label)] as const) })}
${areaField({ name: 'purposes', label: text.purposes, hint: text.purposesHint, language, value: rules.purposes?.join('\n') })}
${checkBoxes({ name: 'documentClasses', label: text.documentClasses, language, values: rules.documentClasses ?? [], choices: documentClasses.map((name) => [name, documentClassText[name]] as const) })}
${checkBoxes({ name: 'levels', label: text.levels, language, values: rules.levels ?? [], choices: levels.map((level) => [level, words(level, level)] as const) })}
${hoursFields(rules, language)}
<fieldset><legend>${text.quota[language]}</legend><div class="numbers">${quotaNames.map((name) => html`<div><label for="${name}">${text[name][language]}</label><input id="${name}" name="${name}" type="number" inputmode="numeric" min="1" max="1000000" value="${rules.quota[name] ?? ''}"></div>\n`)}</div></fieldset>
${textField({ name: 'reason', label: text.reason, language, value: reason, required: true, maxLength: 200 })}
<div class="actions"><button class="button" type="submit">${text.save[language]}</button></div></form>`;
}

/** One line a day: most weeks are that regular, and what is not goes over the API and is shown below. */
function hoursFields({ hours, timeZone }: UsePolicy, language: Language): HtmlValue {
  return html`<fieldset aria-describedby="hours-hint"><legend>${text.hours[language]}</legend><p class="hint" id="hours-hint">${text.hoursHint[language]}</p>
${weekdayText.map((name, index) => {
  const day = index + 1;
  const part = hours?.find(({ days }) => days.includes(day));
  return html`<div class="day-hours"><label class="choice"><input type="checkbox" name="days" value="${day}"${part !== undefined && html` checked`}><span>${name[language]}</span></label>${timeField('from', day, name, part?.from ?? '08:30', language)}${timeField('until', day, name, part?.until ?? '18:00', language)}</div>\n`;
})}
${textField({ name: 'timeZone', label: text.timeZone, language, value: timeZone, required: true, maxLength: 64 })}</fieldset>`;
}

function timeField(name: 'from' | 'until', day: number, dayName: Words, value: string, language: Language): SafeHtml {
  const label = text[name];
  return html`<span><label for="${name}-${day}">${label[language]}<span class="visually-hidden"> ${dayName[language]}</span></label><input id="${name}-${day}" name="${name}-${day}" type="text" inputmode="numeric" maxlength="5" pattern="([01][0-9]|2[0-4]):[0-5][0-9]" value="${value}"></span>`;
}

function versionLine(
  { version, rules, reason, setBy, setAt }: UsePolicyVersion,
  users: readonly SealUser[],
  language: Language,
): SafeHtml {
  const iso = setAt?.toISOString();
  const who = users.find(({ accountId }) => accountId === setBy)?.label ?? setBy;
  return html`<li class="deed"><span><strong>${text.version[language]} ${version}</strong> ${reason}<br>${summary(rules, language)}</span><span class="deed-rest">${who !== null && html`<span>${who}</span>`}${iso !== undefined && html`<time datetime="${iso}">${timeText(iso, language)}</time>`}</span></li>
`;
}

/** What a version limits, in words. */
function summary(
  { users, purposes, documentClasses: classes, levels: allowed, hours, quota, approvers }: UsePolicy,
  language: Language,
): string {
  const parts: (string | false)[] = [
    approvers > 0 && `${text.approvers[language]} ${approvers}`,
    users !== null && `${text.users[language]} ${users.length}`,
    purposes !== null && `${text.purposes[language]} ${purposes.join(' / ')}`,
    classes !== null && classes.map((name) => documentClassText[name][language]).join(' / '),
    allowed !== null && allowed.join(' / '),
    hours !== null &&
      hours
        .map(
          (part) => `${part.days.map((day) => weekdayText[day - 1]?.[language]).join(' ')} ${part.from}–${part.until}`,
        )
        .join('; '),
    ...quotaNames.map((name) => quota[name] !== null && `${text[name][language]} ${quota[name]}`),
  ];
  return parts.filter((part) => part !== false).join(' · ') || '—';
}
