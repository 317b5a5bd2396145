// The fault table of sequencer, publisher and cosigning: each statement and each message fails twice, once not stored and once stored.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningWitness, startWitness } from '../../../scripts/witness-server.ts';
import { LogRunner } from '../../../src/audit/log-runner.ts';
import type { NoteMemory } from '../../../src/audit/note-memory.ts';
import type { Witness } from '../../../src/audit/witness-client.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import type { Uuid } from '../../../src/kernel/ids.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { house } from '../../../src/kernel/principal.ts';
import { parseCheckpoint } from '../../../src/tlog/checkpoint.ts';
import { parseNote, parseVerifierKey, signatureTypes } from '../../../src/tlog/note.ts';
import { type TestLog, testLog, testOrigin } from '../../support/audit.ts';
import { Faults } from '../../support/fault-points.ts';
import { assertWhole } from '../../support/whole-log.ts';

/** What one process does from a start to a shown checkpoint, in order. A statement that is new in the code has its rows here too. */
const points = [
  // confirm: what do the witnesses remember?
  'audit-cosignature-last',
  'audit-checkpoint-signed',
  'witness',
  'audit-cosignature-insert',
  // step: queue rows become leaves
  'audit-partition-exists',
  'audit-partition-exists 2',
  'audit-partition-exists 3',
  'audit-partition-exists 4',
  'audit-queue-peek',
  'audit-sequencer-settings',
  'audit-head-lock',
  'audit-queue-take',
  'audit-tile-insert',
  'audit-head-store',
  'commit of audit-head-store',
  // publish: the head becomes a signed note
  'audit-checkpoint-signed 2',
  'audit-head',
  'audit-checkpoint-signers',
  'audit-tiles',
  'memory read',
  'audit-tiles 2',
  'memory write',
  'audit-checkpoint-insert',
  'audit-checkpoint-roots',
  'commit of audit-checkpoint-roots',
  // round: the witness cosigns, the note is shown
  'audit-checkpoint-signed 3',
  'audit-asking-lease',
  'audit-head 2', // of the consistency proof
  'audit-tiles 3',
  'witness 2',
  'audit-cosignature-insert 2',
  'audit-checkpoint-show',
];

describe('audit log: fault table', () => {
  let log: TestLog;
  let witness: RunningWitness;
  let relay: { readonly url: string; close(): Promise<void> };
  let folder: string;
  const acknowledged: Uuid[] = [];
  let made = 0;
  let remembered: string | undefined;
  let faults: Faults;

  before(async () => {
    log = await testLog({ maxConnections: 6 });
    folder = mkdtempSync(join(tmpdir(), 'yinxin-faults-'));
    const logs = [log.runner.verifierKey];
    witness = await startWitness({ directory: folder, name: 'w1', logs, clock: systemClock });
    relay = await startRelay();
    faults = new Faults(log.test.database);
    await grow();
    await life();
  });
  after(async () => {
    await relay.close();
    await witness.close();
    await log.test.close();
    rmSync(folder, { recursive: true });
  });

  /** Enough that a tile gets full each time. */
  const grow = async (): Promise<void> => {
    const deed = { action: 'stamping', outcome: 'done' } as const;
    for (let i = 0; i < 3; i++) acknowledged.push(await log.audit.append(house, deed));
    await log.audit.appendMany(Array.from({ length: 257 }, () => ({ principal: house, event: deed })));
    made += 260;
  };

  /** One process from its start to its end. What fails in it is known to `faults`. */
  const life = async (): Promise<void> => {
    const key = parseVerifierKey(sha256, witness.verifierKey, signatureTypes.cosignature);
    assert.ok(key !== undefined);
    const witnesses: readonly Witness[] = [{ url: relay.url, key }];
    const memory: NoteMemory = {
      read: () => faults.at('memory read', async () => remembered),
      write: (note) =>
        faults.at('memory write', async () => {
          remembered = note;
        }),
    };
    const { signer } = log;
    const options = { signer, origin: testOrigin, clock: systemClock, log: silentLog, memory };
    const runner = new LogRunner({ ...options, database: faults, witnesses: { witnesses, cosignatures: 1 } });
    await runner.step();
    await runner.cosign();
  };

  it('has a row for everything that is done, in its order', async () => {
    await grow();
    faults = new Faults(log.test.database);
    await freeLease();
    await life();
    assert.deepEqual(faults.visited, points);
  });

  for (const point of points) {
    for (const when of ['not stored', 'stored'] as const) {
      it(`${point}: failed and ${when}`, async () => {
        await grow();
        await freeLease();
        faults = new Faults(log.test.database, { point, when });
        const failure = await life().then(
          () => undefined,
          (error: unknown) => error,
        );
        assert.equal(faults.cutDone, true, 'the point was reached');
        // Witnesses are not trusted to answer, so their silence is no failure; everything else is told.
        if (!point.startsWith('witness')) assert.match(String(failure), /cut|database-unavailable|cannot be reached/);
        await assertNothingForked();
        faults = new Faults(log.test.database);
        await freeLease();
        await life();
        const size = sizeOf(await log.tiles.checkpoint());
        assert.deepEqual([size, sizeOf(witness.latest(testOrigin)), sizeOf(remembered)], [made, made, made]);
      });
    }
  }

  it('has lost and doubled nothing in all of them, and all that was ever signed is one history', async () => {
    await assertWhole(log.test.database, acknowledged);
  });

  /** What is shown was signed, cosigned, and known to the witness; what is remembered outside is in the tree. */
  const assertNothingForked = async (): Promise<void> => {
    const shown = await log.tiles.checkpoint();
    assert.equal(parseNote(shown)?.signatures.length, 2);
    assert.ok(sizeOf(shown) <= sizeOf(witness.latest(testOrigin)));
    const { rows } = await log.test.database.query<{ size: number }>({ text: 'SELECT size FROM audit.log_head' });
    const head = rows[0]?.size ?? 0;
    assert.ok(sizeOf(witness.latest(testOrigin)) <= head && sizeOf(remembered) <= head);
  };

  /** The process that held it is dead, and its time is over. */
  const freeLease = async (): Promise<void> => {
    await log.test.database.query({ text: `UPDATE audit.log_asking SET until = now() - interval '1 second'` });
  };

  /** Between log and witness: the request is lost, or the answer is. */
  async function startRelay(): Promise<typeof relay> {
    const server: Server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const passing = faults.at('witness', async () => {
          const answer = await fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body });
          const type = answer.headers.get('content-type') ?? '';
          return { status: answer.status, type, text: await answer.text() };
        });
        passing.then(
          ({ status, type, text }) => response.writeHead(status, { 'content-type': type }).end(text),
          () => response.destroy(),
        );
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    return {
      url: `http://127.0.0.1:${address.port}`,
      close: async () => {
        server.closeAllConnections();
        await new Promise((resolve) => {
          server.close(resolve);
        });
      },
    };
  }
});

function sizeOf(note: string | undefined): number {
  return parseCheckpoint(parseNote(note ?? '')?.text ?? '')?.size ?? -1;
}
