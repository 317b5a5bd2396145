// The home of a signed-in person (我的账户): who they are here, at which real-name level, and the way to everything that is theirs.

import type { Account, Person } from '../../identity/accounts/accounts.ts';
import type { RealNameLevel } from '../../kernel/principal.ts';
import type { Words } from '../../kernel/words/language.ts';
import { maskedNumber } from '../../licence/holder.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { accountText as text, levelText } from './text/account.ts';
import type { Visit } from './visit.ts';

/** One of the pages below the account. */
export interface AccountPart {
  readonly path: string;
  readonly name: Words;
  readonly purpose: Words;
}

export interface AccountPage {
  readonly frame: Visit['frame'];
  readonly account: Account;
  readonly person: Person | undefined;
  /** What this sign-in is good for; at most the account's level. */
  readonly signInLevel: RealNameLevel;
  readonly parts: readonly AccountPart[];
}

export function accountPage({ frame, account, person, signInLevel, parts }: AccountPage): SafeHtml {
  const { language } = frame;
  const { meaning, next } = levelText[account.level];
  return layout({
    ...frame,
    title: text.title[language],
    languagePath: '/account',
    body: html`<h1>${text.title[language]}</h1>
<p class="lead">${text.lead[language]}</p>
<dl class="facts card">
<dt>${text.name[language]}</dt><dd>${person === undefined ? text.unnamed[language] : maskedName(person.name)}</dd>
${person !== undefined && html`<dt>${text.number[language]}</dt><dd><code>${maskedNumber(person.idNumber)}</code></dd>`}
<dt>${text.loginName[language]}</dt><dd><code>${account.loginName}</code></dd>
<dt>${text.level[language]}</dt><dd>${meaning[language]}</dd>
${next !== undefined && html`<dt>${text.higher[language]}</dt><dd>${next[language]} <a href="/account/level">${text.toLevel[language]}</a></dd>`}
<dt>${text.thisSignIn[language]}</dt><dd>${text.signInBears[language]}${signInLevel}${signInLevel < account.level && text.signInWeak[language]}</dd>
</dl>
<ul class="doors">
${parts.map(
  (part) => html`<li><a class="door" href="${part.path}">
<span class="door-name">${part.name[language]}</span>
<span class="door-purpose-other">${part.purpose[language]}</span>
</a></li>
`,
)}</ul>`,
  });
}

/** The family name stays: it is read aloud in a waiting room, the rest is not. */
export function maskedName(name: string): string {
  const [first = '', ...rest] = Array.from(name);
  return `${first}${'*'.repeat(Math.max(1, Math.min(rest.length, 4)))}`;
}
