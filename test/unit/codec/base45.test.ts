// Base45 against the examples of RFC 9285 and its rules for what must be refused.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { fromBase45, toBase45 } from '../../../src/codec/base45.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';

describe('RFC 9285 base45', () => {
  const examples: [string, string][] = [
    ['AB', 'BB8'],
    ['Hello!!', '%69 VD92EX0'],
    ['base-45', 'UJCLQE7W581'],
    ['ietf!', 'QED8WEX0'],
  ];
  for (const [plain, encoded] of examples) {
    it(`${plain} is ${encoded} (sections 4.3 and 4.4)`, () => {
      assert.equal(toBase45(utf8(plain)), encoded);
      assert.deepEqual(fromBase45(encoded), utf8(plain));
    });
  }

  it('gives every byte string back', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.deepEqual(fromBase45(toBase45(bytes)), bytes)));
  });

  for (const [text, why] of [
    ['GGX', 'a triple over 65535 (section 6)'],
    ['::', 'a pair over 255'],
    ['A', 'a lone character'],
    ['BB8A', 'a lone last character'],
    ['bb8', 'lower case'],
    ['BB,', 'a foreign character'],
    ['BB\u0130', 'a foreign letter'],
    ['BB8\n', 'a line end'],
  ] as const) {
    it(`refuses ${why}`, () => {
      assert.throws(() => fromBase45(text), { code: 'malformed-base45' });
    });
  }
});
