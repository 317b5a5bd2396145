// Our witness against the table of answers of the specification, asked by plain HTTP; C2SP tlog-witness, "add-checkpoint".

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningWitness, startWitness } from '../../../scripts/witness-server.ts';
import { verifyEd25519 } from '../../../src/audit/note-signature.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { epochSeconds, frozenClock } from '../../../src/kernel/clock.ts';
import { cosignatureOf } from '../../../src/tlog/cosignature.ts';
import { parseNote, parseVerifierKey, signatureTypes } from '../../../src/tlog/note.ts';
import { encodeAddCheckpoint } from '../../../src/tlog/witness-request.ts';
import { type WitnessTree, witnessTree } from '../../support/witness-tree.ts';

const origin = 'log.example/audit';
const clock = frozenClock('2026-03-04T05:06:07Z');

describe('C2SP tlog-witness: our witness answers', () => {
  let directory: string;
  let tree: WitnessTree;
  let witness: RunningWitness;

  const start = () => startWitness({ directory, name: 'witness.example/w1', logs: [tree.verifierKey], clock });
  const post = (body: string) => fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body });
  const add = async (oldSize: number, size: number, change: { proof?: Uint8Array[]; note?: string } = {}) => {
    const proof = change.proof ?? tree.proof(oldSize, size);
    const response = await post(
      encodeAddCheckpoint({ oldSize, proof, checkpoint: change.note ?? (await tree.note(size)) }),
    );
    return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
  };
  const status = async (...given: Parameters<typeof add>) => (await add(...given)).status;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'yinxin-witness-'));
    tree = witnessTree(origin);
    witness = await start();
  });
  afterEach(async () => {
    await witness.close();
    rmSync(directory, { recursive: true });
  });

  it('200 with its cosignature, which verifies and bears its time, to a first checkpoint, a grown one, and the same again', async () => {
    const key = parseVerifierKey(sha256, witness.verifierKey, signatureTypes.cosignature);
    assert.ok(key !== undefined);
    for (const [oldSize, size] of [
      [0, 5],
      [5, 21],
      [21, 21],
      [21, 32],
    ] as const) {
      const answer = await add(oldSize, size);
      assert.equal(answer.status, 200, `${oldSize} to ${size}: ${answer.body}`);
      const note = parseNote(`${await tree.note(size)}${answer.body}`);
      assert.ok(note !== undefined);
      assert.equal(cosignatureOf(note, key, verifyEd25519)?.epochSeconds, epochSeconds(clock.now()));
      assert.equal(witness.latest(origin), `${await tree.note(size)}${answer.body}`, 'stored before it was said');
    }
  });

  it('404 to a log it does not know', async () => {
    const stranger = witnessTree('log.example/other');
    assert.equal(await status(0, 5, { note: await stranger.note(5) }), 404);
  });

  it('403 to no signature of the key, and to a bad one under its name and id; further unknown ones are ignored', async () => {
    const impostor = witnessTree(origin);
    const good = await tree.note(5);
    const strange = await impostor.note(5);
    const line = strange.slice(strange.indexOf('\u2014'));
    assert.equal(await status(0, 5, { note: strange }), 403);
    const otherText = await tree.note(6);
    const bad = good.slice(0, good.indexOf('\u2014')) + otherText.slice(otherText.indexOf('\u2014'));
    assert.equal(await status(0, 5, { note: bad }), 403);
    assert.equal(await status(0, 5, { note: good + bad.slice(bad.indexOf('\u2014')) }), 403);
    assert.equal(await status(0, 5, { note: good + line }), 200);
    assert.equal(witness.latest(origin)?.includes(line), false, 'and are not kept');
  });

  it('400 to an old size beyond the checkpoint, and to what is no request', async () => {
    assert.equal(await status(6, 5, { proof: [] }), 400);
    assert.equal((await post('old 0\n')).status, 400);
    assert.equal((await post(`old 0\n\nnot a note`)).status, 400);
    assert.equal((await post(`old 00\n\n${await tree.note(5)}`)).status, 400);
  });

  it('409 with the size it knows, as text/x.tlog.size, to every other old size', async () => {
    const conflict = (size: number) => ({ status: 409, type: 'text/x.tlog.size', body: `${size}\n` });
    assert.deepEqual(await add(3, 5), conflict(0));
    assert.equal(await status(0, 8), 200);
    assert.deepEqual(await add(0, 9), conflict(8));
    assert.deepEqual(await add(7, 9), conflict(8));
    assert.deepEqual(await add(9, 9), conflict(8));
    assert.deepEqual(await add(3, 5), conflict(8), 'an older checkpoint');
  });

  it('422 to a proof that does not hold, to another root of the same size, and to a proof where none belongs', async () => {
    assert.equal(await status(0, 8, { proof: [tree.root(1)] }), 422);
    assert.equal(await status(0, 8), 200);
    const fork = await tree.note(9, sha256(tree.root(9)));
    assert.equal(await status(8, 9, { note: fork }), 422);
    assert.equal(await status(8, 9, { proof: [] }), 422);
    assert.equal(await status(8, 12, { proof: [...tree.proof(8, 12), tree.root(1)] }), 422);
    assert.equal(await status(8, 8, { note: await tree.note(8, sha256(tree.root(8))) }), 422);
    assert.equal(await status(8, 8, { proof: [tree.root(8)] }), 422);
    assert.match(witness.latest(origin) ?? '', /^log\.example\/audit\n8\n/);
  });

  it('cosigns the empty tree under its one root only, and 422 to any other', async () => {
    assert.equal(await status(0, 0, { note: await tree.note(0, tree.root(3)) }), 422);
    assert.equal(await status(0, 0), 200);
    assert.equal(await status(0, 7), 200);
    assert.deepEqual((await add(0, 0)).body, '7\n');
  });

  it('cosigns one of two checkpoints that come at once from the same old size', async () => {
    await add(0, 5);
    const answers = await Promise.all([add(5, 9), add(5, 30), add(5, 9), add(5, 30)]);
    assert.deepEqual(
      answers.map((answer) => answer.status).toSorted((a, b) => a - b),
      [200, 409, 409, 409],
    );
  });

  it('remembers after a restart under the same key, and says nothing when its memory is damaged', async () => {
    await add(0, 8);
    const { verifierKey } = witness;
    await witness.close();
    witness = await start();
    assert.equal(witness.verifierKey, verifierKey);
    assert.equal((await add(0, 9)).body, '8\n');
    const [file] = readdirSync(directory).filter((name) => name.endsWith('.note'));
    writeFileSync(join(directory, file ?? ''), '');
    const { error } = console;
    console.error = () => undefined;
    try {
      assert.equal(await status(8, 9), 500);
      assert.equal(await status(0, 9), 500);
    } finally {
      console.error = error;
    }
  });

  it('shows monitors what it cosigned last under the hash of the origin, and 404 before', async () => {
    const hash = Buffer.from(sha256(new TextEncoder().encode(origin))).toString('hex');
    const read = () => fetch(`${witness.url}/${hash}/checkpoint`);
    assert.equal((await read()).status, 404);
    const { body } = await add(0, 8);
    assert.equal(await (await read()).text(), `${await tree.note(8)}${body}`);
  });

  it('413 to a body that is too long, 404 and 405 to other places and methods', async () => {
    assert.equal((await post('x'.repeat(100_000))).status, 413);
    assert.equal((await fetch(`${witness.url}/elsewhere`, { method: 'POST', body: 'x' })).status, 404);
    assert.equal((await fetch(`${witness.url}/add-checkpoint`, { method: 'PUT', body: 'x' })).status, 405);
  });
});
