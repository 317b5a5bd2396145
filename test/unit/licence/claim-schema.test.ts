// Claims against their declarations: every fault is named by its JSON Pointer (RFC 6901), and unsound declarations are not published.

import assert from 'node:assert/strict';
import { type ClaimDefinition, claimFaults, requireSoundDefinitions } from '../../../src/licence/claim-schema.ts';
import { sandboxLicenceTypes } from '../../../src/sandbox/licence-catalogue.ts';

const title = { zh: '项', en: 'Item' };
const definitions: ClaimDefinition[] = [
  { name: 'class', title, kind: 'string', required: true, pattern: 'A|B1', maxLength: 3 },
  { name: 'born', title, kind: 'date', required: true },
  { name: 'count', title, kind: 'integer', required: false },
  { name: 'sex', title, kind: 'enum', required: false, values: ['男', '女'] },
];
const good = { class: 'B1', born: '2000-02-29', count: 3, sex: '女' };

describe('Claims of a licence type', () => {
  it('that fit have no fault, with or without the optional ones', () => {
    assert.deepEqual(claimFaults(good, definitions, '/claims'), []);
    assert.deepEqual(claimFaults({ class: 'A', born: '2000-01-01' }, definitions, '/claims'), []);
  });

  const cases: [string, Record<string, string | number>, string, string][] = [
    ['a pattern that matches a part only', { class: 'AA' }, '/claims/class', 'wrong-form'],
    ['a text too long', { class: 'AAAA' }, '/claims/class', 'too-long'],
    ['an empty required text', { class: '' }, '/claims/class', 'required'],
    ['a control character', { class: 'A\n' }, '/claims/class', 'wrong-form'],
    ['a number for a text', { class: 1 }, '/claims/class', 'wrong-type'],
    ['a day that never was', { born: '1900-02-29' }, '/claims/born', 'not-a-day'],
    ['a moment for a day', { born: '2000-01-01T00:00:00Z' }, '/claims/born', 'not-a-day'],
    ['half a count', { count: 1.5 }, '/claims/count', 'wrong-type'],
    ['a count in words', { count: '3' }, '/claims/count', 'wrong-type'],
    ['a value outside the list', { sex: 'x' }, '/claims/sex', 'not-in-list'],
    ['an unknown claim, its name escaped', { 'a/b~c': 1 }, '/claims/a~1b~0c', 'unknown'],
  ];
  for (const [what, change, pointer, reason] of cases) {
    it(`${what} is ${reason} at ${pointer}`, () => {
      assert.deepEqual(claimFaults({ ...good, ...change }, definitions, '/claims'), [{ pointer, reason }]);
    });
  }

  it('has one fault for each that is wrong', () => {
    const faults = claimFaults({ count: 'x', other: 1 }, definitions, '');
    assert.deepEqual(
      faults.map(({ pointer, reason }) => `${pointer} ${reason}`),
      ['/class required', '/born required', '/count wrong-type', '/other unknown'],
    );
  });

  it('takes nothing from the prototype of an object', () => {
    const inherited: Record<string, string> = Object.create({ class: 'A', born: '2000-01-01' });
    assert.equal(claimFaults(inherited, definitions, '').length, 2);
  });
});

describe('Declarations of claims', () => {
  const unsound: [string, ClaimDefinition[]][] = [
    [
      'a name twice',
      [
        { name: 'a', title, kind: 'date', required: true },
        { name: 'a', title, kind: 'date', required: true },
      ],
    ],
    ['a name with a slash', [{ name: 'a/b', title, kind: 'date', required: true }]],
    ['an enum without values', [{ name: 'a', title, kind: 'enum', required: true }]],
    ['values without enum', [{ name: 'a', title, kind: 'string', required: true, values: ['x'] }]],
    ['a pattern that does not compile', [{ name: 'a', title, kind: 'string', required: true, pattern: '(' }]],
    ['a pattern of a date', [{ name: 'a', title, kind: 'date', required: true, pattern: 'x' }]],
  ];
  for (const [what, definitions] of unsound) {
    it(`${what} is malformed-request`, () => {
      assert.throws(() => requireSoundDefinitions(definitions), { code: 'malformed-request' });
    });
  }

  it('of the sandbox types are sound', () => {
    for (const { claims } of sandboxLicenceTypes) assert.doesNotThrow(() => requireSoundDefinitions(claims));
  });
});
