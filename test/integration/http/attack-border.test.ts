// Attacks on the border by hand-made requests: targets that are no path, two hosts, bodies in other encodings; RFC 9112, RFC 8259.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { startServer, type TestServer } from '../../support/server.ts';

describe('Attacks on the border', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  /** The status of what a raw request is answered with; 0 when the connection ends without an answer. */
  const raw = (head: string) =>
    new Promise<{ status: number; text: string }>((resolve) => {
      const socket = connect(server.port, '127.0.0.1');
      let text = '';
      const done = () => {
        socket.destroy();
        resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text });
      };
      socket.on('data', (part) => (text += part.toString('latin1')));
      socket.on('error', done).on('close', done);
      socket.write(`${head.replaceAll('\n', '\r\n')}\r\n\r\n`);
    });
  const host = () => `Host: localhost:${server.port}`;

  it('a target that is no path: 400, never 500, and nothing of it in the answer', async () => {
    for (const line of [
      'GET http://evil.example/sign-in HTTP/1.1',
      'GET http://evil.example/api/v1/seals HTTP/1.1',
      'OPTIONS * HTTP/1.1',
      'GET evil HTTP/1.1',
    ]) {
      const { status, text } = await raw(`${line}\n${host()}\nConnection: close`);
      assert.equal(status, 400, line);
      assert.doesNotMatch(text, /evil\.example/);
    }
  });

  it('two Host headers: 400', async () => {
    assert.equal((await raw(`GET / HTTP/1.1\n${host()}\nHost: evil.example\nConnection: close`)).status, 400);
    assert.equal((await raw(`GET / HTTP/1.1\n${host()}\n${host()}\nConnection: close`)).status, 400);
  });

  it('two ways to say how long a body is: 400, and the connection ends', async () => {
    const post = `POST /api/v1/licence-verifications HTTP/1.1\n${host()}\nContent-Type: application/json`;
    for (const more of [
      'Content-Length: 4\nTransfer-Encoding: chunked',
      'Content-Length: 4\nContent-Length: 5',
      'Transfer-Encoding: xchunked',
      'Content-Length: +4',
    ]) {
      const { status, text } = await raw(`${post}\n${more}`);
      assert.equal(status, 400, more);
      assert.match(text, /connection: close/i);
    }
  });

  it('JSON that is not UTF-8: 400', async () => {
    const code = async (body: Uint8Array, type: string) => {
      const init = { method: 'POST', headers: { 'content-type': type }, body: Buffer.from(body) };
      const answer: { code?: string } = JSON.parse(
        await (await fetch(`${server.url}/api/v1/licence-verifications`, init)).text(),
      );
      return answer.code;
    };
    const good = Buffer.from('{"text":"EL1:A"}');
    assert.equal(await code(good, 'application/json; charset=utf-8'), undefined);
    const broken = Buffer.concat([good.subarray(0, 12), Buffer.from([0xff]), good.subarray(12)]);
    assert.equal(await code(broken, 'application/json'), 'malformed-request');
    assert.equal(
      await code(Buffer.from(good.toString(), 'utf16le'), 'application/json; charset=utf-16le'),
      'malformed-request',
    );
    assert.equal(await code(good, 'application/json; charset=utf-7'), 'malformed-request');
  });

  it('TRACE gives nothing back; other methods are not smuggled in by a header', async () => {
    const trace = await raw(`TRACE / HTTP/1.1\n${host()}\nCookie: secret=1\nConnection: close`);
    assert.ok(trace.status >= 400 && !trace.text.includes('secret=1'));
    const override = await raw(
      `GET /api/v1/documents HTTP/1.1\n${host()}\nX-HTTP-Method-Override: POST\nConnection: close`,
    );
    assert.equal(override.status, 405);
  });
});
