// The part of the desk's form that says where the seal goes; the parts of ways not chosen are hidden by the style sheet, not by a script.

import type { Language } from '../../kernel/words/language.ts';
import { edges } from '../../seal/placing/seam.ts';
import { placementKinds } from './desk-order.ts';
import type { HtmlValue, SafeHtml } from './html.ts';
import { html } from './html.ts';
import { deskText as text } from './text/desk.ts';

export function placing(language: Language): SafeHtml {
  const parts = { position, keyword, seam, field };
  return html`<fieldset><legend>${text.place[language]}</legend>
<div class="choices">${placementKinds.map(
    (kind, index) =>
      html`<label class="choice"><input type="radio" name="kind" id="kind-${kind}" value="${kind}"${index === 0 && html` checked`}>${text.kinds[kind][language]}</label>
`,
  )}</div>
${placementKinds.map(
  (kind) => html`<div id="place-${kind}" class="place-options">${parts[kind](language)}</div>
`,
)}</fieldset>`;
}

function position(language: Language): SafeHtml {
  return html`<p class="hint">${text.placeHint[language]}</p>
<div class="numbers">
${numberField('page', 'page', text.page[language], html`required min="1" max="9999" step="1" value="1"`)}
${numberField('x', 'xMm', text.xMm[language], html`required min="0" max="5000" step="0.1" value="150"`)}
${numberField('y', 'yMm', text.yMm[language], html`required min="0" max="5000" step="0.1" value="230"`)}
</div>
<div id="desk-preview" hidden data-handle="${text.handle[language]}" data-page="${text.page[language]}" data-failed="${text.noPreview[language]}"><p class="hint">${text.placeByHand[language]}</p><div class="preview-page"></div><p role="status"></p></div>`;
}

function keyword(language: Language): SafeHtml {
  return html`${textField('keyword', 'text', text.keyword[language], text.keywordHint[language])}
<div class="numbers">
<div><label for="occurrence">${text.occurrence[language]}</label><input id="occurrence" name="occurrence" type="text" maxlength="5" pattern="[1-9][0-9]{0,4}|all" value="1" autocomplete="off"></div>
${numberField('dx', 'dxMm', text.dxMm[language], html`min="-500" max="500" step="0.1" value="0"`)}
${numberField('dy', 'dyMm', text.dyMm[language], html`min="-500" max="500" step="0.1" value="0"`)}
</div>`;
}

function seam(language: Language): SafeHtml {
  return html`<div class="numbers">
<div><label for="edge">${text.edge[language]}</label><select id="edge" name="edge">${[...edges]
    .sort((a, b) => Number(b === 'right') - Number(a === 'right'))
    .map((edge) => html`<option value="${edge}">${text.edges[edge][language]}</option>`)}</select></div>
${numberField('every', 'every', text.every[language], html`min="2" max="1000" step="1" aria-describedby="every-hint"`)}
${numberField('offset', 'offsetMm', text.offsetMm[language], html`min="0" max="5000" step="0.1" aria-describedby="offset-hint"`)}
</div>
<p class="hint" id="every-hint">${text.every[language]}: ${text.everyHint[language]}</p>
<p class="hint" id="offset-hint">${text.offsetMm[language]}: ${text.offsetHint[language]}</p>
${textField('pages', 'pages', text.pages[language], text.pagesHint[language])}
<label class="choice"><input type="checkbox" name="facing" value="yes">${text.facing[language]}</label>`;
}

function field(language: Language): SafeHtml {
  return textField('field', 'field', text.field[language], text.fieldHint[language]);
}

function textField(id: string, name: string, label: string, hint: string): SafeHtml {
  return html`<div class="field"><label for="${id}">${label}</label>
<p class="hint" id="${id}-hint">${hint}</p>
<input id="${id}" name="${name}" type="text" maxlength="500" autocomplete="off" aria-describedby="${id}-hint"></div>`;
}

function numberField(id: string, name: string, label: string, limits: HtmlValue): SafeHtml {
  return html`<div><label for="${id}">${label}</label><input id="${id}" name="${name}" type="number" inputmode="decimal" ${limits}></div>`;
}
