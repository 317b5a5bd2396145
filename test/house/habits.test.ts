// The habits of the house (CONTRIBUTING.md): environment, time, SQL, first lines, and what the printed files say.

import assert from 'node:assert/strict';
import { codeOf, sourceFiles } from './source-tree.ts';

const files = sourceFiles();
const everything = [...files, ...sourceFiles('test'), ...sourceFiles('bench')];

function faultsOf(pattern: RegExp, allowed: (path: string) => boolean): string[] {
  return files.filter((file) => !allowed(file.path) && pattern.test(codeOf(file))).map((file) => file.path);
}

describe('CONTRIBUTING.md, habits', () => {
  it('reads the environment in src/config.ts only', () => {
    assert.deepEqual(
      faultsOf(/process\.env\b/, (path) => path === 'src/config.ts'),
      [],
    );
  });

  it('reads time and randomness in the kernel only', () => {
    // A browser page has its own clock; the server's rooms are given one.
    const elsewhere = (path: string) => path.startsWith('src/kernel/') || path.startsWith('src/web/');
    assert.deepEqual(faultsOf(/new Date\(\s*\)|Date\.now\(|Math\.random\(/, elsewhere), []);
  });

  it('opens every file with one sentence that says what it is', () => {
    const faults = everything.filter((file) => !/^(#!.*\n)?\/\/ \S[^\n]{15,}/.test(file.text)).map((file) => file.path);
    assert.deepEqual(faults, []);
  });

  it('has no default export, barrel file, or folder of odds and ends', () => {
    assert.deepEqual(
      faultsOf(/^export default /m, (path) => path.endsWith('vite.config.ts')),
      [],
    );
    assert.deepEqual(
      files.filter((file) => /(^|\/)(utils?|helpers?|misc|common)\//.test(file.path)).map((file) => file.path),
      [],
    );
    assert.deepEqual(
      files.filter((file) => file.path.endsWith('/index.ts')).map((file) => file.path),
      [],
    );
  });

  it('names only its own schema in the SQL of a room', () => {
    const owners: Record<string, string> = {
      db: 'db',
      audit: 'audit',
      authority: 'pki',
      identity: 'identity',
      seal: 'seal',
      licence: 'licence',
      http: 'http',
    };
    const schemas = [...new Set(Object.values(owners))];
    const pattern = new RegExp(`\\b(?:FROM|INTO|UPDATE|JOIN|TABLE)\\s+(?:ONLY\\s+)?(${schemas.join('|')})\\.`, 'gi');
    let statements = 0;
    const faults = files.flatMap((file) =>
      [...file.text.matchAll(pattern)].flatMap((match) => {
        statements++;
        return owners[file.room] === match[1]?.toLowerCase() ? [] : [`${file.path} names ${match[1]}.`];
      }),
    );
    assert.ok(statements > 30, `only ${statements} statements were found`);
    assert.deepEqual(faults, []);
  });

  it('uses no `any`, non-null assertion or silenced check', () => {
    assert.deepEqual(
      faultsOf(
        /\w\??:\s*any\s*[,;)=\]>|&[]|\bas any\s*[;,)\]]|@ts-(ignore|expect-error|nocheck)|oxlint-disable|eslint-disable/,
        () => false,
      ),
      [],
    );
  });

  it('says of every press in a browser test what comes of it', () => {
    // A click returns before the next page is there: test/e2e/chromium.ts has `follow`, `reveal` and `download`.
    const faults = everything
      .filter(({ path }) => path.startsWith('test/e2e/') && path.endsWith('.test.ts'))
      .filter((file) => /\.(click|dblclick|tap)\(/.test(codeOf(file)))
      .map(({ path }) => path);
    assert.deepEqual(faults, []);
  });

  it('leaves no focused test behind', () => {
    const faults = everything.filter((file) => /\b(describe|it)\.only\(/.test(codeOf(file))).map((file) => file.path);
    assert.deepEqual(faults, []);
  });
});
