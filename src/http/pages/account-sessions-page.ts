// Where a person is signed in: each browser with its network and the systems that were entered, ending one, ending all others.

import type { PersonSession } from '../../identity/sessions/sessions.ts';
import { browserWords } from '../../kernel/words/browser.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { timeText } from '../../kernel/words/time.ts';
import { doneNotice } from './done-notice.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { accountText as text } from './text/account.ts';
import type { Visit } from './visit.ts';

export interface AccountSessionsPage {
  readonly frame: Visit['frame'];
  readonly sessions: readonly PersonSession[];
  readonly nextCursor: string | null;
  /** The one through which the reader came. */
  readonly ownId: string;
  readonly done: Words | undefined;
}

export function accountSessionsPage(page: AccountSessionsPage): SafeHtml {
  const { frame, sessions, nextCursor, ownId, done } = page;
  const { language } = frame;
  const others = sessions.some(({ sessionId }) => sessionId !== ownId) || nextCursor !== null;
  return layout({
    ...frame,
    title: text.sessions[language],
    languagePath: '/account/sessions',
    body: html`<div class="narrow">
<h1>${text.sessions[language]}</h1>
${doneNotice(done, language)}
<p class="lead">${text.sessionsLead[language]}</p>
${sessions.map((session) => sessionCard(session, session.sessionId === ownId, language))}
${nextCursor !== null && html`<p><a class="button button-plain" href="/account/sessions?cursor=${nextCursor}">${text.older[language]}</a></p>`}
${
  others
    ? html`<form method="post" action="/account/sessions/end-others"><p class="hint">${text.endOthersHint[language]}</p><button class="button" type="submit">${text.endOthers[language]}</button></form>`
    : html`<p class="notice">${text.sessionsNone[language]}</p>`
}
<p><a class="back" href="/account">← ${text.back[language]}</a></p>
</div>`,
  });
}

function sessionCard(session: PersonSession, isOwn: boolean, language: Language): SafeHtml {
  const browser = browserWords(session.browser)[language];
  const systems = session.systems.map(({ name, nameEn }) => (language === 'en' ? nameEn : name));
  return html`<section class="card">
<h2>${browser}${isOwn && html` <span class="badge">${text.thisBrowser[language]}</span>`}</h2>
<dl class="facts">
<dt>${text.beganAt[language]}</dt><dd>${timeText(session.beganAt.toISOString(), language)}</dd>
<dt>${text.usedAt[language]}</dt><dd>${timeText(session.usedAt.toISOString(), language)}</dd>
${session.origin !== undefined && html`<dt>${text.network[language]}</dt><dd><code>${session.origin}</code></dd>`}
${systems.length > 0 && html`<dt>${text.entered[language]}</dt><dd>${systems.join(language === 'en' ? ', ' : '、')}</dd>`}
</dl>
${!isOwn && html`<form method="post" action="/account/sessions/${session.sessionId}/end"><button class="button button-plain" type="submit">${text.endSession[language]}<span class="visually-hidden"> ${browser}</span></button></form>`}
</section>
`;
}
