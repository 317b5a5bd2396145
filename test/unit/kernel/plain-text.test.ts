// Reasons and purposes read as they are written: nothing that starts a line, moves a cursor or turns the direction of reading.

import assert from 'node:assert/strict';
import { isPlainText } from '../../../src/kernel/plain-text.ts';

describe('text of one line', () => {
  it('takes what people write', () => {
    for (const text of ['合同用印', 'for the permit (2nd copy)', '{"outcome":"done"}', '𠮷野家', 'x'.repeat(200)]) {
      assert.ok(isPlainText(text, 200), text);
    }
  });

  it('refuses line ends, terminal sequences, bidirectional marks, half characters, blanks, and too much', () => {
    const refused = ['a\r\nFAKE', 'a\nb', '\u001b[2J', 'a\u0000', '\u202eevil', '\u2028', '\u200b', '\ud800', '', '  '];
    for (const text of [...refused, 'x'.repeat(201)]) assert.ok(!isPlainText(text, 200), JSON.stringify(text));
  });
});
