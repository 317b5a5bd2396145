// Witnesses of the log: cosignatures are asked for, proven, stored and shown; what hostile ones answer changes nothing; C2SP tlog-witness, tlog-cosignature.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningWitness, startWitness } from '../../../scripts/witness-server.ts';
import { logOrigin, restartLog } from '../../../src/audit/log-name.ts';
import { LogRunner, type LogRunnerOptions } from '../../../src/audit/log-runner.ts';
import { verifyEd25519 } from '../../../src/audit/note-signature.ts';
import type { Witness } from '../../../src/audit/witness-client.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { toHex } from '../../../src/kernel/bytes.ts';
import { frozenClock, systemClock } from '../../../src/kernel/clock.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { house } from '../../../src/kernel/principal.ts';
import { parseCheckpoint } from '../../../src/tlog/checkpoint.ts';
import { cosign, cosignatureOf } from '../../../src/tlog/cosignature.ts';
import { noteKey, parseNote, parseVerifierKey, signatureTypes } from '../../../src/tlog/note.ts';
import { logSigner, type TestLog, testLog, testOrigin } from '../../support/audit.ts';

const signers = new Map<object, ReturnType<typeof logSigner>>();
const sizeType = { 'content-type': 'text/x.tlog.size' };
const deed = { action: 'stamping', outcome: 'done' } as const;

