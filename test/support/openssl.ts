// OpenSSL's command line as a judge of what we make, and a scratch folder for its files.

import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBase64 } from '../../src/kernel/bytes.ts';

export interface Judgement {
  readonly good: boolean;
  /** Both streams. */
  readonly output: string;
}

export interface OpensslBench {
  write(name: string, content: Uint8Array | string): string;
  /** One file of several PEM blocks. */
  writePem(name: string, blocks: readonly { label: string; der: Uint8Array }[]): string;
  path(name: string): string;
  read(name: string): Uint8Array;
  run(...args: string[]): Judgement;
  /** For commands that ask a server of this very process. */
  runAsync(...args: string[]): Promise<Judgement>;
  remove(): void;
}

export function runOpenssl(args: readonly string[]): Judgement {
  const { status, stdout, stderr } = spawnSync('openssl', [...args], { encoding: 'utf8', timeout: 30_000 });
  return { good: status === 0, output: `${stdout ?? ''}${stderr ?? ''}` };
}

/** Skips the running suite or test, saying plainly why, when there is no openssl. */
export function needOpenssl(context: Mocha.Context): OpensslBench {
  if (!runOpenssl(['version']).good) {
    console.log('      skipped: openssl is not installed (Debian: apt-get install openssl)');
    context.skip();
  }
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-openssl-'));
  const path = (name: string): string => join(directory, name);
  const write = (name: string, content: Uint8Array | string): string => {
    writeFileSync(path(name), content);
    return path(name);
  };
  return {
    path,
    write,
    writePem: (name, blocks) => write(name, blocks.map(({ label, der }) => pem(label, der)).join('')),
    read: (name) => Uint8Array.from(readFileSync(path(name))),
    run: (...args) => runOpenssl(args),
    runAsync: (...args) =>
      new Promise((resolve) => {
        execFile('openssl', args, { encoding: 'utf8', timeout: 30_000 }, (error, stdout, stderr) =>
          resolve({ good: error === null, output: `${stdout}${stderr}` }),
        );
      }),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function pem(label: string, der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
