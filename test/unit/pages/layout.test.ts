// The frame of pages against the Content-Security-Policy they are sent with.

import assert from 'node:assert/strict';
import { frontPage } from '../../../src/http/pages/front-page.ts';
import { html } from '../../../src/http/pages/html.ts';
import { layout } from '../../../src/http/pages/layout.ts';
import { problemPage } from '../../../src/http/pages/problem-page.ts';
import { shortCodeNotFoundPage, verifyPage } from '../../../src/http/pages/verify-page.ts';
import { licenceView } from '../../../src/kernel/words/licence-view.ts';
import { languages } from '../../../src/kernel/words/language.ts';
import { goodLicence } from './sample-reports.ts';

const pages = languages.flatMap((language) =>
  [
    frontPage({ language, sandbox: true, principalName: 'citizen1' }),
    problemPage({ language, code: 'internal', status: 500, requestId: 'r-1' }),
    shortCodeNotFoundPage({ language, sandbox: false }),
    verifyPage({
      language,
      sandbox: true,
      maxDocumentBytes: 1,
      script: '/assets/verify-1.js',
      view: licenceView(goodLicence),
    }),
  ].map((page) => ({ language, text: String(page) })),
);

describe("CSP Level 3: script-src 'self', style-src 'self'", () => {
  it('draws no inline style, script or event handler, and names no other host', () => {
    for (const { text } of pages) {
      assert.doesNotMatch(text, /<style|style=|<script(?![^>]* src="\/assets\/)|\son\w+=|javascript:/i);
      assert.doesNotMatch(text, /(?:src|href|action)="(?:https?:)?\/\//i);
    }
  });
});

describe('WCAG 2.2: every page', () => {
  it('names its language, has a title, one first heading, a skip link and a viewport', () => {
    for (const { language, text } of pages) {
      assert.match(text, new RegExp(`<html lang="${language}">`));
      assert.match(text, /<title>[^<]+ · (印信|Yinxin)<\/title>/);
      assert.equal(text.match(/<h1[ >]/g)?.length, 1);
      assert.match(text, /<a class="skip" href="#main">/);
      assert.match(text, /width=device-width, initial-scale=1"/);
    }
  });
});

describe('the language switch', () => {
  it('leads to the page itself, or to the path it is given', () => {
    const page = { title: 't', language: 'en', body: html`` } as const;
    assert.match(String(layout(page)), /href="\?lang=zh-CN" lang="zh-CN"/);
    assert.match(String(layout({ ...page, languagePath: '/v?a=1' })), /href="\/v\?a=1&amp;lang=zh-CN"/);
  });
});
