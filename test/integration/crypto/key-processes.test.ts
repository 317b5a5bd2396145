// A key folder shared by processes: of several that make, rotate or retire a key at the same moment, each deed is done once; POSIX link(2).

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FileKeyStore } from '../../../src/crypto/file-key-store.ts';
import { systemClock } from '../../../src/kernel/clock.ts';

const storeModule = pathToFileURL(join(import.meta.dirname, '../../../src/crypto/file-key-store.js')).href;
const processes = 4;

/** Waits for the same moment in all processes, then does `deed` and prints what came of it. */
const script = (deed: string) => `
  const { FileKeyStore } = await import(${JSON.stringify(storeModule)});
  const [directory, start] = process.argv.slice(1);
  const clock = { now: () => new Date() };
  const store = new FileKeyStore({ directory, keyEncryptionKey: new Uint8Array(32).fill(5), clock });
  await new Promise((resolve) => setTimeout(resolve, Number(start) - Date.now()));
  const outcome = await (${deed})(store).then((key) => key.name, (error) => error.code);
  console.log(outcome);
`;

describe('A key folder shared by processes', () => {
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-processes-'));
  const store = () => new FileKeyStore({ directory, keyEncryptionKey: new Uint8Array(32).fill(5), clock: systemClock });
  after(() => rmSync(directory, { recursive: true, force: true }));

  async function atOnce(deed: string): Promise<string[]> {
    const start = String(systemClock.now().getTime() + 1500);
    const one = () =>
      new Promise<string>((resolve, reject) => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', script(deed), directory, start]);
        let out = '';
        child.stdout.on('data', (part: Buffer) => {
          out += part.toString();
        });
        child.stderr.on('data', (part: Buffer) => reject(new Error(part.toString())));
        child.on('close', () => resolve(out.trim()));
      });
    return Promise.all(Array.from({ length: processes }, one));
  }

  it('has one key of a name', async () => {
    const request = "{ name: 'tsa', purpose: 'time-stamp', algorithm: 'ES256' }";
    assert.deepEqual(await atOnce(`(store) => store.create(${request})`), ['tsa', 'tsa', 'tsa', 'tsa']);
    assert.deepEqual(readdirSync(directory), ['tsa.key.json']);
  });

  it('has one successor, activated by one', async () => {
    assert.deepEqual(await atOnce("(store) => store.prepare('tsa')"), ['tsa.v2', 'tsa.v2', 'tsa.v2', 'tsa.v2']);
    const outcomes = await atOnce("(store) => store.change('tsa.v2', 'activate')");
    assert.deepEqual(outcomes.sort(), ['key-state-wrong', 'key-state-wrong', 'key-state-wrong', 'tsa.v2']);
    assert.deepEqual(
      (await store().family('tsa')).map(({ state }) => state),
      ['retiring', 'active'],
    );
  });

  it('loses no deed when different ones meet', async () => {
    const deeds = "(store) => process.pid % 2 ? store.change('tsa', 'retire') : store.prepare('tsa')";
    const outcomes = await atOnce(deeds);
    const states = (await store().family('tsa')).map(({ name, state }) => `${name} ${state}`);
    assert.equal(states.includes('tsa retired'), outcomes.includes('tsa'));
    assert.equal(states.includes('tsa.v3 pending'), outcomes.includes('tsa.v3'));
  });
});
