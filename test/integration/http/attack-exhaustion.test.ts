// Attacks on memory and time over HTTP: many large bodies at once, bodies that are promised and not sent; OWASP API4.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import * as seals from '../../../src/contract/seals.ts';
import { verifyDocument } from '../../../src/contract/verifications.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { maxDocumentBytes, startServer, type TestServer } from '../../support/server.ts';
import { fresh, sleep } from './deeds.ts';

describe('Attacks on memory and time', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  /** A stranger's upload of which all but the last byte arrives. */
  const almost = async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.write(
      `POST /api/v1/verifications HTTP/1.1\r\nhost: localhost:${server.port}\r\ncontent-type: application/pdf\r\ncontent-length: ${maxDocumentBytes}\r\n\r\n`,
    );
    await new Promise((resolve) => {
      socket.write(new Uint8Array(maxDocumentBytes - 1), resolve);
    });
    return { socket, answer: () => answer };
  };

  it('strangers’ bodies fill half of the room and no more; callers with a token go on; leaving frees it', async () => {
    const held = [];
    for (let i = 0; i < 6; i++) held.push(await almost());
    await sleep(200);
    const refused = held.filter(({ answer }) => answer().includes(' 429 '));
    assert.equal(refused.length, 2, 'six of the largest, room for four');
    assert.match(refused[0]?.answer() ?? '', /retry-after: 5\r\n/i);
    assert.match(refused[0]?.answer() ?? '', /"code":"too-many-requests"/);
    const api = await server.api();
    const document = await api.json(seals.uploadDocument, { bytes: samplePdf(), headers: fresh() });
    assert.equal(document.pageCount, 1);
    for (const { socket } of held) socket.destroy();
    await sleep(200);
    const report = await server.nobody.json(verifyDocument, { bytes: samplePdf() });
    assert.equal(report.pageCount, 1);
  });

  it('bodies that are promised and not sent take no room', async () => {
    const sockets = Array.from({ length: 60 }, () => {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(
        `POST /api/v1/verifications HTTP/1.1\r\nhost: localhost:${server.port}\r\ncontent-type: application/pdf\r\ncontent-length: ${maxDocumentBytes}\r\n\r\n%`,
      );
      return socket;
    });
    await sleep(200);
    assert.equal((await server.nobody.json(verifyDocument, { bytes: samplePdf() })).pageCount, 1);
    for (const socket of sockets) socket.destroy();
  });
});
