// Programs in Java as judges that share no code with us: those in test/judges, compiled once a run, fed by lines.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface JavaJudge {
  /** One answer for each line, in order. */
  answers(lines: readonly string[]): string[];
  remove(): void;
}

export interface JavaProgram {
  readonly name: string;
  /** Names of files in /usr/share/java, where Debian puts them. */
  readonly jars: readonly string[];
  readonly what: string;
  /** Of Debian. */
  readonly packages: string;
}

/** Skips the running suite or test, saying plainly why, when there is no Java or a library is missing. */
export function needJavaJudge(context: Mocha.Context, { name, jars, what, packages }: JavaProgram): JavaJudge {
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-judge-'));
  const paths = jars.map((jar) => `/usr/share/java/${jar}.jar`);
  const classpath = [directory, ...paths].join(':');
  const source = join(sourceRoot(), `test/judges/${name}.java`);
  const compiled =
    paths.every((path) => existsSync(path)) &&
    spawnSync('javac', ['-nowarn', '-d', directory, '-cp', classpath, source], { timeout: 120_000 }).status === 0;
  if (!compiled) {
    rmSync(directory, { recursive: true, force: true });
    console.log(`      skipped: no ${what} (Debian: apt-get install ${packages})`);
    context.skip();
  }
  return {
    answers: (lines) => {
      const input = lines.map((line) => `${line}\n`).join('');
      const options = { input, encoding: 'utf8', timeout: 120_000, maxBuffer: 16 * 1024 * 1024 } as const;
      const flags = ['-XX:TieredStopAtLevel=1', `-Dpdfbox.fontcache=${directory}`, '-Dfile.encoding=UTF-8'];
      const { status, stdout, stderr } = spawnSync('java', [...flags, '-cp', classpath, name], options);
      if (status !== 0) throw new Error(`the judge failed: ${stderr}`);
      return stdout.trimEnd().split('\n');
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function sourceRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}
