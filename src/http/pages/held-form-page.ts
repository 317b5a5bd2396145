// The page that shows a form back after its sender has signed in anew: one press sends it on; without JavaScript.

import type { WaitingForm } from '../held-form.ts';
import { words } from '../../kernel/words/language.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import type { Visit } from './visit.ts';

export const heldFormPath = '/continue';

export function heldFormPage({
  frame,
  form,
}: {
  readonly frame: Visit['frame'];
  readonly form: WaitingForm;
}): SafeHtml {
  const { language } = frame;
  const shown = form.fields.filter(([name, value]) => value !== '' && !machineFields.has(name));
  return layout({
    ...frame,
    title: text.title[language],
    languagePath: heldFormPath,
    body: html`<div class="narrow"><h1>${text.title[language]}</h1>
<p class="lead">${text.lead[language]}</p>
${shown.length > 0 && html`<dl class="facts card">${shown.map(([name, value]) => html`<dt><code>${name}</code></dt><dd>${value}</dd>\n`)}</dl>`}
<form method="post" action="${form.path}">${form.fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button class="button" type="submit">${text.goOn[language]}</button> <a class="button button-plain" href="/">${text.leave[language]}</a></form></div>`,
  });
}

/** Nothing that a person typed. */
const machineFields = new Set(['revision', 'key']);

const text = {
  title: words('继续刚才的操作', 'Go on with what you were doing'),
  lead: words(
    '您已重新登录。请核对刚才填写的内容，然后继续。',
    'You have signed in again. Check what you had filled in, and go on.',
  ),
  goOn: words('继续', 'Go on'),
  leave: words('放弃', 'Leave it'),
} as const;
