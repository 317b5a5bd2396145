// A fresh SoftHSM2 token for a test; skips the test where SoftHSM2 or the compiled binding is not there.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SoftHsm {
  readonly module: string;
  readonly token: string;
  readonly pin: string;
  /** The folder of everything, for the test's own files. */
  readonly directory: string;
  /** The token's storage is gone, as if the device were unplugged. */
  unplug(): void;
  plugIn(): void;
  remove(): void;
}

const modules = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so'];

/** The environment must name the configuration before the library is loaded, so a process has one SoftHSM. */
export function needSoftHsm(test: Mocha.Context): SoftHsm {
  const module = modules.find((path) => existsSync(path));
  if (module === undefined || !bindingIsBuilt()) {
    console.log(
      '      skipped: needs SoftHSM2 (Debian: apt-get install softhsm2) and npm rebuild pkcs11js --ignore-scripts=false',
    );
    return test.skip();
  }
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-softhsm-'));
  const tokens = join(directory, 'tokens');
  const away = join(directory, 'away');
  mkdirSync(tokens);
  const configuration = join(directory, 'softhsm2.conf');
  writeFileSync(configuration, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  process.env['SOFTHSM2_CONF'] = configuration;
  const given = ['--label', 'yinxin-test', '--so-pin', '12345678', '--pin', '87654321'];
  execFileSync('softhsm2-util', ['--init-token', '--free', ...given], { stdio: 'ignore' });
  return {
    module,
    token: 'yinxin-test',
    pin: '87654321',
    directory,
    unplug: () => renameSync(tokens, away),
    plugIn: () => renameSync(away, tokens),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function bindingIsBuilt(): boolean {
  try {
    createRequire(import.meta.url)('pkcs11js');
    return true;
  } catch {
    return false;
  }
}
