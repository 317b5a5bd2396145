// The escaping template: whatever a value holds, it stays text.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { html, localPath, SafeHtml, trustedMarkup } from '../../../src/http/pages/html.ts';

describe('html`…`: values are text unless this program made them markup', () => {
  it('escapes the characters that end text and quoted attributes', () => {
    assert.equal(
      String(html`<p title="${`"'>`}">${'<script>&`'}</p>`),
      '<p title="&quot;&#39;&gt;">&lt;script&gt;&amp;&#96;</p>',
    );
  });

  it('leaves no character of any value that could open a tag, an entity or an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        const drawn = String(html`${text}`);
        assert.doesNotMatch(drawn, /[<>"'`]/);
        assert.doesNotMatch(drawn.replace(/&(amp|lt|gt|quot|#39|#96);/g, ''), /&/);
      }),
    );
  });

  it('keeps nested markup and lists as markup, each value escaped once', () => {
    const items = ['a&b', 'c'].map((item) => html`<li>${item}</li>`);
    assert.equal(String(html`<ul>${items}</ul>`), '<ul><li>a&amp;b</li><li>c</li></ul>');
    assert.equal(String(html`${trustedMarkup('<svg></svg>')}`), '<svg></svg>');
  });

  it('draws nothing for undefined, null and false, and draws zero', () => {
    assert.equal(String(html`${undefined}${null}${false}${0}`), '0');
  });

  it('cannot be forged from outside', () => {
    assert.throws(() => Reflect.construct(SafeHtml, [Symbol('SafeHtml'), '<b>']), TypeError);
  });
});

describe('localPath: a place of this site or the front page', () => {
  it('takes paths with queries and fragments', () => {
    assert.equal(localPath('/wallet/lic_1?lang=en#top'), '/wallet/lic_1?lang=en#top');
  });

  for (const foreign of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/a\\b',
    '/\n/e',
    '',
  ]) {
    it(`refuses ${JSON.stringify(foreign)}`, () => {
      assert.equal(localPath(foreign), '/');
    });
  }
});
