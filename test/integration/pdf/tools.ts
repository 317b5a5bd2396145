// Foreign programs as judges: qpdf, poppler, mupdf, openssl, chromium. A test that needs an absent one says so and is skipped.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const packages: Readonly<Record<string, string>> = {
  qpdf: 'qpdf',
  pdftoppm: 'poppler-utils',
  pdfsig: 'poppler-utils',
  mutool: 'mupdf-tools',
  openssl: 'openssl',
  chromium: 'chromium',
};

const present = new Map<string, boolean>();

export function needTools(test: Mocha.Context, ...tools: readonly string[]): void {
  for (const tool of tools) {
    if (!present.has(tool)) present.set(tool, spawnSync(tool, ['--version']).error === undefined);
    if (present.get(tool) === true) continue;
    console.log(`      skipped: ${tool} is not installed (Debian package ${packages[tool] ?? tool})`);
    test.skip();
  }
}

export interface ToolResult {
  readonly status: number | null;
  /** What it wrote to both outputs. */
  readonly text: string;
}

export function run(tool: string, args: readonly string[]): ToolResult {
  const { status, stdout, stderr } = spawnSync(tool, args, {
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, text: `${stdout}${stderr}` };
}

/** A folder that is removed when the process of the suite is done with it. */
export class Scratch {
  readonly folder = mkdtempSync(join(tmpdir(), 'pdf-'));

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, bytes: Uint8Array | string): string {
    writeFileSync(this.path(name), bytes);
    return this.path(name);
  }

  read(name: string): Uint8Array {
    return Uint8Array.from(readFileSync(this.path(name)));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** Three bytes a pixel. */
  readonly rgb: Uint8Array;
}

/** Binary PPM (P6), as pdftoppm and mutool write it. */
export function readPpm(bytes: Uint8Array): Bitmap {
  const match = /^P6\s(?:#[^\n]*\n)?(\d+)\s(\d+)\s255\s/.exec(Buffer.from(bytes.subarray(0, 200)).toString('latin1'));
  if (match === null) throw new Error('not a PPM');
  return { width: Number(match[1]), height: Number(match[2]), rgb: bytes.subarray(match[0].length) };
}

/** Centre of the pixels that are clearly red, as fractions of width and height, and how many there are. */
export function redCentre({ width, height, rgb }: Bitmap): { x: number; y: number; count: number } {
  let [sumX, sumY, count] = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 3 * (y * width + x);
      const [red = 0, green = 0, blue = 0] = rgb.subarray(at, at + 3);
      if (red < 150 || green > 100 || blue > 100) continue;
      sumX += x + 0.5;
      sumY += y + 0.5;
      count += 1;
    }
  }
  return { x: sumX / count / width, y: sumY / count / height, count };
}
