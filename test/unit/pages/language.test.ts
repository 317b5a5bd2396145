// Which language a page speaks.

import assert from 'node:assert/strict';
import { languageOf } from '../../../src/http/pages/language.ts';

function asked(parts: { lang?: unknown; cookie?: string; accept?: string }) {
  return languageOf({
    query: { lang: parts.lang },
    headers: { cookie: parts.cookie, 'accept-language': parts.accept },
  });
}

describe('RFC 9110 section 12.5.4: the language of a page', () => {
  it('is Chinese when nobody asks', () => {
    assert.equal(asked({}), 'zh-CN');
    assert.equal(asked({ accept: 'fr-FR,de;q=0.5' }), 'zh-CN');
  });

  it('is the first of ours that the browser accepts', () => {
    assert.equal(asked({ accept: 'fr, en-GB;q=0.9, zh;q=0.1' }), 'en');
    assert.equal(asked({ accept: 'zh-TW,en' }), 'zh-CN');
  });

  it('is what the cookie remembers before what the browser accepts, and ?lang= before both', () => {
    assert.equal(asked({ cookie: 'a=1; lang=en', accept: 'zh' }), 'en');
    assert.equal(asked({ lang: 'zh-CN', cookie: 'lang=en', accept: 'en' }), 'zh-CN');
  });

  it('passes over values that are none of ours', () => {
    for (const lang of ['fr', '', ['en'], { toString: 'en' }, '__proto__']) assert.equal(asked({ lang }), 'zh-CN');
    assert.equal(asked({ cookie: 'xlang=en; lang=<script>' }), 'zh-CN');
  });
});
