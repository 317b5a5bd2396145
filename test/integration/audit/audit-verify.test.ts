// The offline checker: accepts what was logged, and names what was changed, whoever changed it.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { directorySource, urlSource } from '../../../src/cli/audit-log-source.ts';
import { verifyLog } from '../../../src/cli/audit-verify.ts';
import { verifyProof } from '../../../src/cli/audit-verify-proof.ts';
import { toBase64, toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { house } from '../../../src/kernel/principal.ts';
import { encodeReceipt } from '../../../src/audit/receipt.ts';
import { encodeProofFile } from '../../../src/tlog/proof-file.ts';
import { tilesOfLevel } from '../../../src/tlog/tile.ts';
import { tilePath } from '../../../src/tlog/tile-path.ts';
import { logSigner, type TestLog, testLog, testOrigin } from '../../support/audit.ts';
import { LogRunner } from '../../../src/audit/log-runner.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { silentLog } from '../../../src/kernel/log.ts';

const size = 530;

describe('audit verify', () => {
  let log: TestLog;
  let directory: string;
  let verifierKey: string;

  before(async () => {
    log = await testLog();
    for (let i = 0; i < size; i++)
      await log.audit.append(house, {
        action: 'stamping',
        outcome: 'done',
        objectId: `stp_${i}`,
        facts: { attempt: i },
      });
    await log.runner.step();
    ({ verifierKey } = log.runner);
  });
  after(async () => {
    await log.test.close();
  });
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'yinxin-log-'));
    await exportLog(log, directory);
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const verdict = (key = verifierKey) => verifyLog({ source: directorySource(directory), verifierKey: key });
  const change = (path: string, edit: (bytes: Buffer) => Uint8Array): void => {
    const file = join(directory, path);
    writeFileSync(file, edit(readFileSync(file)));
  };
  const flip = (at: number) => (bytes: Buffer) => {
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes;
  };

  it('accepts the log as it was published, from a directory and from a URL', async () => {
    assert.deepEqual(await verdict(), {
      exitStatus: 0,
      origin: testOrigin,
      size,
      findings: [{ code: 'log-verified', severity: 'info', detail: `${size} entries hash to the signed root` }],
      note: readFileSync(join(directory, 'checkpoint'), 'utf8'),
    });
    const server = createServer((request, response) => {
      const path = (request.url ?? '').replace(/^\/log\//, '');
      const known = path === 'checkpoint' || path === 'key' || path.startsWith('tile/');
      try {
        response.end(known ? readFileSync(join(directory, path)) : '');
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    try {
      const pinned = await verifyLog({ source: urlSource(`http://127.0.0.1:${port}`), verifierKey });
      assert.equal(pinned.exitStatus, 0);
      const offered = await verifyLog({ source: urlSource(`http://127.0.0.1:${port}/log/`) });
      assert.equal(offered.exitStatus, 0);
      assert.deepEqual(
        offered.findings.map(({ code }) => code),
        ['log-verified', 'key-not-pinned'],
      );
    } finally {
      server.close();
    }
    const gone = await verifyLog({ source: urlSource(`http://127.0.0.1:${port}`), verifierKey });
    assert.equal(gone.exitStatus, 2);
    assert.equal(gone.findings[0]?.code, 'source-unreadable');
  });

  it('names the entry in which one byte was changed', async () => {
    for (const [path, at, entry] of [
      ['tile/entries/000', 40, 0],
      ['tile/entries/001', 40, 256],
      ['tile/entries/002.p/18', 40, 512],
    ] as const) {
      change(path, flip(at));
      const report = await verdict();
      assert.equal(report.exitStatus, 1);
      assert.equal(report.findings[0]?.code, 'entry-altered');
      assert.equal(report.firstBadEntry, entry);
      change(path, flip(at));
    }
    change('tile/entries/001', (bytes) =>
      Buffer.from(bytes.toString('latin1').replace('"attempt":300', '"attempt":301'), 'latin1'),
    );
    assert.equal((await verdict()).firstBadEntry, 300);
  });

  it('names the group when entry and tile were changed together', async () => {
    change('tile/entries/001', (bytes) =>
      Buffer.from(bytes.toString('latin1').replace('"attempt":300', '"attempt":301'), 'latin1'),
    );
    change('tile/0/001', flip(32 * 44));
    const report = await verdict();
    assert.equal(report.findings[0]?.code, 'entries-altered');
    assert.equal(report.firstBadEntry, 256);
  });

  it('finds two entries that changed places, one that was cut out, and a missing bundle', async () => {
    change('tile/entries/000', (bytes) => {
      const length = 2 + bytes.readUInt16BE(0);
      const next = 2 + bytes.readUInt16BE(length);
      const [first, second] = [bytes.subarray(0, length), bytes.subarray(length, length + next)];
      return Buffer.concat([second, first, bytes.subarray(length + next)]);
    });
    assert.equal((await verdict()).firstBadEntry, 0);
    change('tile/entries/000', (bytes) => bytes.subarray(2 + bytes.readUInt16BE(0)));
    assert.equal((await verdict()).findings[0]?.code, 'entry-altered');
    rmSync(join(directory, 'tile/entries/000'));
    const report = await verdict();
    assert.equal(report.exitStatus, 1);
    assert.equal(report.firstBadEntry, 0);
  });

  it('finds one changed byte in any tile of any level', async () => {
    for (const path of ['tile/0/000', 'tile/0/001', 'tile/0/002.p/18', 'tile/1/000.p/2']) {
      change(path, flip(17));
      const report = await verdict();
      assert.equal(report.exitStatus, 1);
      assert.equal(report.findings[0]?.code, 'tile-altered');
      assert.ok(report.findings[0]?.detail.startsWith(path));
      change(path, flip(17));
    }
  });

  it('refuses a checkpoint that was changed, is of another key, or of another log', async () => {
    change('checkpoint', (bytes) => Buffer.from(bytes.toString().replace(`\n${size}\n`, `\n${size - 1}\n`)));
    assert.equal((await verdict()).findings[0]?.code, 'checkpoint-signature-bad');
    await exportLog(log, directory);
    const { database } = log.test;
    const options = { database, clock: systemClock, log: silentLog };
    const other = new LogRunner({ ...options, signer: logSigner(), origin: testOrigin });
    assert.equal((await verdict(other.verifierKey)).findings[0]?.code, 'checkpoint-signature-bad');
    const renamed = new LogRunner({ ...options, signer: log.signer, origin: 'other.example/log' });
    assert.equal((await verdict(renamed.verifierKey)).findings[0]?.code, 'checkpoint-signature-bad');
    assert.equal((await verdict('nonsense')).exitStatus, 2);
  });

  it('verifies one proof as tlog-proof and as JSON, and says what is wrong with a bad one', async () => {
    const proof = await log.proofs.inclusion(300);
    const { leaf } = await log.audit.entry(300);
    const file = utf8(encodeReceipt({ proof, leaf, opened: {} }));
    assert.equal(verifyProof({ file, verifierKey }).exitStatus, 0);
    const plain = utf8(encodeProofFile({ ...proof }));
    assert.equal(verifyProof({ file: plain, verifierKey }).findings[0]?.code, 'leaf-missing');
    assert.equal(verifyProof({ file: plain, verifierKey, leaf }).exitStatus, 0);
    const json = { ...proof, leafHash: toHex(proof.leafHash), path: proof.path.map(toHex) };
    const hashOnly = verifyProof({ file: utf8(JSON.stringify(json)), verifierKey });
    assert.equal(hashOnly.exitStatus, 0);
    assert.equal(hashOnly.findings[1]?.code, 'leaf-hash-only');
    const withLeaf = verifyProof({ file: utf8(JSON.stringify({ ...json, leaf: toBase64(leaf) })), verifierKey });
    assert.deepEqual(
      withLeaf.findings.map(({ code }) => code),
      ['included'],
    );
    const other = (await log.audit.entry(301)).leaf;
    assert.equal(
      verifyProof({ file: utf8(JSON.stringify(json)), verifierKey, leaf: other }).findings[0]?.code,
      'leaf-differs',
    );
    assert.equal(verifyProof({ file, verifierKey, leaf: other }).findings[0]?.code, 'inclusion-failed');
    const moved = utf8(JSON.stringify({ ...json, index: 301 }));
    assert.equal(verifyProof({ file: moved, verifierKey }).findings[0]?.code, 'inclusion-failed');
    assert.equal(verifyProof({ file: utf8('{}'), verifierKey }).exitStatus, 2);
    assert.equal(verifyProof({ file: utf8('{"index":1'), verifierKey }).exitStatus, 2);
  });

  it('accepts the empty log', async () => {
    const empty = await testLog();
    try {
      await empty.runner.step();
      rmSync(directory, { recursive: true });
      await exportLog(empty, directory);
      assert.equal((await verdict(empty.runner.verifierKey)).exitStatus, 0);
      assert.deepEqual(readdirSync(directory).sort(), ['checkpoint', 'key']);
      assert.ok(statSync(join(directory, 'key')).size > 0);
    } finally {
      await empty.test.close();
    }
  });
});

/** What a server of static files would hold. */
async function exportLog(log: TestLog, directory: string): Promise<void> {
  const write = (path: string, bytes: Uint8Array | string): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), bytes);
  };
  const checkpoint = await log.tiles.checkpoint();
  write('checkpoint', checkpoint);
  write('key', log.tiles.verifierKey());
  const leaves = Number(checkpoint.split('\n')[1]);
  for (const level of [0, 1, 2]) {
    for (const { index, width } of tilesOfLevel(level, leaves)) {
      const paths = [tilePath({ level, index, width })];
      if (level === 0) paths.push(tilePath({ level: 'entries', index, width }));
      for (const path of paths) write(path, (await log.tiles.resource(path)) ?? '');
    }
  }
}
