// Reads the source tree for the house tests: files, their imports and their first line.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface SourceFile {
  /** Path below the project, e.g. `src/kernel/bytes.ts`. */
  readonly path: string;
  /** First folder below src/, or `roof` for files that lie in src/ itself. */
  readonly room: string;
  readonly text: string;
  /** Every specifier of `import … from`, `export … from` and `import(…)`. */
  readonly imports: readonly string[];
}

/** The project's folder: the nearest one above that holds package.json. */
export const projectRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(folder: string): string {
  return readdirSync(folder).includes('package.json') ? folder : findRoot(dirname(folder));
}

export function sourceFiles(top = 'src'): SourceFile[] {
  return readdirSync(join(projectRoot, top), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => read(relative(projectRoot, join(entry.parentPath, entry.name)).replaceAll('\\', '/')));
}

function read(path: string): SourceFile {
  const text = readFileSync(join(projectRoot, path), 'utf8');
  const [, room = '', inside] = path.split('/');
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*['"]([^'"]+)['"]|(?:^|\n)import\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/g;
  const imports = [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
  return { path, room: inside === undefined ? 'roof' : room, text, imports };
}

/** Source without comments and without the contents of strings, for rules about code. */
export function codeOf(file: SourceFile): string {
  return file.text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
}
