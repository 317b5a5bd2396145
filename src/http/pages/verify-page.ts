// The verify page and what a scanned QR opens (/v): a real form for QR texts without JavaScript, the React page on top with it.

import type { Language } from '../../kernel/words/language.ts';
import type { ReportView } from '../../kernel/words/report-view.ts';
import { verifyPageWords as text } from '../../kernel/words/verify-page.ts';
import type { SafeHtml } from './html.ts';
import { html } from './html.ts';
import { layout } from './layout.ts';
import { reportHtml } from './report-html.ts';

export interface VerifyPage {
  readonly language: Language;
  readonly sandbox: boolean;
  readonly principalName?: string;
  readonly maxDocumentBytes: number;
  /** The built React page; without it the page works as if JavaScript were off. */
  readonly script?: string;
  /** Result of a form post. */
  readonly view?: ReportView;
  /** The page was opened by a scanned QR: its text is in the fragment, which only a script can read. */
  readonly scanned?: boolean;
  readonly fault?: 'text-missing';
}

export function verifyPage(page: VerifyPage): SafeHtml {
  const { language } = page;
  return layout({
    ...page,
    title: text.title[language],
    door: 'verify',
    languagePath: page.scanned === true ? '/v' : '/verify',
    ...(page.script !== undefined && { scripts: [page.script] }),
    body: html`<div class="narrow">
<div id="verify-page" data-max-bytes="${page.maxDocumentBytes}">
<h1>${text.title[language]}</h1>
${page.view === undefined ? html`<p class="lead">${text.lead[language]}</p>` : reportHtml(page.view, language)}
${page.scanned === true && html`<noscript><p class="notice">${text.linkWithoutScript[language]}</p></noscript>`}
${codeForm(page)}
<noscript><p class="hint">${text.fileWithoutScript[language]} <a href="/docs">API</a></p></noscript>
</div>
</div>`,
  });
}

const longestText = 8192; // The contract's limit for a QR text; the largest QR code holds 4,296 characters.

function codeForm({ language, fault }: VerifyPage): SafeHtml {
  const wrong = fault === 'text-missing';
  return html`<form class="card" method="post" action="/verify">
<h2>${text.code[language]}</h2>
<div class="field">
<label for="text">${text.codeLabel[language]}</label>
<p class="hint" id="text-hint">${text.codeHint[language]}</p>
${wrong && html`<p class="field-error" id="text-fault">${text.needText[language]}</p>`}
<textarea id="text" name="text" rows="4" required maxlength="${longestText}" spellcheck="false" autocomplete="off" autocapitalize="off" aria-describedby="${wrong && 'text-fault '}text-hint"${wrong && html` aria-invalid="true"`}></textarea>
</div>
<button class="button" type="submit">${text.check[language]}</button>
</form>`;
}

/** What /v/{id} says for a short code that leads nowhere. */
export function shortCodeNotFoundPage(page: Pick<VerifyPage, 'language' | 'sandbox' | 'principalName'>): SafeHtml {
  const { language } = page;
  return layout({
    ...page,
    title: text.notFoundTitle[language],
    door: 'verify',
    body: html`<div class="narrow">
<h1>${text.notFoundTitle[language]}</h1>
<p class="lead">${text.notFound[language]}</p>
<p class="actions"><a class="button" href="/verify">${text.another[language]}</a></p>
</div>`,
  });
}
