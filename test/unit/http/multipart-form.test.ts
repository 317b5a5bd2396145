// RFC 7578: forms with files are read as they arrive, however the bytes are cut, and nothing beyond their limits.

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import type { Request } from 'express';
import fc from 'fast-check';
import { formParts } from '../../../src/http/multipart-form.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';

const limits = { partSizeBytes: 1000, formSizeBytes: 5000, parts: 4 };

interface Part {
  readonly name: string;
  readonly fileName?: string;
  readonly bytes: Uint8Array;
}

async function encoded(parts: readonly Part[]): Promise<{ type: string; body: Buffer }> {
  const form = new FormData();
  for (const { name, fileName, bytes } of parts) {
    if (fileName === undefined) form.append(name, Buffer.from(bytes).toString('utf8'));
    else form.append(name, new Blob([Uint8Array.from(bytes)]), fileName);
  }
  const response = new Response(form);
  return { type: response.headers.get('content-type') ?? '', body: Buffer.from(await response.arrayBuffer()) };
}

function requestOf(type: string, body: Buffer, pieceBytes: number): Request {
  const pieces = [];
  for (let at = 0; at < body.length; at += pieceBytes) pieces.push(body.subarray(at, at + pieceBytes));
  return Object.assign(Readable.from(pieces), { get: () => type }) as unknown as Request;
}

async function read(type: string, body: Buffer, pieceBytes = 7) {
  const parts = [];
  for await (const part of formParts(requestOf(type, body, pieceBytes), limits)) parts.push(part);
  return parts.map(({ name, fileName, bytes }) => ({ name, fileName, text: Buffer.from(bytes).toString('latin1') }));
}

const refusedAs = (code: string) => (error: unknown) => isTrustError(error) && error.code === code;

describe('RFC 7578: a posted form with files', () => {
  it('gives the parts that a browser sends, wherever the bytes are cut', async () => {
    const part = fc.record({ bytes: fc.uint8Array({ maxLength: 300 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 4 }),
        fc.integer({ min: 1, max: 400 }),
        async (given, pieceBytes) => {
          const parts = given.map(({ bytes }, place) => ({ name: `files`, fileName: `文件 ${place}.pdf`, bytes }));
          const { type, body } = await encoded(parts);
          const expected = parts.map(({ name, fileName, bytes }) => ({
            name,
            fileName,
            text: Buffer.from(bytes).toString('latin1'),
          }));
          assert.deepEqual(await read(type, body, pieceBytes), expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('tells fields from files, and takes no folder from a name', async () => {
    const { type, body } = await encoded([
      { name: 'purpose', bytes: Buffer.from('a') },
      { name: 'files', fileName: '../../etc/passwd', bytes: Buffer.from('b') },
      { name: 'files', fileName: 'C:\\secret\\c.pdf', bytes: Buffer.from('c') },
    ]);
    assert.deepEqual(
      (await read(type, body)).map(({ fileName }) => fileName),
      [undefined, 'passwd', 'c.pdf'],
    );
  });

  it('refuses what is over a limit, ends early, has no name, or is no such form', async () => {
    const part = (bytes: number) => ({ name: 'files', fileName: 'a', bytes: new Uint8Array(bytes) });
    for (const parts of [
      [part(1001)],
      Array.from({ length: 5 }, () => part(1)),
      Array.from({ length: 4 }, () => part(990)).concat(part(1200)),
    ]) {
      const { type, body } = await encoded(parts);
      await assert.rejects(read(type, body), refusedAs('request-too-large'));
    }
    const { type, body } = await encoded([part(10)]);
    for (let end = 0; end < body.length - 4; end += 5)
      await assert.rejects(read(type, body.subarray(0, end)), refusedAs('malformed-request'));
    await assert.rejects(read('application/x-www-form-urlencoded', body), refusedAs('unsupported-media-type'));
    const nameless = Buffer.from('--b\r\ncontent-type: text/plain\r\n\r\nx\r\n--b--\r\n');
    await assert.rejects(read('multipart/form-data; boundary=b', nameless), refusedAs('malformed-request'));
  });
});
