// Programs of others that judge what we made; each is asked only where it is installed.

import { execFile } from 'node:child_process';
import { Skipped } from './outcomes.mjs';

/**
 * Exit status and both streams of a program; throws Skipped when it is not installed. Never synchronous: connections to the
 * server that it closes meanwhile must be noticed.
 */
export function run(program, args, { packageName = program, encoding = 'utf8' } = {}) {
  return new Promise((resolve, reject) => {
    execFile(program, args, { encoding, timeout: 120_000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT') reject(new Skipped(`not installed (Debian: apt-get install ${packageName})`));
      else if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ status: error?.code ?? 0, stdout, stderr });
    });
  });
}

/** What a judge says, on both streams. */
export async function ask(program, args, packageName) {
  const { status, stdout, stderr } = await run(program, args, { packageName });
  return { status, text: `${stdout}${stderr}` };
}

/** The line that holds `pattern`; the whole answer is the error when there is none. */
export function lineWith(text, pattern) {
  const line = text.split('\n').find((one) => pattern.test(one));
  if (line === undefined) throw new Error(text.trim().slice(-200));
  return line.trim().replace(/^- /, '');
}

/** Share of red pixels around a point of a page, and in the rest of it; rendered by Poppler at 72 dots per inch. */
export async function redness(file, { page, xMm, yMm }, radiusMm) {
  const args = ['-r', '72', '-f', String(page), '-l', String(page), file];
  const { stdout } = await run('pdftoppm', args, { packageName: 'poppler-utils', encoding: 'buffer' });
  const [head = '', width] = /^P6\s+(\d+)\s+\d+\s+255\s/.exec(stdout.subarray(0, 40).toString('latin1')) ?? [];
  const pixels = stdout.subarray(head.length);
  const inside = { red: 0, all: 0 };
  const outside = { red: 0, all: 0 };
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    const x = ((i / 3) % Number(width)) * (25.4 / 72);
    const y = Math.floor(i / 3 / Number(width)) * (25.4 / 72);
    const counted = Math.hypot(x - xMm, y - yMm) <= radiusMm ? inside : outside;
    counted.all++;
    if (pixels[i] > 150 && pixels[i + 1] < 110 && pixels[i + 2] < 110) counted.red++;
  }
  return { inside: inside.red / inside.all, outside: outside.red / outside.all };
}
