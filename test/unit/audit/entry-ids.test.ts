// RFC 9562, 6.2: identifiers of a process ascend, whatever its clock does.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { EntryIds } from '../../../src/audit/entry-ids.ts';
import { momentOf } from '../../../src/audit/leaf.ts';
import { frozenClock } from '../../../src/kernel/clock.ts';

describe('identifiers of entries', () => {
  it('ascend strictly over any walk of the clock, forwards and back', () => {
    const steps = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: -3_600_000, max: 3_600_000 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (jumps) => {
        const clock = frozenClock('2026-07-08T09:10:11.123Z');
        const ids = new EntryIds({ clock });
        let last = ids.next();
        for (const jump of jumps) {
          clock.advance(jump);
          const id = ids.next();
          assert.ok(id > last, `${id} after ${last}`);
          last = id;
        }
      }),
    );
  });

  it('ascend beyond the 4,096 of one millisecond, and follow the clock again when it has come up', () => {
    const clock = frozenClock('2026-07-08T09:10:11.123Z');
    const ids = new EntryIds({ clock });
    const all = Array.from({ length: 10_000 }, () => ids.next());
    assert.deepEqual([...all].sort(), all);
    assert.equal(momentOf(all.at(-1) ?? '').toISOString(), '2026-07-08T09:10:11.125Z');
    clock.advance(50);
    assert.equal(momentOf(ids.next()).toISOString(), '2026-07-08T09:10:11.173Z');
  });
});
