// Fields of the administrators' forms, and what a posted form says; without JavaScript.

import { type Request, type RequestHandler, urlencoded } from 'express';
import { isTrustError, type TrustError } from '../../kernel/errors.ts';
import { wordsOfError } from '../../kernel/words/errors.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { asObject } from '../../kernel/words/members.ts';
import { statusOf } from '../problem.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';

export type Choice = readonly [value: string, words: Words];

interface Field {
  readonly name: string;
  readonly label: Words;
  readonly language: Language;
  readonly hint?: Words | undefined;
  /** What is wrong with what stands in it. */
  readonly fault?: Words | undefined;
}

/** Which field is to be corrected, and how. */
export interface FieldFault {
  readonly field: string;
  readonly words: Words;
}

export function textField(
  field: Field & { readonly value?: string | undefined; readonly required?: boolean; readonly maxLength?: number },
): SafeHtml {
  const { name, value, required, maxLength } = field;
  return html`<div class="field">${head(field)}<input id="${name}" name="${name}" type="text" maxlength="${maxLength ?? 100}" autocomplete="off" spellcheck="false" value="${value ?? ''}"${required === true && html` required`}${described(field)}></div>
`;
}

/** Several lines: one value each, or JSON. */
export function areaField(field: Field & { readonly value?: string | undefined }): SafeHtml {
  const { name, value } = field;
  return html`<div class="field">${head(field)}<textarea id="${name}" name="${name}" rows="3" autocomplete="off" spellcheck="false"${described(field)}>${value ?? ''}</textarea></div>
`;
}

export function choiceField(
  field: Field & { readonly choices: readonly Choice[]; readonly value?: string | undefined },
): SafeHtml {
  const { name, choices, value, language } = field;
  return html`<div class="field">${head(field)}<select id="${name}" name="${name}"${described(field)}>
${choices.map(([key, words]) => html`<option value="${key}"${key === value && html` selected`}>${words[language]}</option>\n`)}</select></div>
`;
}

export function checkBoxes(
  field: Field & { readonly choices: readonly Choice[]; readonly values: readonly string[] },
): SafeHtml {
  const { name, label, language, choices, values } = field;
  return html`<fieldset${described(field)}><legend>${label[language]}</legend>${hintOf(field)}
${choices.map(([key, words]) => html`<label class="choice"><input type="checkbox" name="${name}" value="${key}"${values.includes(key) && html` checked`}><span>${words[language]}</span></label>\n`)}</fieldset>
`;
}

function head(field: Field): SafeHtml {
  return html`<label for="${field.name}">${field.label[field.language]}</label>${hintOf(field)}`;
}

function hintOf({ name, hint, fault, language }: Field): SafeHtml {
  return html`${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint[language]}</p>`}${fault !== undefined && html`<p class="field-error" id="${name}-fault">${fault[language]}</p>`}`;
}

function described({ name, hint, fault }: Field): HtmlValue {
  const ids = [...(hint === undefined ? [] : [`${name}-hint`]), ...(fault === undefined ? [] : [`${name}-fault`])];
  if (ids.length === 0) return undefined;
  return html` aria-describedby="${ids.join(' ')}"${fault !== undefined && html` aria-invalid="true"`}`;
}

/** Why nothing was done: what to correct at which field, or in plain words and, for whoever connects the system, in those of the standard. */
export function faultSummary(error: TrustError | undefined, language: Language, at?: FieldFault): HtmlValue {
  if (error === undefined) return undefined;
  const detail =
    at === undefined
      ? html`<p lang="en">${error.message}</p>`
      : html`<p><a href="#${at.field}">${at.words[language]}</a></p>`;
  return html`<div class="error-summary" role="alert"><h2>${wordsOfError(error.code)[language]}</h2>${detail}</div>
`;
}

/** What a form is shown again for; anything else is not about its content. */
export function formFault(error: unknown): TrustError {
  if (isTrustError(error) && statusOf(error.code) >= 400 && statusOf(error.code) < 500 && !isAboutTheCaller(error))
    return error;
  throw error;
}

function isAboutTheCaller({ code }: TrustError): boolean {
  return [
    'token-missing',
    'forbidden',
    'scope-missing',
    'step-up-required',
    'client-not-found',
    'account-not-found',
  ].includes(code);
}

const maxFields = 80;

export const readAdminForm: RequestHandler = urlencoded({
  extended: false,
  limit: '64kb',
  parameterLimit: maxFields,
  inflate: false,
});

/** A posted form: each field once, or as often as it was ticked. */
export class PostedForm {
  readonly #body: Readonly<Record<string, unknown>>;

  constructor({ body }: Pick<Request, 'body'>) {
    this.#body = asObject(body) ?? {};
  }

  text(name: string): string {
    const value = this.#body[name];
    return typeof value === 'string' ? value.trim() : '';
  }

  /** `undefined` where nothing was written. */
  given(name: string): string | undefined {
    return this.text(name) === '' ? undefined : this.text(name);
  }

  lines(name: string): string[] {
    return this.text(name)
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '');
  }

  all(name: string): string[] {
    const value = this.#body[name];
    const values: unknown[] = Array.isArray(value) ? value : [value];
    return values.filter((item) => typeof item === 'string');
  }
}
