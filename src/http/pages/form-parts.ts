// Parts that forms have in common: the page of a step, the summary of what is to be corrected, and a labelled field that says what is wrong with it.

import type { Language, Words } from '../../kernel/words/language.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';

export interface FormStep {
  readonly language: Language;
  readonly sandbox: boolean;
  readonly title: Words;
  readonly path: string;
  readonly faultTitle: Words;
  readonly fault: Words | undefined;
  readonly body: HtmlValue;
}

/** One step of several, of somebody who is not signed in. */
export function formStep({ language, sandbox, title, path, faultTitle, fault, body }: FormStep): SafeHtml {
  return layout({
    language,
    sandbox,
    plain: true,
    title: title[language],
    languagePath: path,
    body: html`<div class="narrow">
<h1>${title[language]}</h1>
${faultSummary(faultTitle, fault, language)}
${body}
</div>`,
  });
}

/** At the top of the form, read out at once. */
export function faultSummary(title: Words, fault: Words | undefined, language: Language): SafeHtml | undefined {
  return (
    fault &&
    html`<div class="error-summary" id="fault" role="alert">
<h2>${title[language]}</h2>
<p>${fault[language]}</p>
</div>`
  );
}

export interface TextField {
  readonly name: string;
  readonly label: Words;
  readonly hint?: Words;
  readonly type?: 'text' | 'tel' | 'password';
  readonly value?: string;
  /** HTML Living Standard, 4.10.18.7.1: what a browser may fill in. */
  readonly autocomplete: string;
  readonly maxLength: number;
  readonly inputMode?: 'numeric' | 'tel';
  readonly invalid?: boolean;
}

export function textField(field: TextField, language: Language): SafeHtml {
  const { name, label, hint, type = 'text', inputMode, invalid } = field;
  const described = [hint && `${name}-hint`, invalid === true && 'fault'].filter(Boolean).join(' ');
  return html`<div class="field">
<label for="${name}">${label[language]}</label>
${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint[language]}</p>`}
<input id="${name}" name="${name}" type="${type}" autocomplete="${field.autocomplete}" autocapitalize="none" spellcheck="false" required maxlength="${field.maxLength}" value="${field.value ?? ''}"${attribute('inputmode', inputMode)}${attribute('aria-describedby', described)}${invalid === true && html` aria-invalid="true"`}>
</div>
`;
}

function attribute(name: 'inputmode' | 'aria-describedby', value: string | undefined): HtmlValue {
  if (value === undefined || value === '') return undefined;
  return name === 'inputmode' ? html` inputmode="${value}"` : html` aria-describedby="${value}"`;
}
