// A receiver of webhooks that checks signatures by the letter of Standard Webhooks with nothing but node:crypto, and misbehaves when told to.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { monotonicMs } from '../../src/kernel/clock.ts';

export interface Received {
  readonly id: string;
  readonly timestamp: number;
  readonly signatures: readonly string[];
  readonly type: string | undefined;
  readonly body: string;
  readonly path: string;
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface WebhookReceiver {
  readonly url: string;
  readonly port: number;
  readonly received: readonly Received[];
  /** What the next requests get, one each; then 204. */
  answers(...next: Answer[]): void;
  /** Waits until so many came. */
  waitFor(count: number, patienceMs?: number): Promise<void>;
  close(): Promise<void>;
}

export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) => {
    response.writeHead(code, headers).end('{}');
  };
export const hang: Answer = () => undefined;
export const cut: Answer = (_response, request) => {
  request.socket.destroy();
};

/** `tls`: PEM. */
export async function webhookReceiver(
  options: { port?: number; tls?: { key: Uint8Array; cert: Uint8Array } } = {},
): Promise<WebhookReceiver> {
  const { port = 0, tls } = options;
  const received: Received[] = [];
  const next: Answer[] = [];
  const receive = (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({
        id: String(request.headers['webhook-id']),
        timestamp: Number(request.headers['webhook-timestamp']),
        signatures: String(request.headers['webhook-signature']).split(' '),
        type: request.headers['content-type'],
        body: Buffer.concat(chunks).toString('utf8'),
        path: request.url ?? '',
      });
      (next.shift() ?? status(204))(response, request);
    });
  };
  const server =
    tls === undefined
      ? createServer(receive)
      : createTlsServer({ key: Buffer.from(tls.key), cert: Buffer.from(tls.cert) }, receive);
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const chosen = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${chosen}/hook`,
    port: chosen,
    received,
    answers: (...more) => next.push(...more),
    waitFor: async (count, patienceMs = 120_000) => {
      const beganMs = monotonicMs();
      while (received.length < count) {
        if (monotonicMs() - beganMs > patienceMs) throw new Error(`${received.length} of ${count} deliveries came`);
        await new Promise((resolve) => {
          setTimeout(resolve, 20);
        });
      }
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** How many of the signatures are good under a secret of the spelling `whsec_…`. */
export function goodSignatures({ id, timestamp, signatures, body }: Received, secret: string): number {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  return signatures.filter((one) => {
    const [version, text = ''] = one.split(',');
    const given = Buffer.from(text, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  }).length;
}
