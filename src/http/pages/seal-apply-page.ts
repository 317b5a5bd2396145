// The form in which an organisation applies for a seal, with the face as the server draws it from what was entered.

import type { TrustError } from '../../kernel/errors.ts';
import type { Words } from '../../kernel/words/language.ts';
import type { SealFace } from '../../seal/picture/face.ts';
import type { FaceForm } from '../../seal/picture/seal-face.ts';
import { sealSuites } from '../../seal/seal-entry.ts';
import { sealTypes } from '../../seal/seal-record.ts';
import { type Choice, choiceField, faultSummary, textField } from './admin-form.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { sealsPath } from './seal-pages.ts';
import { formText, sealText as text, suiteText, typeText } from './text/seals.ts';
import type { Visit } from './visit.ts';

/** As it was typed. */
export interface SealForm {
  readonly type: string;
  readonly title: string;
  readonly bearer: string;
  readonly form: string;
  readonly sizeMm: string;
  readonly suite: string;
  readonly validDays: string;
  readonly reason: string;
  /** Sent along, so that a second press makes no second application. */
  readonly key: string;
}

export interface SealApplyPage {
  readonly frame: Visit['frame'];
  readonly typed: SealForm;
  readonly preview?: { readonly face: SealFace; readonly png: Uint8Array } | undefined;
  readonly fault?: TrustError | undefined;
}

const forms: readonly FaceForm[] = ['round', 'oval', 'square', 'rectangle'];

export function sealApplyPage({ frame, typed, preview, fault }: SealApplyPage): SafeHtml {
  const { language } = frame;
  const path = `${sealsPath('desk')}/apply`;
  const choices = <K extends string>(names: readonly K[], texts: Readonly<Record<K, Words>>): Choice[] =>
    names.map((name) => [name, texts[name]]);
  const one = (name: keyof SealForm, label: Words, maxLength: number, hint?: Words) =>
    textField({ name, label, language, value: typed[name], maxLength, ...(hint !== undefined && { hint }) });
  return layout({
    ...frame,
    title: text.apply[language],
    door: 'desk',
    languagePath: path,
    body: html`<div class="narrow"><h1>${text.apply[language]}</h1>
${faultSummary(fault, language)}
${preview !== undefined && drawn(preview, frame)}
<form class="card" method="post" action="${path}"><input type="hidden" name="key" value="${typed.key}">
${choiceField({ name: 'type', label: text.type, language, choices: choices(sealTypes, typeText), value: typed.type })}
${one('title', text.titleField, 12, text.titleHint)}${one('bearer', text.bearer, 20, text.bearerHint)}
${choiceField({ name: 'form', label: text.form, language, choices: [['', text.usual], ...choices(forms, formText)], value: typed.form })}
${one('sizeMm', text.size, 5, text.sizeHint)}${choiceField({ name: 'suite', label: text.suite, language, choices: choices(sealSuites, suiteText), value: typed.suite })}${one('validDays', text.validDays, 4)}${one('reason', text.reason, 200, text.reasonHint)}
<div class="actions"><button class="button button-plain" type="submit" name="step" value="preview">${text.preview[language]}</button> <button class="button" type="submit" name="step" value="send">${text.send[language]}</button></div>
</form>
<p><a class="back" href="${sealsPath('desk')}">← ${text.toSeals[language]}</a></p></div>`,
  });
}

/** In the page itself: the address of a picture would tell a person's name. */
function drawn({ face, png }: NonNullable<SealApplyPage['preview']>, { language }: Visit['frame']): SafeHtml {
  const { widthMm, heightMm } = face.picture;
  const pixels = (mm: number) => Math.round((mm * 96) / 25.4);
  return html`<figure><img src="data:image/png;base64,${Buffer.from(png).toString('base64')}" alt="${text.previewAlt[language]}" width="${pixels(widthMm)}" height="${pixels(heightMm)}"><figcaption>${text.previewSize[language]}: ${widthMm} × ${heightMm}</figcaption></figure>
`;
}
