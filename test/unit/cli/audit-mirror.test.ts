// A mirror that grows with its log, an auditor who remembers, and servers that lie, stall or send too much.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directorySource, type LogSource, urlSource } from '../../../src/cli/audit-log-source.ts';
import { mirrorLog } from '../../../src/cli/audit-mirror.ts';
import { verifyLog } from '../../../src/cli/audit-verify.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { freshLogSigner, syntheticLeaf, writeMirror } from '../../support/mirror-files.ts';

const origin = 'trust.example.cn/log';
const signer = freshLogSigner();

describe('A mirror of a log, and an auditor who remembers', () => {
  let folder: string;
  let verifierKey: string;
  const at = (name: string) => join(folder, name);
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yinxin-mirror-'));
    for (const size of [0, 300, 512, 1000, 66_000])
      verifierKey = await writeMirror({ directory: at(`log-${size}`), size, signer, origin });
    const leafAt = (index: number) => syntheticLeaf(index === 299 ? 299_299 : index);
    await writeMirror({ directory: at('log-fork'), size: 1000, signer, origin, leafAt });
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const log = (name: string | number) => directorySource(at(`log-${name}`));
  const mirror = (from: string | number | LogSource, directory: string) =>
    mirrorLog({ source: typeof from === 'object' ? from : log(from), directory: at(directory), keys: [verifierKey] });
  const judge = (source: LogSource, since?: string) =>
    verifyLog({ source, verifierKey, ...(since === undefined ? {} : { since }) });
  const note = (name: string | number) => readFileSync(at(`log-${name}/checkpoint`), 'utf8');
  const filesOf = (directory: string) =>
    readdirSync(at(directory), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(at(directory).length))
      .sort();

  it('is the log itself, file by file, however it grew', async () => {
    for (const size of [0, 300, 512, 1000, 66_000]) {
      const report = await mirror(size, 'grown');
      assert.deepEqual([report.exitStatus, report.size], [0, size], JSON.stringify(report.findings));
      assert.deepEqual(filesOf('grown'), filesOf(`log-${size}`));
      for (const file of filesOf('grown'))
        assert.deepEqual(readFileSync(at(`grown${file}`)), readFileSync(at(`log-${size}${file}`)), file);
      assert.equal((await judge(directorySource(at('grown')))).exitStatus, 0);
    }
  });

  it('that holds a pipe, a device, a folder or a huge file in the place of a tile is not judged, at once', async () => {
    const bundle = at('odd/tile/entries/000');
    await mirror(300, 'odd');
    const odd: Readonly<Record<string, () => void>> = {
      pipe: () => execFileSync('mkfifo', [bundle]),
      device: () => symlinkSync('/dev/zero', bundle),
      folder: () => mkdirSync(bundle),
      huge: () => {
        writeFileSync(bundle, '');
        truncateSync(bundle, 2 ** 40);
      },
    };
    for (const [what, put] of Object.entries(odd)) {
      rmSync(bundle, { recursive: true });
      put();
      const report = await judge(directorySource(at('odd')));
      assert.deepEqual([report.exitStatus, report.findings[0]?.code], [2, 'source-unreadable'], what);
    }
  });

  it('fetches only what is new, and takes up a run that was cut off', async () => {
    await mirror(300, 'cut');
    const asked: string[] = [];
    let left = 0;
    const failing = (until: () => boolean): LogSource => ({
      read: async (path, most) => {
        asked.push(path);
        if (until()) throw new Error('the line is down');
        return log(1000).read(path, most);
      },
    });
    await assert.rejects(
      mirror(
        failing(() => asked.some((path) => path.includes('entries')) && left-- < 0),
        'cut',
      ),
      /line is down/,
    );
    assert.equal(readFileSync(at('cut/checkpoint'), 'utf8'), note(300));
    asked.length = 0;
    assert.equal(
      (
        await mirror(
          failing(() => false),
          'cut',
        )
      ).exitStatus,
      0,
    );
    assert.ok(!asked.includes('tile/entries/000'));
    assert.deepEqual(filesOf('cut'), filesOf('log-1000'));
  });

  it('refuses a log that forgot or rewrote what it had, and keeps nothing of what is not under the signed root', async () => {
    await mirror(512, 'firm');
    const before = filesOf('firm');
    assert.equal((await mirror(300, 'firm')).findings[0]?.code, 'log-shrank');
    assert.equal((await mirror('fork', 'firm')).findings[0]?.code, 'log-forked');
    const lying = (lie: RegExp): LogSource => ({
      read: async (path, most) => {
        const bytes = Buffer.from((await log(1000).read(path, most)) ?? []);
        if (lie.test(path)) bytes[40] = (bytes[40] ?? 0) ^ 1;
        return bytes.length === 0 ? undefined : bytes;
      },
    });
    const entry = await mirror(lying(/entries\/002/), 'firm');
    assert.deepEqual([entry.exitStatus, entry.findings[0]?.code, entry.firstBadEntry], [1, 'entry-altered', 512]);
    assert.equal((await mirror(lying(/tile\/0\/002/), 'firm')).findings[0]?.code, 'tile-altered');
    assert.equal((await mirror(lying(/checkpoint/), 'firm')).findings[0]?.code, 'checkpoint-signature-bad');
    assert.deepEqual(filesOf('firm'), before);
    assert.equal((await mirror(1000, 'firm')).exitStatus, 0);
  });

  it('continues from a remembered checkpoint: reads only what is new, and finds shrinking, forking and new faults', async () => {
    const asked: string[] = [];
    const source: LogSource = {
      read: async (path, most) => {
        asked.push(path);
        return log(66_000).read(path, most);
      },
    };
    const good = await judge(source, note(1000));
    assert.deepEqual([good.exitStatus, good.findings[0]?.code, good.note], [0, 'log-continued', note(66_000)]);
    assert.ok(!asked.includes('tile/entries/002') && asked.includes('tile/entries/003'));
    assert.equal((await judge(log(1000), note(1000))).exitStatus, 0);
    assert.equal((await judge(log(512), note(1000))).findings[0]?.code, 'log-shrank');
    assert.equal((await judge(log('fork'), note(512))).findings[0]?.code, 'log-forked');
    assert.equal((await judge(log('fork'), note(1000))).findings[0]?.code, 'log-forked');
    assert.equal((await judge(log(512), 'nonsense')).exitStatus, 2);
    const file = at('log-1000/tile/entries/002');
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.from(bytes).fill(0x20, 500, 510));
    const report = await judge(log(1000), note(300));
    writeFileSync(file, bytes);
    assert.deepEqual([report.exitStatus, report.findings[0]?.code, report.firstBadEntry], [1, 'entry-altered', 513]);
  });
});

