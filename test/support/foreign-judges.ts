// Programs of others as judges of a PDF: pdfsig, mutool and qpdf.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Output of a foreign program over the file; undefined when it is not installed. */
export function judged(
  bytes: Uint8Array,
  program: string,
  ...before: string[]
): { status: number | null; text: string } | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-judge-'));
  try {
    const file = join(directory, 'product.pdf');
    writeFileSync(file, bytes);
    const { status, stdout, stderr, error } = spawnSync(program, [...before, file], { encoding: 'utf8' });
    return error === undefined ? { status, text: stdout + stderr } : undefined;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
