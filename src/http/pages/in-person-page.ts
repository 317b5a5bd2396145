// The page on which staff record whom they saw at a window (现场核验): login name, the name and number on the document, and the reference of the visit.

import type { RealNameLevel } from '../../kernel/principal.ts';
import { words } from '../../kernel/words/language.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import type { Visit } from './visit.ts';

export const inPersonPath = '/admin/in-person';

export interface InPersonPage {
  readonly frame: Visit['frame'];
  /** What was typed last time, but for the number. */
  readonly typed?: { readonly loginName: string; readonly name: string; readonly reference: string };
  readonly fault?: 'no-account' | 'unfit';
  readonly recorded?: { readonly loginName: string; readonly level: RealNameLevel };
}

export const inPersonText = {
  title: words('现场核验', 'Identity seen in person'),
  purpose: words(
    '本人持有效证件到场，您已核对本人与证件一致后，在此登记。登记后该账户的实名等级为 5。',
    'Record here whom you saw with a valid document, when you are sure that it is the holder. The account then has level 5.',
  ),
  loginName: words('该账户的用户名', 'User name of the account'),
  name: words('证件上的姓名', 'Name on the document'),
  idNumber: words('证件上的身份证号码', 'Identity number on the document'),
  reference: words('办件编号', 'Reference of the visit'),
  submit: words('登记', 'Record'),
  faultTitle: words('没有登记', 'Not recorded'),
  'no-account': words('没有这个用户名的账户。', 'There is no account of this user name.'),
  unfit: words(
    '请检查姓名、身份证号码（18 位，校验位相符）和办件编号。',
    'Check the name, the identity number (18 characters with the right check character) and the reference.',
  ),
  recorded: words('已登记，该账户现在的实名等级：', 'Recorded. The level of the account is now: '),
} as const;

export function inPersonPage({ frame, typed, fault, recorded }: InPersonPage): SafeHtml {
  const { language } = frame;
  const text = inPersonText;
  return layout({
    ...frame,
    title: text.title[language],
    door: 'admin',
    languagePath: inPersonPath,
    body: html`<div class="narrow">
<h1>${text.title[language]}</h1>
${fault !== undefined && html`<div class="error-summary" id="fault" role="alert"><h2>${text.faultTitle[language]}</h2><p>${text[fault][language]}</p></div>`}
${recorded !== undefined && html`<p class="notice" role="status"><strong>${recorded.loginName}</strong> ${text.recorded[language]}<strong>${recorded.level}</strong></p>`}
<p>${text.purpose[language]}</p>
<form class="card" method="post" action="${inPersonPath}">
${field('loginName', text.loginName[language], typed?.loginName, 64)}
${field('name', text.name[language], typed?.name, 50)}
${field('idNumber', text.idNumber[language], undefined, 18)}
${field('reference', text.reference[language], typed?.reference, 100)}
<p class="actions"><button class="button" type="submit">${text.submit[language]}</button></p>
</form>
</div>`,
  });
}

function field(name: string, label: string, value: string | undefined, maxLength: number): SafeHtml {
  return html`<div class="field">
<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="text" autocomplete="off" spellcheck="false" required maxlength="${maxLength}" value="${value ?? ''}">
</div>`;
}
