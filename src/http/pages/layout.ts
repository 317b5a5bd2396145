// The frame of every page: head, header with the language switch, main part, footer. No inline style or script anywhere.

import type { Language } from '../../kernel/words/language.ts';
import type { HtmlValue, SafeHtml } from './html.ts';
import { html } from './html.ts';
import { partyText } from './text/mandates.ts';
import { siteText } from './text/site.ts';

export type Door = 'wallet' | 'desk' | 'verify' | 'admin';

export interface PageOptions {
  readonly title: string;
  readonly language: Language;
  readonly body: HtmlValue;
  /** Which door the page is behind; it is marked in the menu. */
  readonly door?: Door;
  /** The signed-in person as the header shows it. */
  readonly principalName?: string;
  /** The organisation that the person acts for, by name. */
  readonly actingFor?: string;
  /** For `<meta>` in the head, e.g. the refresh after a form POST. */
  readonly head?: HtmlValue;
  /** Own script files of the page, e.g. '/assets/verify-1a2b.js'; they are modules. */
  readonly scripts?: readonly string[];
  /** The nonce of the page's CSP, where a page has one; it goes onto the scripts. */
  readonly nonce?: string;
  /** Draws the mark that nothing here is real. */
  readonly sandbox?: boolean;
  /** Path and query that the language switch leads to, without `lang`; default: the page itself, without its query. */
  readonly languagePath?: string;
  /** Sign-in and consent pages leave the menu out, so that there is one thing to do. */
  readonly plain?: boolean;
}

/** A whole document, ready for `response.type('html').send(String(page))`. */
export function layout(page: PageOptions): SafeHtml {
  const { language } = page;
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="same-origin">
<title>${page.title} · ${siteText.name[language]}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/site.css">
${page.head}
${page.scripts?.map((source) => html`<script type="module" src="${source}"${page.nonce !== undefined && html` nonce="${page.nonce}"`}></script>\n`)}</head>
<body>
<a class="skip" href="#main">${siteText.skip[language]}</a>
${header(page)}
<main id="main" class="main" tabindex="-1">
${page.body}
</main>
${footer(language)}
</body>
</html>
`;
}

const doors = [
  ['wallet', '/wallet', { 'zh-CN': '亮证', en: 'Wallet' }],
  ['desk', '/desk', { 'zh-CN': '盖章', en: 'Desk' }],
  ['verify', '/verify', { 'zh-CN': '核验', en: 'Verify' }],
  ['admin', '/admin', { 'zh-CN': '管理', en: 'Admin' }],
] as const;

function header(page: PageOptions): SafeHtml {
  const { language } = page;
  const other: Language = language === 'en' ? 'zh-CN' : 'en';
  const target = page.languagePath ?? '';
  const switchTo = `${target}${target.includes('?') ? '&' : '?'}lang=${other}`;
  return html`<header>
${page.sandbox === true && html`<p class="sandbox-bar"><strong>${siteText.sandbox[language]}</strong> ${siteText.sandboxMeaning[language]}</p>`}
<div class="site-header">
<a class="brand" href="/"><span class="brand-mark" aria-hidden="true">印</span><span>印信 <span lang="en">Yinxin</span></span></a>
${
  page.plain !== true &&
  html`<nav class="site-menu" aria-label="${siteText.mainMenu[language]}"><ul>
${doors.map(([door, path, name]) => html`<li><a href="${path}"${page.door === door && html` aria-current="page"`}>${name[language]}</a></li>\n`)}</ul></nav>`
}
<div class="site-tools">
${page.principalName !== undefined && html`<a class="who" href="/account"><span class="visually-hidden">${siteText.signedInAs[language]}</span>${page.principalName}<span class="visually-hidden">${siteText.ownAccount[language]}</span></a> <form class="inline-form" method="post" action="/sign-out"><button class="quiet" type="submit">${siteText.signOut[language]}</button></form>`}
<a class="language" href="${switchTo}" lang="${other}" hreflang="${other}">${siteText.otherLanguage[language]}</a>
</div>
</div>
${page.actingFor !== undefined && actingBar(page.actingFor, language)}</header>`;
}

/** On every page, so that nobody does as an organisation what they meant to do for themselves. */
function actingBar(name: string, language: Language): SafeHtml {
  return html`<div class="acting-bar"><p>${partyText.acting[language]} <strong>${name}</strong></p>
<a class="target" href="/account/acting">${partyText.switch[language]}</a>
<form class="inline-form" method="post" action="/account/acting"><button class="quiet" type="submit" name="mandate" value="">${partyText.stop[language]}</button></form></div>
`;
}

function footer(language: Language): SafeHtml {
  return html`<footer class="site-footer">
<p>${siteText.name[language]} · ${siteText.tagline[language]}</p>
<nav aria-label="${siteText.moreLinks[language]}"><ul>
<li><a href="/docs">${siteText.apiPages[language]}</a></li>
<li><a href="/openapi.yaml">${siteText.apiFile[language]}</a></li>
<li><a href="/log/checkpoint">${siteText.checkpoint[language]}</a></li>
<li><a href="/readyz">${siteText.state[language]}</a></li>
</ul></nav>
</footer>`;
}
