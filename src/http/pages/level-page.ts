// The page that raises a real-name level, within a sign-in and from the account: one step at a time, each with the consent it needs.

import type { LevelView } from '../../identity/levels/identity-checks.ts';
import type { Language } from '../../kernel/words/language.ts';
import { html, type SafeHtml } from './html.ts';
import { type PageOptions, layout } from './layout.ts';
import { type LevelFault, levelFaultText, levelPageText as text } from './text/level.ts';

export interface LevelPage {
  readonly frame: Pick<PageOptions, 'sandbox' | 'principalName' | 'plain'> & { readonly language: Language };
  /** Address of this page; its forms post below it. */
  readonly path: string;
  readonly view: LevelView;
  /** The service that asks for a level, within a sign-in. */
  readonly asked?: { readonly clientName: string; readonly level: number };
  /** A face check that is under way. */
  readonly face?: { readonly checkId: string; readonly kind: 'stand-in' | 'page' };
  /** What was typed as name before. */
  readonly name?: string;
  readonly fault?: LevelFault;
}

export function levelPage(page: LevelPage): SafeHtml {
  const { frame, path, view, asked, fault } = page;
  const { language } = frame;
  return layout({
    ...frame,
    title: fault === undefined ? text.title[language] : `${text.faultTitle[language]} · ${text.title[language]}`,
    languagePath: path,
    body: html`<div class="narrow">
<h1>${text.title[language]}</h1>
${fault !== undefined && faultBox(fault, language)}
${
  asked !== undefined &&
  html`<p class="lead">${text.purposeOf[language]}<strong>${asked.clientName}</strong></p>
<p>${text.wanted[language]}<strong>${asked.level}</strong></p>`
}
<p>${text.now[language]}<strong>${view.level}</strong></p>
${step(page)}
${
  asked === undefined
    ? html`<p class="actions"><a class="button button-plain" href="/account">${text.later[language]}</a></p>`
    : html`<form method="post" action="${path}/skip"><button class="quiet" type="submit">${text.skip[language]}</button></form>`
}
</div>`,
  });
}

function step(page: LevelPage): SafeHtml {
  const { view, asked, face, frame } = page;
  if (view.next === undefined) {
    return html`<h2>${text.reachedTitle[frame.language]}</h2>
<p>${text.reached[frame.language]}</p>
${changeForm(page)}`;
  }
  if (view.next === 'register') return registerForm(page);
  const begun = face === undefined ? faceForm(page) : faceUnderWay(page, face);
  return html`${begun}${asked === undefined && changeForm(page)}`;
}

function registerForm(page: LevelPage): SafeHtml {
  const { path, view, frame } = page;
  const { language } = frame;
  return html`<h2>${progressOf(page, 1)}${text.registerTitle[language]}</h2>
<p>${text.registerWhat[language]}</p>
<form class="card" method="post" action="${path}/register">
${personFields(page, 'register')}
${consent('register-consent', text.registerConsent[language])}
<p class="hint">${text.triesLeft[language]}${view.triesLeft}</p>
<p class="actions"><button class="button" type="submit">${text.registerSubmit[language]}</button></p>
</form>`;
}

function faceForm(page: LevelPage): SafeHtml {
  const { path, view, frame } = page;
  const { language } = frame;
  return html`<h2>${progressOf(page, 2)}${text.faceTitle[language]}</h2>
<p>${text.faceWhat[language]}</p>
<form class="card" method="post" action="${path}/face">
${consent('face-consent', text.faceConsent[language])}
<p class="hint">${text.triesLeft[language]}${view.triesLeft}</p>
<p class="actions"><button class="button" type="submit">${text.faceSubmit[language]}</button></p>
</form>`;
}

function faceUnderWay(
  { path, frame: { language } }: LevelPage,
  { checkId, kind }: NonNullable<LevelPage['face']>,
): SafeHtml {
  const check = html`<input type="hidden" name="check" value="${checkId}">`;
  if (kind === 'stand-in') {
    return html`<h2>${text.standInTitle[language]}</h2>
<p class="notice notice-warn">${text.standInWhat[language]}</p>
<form class="card" method="post" action="${path}/face-result">${check}
<p class="actions"><button class="button" type="submit" name="outcome" value="match">${text.standInMatch[language]}</button>
<button class="button button-plain" type="submit" name="outcome" value="mismatch">${text.standInMismatch[language]}</button></p>
</form>`;
  }
  return html`<h2>${text.returnedTitle[language]}</h2>
<p>${text.returned[language]}</p>
<form class="card" method="post" action="${path}/face-result">${check}
<p class="actions"><button class="button" type="submit">${text.returnedSubmit[language]}</button>
<a class="button button-plain" href="${path}">${text.again[language]}</a></p>
</form>`;
}

/** From the account only, never in the middle of a sign-in: it takes levels away. */
function changeForm(page: LevelPage): SafeHtml | false {
  const { path, asked, frame } = page;
  if (asked !== undefined) return false;
  const { language } = frame;
  return html`<details>
<summary>${text.changeTitle[language]}</summary>
<p class="notice notice-warn">${text.changeWarning[language]}</p>
<form class="card" method="post" action="${path}/change">
${personFields(page, 'change')}
<p class="actions"><button class="button button-plain" type="submit">${text.changeSubmit[language]}</button></p>
</form>
</details>`;
}

function personFields({ frame: { language }, name, fault }: LevelPage, form: string): SafeHtml {
  const invalid = (...faults: readonly LevelFault[]) =>
    fault !== undefined && faults.includes(fault) && html` aria-invalid="true" aria-describedby="fault"`;
  return html`<div class="field">
<label for="${form}-name">${text.name[language]}</label>
<input id="${form}-name" name="name" type="text" autocomplete="name" required maxlength="50" value="${name ?? ''}"${invalid('name-unfit', 'not-matched')}>
</div>
<div class="field">
<label for="${form}-number">${text.idNumber[language]}</label>
<p class="hint" id="${form}-hint">${text.idNumberHint[language]}</p>
<input id="${form}-number" name="idNumber" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" required maxlength="18"${invalid('number-unfit', 'not-matched') || html` aria-describedby="${form}-hint"`}>
</div>`;
}

function consent(id: string, words: string): SafeHtml {
  return html`<label class="choice" for="${id}"><input id="${id}" name="consent" type="checkbox" value="yes" required> <span>${words}</span></label>`;
}

/** Where two steps lead to what is asked, each says which one it is. */
function progressOf({ asked, frame: { language } }: LevelPage, number: 1 | 2): string {
  if ((asked?.level ?? 4) < 4) return '';
  return `${text.progress[language]} ${number}${text.of[language]}2${text.steps[language]}${language === 'en' ? ': ' : '：'}`;
}

function faultBox(fault: LevelFault, language: Language): SafeHtml {
  return html`<div class="error-summary" id="fault" role="alert">
<h2>${text.faultTitle[language]}</h2>
<p>${levelFaultText[fault][language]}</p>
</div>`;
}
