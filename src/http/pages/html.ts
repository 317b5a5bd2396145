// HTML with escaping by default: html`…` turns every value into text unless it is HTML that this file made.

/** Markup that is safe to send. Only `html` and `trustedMarkup` make it; a string never passes for one. */
export class SafeHtml {
  readonly #markup: string;

  constructor(key: typeof maker, markup: string) {
    if (key !== maker) throw new TypeError('SafeHtml is made by html`…` or trustedMarkup()');
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

// Known to this module only: nothing else can call the constructor with success.
const maker: unique symbol = Symbol('SafeHtml');

/** What may stand in a template. `undefined`, `null` and `false` draw nothing, so that `condition && html`…`` works. */
export type HtmlValue = SafeHtml | string | number | false | null | undefined | readonly HtmlValue[];

/**
 * A tagged template for markup. Values are escaped for element content and for attribute values in double quotes;
 * attributes must be quoted, and a value never stands inside a script, a style, a comment or a tag name.
 */
export function html(markup: TemplateStringsArray, ...values: readonly HtmlValue[]): SafeHtml {
  let out = markup[0] ?? '';
  for (const [index, value] of values.entries()) out += draw(value) + (markup[index + 1] ?? '');
  return new SafeHtml(maker, out);
}

/**
 * The one way past the escaping: for markup that this program itself made (a drawn QR code or seal picture), never for anything
 * that came from a request, a document or the database.
 */
export function trustedMarkup(markup: string): SafeHtml {
  return new SafeHtml(maker, markup);
}

/** A path of this site for an href, src or action, else '/': refuses schemes, other hosts and control characters. */
export function localPath(path: string): string {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(path) && !path.includes('\\') ? path : '/';
}

function draw(value: HtmlValue): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof SafeHtml) return value.toString();
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number') return String(value);
  return value.map(draw).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

function escapeText(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => entities[character] ?? '');
}
