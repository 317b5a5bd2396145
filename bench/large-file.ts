// A PDF of a gigabyte stamped by `yinxin stamp`: memory and time of that process, and what foreign readers say of the product. Reports, asserts nothing.

import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monotonicMs } from '../src/kernel/clock.ts';
import { clientToken } from '../test/support/client-token.ts';
import { startProcess } from '../test/support/service-process.ts';

const mebibyte = 1024 * 1024;
const pageCount = 1000;
const sizes = [1, 100, 1024, 2048].map((size) => size * mebibyte);
const pollMs = 10;

interface Measured {
  readonly seconds: number;
  readonly peakMiB: number;
  readonly status: number | null;
  readonly output: string;
}

/** Pages, and one stream that fills the file up to its size: what a scanned volume is to a reader that decodes no picture. */
function writeLargePdf(path: string, sizeBytes: number): void {
  const descriptor = openSync(path, 'w');
  const offsets: number[] = [];
  let position = 0;
  const write = (text: string): void => {
    position += writeSync(descriptor, text, position, 'latin1');
  };
  const object = (number: number, body: string): void => {
    offsets[number] = position;
    write(`${number} 0 obj\n${body}\nendobj\n`);
  };
  const pages = Array.from({ length: pageCount }, (_, i) => 5 + i);
  write('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n');
  object(1, '<< /Type /Catalog /Pages 2 0 R >>');
  object(
    2,
    `<< /Type /Pages /Kids [${pages.map((n) => `${n} 0 R`).join(' ')}] /Count ${pageCount} /MediaBox [0 0 595 842] >>`,
  );
  object(3, '<< /Length 0 >>\nstream\n\nendstream');
  for (const number of pages)
    object(number, '<< /Type /Page /Parent 2 0 R /Contents 3 0 R /PieceInfo << /Scan 4 0 R >> >>');
  const length = sizeBytes - position - 200 - 20 * (pageCount + 5);
  offsets[4] = position;
  write(`4 0 obj\n<< /Length ${length} >>\nstream\n`);
  position += length;
  ftruncateSync(descriptor, position);
  write('\nendstream\nendobj\n');
  const xref = position;
  const rows = offsets.map((offset, number) => (number === 0 ? '' : `${String(offset).padStart(10, '0')} 00000 n \n`));
  write(`xref\n0 ${offsets.length}\n0000000000 65535 f \n${rows.join('')}`);
  write(`trailer\n<< /Size ${offsets.length} /Root 1 0 R >>\nstartxref\n${xref}\n%%EOF\n`);
  closeSync(descriptor);
}

/** The high-water mark of its resident memory, read from /proc until it ends. */
async function measured(words: readonly string[]): Promise<Measured> {
  const beganMs = monotonicMs();
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  let peakMiB = 0;
  const poll = setInterval(() => {
    peakMiB = Math.max(peakMiB, highWaterMiB(child.pid ?? 0));
  }, pollMs);
  const status = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  clearInterval(poll);
  return { seconds: (monotonicMs() - beganMs) / 1000, peakMiB, status, output };
}

function highWaterMiB(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function judged(program: string, ...words: string[]): string {
  const { stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8' });
  if (error !== undefined) return `${program} is not here`;
  const [line] = `${stdout}${stderr}`
    .split('\n')
    .filter((text) => /Signature is|Total document|No syntax|rror/.test(text));
  return `${program}: ${(line ?? '?').trim()}`;
}

const folder = mkdtempSync(join(tmpdir(), 'yinxin-large-'));
const service = await startProcess(folder);
try {
  const token = join(folder, 'token');
  writeFileSync(token, await clientToken(service.url, 'sandbox-system', ['seal.read', 'seal.stamp']), { mode: 0o600 });
  const reply = await fetch(`${service.url}/api/v1/seals?status=active`, {
    headers: { authorization: `Bearer ${readFileSync(token, 'utf8')}` },
  });
  const { items } = (await reply.json()) as { items: { sealId: string; policies: string[] }[] };
  const seal = items.find(({ policies }) => policies.includes('intl'))?.sealId ?? '';
  const command = join(import.meta.dirname, '../src/cli/main.js');
  const idle = await measured([command, '--help']);
  const bare = await measured(['-e', 'setTimeout(() => undefined, 300)']);
  console.log(`bare Node ${bare.peakMiB.toFixed(0)} MiB; the command without work ${idle.peakMiB.toFixed(0)} MiB`);
  for (const size of sizes) {
    const source = join(folder, 'large.pdf');
    const out = join(folder, 'large-stamped.pdf');
    writeLargePdf(source, size);
    const words = [
      '--seal',
      seal,
      '--server',
      service.url,
      '--token',
      token,
      '--purpose',
      'bench',
      '--at',
      '1,100,200',
    ];
    const { seconds, peakMiB, status, output } = await measured([command, 'stamp', source, ...words, '--out', out]);
    console.log(
      `${size / mebibyte} MiB: ${seconds.toFixed(1)} s, peak ${peakMiB.toFixed(0)} MiB (${(peakMiB - bare.peakMiB).toFixed(0)} over bare Node), status ${status}`,
    );
    if (status === 0) console.log(`  ${judged('pdfsig', '-nocert', out)}; ${judged('qpdf', '--check', out)}`);
    else console.log(output);
    for (const path of [source, out]) rmSync(path, { force: true });
  }
} finally {
  await service.end('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
