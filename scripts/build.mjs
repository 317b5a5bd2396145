// Builds everything into dist/: TypeScript by tsc, the React pages by Vite, and the files that are served as they are.
// With --if-needed it first looks whether any source is newer than the last build.

import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'dist', '.built');
const sources = [
  'src',
  'test',
  'bench',
  'scripts',
  'tsconfig.json',
  'tsconfig.web.json',
  'vite.config.ts',
  'package-lock.json',
];

function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  // A removed file changes its folder's time, so folders count too.
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), stat.mtimeMs);
}

function upToDate() {
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  return sources.every((source) => newest(join(root, source)) <= built);
}

function run(label, script, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', script), ...args], {
      cwd: root,
      stdio: 'inherit',
    });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${label} ended with ${code}`))));
  });
}

export async function build({ ifNeeded = false } = {}) {
  if (ifNeeded && upToDate()) return;
  const startedMs = Date.now();
  process.stdout.write('Building … ');
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  mkdirSync(join(root, 'dist'), { recursive: true });
  await run('tsc', 'typescript/bin/tsc', ['-p', 'tsconfig.json']);
  for (const file of readdirSync(join(root, 'src'), { recursive: true })) {
    const name = String(file);
    if (name.startsWith('web')) continue;
    if (/\.(css|svg)$/.test(name) || name.endsWith('.client.js')) {
      mkdirSync(dirname(join(root, 'dist/src', name)), { recursive: true });
      cpSync(join(root, 'src', name), join(root, 'dist/src', name));
    }
  }
  if (existsSync(join(root, 'vite.config.ts'))) await run('vite', 'vite/bin/vite.js', ['build', '--logLevel', 'warn']);
  writeFileSync(stamp, '');
  process.stdout.write(`done in ${((Date.now() - startedMs) / 1000).toFixed(1)} s\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build({ ifNeeded: process.argv.includes('--if-needed') });
}
