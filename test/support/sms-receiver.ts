// An SMS gateway of the operator as tests run it: takes every message and keeps it (docs/accounts.md has the JSON).

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmsReceiver {
  /** Settings of a service that sends here. */
  readonly environment: Readonly<Record<string, string>>;
  /** The newest message to a number; waits until there are `count` of them. */
  message(to: string, count?: number): Promise<string>;
  /** The same of the messages that hold a code. */
  code(to: string, count: number): Promise<string>;
  close(): Promise<void>;
}

interface Message {
  readonly to: string;
  readonly text: string;
}

export async function smsReceiver(): Promise<SmsReceiver> {
  const messages: Message[] = [];
  let arrived: () => void = () => undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      messages.push(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      response.writeHead(204).end();
      arrived();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const newest = async (wanted: (message: Message) => boolean, count: number): Promise<string> => {
    for (;;) {
      const got = messages.filter(wanted);
      const last = got.at(-1);
      if (got.length >= count && last !== undefined) return last.text;
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    }
  };
  const address = server.address();
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-sms-'));
  const tokenFile = join(directory, 'token');
  writeFileSync(tokenFile, 'a token for the gateway of tests', { mode: 0o600 });
  return {
    environment: {
      SMS_GATEWAY_URL: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`,
      SMS_GATEWAY_TOKEN_FILE: tokenFile,
    },
    message: (to, count = 1) => newest((message) => message.to === to, count),
    code: (to, count) => newest((message) => message.to === to && /\d{6}/.test(message.text), count),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