describe('A hostile server of a log', () => {
  const serving = async <T>(
    listener: RequestListener,
    work: (url: string, server: Server) => Promise<T>,
  ): Promise<T> => {
    const server = createServer(listener);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    try {
      return await work(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, server);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  };

  it('that never ends its answer, redirects, or packs gigabytes small is given up', async () => {
    const endless: RequestListener = (_request, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(65_536))) if (response.destroyed) return;
        response.once('drain', more);
      };
      more();
    };
    const report = await serving(endless, (url) => verifyLog({ source: urlSource(url) }));
    assert.deepEqual([report.exitStatus, report.findings[0]?.code], [2, 'source-unreadable']);
    assert.match(report.findings[0]?.detail ?? '', /too large/);
    const elsewhere: RequestListener = (_request, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    assert.equal((await serving(elsewhere, (url) => verifyLog({ source: urlSource(url) }))).exitStatus, 2);
  });

  it('that is busy for a moment is asked again, and one that takes too long in all is given up', async () => {
    let times = 0;
    const busy: RequestListener = (_request, response) => response.writeHead(times++ < 2 ? 503 : 404).end();
    assert.equal(await serving(busy, (url) => urlSource(url).read('checkpoint', 100)), undefined);
    assert.equal(times, 3);
    const late = serving(busy, (url) => urlSource(url, { limitMinutes: -1 }).read('checkpoint', 100));
    await assert.rejects(late, /took more than/);
  });

  it('that claims a tree of nine thousand million million entries costs no more than it serves', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'yinxin-vast-'));
    try {
      const key = await writeMirror({ directory: folder, size: 3, signer, origin });
      mkdirSync(join(folder, 'x'));
      const { checkpointText } = await import('../../../src/tlog/checkpoint.ts');
      const { signNote } = await import('../../../src/tlog/note.ts');
      const { logKey } = await import('../../support/mirror-files.ts');
      const text = checkpointText({ origin, size: Number.MAX_SAFE_INTEGER, root: new Uint8Array(32) });
      const vast = utf8(await signNote(text, logKey(signer, origin), (data) => signer.sign(data, 'raw')));
      const source: LogSource = {
        read: async (path, most) => (path === 'checkpoint' ? vast : directorySource(folder).read(path, most)),
      };
      const report = await verifyLog({ source, verifierKey: key });
      assert.equal(report.exitStatus, 1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
