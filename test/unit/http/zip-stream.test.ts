// PKWARE APPNOTE, 4.3: what is sent as one ZIP is read by others, also when it is far larger than 4 GiB.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { zipStream } from '../../../src/http/zip-stream.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';

async function* files(names: readonly string[]) {
  for (const name of names) yield { name, bytes: utf8(`content of ${name}`) };
}

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

describe('PKWARE APPNOTE, 4.3: a ZIP made while it is sent', () => {
  it('is read by another library, names and contents', async () => {
    const names = ['00001 合同甲.pdf', '00002 b.ofd'];
    const read = unzipSync(await whole(zipStream(files(names))));
    assert.deepEqual(Object.keys(read), names);
    for (const name of names) assert.deepEqual(read[name], utf8(`content of ${name}`));
  });

  it('of no file is an empty archive', async () => {
    assert.deepEqual(unzipSync(await whole(zipStream(files([])))), {});
  });

  it('is found whole by Python, also with more entries than 16 bits count', function () {
    return (async () => {
      const directory = mkdtempSync(join(tmpdir(), 'yinxin-zip-'));
      try {
        const path = join(directory, 'all.zip');
        writeFileSync(
          path,
          await whole(zipStream(files(Array.from({ length: 66_000 }, (_, place) => `${place}.txt`)))),
        );
        const code = 'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); print(z.testzip(), len(z.namelist()))';
        const { stdout, error } = spawnSync('python3', ['-c', code, path], { encoding: 'utf8' });
        if (error !== undefined) {
          console.log('      skipped: install python3');
          this.skip();
        }
        assert.equal(stdout.trim(), 'None 66000');
      } finally {
        rmSync(directory, { recursive: true });
      }
    })();
  });
});
