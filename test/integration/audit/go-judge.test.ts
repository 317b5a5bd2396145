// A foreign judge of the served log: Go's sumdb/note and sumdb/tlog open the checkpoint, read the tiles and check 1,000 proofs of the API; C2SP, RFC 9162.

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWitness } from '../../../scripts/witness-server.ts';
import { logOrigin } from '../../../src/audit/log-name.ts';
import { LogRunner } from '../../../src/audit/log-runner.ts';
import { consistencyPath } from '../../../src/audit/tree-store.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { fromHex, toBase64, utf8 } from '../../../src/kernel/bytes.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { house } from '../../../src/kernel/principal.ts';
import { parseCheckpoint } from '../../../src/tlog/checkpoint.ts';
import { parseNote, parseVerifierKey, signatureTypes } from '../../../src/tlog/note.ts';
import { projectRoot } from '../../support/database.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const modules = '/usr/share/gocode';
const missing =
  spawnSync('go', ['version']).status !== 0 || !existsSync(join(modules, 'src/golang.org/x/mod/sumdb/tlog'))
    ? 'no Go with x/mod (Debian: apt-get install golang-go golang-golang-x-mod-dev)'
    : undefined;
const proofs = 1_000;
const parallel = 8;

(missing === undefined ? describe : describe.skip)(
  `audit log, judged by Go's sumdb/note and sumdb/tlog${missing === undefined ? '' : `: ${missing}`}`,
  function () {
    let server: TestServer;
    let directory: string;
    let judge: string;
    let claims: string;

    before(async () => {
      directory = mkdtempSync(join(tmpdir(), 'yinxin-go-'));
      judge = join(directory, 'judge');
      const source = join(projectRoot(), 'test/judges/LogJudge.go');
      const environment = {
        ...process.env,
        GO111MODULE: 'off',
        GOPATH: modules,
        GOCACHE: join(tmpdir(), 'yinxin-go-cache'),
      };
      execFileSync('go', ['build', '-o', judge, source], { cwd: directory, env: environment });
      server = await startServer();
      claims = await claimsOf(server, directory);
    });
    after(async () => {
      await server.stop();
      rmSync(directory, { recursive: true });
    });

    it('opens the checkpoint with the cosignature under it, and accepts 1,000 inclusion proofs, all consistency proofs and every tile', async () => {
      const verdict = await judged(judge, `${server.url}/log`, claims);
      assert.match(verdict.output, /^size \d{4,} inclusion 1000 consistency 40 witness 1\n$/);
      assert.equal(verdict.status, 0);
    });

    it('finds one flipped byte in a tile, in a path, in a leaf hash, in the checkpoint', async () => {
      const mirror = await lyingMirror(server.url, '/log/tile/0/001');
      try {
        const verdict = await judged(judge, `${mirror.url}/log`, claims);
        assert.match(verdict.output, /^REFUSED: .*tile/);
        assert.equal(verdict.status, 1);
      } finally {
        mirror.server.close();
      }
      const lines = claims.split('\n');
      for (const [kind, place] of [
        ['inclusion', 2],
        ['inclusion', 3],
        ['inclusion', 4],
        ['consistency', 2],
        ['consistency', 3],
      ] as const) {
        const number = lines.findIndex((line) => line.startsWith(kind));
        const words = (lines[number] ?? '').split(' ');
        words[place] = flipped(words[place] ?? '');
        const changed = lines.with(number, words.join(' ')).join('\n');
        assert.equal((await judged(judge, `${server.url}/log`, changed)).status, 1, `${kind} ${place}`);
      }
    });
  },
);

/** Entries, checkpoints along the way, one of them cosigned, and the proofs of the API, as lines for the judge. */
async function claimsOf(server: TestServer, directory: string): Promise<string> {
  const { database, audit, keys, config } = server.services;
  const old: { size: number; root: Uint8Array }[] = [];
  const signer = await keys.signer('audit-log', 'log');
  const origin = await logOrigin(database, config.publicUrl);
  const options = { database, signer, origin, clock: systemClock, log: silentLog };
  const grower = new LogRunner(options);
  for (let i = 0; i < 40; i++) {
    const deed = { principal: house, event: { action: 'stamping', outcome: 'done' } as const };
    await audit.appendMany(Array.from({ length: 40 + i }, () => deed));
    const { checkpoint } = await grower.step();
    if (checkpoint !== undefined) old.push(checkpoint);
  }
  const logs = [grower.verifierKey];
  const witness = await startWitness({
    directory: join(directory, 'w'),
    name: 'w.example/1',
    logs,
    clock: systemClock,
  });
  const key = parseVerifierKey(sha256, witness.verifierKey, signatureTypes.cosignature);
  assert.ok(key !== undefined);
  const witnesses = { witnesses: [{ url: witness.url, key }], cosignatures: 1 };
  const runner = new LogRunner({ ...options, witnesses });
  await server.services.logRunner.stop(); // from here on nothing is signed that the witness has not seen
  await runner.step();
  await runner.cosign();
  await witness.close();
  const served = parseCheckpoint(parseNote(await (await fetch(`${server.url}/log/checkpoint`)).text())?.text ?? '');
  assert.ok(served !== undefined && served.size > 1_500 && old.length >= 40);
  const lines = [`key ${grower.verifierKey}`, `witness ${witness.verifierKey}`];
  for (const { size, root } of old.slice(0, 40)) {
    const path = await consistencyPath(database, size, served.size);
    lines.push(`consistency ${size} ${toBase64(root)} ${path.map(toBase64).join(',')}`);
  }
  const token = await server.systemToken();
  const indexes = Array.from({ length: proofs }, (_, i) => Math.floor((i * served.size) / proofs));
  const fetchProofs = async (): Promise<void> => {
    for (let index = indexes.pop(); index !== undefined; index = indexes.pop()) {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${server.url}/api/v1/audit/entries/${index}/proof`, { headers });
      const proof = (await response.json()) as { leafHash: string; path: string[]; checkpoint: string };
      assert.equal(response.status, 200);
      const path = proof.path.map(base64OfHex).join(',');
      lines.push(`inclusion ${index} ${base64OfHex(proof.leafHash)} ${path} ${toBase64(utf8(proof.checkpoint))}`);
    }
  };
  await Promise.all(Array.from({ length: parallel }, fetchProofs));
  return `${lines.join('\n')}\n`;
}

async function judged(judge: string, url: string, claims: string): Promise<{ status: number | null; output: string }> {
  const child = spawn(judge, [url], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.on('error', () => undefined); // it may end at the first claim that it refuses
  child.stdin.end(claims);
  return new Promise((resolve) => {
    child.once('close', (status) => resolve({ status, output }));
  });
}

/** Gives what `url` gives, but for one bit of one file. */
async function lyingMirror(url: string, path: string): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    void (async () => {
      const original = await fetch(`${url}${request.url ?? ''}`);
      const bytes = Buffer.from(await original.arrayBuffer());
      if (request.url === path) bytes[100] = (bytes[100] ?? 0) ^ 1;
      response.writeHead(original.status).end(bytes);
    })();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { url: `http://127.0.0.1:${address.port}`, server };
}

function flipped(base64: string): string {
  const bytes = Buffer.from(base64.split(',')[0] ?? '', 'base64');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return [bytes.toString('base64'), ...base64.split(',').slice(1)].join(',');
}

function base64OfHex(hex: string): string {
  return toBase64(fromHex(hex) ?? new Uint8Array());
}
