// BouncyCastle as a judge that shares no code with us: the Java program in test/judges, compiled once a run, fed commands by lines.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface BouncyCastle {
  /** One answer for each command, in order. */
  judge(commands: readonly (readonly string[])[]): string[];
  remove(): void;
}

/** Where Debian's libbcprov-java, libbcpkix-java and libbcutil-java put them. */
const jars = ['bcprov', 'bcpkix', 'bcutil'].map((name) => `/usr/share/java/${name}.jar`);

/** Skips the running suite or test, saying plainly why, when there is no Java or no BouncyCastle. */
export function needBouncyCastle(context: Mocha.Context): BouncyCastle {
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-judge-'));
  const classpath = [directory, ...jars].join(':');
  const program = join(sourceRoot(), 'test/judges/BouncyCastleJudge.java');
  const compiled =
    jars.every((jar) => existsSync(jar)) &&
    spawnSync('javac', ['-nowarn', '-d', directory, '-cp', classpath, program], { timeout: 60_000 }).status === 0;
  if (!compiled) {
    rmSync(directory, { recursive: true, force: true });
    const packages = 'default-jdk-headless libbcprov-java libbcpkix-java libbcutil-java';
    console.log(`      skipped: no BouncyCastle (Debian: apt-get install ${packages})`);
    context.skip();
  }
  return {
    judge: (commands) => {
      const input = commands.map((words) => `${words.join(' ')}\n`).join('');
      const options = { input, encoding: 'utf8', timeout: 60_000 } as const;
      const { status, stdout, stderr } = spawnSync('java', ['-cp', classpath, 'BouncyCastleJudge'], options);
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
