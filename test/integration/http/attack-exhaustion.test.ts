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
    const held: Awaited<ReturnType<typeof almost>>[] = [];
    for (let i = 0; i < 6; i++) held.push(await almost());
    const refusals = () => held.filter(({ answer }) => /"code":"too-many-requests"/.test(answer()));
    while (refusals().length < 2) await sleep(20);
    const refused = refusals();
    assert.match(refused[0]?.answer() ?? '', /retry-after: 5\r\n/i);
    assert.match(refused[0]?.answer() ?? '', /"code":"too-many-requests"/);
    const api = await server.api();
    const document = await api.json(seals.uploadDocument, { bytes: samplePdf(), headers: fresh() });
    assert.equal(document.pageCount, 1);
    assert.equal(refusals().length, 2, 'six of the largest, room for four');
    for (const { socket } of held) socket.destroy();
    const freed = async () => (await server.nobody.any(verifyDocument, { bytes: samplePdf() })).status;
    let status = await freed();
    for (; status === 429; status = await freed()) await sleep(20);
    assert.equal(status, 200);
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
