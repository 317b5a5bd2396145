// The HTTP gateway of text messages: what it is sent, that it is asked twice and then left alone; docs/accounts.md.

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { HttpSmsGateway } from '../../../src/identity/factors/http-sms-gateway.ts';
import { silentLog } from '../../../src/kernel/log.ts';

describe('docs/accounts.md: the SMS gateway', () => {
  let server: Server;
  let url = '';
  let answers: number[] = [];
  let requests: { authorization: string | undefined; body: unknown }[] = [];
  const message = { to: '+8613800990001', text: '【印信】…', messageId: 'a'.repeat(32) };

  before(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
        requests.push({ authorization: request.headers.authorization, body });
        response.statusCode = answers.shift() ?? 500;
        response.end();
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/messages`;
  });
  after(() => {
    server.close();
  });
  beforeEach(() => {
    requests = [];
  });

  const gateway = (): HttpSmsGateway =>
    new HttpSmsGateway({ url, token: 'secret', rules: { loopback: true, internalHosts: [] }, log: silentLog });

  it('gets number, text and a message id as JSON, with the token', async () => {
    answers = [202];
    await gateway().send(message);
    assert.deepEqual(requests, [{ authorization: 'Bearer secret', body: message }]);
  });

  it('is asked a second time, with the same message id', async () => {
    answers = [503, 200];
    await gateway().send(message);
    assert.deepEqual(
      requests.map(({ body }) => body),
      [message, message],
    );
  });

  it('is left alone after five failures in a row, and whoever sends hears that at once', async () => {
    answers = [];
    const one = gateway();
    for (let i = 0; i < 5; i++) await assert.rejects(one.send(message), { code: 'sms-unavailable' });
    assert.equal(requests.length, 5);
  });

  it('is never asked at an address that the rules refuse', async () => {
    const strict = new HttpSmsGateway({
      url,
      token: 'x',
      rules: { loopback: false, internalHosts: [] },
      log: silentLog,
    });
    await assert.rejects(strict.send(message), { code: 'sms-unavailable' });
    assert.equal(requests.length, 0);
  });
});
