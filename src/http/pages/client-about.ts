// What people are told about a system beside its name: its own pages, and that nobody of the house named it where it registered itself.

import type { ClientName } from '../../identity/engine/provider-pages.ts';
import { type Language, words } from '../../kernel/words/language.ts';
import { html, type HtmlValue } from './html.ts';

const text = {
  policy: words('隐私政策', 'Privacy policy'),
  terms: words('服务条款', 'Terms of service'),
  ownName: words(
    '该系统自行登记，名称未经本服务核实。登录后将返回：',
    'This system registered itself; its name was not checked here. You will be sent on to: ',
  ),
  device: words(
    '该系统自行登记，名称未经本服务核实。',
    'This system registered itself; its name was not checked here.',
  ),
} as const;

/** `host`: where the answer goes; absent for a device. OpenID Connect Dynamic Client Registration 1.0, 2 and 9.1. */
export function aboutClient(
  { policyUri, tosUri, registeredItself }: ClientName,
  host: string | undefined,
  language: Language,
): HtmlValue {
  const pages = [[text.policy, policyUri] as const, [text.terms, tosUri] as const].flatMap(([label, uri]) =>
    uri === undefined
      ? []
      : [html` <a class="target" rel="noopener noreferrer nofollow" href="${uri}">${label[language]}</a>`],
  );
  return [
    registeredItself === true &&
      (host === undefined
        ? html`<p class="notice">${text.device[language]}</p>`
        : html`<p class="notice">${text.ownName[language]}<strong>${host}</strong></p>`),
    pages.length > 0 && html`<p>${pages}</p>`,
  ];
}
