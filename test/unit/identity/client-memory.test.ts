// Registrations in memory: nobody waits for one that is in use, and none is believed for a second.

import assert from 'node:assert/strict';
import { ClientMemory } from '../../../src/identity/clients/client-memory.ts';
import type { EngineClientMetadata } from '../../../src/identity/clients/client-metadata.ts';
import { frozenClock } from '../../../src/kernel/clock.ts';
import { silentLog } from '../../../src/kernel/log.ts';

describe('Registrations of clients in memory', () => {
  function memoryOf(register: Map<string, EngineClientMetadata>) {
    const clock = frozenClock('2026-11-22T08:00:00Z');
    const reads: string[][] = [];
    const memory = new ClientMemory({
      read: async (clientIds) => {
        reads.push([...clientIds]);
        return new Map([...register].filter(([clientId]) => clientIds.includes(clientId)));
      },
      clock,
      log: silentLog,
    });
    return { memory, clock, reads };
  }

  it('reads one that is in use once, and again before a second is over', async () => {
    const register = new Map([['a', { client_id: 'a' }]]);
    const { memory, clock, reads } = memoryOf(register);
    await memory.find('a');
    clock.advance(700);
    assert.deepEqual(await memory.find('a'), { client_id: 'a' });
    assert.equal(reads.length, 1);
    register.delete('a'); // suspended on another node
    clock.advance(290);
    assert.equal(await memory.find('a'), undefined);
  });

  it('knows at once what changed on this node, also while it is being read', async () => {
    const register = new Map([['a', { client_id: 'a' }]]);
    const { memory, reads } = memoryOf(register);
    await memory.find('a');
    register.delete('a');
    memory.forget('a');
    assert.equal(await memory.find('a'), undefined);
    register.set('a', { client_id: 'a' });
    const under = memory.find('a');
    memory.forget('a');
    await under;
    await memory.find('a');
    assert.equal(reads.length, 4);
  });

  it('reads in the background what was asked for in the last minute, all at once, and nothing else', async () => {
    const { memory, clock, reads } = memoryOf(new Map(['a', 'b'].map((id) => [id, { client_id: id }])));
    await memory.find('a');
    await memory.find('b');
    await memory.find('made-up');
    clock.advance(50_000);
    await memory.refresh();
    assert.deepEqual(reads.at(-1), ['a', 'b']);
    await memory.find('a');
    clock.advance(20_000);
    await memory.refresh();
    assert.deepEqual(reads.at(-1), ['a']);
    clock.advance(61_000);
    await memory.refresh();
    assert.equal(reads.length, 5);
  });

  it('believes none longer because the clock was set back', async () => {
    const { memory, clock, reads } = memoryOf(new Map([['a', { client_id: 'a' }]]));
    await memory.find('a');
    clock.advance(-10_000);
    await memory.find('a');
    assert.equal(reads.length, 2);
  });
});