describe('audit log with witnesses', () => {
  let log: TestLog;
  let directory: string;
  const open: { close(): Promise<void> }[] = [];

  beforeEach(async () => {
    log = await testLog({ maxConnections: 8 });
    directory = mkdtempSync(join(tmpdir(), 'yinxin-witnesses-'));
  });
  afterEach(async () => {
    for (const thing of open.splice(0)) await thing.close();
    await log.test.close();
    rmSync(directory, { recursive: true });
  });

  const witness = async (name: string): Promise<RunningWitness> => {
    const logs = [log.runner.verifierKey];
    const running = await startWitness({ directory: join(directory, name), name, logs, clock: systemClock });
    open.push(running);
    return running;
  };
  const runnerWith = (
    witnesses: readonly Witness[],
    cosignatures: number,
    change: Partial<LogRunnerOptions> = {},
  ): LogRunner =>
    new LogRunner({
      database: log.test.database,
      signer: log.signer,
      origin: testOrigin,
      clock: systemClock,
      log: silentLog,
      witnesses: { witnesses, cosignatures },
      ...change,
    });
  const append = async (count: number): Promise<void> => {
    await log.audit.appendMany(Array.from({ length: count }, () => ({ principal: house, event: deed })));
  };
  const count = async (table: string): Promise<number> => {
    const { rows } = await log.test.database.query<{ n: number }>({
      text: `SELECT count(*)::int AS n FROM audit.${table}`,
    });
    return rows[0]?.n ?? -1;
  };
  const shownSize = async (): Promise<number> => sizeOf(await log.tiles.checkpoint());

  it('shows the lines of all witnesses after its own, each over the text and verified, as the log grows', async () => {
    const witnesses = [await witness('witness.example/w1'), await witness('witness.example/w2')];
    const runner = runnerWith(witnesses.map(asSetting), 0);
    for (const size of [1, 3, 256, 300, 70, 1]) {
      await append(size);
      await runner.step();
      await runner.cosign();
      const note = parseNote(await log.tiles.checkpoint());
      assert.ok(note !== undefined);
      assert.deepEqual(
        note.signatures.map(({ name }) => name),
        [testOrigin, 'witness.example/w1', 'witness.example/w2'],
      );
      for (const { key } of witnesses.map(asSetting)) assert.ok(cosignatureOf(note, key, verifyEd25519) !== undefined);
    }
    assert.equal(await shownSize(), 631);
    assert.equal(await count('log_cosignature'), 12);
    for (const running of witnesses) assert.equal(sizeOf(running.latest(testOrigin) ?? ''), 631);
  });

  it('shows a checkpoint at once without a policy, and with k only when k witnesses cosigned it; until then the one before', async () => {
    const [first, second] = [await witness('w1'), await witness('w2')];
    const absent = { url: 'http://127.0.0.1:9', key: strangerKey('w3') };
    await append(2);
    await log.runner.step();
    assert.equal(await shownSize(), 2);
    await append(2);
    const three = runnerWith([asSetting(first), asSetting(second), absent], 2);
    await three.step();
    assert.equal(await shownSize(), 2, 'signed, stored, not shown');
    assert.equal(await log.tiles.tile(0, 0, 4), undefined, 'nor what is under it');
    await three.cosign();
    assert.equal(await shownSize(), 4);
    await second.close();
    await append(1);
    await three.step();
    await three.cosign();
    assert.equal(await shownSize(), 4, 'one cosignature is too few');
    assert.equal(sizeOf(first.latest(testOrigin) ?? ''), 5);
  });

  it('lets deeds and the tree go on while no witness answers', async () => {
    const silent = await scripted(() => undefined);
    const runner = runnerWith([silent.witness], 1, { publishEveryMs: 10 });
    await append(3);
    const starting = runner.start();
    for (let i = 0; i < 5; i++) await append(1);
    await starting;
    await append(2);
    while ((await log.audit.queueDepth()) > 0) await pause(20);
    assert.equal(await log.audit.queueDepth(), 0);
    assert.equal(await count('log_checkpoint'), 0, 'who was not heard might know more');
    await runner.stop();
  });

  it('signs nothing before n-k+1 of n witnesses were heard, and then goes on by itself', async () => {
    const [first, second] = [await witness('w1'), await witness('w2')];
    let awake = false;
    const late = await scripted((response, body) => {
      if (!awake) response.writeHead(503).end();
      else void relay(second, body, response);
    });
    const runner = runnerWith([asSetting(first), { ...late.witness, key: asSetting(second).key }], 1);
    await append(2);
    await runner.step();
    assert.equal(await count('log_checkpoint'), 0, 'one of two is not enough where one must cosign');
    awake = true;
    await runner.step();
    assert.equal(await count('log_checkpoint'), 1);
    await runner.cosign();
    assert.equal(await shownSize(), 2);
  });

  describe('rule 4, at the start', () => {
    it('refuses a database that is older than what a witness cosigned, also when it has grown past it since', async () => {
      const w1 = await witness('w1');
      await append(5);
      const runner = runnerWith([asSetting(w1)], 0);
      await runner.step();
      await runner.cosign();
      assert.equal(sizeOf(w1.latest(testOrigin) ?? ''), 5);
      const restored = await testLog();
      open.push(restored.test);
      for (const more of [3, 4]) {
        for (let i = 0; i < more; i++) await restored.audit.append(house, deed);
        const again = runnerWith([asSetting(w1)], 0, { database: restored.test.database });
        await assert.rejects(again.start(), { code: 'audit-fork', message: /restored from an old state.*size 5/ });
      }
      const { rows } = await restored.test.database.query({ text: 'SELECT 1 FROM audit.log_checkpoint' });
      assert.deepEqual(rows, []);
      assert.equal(sizeOf(w1.latest(testOrigin) ?? ''), 5);
    });

    it('refuses a database that signed the same size with another root', async () => {
      const w1 = await witness('w1');
      await append(3);
      const runner = runnerWith([asSetting(w1)], 0);
      await runner.step();
      await runner.cosign();
      const other = await testLog();
      open.push(other.test);
      for (let i = 0; i < 3; i++) await other.audit.append(house, deed);
      await runnerWith([], 0, { database: other.test.database }).step();
      const again = runnerWith([asSetting(w1)], 0, { database: other.test.database });
      await assert.rejects(again.step(), { code: 'audit-fork' });
    });

    it('takes no size for a fork that another process published while it asked', async () => {
      const w1 = await witness('w1');
      await append(2);
      const first = runnerWith([asSetting(w1)], 1);
      await first.step();
      await first.cosign();
      let meanwhile = true;
      const between = await scripted(async (response, body) => {
        if (meanwhile) {
          meanwhile = false;
          await append(2);
          await first.step();
          await first.cosign();
        }
        await relay(w1, body, response);
      });
      const second = runnerWith([{ ...between.witness, key: asSetting(w1).key }], 1);
      await second.step();
      assert.equal(await shownSize(), 4);
    });
  });

  it('stores and shows nothing of what hostile and broken witnesses answer, and goes on', async () => {
    const key = strangerKey('w1');
    const other = signerOf('w1');
    const answers: Readonly<Record<string, (response: ServerResponse, body: string) => unknown>> = {
      'no answer': () => undefined,
      'a closed connection': (response) => response.destroy(),
      'a redirect': (response) => response.writeHead(307, { location: 'http://127.0.0.1:9/add-checkpoint' }).end(),
      '500': (response) => response.writeHead(500).end('oops'),
      '404': (response) => response.writeHead(404).end(),
      '200 with nothing': (response) => response.writeHead(200).end(),
      '200 with a page': (response) => response.writeHead(200).end('<html>hello</html>'),
      '200 with bytes': (response) => response.writeHead(200).end(Buffer.alloc(300, 0xff)),
      '200 without end': (response) => flood(response),
      '200 with a line of another key': async (response, body) =>
        response.writeHead(200).end(await other.line(textOf(body), 1_800_000_000)),
      '200 with a line over another text': async (response, body) =>
        response.writeHead(200).end(await own.line(`${textOf(body)}more\n`, 1_800_000_000)),
      '200 with a line without time': async (response, body) =>
        response.writeHead(200).end(await own.line(textOf(body), 0)),
      '200 with a line of a time that is none': async (response, body) =>
        response.writeHead(200).end(await own.line(textOf(body), Number.MAX_SAFE_INTEGER)),
      '200 with a blank line before the line': async (response, body) =>
        response.writeHead(200).end(`\n${await own.line(textOf(body), 1_800_000_000)}`),
      '200 with a good and a bad line': async (response, body) =>
        response
          .writeHead(200)
          .end((await own.line(textOf(body), 1_800_000_000)) + (await own.line('other\n', 1_800_000_000))),
      '409 without a type': (response) => response.writeHead(409).end('0\n'),
      '409 with no number': (response) => response.writeHead(409, sizeType).end('many\n'),
      '409 with a number beyond all trees': (response) => response.writeHead(409, sizeType).end(`${'9'.repeat(30)}\n`),
      '409 each time with another size': (response) => response.writeHead(409, sizeType).end(`${turn++ % 3}\n`),
      '409 with more than we signed': (response) => response.writeHead(409, sizeType).end('1000000\n'),
      '422': (response) => response.writeHead(422).end(),
    };
    const own = signerOf('w1', key);
    let turn = 0;
    for (const [name, answer] of Object.entries(answers)) {
      let hostile = false;
      const script = await scripted(async (response, body) => {
        if (hostile) await answer(response, body);
        else response.writeHead(200).end(await own.line(textOf(body), 1_800_000_000));
      });
      const runner = runnerWith([{ ...script.witness, key }], 1);
      await append(1);
      await runner.step();
      await runner.cosign();
      const shown = await shownSize();
      assert.equal(shown, await count('entry'), name);
      const lines = await count('log_cosignature');
      hostile = true;
      await append(1);
      assert.equal((await runner.step()).checkpoint?.size, shown + 1, `${name}: it is signed all the same`);
      await runner.cosign();
      assert.equal(await shownSize(), shown, name);
      assert.equal(await count('log_cosignature'), lines, name);
      await append(1);
      assert.equal((await runner.step()).integrated, 1, name);
      assert.equal(runner.forked, undefined, `${name}: no witness can stop a running log by its word`);
      await log.test.database.query({ text: `UPDATE audit.log_asking SET until = now() - interval '1 second'` });
    }
  });

  it('shows what two of three cosigned, whatever time the third one says', async () => {
    const key = strangerKey('w3');
    const own = signerOf('w3', key);
    const lying = await scripted(async (response, body) =>
      response.writeHead(200).end(await own.line(textOf(body), Number.MAX_SAFE_INTEGER)),
    );
    const good = [asSetting(await witness('w1')), asSetting(await witness('w2'))];
    const runner = runnerWith([{ ...lying.witness, key }, ...good], 2);
    await append(1);
    await runner.step();
    await runner.cosign();
    await runner.step();
    await runner.cosign();
    assert.equal(await shownSize(), await count('entry'));
  });

  it('runs by itself from start to stop, and again', async () => {
    const w1 = await witness('w1');
    const runner = runnerWith([asSetting(w1)], 1, { publishEveryMs: 20 });
    open.push({ close: () => runner.stop() });
    for (const size of [1, 2]) {
      await runner.start();
      await append(1);
      while ((await count('log_published')) < size) await pause(20);
      assert.equal(await shownSize(), size);
      assert.equal(sizeOf(w1.latest(testOrigin) ?? ''), size);
      await runner.stop();
    }
  });

  it('leaves a failing witness alone for a while', async () => {
    let asked = 0;
    const script = await scripted((response) => {
      asked++;
      response.writeHead(500).end();
    });
    const runner = runnerWith([script.witness], 0);
    await append(1);
    await runner.step();
    for (let i = 0; i < 10; i++) await runner.cosign();
    assert.equal(asked, 1);
  });

  it('lets one of several processes ask, and another when that one is gone', async () => {
    const w1 = await witness('w1');
    let asked = 0;
    const script = await scripted((response, body) => {
      asked++;
      void relay(w1, body, response);
    });
    const policy = [{ ...script.witness, key: asSetting(w1).key }];
    const [first, second] = [runnerWith(policy, 1), runnerWith(policy, 1)];
    await append(1);
    await first.step();
    await second.step();
    await first.cosign();
    asked = 0;
    for (let i = 0; i < 5; i++) {
      await append(1);
      await first.step();
      await Promise.all([first.cosign(), second.cosign()]);
      assert.equal(await shownSize(), i + 2);
    }
    assert.equal(asked, 5);
    await append(1);
    await first.step();
    await log.test.database.query({ text: `UPDATE audit.log_asking SET until = now() - interval '1 second'` });
    await second.cosign();
    assert.equal(await shownSize(), 7);
  });

  it('goes on under a new name after an operator gave up what was lost, and says in the log what the old name stood for', async () => {
    const w1 = await witness('w1');
    await append(5);
    const runner = runnerWith([asSetting(w1)], 1);
    const lost = (await runner.step()).checkpoint;
    await runner.cosign();
    assert.ok(lost !== undefined);
    const { test, audit } = await testLog();
    open.push(test);
    const { database } = test;
    await audit.append(house, deed);
    const publicUrl = 'https://trust.example.cn';
    assert.equal(await logOrigin(database, publicUrl), testOrigin);
    await assert.rejects(runnerWith([asSetting(w1)], 1, { database }).step(), { code: 'audit-fork' });
    await restartLog({ database, audit, clock: frozenClock('2026-03-04T05:06:07.89Z'), principal: house, last: lost });
    const origin = await logOrigin(database, publicUrl);
    assert.equal(origin, 'trust.example.cn/log/20260304T050607Z');
    const renamed = new LogRunner({ database, signer: log.signer, origin, clock: systemClock, log: silentLog });
    const logs = [renamed.verifierKey];
    const informed = await startWitness({ directory: join(directory, 'w1'), name: 'w1', logs, clock: systemClock });
    open.push(informed);
    const again = runnerWith([asSetting(informed)], 1, { database, origin });
    assert.equal((await again.step()).checkpoint?.origin, origin);
    await again.cosign();
    assert.equal(sizeOf(informed.latest(origin) ?? ''), 2);
    const { rows } = await database.query<{ leaf: Uint8Array }>({ text: 'SELECT leaf FROM audit.entry' });
    const said = rows.map(({ leaf }) => Buffer.from(leaf).toString()).find((leaf) => leaf.includes('log.restarted'));
    const facts = `"facts":{"origin":"${testOrigin}","root":"${toHex(lost.root)}","size":5}`;
    assert.ok(said?.includes(facts), said);
  });

  it('keeps what witnesses said: lines are neither changed nor removed', async () => {
    const w1 = await witness('w1');
    const runner = runnerWith([asSetting(w1)], 1);
    await append(1);
    await runner.step();
    await runner.cosign();
    for (const text of [
      `UPDATE audit.log_cosignature SET line = ''`,
      'DELETE FROM audit.log_cosignature',
      'DELETE FROM audit.log_published',
    ])
      await assert.rejects(log.test.database.query({ text }), /neither changed nor removed/);
  });

  /** A witness of our making: `undefined` answers never. */
  async function scripted(answer: (response: ServerResponse, body: string) => unknown): Promise<{ witness: Witness }> {
    const server: Server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => void answer(response, body));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    open.push({
      close: async () => {
        server.closeAllConnections();
        await new Promise((resolve) => {
          server.close(resolve);
        });
      },
    });
    return { witness: { url: `http://127.0.0.1:${address.port}`, key: strangerKey('scripted') } };
  }
});

