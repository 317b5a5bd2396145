// The XML reader of OFD: names by namespace, places of everything, and each trick that is refused; XML 1.0, Namespaces in XML 1.0.

import assert from 'node:assert/strict';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import { childOf, childrenOf, readXml } from '../../../src/ofd/xml.ts';
import { edited, insertion } from '../../../src/ofd/xml-edit.ts';

const read = (text: string) => readXml(utf8(text), 'x.xml');
const ns = 'xmlns:o="http://www.ofdspec.org/2016"';

describe('XML of OFD', function () {
  it('knows elements by namespace, whatever the prefix, and text whatever its spelling', () => {
    for (const text of [
      `<o:a ${ns}><o:b c="1&lt;2"> x&amp;<![CDATA[<y>]]>&#x5370;</o:b></o:a>`,
      '\uFEFF<?xml version="1.0" encoding="utf-8" standalone="yes"?><!-- note --><a xmlns="http://www.ofdspec.org/2016"><b c=\'1&#60;2\'> x&#38;<!-- - -->&lt;y&gt;印</b></a>\n',
    ]) {
      const { root } = read(text);
      const [b] = childrenOf(root, 'b');
      assert.deepEqual([b?.text, b?.attributes.get('c')], [' x&<y>印', '1<2']);
    }
    assert.deepEqual(childrenOf(read('<a xmlns="http://example.org"><b/></a>').root, 'b'), []);
  });

  it('says where everything stands, so that an insertion changes nothing else', () => {
    const text = `<?xml version="1.0"?>\r\n<o:a ${ns} >\t<o:b/><!-- é --></o:a >\r\n`;
    const { root } = read(text);
    const [b] = childrenOf(root, 'b');
    assert.ok(b !== undefined);
    assert.equal(text.slice(b.start, b.end), '<o:b/>');
    assert.equal(text.slice(root.contentStart, root.contentEnd), '\t<o:b/><!-- é -->');
    const result = edited(text, [insertion(text, root, 'last', '<o:c/>'), insertion(text, b, 'last', 'x')]);
    assert.equal(result, `<?xml version="1.0"?>\r\n<o:a ${ns} >\t<o:b>x</o:b><!-- é --><o:c/></o:a >\r\n`);
    assert.equal(read(result).root.children.length, 2);
  });

  it('refuses two of what may be one', () => {
    const { root } = read(`<o:a ${ns}><o:b/><o:b/></o:a>`);
    assert.throws(
      () => childOf(root, 'b'),
      (error) => isTrustError(error, 'malformed-ofd'),
    );
  });

  const refusals: Record<string, string> = {
    'a document type': '<!DOCTYPE a><a/>',
    'an external entity': '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    'ten thousand laughs': '<!DOCTYPE a [<!ENTITY x "lol"><!ENTITY y "&x;&x;">]><a>&y;</a>',
    'an entity of its own': '<a>&nbsp;</a>',
    'an ampersand alone': '<a>&</a>',
    'a character that XML has not': '<a>&#0;</a>',
    'half a surrogate pair': '<a>&#xd800;</a>',
    'a processing instruction': '<a><?php x?></a>',
    'an attribute twice': '<a b="1" b="2"/>',
    'a prefix without a namespace': '<o:a/>',
    'two roots': '<a/><a/>',
    'text outside the root': '<a/>x',
    'no root': '<!-- x -->',
    'tags that do not match': '<a><b></a></b>',
    'a tag that is not closed': '<a><b></a>',
    'an attribute without quotes': '<a b=1/>',
    'attributes without space': '<a b="1"c="2"/>',
    'a control character': '<a>\u0007</a>',
    ']]> in text': '<a>]]></a>',
    '-- in a comment': '<a><!-- x -- y --></a>',
    'a comment without its end': '<a><!-- x',
    'a lone <': '<a><</a>',
  };
  for (const [what, text] of Object.entries(refusals)) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => read(text),
        (error) => isTrustError(error, 'malformed-ofd'),
      );
    });
  }

  it('refuses other encodings, too many elements, and elements too deep', () => {
    const unsupported = (bytes: Uint8Array) =>
      assert.throws(
        () => readXml(bytes, 'x.xml'),
        (error) => isTrustError(error, 'unsupported-ofd'),
      );
    unsupported(utf8('<?xml version="1.0" encoding="GBK"?><a/>'));
    unsupported(Uint8Array.of(0xff, 0xfe, 0x3c, 0, 0x61, 0));
    unsupported(utf8('<a>'.repeat(100)));
    unsupported(utf8(`<a>${'<b/>'.repeat(100_000)}</a>`));
  });

  it('refuses a tag of a million attributes, and prefixes that every further declaration would copy', () => {
    const refused = (text: string, code: ErrorCode) =>
      assert.throws(
        () => read(text),
        (error) => isTrustError(error, code),
      );
    const many = (count: number, one: (i: number) => string) =>
      Array.from({ length: count }, (_, i) => one(i)).join('');
    refused(`<a${' b="c"'.repeat(1_000_000)}/>`, 'malformed-ofd');
    const nested = many(60, (i) => `<a xmlns:n${i}="u">`);
    refused(`${nested}${'<a xmlns:b="u"/>'.repeat(10)}${'</a>'.repeat(60)}`, 'unsupported-ofd');
    assert.equal(read(`<a${many(20, (i) => ` xmlns:n${i}="u"`)}><n7:b/></a>`).root.children[0]?.namespace, 'u');
  });
});