function asSetting({ url, verifierKey }: RunningWitness): Witness {
  const key = parseVerifierKey(sha256, verifierKey, signatureTypes.cosignature);
  assert.ok(key !== undefined);
  return { url, key };
}

function strangerKey(name: string): Witness['key'] {
  const signer = logSigner();
  const key = noteKey(sha256, name, signer.spki, signatureTypes.cosignature);
  assert.ok(key !== undefined);
  signers.set(key, signer);
  return key;
}

function signerOf(name: string, key = strangerKey(name)) {
  const line = (text: string, epochSeconds: number) =>
    cosign(text, key, epochSeconds, async (data) => signers.get(key)?.sign(data, 'raw') ?? new Uint8Array());
  return { line };
}

/** The text of the checkpoint in a request. */
function textOf(body: string): string {
  return parseNote(body.slice(body.indexOf('\n\n') + 2))?.text ?? '';
}

async function relay(to: RunningWitness, body: string, response: ServerResponse): Promise<void> {
  const answer = await fetch(`${to.url}/add-checkpoint`, { method: 'POST', body });
  response
    .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
    .end(await answer.text());
}

function flood(response: ServerResponse): void {
  response.writeHead(200);
  const more = () => {
    while (!response.destroyed && response.write(Buffer.alloc(16_384, 0x61)));
  };
  response.on('drain', more);
  more();
}

function sizeOf(note: string): number {
  return parseCheckpoint(parseNote(note)?.text ?? '')?.size ?? -1;
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
